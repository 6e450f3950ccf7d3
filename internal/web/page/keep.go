package page

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"roundtable/internal/web/static"
)

// What a device keeps so that it can walk without a network: pages with nothing of a
// case in them, which script fills in (static/js/desk.js and offline.js).

// OfflineDesk is the desk while there is no connection, /offline.
type OfflineDesk struct {
	Frame
	Danger Danger
}

// OfflineWalk is a walk on a device that keeps what it needs, /offline/walk. Its
// style stands in the page.
type OfflineWalk struct {
	Frame
	Words Words
	Says  KeptWords
	Aside Recorder // both of its screens
}

// Fragments is every step of a playbook in one language, as a device keeps them. It
// is no page: script takes each part where a walk comes to it.
type Fragments struct {
	Lang, Dir, Title string
	Cards            []StepCard
	Ends             []KeptEnd
}

// KeptEnd is a choice that ends a walk.
type KeptEnd struct {
	Step    int // from 1
	Choice  int // from 0
	Outcome string
	Owner   string // who has it then, in words; "" says nothing
	Lines   []Contact
}

// RenderFragments writes the document that a device keeps. Each card is made by the
// template by which its page shows it. The same fragments give the same bytes.
func RenderFragments(w io.Writer, p Fragments) error {
	e := template.HTMLEscapeString
	head := fmt.Sprintf("<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head><meta charset=\"utf-8\"><title>%s</title></head>\n<body>\n", e(p.Lang), e(p.Dir), e(p.Title))
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	for _, card := range p.Cards {
		if err := templates.ExecuteTemplate(w, "card", card); err != nil {
			return fmt.Errorf("render step %d: %w", card.Number, err)
		}
	}
	words := WordsIn(p.Lang)
	for _, end := range p.Ends {
		owner := words.EndNobody
		if end.Owner != "" {
			owner = words.With(words.EndOwner, end.Owner)
		}
		text := fmt.Sprintf("<section data-end=\"%d/%d\"><p>%s</p><p>%s</p>\n<ul>", end.Step, end.Choice, e(words.With(words.EndOutcome, end.Outcome)), e(owner))
		for _, l := range end.Lines {
			text += fmt.Sprintf("<li>%s <a class=\"nowrap\" href=\"tel:%s\"><bdi class=\"num\">%s</bdi></a></li>", e(l.Name), e(l.Phone.Dial()), e(l.Phone.Words()))
		}
		if _, err := io.WriteString(w, text+"</ul></section>\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "</body>\n</html>\n")
	return err
}

func (p OfflineDesk) about() about {
	return about{template: "offline-desk", thing: "No connection", kind: inline, module: static.Desk}
}

func (p OfflineWalk) about() about {
	return about{template: "offline-walk", thing: "Walk", kind: inline, module: static.Offline, live: true}
}

// KeptWords is what script says on a walk's page, in one language. %s and %n stand
// for what script fills in.
type KeptWords struct {
	Saving, SavedHere, Unsent, Again string
	NotHere, NotHereLead, Desk       string
	Joined, MovedOn, Handed          string
	TimeLeft, LastMinute             string
	OffFinish, AbuseWait             string
	NeedNetwork, NotNumber           string
	NotKept                          string
}

// KeptWordsIn returns the words in a language, or in English where there are none.
func KeptWordsIn(lang string) KeptWords {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "es" {
		return keptSpanish
	}
	return keptEnglish
}

var keptEnglish = KeptWords{
	Saving: "Saving", SavedHere: "Saved on this device", Unsent: "Could not send %n", Again: "Try again",
	NotHere: "There is no walk here", NotHereLead: "It ended, or another device or person has it now.", Desk: "Go to the desk",
	Joined: "Another screen went on first. Here is where the walk is now. What you did here is kept.", MovedOn: "Here: chose “%s”.",
	Handed:   "Another device or person has this walk now. What you typed here is kept.",
	TimeLeft: "About %n minutes left", LastMinute: "Less than a minute left",
	OffFinish:   "It is saved on this device, and sent when there is a connection.",
	AbuseWait:   "When there is a connection, this page asks whether to keep what was written. Leave it open, or come back to it.",
	NeedNetwork: "There is no connection now. Try this again when there is one.",
	NotNumber:   "This is not a number. Write digits, such as 12.",
	NotKept:     "This could not be saved on this device. Write it on paper, and call.",
}

var keptSpanish = KeptWords{
	Saving: "Guardando", SavedHere: "Guardado en este aparato", Unsent: "No se pudo enviar: %n", Again: "Intentar otra vez",
	NotHere: "Aquí no hay ningún recorrido", NotHereLead: "Terminó, o ahora lo tiene otro aparato u otra persona.", Desk: "Ir al mostrador",
	Joined: "Otra pantalla siguió antes. Aquí está el recorrido ahora. Lo que hizo aquí queda guardado.", MovedOn: "Aquí: se eligió «%s».",
	Handed:   "Ahora este recorrido lo tiene otro aparato u otra persona. Lo que escribió aquí queda guardado.",
	TimeLeft: "Quedan unos %n minutos", LastMinute: "Queda menos de un minuto",
	OffFinish:   "Está guardado en este aparato y se envía cuando haya conexión.",
	AbuseWait:   "Cuando haya conexión, esta página pregunta si se guarda lo escrito. Déjela abierta o vuelva a ella.",
	NeedNetwork: "Ahora no hay conexión. Inténtelo cuando la haya.",
	NotNumber:   "Esto no es un número. Escriba cifras, por ejemplo 12.",
	NotKept:     "Esto no se pudo guardar en este aparato. Escríbalo en papel y llame.",
}
