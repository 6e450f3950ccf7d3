package stepview

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// text is the text of a step, with its fields in place and its ticks.
func (b *builder) text(blocks []words.Block) page.Text {
	var out page.Text
	for _, block := range blocks {
		one := page.Block{Spans: b.spans(block.Spans), Quote: b.text(block.Quote), Ordered: block.Ordered, Fields: b.fields(block.Spans)}
		for _, item := range block.Items {
			one.Items = append(one.Items, page.Item{
				Tick: item.Tick, Ticked: item.Tick > 0 && b.view != nil && b.view.Walk.IsTicked(b.at, item.Tick-1), Text: b.text(item.Blocks),
			})
		}
		out = append(out, one)
	}
	return out
}

// plainText is text that leads nowhere.
func plainText(blocks []words.Block) page.Text {
	b := builder{off: true}
	return b.text(blocks)
}

func (b *builder) spans(list []words.Span) (out []page.Span) {
	for _, s := range list {
		span := page.Span{Words: s.Text, Strong: s.Strong, Emph: s.Emph, Break: s.Break}
		if s.Link != nil {
			span.Href, span.Outside = b.href(s.Link)
		}
		out = append(out, span)
	}
	return out
}

// href is where a link leads within the page. A page off the record leads nowhere.
func (b *builder) href(l *words.Link) (href string, outside bool) {
	if l.Kind == "web" {
		return l.Name, true
	}
	if b.off {
		return "", false
	}
	switch l.Kind {
	case "call", "notify":
		return "#call-" + l.Name, false
	case "record":
		return "#f-" + l.Name, false
	case "policy", "law", "handout":
		if id, ok := b.place.Shelf.find(l, b.place, b.sheet.Lang); ok {
			return "#" + id, false
		}
	}
	return "", false
}

// fields are the fields whose links stand in the running text, each where it stands
// first in the step.
func (b *builder) fields(list []words.Span) (out []page.Written) {
	if b.off {
		return nil
	}
	for _, s := range list {
		if s.Link == nil || s.Link.Kind != "record" || b.placed[s.Link.Name] {
			continue
		}
		b.placed[s.Link.Name] = true
		out = append(out, b.field(s.Link, s.Text))
	}
	return out
}

func (b *builder) field(l *words.Link, label string) page.Written {
	w := page.Written{Name: l.Name, Label: label, Type: l.Type, Deadline: l.Deadline}
	if w.Type == "" {
		w.Type = "text"
	}
	for i, o := range l.Options {
		w.Options = append(w.Options, page.Option{Value: strconv.Itoa(i), Words: o})
	}
	if b.view != nil {
		for _, c := range b.view.Walk.Cells() {
			if c.Field != l.Name {
				continue
			}
			if shown, ok := b.view.photoLink(walk.EventID(c.Value)); ok && w.Type == "photo" {
				w.Photos = append(w.Photos, shown)
			} else {
				w.Rows = append(w.Rows, page.WrittenRow{Row: c.Row, Value: c.Value, Words: FieldWords(l, c.Value), By: string(c.By)})
			}
		}
	}
	switch {
	case w.Type == "photo":
	case HasRows(w.Type):
		w.Rows = append(w.Rows, page.WrittenRow{Row: NewRow, New: true})
	case len(w.Rows) == 0:
		w.Rows = []page.WrittenRow{{}}
	case len(w.Rows) > 1:
		w.Rows = w.Rows[:1]
	}
	return w
}

// NewRow stands for a row that is not there yet in the name of an input. Whoever
// takes it gives it an id.
const NewRow = "new"

// HasRows reports whether fields of a type have several rows.
func HasRows(kind string) bool { return kind == "inventory" || kind == "photo" }

// FieldWords writes a field's value for people.
func FieldWords(l *words.Link, value string) string {
	if l.Type == "choice" {
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < len(l.Options) {
			return l.Options[n]
		}
	}
	return value
}

// FieldProblem says in words why a value cannot stand in a field, or "".
func FieldProblem(f *automaton.Field, value, lang string) string {
	if value == "" || walk.FieldProblem(f, value) == "" {
		return ""
	}
	return fieldProblems[base(lang) == "es"][f.Type]
}

var fieldProblems = map[bool]map[string]string{
	false: {"number": "This is not a number. Write digits, such as 12.", "date": "This is not a date. Write it as 2026-03-04.", "time": "This is not a time. Write it as 19:30.", "choice": "This is none of the options. Choose one."},
	true:  {"number": "Esto no es un número. Escriba cifras, por ejemplo 12.", "date": "Esto no es una fecha. Escríbala así: 2026-03-04.", "time": "Esto no es una hora. Escríbala así: 19:30.", "choice": "Esto no es ninguna de las opciones. Elija una."},
}

// Unmoved says that a choice was not taken, since something typed cannot be kept.
func Unmoved(lang string) string {
	if base(lang) == "es" {
		return "No se siguió adelante. Cambie primero lo que está marcado."
	}
	return "The walk did not move. Change first what is marked."
}

// Unclosed says that a walk was not closed, since something typed cannot be kept.
func Unclosed(lang string) string {
	if base(lang) == "es" {
		return "El caso no se cerró. Cambie primero lo que está marcado."
	}
	return "The case was not closed. Change first what is marked."
}

func base(lang string) string {
	b, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return b
}

// duration writes a countdown's length.
func duration(seconds int, lang string) string {
	minutes := (seconds + 59) / 60
	switch {
	case seconds < 60 && base(lang) == "es":
		return sprintf("%d segundos", seconds)
	case seconds < 60:
		return sprintf("%d seconds", seconds)
	case base(lang) == "es" && minutes == 1:
		return "1 minuto"
	case base(lang) == "es":
		return sprintf("%d minutos", minutes)
	case minutes == 1:
		return "1 minute"
	}
	return sprintf("%d minutes", minutes)
}

// roleNames are roles and lines as people are spoken of.
type roleNames map[string]string

func rolesIn(lang string) roleNames {
	if base(lang) == "es" {
		return spanishRoles
	}
	return englishRoles
}

func (n roleNames) of(role string) string {
	if name, ok := n[role]; ok {
		return name
	}
	return strings.ReplaceAll(role, "_", " ")
}

var englishRoles = roleNames{
	"desk": "the desk", "in_charge": "the person in charge", "supervisor": "the person in charge", "director": "the director",
	"counsel": "the lawyer", "safety_lead": "the safety lead", "trainer": "the trainer", "room_officer": "who looks after the rooms",
	"auditor": "the auditor", "board": "the board", "admin": "the administrator", "emergency": "911", "police": "the police line on our list",
	"child_line": "the line to report child abuse", "adult_line": "the line to report abuse of an adult", "local_help": "the local help line",
}

var spanishRoles = roleNames{
	"desk": "el mostrador", "in_charge": "la persona a cargo", "supervisor": "la persona a cargo", "director": "la dirección",
	"counsel": "la abogada o el abogado", "safety_lead": "quien cuida la seguridad", "trainer": "quien forma al personal", "room_officer": "quien cuida las salas",
	"auditor": "la auditoría", "board": "la junta", "admin": "la administración", "emergency": "911", "police": "la línea de policía de nuestra lista",
	"child_line": "la línea para avisar de maltrato infantil", "adult_line": "la línea para avisar de maltrato de adultos", "local_help": "la línea de ayuda local",
}

// stepsLeft is how many steps there are at least after each step until an end; -1
// where only ends off the record can be reached.
func stepsLeft(p *automaton.Program) []int {
	left := slices.Repeat([]int{-1}, len(p.Steps))
	into := make([][]int, len(p.Steps))
	var layer []int
	for i := range p.Steps {
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
