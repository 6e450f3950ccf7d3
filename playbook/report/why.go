package report

import (
	"fmt"
	"io"
	"strings"

	"roundtable/playbook"
)

// Why writes on what an outcome depends, as a sentence and what it rests on.
func Why(w io.Writer, d *playbook.Dependence) error {
	t := &text{w: w}
	outcome := strings.ReplaceAll(d.Outcome, "_", " ")
	if d.Limit != "" {
		t.line("%s: on what it depends whether a walk ends with %q is not known: the search met a limit, %s.", d.File, outcome, d.Limit)
		return t.err
	}
	if len(d.Facts) == 0 {
		t.line("%s: whether a walk ends with %q depends on no fact, only on the choices that people make.", d.File, outcome)
	} else {
		names := make([]string, len(d.Facts))
		for i, f := range d.Facts {
			names[i] = f.Fact
		}
		t.line("%s: whether a walk ends with %q depends on %s, and on no other fact.", d.File, outcome, listed(names))
	}
	for _, f := range d.Facts {
		kind := ""
		if f.Given {
			kind = " (set by the library)"
		}
		t.line("    %s%s matters at: %s.", f.Fact, kind, some(f.Steps))
	}
	if len(d.Decided) > 0 {
		t.line("It is decided, one way or the other, by:")
	}
	for _, c := range d.Decided {
		t.line("    %s: \u201c%s\u201d  (%s)", c.Step, c.Label, at(c.File, c.Pos, d.File))
	}
	return t.err
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// some names the first few steps and says how many more there are.
func some(steps []string) string {
	const few = 5
	if len(steps) <= few {
		return strings.Join(steps, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(steps[:few], "; "), len(steps)-few)
}
