package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/lookup"
	"roundtable/internal/people"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// deskCards is how many situations the desk shows as cards.
const deskCards = 7

// presenceGuide is the guide for officers who are here and have asked for nothing: it
// stands under the cards and is not one of them.
const presenceGuide = "presence"

// nothingKept is what the desk's address says after a walk of which nothing is kept.
const nothingKept = "gone"

// showHome leads to the desk, or to set-up where there is nothing yet.
func showHome(ctx context.Context, a *ask) error {
	ready, err := a.isSetUp(ctx)
	if err != nil {
		return err
	}
	if !ready {
		return a.to("/setup")
	}
	return a.to("/desk")
}

func showDesk(ctx context.Context, a *ask) error {
	if err := a.enter(access.SeeDesk); err != nil {
		return a.elsewhereFromDesk(err)
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	guides, err := a.guides(ctx)
	if err != nil {
		return err
	}
	notices, err := a.toKnow(ctx)
	if err != nil {
		return err
	}
	f.Notices = append(f.Notices, notices...)
	if a.query("done") == nothingKept {
		f.Notices = append(f.Notices, page.Notice{Text: "That is done. Nothing of it is kept, and this desk does not show it any more."})
	}
	p := page.Desk{Frame: f, Danger: a.danger(ctx), Total: len(guides), SignIn: a.who.Person == ""}
	if i := slices.IndexFunc(guides, func(g page.Guide) bool { return g.ID == presenceGuide }); i >= 0 {
		p.Presence = &guides[i]
		guides = slices.Delete(slices.Clone(guides), i, i+1)
	}
	p.Guides = guides[:min(deskCards, len(guides))]
	if p.Event, err = a.newEvent(); err != nil {
		return err
	}
	if p.Live, err = a.happening(ctx); err != nil {
		return err
	}
	if p.Running, err = a.running(ctx); err != nil {
		return err
	}
	if p.Duty, p.Tree, err = a.inCharge(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// elsewhereFromDesk leads whoever has no desk to the first place that they have: an
// auditor to the log, a board member to the reports.
func (a *ask) elsewhereFromDesk(err error) error {
	if a.who.Person == "" {
		return err
	}
	switch {
	case a.may(access.ReadLedger):
		return a.to("/manage/audit")
	case a.may(access.SeeNumbers):
		return a.to("/manage/reports")
	case a.who.Library == "":
		return a.to("/me")
	}
	return err
}

// guides lists the situations as cards.
func (a *ask) guides(ctx context.Context) (list []page.Guide, err error) {
	situations, err := a.app().Situations(ctx, a.who, "en")
	start := a.may(access.StartWalk)
	for _, s := range situations {
		list = append(list, page.Guide{ID: s.Playbook, Title: s.Title, Summary: s.Summary, Icon: guideIcons[s.Playbook], Start: start})
	}
	return list, err
}

// guideIcons are the icons of the playbooks that are shipped.
var guideIcons = map[string]string{
	"officer": "badge", "hygiene": "talk", "browsing": "device", "baiting": "calm", "minor-records": "book", "room-request": "room", "suspected-abuse": "hand", presenceGuide: "look",
}

// happening lists what runs now, for a person who may see it.
func (a *ask) happening(ctx context.Context) (list []page.Live, err error) {
	if a.who.Person == "" || !a.may(access.SeeHappening) {
		return nil, nil
	}
	cases, err := a.app().Happening(ctx, a.who)
	if err != nil {
		return nil, err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		href := "/i/" + string(c.ID)
		if !c.Mine {
			href += "/live"
		}
		list = append(list, page.Live{
			Title: c.Title, Where: names[c.Branch], Since: sinceWords(a.site.Now().Sub(c.Began)), Href: href,
		})
	}
	return list, nil
}

// running is the walk that runs on this device.
func (a *ask) running(ctx context.Context) (*page.Running, error) {
	if a.who.Device == nil {
		return nil, nil
	}
	cases, err := a.app().HappeningHere(ctx, a.who)
	if err != nil || len(cases) == 0 {
		return nil, err
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	c := cases[0]
	return &page.Running{Title: c.Title, Since: c.Began.In(h.zone), Href: "/i/" + string(c.ID)}, nil
}

func sinceWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(int(d/time.Minute)) + " min"
	}
	return count(int(d/time.Hour)) + " h " + count(int(d%time.Hour/time.Minute)) + " min"
}

// inCharge says who is in charge at the branch, or else whom to call.
func (a *ask) inCharge(ctx context.Context) (*page.Duty, []page.Contact, error) {
	lines, err := a.contacts(ctx, a.who.Branch)
	if err != nil {
		return nil, nil, err
	}
	list, err := a.app().InCharge(ctx, a.who, a.who.Library, a.who.Branch)
	if unlessHidden(err) != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, lines[:min(3, len(lines))], nil
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, nil, err
	}
	on := list[0]
	d := &page.Duty{Contact: page.Contact{Name: on.Name, Role: roleName(on.Role)}}
	if !on.Until.IsZero() {
		d.Until = on.Until.In(h.zone)
	}
	for _, l := range lines {
		switch {
		case l.Role == roleName(on.Role) && d.Phone == "":
			d.Phone = l.Phone
		case d.Next.Phone == "":
			d.Next = l
		}
	}
	return d, lines, nil
}

// contacts are the numbers of a branch and those of all branches, in order.
func (a *ask) contacts(ctx context.Context, branch people.BranchID) (list []page.Contact, err error) {
	lines, err := a.app().PhoneLines(ctx, a.who, a.who.Library)
	for _, l := range lines {
		if l.Branch == "" || l.Branch == branch {
			list = append(list, contact(l))
		}
	}
	return list, unlessHidden(err)
}

func contact(l app.PhoneLine) page.Contact {
	role := lineWords(l.Line)
	if l.Label == "" {
		return page.Contact{Name: role, Role: role, Phone: page.Phone(l.Number)}
	}
	return page.Contact{Name: l.Label, Role: role, Phone: page.Phone(l.Number)}
}

func sentenceCase(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func showDeskAll(ctx context.Context, a *ask) error {
	guides, err := a.guides(ctx)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.DeskAll{Frame: f, Danger: a.danger(ctx), Search: page.Search{Text: a.query("q")}}
	if p.Event, err = a.newEvent(); err != nil {
		return err
	}
	if p.Search.Text == "" {
		p.Guides = guides
		return a.show(http.StatusOK, p)
	}
	found, err := a.lookUp(ctx, p.Search.Text)
	if err != nil {
		return err
	}
	for _, id := range found {
		for _, g := range guides {
			if g.ID == id {
				p.Guides = append(p.Guides, g)
			}
		}
	}
	return a.show(http.StatusOK, p)
}

// lookUp finds guides by what was typed, in each language that they have.
func (a *ask) lookUp(ctx context.Context, typed string) ([]string, error) {
	var texts []lookup.Text
	for _, lang := range []string{"en", "es"} {
		guides, err := a.app().Guides(ctx, a.who, lang)
		if err != nil {
			return nil, err
		}
		for i, g := range guides {
			if lang == "en" {
				texts = append(texts, lookup.Text{ID: g.Playbook})
			}
			t := &texts[i]
			t.Near = append(t.Near, g.Sheet.Title, g.Sheet.Summary)
			for _, step := range g.Sheet.Steps {
				t.Far = append(t.Far, step.Heading)
			}
		}
	}
	return lookup.Find(typed, texts), nil
}

// startWalk begins a walk and leads to its first step. Pressed twice on the same page
// it begins one; pressed again when that one is over, another.
func startWalk(ctx context.Context, a *ask) error {
	var form startForm
	if err := a.read(&form); err != nil {
		return err
	}
	start := app.StartForm{Playbook: form.Playbook, Lang: form.Lang}
	if _, err := people.ParseID[string](form.Event); err == nil {
		start.Event = walk.EventID(derived(form.Event, "start "+form.Playbook))
		if start.Case, err = idLike(start.Case, derived(form.Event, "case "+form.Playbook)); err != nil {
			return err
		}
	}
	id, err := a.app().StartWalk(ctx, a.who, start)
	if err != nil {
		return err
	}
	if of, err := a.app().ReadWalk(ctx, a.who, id, ""); err != nil || !of.InHand {
		if id, err = a.app().StartWalk(ctx, a.who, app.StartForm{Playbook: form.Playbook, Lang: form.Lang}); err != nil {
			return err
		}
	}
	if form.Playbook == presenceGuide {
		return a.to("/i/" + string(id) + "/aside")
	}
	return a.to("/i/" + string(id) + "/step/1")
}

// startForm is what a card sends.
type startForm struct {
	Playbook string `form:"playbook"`
	Event    string `form:"event"`
	Lang     string `form:"lang"`
}
