package resolve

import (
	"maps"
	"slices"
	"strings"

	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// lookup checks that every name a file uses is there, and tells what was
// probably meant where one is not. It looks at one file; what copies of parts
// make of it is compile's business.
type lookup struct {
	lib      *Library
	n        *names
	whole    bool // reading the file told nothing that could have hidden a choice
	problems []diag.Problem

	fields *list // what the file and its parts record; nil until asked for
	ends   *list // its outcomes; nil until asked for
	parts  map[string]*partInfo
	looked int // candidates that were compared for hints
}

// maxProblems is how many problems of one file are told, and maxLooked how many
// names are compared to say what was probably meant. A file with more is not a
// playbook, and nobody reads the rest.
const (
	maxProblems = 1000
	maxLooked   = 200_000
)

func (l *lookup) tell(pos diag.Position, code diag.Code, format string, args ...any) {
	l.n.wrong[pos] = true
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, diag.New(l.n.file.Name, pos, code, format, args...))
	}
}

// near is the candidate that was probably meant, or "".
func (l *lookup) near(word string, candidates []string) string {
	if l.looked += len(candidates); l.looked > maxLooked {
		return ""
	}
	return diag.Nearest(word, candidates)
}

// hint names the candidate that was probably meant, if there is one.
func (l *lookup) hint(word string, candidates []string) string { return hint(l.near(word, candidates)) }

func hint(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean \"" + near + "\"?"
}

// check looks up everything.
func (l *lookup) check() {
	f := l.n.file
	l.front(&f.Front)
	for _, s := range f.Steps {
		l.links(s)
		eachChoice(s, func(c *syntax.Choice, _ bool) { l.choice(c) })
		l.halfAsked(s)
	}
	for _, r := range f.Front.Rules {
		if r.Sentence == nil {
			continue
		}
		l.expr(r.Sentence.E)
		l.expr(r.Sentence.F)
		if r.Sentence.Form == syntax.NeutralAbout {
			l.fact(r.Sentence.Fact)
		}
	}
	l.expr(f.Front.Needs)
	l.aim()
}

// aim tells a rehearsal that marks no end as its aim.
func (l *lookup) aim() {
	f := l.n.file
	if f.Front.Kind != syntax.Rehearsal || !l.whole || len(Aims(f)) > 0 {
		return
	}
	l.tell(f.Front.KindPos, diag.Syntax, "no end of this rehearsal is its aim: mark one, like [They thank you](end:calm \"good\")")
}

// Aims lists the outcomes that a rehearsal marks as its aim.
func Aims(f *syntax.File) []string {
	var aims list
	for _, s := range f.Steps {
		eachChoice(s, func(c *syntax.Choice, _ bool) {
			if c.Target.Kind == syntax.ToEnd && c.Target.Good {
				aims.add(c.Target.Name.Text)
			}
		})
	}
	return aims.all
}

func (l *lookup) front(f *syntax.Front) {
	for _, name := range f.For {
		l.role(name)
	}
	if f.Owner.Text != "" {
		l.role(f.Owner)
	}
	for _, name := range f.Protected {
		l.fact(name)
	}
	for _, d := range f.Given {
		l.column(d)
	}
	if f.Kind == syntax.Rehearsal && f.Rehearses.Text != "" {
		if e := l.lib.original(f.Rehearses.Text); e == nil || e.file.Front.Kind == syntax.Part {
			l.tell(f.Rehearses.Pos, diag.UnknownReference, "there is no playbook %q to rehearse%s",
				f.Rehearses.Text, l.hint(f.Rehearses.Text, l.lib.ids(syntax.Playbook)))
		}
	}
}

// column checks that a given fact that the law answers has the values of its
// law column, in the same order: the last is the one that stands for "nobody
// knows", so the order matters.
func (l *lookup) column(d *syntax.FactDecl) {
	if d.Law == "" || l.lib.Shelf.Columns == nil {
		return
	}
	domain, ok := l.lib.Shelf.Columns[d.Law]
	if !ok {
		l.tell(d.Name.Pos, diag.UnknownReference, "there is no law column %q%s", d.Law,
			l.hint(d.Law, slices.Sorted(maps.Keys(l.lib.Shelf.Columns))))
		return
	}
	if len(d.Values) > 0 && !slices.Equal(domain, valueNames(d)) {
		l.tell(d.Name.Pos, diag.UnknownValue, "the law column %q answers %s; give %q these values, in this order",
			d.Law, strings.Join(domain, " | "), d.Name.Text)
	}
}

func (l *lookup) role(name syntax.Name) {
	if !slices.Contains(Roles, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no role %q%s", name.Text, l.hint(name.Text, Roles))
	}
}

func (l *lookup) roleOrLine(name syntax.Name) {
	known := append(slices.Clone(Roles), Lines...)
	if !slices.Contains(known, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no role or outside line %q to call%s", name.Text, l.hint(name.Text, known))
	}
}

// links checks the links of a step's text.
func (l *lookup) links(s *syntax.Step) {
	for _, link := range s.Links() {
		switch link.Kind {
		case syntax.Call:
			l.roleOrLine(link.Name)
		case syntax.Notify:
			l.role(link.Name)
		case syntax.Policy:
			l.policy(link)
		case syntax.Law:
			if known := l.lib.Shelf.Laws; known != nil && !slices.Contains(known, link.Name.Text) {
				l.tell(link.Name.Pos, diag.UnknownReference, "there is no law topic %q%s", link.Name.Text, l.hint(link.Name.Text, known))
			}
		case syntax.Handout:
			l.handout(link.Name)
		}
	}
}

func (l *lookup) policy(link *syntax.Link) {
	known := l.lib.Shelf.Policies
	if known == nil {
		return
	}
	clauses, ok := known[link.Name.Text]
	switch {
	case !ok:
		l.tell(link.Name.Pos, diag.UnknownReference, "there is no policy %q%s", link.Name.Text,
			l.hint(link.Name.Text, slices.Sorted(maps.Keys(known))))
	case link.Clause != "" && !slices.Contains(clauses, link.Clause):
		l.tell(link.Name.Pos, diag.UnknownReference, "the policy %q has no clause %q%s", link.Name.Text, link.Clause,
			l.hint(link.Clause, clauses))
	}
}

func (l *lookup) handout(name syntax.Name) {
	// national_lines exists in every library, whatever it has adopted.
	if known := l.lib.Shelf.Handouts; known != nil && name.Text != "national_lines" && !slices.Contains(known, name.Text) {
		l.tell(name.Pos, diag.UnknownReference, "there is no handout %q%s", name.Text, l.hint(name.Text, known))
	}
}

// expr looks up the names of an expression. That a guard asks only for facts
// and milestones has been seen to where it was read.
func (l *lookup) expr(e syntax.Expr) {
	switch e := e.(type) {
	case nil:
	case *syntax.Or:
		l.expr(e.X)
		l.expr(e.Y)
	case *syntax.And:
		l.expr(e.X)
		l.expr(e.Y)
	case *syntax.Not:
		l.expr(e.X)
	case *syntax.Is:
		if d := l.fact(e.Fact); d != nil {
			for _, v := range e.Values {
				l.value(d, v)
			}
		}
	case *syntax.Bare:
		if d := l.fact(e.Fact); d != nil && !isYesNo(d) {
			l.notYesNo(e.Fact, d)
		}
	case *syntax.Milestone:
		l.milestone(e)
	case *syntax.At:
		l.stepRef(e.Step)
	case *syntax.OutcomeIs:
		if l.ends == nil {
			l.ends = l.lib.outcomes(l.n)
		}
		for _, name := range e.Names {
			if !l.ends.has[name.Text] {
				l.tell(name.Pos, diag.UnknownReference, "no end has the outcome %q%s", name.Text, l.hint(name.Text, l.ends.all))
			}
		}
	}
}

func (l *lookup) notYesNo(name syntax.Name, d *syntax.FactDecl) {
	if len(d.Values) == 0 {
		return // its declaration could not be read, and that has been told
	}
	l.tell(name.Pos, diag.UnknownValue, "%q is not a yes/no fact; write `%s is %s`, or another of its values: %s",
		name.Text, name.Text, d.Values[0].Text, strings.Join(valueNames(d), ", "))
}

// fact looks a fact up; it returns nil, and has told so, when there is none.
func (l *lookup) fact(name syntax.Name) *syntax.FactDecl {
	d := l.n.facts[name.Text]
	if d != nil {
		if len(d.Values) == 0 { // its declaration could not be read, and that has been told
			l.n.wrong[name.Pos] = true
		}
		return d
	}
	near, asked := l.n.meantFact[name.Text]
	if !asked {
		near = l.near(name.Text, l.n.factNames())
		l.n.meantFact[name.Text] = near
	}
	advice := hint(near)
	if near == "" {
		advice = "; declare it under `facts:` or `given:` in the front matter"
	}
	l.tell(name.Pos, diag.UnknownFact, "there is no fact %q here%s", name.Text, advice)
	return nil
}

func (l *lookup) value(d *syntax.FactDecl, v syntax.Name) {
	if _, ok := valueOf(d, v.Text); ok || len(d.Values) == 0 { // without values, its declaration could not be read
		return
	}
	values := strings.Join(valueNames(d), ", ")
	if hint := l.hint(v.Text, valueNames(d)); hint != "" {
		l.tell(v.Pos, diag.UnknownValue, "%q has no value %q%s Its values are %s", d.Name.Text, v.Text, hint, values)
		return
	}
	l.tell(v.Pos, diag.UnknownValue, "%q has no value %q; its values are %s", d.Name.Text, v.Text, values)
}

func (l *lookup) milestone(m *syntax.Milestone) {
	switch automaton.FactKind(m.Kind) {
	case automaton.Called:
		l.roleOrLine(m.Name)
	case automaton.Notified:
		l.role(m.Name)
	case automaton.Handed:
		l.handout(m.Name)
	case automaton.Recorded:
		if l.fields == nil {
			l.fields = l.recorded()
		}
		if !l.fields.has[m.Name.Text] {
			l.tell(m.Name.Pos, diag.UnknownReference, "no step records a field %q%s", m.Name.Text, l.hint(m.Name.Text, l.fields.all))
		}
	}
}

// recorded lists the fields that there are: those that the file and its parts
// record and, of a part, those that its callers must have recorded.
func (l *lookup) recorded() *list {
	known := l.lib.fields(l.n)
	eachMilestone(l.n.file.Front.Needs, func(m *syntax.Milestone) {
		if automaton.FactKind(m.Kind) == automaton.Recorded {
			known.add(m.Name.Text)
		}
	})
	return known
}

func eachMilestone(e syntax.Expr, visit func(*syntax.Milestone)) {
	switch e := e.(type) {
	case *syntax.Or:
		eachMilestone(e.X, visit)
		eachMilestone(e.Y, visit)
	case *syntax.And:
		eachMilestone(e.X, visit)
		eachMilestone(e.Y, visit)
	case *syntax.Not:
		eachMilestone(e.X, visit)
	case *syntax.Milestone:
		visit(e)
	}
}

// stepRef checks a step that a rule names, in this file or in a part's copy.
func (l *lookup) stepRef(ref syntax.StepRef) {
	n := l.n
	if ref.Part.Text != "" {
		if n = l.lib.partBelow(l.n, ref.Part.Text); n == nil {
			l.tell(ref.Part.Pos, diag.UnknownTarget, "no part %q is used here%s", ref.Part.Text, l.hint(ref.Part.Text, l.n.parts.all))
			return
		}
	}
	if ref.Quoted {
		if _, ok := n.stepByHeading(ref.Step.Text); !ok {
			l.tell(ref.Step.Pos, diag.UnknownTarget, "no step has the heading %q%s", ref.Step.Text, l.hint(ref.Step.Text, n.headings()))
		}
		return
	}
	if _, ok := n.steps[ref.Step.Text]; !ok {
		l.tell(ref.Step.Pos, diag.UnknownTarget, "there is no step %q%s", ref.Step.Text, l.hint(ref.Step.Text, n.stepIDs()))
	}
}

// choice checks one choice, or one way back from a part.
func (l *lookup) choice(c *syntax.Choice) {
	l.expr(c.Guard)
	for _, a := range c.Assigns {
		l.assign(c, a)
	}
	switch c.Target.Kind {
	case syntax.ToStep:
		l.stepTarget(c.Target.Name)
	case syntax.ToEnd:
		if c.Target.Owner.Text != "" {
			l.role(c.Target.Owner)
		}
		if o := c.Target.Opens; o.Text != "" {
			if e := l.lib.original(o.Text); e == nil || e.file.Front.Kind != syntax.Playbook {
				l.tell(o.Pos, diag.UnknownTarget, "there is no playbook %q to open next%s", o.Text, l.hint(o.Text, l.lib.ids(syntax.Playbook)))
			}
		}
	case syntax.ToPart:
		l.part(c)
	}
	if c.Unsent {
		l.offTheRecord(c)
	}
}

func (l *lookup) stepTarget(id syntax.Name) {
	if _, ok := l.n.steps[id.Text]; ok {
		return
	}
	near, asked := l.n.meant[id.Text]
	if !asked {
		near = l.near(id.Text, l.n.stepIDs())
		l.n.meant[id.Text] = near
	}
	l.tell(id.Pos, diag.UnknownTarget, "there is no step %q%s", id.Text, hint(near))
}

// assign checks `fact = value`; `record = CLASS` on a link to a part raises
// the class of the record instead.
func (l *lookup) assign(c *syntax.Choice, a *syntax.Assign) {
	d := l.n.facts[a.Fact.Text]
	if d == nil && a.Fact.Text == "record" {
		switch {
		case c.Target.Kind != syntax.ToPart:
			l.tell(a.Fact.Pos, diag.Syntax, "only a link to a part may raise the record's class; put `record = %s` on such a link", a.Value.Text)
		case !slices.Contains(recordClasses, a.Value.Text):
			l.tell(a.Value.Pos, diag.UnknownValue, "there is no class of record %q; the classes are %s", a.Value.Text, strings.Join(recordClasses, ", "))
		}
		return
	}
	if d = l.fact(a.Fact); d == nil {
		return
	}
	if l.n.given[a.Fact.Text] {
		l.tell(a.Fact.Pos, diag.Syntax, "%q is given: the library's settings fix it, and no choice may set it", a.Fact.Text)
		return
	}
	l.value(d, a.Value)
}

var recordClasses = []string{
	string(automaton.NoRecord), string(automaton.Incident), string(automaton.Conduct), string(automaton.Demand), string(automaton.Abuse),
}
