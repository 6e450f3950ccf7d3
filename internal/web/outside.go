package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/web/page"
)

// linesShown is how many lines from elsewhere the desk sees at once.
const linesShown = 3

// unreadAfter is after how long the desk is told that nobody has read an alert.
const unreadAfter = time.Minute

// showOutside gives what the desk sees of others as a part of a page: script puts it
// in its place. It is the same that stands in the step page.
func showOutside(ctx context.Context, a *ask) error {
	id, err := a.caseID()
	if err != nil {
		return err
	}
	mark := a.app().Live().Mark()
	of, err := a.app().ReadWalk(ctx, a.who, id, a.query("lang"))
	if err != nil {
		return err
	}
	o, _, err := a.outside(ctx, of, mark)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.RenderOutside(&b, o); err != nil {
		return fault.Broken(err)
	}
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.WriteHeader(http.StatusOK)
	_, _ = a.w.Write(b.Bytes()) // who went away needs no answer
	return nil
}

// outside is what the desk sees of others, and the case's alerts, none where whoever
// looks may not know of them.
func (a *ask) outside(ctx context.Context, of app.WalkView, mark string) (o page.Outside, alerts []app.AlertView, err error) {
	lang := of.Sheet.Lang
	o = page.Outside{
		Words: page.WordsIn(lang), Href: "/i/" + string(of.Case) + "/outside", Post: "/i/" + string(of.Case), Open: of.InHand,
		Events: "/events?" + url.Values{"case": {string(of.Case)}, "after": {mark}}.Encode(),
	}
	zone, err := a.caseZone(ctx, of.Branch)
	if err != nil {
		return o, nil, err
	}
	if alerts, _, err = a.caseAlerts(ctx, of); err != nil {
		return o, nil, err
	}
	var told []string
	for _, v := range alerts {
		told = append(told, string(v.Role))
		said, again := spoken(v, o.Words, a.site.Now(), zone)
		o.Alerts = append(o.Alerts, said)
		if again > 0 && (o.Again == 0 || again < o.Again) {
			o.Again = again
		}
	}
	o.Told = strings.Join(told, " ")
	from, err := a.app().Outside(ctx, a.who, of.Case)
	if err != nil {
		return o, nil, err
	}
	if c := from.Charge; c != nil {
		o.Charge = chargeWords(*c, o.Words, zone)
	}
	for _, l := range newestLines(from.Lines) {
		o.Lines = append(o.Lines, sentLine(l, lang, zone))
	}
	return o, alerts, nil
}

// newestLines are the lines that the desk sees: the newest one, and before it those
// that it has not said it has seen.
func newestLines(lines []app.DeskLine) (list []app.DeskLine) {
	for i, l := range slices.Backward(lines) {
		if len(list) < linesShown && (i == len(lines)-1 || l.Seen.IsZero()) {
			list = append(list, l)
		}
	}
	return list
}

func chargeWords(c app.ChargeMark, w page.Words, zone *time.Location) string {
	at := c.At.In(zone).Format("15:04")
	if c.Mine {
		return fmt.Sprintf(w.ChargeYou, at)
	}
	who := withRole(c.Name, c.Role, w.Lang)
	if c.Name != "" && w.Lang == "en" && c.Role != "" {
		who = c.Name + ", your " + roleInWords(c.Role, w.Lang) + ","
	}
	return fmt.Sprintf(w.ChargeTaken, who, at)
}

// spoken says what is known of an alert, for the desk. again is after how many seconds
// it says something else though nothing has happened; 0 is never.
func spoken(v app.AlertView, w page.Words, now time.Time, zone *time.Location) (said page.Spoken, again int) {
	clock := func(at time.Time) string { return at.In(zone).Format("15:04") }
	var facts []string
	add := func(at time.Time, words string) {
		if !at.IsZero() {
			facts = append(facts, fmt.Sprintf(words, clock(at)))
		}
	}
	sent, came, failed := attemptsOf(v)
	add(sent, w.FactSent)
	add(came, w.FactCame)
	if len(v.Reads) > 0 {
		m := v.Reads[0]
		if m.Name == "" {
			add(m.At, w.FactRead)
		} else {
			facts = append(facts, fmt.Sprintf(w.FactReadBy, m.Name, clock(m.At)))
		}
	}
	if v.Over && v.End == notify.CalledOff {
		facts = append(facts, fmt.Sprintf(w.AlertOff, clock(endOf(v))))
	}
	text := strings.Join(facts, ", ")
	if text != "" {
		text += "."
	}
	tail := func(words string) {
		text, said.Act = strings.TrimSpace(text+" "+words), true
	}
	switch {
	case v.Answer != nil:
		text = strings.TrimSpace(text + " " + sentenceCase(onItWords(*v.Answer, w, clock)) + ".")
	case v.Over:
	case v.Resting || v.Unheard:
		tail(w.AlertUnheard)
	case sent.IsZero() && len(v.Attempts) == 0 && nobodyIn(v):
		tail(w.AlertNobody)
	case sent.IsZero() && failed:
		tail(w.AlertFailed)
	case sent.IsZero():
		tail(w.AlertNot)
	case len(v.Reads) == 0 && now.Sub(v.Ordered) >= unreadAfter:
		tail(w.AlertUnread)
	case len(v.Reads) == 0:
		again = int((unreadAfter-now.Sub(v.Ordered))/time.Second) + 1
	}
	role := notify.RoleWords(v.Role, notify.Lang(baseLang(w.Lang)))
	said.Text = strings.Replace(fmt.Sprintf(w.AlertTo, role, text), " a el ", " al ", 1)
	return said, again
}

// attemptsOf is when an alert was first sent and first arrived, and whether all that
// was tried has failed.
func attemptsOf(v app.AlertView) (sent, came time.Time, failed bool) {
	first := func(to *time.Time, at time.Time) {
		if !at.IsZero() && (to.IsZero() || at.Before(*to)) {
			*to = at
		}
	}
	failed = len(v.Attempts) > 0
	for _, at := range v.Attempts {
		first(&sent, at.Sent)
		first(&came, at.Delivered)
		failed = failed && (!at.Refused.IsZero() || !at.Failed.IsZero())
	}
	return sent, came, failed
}

func endOf(v app.AlertView) time.Time {
	for _, e := range slices.Backward(v.Entries) {
		if e.Kind == v.End {
			return e.At
		}
	}
	return v.Ordered
}

func onItWords(m app.AlertMark, w page.Words, clock func(time.Time) string) string {
	who := m.Name
	if who == "" && m.Role != "" {
		who = notify.RoleWords(m.Role, notify.Lang(baseLang(w.Lang)))
	}
	if who == "" {
		return fmt.Sprintf(w.FactOnSome, clock(m.At))
	}
	return fmt.Sprintf(w.FactOn, who, clock(m.At))
}

// withOutside puts what is known of alerts into a step: what was sent is no longer
// told as not sent, neither above the step nor at the number to call.
func (a *ask) withOutside(ctx context.Context, of app.WalkView, mark string, ordered *[]string, callees []page.Callee) (page.Outside, error) {
	o, alerts, err := a.outside(ctx, of, mark)
	if err != nil || len(alerts) == 0 {
		return o, err
	}
	*ordered = nil
	for i := range callees {
		for _, v := range alerts {
			if sent, _, _ := attemptsOf(v); string(v.Role) == callees[i].Role && !sent.IsZero() {
				callees[i].Alerted = false
			}
		}
	}
	return o, nil
}
