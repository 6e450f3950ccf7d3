package resolve

import (
	"slices"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// What follows asks about a file and the parts below it. Each takes the set of
// ids that were visited already, so that a circle of parts ends.

// namesOf returns the file's tables, made on the first call.
func (l *Library) namesOf(e *entry) *names {
	if e.names == nil {
		n, problems := collect(e.file)
		e.names = n
		e.problems = problems
		e.broken = doubtful(e.read) || doubtful(problems)
		look := lookup{lib: l, n: n}
		// The marker keeps a circle of parts from looking itself up for ever.
		look.check()
		e.problems = append(e.problems, look.problems...)
		e.broken = e.broken || doubtful(look.problems)
	}
	return e.names
}

func doubtful(problems []diag.Problem) bool {
	return slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Code.KeepsRulesUnproved() })
}

// outcomes lists the outcomes with which a file can end: its own ends and,
// where a link to a part has no ways back, that part's.
func (l *Library) outcomes(n *names, seen map[string]bool) []string {
	seen[idOf(n.file)] = true
	var list []string
	for _, s := range n.file.Steps {
		eachChoice(s, func(c *syntax.Choice, _ bool) {
			switch {
			case c.Target.Kind == syntax.ToEnd:
				list = appendNew(list, c.Target.Name.Text)
			case c.Target.Kind == syntax.ToPart && len(c.Ways) == 0 && !seen[c.Target.Name.Text]:
				if e := l.original(c.Target.Name.Text); e != nil {
					for _, o := range l.outcomes(l.namesOf(e), seen) {
						list = appendNew(list, o)
					}
					delete(seen, c.Target.Name.Text)
				}
			}
		})
	}
	return list
}

// fields lists the fields that the file's steps and its parts' record.
func (l *Library) fields(n *names, seen map[string]bool) []string {
	seen[idOf(n.file)] = true
	list := slices.Clone(n.fields)
	for _, id := range n.parts {
		if e := l.original(id); e != nil && !seen[id] {
			for _, f := range l.fields(l.namesOf(e), seen) {
				list = appendNew(list, f)
			}
		}
	}
	return list
}

// partBelow finds the part of that id among the parts that the file uses,
// directly or through other parts.
func (l *Library) partBelow(n *names, id string, seen map[string]bool) *names {
	seen[idOf(n.file)] = true
	for _, p := range n.parts {
		e := l.original(p)
		if e == nil || e.file.Front.Kind != syntax.Part {
			continue
		}
		if p == id {
			return l.namesOf(e)
		}
		if !seen[p] {
			if found := l.partBelow(l.namesOf(e), id, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// leadsTo reports whether the file id uses the file goal, directly or not, or
// is it.
func (l *Library) leadsTo(id, goal string, seen map[string]bool) bool {
	if id == goal {
		return true
	}
	e := l.original(id)
	if e == nil || seen[id] {
		return false
	}
	seen[id] = true
	return slices.ContainsFunc(l.namesOf(e).parts, func(p string) bool { return l.leadsTo(p, goal, seen) })
}

// brokenBelow reports whether the part, or one that it uses, is in doubt.
func (l *Library) brokenBelow(id string, seen map[string]bool) bool {
	e := l.original(id)
	if e == nil || seen[id] {
		return false
	}
	seen[id] = true
	n := l.namesOf(e)
	return e.broken || slices.ContainsFunc(n.parts, func(p string) bool { return l.brokenBelow(p, seen) })
}
