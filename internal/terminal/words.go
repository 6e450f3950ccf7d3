package terminal

import (
	"fmt"
	"strings"
	"time"
)

// words is all that this package says to people, in one language. Texts with
// verbs are for fmt.
type words struct {
	lang string

	// A step.
	stepNumber, stepMore1, stepMoreN string // number; number and how many more
	otherWords                       string
	call, fields, timers             string // headings of the lists below a step
	until                            string // a timer's end
	minutes, minute                  string
	alertFirst                       string // role: no alert goes out from a terminal
	whatNow, whatNowOne              string // over the choices
	next                             string // before the only way on
	offRecord                        string // beside such a choice
	whyHint                          string
	deadline, required               string // beside a field
	feedback                         string // title of a rehearsal's answer
	practice                         string
	prompt, promptEnd, promptOff     string
	help                             []string
	helpEnd                          []string

	// What was typed.
	noSuchChoice  string // number, how many
	noChoices     string
	oneChoice     string
	notUnderstood string
	severalMatch  string
	typeTo        string
	noBack        string
	noteEmpty     string
	noteKept      string
	noTicks       string
	noSuchTick    string
	ticked        string
	unticked      string
	noFields      string
	noSuchField   string
	whichField    string
	fieldEmpty    string
	fieldKept     string
	fieldRow      string
	badField      map[string]string
	noCalls       string
	whichCall     string
	howCall       string
	callLogged    string
	callResults   []string // reached, no answer, left message, only dialled
	noWhy         string
	noText        string
	noSay         string
	nothingKept   string // on a page off the record
	offBegins     string
	offBack       string
	ended         string
	pressReturn   string

	// The end and the transcript.
	endTitle, leftTitle              string
	endedWith, leftAt                string
	hasItNow, openNext               string
	practiceGood, practiceOther      string
	undoneTitle                      string
	started, record                  string
	playbook, program, version       string
	settings, happened, writtenDown  string
	happensNext                      string
	outcome, stoppedHere             string
	wasShown, wasTicked, wasUnticked string
	wasRecorded, wasEmptied          string
	wasCalled, chose, wentOn         string
	wentBack, noted                  string

	roles   map[string]string
	records map[string]string
	months  [12]string
	days    [7]string
	date    string // day's name, day, month's name, year
}

// wordsIn gives the words in a language, or in English.
func wordsIn(lang string) *words {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "es" {
		return &spanish
	}
	return &english
}

// role names a role or line for people.
func (w *words) role(name string) string {
	if word, ok := w.roles[name]; ok {
		return word
	}
	return strings.ReplaceAll(name, "_", " ")
}

// name turns any other name of the language into words.
func name(s string) string { return strings.ReplaceAll(s, "_", " ") }

// day writes a date as people say it.
func (w *words) day(t time.Time) string {
	return fmt.Sprintf(w.date, w.days[t.Weekday()], t.Day(), w.months[t.Month()-1], t.Year())
}

// clock writes a time of day.
func clock(t time.Time) string { return t.Format("15:04") }

// duration writes a countdown's length.
func (w *words) duration(seconds int) string {
	switch minutes := (seconds + 59) / 60; {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case minutes == 1:
		return fmt.Sprintf(w.minute, 1)
	default:
		return fmt.Sprintf(w.minutes, minutes)
	}
}
