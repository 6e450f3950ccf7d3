package resolve

import (
	"slices"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// What follows asks about a file and the parts below it. Each visits a file
// once, so that neither a circle of parts nor parts that are linked to again
// and again take long.

// namesOf returns the file's tables, made on the first call.
func (l *Library) namesOf(e *entry) *names {
	if e.names == nil {
		n, problems := collect(e.file)
		e.names = n // set first: a circle of parts comes back here
		e.problems = problems
		e.broken = doubtful(e.read) || doubtful(problems)
		look := lookup{lib: l, n: n, whole: !doubtful(e.read), parts: map[string]*partInfo{}}
		look.check()
		e.problems = append(e.problems, look.problems...)
		e.broken = e.broken || doubtful(look.problems)
	}
	return e.names
}

func doubtful(problems []diag.Problem) bool {
	return slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Code.KeepsRulesUnproved() })
}

// partOf returns the tables of the part of that id, or nil.
func (l *Library) partOf(id string) *names {
	if e := l.original(id); e != nil && e.file.Front.Kind == syntax.Part {
		return l.namesOf(e)
	}
	return nil
}

// outcomes lists the outcomes with which a file can end: its own ends and,
// where a link to a part has no ways back, that part's.
func (l *Library) outcomes(n *names) *list {
	found := &list{}
	l.below(n, func(m *names) []string { return m.passing.all }, func(m *names) {
		for _, o := range m.outcomes.all {
			found.add(o)
		}
	})
	return found
}

// fields lists the fields that the file's steps and its parts' record.
func (l *Library) fields(n *names) *list {
	found := &list{}
	l.below(n, func(m *names) []string { return m.parts.all }, func(m *names) {
		for _, f := range m.fields.all {
			found.add(f)
		}
	})
	return found
}

// partBelow finds the part of that id among the parts that the file uses,
// directly or through other parts.
func (l *Library) partBelow(n *names, id string) *names {
	var found *names
	l.below(n, func(m *names) []string { return m.parts.all }, func(m *names) {
		if m != n && idOf(m.file) == id {
			found = m
		}
	})
	return found
}

// leadsTo reports whether the file id uses the file goal, directly or not, or
// is it.
func (l *Library) leadsTo(id, goal string) bool {
	if id == goal {
		return true
	}
	n := l.partOf(id)
	if n == nil {
		return false
	}
	found := false
	l.below(n, func(m *names) []string { return m.parts.all }, func(m *names) { found = found || idOf(m.file) == goal })
	return found
}

// brokenBelow reports whether the part, or one that it uses, is in doubt.
func (l *Library) brokenBelow(id string) bool {
	n := l.partOf(id)
	if n == nil {
		return false
	}
	broken := false
	l.below(n, func(m *names) []string { return m.parts.all }, func(m *names) { broken = broken || l.byFile[m.file].broken })
	return broken
}

// below visits a file and those below it, along the ids that next lists.
func (l *Library) below(n *names, next func(*names) []string, visit func(*names)) {
	seen := map[*names]bool{n: true}
	todo := []*names{n}
	for len(todo) > 0 {
		m := todo[0]
		todo = todo[1:]
		visit(m)
		for _, id := range next(m) {
			if part := l.partOf(id); part != nil && !seen[part] {
				seen[part] = true
				todo = append(todo, part)
			}
		}
	}
}
