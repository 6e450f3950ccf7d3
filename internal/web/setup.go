package web

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// draft is a set-up under way: what was typed so far, and once it is done, what is
// shown once. It is kept in memory only, found by a token that one browser has.
type draft struct {
	mu    sync.Mutex // guards what follows
	code  string
	form  app.SetUpForm
	done  *app.Done
	paper bool // the shares are on paper
}

// drafts are the set-ups under way. Whoever begins one has shown the code that the
// server printed, so there are few.
type drafts struct {
	mu    sync.Mutex // guards what follows
	known map[string]*keptDraft
}

type keptDraft struct {
	*draft
	at time.Time
}

// begin makes a new draft and returns its token.
func (d *drafts) begin(token, code string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	if d.known == nil {
		d.known = map[string]*keptDraft{}
	}
	d.known[token] = &keptDraft{&draft{code: code}, now}
}

// find returns a draft, nil if there is none of that token.
func (d *drafts) find(token string, now time.Time) *draft {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	for known, kept := range d.known {
		if subtle.ConstantTimeCompare([]byte(known), []byte(token)) == 1 {
			kept.at = now
			return kept.draft
		}
	}
	return nil
}

// sweep forgets what is too old, and everything where there are too many.
func (d *drafts) sweep(now time.Time) {
	for token, kept := range d.known {
		if age := now.Sub(kept.at); age < 0 || age >= draftTime {
			delete(d.known, token)
		}
	}
	if len(d.known) >= maxDrafts {
		clear(d.known)
	}
}

// draft returns the set-up of this browser, or leads to where it begins.
func (a *ask) draft() (*draft, error) {
	if token := stepCookie.read(a.r, a.tls); token != "" {
		if d := a.site.drafts.find(token, a.site.Now()); d != nil {
			return d, nil
		}
	}
	return nil, errNoDraft
}

// errNoDraft leads to the first page of set-up.
var errNoDraft = &led{"/setup"}

// led is an answer: what was asked for comes after something else.
type led struct{ to string }

// Error tells where to go.
func (e *led) Error() string { return "go to " + e.to }

// setUpPage makes a handler of a page of set-up: it is there while nothing is set up.
func setUpPage(serve func(ctx context.Context, a *ask, d *draft) error) handler {
	return func(ctx context.Context, a *ask) error {
		d, err := a.draft()
		if err != nil {
			if over := a.mayBeSetUp(ctx); over != nil {
				return over
			}
			return err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return serve(ctx, a, d)
	}
}

// showSetUp begins: it asks for the code that the server has printed.
func showSetUp(ctx context.Context, a *ask) error {
	if err := a.mayBeSetUp(ctx); err != nil {
		return err
	}
	if err := a.markForm(); err != nil {
		return err
	}
	return a.show(http.StatusOK, page.SetUpWelcome{Frame: a.plainFrame()})
}

// mayBeSetUp returns a Closed fault once the installation was set up.
func (a *ask) mayBeSetUp(ctx context.Context) error {
	ready, err := a.isSetUp(ctx)
	if err == nil && ready {
		err = fault.Over("Roundtable is set up already.", "Sign in to go on.")
	}
	return err
}

func postSetUp(ctx context.Context, a *ask) error {
	if err := a.mayBeSetUp(ctx); err != nil {
		return err
	}
	p := page.SetUpWelcome{Frame: a.plainFrame()}
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().CheckSetUpCode(ctx, a.from, p.Form.Code)
	}
	if err == nil {
		token, failed := randomText(a.site.Random, 24)
		if failed != nil {
			return failed
		}
		a.site.drafts.begin(token, p.Form.Code, a.site.Now())
		stepCookie.set(a.w, a.tls, token)
		return a.to("/setup/address")
	}
	p.Form.Code = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) { return p, nil })
}

func showSetUpAddress(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpAddress{Frame: a.plainFrame(), Seen: a.calledAs(), Form: page.AddressForm{Address: d.form.Address}}
	if p.Form.Address == "" {
		p.Form.Address = p.Seen
	}
	at, err := app.CheckAddress(p.Form.Address)
	if err == nil {
		p.Off = at.Off
	}
	return a.show(http.StatusOK, p)
}

func postSetUpAddress(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpAddress{Frame: a.plainFrame(), Seen: a.calledAs()}
	err := a.read(&p.Form)
	var at app.Address
	if err == nil {
		at, err = app.CheckAddress(p.Form.Address)
	}
	if err == nil && len(at.Off) > 0 && !p.Form.Accept {
		var wrong fault.Fields
		wrong.Add("accept", "Say that you go on with what is off, or type an address with https.")
		err = wrong.Err()
	}
	if err == nil {
		d.form.Address, d.form.Accept = p.Form.Address, p.Form.Accept
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		p.Off = at.Off
		return p, nil
	}, "/setup/library")
}

func showSetUpLibrary(_ context.Context, a *ask, d *draft) error {
	l := d.form.Library
	p := page.SetUpLibrary{Frame: a.plainFrame(), Form: page.LibraryForm{Name: l.Name, State: l.Place, Zone: l.TimeZone}}
	p.Form.States, p.Form.Zones = stateChoices(), zoneChoices(l.TimeZone)
	return a.show(http.StatusOK, p)
}

func postSetUpLibrary(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpLibrary{Frame: a.plainFrame()}
	err := a.read(&p.Form)
	if err == nil {
		form := d.form
		form.Library = app.LibraryForm{Name: p.Form.Name, Place: p.Form.State, TimeZone: p.Form.Zone}
		if err = form.CheckLibrary(); err == nil {
			d.form = form
		}
	}
	p.Form.States, p.Form.Zones = stateChoices(), zoneChoices(p.Form.Zone)
	return a.settle(err, &p.Form.Form, func() (page.Page, error) { return p, nil }, "/setup/branch")
}

func showSetUpBranch(_ context.Context, a *ask, d *draft) error {
	b := d.form.Branch
	if b.TimeZone == "" {
		b.TimeZone = d.form.Library.TimeZone
	}
	p := page.SetUpBranch{Frame: a.plainFrame()}
	p.Form.Name, p.Form.Prefix, p.Form.Phone, p.Form.Zone, p.Form.Emergency = b.Name, b.Prefix, b.Phone, b.TimeZone, b.Emergency
	p.Form.Zones = zoneChoices(b.TimeZone)
	return a.show(http.StatusOK, p)
}

func postSetUpBranch(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpBranch{Frame: a.plainFrame()}
	err := a.read(&p.Form)
	if err == nil {
		form := d.form
		form.Branch = branchForm(p.Form)
		if err = form.CheckBranch(); err == nil {
			d.form = form
		}
	}
	p.Form.Zones = zoneChoices(p.Form.Zone)
	return a.settle(err, &p.Form.Form, func() (page.Page, error) { return p, nil }, "/setup/people")
}

func showSetUpPeople(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpPeople{Frame: a.plainFrame(), Form: page.TwoPeopleForm{
		Role:    string(d.form.Role),
		YouName: d.form.You.Name, YouInitials: d.form.You.Initials, YouMail: d.form.You.Mail,
		OtherName: d.form.Other.Name, OtherInitials: d.form.Other.Initials, OtherMail: d.form.Other.Mail,
	}}
	return a.show(http.StatusOK, p)
}

func postSetUpPeople(_ context.Context, a *ask, d *draft) error {
	p := page.SetUpPeople{Frame: a.plainFrame()}
	err := a.read(&p.Form)
	if err == nil {
		form := d.form
		form.Role, form.How = people.Role(p.Form.Role), app.OnSlip
		form.You = app.PersonForm{Name: p.Form.YouName, Initials: p.Form.YouInitials, Mail: p.Form.YouMail}
		form.Other = app.PersonForm{Name: p.Form.OtherName, Initials: p.Form.OtherInitials, Mail: p.Form.OtherMail}
		if err = form.CheckPeople(); err == nil {
			d.form = form
		}
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) { return p, nil }, "/setup/you")
}

// laterPasskey says when a passkey can be added.
const laterPasskey = "You can add a passkey afterwards, on your own page."

func showSetUpYou(_ context.Context, a *ask, d *draft) error {
	if d.done != nil {
		return a.to("/setup/shares")
	}
	return a.show(http.StatusOK, page.SetUpYou{Frame: a.plainFrame(), Name: d.form.You.Name, Account: d.form.You.Mail, NoPasskey: laterPasskey})
}

// postSetUpYou is where everything that was typed is done, in one act. What it gives
// is kept in memory until it is on paper.
func postSetUpYou(ctx context.Context, a *ask, d *draft) error {
	if d.done != nil {
		return a.to("/setup/shares")
	}
	p := page.SetUpYou{Frame: a.plainFrame(), Name: d.form.You.Name, Account: d.form.You.Mail, NoPasskey: laterPasskey}
	err := a.read(&p.Form)
	if err == nil {
		form := d.form
		form.Password = p.Form.Password
		var done app.Done
		if done, err = a.app().SetUp(ctx, d.code, form); err == nil {
			d.done, d.code, d.form.Password = &done, "", ""
			if done.Token != "" {
				sessionCookie.set(a.w, a.tls, done.Token)
			}
			return a.to("/setup/shares")
		}
	}
	p.Form.Password = ""
	return a.again(err, &p.Form.Form, func() (page.Page, error) { return p, nil })
}

func showSetUpShares(_ context.Context, a *ask, d *draft) error {
	if d.done == nil {
		return errNoDraft
	}
	p, err := a.sharesPage(d)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) sharesPage(d *draft) (page.SetUpShares, error) {
	zone := zoneOf(d.form.Library.TimeZone)
	p := page.SetUpShares{Frame: a.plainFrame(), Day: a.site.Now().In(zone).Format(dayForm)}
	p.Frame.Library = d.form.Library.Name
	var err error
	if p.Shares, err = paperShares(d.done.Shares); err != nil {
		return p, err
	}
	if share, word, ok := askedWord(d.done.Shares); ok {
		p.Asked = "word " + strconv.Itoa(word+1) + " on paper " + strconv.Itoa(d.done.Shares[share].Holder)
	}
	return p, nil
}

// paperShares are shares as they are printed.
func paperShares(shares []app.Share) (list []page.Share, err error) {
	for _, s := range shares {
		code, err := page.QR(s.QR)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Share{Holder: s.Holder, Set: s.Set, Words: s.Words, Code: code})
	}
	return list, nil
}

// askedWord chooses the word that is asked back: one well within the second paper,
// so that whoever has printed only the first page notices.
func askedWord(shares []app.Share) (share, word int, ok bool) {
	if len(shares) < 2 || len(shares[1].Words) < 7 {
		return 0, 0, false
	}
	return 1, 6, true
}

func postSetUpShares(_ context.Context, a *ask, d *draft) error {
	if d.done == nil {
		return errNoDraft
	}
	var form page.SharesForm
	err := a.read(&form)
	if err == nil {
		err = checkPaper(form, d.done.Shares)
	}
	if err == nil {
		d.paper = true
		d.done.Shares = nil // shown once
	}
	form.Check = ""
	return a.settle(err, &form.Form, func() (page.Page, error) {
		p, err := a.sharesPage(d)
		p.Form = form
		return p, err
	}, "/setup/done")
}

func checkPaper(form page.SharesForm, shares []app.Share) error {
	var wrong fault.Fields
	if !form.Printed {
		wrong.Add("printed", "Print the three papers, then tick this.")
	}
	if share, word, ok := askedWord(shares); ok && !strings.EqualFold(form.Check, shares[share].Words[word]) {
		wrong.Add("check", "This is another word. Read it again on the printed paper.")
	}
	return wrong.Err()
}

func showSetUpDone(ctx context.Context, a *ask, d *draft) error {
	if d.done == nil {
		return errNoDraft
	}
	if !d.paper {
		return a.to("/setup/shares")
	}
	p := page.SetUpDone{Frame: a.plainFrame(), Tasks: []page.Task{
		{Name: "Enrol a desk", State: "To do", Hint: "Then guides start there with one tap.", Href: "/manage/devices/new"},
		{Name: "Look at your branches", State: "To do", Hint: "The desk’s number, and what it dials first.", Href: "/manage/branches"},
		{Name: "Invite your people", State: "To do", Href: "/manage/people/invite"},
	}}
	p.Frame.Library = d.form.Library.Name
	other := d.done.Other
	if other.How != app.OnSlip {
		p.Mail = other.Mail
		return a.show(http.StatusOK, p)
	}
	var err error
	if p.Slip, err = a.slip(ctx, other, d.form.Library.Name); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}
