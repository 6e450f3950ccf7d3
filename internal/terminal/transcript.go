package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"roundtable/internal/walk"
	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// A transcript tells what is in the walk's events and nothing else. Of a walk
// that was left it tells neither when nor why: whoever went off the record and
// whoever just stopped leave the same bytes.

// transcriptVersion is the version of the transcript's JSON form.
const transcriptVersion = 1

// writeTranscript writes the transcript in the form that was asked for.
func (s *session) writeTranscript() error {
	if _, over := s.walk.Outcome(); !over {
		s.print("\n")
		s.lines(s.styled(bold, wrap(s.words.leftTitle, s.o.Width)))
	}
	if s.err != nil {
		return s.err
	}
	var err error
	if s.o.Form == JSON {
		err = s.jsonTranscript(s.o.Transcript)
	} else {
		_, err = io.WriteString(s.o.Transcript, s.markdownTranscript())
	}
	if err != nil {
		return fmt.Errorf("write the transcript: %w", err)
	}
	return nil
}

// moment is one event in words.
type moment struct {
	At      time.Time
	What    walk.Kind
	Step    string // id
	Heading string
	Words   string
}

func (s *session) moments() []moment {
	var list []moment
	for _, e := range s.walk.Entries() {
		if e.Kind == walk.Started || e.Kind == walk.Ended {
			continue
		}
		place := s.o.Compiled.Places[e.Step]
		list = append(list, moment{At: e.At, What: e.Kind, Step: place.ID, Heading: s.heading(e.Step), Words: s.tell(e.Event)})
	}
	return list
}

func (s *session) heading(at int) string {
	return syntax.PlainText(s.o.Compiled.Places[at].Step.Heading)
}

// tell says an event in words.
func (s *session) tell(e walk.Event) string {
	w := s.words
	switch e.Kind {
	case walk.Entered:
		return fmt.Sprintf(w.wasShown, s.heading(e.Step))
	case walk.Ticked:
		if e.Undone {
			return fmt.Sprintf(w.wasUnticked, s.itemText(e.Step, e.Item))
		}
		return fmt.Sprintf(w.wasTicked, s.itemText(e.Step, e.Item))
	case walk.Recorded:
		if e.Value == "" {
			return fmt.Sprintf(w.wasEmptied, s.fieldWords(e.Field))
		}
		return fmt.Sprintf(w.wasRecorded, s.fieldWords(e.Field), s.valueAt(e.Step, e.Field, e.Value))
	case walk.Called:
		return fmt.Sprintf(w.wasCalled, w.role(e.Role), s.resultWords(e.Result))
	case walk.Said:
		all := sentences(s.o.Compiled.Places[e.Step].Step.Section(syntax.Say))
		if e.Item < len(all) {
			return fmt.Sprintf(w.wasShown, "“"+all[e.Item]+"”")
		}
	case walk.Noted:
		return fmt.Sprintf(w.noted, clean(e.Text))
	case walk.Chose:
		if e.Choice == walk.Onward {
			return w.wentOn
		}
		return fmt.Sprintf(w.chose, label(s.o.Compiled.Places[e.Step], e.Choice))
	case walk.WentBack:
		return fmt.Sprintf(w.wentBack, s.heading(e.Step))
	}
	return string(e.Kind)
}

func (s *session) valueAt(at int, field, value string) string {
	for _, f := range s.fieldsOf(at) {
		if f.Name == field {
			return s.value(f, value)
		}
	}
	return clean(value)
}

// markdownTranscript writes the transcript for people.
func (s *session) markdownTranscript() string {
	var b strings.Builder
	w, start := s.words, s.walk.Start()
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("\n# %s\n", escapeMarkdown(titleOf(s.o.Compiled.File)))
	local := start.At.In(s.o.Now().Location())
	line("- %s: %s, %s", w.started, w.day(local), local.Format("15:04 MST"))
	line("- %s: %s", w.outcome, escapeMarkdown(s.outcomeWords()))
	line("- %s: %s", w.record, w.records[string(s.walk.Record())])
	line("- %s: `%s` (%s, %s)", w.playbook, start.Playbook, s.words.lang, s.o.Compiled.File.Name)
	line("- %s: %d, `%s`", w.program, automaton.Version, start.Program)
	if s.o.Version != "" {
		line("- %s: %s", w.version, s.o.Version)
	}
	for _, fact := range sortedKeys(start.Given) {
		line("- %s: `%s = %s`", w.settings, fact, start.Given[fact])
	}
	line("\n## %s\n", w.happened)
	for _, m := range s.moments() {
		line("- %s %s", m.At.In(local.Location()).Format("15:04:05"), escapeMarkdown(m.Words))
	}
	if cells := s.walk.Cells(); len(cells) > 0 {
		line("\n## %s\n", w.writtenDown)
		for _, c := range cells {
			line("- %s: %s", escapeMarkdown(s.fieldWords(c.Field)), escapeMarkdown(s.cellValue(c)))
		}
	}
	line("\n## %s\n", w.happensNext)
	for _, text := range s.closing() {
		item, nested := strings.CutPrefix(text, bullet)
		if nested {
			line("  - %s", escapeMarkdown(item))
			continue
		}
		line("- %s", escapeMarkdown(text))
	}
	return b.String()
}

func (s *session) cellValue(c walk.Cell) string {
	for _, e := range s.walk.Entries() {
		if e.ID == c.By {
			return s.valueAt(e.Step, c.Field, c.Value)
		}
	}
	return clean(c.Value)
}

// outcomeWords says how the walk ended.
func (s *session) outcomeWords() string {
	if outcome, over := s.walk.Outcome(); over && outcome != walk.Left {
		return name(s.program.Outcomes[outcome])
	}
	return fmt.Sprintf(s.words.stoppedHere, s.heading(s.lastStep()))
}

// escapeMarkdown keeps what people typed from being read as Markdown.
func escapeMarkdown(text string) string {
	return markdownEscaper.Replace(clean(text))
}

var markdownEscaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "#", `\#`, "|", `\|`, "&", `\&`, "!", `\!`)

// transcript is the JSON form. Every key is always there.
type transcript struct {
	Transcript int               `json:"transcript"`
	Playbook   transcriptBook    `json:"playbook"`
	Program    transcriptProgram `json:"program"`
	Roundtable string            `json:"roundtable"`
	Given      map[string]string `json:"given"`
	Record     automaton.Record  `json:"record"`
	Started    time.Time         `json:"started"`
	Outcome    *string           `json:"outcome"` // null when the walk was left
	Last       string            `json:"last"`    // the step at which it stood last
	Owner      string            `json:"owner"`
	Opens      string            `json:"opens"`
	Log        []transcriptLine  `json:"log"`
	Fields     []transcriptField `json:"fields"`
	Undone     []string          `json:"undone"`
	Events     []walk.Event      `json:"events"`
}

type transcriptBook struct {
	ID    string `json:"id"`
	Lang  string `json:"lang"`
	Title string `json:"title"`
	File  string `json:"file"`
}

type transcriptProgram struct {
	Version int    `json:"version"`
	Hash    string `json:"hash"`
}

type transcriptLine struct {
	At      time.Time `json:"at"`
	What    walk.Kind `json:"what"`
	Step    string    `json:"step"`
	Heading string    `json:"heading"`
	Words   string    `json:"words"`
}

type transcriptField struct {
	Field string `json:"field"`
	Label string `json:"label"`
	Value string `json:"value"` // in words
}

// jsonTranscript writes the transcript for programs: the events, from which the
// walk can be folded again, and beside them what they mean.
func (s *session) jsonTranscript(w io.Writer) error {
	start := s.walk.Start()
	out := transcript{
		Transcript: transcriptVersion,
		Playbook:   transcriptBook{start.Playbook, start.Lang, titleOf(s.o.Compiled.File), s.o.Compiled.File.Name},
		Program:    transcriptProgram{automaton.Version, start.Program},
		Roundtable: s.o.Version, Given: map[string]string{}, Record: s.walk.Record(), Started: start.At,
		Last: s.o.Compiled.Places[s.lastStep()].ID,
		Log:  []transcriptLine{}, Fields: []transcriptField{}, Undone: append([]string{}, s.walk.Undone(s.o.Required)...),
	}
	maps.Copy(out.Given, start.Given)
	if end, ok := s.walk.End(); ok {
		outcome, _ := s.walk.Outcome()
		out.Outcome, out.Owner, out.Opens = &s.program.Outcomes[outcome], end.Owner, end.Opens
	}
	for _, m := range s.moments() {
		out.Log = append(out.Log, transcriptLine(m))
	}
	for _, c := range s.walk.Cells() {
		out.Fields = append(out.Fields, transcriptField{c.Field, s.fieldWords(c.Field), s.cellValue(c)})
	}
	for _, e := range s.walk.Entries() {
		out.Events = append(out.Events, e.Event)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
