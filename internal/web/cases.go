package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// casesShown is how many cases one list shows.
const casesShown = 50

func showIncidents(ctx context.Context, a *ask) error {
	if _, err := a.library(); err != nil {
		return err
	}
	list, err := a.app().Cases(ctx, a.who, "", casesShown)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	p := page.Incidents{Frame: f, Filter: caseFilter(a)}
	if p.Filter.Branches, err = a.branchChoices(ctx, "All branches"); err != nil {
		return err
	}
	for _, c := range list {
		p.Filter.Types = addOption(p.Filter.Types, c.Title)
		row := page.CaseRow{
			Number: caseNumber(string(c.ID)), Title: c.Title, Branch: names[c.Branch], State: caseState(c), Started: c.Began.In(h.zone), Href: "/i/" + string(c.ID),
		}
		if keepsCase(p.Filter, c) {
			p.Cases = append(p.Cases, row)
		}
	}
	return a.show(http.StatusOK, p)
}

func caseFilter(a *ask) page.CaseFilter {
	return page.CaseFilter{
		State: a.query("state"), Branch: a.query("branch"), Type: a.query("type"),
		States: []page.Option{{Words: "All"}, {Value: "live", Words: "Live"}, {Value: "open", Words: "Report open"}, {Value: "closed", Words: "Closed"}},
		Types:  []page.Option{{Words: "All guides"}},
	}
}

func addOption(list []page.Option, title string) []page.Option {
	for _, o := range list {
		if o.Value == title {
			return list
		}
	}
	return append(list, page.Option{Value: title, Words: title})
}

func keepsCase(f page.CaseFilter, c app.CaseLine) bool {
	state := map[page.CaseState]string{page.CaseLive: "live", page.CaseOpen: "open", page.CaseClosed: "closed"}[caseState(c)]
	return (f.State == "" || f.State == state) && (f.Branch == "" || f.Branch == string(c.Branch)) && (f.Type == "" || f.Type == c.Title)
}

func caseState(c app.CaseLine) page.CaseState {
	switch {
	case c.Sealed:
		return page.CaseSealed
	case c.Running:
		return page.CaseLive
	case c.Closed:
		return page.CaseClosed
	}
	return page.CaseOpen
}

// caseNumber is how people call a case: the end of its id, which is drawn at random.
func caseNumber(id string) string {
	if len(id) < 8 {
		return id
	}
	return "N-" + id[len(id)-8:]
}

// showDeadlines shows what is due. Cases have no due dates yet, so nothing is.
func showDeadlines(ctx context.Context, a *ask) error {
	if _, err := a.app().Cases(ctx, a.who, "", 1); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.Deadlines{Frame: f})
}

// reader opens a case by one act of package app.
type reader func(ctx context.Context, a *ask) (app.WalkView, error)

// read is for whoever reads the record, followed for whoever follows the walk, known
// for either of them, and written for whoever may write to counsel about it.
func read(ctx context.Context, a *ask) (app.WalkView, error) {
	return withCase(ctx, a, a.app().ReadCase)
}

func followed(ctx context.Context, a *ask) (app.WalkView, error) {
	return withCase(ctx, a, a.app().ReadWalk)
}

func known(ctx context.Context, a *ask) (app.WalkView, error) {
	view, err := read(ctx, a)
	if err == nil {
		return view, nil
	}
	if walk, also := followed(ctx, a); also == nil {
		return walk, nil
	}
	return view, err
}

// withCase reads the case of the path and opens it. Who is at no library has no case.
func withCase[ID ~string](ctx context.Context, a *ask, open func(context.Context, app.Who, ID, string) (app.WalkView, error)) (app.WalkView, error) {
	return withCaseIn(ctx, a, open, "")
}

func withCaseIn[ID ~string](ctx context.Context, a *ask, open func(context.Context, app.Who, ID, string) (app.WalkView, error), lang string) (app.WalkView, error) {
	id, err := people.ParseID[ID](a.id("case"))
	if err != nil || a.who.Library == "" {
		return app.WalkView{}, fault.Missing().Because(err)
	}
	return open(ctx, a.who, id, lang)
}

// showCase leads whoever has the walk in hand to where it stands, and shows all others
// the summary of the case.
func showCase(ctx context.Context, a *ask) error {
	if of, err := followed(ctx, a); err == nil && of.InHand {
		return a.goOn(ctx, of, "", "")
	}
	return a.showCaseWith(ctx, known, "")
}

// showCaseSoon shows the summary in place of a part of a case that has no page yet.
func showCaseSoon(open reader, what string) handler {
	return func(ctx context.Context, a *ask) error {
		return a.showCaseWith(ctx, open, what+" comes with a later version of Roundtable. This is the case so far.")
	}
}

func (a *ask) showCaseWith(ctx context.Context, open reader, notice string) error {
	view, err := open(ctx, a)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	if notice != "" {
		f.Notices = append(f.Notices, page.Notice{Text: notice})
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	outside, err := a.app().Outside(ctx, a.who, view.Case)
	if _, err = mayFollow(err); err != nil {
		return err
	}
	alerts, may, err := a.caseAlerts(ctx, view)
	if err != nil {
		return err
	}
	start := view.Walk.Start()
	p := page.Case{
		Frame: f, Number: caseNumber(string(view.Case)), Title: view.Sheet.Title, Where: names[view.Branch], State: page.CaseOpen,
		Started: start.Received.In(h.zone), Log: caseHistory(view, outside, alerts, h.zone), LogHref: "/i/" + string(view.Case) + "/log",
		MayAlerts: may, Alerts: alertsAt(alerts, h.zone), Readers: readersInWords(view.Readers),
	}
	if view.Running {
		p.State, p.Live = page.CaseLive, "/i/"+string(view.Case)+"/live"
	}
	if view.Sealed {
		p.State = page.CaseSealed
	}
	p.Log = p.Log[:min(logShown, len(p.Log))]
	if view.MayCounsel {
		p.Counsel = "/i/" + string(view.Case) + "/counsel"
	}
	if n := len(view.Walk.Photos()); n > 0 {
		p.Facts = append(p.Facts, page.Fact{Name: "Photos", Value: strconv.Itoa(n), Link: page.Link{Words: "See them", Href: "/i/" + string(view.Case) + "/files"}})
	}
	if step, ok := view.Walk.Step(); ok && step < len(view.Sheet.Steps) {
		p.Facts = append(p.Facts, page.Fact{Name: "Step", Value: strconv.Itoa(step+1) + ". " + view.Sheet.Steps[step].Heading})
	}
	return a.show(http.StatusOK, p)
}

// readersInWords says who may open a case's record.
func readersInWords(r app.Readers) (list []string) {
	for _, role := range r.Roles {
		list = append(list, sentenceCase(notify.RoleWords(role, notify.English)))
	}
	for _, role := range r.Tasked {
		if role == people.Desk {
			list = append(list, "Whoever is asked to work on it")
		} else {
			list = append(list, sentenceCase(notify.RoleWords(role, notify.English))+", if asked to work on it")
		}
	}
	if r.Authors {
		list = append(list, "Whoever wrote it")
	}
	return list
}

// logShown is how many lines of its log the summary of a case shows.
const logShown = 5

func showCaseLog(ctx context.Context, a *ask) error { return a.showLogWith(ctx, "") }

// showCasePDF shows the log to be printed from the browser: a PDF comes later.
func showCasePDF(ctx context.Context, a *ask) error {
	return a.showLogWith(ctx, "The PDF comes with a later version of Roundtable. You can print this page.")
}

func (a *ask) showLogWith(ctx context.Context, notice string) error {
	view, err := read(ctx, a)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	if notice != "" {
		f.Notices = append(f.Notices, page.Notice{Text: notice})
	}
	back := "/i/" + string(view.Case)
	p := page.CaseLog{Frame: f, Print: notice != "", Number: caseNumber(string(view.Case)), Title: view.Sheet.Title, Back: back, Oldest: a.query("order") == "oldest"}
	p.Turn = back + "/log?order=oldest"
	if p.Oldest {
		p.Turn = back + "/log"
	}
	outside, err := a.app().Outside(ctx, a.who, view.Case)
	if err != nil {
		return err
	}
	alerts, _, err := a.caseAlerts(ctx, view)
	if err != nil {
		return err
	}
	if p.Lines = caseHistory(view, outside, alerts, h.zone); p.Oldest {
		slices.Reverse(p.Lines)
	}
	return a.show(http.StatusOK, p)
}

// idLike reads an id of the kind of the one given. What is no id is as one that
// never was.
func idLike[ID ~string](_ ID, text string) (ID, error) {
	id, err := people.ParseID[ID](text)
	if err != nil {
		return "", fault.Missing().Because(err)
	}
	return id, nil
}
