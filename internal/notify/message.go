package notify

import (
	"errors"
	"net/url"
	"strings"
)

// Lang is a language by its code: "en".
type Lang string

// The languages that messages and words are there in.
const (
	English Lang = "en"
	Spanish Lang = "es"
)

// Langs lists the languages.
var Langs = []Lang{English, Spanish}

// known returns the language itself, or English where there are no words in it.
func (l Lang) known() Lang {
	if l == Spanish {
		return Spanish
	}
	return English
}

// Purpose says why an alert was ordered, as far as a message tells it.
type Purpose string

// The purposes.
const (
	Need  Purpose = "need"  // the desk needs somebody
	Test  Purpose = "test"  // a test call: somebody tries whether messages arrive
	Drill Purpose = "drill" // the yearly drill
)

// Purposes lists every purpose.
var Purposes = []Purpose{Need, Test, Drill}

// DrillDue reports whether a year has gone by since the last drill; a library
// that never had one has it due.
func DrillDue(last, today Date) bool {
	if last.IsZero() {
		return true
	}
	year := Date{last.Year + 1, last.Month, last.Day}
	return !today.Before(year)
}

// Message is what is sent. Compose alone makes one, so that there is no way to
// put words into it.
type Message struct {
	title, text, link string
	lang              Lang
}

// The only texts that are ever sent.
var sentences = map[Lang]map[Purpose]string{
	English: {
		Need:  "Roundtable: the desk needs you.",
		Test:  "Roundtable: this is a test. Open it to say that it reached you.",
		Drill: "Roundtable: this is a drill. Open it as you would open an alert.",
	},
	Spanish: {
		Need:  "Roundtable: le necesitan en el mostrador.",
		Test:  "Roundtable: esto es una prueba. Abra el enlace para decir que le llegó.",
		Drill: "Roundtable: esto es un simulacro. Abra el enlace como abriría un aviso.",
	},
}

// maxLink bounds a link, so that it fits into a text message.
const maxLink = 200

var errLink = errors.New("an alert's link is the address of this installation, a path and an id, and nothing else")

// Compose makes the message of an alert. base is the address that people use for
// this installation, as set-up asked for it; the link leads to /alert/ and the
// alert's id below it.
func Compose(lang Lang, purpose Purpose, base string, alert AlertID) (Message, error) {
	text, ok := sentences[lang.known()][purpose]
	if !ok {
		return Message{}, errors.New("this is no purpose of an alert")
	}
	u, err := url.Parse(base)
	if err != nil || !isID(string(alert)) || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" ||
		u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(base, "#") || u.Opaque != "" {
		return Message{}, errLink
	}
	link := strings.TrimSuffix(u.String(), "/") + "/alert/" + string(alert)
	if len(link) > maxLink {
		return Message{}, errLink
	}
	return Message{title: text, text: text + "\n" + link, link: link, lang: lang.known()}, nil
}

// Title is the sentence alone: the subject of an e-mail.
func (m Message) Title() string { return m.title }

// Text is the sentence and, on a line of its own, the link.
func (m Message) Text() string { return m.text }

// Link is where the message leads.
func (m Message) Link() string { return m.link }

// Lang is the language of the message.
func (m Message) Lang() Lang { return m.lang }

// IsZero reports whether m is no message.
func (m Message) IsZero() bool { return m == Message{} }
