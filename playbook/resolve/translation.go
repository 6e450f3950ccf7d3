package resolve

import (
	"fmt"
	"slices"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// compileTranslation holds a translation against its original and gives it the
// original's Program. Everything a Program is made from is compared step by
// step; so where nothing differs, the two would compile to the same automaton.
func (l *Library) compileTranslation(f *syntax.File) (*Compiled, []diag.Problem) {
	if f.Front.Translates.Text == "" {
		return nil, nil // it could not be read, which has been told
	}
	e := l.original(f.Front.Translates.Text)
	if e == nil {
		return nil, []diag.Problem{diag.New(f.Name, f.Front.Translates.Pos, diag.UnknownReference,
			"there is no playbook %q to translate%s", f.Front.Translates.Text,
			diag.DidYouMean(f.Front.Translates.Text, l.ids(syntax.Playbook, syntax.Part, syntax.Rehearsal)))}
	}
	n, problems := collect(f)
	n.declare(e.file) // its facts are its original's
	look := lookup{lib: l, n: n, parts: map[string]*partInfo{}}
	look.check()
	t := translation{original: l.namesOf(e), mine: n, problems: append(problems, look.problems...)}
	t.compare()
	if diag.HasErrors(t.problems) || e.broken {
		return nil, t.problems
	}
	compiled, _ := l.Compile(e.file)
	if compiled == nil {
		return nil, t.problems
	}
	return l.InLanguage(compiled, langOf(f)), t.problems
}

// InLanguage returns the compiled playbook with the words of another language,
// wherever the library has them; other steps keep their own words.
func (l *Library) InLanguage(c *Compiled, lang string) *Compiled {
	out := *c
	out.Places = slices.Clone(c.Places)
	if t := l.Translation(c.File, lang); t != nil {
		out.File = t
	}
	found := map[*syntax.File]*syntax.File{}
	for i := range out.Places {
		p := &out.Places[i]
		t, asked := found[p.File]
		if !asked {
			if t = l.Translation(p.File, lang); t != nil && !sameShape(t, p.File) {
				t = nil
			}
			found[p.File] = t
		}
		if t == nil {
			continue
		}
		p.File, p.Step = t, t.Steps[p.Index]
		p.ID = p.Step.ID
		if p.Part != "" {
			p.ID = p.Part + "/" + p.Step.ID
		}
	}
	return &out
}

// sameShape reports whether a translation has the same steps with as many
// choices each, so that words may be looked up in it by number.
func sameShape(a, b *syntax.File) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(x, y *syntax.Step) bool {
		return choiceCount(x) == choiceCount(y)
	})
}

func choiceCount(s *syntax.Step) int {
	if s.Next == nil {
		return 0
	}
	return len(s.Next.Choices)
}

// translation compares two files.
type translation struct {
	original, mine *names
	problems       []diag.Problem
}

// tell tells a difference, unless the same place names something that is not
// there: that has been told, and says more.
func (t *translation) tell(pos diag.Position, format string, args ...any) {
	if t.mine.wrong[pos] || len(t.problems) >= maxProblems {
		return
	}
	t.problems = append(t.problems, diag.New(t.mine.file.Name, pos, diag.TranslationDiffers, format, args...))
}

func (t *translation) compare() {
	theirs, mine := t.original.file.Steps, t.mine.file.Steps
	if len(theirs) != len(mine) {
		t.tell(t.mine.file.Front.Pos, "the original has %s, this translation %d; they must be the same, in the same order", countWord(len(theirs), "step"), len(mine))
	}
	for i := range min(len(theirs), len(mine)) {
		t.step(theirs[i], mine[i])
	}
}

func (t *translation) step(theirs, mine *syntax.Step) {
	where := fmt.Sprintf("the original's step %q (line %d)", theirs.ID, theirs.Pos.Line)
	t.links(where, theirs, mine)
	if theirs.Ticks() != mine.Ticks() {
		t.tell(mine.Pos, "%s has %s to tick, this step %d", where, countWord(theirs.Ticks(), "item"), mine.Ticks())
	}
	if theirs.Next == nil {
		if mine.Next != nil {
			t.tell(mine.Pos, "%s has no Next, this step has one", where)
		}
		return
	}
	if mine.Next == nil {
		t.tell(mine.Pos, "%s has a Next, this step has none", where)
		return
	}
	if a, b := choiceCount(theirs), choiceCount(mine); a != b {
		t.tell(mine.Pos, "%s has %s, this step %d", where, countWord(a, "choice"), b)
		return
	}
	if theirs.Next.Ordered != mine.Next.Ordered {
		t.tell(mine.Next.Pos, "%s has a %s list of choices, this step a %s one", where, listWord(theirs.Next.Ordered), listWord(mine.Next.Ordered))
	}
	for k := range theirs.Next.Choices {
		t.choice(fmt.Sprintf("choice %d of %s", k+1, where), theirs.Next.Choices[k], mine.Next.Choices[k])
	}
}

func countWord(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "way back":
		return fmt.Sprintf("%d ways back", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func listWord(ordered bool) string {
	if ordered {
		return "numbered"
	}
	return "bulleted"
}

// links compares what entering the step makes true, and its fields and timers.
func (t *translation) links(where string, theirs, mine *syntax.Step) {
	if slices.ContainsFunc(mine.Links(), func(link *syntax.Link) bool { return t.mine.wrong[link.Name.Pos] }) {
		return // a link names something that is not there: that has been told
	}
	a, b := meaning(theirs), meaning(mine)
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			t.tell(mine.Pos, "%s has the link %s, which is missing here", where, a[i])
			return
		case i >= len(a):
			t.tell(mine.Pos, "this step has the link %s, which %s has not", b[i], where)
			return
		case a[i] != b[i]:
			t.tell(mine.Pos, "this step has the link %s where %s has %s", b[i], where, a[i])
			return
		}
	}
}

// meaning lists the links of a step that its Program is made from, sorted, as
// words; two steps that list the same mean the same.
func meaning(s *syntax.Step) []string {
	var list []string
	for _, link := range s.Links() {
		switch link.Kind {
		case syntax.Call, syntax.Notify, syntax.Handout:
			list = append(list, fmt.Sprintf("%s:%s", link.Kind, link.Name.Text))
		case syntax.Timer:
			list = append(list, fmt.Sprintf("timer:%ds", link.Seconds))
		case syntax.Record:
			kind := link.Type
			if len(link.Options) > 0 {
				kind += fmt.Sprintf(" of %d options", len(link.Options))
			}
			if link.Deadline {
				kind += ", deadline"
			}
			list = append(list, fmt.Sprintf("record:%s (%s)", link.Name.Text, kind))
		}
	}
	slices.Sort(list) // another language may need another order of words
	return list
}

func (t *translation) choice(where string, theirs, mine *syntax.Choice) {
	if a, b := exprText(theirs.Guard), exprText(mine.Guard); (a != b || theirs.Otherwise != mine.Otherwise) && !t.mine.isWrong(mine.Guard) {
		t.tell(mine.Pos, "%s is offered %s, this one %s", where, conditionText(a, theirs.Otherwise), conditionText(b, mine.Otherwise))
	}
	if a, b := assignsText(theirs.Assigns), assignsText(mine.Assigns); a != b && !t.mine.setsWrong(mine) {
		t.tell(mine.Pos, "%s sets %s, this one %s", where, orNothing(a), orNothing(b))
	}
	if theirs.Unsent != mine.Unsent {
		t.tell(mine.Pos, "only one of this choice and %s is `off the record`", where)
	}
	if a, b := t.target(t.original, theirs.Target), t.target(t.mine, mine.Target); a != b && !t.mine.endsWrong(mine.Target) {
		t.tell(mine.Target.Name.Pos, "%s leads to %s, this one to %s", where, a, b)
	}
	if len(theirs.Ways) != len(mine.Ways) {
		t.tell(mine.Pos, "%s has %s, this one %d", where, countWord(len(theirs.Ways), "way back"), len(mine.Ways))
		return
	}
	for i := range theirs.Ways {
		if theirs.Ways[i].Outcome.Text != mine.Ways[i].Outcome.Text {
			t.tell(mine.Ways[i].Outcome.Pos, "the way back for %q stands where %s has that for %q", mine.Ways[i].Outcome.Text, where, theirs.Ways[i].Outcome.Text)
			continue
		}
		t.choice(fmt.Sprintf("the way back %q of %s", theirs.Ways[i].Outcome.Text, where), theirs.Ways[i].Choice, mine.Ways[i].Choice)
	}
}

// endsWrong reports whether an end names a role or a file that is not there.
func (n *names) endsWrong(t syntax.Target) bool {
	return t.Kind == syntax.ToEnd && (t.Owner.Text != "" && n.wrong[t.Owner.Pos] || t.Opens.Text != "" && n.wrong[t.Opens.Pos])
}

// target says where a link leads in words that do not depend on the language.
func (t *translation) target(n *names, target syntax.Target) string {
	switch target.Kind {
	case syntax.ToStep:
		if i, ok := n.steps[target.Name.Text]; ok {
			return fmt.Sprintf("step %d", i+1)
		}
		return fmt.Sprintf("a step %q that is not there", target.Name.Text)
	case syntax.ToEnd:
		text := "end:" + target.Name.Text
		if target.Owner.Text != "" {
			text += ", handed to " + target.Owner.Text
		}
		if target.Opens.Text != "" {
			text += ", opening " + target.Opens.Text
		}
		if target.Good {
			text += ", the aim"
		}
		return text
	case syntax.ToPart:
		return "the part " + target.Name.Text
	}
	return "nowhere"
}

func exprText(e syntax.Expr) string {
	if e == nil {
		return ""
	}
	return syntax.ExprString(e)
}

func conditionText(condition string, otherwise bool) string {
	switch {
	case condition != "":
		return "`if " + condition + "`"
	case otherwise:
		return "`otherwise`"
	}
	return "always"
}

func assignsText(assigns []*syntax.Assign) string {
	text := ""
	for i, a := range assigns {
		if i > 0 {
			text += ", "
		}
		text += a.Fact.Text + " = " + a.Value.Text
	}
	return text
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
