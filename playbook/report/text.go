package report

import (
	"fmt"
	"io"
	"strings"

	"roundtable/playbook"
	"roundtable/playbook/diag"
)

// TextOptions say how much the text tells.
type TextOptions struct {
	Advice bool // show advice on wording, not only its count
	Stats  bool // a line of figures for each file
	Proved bool // a line for each rule that holds
}

// Text writes the reports for people: each problem on a line, a broken rule's
// story under it, then the advice apart, then a line that counts.
func Text(w io.Writer, reports []*playbook.Report, o TextOptions) error {
	t := &text{w: w}
	for _, r := range reports {
		for _, p := range r.Problems {
			if p.Level != diag.Advice {
				t.problem(p)
			}
		}
	}
	if o.Proved {
		for _, r := range reports {
			for _, rule := range r.Proved {
				t.line("%s: proved: %s", r.File, rule)
			}
		}
	}
	t.advice(reports, o)
	if o.Stats {
		for _, r := range reports {
			t.stats(r)
		}
	}
	t.summary(reports)
	return t.err
}

type text struct {
	w   io.Writer
	err error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

func (t *text) problem(p diag.Problem) {
	t.line("%s:%d:%d: %s: %s [%s]", p.File, max(p.Pos.Line, 1), max(p.Pos.Column, 1), p.Level, p.Message, p.Code)
	if p.Trace == nil {
		return
	}
	if p.Other == nil {
		t.story("", p.Trace)
		return
	}
	t.story("One walk: ", p.Trace)
	t.story("The other: ", p.Other)
}

// story tells a walk step by step in the playbook's own words.
func (t *text) story(title string, s *diag.Trace) {
	if given := strings.TrimSpace(title + givenText(s)); given != "" {
		t.line("    %s", given)
	}
	for i, m := range s.Walk {
		if m.Choice >= 0 {
			t.line("       %s  (%s)", quoted(m.Label), at(m.ChoiceFile, m.ChoicePos, s.Walk[0].File))
		}
		if strings.HasPrefix(m.Step, "end:") {
			t.line("    %d. The walk ends: %s.", i+1, strings.ReplaceAll(m.Heading, "_", " "))
			continue
		}
		t.line("    %d. %s  (%s)", i+1, m.Heading, at(m.File, m.Pos, s.Walk[0].File))
	}
}

func givenText(s *diag.Trace) string {
	if len(s.Given) == 0 {
		return ""
	}
	list := make([]string, len(s.Given))
	for i, g := range s.Given {
		list[i] = g.Fact + " is " + g.Value
	}
	return "Where " + strings.Join(list, ", ") + ":"
}

// at names a line, and the file too where that is not the one at hand.
func at(file string, pos diag.Position, home string) string {
	if file == home || file == "" {
		return fmt.Sprintf("line %d", pos.Line)
	}
	return fmt.Sprintf("%s, line %d", file, pos.Line)
}

func quoted(label string) string { return "\u2192 \u201c" + label + "\u201d" }

func (t *text) advice(reports []*playbook.Report, o TextOptions) {
	n := 0
	for _, r := range reports {
		for _, p := range r.Problems {
			if p.Level != diag.Advice {
				continue
			}
			if n++; o.Advice {
				if n == 1 {
					t.line("Wording:")
				}
				t.problem(p)
			}
		}
	}
	if n > 0 && !o.Advice {
		t.line("%s on wording; --advice shows %s.", plural(n, "piece of advice", "pieces of advice"), map[bool]string{true: "it", false: "them"}[n == 1])
	}
}

func (t *text) stats(r *playbook.Report) {
	states := ""
	if r.Stats.States != nil {
		states = fmt.Sprintf(", %s reachable states", r.Stats.States)
	}
	t.line("%s: %s, %s, %s, %d given, %s proved%s, %.1f ms", r.File, plural(r.Stats.Steps, "step", "steps"),
		plural(r.Stats.Choices, "choice", "choices"), plural(r.Stats.Facts, "fact", "facts"), r.Stats.Given,
		plural(len(r.Proved), "rule", "rules"), states, r.Stats.Time.Seconds()*1000)
}

func (t *text) summary(reports []*playbook.Report) {
	proved, broken, errors, warnings := 0, 0, 0, 0
	for _, r := range reports {
		proved += len(r.Proved)
		broken += r.Broken()
		for _, p := range r.Problems {
			switch p.Level {
			case diag.Error:
				errors++
			case diag.Warning:
				warnings++
			}
		}
	}
	t.line("%s, %s proved, %d broken; %s, %s.", plural(len(reports), "playbook", "playbooks"), plural(proved, "rule", "rules"), broken,
		plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
