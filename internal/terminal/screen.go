package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// show prints a step: what is done, what is said, what is looked for, who is
// called, and then the choices.
func (s *session) show(at int) {
	s.top()
	s.print("\n")
	if s.reply != nil {
		s.lines(frame(s.words.feedback, s.reply, s.o.Width))
		s.print("\n")
		s.reply = nil
	}
	s.lines(s.styled(dim, wrap(s.progress(at), s.o.Width)))
	s.page(at)
	s.alerts(at)
	s.calls(at)
	s.fields(at)
	s.timers(at)
	if s.hasTexts(at) {
		s.print("\n")
		s.lines(s.styled(dim, wrap(s.words.whyHint, s.o.Width)))
	}
	s.choices(s.walk.Ways(), at)
}

// top begins a screen with the playbook's title.
func (s *session) top() {
	if s.o.Terminal {
		s.print("\x1b[H\x1b[2J\x1b[3J")
	} else {
		s.print("\n")
	}
	s.lines(s.styled(dim, wrap(titleOf(s.o.Compiled.File), s.o.Width)))
	if s.rehearsal {
		s.lines(s.styled(dim, wrap(s.words.practice, s.o.Width)))
	}
	s.lines(s.styled(dim, []string{strings.Repeat("─", s.o.Width)}))
}

func titleOf(f *syntax.File) string {
	if len(f.Title) > 0 {
		return syntax.PlainText(f.Title)
	}
	return f.Front.Title.Text
}

// progress says how far the walk has come, and about how far it may go.
func (s *session) progress(at int) string {
	n := 0
	for _, e := range s.walk.Entries() {
		switch {
		case e.Late:
		case e.Kind == walk.Started, e.Kind == walk.Chose:
			n++
		case e.Kind == walk.WentBack:
			n--
		}
	}
	switch more := s.more[at]; {
	case more == 1:
		return fmt.Sprintf(s.words.stepMore1, n)
	case more > 1:
		return fmt.Sprintf(s.words.stepMoreN, n, more)
	}
	return fmt.Sprintf(s.words.stepNumber, n)
}

// order is the order in which a step's blocks are read, whatever the file's.
var order = []syntax.SectionKind{syntax.TheySay, syntax.Say, syntax.Do, syntax.DoNot, syntax.LookFor, syntax.AskYourself}

// page prints the words of a step: heading, instruction and blocks, without Why.
func (s *session) page(at int) {
	place := s.o.Compiled.Places[at]
	if at == 0 && len(place.File.Scene) > 0 {
		s.lines(s.blocks(at, place.File.Scene, ""))
		s.print("\n")
	}
	s.lines(s.styled(bold, wrap(syntax.PlainText(place.Step.Heading), s.o.Width)))
	if len(place.Step.Text) > 0 {
		s.lines(s.blocks(at, place.Step.Text, ""))
	}
	for _, kind := range order {
		if section := place.Step.Section(kind); section != nil {
			s.print("\n")
			s.section(at, section)
		}
	}
}

func (s *session) section(at int, section *syntax.Section) {
	title := syntax.BlockName(section.Kind, s.words.lang)
	switch section.Kind {
	case syntax.Say:
		s.sayings(title, section)
	case syntax.TheySay:
		s.speech(title, section)
	default:
		s.lines([]string{s.style(bold, title)})
		mark := "• "
		if section.Kind == syntax.LookFor || section.Kind == syntax.AskYourself {
			mark = "? "
		}
		s.lines(s.blocks(at, section.Blocks, mark))
	}
}

// sayings prints the words to say: the first in a box, the others below it.
func (s *session) sayings(title string, section *syntax.Section) {
	all := sentences(section)
	if len(all) == 0 {
		return
	}
	s.lines(s.styled(say, frame(title, wrap("“"+all[0]+"”", s.o.Width-4), s.o.Width)))
	if len(all) > 1 {
		s.lines(wrap(s.words.otherWords, s.o.Width))
		for _, other := range all[1:] {
			s.lines(s.styled(say, hang("  ", "“"+other+"”", s.o.Width)))
		}
	}
}

// alerts says whom the step would alert: from here nothing is sent, so one calls.
func (s *session) alerts(at int) {
	if s.rehearsal {
		return
	}
	for _, a := range s.walk.Alerts() {
		if a.Step == at {
			s.print("\n")
			s.lines(s.styled(warning, wrap(fmt.Sprintf(s.words.alertFirst, s.words.role(a.Role)), s.o.Width)))
		}
	}
}

// callees lists whom a step names to call, each once.
func callees(step *syntax.Step) []string {
	var list []string
	for _, l := range step.Links() {
		if (l.Kind == syntax.Call || l.Kind == syntax.Notify) && !slices.Contains(list, l.Name.Text) {
			list = append(list, l.Name.Text)
		}
	}
	return list
}

func (s *session) calls(at int) {
	list := callees(s.o.Compiled.Places[at].Step)
	if len(list) == 0 {
		return
	}
	s.print("\n")
	s.lines([]string{s.style(bold, s.words.call)})
	for i, who := range list {
		s.lines(hang(fmt.Sprintf("  c %d  ", i+1), s.words.role(who), s.o.Width))
	}
}

// fieldOf is a field of a step with the link that its words stand in.
type fieldOf struct {
	automaton.Field
	link *syntax.Link
}

func (s *session) fieldsOf(at int) []fieldOf {
	var list []fieldOf
	n := 0
	for _, l := range s.o.Compiled.Places[at].Step.Links() {
		if l.Kind == syntax.Record && n < len(s.program.Steps[at].Fields) {
			list = append(list, fieldOf{s.program.Steps[at].Fields[n], l})
			n++
		}
	}
	return list
}

func (s *session) fields(at int) {
	list := s.fieldsOf(at)
	if len(list) == 0 {
		return
	}
	s.print("\n")
	s.lines([]string{s.style(bold, s.words.fields)})
	for _, f := range list {
		text := syntax.PlainText(f.link.Label)
		if len(f.link.Options) > 0 {
			text += ": " + strings.Join(f.link.Options, ", ")
		}
		switch {
		case f.Deadline:
			text += " (" + s.words.deadline + ")"
		case slices.Contains(s.o.Required, f.Name):
			text += " (" + s.words.required + ")"
		}
		s.lines(hang("  f "+f.Name+"  ", text, s.o.Width))
		for _, c := range s.walk.Cells() {
			if c.Field == f.Name {
				s.lines(hang("      = ", s.value(f, c.Value), s.o.Width))
			}
		}
	}
}

// value writes a field's value for people.
func (s *session) value(f fieldOf, value string) string {
	if f.Type == "choice" {
		var n int
		if _, err := fmt.Sscanf(value, "%d", &n); err == nil && n >= 0 && n < len(f.link.Options) {
			return f.link.Options[n]
		}
	}
	return clean(value)
}

// timers starts a step's countdowns the first time that it is shown.
func (s *session) timers(at int) {
	timers := s.program.Steps[at].Timers
	if len(timers) == 0 {
		return
	}
	if s.started[at].IsZero() {
		s.started[at] = s.o.Now()
	}
	s.print("\n")
	s.lines([]string{s.style(bold, s.words.timers)})
	for _, seconds := range timers {
		until := s.started[at].Add(time.Duration(seconds) * time.Second)
		s.lines(hang("  ", fmt.Sprintf(s.words.until, s.words.duration(seconds), clock(until)), s.o.Width))
	}
}

// choices prints what can be chosen, with its numbers.
func (s *session) choices(ways []walk.Way, at int) {
	s.print("\n")
	place := s.o.Compiled.Places[at]
	asked := s.asked(ways, at)
	switch len(asked) {
	case 0:
		s.lines(s.styled(warning, wrap(s.words.noChoices, s.o.Width)))
		return
	case 1:
		s.lines([]string{s.style(bold, s.words.whatNowOne)})
	default:
		s.lines([]string{s.style(bold, s.words.whatNow)})
	}
	for i, way := range asked {
		text := label(place, way.Choice)
		if len(asked) == 1 {
			text = fmt.Sprintf(s.words.next, text)
		}
		if way.Unsent {
			text += " (" + s.words.offRecord + ")"
		}
		s.lines(s.styled(goOn, hang(fmt.Sprintf("  %d  ", i+1), text, s.o.Width)))
	}
}

func label(place resolve.Place, choice int) string {
	return syntax.PlainText(place.Choice(choice).Label)
}

// asked lists what the person is asked, as choices by number. At a swap step the
// desk sees the first open choice's words as the one way on; in a rehearsal the
// person is asked, and what was answered is not written down.
func (s *session) asked(ways []walk.Way, at int) []walk.Way {
	if len(ways) == 0 || ways[0].Choice != walk.Onward {
		return ways
	}
	open := s.program.Open(s.walk.State())
	if !s.rehearsal {
		open = open[:1]
	}
	list := make([]walk.Way, len(open))
	for i, c := range open {
		list[i] = walk.Way{Choice: c}
	}
	return list
}
