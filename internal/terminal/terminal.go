// Package terminal walks a playbook in a terminal: one step a screen, numbers
// to choose, letters for the rest, and at the end what happens next and a
// transcript of the walk. It works on a pipe as well, without colours and
// without clearing anything.
//
// It opens no files and has no clock; both come in. What a walk is, and what
// must never be written down, is the affair of package walk: this package shows
// it and turns typed lines into its events.
package terminal

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// Text is a policy's clause, a law or a handout in words, shown with where it
// comes from.
type Text struct {
	Title  string
	Lines  []string // paragraphs
	Source string   // the source, when it was checked and how sure we are, in a sentence
}

// Form is the form of a transcript.
type Form string

// The forms of a transcript.
const (
	Markdown Form = "markdown"
	JSON     Form = "json"
)

// Options for Walk. In, Out, Compiled and Now are needed.
type Options struct {
	In       io.Reader
	Out      io.Writer
	Compiled *resolve.Compiled
	Now      func() time.Time

	// Text gives the words behind a policy, law or handout link; nil, or false,
	// where nobody has them.
	Text func(link *syntax.Link) (Text, bool)

	// Given holds what is known of the place. A given fact that is not in it has
	// the last value of its domain, the cautious one.
	Given map[string]string

	// Required names the fields that the playbook's rules want at every end; they
	// are told at the end when they are empty.
	Required []string

	// Answers are taken before anything is read from In; see ParseAnswers.
	Answers []string

	Width    int  // columns; 80 when 0
	Terminal bool // Out is a terminal: the screen is cleared for each step
	Color    bool

	// Transcript gets the transcript when the walk is over; nil for Out.
	Transcript io.Writer
	Form       Form   // Markdown when empty
	Version    string // of Roundtable, as the transcript tells it
}

// AnswerError says which of the answers does not fit the walk.
type AnswerError struct {
	N      int    // from 1
	Answer string // as it was given
	Reason string // in the playbook's language
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("answer %d, %q, does not fit: %s", e.N, e.Answer, e.Reason)
}

// Walk leads through the playbook until it ends, or until the person stops, the
// input ends or ctx is done, which is a walk that was left. Then it writes the
// transcript. It returns an *AnswerError when an answer does not fit, and the
// error of a writer or reader that fails; it writes no transcript after an
// answer that does not fit.
//
// The goroutine that reads In ends when its next read does, which for a
// terminal may be after Walk has returned.
func Walk(ctx context.Context, o Options) error {
	s, err := newSession(ctx, o)
	if err != nil {
		return err
	}
	defer s.input.stop()
	if err := s.run(); err != nil {
		return err
	}
	return s.writeTranscript()
}

// session is one walk in a terminal.
type session struct {
	o         Options
	words     *words
	input     *input
	walk      *walk.Walk
	program   *automaton.Program
	rehearsal bool
	more      []int // by step: how many steps there are at least until an end

	ids     int
	note    string   // typed lines that were no commands, kept in case they are notes
	notices []string // said above the next prompt
	reply   []string // a rehearsal's feedback, above the next step
	started map[int]time.Time
	err     error // of a write
}

func newSession(ctx context.Context, o Options) (*session, error) {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = min(max(o.Width, 24), 92)
	if o.Transcript == nil {
		o.Transcript = o.Out
	}
	if o.Text == nil {
		o.Text = func(*syntax.Link) (Text, bool) { return Text{}, false }
	}
	c := o.Compiled
	plan, err := walk.NewPlan(c.Program)
	if err != nil {
		return nil, err
	}
	if err := knownFacts(c.Program, o.Given); err != nil {
		return nil, err
	}
	given, err := plan.Settings(o.Given)
	if err != nil {
		return nil, err
	}
	s := &session{o: o, words: wordsIn(c.File.Front.Lang.Text), program: c.Program, rehearsal: isRehearsal(c), more: stepsLeft(c.Program), started: map[int]time.Time{}}
	s.walk, err = plan.Begin(s.stamp(walk.Event{Kind: walk.Started, Playbook: c.File.Front.ID.Text, Program: plan.Hash, Lang: c.File.Front.Lang.Text, Given: given}))
	if err != nil {
		return nil, err
	}
	s.input = newInput(ctx, o.In, o.Answers)
	return s, nil
}

// knownFacts refuses a setting that the playbook does not have.
func knownFacts(p *automaton.Program, given map[string]string) error {
	var names []string
	for _, f := range p.Facts {
		if f.Kind == automaton.Given {
			names = append(names, f.Name)
		}
	}
	for _, name := range sortedKeys(given) {
		if slices.Contains(names, name) {
			continue
		}
		if len(names) == 0 {
			return fmt.Errorf("the playbook has no given facts, so %q cannot be set", name)
		}
		return fmt.Errorf("the playbook has no given fact %q; it has %s", name, strings.Join(names, ", "))
	}
	return nil
}

// isRehearsal reports whether somebody answers back in the file. A translation
// does not repeat its original's kind.
func isRehearsal(c *resolve.Compiled) bool {
	if c.File.Front.Kind == syntax.Rehearsal {
		return true
	}
	return c.Program.Record == automaton.NoRecord && slices.ContainsFunc(c.File.Steps, func(s *syntax.Step) bool {
		return s.Section(syntax.TheySay) != nil
	})
}

// stepsLeft counts for each step how many steps follow at least until an end,
// whatever the facts; -1 where no end can be reached.
func stepsLeft(p *automaton.Program) []int {
	left := make([]int, len(p.Steps))
	into := make([][]int, len(p.Steps))
	var layer []int
	for i := range p.Steps {
		left[i] = -1
		for _, c := range p.Steps[i].Choices {
			switch {
			case c.Unsent:
			case c.End < 0:
				into[c.To] = append(into[c.To], i)
			case left[i] < 0:
				left[i] = 0
				layer = append(layer, i)
			}
		}
	}
	for len(layer) > 0 {
		var next []int
		for _, to := range layer {
			for _, from := range into[to] {
				if left[from] < 0 {
					left[from] = left[to] + 1
					next = append(next, from)
				}
			}
		}
		layer = next
	}
	return left
}

// run shows a step and does what is typed, until the walk is over.
func (s *session) run() error {
	shown := -1
	var head walk.EventID
	for {
		at, walking := s.walk.Step()
		if !walking {
			done, err := s.end()
			if done || err != nil {
				return err
			}
			shown = -1
			continue
		}
		if shown != at || head != s.walk.Head() {
			shown, head = at, s.walk.Head()
			s.apply(walk.Event{Kind: walk.Entered, Step: at})
			s.show(at)
		}
		s.say()
		line, ok, err := s.ask(s.words.prompt)
		if err != nil || !ok {
			return err
		}
		stop, err := s.do(at, line)
		if stop || err != nil {
			return err
		}
		if s.err != nil {
			return s.err
		}
	}
}

// stamp gives an event its id, its time and, for a move, what it follows.
func (s *session) stamp(e walk.Event) walk.Event {
	s.ids++
	e.ID, e.At = walk.EventID(fmt.Sprint(s.ids)), s.o.Now().UTC().Truncate(time.Millisecond)
	if e.Kind.IsMove() {
		e.Follows = s.walk.Head()
	}
	return e
}

// apply adds an event to the walk. What the walk refuses is told to the person.
func (s *session) apply(e walk.Event) bool {
	if err := s.walk.Apply(s.stamp(e)); err != nil {
		s.notice("%s", err)
		return false
	}
	return true
}

// notice keeps a sentence to be said above the next prompt.
func (s *session) notice(format string, args ...any) {
	s.notices = append(s.notices, fmt.Sprintf(format, args...))
}

// say prints the notices.
func (s *session) say() {
	for _, n := range s.notices {
		s.lines(wrap(n, s.o.Width))
	}
	s.notices = nil
}

func (s *session) lines(lines []string) {
	for _, line := range lines {
		s.print(strings.TrimRight(line, " ") + "\n")
	}
}

func (s *session) print(text string) {
	if _, err := io.WriteString(s.o.Out, text); err != nil && s.err == nil {
		s.err = err
	}
}

// ask prints a prompt and reads the next line. Where the person's typing is not
// on the screen by itself, the line is repeated, so that the output can be read.
func (s *session) ask(prompt string) (line string, ok bool, err error) {
	s.print(prompt + " > ")
	line, echo, ok, err := s.input.next()
	switch {
	case !ok:
		s.print("\n")
	case echo || !s.o.Terminal:
		s.print(clean(line) + "\n")
	}
	if err == nil {
		err = s.err
	}
	return strings.TrimSpace(line), ok, err
}

// bold and the like mark text where colours are on.
func (s *session) style(code, text string) string {
	if !s.o.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold    = "1"
	dim     = "2"
	say     = "33" // the words to say, and only these
	goOn    = "32"
	warning = "31"
)

func (s *session) styled(code string, lines []string) []string {
	for i := range lines {
		lines[i] = s.style(code, lines[i])
	}
	return lines
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
