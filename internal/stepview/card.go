package stepview

import (
	"slices"
	"strings"
	"time"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

// builder makes the card of one step.
type builder struct {
	program *automaton.Program
	sheet   *words.Sheet
	at      int
	step    *words.Step
	place   Place
	view    *View // nil for a fragment
	names   roleNames
	say     page.Words
	placed  map[string]bool // fields that stand in the card already
	off     bool            // the card is off the record: it has no fields and nobody to call
}

func newBuilder(p *automaton.Program, sheet *words.Sheet, at int, place Place) *builder {
	return &builder{
		program: p, sheet: sheet, at: at, step: &sheet.Steps[at], place: place,
		names: rolesIn(sheet.Lang), say: page.WordsIn(sheet.Lang), placed: map[string]bool{},
	}
}

// card is everything but the choices.
func (b *builder) card() page.StepCard {
	c := page.StepCard{
		Number: b.at + 1, Words: b.say, Heading: b.step.Heading, Practice: b.program.Record == automaton.NoRecord && b.view != nil,
		First: b.program.Steps[b.at].First, Swap: b.program.Steps[b.at].Swap,
	}
	if b.step.Lang != "" {
		c.Lang, c.Dir = b.step.Lang, Direction(b.step.Lang)
	}
	if b.at == 0 {
		c.Scene = plainText(b.sheet.Scene)
	}
	c.Text = b.text(b.step.Text)
	b.sections(&c)
	if b.off {
		return c
	}
	c.Timers = b.timers()
	c.Callees = b.callees()
	c.Bases, c.Sheets = b.behind()
	if b.view != nil {
		shorten(c.Sheets)
	}
	return c
}

// maxSheet is the longest handout that stands in a step's own page, in bytes: a longer
// one would keep the page from fitting the first round trip, and is opened by itself.
// What a device keeps has them all.
const maxSheet = 2500

func shorten(sheets []page.Sheet) {
	for i := range sheets {
		if length(sheets[i].Text) > maxSheet {
			sheets[i].Text = nil
		}
	}
}

func length(t page.Text) (n int) {
	for _, b := range t {
		n += len(b.Head) + length(b.Quote)
		for _, s := range b.Spans {
			n += len(s.Words)
		}
		for _, item := range b.Items {
			n += length(item.Text)
		}
	}
	return n
}

func (b *builder) sections(c *page.StepCard) {
	for _, s := range b.step.Sections {
		switch s.Kind {
		case "They say":
			c.They, c.Speeches = s.Name, speeches(s.Blocks)
		case "Say":
			c.SayName = s.Name
			for i, sentence := range sentences(s.Blocks) {
				c.Sayings = append(c.Sayings, page.Saying{Number: i + 1, Words: sentence, Said: b.view != nil && b.view.Walk.WasSaid(b.at, i)})
			}
		case "Do":
			c.Do = page.Section{Name: s.Name, Text: b.text(s.Blocks)}
		case "Do not":
			c.DoNot = page.Section{Name: s.Name, Text: b.text(s.Blocks)}
		case "Look for":
			c.Look = page.Section{Name: s.Name, Text: b.text(s.Blocks)}
		case "Ask yourself":
			c.Ask = page.Section{Name: s.Name, Text: b.text(s.Blocks)}
		case "Why":
			c.Why = page.Section{Name: s.Name, Text: b.text(s.Blocks)}
		}
	}
}

// timers are the countdowns of the step. They run from when the walk came to it.
func (b *builder) timers() (list []page.Countdown) {
	for _, seconds := range b.program.Steps[b.at].Timers {
		t := page.Countdown{Seconds: seconds, Length: duration(seconds, b.sheet.Lang)}
		if b.view != nil {
			if came, ok := b.view.cameTo(b.at); ok {
				t.Until = came.Add(time.Duration(seconds) * time.Second).In(b.view.Zone)
				t.Over = !b.view.Now.Before(t.Until)
				t.Left = sprintf(b.say.Until, t.Length, b.say.Clock(t.Until))
			}
		}
		list = append(list, t)
	}
	return list
}

// cameTo is when the walk came to a step at which it stands.
func (v View) cameTo(at int) (came time.Time, ok bool) {
	if standing, walking := v.Walk.Step(); !walking || standing != at {
		return came, false
	}
	for _, e := range slices.Backward(v.Walk.Entries()) {
		if e.ID == v.Walk.Head() {
			return received(e.Event), true
		}
	}
	return came, false
}

// callees lists whom the step calls or alerts, each once: those to whom an alert was
// ordered and not sent come first.
func (b *builder) callees() (list []page.Callee) {
	has := func(role string) bool {
		return slices.ContainsFunc(list, func(c page.Callee) bool { return c.Role == role })
	}
	for _, l := range links(b.step) {
		if l.link.Kind != "call" && l.link.Kind != "notify" || has(l.link.Name) {
			continue
		}
		c := page.Callee{Role: l.link.Name, Who: b.names.of(l.link.Name), Lines: b.place.contacts(l.link.Name)}
		if b.view != nil {
			b.view.called(&c, b.at, b.say)
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(x, y page.Callee) int { return order(y.Alerted) - order(x.Alerted) })
	return list
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

// called fills in what the walk has of somebody: an alert of this step, the last call.
func (v View) called(c *page.Callee, at int, say page.Words) {
	c.Alerted = slices.ContainsFunc(v.Walk.Alerts(), func(a walk.Alert) bool { return a.Role == c.Role && a.Step == at })
	for _, e := range slices.Backward(v.Walk.Entries()) {
		if e.Kind == walk.Called && e.Role == c.Role {
			c.Result = map[walk.Result]string{walk.Opened: say.Opened, walk.Reached: say.Reached, walk.NoAnswer: say.NoAnswer, walk.LeftMessage: say.LeftMessage}[e.Result]
			c.At = received(e.Event).In(v.Zone)
			return
		}
	}
}

// contacts are the numbers of a role or line, in the order of calling.
func (p Place) contacts(role string) (list []page.Contact) {
	for _, l := range p.Lines {
		if l.Role == role {
			list = append(list, page.Contact{Name: l.Label, Phone: page.Phone(l.Number)})
		}
	}
	return list
}

// linked is a link with the words that it stands in.
type linked struct {
	link  *words.Link
	words string
}

// links lists the links of a step in the order of reading.
func links(s *words.Step) (list []linked) {
	s.Each(func(b words.Block) {
		for i := range b.Spans {
			if l := b.Spans[i].Link; l != nil {
				list = append(list, linked{l, b.Spans[i].Text})
			}
		}
	})
	return list
}

// Calls reports whether a step calls somebody, or alerts them.
func Calls(s *words.Step, role string) bool {
	return slices.ContainsFunc(links(s), func(l linked) bool {
		return (l.link.Kind == "call" || l.link.Kind == "notify") && l.link.Name == role
	})
}

// sentences lists what a section gives to say: each paragraph, or line of one that
// has several.
func sentences(blocks []words.Block) (list []string) {
	for _, b := range blocks {
		line := ""
		for _, s := range b.Spans {
			if s.Break {
				list = appendText(list, line)
				line = ""
				continue
			}
			line += s.Text
		}
		list = appendText(list, line)
		list = append(list, sentences(b.Quote)...)
		for _, item := range b.Items {
			list = append(list, sentences(item.Blocks)...)
		}
	}
	return list
}

func appendText(list []string, text string) []string {
	if text = strings.TrimSpace(text); text != "" {
		list = append(list, text)
	}
	return list
}

// speeches is what others say: who it is stands in bold before it.
func speeches(blocks []words.Block) (list []page.Speech) {
	for _, b := range blocks {
		if len(b.Quote) > 0 {
			list = append(list, speeches(b.Quote)...)
			continue
		}
		s := page.Speech{}
		if len(b.Spans) > 0 && b.Spans[0].Strong {
			s.Who = strings.TrimRight(b.Spans[0].Text, ".:")
			b.Spans = b.Spans[1:]
		}
		s.Text = plainText([]words.Block{b})
		list = append(list, s)
	}
	return list
}
