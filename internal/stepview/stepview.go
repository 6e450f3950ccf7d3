package stepview

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

// Line is a number of the phone list.
type Line struct {
	Role   string // a role or an outside line
	Label  string
	Number string
}

// Place is what steps show of the library where they are shown.
type Place struct {
	Law   string // its state or territory, as law data names it; "" is not known
	Lines []Line // of the branch and then of all branches, in the order of calling
	Site  string // the address of public pages, as "https://desk.library.example"; "" draws no QR codes
	Shelf *Shelf
}

// View is a walk as somebody looks at it.
type View struct {
	Place
	Walk  *walk.Walk
	Sheet *words.Sheet
	Href  string // of the case: "/i/0147"
	Now   time.Time
	Zone  *time.Location
	// Query is added to addresses of the walk's own pages, as "?lang=es"; "" adds
	// nothing.
	Query string
}

// Fragment is a step without any walk. Only what the words say, and the place, is in
// it.
func Fragment(p *automaton.Program, sheet *words.Sheet, at int, place Place) page.StepCard {
	b := newBuilder(p, sheet, at, place)
	c := b.card()
	c.Fragment = true
	c.Aside = walk.Observes(p)
	c.Watch = c.Aside && watches(p, at)
	c.More = max(0, stepsLeft(p)[at])
	c.Ways = b.fragmentWays()
	return c
}

// Card is a step with what the walk has done in it. It is open for being pressed
// where the walk stands at it.
func (v View) Card(at int) page.StepCard {
	b := newBuilder(v.Walk.Plan().Program, v.Sheet, at, v.Place)
	b.view = &v
	c := b.card()
	standing, walking := v.Walk.Step()
	if walking && standing == at && !v.Walk.Over() {
		c.Open, c.Post = true, v.Href
		c.Aside = v.Walk.MayObserve(at)
		c.Watch = c.Aside && watches(v.Walk.Plan().Program, at)
		c.Ways = b.ways()
	} else {
		c.Ways = b.shownWays()
	}
	c.Say = v.SayHref(at) + sep(v.Query) + "words="
	return c
}

func sep(query string) string {
	if query == "" {
		return "?"
	}
	return "&"
}

// StepHref is the address of a step, by number from 0.
func (v View) StepHref(at int) string { return v.Href + "/step/" + strconv.Itoa(at+1) + v.Query }

// SayHref is the address of a step's words shown alone.
func (v View) SayHref(at int) string { return v.Href + "/say/" + strconv.Itoa(at+1) + v.Query }

// PhotosHref is the address of the walk's photos, and PhotoHref that of one.
func (v View) PhotosHref() string { return v.Href + "/files" + v.Query }

// PhotoHref is the address of a photo.
func (v View) PhotoHref(id walk.EventID) string {
	return v.Href + "/files/" + url.PathEscape(string(id))
}

// photoLink leads to a photo, with its number and when it was taken.
func (v View) photoLink(id walk.EventID) (page.Link, bool) {
	photos := v.Walk.Photos()
	i := slices.IndexFunc(photos, func(e walk.Event) bool { return e.ID == id })
	if i < 0 {
		return page.Link{}, false
	}
	w := page.WordsIn(v.Sheet.Lang)
	words := fmt.Sprintf(w.PhotoN, i+1) + ", " + w.Clock(received(photos[i]).In(v.Zone))
	if photos[i].Text != "" {
		words += ": " + photos[i].Text
	}
	return page.Link{Words: words, Href: v.PhotoHref(id)}, true
}

// FieldLabel is what a step calls a field, or "".
func (v View) FieldLabel(at int, field string) string {
	for _, l := range links(&v.Sheet.Steps[at]) {
		if l.link.Kind == "record" && l.link.Name == field {
			return l.words
		}
	}
	return ""
}

// Here is the address of where the walk stands.
func (v View) Here() string {
	if at, walking := v.Walk.Step(); walking {
		return v.StepHref(at)
	}
	return v.Href + "/end" + v.Query
}

// Step is the page of a step. What it is framed by, and what was typed, comes on top.
func (v View) Step(at int) page.Step {
	p := page.Step{Title: v.Sheet.Title, Card: v.Card(at), Number: v.number(), Follows: string(v.Walk.Head()), Alerts: v.alerts()}
	p.More = max(0, stepsLeft(v.Walk.Plan().Program)[at])
	p.Status = v.status()
	p.Reply = v.reply()
	if n := len(v.Walk.Photos()); n > 0 {
		p.Photos = &page.Link{Words: page.WordsIn(v.Sheet.Lang).Photos(n), Href: v.PhotosHref()}
	}
	if p.Card.Open {
		p.HandOver = v.Href + "/hand-over" + v.Query
		p.Help = v.help(p.Card.Callees)
		if v.Walk.CanGoBack() {
			p.MayBack, p.Back = true, v.Sheet.Steps[v.Walk.Before()].Heading
		}
		return p
	}
	p.Elsewhere = &page.WalkPlace{Href: v.Here()}
	if standing, walking := v.Walk.Step(); walking {
		p.Elsewhere.Heading = v.Sheet.Steps[standing].Heading
	}
	return p
}

// help is whom a desk calls when the step names nobody: whoever is in charge, else the
// director.
func (v View) help(callees []page.Callee) *page.Callee {
	for _, role := range []string{"in_charge", "director"} {
		c := page.Callee{Role: role, Who: rolesIn(v.Sheet.Lang).of(role), Lines: v.contacts(role)}
		if len(callees) == 0 && c.Phone() != "" {
			return &c
		}
	}
	return nil
}

// number is how many steps the walk has come.
func (v View) number() int {
	n := 0
	for _, e := range v.Walk.Entries() {
		switch {
		case e.Late:
		case e.Kind == walk.Started, e.Kind == walk.Chose:
			n++
		case e.Kind == walk.WentBack:
			n--
		}
	}
	return n
}

// status says since when everything is kept: the last event's time.
func (v View) status() page.Status {
	entries := v.Walk.Entries()
	return page.Status{State: page.Saved, At: received(entries[len(entries)-1].Event).In(v.Zone)}
}

func received(e walk.Event) time.Time {
	if e.Received.IsZero() {
		return e.At
	}
	return e.Received
}

// alerts names to whom the walk has ordered alerts, each once. None is sent yet in
// this version, and the page says so.
func (v View) alerts() (list []string) {
	names := rolesIn(v.Sheet.Lang)
	for _, a := range v.Walk.Alerts() {
		if name := names.of(a.Role); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// reply is what the last choice of a rehearsal was worth.
func (v View) reply() string {
	if v.Walk.Plan().Program.Record != automaton.NoRecord {
		return ""
	}
	for _, e := range slices.Backward(v.Walk.Entries()) {
		switch {
		case e.Late:
		case e.Kind == walk.Chose && e.Choice >= 0:
			return v.Sheet.Steps[e.Step].Choices[e.Choice].Feedback
		case e.Kind.IsMove():
			return ""
		}
	}
	return ""
}

// LateWords tells of a move that came too late; device is where it was made, in
// words.
func (v View) LateWords(e walk.Event, device string) string {
	w := page.WordsIn(v.Sheet.Lang)
	if device == "" {
		device = w.Other
	}
	if e.Kind != walk.Chose {
		return fmt.Sprintf(w.LateBack, device)
	}
	return fmt.Sprintf(w.Late, device, v.choiceWords(e))
}

func (v View) choiceWords(e walk.Event) string {
	if e.Step < 0 || e.Step >= len(v.Sheet.Steps) {
		return ""
	}
	choices := v.Sheet.Steps[e.Step].Choices
	switch {
	case e.Choice >= 0 && e.Choice < len(choices):
		return choices[e.Choice].Label
	case len(choices) > 0:
		return page.WordsIn(v.Sheet.Lang).Next
	}
	return ""
}

// Sayings lists the sentences that a step gives to say, in order.
func Sayings(s *words.Step) []string {
	for _, section := range s.Sections {
		if section.Kind == "Say" {
			return sentences(section.Blocks)
		}
	}
	return nil
}

// Said is a sentence of a step alone, by number from 1; ok is false where there is
// none of that number.
func (v View) Said(at, number int) (p page.Said, ok bool) {
	all := Sayings(&v.Sheet.Steps[at])
	if number < 1 || number > len(all) {
		return p, false
	}
	p = page.Said{Words: page.WordsIn(v.Sheet.Lang), Text: all[number-1], Number: number, Count: len(all), Close: v.StepHref(at)}
	if len(all) > 1 {
		p.Next = v.SayHref(at) + sep(v.Query) + "words=" + strconv.Itoa(number%len(all)+1)
	}
	return p, true
}

// Finish is the page of the walk's end, before it is closed.
func (v View) Finish() page.Finish {
	names, w := rolesIn(v.Sheet.Lang), page.WordsIn(v.Sheet.Lang)
	p := page.Finish{Words: w, Title: v.Sheet.Title, Post: v.Href, Follows: string(v.Walk.Head()), Reply: v.reply(), Alerts: v.alerts()}
	p.Status = v.status()
	p.Abuse = v.Walk.Record() == automaton.Abuse
	program := v.Walk.Plan().Program
	if outcome, ok := v.Walk.Outcome(); ok && outcome >= 0 {
		p.Outcome = strings.ReplaceAll(program.Outcomes[outcome], "_", " ")
	}
	if end, ok := v.Walk.End(); ok && end.Owner != "" {
		p.Owner = names.of(end.Owner)
		p.Lines = v.contacts(end.Owner)
	}
	if v.Walk.CanGoBack() {
		p.Back = v.Sheet.Steps[v.Walk.Before()].Heading
	}
	for _, field := range v.Walk.Undone(nil) {
		p.Undone = append(p.Undone, v.fieldLink(field))
	}
	return p
}

// Opens is the playbook that the end opens next; "" for none.
func (v View) Opens() string {
	end, _ := v.Walk.End()
	return end.Opens
}

// fieldLink leads to the step at which a field stands first.
func (v View) fieldLink(field string) page.Link {
	for at := range v.Sheet.Steps {
		for _, l := range links(&v.Sheet.Steps[at]) {
			if l.link.Kind == "record" && l.link.Name == field && v.Walk.Visited(at) {
				return page.Link{Words: l.words, Href: v.StepHref(at)}
			}
		}
	}
	return page.Link{Words: strings.ReplaceAll(field, "_", " "), Href: v.Href + "/end" + v.Query}
}

// Lang makes the query by which a language is asked for: none for the walk's own.
func Lang(lang, own string) string {
	if lang == "" || lang == own {
		return ""
	}
	return "?lang=" + url.QueryEscape(lang)
}

// Direction is the direction of a language's script.
func Direction(lang string) string {
	base, rest, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "ar", "fa", "he", "iw", "ur", "ps", "yi", "ji", "dv", "sd", "ug", "ckb", "syr", "arc", "nqo", "rhg", "prs", "azb", "pnb", "skr":
		if !strings.HasPrefix(rest, "latn") {
			return "rtl"
		}
	}
	if strings.HasPrefix(rest, "arab") || strings.HasPrefix(rest, "hebr") {
		return "rtl"
	}
	return "ltr"
}

// LanguageName is a language's name in itself, or its tag.
func LanguageName(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if name, ok := languageNames[base]; ok {
		return name
	}
	return lang
}

var languageNames = map[string]string{
	"en": "English", "es": "Español", "ar": "العربية", "zh": "中文", "vi": "Tiếng Việt", "fr": "Français", "ht": "Kreyòl ayisyen",
	"ko": "한국어", "ru": "Русский", "pt": "Português", "tl": "Tagalog", "so": "Soomaali", "uk": "Українська", "fa": "فارسی",
	"he": "עברית", "ur": "اردو", "hi": "हिन्दी", "de": "Deutsch", "it": "Italiano", "ja": "日本語", "pl": "Polski", "am": "አማርኛ", "sw": "Kiswahili", "ps": "پښتو",
}
