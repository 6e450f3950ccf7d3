package web

import (
	"context"
	"net/http"
	"strconv"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/web/page"
)

func showMe(ctx context.Context, a *ask) error {
	var p page.Me
	if err := a.fillMe(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillMe(ctx context.Context, p *page.Me) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	me, err := a.app().MyAccount(ctx, a.who)
	if err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	p.Name, p.Mail, p.SignIn = me.Name, me.Mail, wayTasks(ways)
	if err := a.fillPlaces(ctx, p); err != nil {
		return err
	}
	if err := a.fillLinks(ctx, p, ways); err != nil {
		return err
	}
	if p.Sessions, err = a.sessions(ctx, h.zone); err != nil {
		return err
	}
	for _, m := range a.who.Memberships {
		if m.Library == a.who.Library && m.Holds(a.site.Now()) {
			p.Roles = append(p.Roles, roleWords(m, names))
			p.IsCounsel = p.IsCounsel || m.Role == people.Counsel
		}
	}
	if p.IsCounsel {
		p.Counsel, err = a.counselKey(ctx)
	}
	return err
}

// roleWords says which role somebody has where: "Desk, Northside".
func roleWords(m people.Membership, branches map[people.BranchID]string) string {
	if m.Branch == "" {
		return roleName(m.Role)
	}
	return roleName(m.Role) + ", " + branches[m.Branch]
}

// branchNames returns the names of the library's branches, as far as somebody may
// know them.
func (a *ask) branchNames(ctx context.Context) (map[people.BranchID]string, error) {
	names := map[people.BranchID]string{}
	if a.who.Library == "" {
		return names, nil
	}
	branches, err := a.app().Branches(ctx, a.who, a.who.Library)
	for _, b := range branches {
		names[b.ID] = b.Name
	}
	return names, unlessHidden(err)
}

func deviceWords(name string) string {
	if name == "" {
		return "Not an enrolled device"
	}
	return name
}

var methodNames = map[signin.Method]string{
	signin.ByPassword: "Password", signin.ByPasskey: "Passkey", signin.ByRecovery: "Recovery code",
	signin.ByProvider: "Another place", signin.ByInvite: "Invitation",
}

func methodWords(m signin.Method) string {
	if words, ok := methodNames[m]; ok {
		return words
	}
	return string(m)
}

// wayTasks are the ways in as rows that lead to where each is changed.
func wayTasks(w app.Ways) []page.Task {
	return []page.Task{
		{Name: "Password", State: unset(w.Password), Href: "/me/password"},
		{Name: "One-time codes", State: unset(w.OneTime), Href: "/me/codes"},
		{Name: "Recovery codes", State: unset(w.Recovery > 0), Hint: left(w.Recovery), Href: "/me/recovery"},
		{Name: "Passkeys", State: unset(len(w.Passkeys) > 0), Href: "/me/passkeys"},
		{Name: "PIN", State: unset(w.PIN), Hint: "Unlocks this page after a pause.", Href: "/me/pin"},
	}
}

func unset(has bool) string {
	if has {
		return ""
	}
	return "Not set"
}

func left(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " left"
}

func showMePassword(ctx context.Context, a *ask) error {
	var p page.MePassword
	if err := a.fillMePassword(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillMePassword(ctx context.Context, p *page.MePassword) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	if err != nil {
		return err
	}
	me, err := a.app().MyAccount(ctx, a.who)
	p.Has, p.Name = ways.Password, me.Mail
	return err
}

func postMePassword(ctx context.Context, a *ask) error {
	var p page.MePassword
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().SetPassword(ctx, a.who, p.Form.Current, p.Form.Password)
	}
	p.Form.Current, p.Form.Password = "", ""
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillMePassword(ctx, &p)
		return p, err
	}, "/me")
}

func showMeCodes(ctx context.Context, a *ask) error {
	var p page.MeCodes
	if err := a.fillMeCodes(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// fillMeCodes offers a seed where codes are off. The same seed is offered until it
// is confirmed: looking changes nothing that counts.
func (a *ask) fillMeCodes(ctx context.Context, p *page.MeCodes) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	if err != nil {
		return err
	}
	if p.On = ways.OneTime; p.On {
		return nil
	}
	offer, err := a.app().OfferCodes(ctx, a.who)
	if err != nil {
		return err
	}
	p.Text = offer.Text
	p.Code, err = page.QR(offer.URI)
	return err
}

func postMeCodes(ctx context.Context, a *ask) error {
	var p page.MeCodes
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().ConfirmCodes(ctx, a.who, p.Form.Code)
	}
	p.Form.Code = ""
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillMeCodes(ctx, &p)
		return p, err
	}, "/me/codes")
}

func removeMeCodes(ctx context.Context, a *ask) error {
	if err := a.app().RemoveCodes(ctx, a.who); err != nil {
		return err
	}
	return a.to("/me/codes")
}

func showMeRecovery(ctx context.Context, a *ask) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, page.MeRecovery{Frame: f, Left: ways.Recovery, Made: ways.RecoveryMade})
}

// postMeRecovery makes new codes and shows them, once: this is the answer to the
// press, since what is shown once is kept nowhere.
func postMeRecovery(ctx context.Context, a *ask) error {
	codes, err := a.app().NewRecoveryCodes(ctx, a.who)
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
	return a.show(http.StatusOK, page.MeRecovery{Frame: f, Left: len(codes), Codes: codes, Made: a.site.Now().In(h.zone)})
}

func showMePasskeys(ctx context.Context, a *ask) error {
	var p page.MePasskeys
	if err := a.fillMePasskeys(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillMePasskeys(ctx context.Context, p *page.MePasskeys) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	for _, k := range ways.Passkeys {
		row := page.Passkey{ID: k.ID, Name: k.Name, Made: k.Made.In(h.zone)}
		if !k.Used.IsZero() {
			row.Used = k.Used.In(h.zone)
		}
		p.Passkeys = append(p.Passkeys, row)
	}
	works, why, err := a.app().PasskeysWork(ctx)
	if !works {
		p.WhyNot = why
	}
	return err
}

func beginMePasskey(ctx context.Context, a *ask) error {
	var form page.PasskeyForm
	if err := a.read(&form); err != nil {
		return err
	}
	options, err := a.app().BeginPasskey(ctx, a.who, form.Name)
	if err != nil {
		return err
	}
	return a.send(http.StatusOK, "application/json", options)
}

func finishMePasskey(ctx context.Context, a *ask) error {
	response, err := a.readJSON()
	if err == nil {
		err = a.app().FinishPasskey(ctx, a.who, response)
	}
	if err != nil {
		return err
	}
	return a.to("/me/passkeys")
}

// one is a form with one value, such as a button that names what it is for.
type one struct {
	Passkey    string `form:"passkey"`
	Session    string `form:"session"`
	Keys       string `form:"keys"`
	Membership string `form:"membership"`
	Invitation string `form:"invitation"`
	Device     string `form:"device"`
	Playbook   string `form:"playbook"`
	Line       string `form:"line"`
	Duty       string `form:"duty"`
	Library    string `form:"library"`
	Item       string `form:"item"`
	Browser    string `form:"browser"`
	Provider   string `form:"provider"`
	How        string `form:"how"`
	Sure       string `form:"sure"`
}

func removeMePasskey(ctx context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().RemovePasskey(ctx, a.who, form.Passkey); err != nil {
		return err
	}
	return a.to("/me/passkeys")
}

func showMePIN(ctx context.Context, a *ask) error {
	var p page.MePIN
	if err := a.fillMePIN(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillMePIN(ctx context.Context, p *page.MePIN) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	ways, err := a.app().ReadWays(ctx, a.who)
	p.Has = ways.PIN
	return err
}

func postMePIN(ctx context.Context, a *ask) error {
	var p page.MePIN
	err := a.read(&p.Form)
	if err == nil {
		err = a.app().SetPIN(ctx, a.who, p.Form.PIN)
	}
	p.Form.PIN = ""
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillMePIN(ctx, &p)
		return p, err
	}, "/me")
}

func removeMePIN(ctx context.Context, a *ask) error {
	if err := a.app().RemovePIN(ctx, a.who); err != nil {
		return err
	}
	return a.to("/me/pin")
}

func showMeCounsel(ctx context.Context, a *ask) error {
	s := access.Subject{Kind: access.Person, Library: a.who.Library, Account: a.who.Person, Class: access.ClassOfRole(people.Counsel)}
	if err := access.Check(a.actor(), access.ChangeCounselKey, s, a.site.Now()); err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.MeCounsel{Frame: f}
	if p.Key, err = a.counselKey(ctx); err != nil {
		return err
	}
	at, err := a.app().Address(ctx)
	if err != nil {
		return err
	}
	if !at.Secure {
		p.WhyNot = "Browsers make no key at this address. It needs a name and TLS: ask the person who looks after Roundtable."
	}
	return a.show(http.StatusOK, p)
}

// counselKey is the person's own key as counsel, nil if there is none.
func (a *ask) counselKey(ctx context.Context) (*page.CounselKey, error) {
	key, err := a.app().CounselKeyOf(ctx, a.who)
	if unlessHidden(err) != nil || err != nil || key.Made.IsZero() {
		return nil, unlessHidden(err)
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	return &page.CounselKey{Fingerprint: key.Fingerprint().Words(), Made: key.Made.In(h.zone)}, nil
}

// postMeCounsel takes the public half of the key that counsel's browser has made.
func postMeCounsel(ctx context.Context, a *ask) error {
	var form struct {
		Public      string `form:"public_key"`
		Fingerprint string `form:"fingerprint"`
	}
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().ChangeCounselKey(ctx, a.who, form.Public, form.Fingerprint); err != nil {
		return err
	}
	a.w.WriteHeader(http.StatusNoContent) // a script asks, which cannot tell a redirect from being sent to sign in
	return nil
}

func endMySession(ctx context.Context, a *ask) error {
	var form one
	err := a.read(&form)
	if err == nil && form.Session == "" {
		err = a.app().EndOtherSessions(ctx, a.who)
	} else if err == nil {
		err = a.app().EndSession(ctx, a.who, signin.SessionID(form.Session))
	}
	if err != nil {
		return err
	}
	return a.to("/me")
}

// switchKeys keeps in this browser whether single keys do something.
func switchKeys(_ context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if form.Keys == keysOff {
		keysCookie.set(a.w, a.tls, keysOff)
	} else {
		keysCookie.clear(a.w, a.tls)
	}
	return a.to("/me")
}
