package resolve

import (
	"maps"
	"slices"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// names is what one file declares and mentions: the tables in which its
// expressions and links are looked up.
type names struct {
	file     *syntax.File
	steps    map[string]int              // id -> place in File.Steps, the first of that id
	facts    map[string]*syntax.FactDecl // given facts and facts of the walk
	given    map[string]bool
	fields   list // fields that its own steps record
	outcomes list // outcomes of its own ends
	parts    list // ids of the parts it links to
	passing  list // of these, the ones linked to without ways back

	wrong     map[diag.Position]bool // places of names that are not there
	meant     map[string]string      // a step that is not there -> the one that was probably meant, or ""
	meantFact map[string]string      // the same of a fact

	hints struct{ steps, headings, facts, parts []string } // made when they are first needed
}

// list is a list of names without repetition, in the order of first use.
type list struct {
	all []string
	has map[string]bool
}

func (l *list) add(name string) {
	if name == "" || l.has[name] {
		return
	}
	if l.has == nil {
		l.has = map[string]bool{}
	}
	l.has[name] = true
	l.all = append(l.all, name)
}

// collect makes the tables of a file and tells steps with one id.
func collect(f *syntax.File) (*names, []diag.Problem) {
	n := &names{file: f, steps: map[string]int{}, facts: map[string]*syntax.FactDecl{}, given: map[string]bool{},
		wrong: map[diag.Position]bool{}, meant: map[string]string{}, meantFact: map[string]string{}}
	var problems []diag.Problem
	for i, s := range f.Steps {
		if first, taken := n.steps[s.ID]; taken {
			problems = append(problems, diag.New(f.Name, s.Pos, diag.DuplicateStep,
				"this step has the id %q, as the step in line %d has; change one of the two headings", s.ID, f.Steps[first].Pos.Line))
			continue
		}
		n.steps[s.ID] = i
	}
	n.declare(f)
	for _, s := range f.Steps {
		for _, link := range s.Links() {
			if link.Kind == syntax.Record {
				n.fields.add(link.Name.Text)
			}
		}
		eachChoice(s, func(c *syntax.Choice, _ bool) {
			switch c.Target.Kind {
			case syntax.ToEnd:
				n.outcomes.add(c.Target.Name.Text)
			case syntax.ToPart:
				n.parts.add(c.Target.Name.Text)
				if len(c.Ways) == 0 {
					n.passing.add(c.Target.Name.Text)
				}
			}
		})
	}
	return n, problems
}

// declare takes over the facts that a file declares: its own, or for a
// translation those of its original.
func (n *names) declare(f *syntax.File) {
	for _, d := range f.Front.Given {
		n.facts[d.Name.Text], n.given[d.Name.Text] = d, true
	}
	for _, d := range f.Front.Facts {
		if _, taken := n.facts[d.Name.Text]; !taken {
			n.facts[d.Name.Text] = d
		}
	}
}

// eachChoice calls visit for every choice of the step and for every way back
// below it (way is true for those), in the file's order.
func eachChoice(s *syntax.Step, visit func(c *syntax.Choice, way bool)) {
	if s.Next == nil {
		return
	}
	var walk func(c *syntax.Choice, way bool)
	walk = func(c *syntax.Choice, way bool) {
		visit(c, way)
		for _, w := range c.Ways {
			walk(w.Choice, true)
		}
	}
	for _, c := range s.Next.Choices {
		walk(c, false)
	}
}

// stepByHeading finds the step whose heading reads like the text.
func (n *names) stepByHeading(heading string) (int, bool) {
	if i, ok := n.steps[syntax.Slug(heading)]; ok {
		return i, true
	}
	for i, s := range n.file.Steps {
		if syntax.PlainText(s.Heading) == heading {
			return i, true
		}
	}
	return 0, false
}

// stepIDs lists the ids of the steps, for hints.
func (n *names) stepIDs() []string {
	return kept(&n.hints.steps, func() (ids []string) {
		for _, s := range n.file.Steps {
			ids = append(ids, s.ID)
		}
		return ids
	})
}

// headings lists the headings of the steps, for hints.
func (n *names) headings() []string {
	return kept(&n.hints.headings, func() (list []string) {
		for _, s := range n.file.Steps {
			list = append(list, syntax.PlainText(s.Heading))
		}
		return list
	})
}

// factNames lists the facts, sorted, for hints.
func (n *names) factNames() []string {
	return kept(&n.hints.facts, func() []string { return slices.Sorted(maps.Keys(n.facts)) })
}

// kept makes a list on the first call.
func kept(list *[]string, make func() []string) []string {
	if *list == nil {
		*list = make()
	}
	return *list
}

func valueNames(d *syntax.FactDecl) []string {
	list := make([]string, len(d.Values))
	for i, v := range d.Values {
		list[i] = v.Text
	}
	return list
}

// valueOf finds the number of a value in a fact's domain.
func valueOf(d *syntax.FactDecl, value string) (int, bool) {
	i := slices.IndexFunc(d.Values, func(v syntax.Name) bool { return v.Text == value })
	return i, i >= 0
}

// isYesNo reports whether the fact's values are yes and no, so that its bare
// name may stand for `is yes`.
func isYesNo(d *syntax.FactDecl) bool {
	if len(d.Values) != 2 {
		return false
	}
	_, yes := valueOf(d, "yes")
	_, no := valueOf(d, "no")
	return yes && no
}
