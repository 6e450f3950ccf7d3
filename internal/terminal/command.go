package terminal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roundtable/internal/walk"
	"roundtable/playbook/syntax"
)

// do carries out a typed line at a step. stop is true when the person stops.
func (s *session) do(at int, line string) (stop bool, err error) {
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case command == "?" && rest == "":
		s.lines(s.words.help)
	case command == "q" && rest == "":
		return true, nil
	case command == "b" && rest == "":
		return false, s.back()
	case command == "s" && rest == "":
		return false, s.big(at)
	case command == "w" && rest == "":
		return false, s.why(at)
	case command == "n":
		return false, s.keepNote(at, rest)
	case command == "t":
		return false, s.tick(at, rest)
	case command == "f":
		return false, s.write(at, rest)
	case command == "c":
		return false, s.call(at, rest)
	default:
		return s.choose(at, line)
	}
	return false, nil
}

// refuse says why what was typed does not fit. In a replay that ends the walk.
func (s *session) refuse(format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if n, answer, ok := s.input.answering(); ok {
		return &AnswerError{N: n, Answer: answer, Reason: reason}
	}
	s.notice("%s", reason)
	return nil
}

// choose takes the choice that the line names.
func (s *session) choose(at int, line string) (stop bool, err error) {
	ways := s.walk.Ways()
	asked := s.asked(ways, at)
	i, err := s.pick(at, asked, line)
	if i < 0 || err != nil {
		return false, err
	}
	way := asked[i]
	if way.Unsent {
		return s.offRecord(way.Choice)
	}
	if s.rehearsal {
		s.reply = s.feedback(at, way.Choice)
	}
	if ways[0].Choice == walk.Onward {
		way.Choice = walk.Onward
	}
	if s.apply(walk.Event{Kind: walk.Chose, Step: at, Choice: way.Choice}) {
		s.note = ""
	}
	return false, nil
}

func (s *session) feedback(at, choice int) []string {
	if text := syntax.PlainText(s.o.Compiled.Places[at].Choice(choice).Feedback); text != "" {
		return wrap(text, s.o.Width-4)
	}
	return nil
}

// pick finds which of the choices a line means: a number, the choice's words or
// how they begin; nothing but Return where there is one way on. It returns -1
// when the line has been refused.
func (s *session) pick(at int, asked []walk.Way, line string) (int, error) {
	switch {
	case len(asked) == 0:
		return -1, s.refuse("%s", s.words.noChoices)
	case line == "" && len(asked) == 1:
		return 0, nil
	case line == "":
		return -1, s.refuse("%s", s.words.typeTo)
	}
	if n, err := strconv.Atoi(line); err == nil {
		switch {
		case n >= 1 && n <= len(asked):
			return n - 1, nil
		case len(asked) == 1:
			return -1, s.refuse("%s", s.words.oneChoice)
		}
		return -1, s.refuse(s.words.noSuchChoice, line, len(asked))
	}
	match := s.matching(at, asked, line)
	switch len(match) {
	case 1:
		return match[0], nil
	case 0:
		s.unclear(line)
		return -1, s.refuse(s.words.notUnderstood, short(line))
	}
	s.unclear(line)
	return -1, s.refuse(s.words.severalMatch, short(line))
}

// matching lists the choices whose words are the line, or else begin with it.
func (s *session) matching(at int, asked []walk.Way, line string) []int {
	place := s.o.Compiled.Places[at]
	var equal, begin []int
	for i, way := range asked {
		text, typed := plain(label(place, way.Choice)), plain(line)
		switch {
		case text == typed:
			equal = append(equal, i)
		case len([]rune(typed)) >= 3 && strings.HasPrefix(text, typed):
			begin = append(begin, i)
		}
	}
	if len(equal) > 0 {
		return equal
	}
	return begin
}

// plain is a text without what people leave out when they type it.
func plain(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Trim(text, `"“”«».!?`+"'")), " "))
}

// short is a text cut to what fits into a sentence.
func short(text string) string {
	if runes := []rune(clean(text)); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return clean(text)
}

func (s *session) back() error {
	if !s.walk.CanGoBack() {
		return s.refuse("%s", s.words.noBack)
	}
	s.apply(walk.Event{Kind: walk.WentBack, Step: s.walk.Before()})
	s.reply = nil
	return nil
}

// unclear keeps a line that was no command, in case it is a note.
func (s *session) unclear(line string) {
	if s.note != "" {
		line = s.note + "\n" + line
	}
	if len(line) <= maxLine {
		s.note = line
	}
}

// keepNote keeps a note; without words, the lines that were no commands.
func (s *session) keepNote(at int, text string) error {
	if text == "" {
		text = s.note
	}
	if text == "" {
		return s.refuse("%s", s.words.noteEmpty)
	}
	if s.apply(walk.Event{Kind: walk.Noted, Step: at, Text: text}) {
		s.notice(s.words.noteKept, clock(s.o.Now()))
		s.note = ""
	}
	return nil
}

func (s *session) tick(at int, which string) error {
	items := tickItems(s.o.Compiled.Places[at].Step)
	if len(items) == 0 {
		return s.refuse("%s", s.words.noTicks)
	}
	n, err := strconv.Atoi(which)
	if which == "" && len(items) == 1 {
		n, err = 1, nil
	}
	if err != nil || n < 1 || n > len(items) {
		return s.refuse(s.words.noSuchTick, len(items))
	}
	undo := s.walk.IsTicked(at, n-1)
	if !s.apply(walk.Event{Kind: walk.Ticked, Step: at, Item: n - 1, Undone: undo}) {
		return nil
	}
	if undo {
		s.notice(s.words.unticked, s.itemText(at, n-1))
	} else {
		s.notice(s.words.ticked, s.itemText(at, n-1))
	}
	return nil
}

func (s *session) itemText(at, n int) string {
	items := tickItems(s.o.Compiled.Places[at].Step)
	if n >= len(items) || len(items[n].Blocks) == 0 {
		return fmt.Sprint(n + 1)
	}
	return syntax.PlainText(items[n].Blocks[0].Inlines)
}

// call logs a call: whom, by number or name, and how it went.
func (s *session) call(at int, rest string) error {
	list := callees(s.o.Compiled.Places[at].Step)
	who, how, _ := strings.Cut(rest, " ")
	if len(list) == 0 && who == "" {
		return s.refuse("%s", s.words.noCalls)
	}
	if len(list) == 1 && (who == "" || isResult(who)) {
		who, how = "1", who
	}
	if who == "" {
		var names []string
		for i, role := range list {
			names = append(names, fmt.Sprintf("%d %s", i+1, s.words.role(role)))
		}
		line, ok, err := s.ask(fmt.Sprintf(s.words.whichCall, strings.Join(names, ", ")))
		if err != nil || !ok || line == "" {
			return err
		}
		who = line
	}
	role, found := s.callee(list, who)
	if !found {
		s.unclear(rest)
		return s.refuse(s.words.notUnderstood, short(who))
	}
	result, err := s.result(strings.TrimSpace(how))
	if err != nil {
		return err
	}
	if s.apply(walk.Event{Kind: walk.Called, Step: at, Role: role, Result: result}) {
		s.notice(s.words.callLogged, s.words.role(role), clock(s.o.Now()), s.resultWords(result))
	}
	return nil
}

// callee finds whom a word means: a number in the list, a role's name or words.
func (s *session) callee(list []string, who string) (role string, found bool) {
	if n, err := strconv.Atoi(who); err == nil {
		if n >= 1 && n <= len(list) {
			return list[n-1], true
		}
		return "", false
	}
	for _, role := range append(slices.Clone(list), sortedKeys(s.words.roles)...) {
		if strings.EqualFold(role, who) || strings.EqualFold(s.words.role(role), who) {
			return role, true
		}
	}
	return "", false
}

var resultKeys = []string{"r", "n", "m"}

func isResult(s string) bool { return slices.Contains(resultKeys, s) }

// result reads how a call went, and asks when it was not said.
func (s *session) result(how string) (walk.Result, error) {
	if how == "" {
		line, ok, err := s.ask(s.words.howCall)
		if err != nil || !ok {
			return walk.Opened, err
		}
		how = line
	}
	switch how {
	case "r", "1":
		return walk.Reached, nil
	case "n", "2":
		return walk.NoAnswer, nil
	case "m", "3":
		return walk.LeftMessage, nil
	}
	if how != "" {
		s.unclear(how)
	}
	return walk.Opened, nil
}

func (s *session) resultWords(r walk.Result) string {
	return s.words.callResults[slices.Index([]walk.Result{walk.Reached, walk.NoAnswer, walk.LeftMessage, walk.Opened}, r)]
}

// big shows the words to say alone on the screen, in short lines.
func (s *session) big(at int) error {
	all := sentences(s.o.Compiled.Places[at].Step.Section(syntax.Say))
	if len(all) == 0 {
		return s.refuse("%s", s.words.noSay)
	}
	if s.o.Terminal {
		s.print("\x1b[H\x1b[2J")
	}
	room := min(s.o.Width-4, 32)
	indent := strings.Repeat(" ", (s.o.Width-room)/2)
	for _, sentence := range all {
		s.print("\n\n")
		for _, line := range wrap(sentence, room) {
			s.lines([]string{indent + s.style(bold, line), ""})
		}
	}
	s.apply(walk.Event{Kind: walk.Said, Step: at})
	return s.pause(at)
}

// pause lets what was shown stand until Return, on a terminal; then the step is
// shown again.
func (s *session) pause(at int) error {
	if _, _, replay := s.input.answering(); replay || !s.o.Terminal {
		return nil
	}
	line, ok, err := s.ask(s.words.pressReturn)
	if err != nil || !ok {
		return err
	}
	s.show(at)
	if line != "" { // somebody was ahead of the prompt
		s.input.unread(line)
	}
	return nil
}
