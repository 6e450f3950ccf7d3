package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// liveLogShown is how many lines of its log the live page of a case shows: the whole
// of it is a page of its own.
const liveLogShown = 100

// factsShown is how many answers stand above the live page.
const factsShown = 4

// quickLines are the lines that are sent by one press.
var quickLines = []string{"You are doing well. Keep going.", "I am calling you now.", "If they insist, step aside. Do not block them."}

// listen says how a page hears of changes. The mark is taken before anything of the
// page is read, so that nothing is missed in between.
func (a *ask) listen(query url.Values) page.Listen {
	if query == nil {
		query = url.Values{}
	}
	query.Set("after", a.app().Live().Mark())
	return page.Listen{Events: "/events?" + query.Encode(), Here: a.r.URL.Path, At: a.site.Now()}
}

func showLive(ctx context.Context, a *ask) error {
	p, err := a.livePage(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// livePage makes the live page of the case of the path.
func (a *ask) livePage(ctx context.Context) (p page.LiveCase, err error) {
	id, err := a.caseID()
	if err != nil {
		return p, err
	}
	p.Listen = a.listen(url.Values{"case": {string(id)}})
	p.Here = "/i/" + string(id) + "/live"
	of, err := a.app().ReadWalk(ctx, a.who, id, "")
	if err != nil {
		return p, err
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return p, err
	}
	zone, err := a.caseZone(ctx, of.Branch)
	if err != nil {
		return p, err
	}
	p.At = p.At.In(zone)
	if err := a.fillLive(ctx, &p, of, zone); err != nil {
		return p, err
	}
	p.Form.Event, err = a.newEvent()
	return p, err
}

// caseZone is the time zone of the branch where a case is, whatever the branch is at
// which whoever looks works now.
func (a *ask) caseZone(ctx context.Context, branch people.BranchID) (*time.Location, error) {
	b, err := a.app().Branch(ctx, a.who, a.who.Library, branch)
	if unlessHidden(err) != nil {
		return nil, err
	}
	return a.branchZone(ctx, b)
}

func (a *ask) caseID() (store.CaseID, error) {
	id, err := people.ParseID[store.CaseID](a.id("case"))
	if err != nil || a.who.Library == "" {
		return "", fault.Missing().Because(err)
	}
	return id, nil
}

func (a *ask) fillLive(ctx context.Context, p *page.LiveCase, of app.WalkView, zone *time.Location) error {
	start := of.Walk.Start()
	p.Number, p.Title, p.Started, p.Post = caseNumber(string(of.Case)), of.Sheet.Title, start.Received.In(zone), "/i/"+string(of.Case)
	p.Heard = heard(of.Walk).In(zone)
	b, err := a.app().Branch(ctx, a.who, a.who.Library, of.Branch)
	if unlessHidden(err) != nil {
		return err
	}
	p.Where, p.Call = b.Name, page.Phone(b.Phone)
	if err := a.fillWalk(ctx, p, of, zone); err != nil {
		return err
	}
	outside, err := a.app().Outside(ctx, a.who, of.Case)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(outside.Lines) {
		p.Lines = append(p.Lines, sentLine(l, "en", zone))
	}
	if c := outside.Charge; c != nil {
		p.Charge = &page.Charge{Who: orSomebody(c.Name), Role: roleInWords(c.Role, "en"), At: c.At.In(zone), You: c.Mine}
	}
	p.MayLine, p.MayCharge = outside.MayLine, outside.MayCharge
	if p.MayLine {
		p.Quick = quickLines
	}
	if of.MayCounsel {
		p.Counsel = p.Post + "/counsel"
	}
	return a.fillAlerts(ctx, p, of, outside, zone)
}

// fillWalk fills in what the walk says.
func (a *ask) fillWalk(ctx context.Context, p *page.LiveCase, of app.WalkView, zone *time.Location) error {
	v, err := a.stepView(ctx, of)
	if err != nil {
		return err
	}
	p.Facts = answers(of)
	at, walking := of.Walk.Step()
	switch {
	case !of.Running:
		p.Ended, p.Outcome = lastOf(of.Walk, walk.Ended).In(zone), outcomeWords(of)
	case walking && !of.Walk.Over():
		p.Mirror = mirror(v.Step(at), of, at)
	default:
		p.Finishing = true
	}
	return nil
}

// heard is when the desk was heard of last: what comes from elsewhere is not from it.
func heard(w *walk.Walk) (at time.Time) {
	for _, e := range w.Entries() {
		if !e.Kind.IsOutside() && e.Received.After(at) {
			at = e.Received
		}
	}
	return at
}

// lastOf is when something of a kind happened last.
func lastOf(w *walk.Walk, kind walk.Kind) (at time.Time) {
	for _, e := range w.Entries() {
		if e.Kind == kind && !e.Late {
			at = e.Received
		}
	}
	return at
}

func outcomeWords(of app.WalkView) string {
	outcome, ok := of.Walk.Outcome()
	switch {
	case !ok:
		return ""
	case outcome == walk.Left:
		return "it was stopped before its end"
	}
	return strings.ReplaceAll(of.Walk.Plan().Program.Outcomes[outcome], "_", " ")
}

// answers are the latest answers on the way that the walk has come, with the step at
// which each was given. What it went back from is not among them.
func answers(of app.WalkView) (list []page.Fact) {
	type answer struct {
		fact  page.Fact
		asked bool
	}
	var way []answer
	for _, e := range of.Walk.Entries() {
		switch {
		case e.Late:
		case e.Kind == walk.Chose && e.Step < len(of.Sheet.Steps):
			asked := e.Choice >= 0 && len(of.Sheet.Steps[e.Step].Choices) > 1
			way = append(way, answer{page.Fact{Name: of.Sheet.Steps[e.Step].Heading, Value: choiceWords(of, e.Event)}, asked})
		case e.Kind == walk.WentBack && len(way) > 0:
			way = way[:len(way)-1]
		}
	}
	for _, w := range way {
		if w.asked {
			list = append(list, w.fact)
		}
	}
	return list[max(0, len(list)-factsShown):]
}

// mirror is the step that the desk has before its eyes, to be read only.
func mirror(step page.Step, of app.WalkView, at int) *page.Mirror {
	m := &page.Mirror{Heading: step.Card.Heading, Progress: step.Card.Words.Progress(step.Number, step.More), Href: "/i/" + string(of.Case) + "/step/" + count(at+1)}
	if of.Sheet.Lang != "en" {
		m.Lang, m.Dir = of.Sheet.Lang, stepview.Direction(of.Sheet.Lang)
	}
	for _, s := range step.Card.Main() {
		m.Sayings = append(m.Sayings, s.Words)
	}
	for _, w := range step.Card.Ways {
		if w.Off == nil {
			m.Ways = append(m.Ways, w.Words)
		}
	}
	return m
}

// sentLine is a line to the desk, for a page in a language.
func sentLine(l app.DeskLine, lang string, zone *time.Location) page.SentLine {
	line := page.SentLine{ID: string(l.ID), Text: l.Text, Who: withRole(l.Name, l.Role, lang), At: l.At.In(zone)}
	if !l.Seen.IsZero() {
		line.Seen = l.Seen.In(zone)
	}
	return line
}

// postLine sends a line to the desk.
func postLine(ctx context.Context, a *ask) error {
	id, err := a.caseID()
	if err != nil {
		return err
	}
	var form page.LineForm
	err = a.read(&form)
	if err == nil {
		text := form.Quick
		if text == "" {
			text = form.Line
		}
		var event walk.EventID
		if _, bad := people.ParseID[string](form.Event); bad == nil {
			event = walk.EventID(derived(form.Event, "line "+text))
		}
		err = a.app().SendLine(ctx, a.who, id, event, text)
	}
	return a.settle(err, &form.Form, func() (page.Page, error) {
		p, err := a.livePage(ctx)
		form.Event = p.Form.Event
		p.Form = form
		return p, err
	}, "/i/"+string(id)+"/live#line")
}

func postCharge(ctx context.Context, a *ask) error {
	id, err := a.caseID()
	if err != nil {
		return err
	}
	err = a.app().TakeCharge(ctx, a.who, id)
	var form page.Form
	return a.settle(err, &form, func() (page.Page, error) {
		p, err := a.livePage(ctx)
		p.Form.Form = form
		return p, err
	}, "/i/"+string(id)+"/live")
}

// seeLine is the desk's button, and its script, once a line is before its eyes.
func seeLine(ctx context.Context, t *turn) (string, error) {
	lines := t.values["line"]
	if len(lines) == 0 || len(lines) > linesShown {
		return "", &refusal{outcome: notForm}
	}
	for _, line := range lines {
		if _, err := people.ParseID[string](line); err != nil {
			return "", &refusal{notForm, err}
		}
		err := t.a.app().SeeLine(ctx, t.a.who, t.of.Case, walk.EventID(line))
		if err != nil {
			return "", err
		}
	}
	return "", nil
}

// mayFollow reports whether whoever looked was let in.
func mayFollow(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	return false, unlessHidden(err)
}
