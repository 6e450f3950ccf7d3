package automaton

import (
	"fmt"
	"io"
	"strings"
)

// printer writes a Program as text.
type printer struct {
	w   io.Writer
	p   *Program
	n   int64
	err error
}

func (pr *printer) line(format string, args ...any) {
	if pr.err != nil {
		return
	}
	n, err := fmt.Fprintf(pr.w, format+"\n", args...)
	pr.n += int64(n)
	pr.err = err
}

func (pr *printer) fact(i int) {
	f := &pr.p.Facts[i]
	if f.Kind.IsMilestone() {
		pr.line("%s", pr.name(i))
		return
	}
	mark := ""
	if f.Protected {
		mark = " protected"
	}
	pr.line("%s %s: %s%s", f.Kind, f.Name, strings.Join(f.Values, " | "), mark)
}

func (pr *printer) name(i int) string {
	f := &pr.p.Facts[i]
	if f.Kind.IsMilestone() {
		return string(f.Kind) + " " + f.Name
	}
	return f.Name
}

func (pr *printer) step(i int) {
	s := &pr.p.Steps[i]
	var marks []string
	if s.First {
		marks = append(marks, "first")
	}
	if s.Swap {
		marks = append(marks, "swap")
	}
	for _, m := range s.Makes {
		marks = append(marks, pr.name(m))
	}
	pr.line("%s", strings.TrimSuffix(fmt.Sprintf("%d: %s", i, strings.Join(marks, ", ")), " "))
	for j := range s.Choices {
		pr.choice(j, &s.Choices[j])
	}
}

func (pr *printer) choice(j int, c *Choice) {
	text := fmt.Sprintf("  %d", j)
	if c.Guard != nil {
		text += " if " + pr.guard(c.Guard)
	}
	for _, a := range c.Set {
		text += fmt.Sprintf(" %s=%s", pr.name(a.Fact), pr.p.Facts[a.Fact].Values[a.Value])
	}
	if c.End >= 0 {
		text += " -> end " + pr.p.Outcomes[c.End]
	} else {
		text += fmt.Sprintf(" -> %d", c.To)
	}
	if c.Owner != "" || c.Opens != "" {
		text += strings.TrimRight(fmt.Sprintf(" (%s %s", c.Owner, c.Opens), " ") + ")"
	}
	if c.Raise != "" {
		text += " record=" + string(c.Raise)
	}
	if c.Unsent {
		text += " off the record"
	}
	pr.line("%s", text)
}

func (pr *printer) guard(g Guard) string {
	if len(g) == 0 {
		return "never"
	}
	alternatives := make([]string, len(g))
	for i, tests := range g {
		words := make([]string, len(tests))
		for k, t := range tests {
			words[k] = pr.name(t.Fact) + " in {" + pr.values(t) + "}"
		}
		alternatives[i] = strings.Join(words, " and ")
	}
	return strings.Join(alternatives, " or ")
}

func (pr *printer) values(t Test) string {
	var list []string
	for v, name := range pr.p.Facts[t.Fact].Values {
		if t.In.Has(v) {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
