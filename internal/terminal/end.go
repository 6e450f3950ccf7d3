package terminal

import (
	"fmt"
	"strings"

	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// end shows how the walk ended, and lets it be finished, noted on or gone back
// from. done is false when the walk goes on.
func (s *session) end() (done bool, err error) {
	s.top()
	s.print("\n")
	if s.reply != nil {
		s.lines(frame(s.words.feedback, s.reply, s.o.Width))
		s.print("\n")
		s.reply = nil
	}
	s.lines(s.styled(bold, wrap(s.words.endTitle, s.o.Width)))
	s.print("\n")
	for _, line := range s.closing() {
		if text, item := strings.CutPrefix(line, bullet); item {
			s.lines(hang(bullet, text, s.o.Width))
			continue
		}
		s.lines(wrap(line, s.o.Width))
	}
	at := s.lastStep()
	for {
		s.say()
		line, ok, err := s.ask(s.words.promptEnd)
		if err != nil {
			return true, err
		}
		command, rest, _ := strings.Cut(line, " ")
		switch {
		case !ok, line == "", command == "q" && rest == "":
			outcome, _ := s.walk.Outcome()
			s.apply(walk.Event{Kind: walk.Ended, Step: at, Outcome: outcome})
			return true, nil
		case command == "b" && rest == "":
			return false, s.back()
		case command == "n":
			err = s.keepNote(at, strings.TrimSpace(rest))
		case command == "?":
			s.lines(s.words.helpEnd)
		default:
			s.unclear(line)
			err = s.refuse("%s", s.words.ended)
		}
		if err != nil {
			return true, err
		}
	}
}

// lastStep is the step at which the walk stood last.
func (s *session) lastStep() int {
	if at, walking := s.walk.Step(); walking {
		return at
	}
	return s.walk.Before()
}

const bullet = "  • "

// closing is what happens next, line by line.
func (s *session) closing() []string {
	var lines []string
	end, ended := s.walk.End()
	if !ended {
		at, _ := s.walk.Step()
		return append([]string{fmt.Sprintf(s.words.leftAt, s.heading(at))}, s.undone()...)
	}
	outcome, _ := s.walk.Outcome()
	lines = append(lines, fmt.Sprintf(s.words.endedWith, name(s.program.Outcomes[outcome])))
	if s.rehearsal {
		if s.isAim() {
			return append(lines, s.words.practiceGood)
		}
		return append(lines, s.words.practiceOther)
	}
	if end.Owner != "" {
		lines = append(lines, fmt.Sprintf(s.words.hasItNow, s.words.role(end.Owner)))
	}
	if end.Opens != "" {
		lines = append(lines, fmt.Sprintf(s.words.openNext, end.Opens))
	}
	return append(lines, s.undone()...)
}

// isAim reports whether the walk ended by a choice that is marked as the aim.
func (s *session) isAim() bool {
	entries := s.walk.Entries()
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if e.Kind == walk.Chose && !e.Late && e.Choice != walk.Onward {
			return s.o.Compiled.Places[e.Step].Choice(e.Choice).Target.Good
		}
	}
	return false
}

// undone names the fields that stand empty and should not.
func (s *session) undone() []string {
	if s.rehearsal {
		return nil
	}
	fields := s.walk.Undone(s.o.Required)
	if len(fields) == 0 {
		return nil
	}
	lines := []string{s.words.undoneTitle}
	for _, f := range fields {
		lines = append(lines, bullet+s.fieldWords(f))
	}
	return lines
}

// fieldWords are the words of the link in which a field stands first.
func (s *session) fieldWords(field string) string {
	for at := range s.program.Steps {
		for _, f := range s.fieldsOf(at) {
			if f.Name == field {
				return syntax.PlainText(f.link.Label)
			}
		}
	}
	return name(field)
}

// offRecord shows the pages behind a choice off the record. They are shown here
// and nowhere else: the walk does not move, no event says that they were opened,
// and when the person stops there, the walk was left where it stands. stop is
// true unless the person comes back.
func (s *session) offRecord(choice int) (stop bool, err error) {
	path := []automaton.State{s.program.Step(s.walk.State(), choice)}
	for {
		state := path[len(path)-1]
		s.top()
		s.print("\n")
		s.lines(s.styled(warning, wrap(s.words.offBegins, s.o.Width)))
		s.print("\n")
		s.page(state.Where)
		ways := s.offWays(state)
		s.choices(ways, state.Where)
		next, stop, err := s.offChoice(state, ways)
		switch {
		case stop || err != nil:
			return true, err
		case next >= 0 && s.program.Steps[state.Where].Choices[next].End >= 0:
			if owner := s.program.Steps[state.Where].Choices[next].Owner; owner != "" {
				s.lines(wrap(fmt.Sprintf(s.words.hasItNow, s.words.role(owner)), s.o.Width))
			}
			return true, nil
		case next >= 0:
			path = append(path, s.program.Step(state, next))
		case len(path) == 1:
			s.notice("%s", s.words.offBack)
			s.show(s.lastStep())
			return false, nil
		default:
			path = path[:len(path)-1]
		}
	}
}

func (s *session) offWays(state automaton.State) []walk.Way {
	var ways []walk.Way
	for _, c := range s.program.Open(state) {
		ways = append(ways, walk.Way{Choice: c})
	}
	return ways
}

// offChoice asks for the next page; next is -1 to go back.
func (s *session) offChoice(state automaton.State, ways []walk.Way) (next int, stop bool, err error) {
	for {
		s.say()
		line, ok, err := s.ask(s.words.promptOff)
		if err != nil || !ok || line == "q" {
			return 0, true, err
		}
		if line == "b" {
			return -1, false, nil
		}
		if command, _, _ := strings.Cut(line, " "); len(command) == 1 && strings.Contains("ntfcsw?", command) {
			if err := s.refuse("%s", s.words.nothingKept); err != nil {
				return 0, true, err
			}
			continue
		}
		before := s.note
		i, err := s.pick(state.Where, ways, line)
		s.note = before // nothing that is typed here is offered as a note
		if err != nil {
			return 0, true, err
		}
		if i >= 0 {
			return ways[i].Choice, false, nil
		}
	}
}
