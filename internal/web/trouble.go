package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/web/page"
)

// outcome is what an answer says when a request was not done.
type outcome struct {
	status int
	wrong  page.Wrong
	words  string // "" are the fault's own
}

// outcomes is the one table from kinds of fault to answers.
var outcomes = map[fault.Kind]outcome{
	fault.Internal: {http.StatusInternalServerError, page.Broken, ""},
	fault.NotFound: {http.StatusNotFound, page.NotHere, ""},
	fault.Invalid:  {http.StatusUnprocessableEntity, page.NotAsked, ""},
	fault.Refused:  {http.StatusForbidden, page.NotYours, ""},
	fault.Conflict: {http.StatusConflict, page.Taken, ""},
	fault.Closed:   {http.StatusGone, page.Ended, ""},
}

// What is wrong with a request before any room has seen it.
var (
	notAsked = outcome{http.StatusForbidden, page.NotAsked,
		"This was not sent from a page of Roundtable, so nothing was done. Open the page again and send it from there."}
	notOurs = outcome{http.StatusUnsupportedMediaType, page.NotAsked,
		"This was sent in a form that Roundtable does not read, so nothing was done. Open the page again and send it from there."}
	notForm = outcome{http.StatusBadRequest, page.NotAsked,
		"What was sent cannot be read, so nothing was done. Open the page again and send it from there."}
	notName = outcome{http.StatusMisdirectedRequest, page.NotHere,
		"Roundtable has another name here. Ask the person who looks after it for the address."}
	notMethod = outcome{http.StatusMethodNotAllowed, page.NotAsked,
		"This address cannot be used that way, so nothing was done. Go back and use the page's own buttons."}
	notSmall = outcome{http.StatusRequestEntityTooLarge, page.TooLarge,
		"What you sent is larger than we can take, so nothing was saved. Go back, make it shorter and send it again."}
	notYet = outcome{http.StatusTooManyRequests, page.TooSoon,
		"There were many tries in a short time, so we count slowly for a while. Nothing is lost."}
	notNow = outcome{http.StatusServiceUnavailable, page.NoService,
		"Roundtable cannot reach where it keeps things. What was shown as saved is safe. What you sent just now was not saved. Use the paper copy, and try again in a minute."}
	notSignedIn = outcome{http.StatusForbidden, page.NotYours,
		"You are not signed in any more, so nothing was saved. Sign in, go back, and send it again."}
	notUnlocked = outcome{http.StatusForbidden, page.NotYours,
		"This session is locked, so nothing was saved yet. Unlock it and send it again."}
)

// refusal is a request that was not taken.
type refusal struct {
	outcome
	cause error
}

// Error tells why, for the log.
func (e *refusal) Error() string {
	text := http.StatusText(e.status)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *refusal) Unwrap() error { return e.cause }

var (
	notHere     = fault.Missing()
	wrongName   = &refusal{outcome: notName}
	wrongMethod = &refusal{outcome: notMethod}
	tooLarge    = &refusal{outcome: notSmall}
	signInWords = &refusal{outcome: notSignedIn}
	lockedWords = &refusal{outcome: notUnlocked}
)

// waiting is a refusal that ends by itself.
type waiting struct {
	refusal
	wait time.Duration
}

func tooSoon(wait time.Duration) error { return &waiting{refusal{outcome: notYet}, wait} }

// moved says that what was asked for is at another address of ours.
type moved struct{ to string }

// Error tells where.
func (e *moved) Error() string { return "moved" }

func elsewhere(to string) error { return &moved{to} }

// outcomeOf returns what to answer.
func outcomeOf(err error) outcome {
	var r *refusal
	var w *waiting
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &w):
		return w.outcome
	case errors.As(err, new(app.TooOften)):
		return outcome{http.StatusTooManyRequests, page.TooSoon, fault.Words(err)}
	case errors.As(err, &r):
		return r.outcome
	case errors.As(err, &large):
		return notSmall
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return notNow
	}
	found := outcomes[fault.KindOf(err)]
	found.words = fault.Words(err)
	return found
}

// fail answers with what went wrong. It is the only place where an error becomes
// an answer; a form that is shown again is one too (form.go).
func (a *ask) fail(err error) {
	if a.w.sent() {
		a.site.Log.Error("answer broken off", "number", a.number, "route", a.routeName(), "err", causeOf(err))
		panic(http.ErrAbortHandler)
	}
	var to *moved
	if errors.As(err, &to) {
		a.w.Header().Set("Location", to.to)
		a.w.WriteHeader(http.StatusPermanentRedirect)
		return
	}
	var first *led
	if errors.As(err, &first) {
		if err = a.to(first.to); err == nil {
			return
		}
	}
	if a.maySignIn(err) {
		if err = a.signInFirst(a.r.Context()); err == nil {
			return
		}
	}
	what := outcomeOf(err)
	a.cause(err, what.status)
	if failed := a.tellTrouble(what, err); failed != nil {
		a.site.Log.Error("error page", "number", a.number, "err", causeOf(failed))
		http.Error(a.w, what.words, what.status)
	}
}

// maySignIn reports whether what was refused to a device may be done by a person
// who signs in at it.
func (a *ask) maySignIn(err error) bool {
	return isSafe(a.r.Method) && a.who.Device != nil && a.who.Person == "" && !a.wantsJSON() &&
		a.route != nil && a.route.stranger == "" && fault.KindOf(err) == fault.Refused && !errors.As(err, new(*refusal))
}

func (a *ask) tellTrouble(what outcome, err error) error {
	wait := waitOf(err)
	if wait > 0 {
		a.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if a.wantsJSON() {
		if errors.Is(err, signInWords) {
			what.status = http.StatusUnauthorized // by which script knows that the session is over
		}
		return a.say(what.status, told{toldWords(what.words, err)})
	}
	p := page.Trouble{Frame: a.plainFrame(), What: what.wrong, Words: what.words, Next: page.Link{Words: "Go to the desk", Href: "/desk"}}
	if a.known() {
		p.Frame, p.Danger = a.frameOrPlain(a.r.Context()), a.danger(a.r.Context())
	}
	switch {
	case what.status >= 500:
		p.Number = a.number
	case errors.Is(err, signInWords):
		p.Next = page.Link{Words: "Sign in", Href: "/signin"}
	case errors.Is(err, lockedWords):
		p.Next = page.Link{Words: "Unlock", Href: "/lock"}
	}
	if errors.As(err, new(*waiting)) { // the words of a room say it themselves
		p.Wait = waitWords(wait)
	}
	return a.show(what.status, p)
}

// told is what script is told when something was not done: whole sentences.
type told struct {
	Message string `json:"message"`
}

// toldWords are the words of a fault, or where it says what has to be changed, just
// that: script has one place to show it.
func toldWords(words string, err error) string {
	var list []string
	for _, f := range fault.FieldsOf(err) {
		list = append(list, f.Message)
	}
	if len(list) == 0 {
		return words
	}
	return strings.Join(list, " ")
}

// waitOf is how long somebody who came too often has to wait, 0 if that is not what
// is wrong.
func waitOf(err error) time.Duration {
	var w *waiting
	var often app.TooOften
	switch {
	case errors.As(err, &w):
		return w.wait
	case errors.As(err, &often):
		return often.Wait
	}
	return 0
}

// waitWords says how long somebody has to wait, so that it is over then.
func waitWords(d time.Duration) string {
	if d > time.Minute {
		return fmt.Sprintf("%d minutes", int(math.Ceil(d.Minutes())))
	}
	if s := int(math.Ceil(d.Seconds())); s > 1 {
		return fmt.Sprintf("%d seconds", s)
	}
	return "1 second"
}
