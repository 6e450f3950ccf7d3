package resolve

import (
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// partInfo is what a file asks about a part, found out once for all its links.
type partInfo struct {
	circle, broken bool
	outcomes       *list
}

func (l *lookup) partInfo(id string, n *names) *partInfo {
	info := l.parts[id]
	if info == nil {
		info = &partInfo{circle: l.lib.leadsTo(id, idOf(l.n.file)), broken: l.lib.brokenBelow(id), outcomes: l.lib.outcomes(n)}
		l.parts[id] = info
	}
	return info
}

// part checks a link to a part and its ways back.
func (l *lookup) part(c *syntax.Choice) {
	id := c.Target.Name
	e := l.lib.original(id.Text)
	if e == nil {
		l.tell(id.Pos, diag.UnknownTarget, "there is no part %q in this library%s", c.Target.File, l.hint(id.Text, kept(&l.n.hints.parts, func() []string { return l.lib.ids(syntax.Part) })))
		return
	}
	if e.file.Front.Kind != syntax.Part {
		l.tell(id.Pos, diag.UnknownTarget, "%q is a %s, not a part; to send people there, end with its file as what they open next", c.Target.File, e.file.Front.Kind)
		return
	}
	info := l.partInfo(id.Text, l.lib.namesOf(e))
	if info.circle {
		l.tell(id.Pos, diag.Syntax, "the part %q leads back to this file: parts may not use each other in a circle", c.Target.File)
		return
	}
	if info.broken {
		l.tell(id.Pos, diag.Syntax, "the part %q has mistakes of its own; mend them first, then this file can be proved", c.Target.File)
	}
	if len(c.Ways) > 0 {
		l.ways(c, info)
	}
}

// ways checks that there is one way back for every outcome of the part.
func (l *lookup) ways(c *syntax.Choice, info *partInfo) {
	var covered, meant list
	for _, w := range c.Ways {
		switch {
		case !info.outcomes.has[w.Outcome.Text]:
			if info.broken { // the end may be among what could not be read
				break
			}
			near := l.near(w.Outcome.Text, info.outcomes.all)
			l.tell(w.Outcome.Pos, diag.UnknownReference, "the part %q never ends with %q%s", c.Target.File, w.Outcome.Text, hint(near))
			meant.add(near)
		case covered.has[w.Outcome.Text]:
			l.tell(w.Outcome.Pos, diag.Syntax, "there are two ways back for %q; keep one", w.Outcome.Text)
		}
		covered.add(w.Outcome.Text)
	}
	for _, o := range info.outcomes.all {
		if !covered.has[o] && !meant.has[o] && len(l.problems) < maxProblems {
			l.tell(c.Pos, diag.Syntax, "the part %q can end with %q, but there is no way back for it; add `- [%s](#step)` below the link", c.Target.File, o, o)
		}
	}
}

const offRecord = "off the record nothing may be sent, written or counted: "

// offTheRecord checks that from an `off the record` choice on nothing would be
// sent, written or counted.
func (l *lookup) offTheRecord(c *syntax.Choice) {
	told := map[string]bool{}
	tell := func(format string, args ...any) {
		if p := diag.New("", c.Pos, diag.Syntax, offRecord+format, args...); !told[p.Message] {
			told[p.Message] = true
			l.tell(c.Pos, diag.Syntax, "%s", p.Message)
		}
	}
	if len(c.Assigns) > 0 {
		tell("this choice sets a fact")
	}
	if c.Target.Kind != syntax.ToStep {
		tell("this choice must lead to a step of this file")
		return
	}
	start, ok := l.n.steps[c.Target.Name.Text]
	if !ok {
		return
	}
	seen := map[int]bool{start: true}
	todo := []int{start}
	for len(todo) > 0 {
		s := l.n.file.Steps[todo[0]]
		todo = todo[1:]
		for _, link := range s.Links() {
			switch link.Kind {
			case syntax.Record, syntax.Notify, syntax.Call:
				tell("it leads to the step %q, which has a %s: link", s.ID, link.Kind)
			}
		}
		eachChoice(s, func(on *syntax.Choice, _ bool) {
			if len(on.Assigns) > 0 {
				tell("it leads to the step %q, which sets a fact", s.ID)
			}
			switch {
			case on.Target.Kind == syntax.ToPart:
				tell("it leads to the step %q, which goes on in a part", s.ID)
			case on.Target.Kind == syntax.ToEnd && on.Target.Name.Text != unrecorded:
				tell("it leads to the end %q; the only end there may be is end:%s", on.Target.Name.Text, unrecorded)
			case on.Target.Kind == syntax.ToStep:
				if i, ok := l.n.steps[on.Target.Name.Text]; ok && !seen[i] {
					seen[i] = true
					todo = append(todo, i)
				}
			}
		})
	}
}

// unrecorded is the only outcome of a walk that is off the record.
const unrecorded = "unrecorded"

// halfAsked tells a step where some choices give a protected fact a value and
// some do not.
func (l *lookup) halfAsked(s *syntax.Step) {
	if s.Next == nil || len(l.n.file.Front.Protected) == 0 {
		return
	}
	sets := map[string]int{}
	for _, c := range s.Next.Choices {
		for _, a := range c.Assigns { // a fact is set once in a choice
			name := a.Fact.Text
			if near := l.n.meantFact[name]; near != "" {
				name = near // misspelled, which has been told
			}
			sets[name]++
		}
	}
	for _, p := range l.n.file.Front.Protected {
		if n := sets[p.Text]; n > 0 && n < len(s.Next.Choices) {
			l.tell(s.Pos, diag.HalfAsked, "%d of the %d choices give the protected fact %q a value; every choice must, \"I am not sure\" too",
				n, len(s.Next.Choices), p.Text)
		}
	}
}
