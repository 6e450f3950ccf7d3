package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/web/page"
)

func showPeople(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	list, err := a.app().Directory(ctx, a.who, library)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	names, err := a.branchNames(ctx)
	if err != nil {
		return err
	}
	p := page.People{Frame: f, MayInvite: a.mayInvite()}
	for _, person := range list {
		if person.Forgotten {
			continue
		}
		row := page.PersonRow{Name: person.Name, Href: personHref(person.ID), State: a.personState(person)}
		for _, m := range person.Roles {
			row.Roles = append(row.Roles, roleWords(m, names))
		}
		p.People = append(p.People, row)
	}
	return a.show(http.StatusOK, p)
}

func personHref(id people.PersonID) string { return "/manage/people/" + string(id) }

func (a *ask) personState(p app.Person) string {
	switch {
	case p.HasLeft(a.site.Now()):
		return "Has left"
	case p.Invited:
		return "Invited"
	}
	return ""
}

// mayInvite reports whether somebody may invite at least somebody.
func (a *ask) mayInvite() bool {
	s := access.Subject{Kind: access.Person, Library: a.who.Library, Class: access.Plain}
	return access.May(a.actor(), access.InvitePerson, s, a.site.Now()) == access.Allowed
}

// personID reads the person of the path. What is no id is as one that never was.
func (a *ask) personID() (people.PersonID, error) {
	id, err := people.ParseID[people.PersonID](a.id("person"))
	if err != nil {
		return "", fault.Missing().Because(err)
	}
	return id, nil
}

func showInvite(ctx context.Context, a *ask) error {
	if !a.mayInvite() {
		s := access.Subject{Kind: access.Person, Library: a.who.Library, Class: access.Plain}
		return access.Check(a.actor(), access.InvitePerson, s, a.site.Now())
	}
	var p page.Invite
	p.Form.How = string(a.how(string(app.ByMail)))
	if err := a.fillInvite(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// noMail says why invitations are not mailed.
const noMail = "No mail server is set up here, so invitations are printed."

// how is how an invitation goes that was asked for in some way: on paper where there
// is no mail.
func (a *ask) how(asked string) app.How {
	if !a.app().MailsLetters() {
		return app.OnSlip
	}
	return app.How(asked)
}

func (a *ask) fillInvite(ctx context.Context, p *page.Invite) (err error) {
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	if !a.app().MailsLetters() {
		p.Form.NoMail = noMail
	}
	p.Form.Roles, p.Form.Branches, err = a.roleChoices(ctx)
	return err
}

// roleChoices are the roles that somebody may give, and where.
func (a *ask) roleChoices(ctx context.Context) (roles, branches []page.Option, err error) {
	for _, r := range people.Roles {
		s := access.Subject{Kind: access.Person, Library: a.who.Library, Class: access.ClassOfRole(r)}
		if access.May(a.actor(), access.GiveRole, s, a.site.Now()) == access.Allowed {
			roles = append(roles, page.Option{Value: string(r), Words: roleName(r), Hint: roleHints[r]})
		}
	}
	branches, err = a.branchChoices(ctx, "All branches")
	return roles, branches, err
}

var roleHints = map[people.Role]string{
	people.Desk:        "Serves the public and starts guides.",
	people.InCharge:    "In charge of a branch while on duty. Opens its cases.",
	people.Director:    "Answers for the library.",
	people.Counsel:     "The library’s lawyer, often from outside.",
	people.SafetyLead:  "Reads records about suspected abuse.",
	people.Trainer:     "Runs practice and workshops.",
	people.RoomOfficer: "Looks after the meeting rooms.",
	people.Auditor:     "Reads the log, and nothing else.",
	people.Board:       "Sees numbers, and nothing else.",
	people.Admin:       "Looks after accounts, devices and the server. Sees no case.",
}

func (a *ask) branchChoices(ctx context.Context, all string) (list []page.Option, err error) {
	if all != "" {
		list = append(list, page.Option{Value: "", Words: all})
	}
	branches, err := a.app().Branches(ctx, a.who, a.who.Library)
	for _, b := range branches {
		if b.Closed.IsZero() {
			list = append(list, page.Option{Value: string(b.ID), Words: b.Name})
		}
	}
	return list, err
}

// roleForm reads what was typed about a role. A date is the end of that day where
// the library is.
func (a *ask) roleForm(ctx context.Context, role, branch string, outside bool, until string) (app.RoleForm, error) {
	f := app.RoleForm{Role: people.Role(role), Branch: people.BranchID(branch), Outside: outside}
	if until == "" {
		return f, nil
	}
	h, err := a.here(ctx)
	if err != nil {
		return f, err
	}
	day, err := time.ParseInLocation(time.DateOnly, until, h.zone)
	if err != nil {
		var wrong fault.Fields
		wrong.Add("until", "Write the date as year, month, day: 2027-03-31.")
		return f, wrong.Err()
	}
	f.Until = day.AddDate(0, 0, 1)
	return f, nil
}

func postInvite(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.Invite
	var made app.Invitation
	err = a.read(&p.Form)
	if err == nil {
		made, err = a.invite(ctx, library, p.Form)
	}
	if err != nil {
		return a.again(err, &p.Form.Form, func() (page.Page, error) {
			err := a.fillInvite(ctx, &p)
			return p, err
		})
	}
	return a.showInvited(ctx, made)
}

func (a *ask) invite(ctx context.Context, library people.LibraryID, form page.InviteForm) (app.Invitation, error) {
	role, err := a.roleForm(ctx, form.Role, form.Branch, form.Outside, form.Until)
	if err != nil {
		return app.Invitation{}, err
	}
	return a.app().InvitePerson(ctx, a.who, library, app.InvitationForm{
		Person: app.PersonForm{Name: form.Name, Initials: form.Initials, Mail: form.Mail},
		Role:   role, How: a.how(form.How),
	})
}

// showInvited shows an invitation once, as the answer to the press that made it:
// its secret is kept nowhere.
func (a *ask) showInvited(ctx context.Context, made app.Invitation) error {
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.Invited{Frame: f, Name: made.Name, Mail: made.Mail, Back: personHref(made.Person)}
	if made.How == app.OnSlip {
		p.Mail = ""
		if p.Slip, err = a.slip(ctx, made, f.Library); err != nil {
			return err
		}
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) slip(ctx context.Context, made app.Invitation, library string) (*page.Slip, error) {
	origin, err := a.origin(ctx)
	if err != nil {
		return nil, err
	}
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	s := &page.Slip{
		Title: "For " + made.Name, Address: origin + "/invite/" + made.Secret, Until: made.Until.In(h.zone),
		Lines: []string{"Your way in to Roundtable at " + library + ".", "Open the address, or point a camera at the code. It works once."},
	}
	s.Code, err = page.QR(s.Address)
	return s, err
}

// origin is the address by which others reach the server: what set-up asked for,
// else how it was called just now.
func (a *ask) origin(ctx context.Context) (string, error) {
	_, address, err := addressOf(ctx, a.app())
	if err != nil || address != "" {
		return strings.TrimSuffix(address, "/"), err
	}
	return a.calledAs(), nil
}

// calledAs is the address by which the server was called just now.
func (a *ask) calledAs() string {
	if a.tls {
		return "https://" + a.r.Host
	}
	return "http://" + a.r.Host
}

func showPerson(ctx context.Context, a *ask) error {
	id, err := a.personID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	who, err := a.app().Account(ctx, a.who, library, id)
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
	p := page.Person{
		Frame: f, Href: personHref(id), Name: who.Name, Initials: who.Initials, Mail: who.Mail, State: a.personState(who.Person),
		MayGive: who.MayGive || who.MayGiveTrusted, MayInvite: who.MayInvite, MayEnd: who.MayEndSessions,
		MayReset: who.MayReset, MayRemove: who.MayRemove, MayMail: a.app().MailsLetters() && who.Mail != "",
	}
	for _, m := range who.Roles {
		row := page.RoleRow{ID: string(m.ID), Role: roleName(m.Role), Branch: names[m.Branch], From: m.From.In(h.zone), MayEnd: who.MayEnd[m.ID]}
		if !m.Until.IsZero() {
			row.Until = m.Until.In(h.zone)
		}
		p.Roles = append(p.Roles, row)
	}
	for _, i := range who.Invitations {
		row := page.InvitationRow{ID: i.ID, Made: i.Made.In(h.zone), Till: i.Until.In(h.zone), How: "On a slip"}
		if !i.Slip {
			row.How, row.Mailed, row.Problem = "By mail", true, notSent(i.Letter)
		}
		if !i.Letter.Sent.IsZero() {
			row.Sent = i.Letter.Sent.In(h.zone)
		}
		p.Invitations = append(p.Invitations, row)
	}
	for _, way := range wayTasks(who.Ways) {
		value := "Set"
		if way.State != "" {
			value = way.State
		}
		p.SignIn = append(p.SignIn, page.Fact{Name: way.Name, Value: value})
	}
	if who.MaySeeSessions && id == a.who.Person {
		p.SeeSessions = true
		if p.Sessions, err = a.sessions(ctx, h.zone); err != nil {
			return err
		}
	}
	return a.show(http.StatusOK, p)
}

// sessions lists one's own sessions.
func (a *ask) sessions(ctx context.Context, zone *time.Location) (list []page.Session, err error) {
	rows, err := a.app().Sessions(ctx, a.who)
	for _, s := range rows {
		list = append(list, page.Session{
			ID: string(s.ID), Where: deviceWords(s.Device), Method: methodWords(s.Method),
			Began: s.Began.In(zone), Used: s.Used.In(zone), This: s.This, Locked: s.State == signin.Locked,
		})
	}
	return list, err
}

func showGiveRole(ctx context.Context, a *ask) error {
	var p page.GiveRole
	if err := a.fillGiveRole(ctx, &p); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillGiveRole(ctx context.Context, p *page.GiveRole) error {
	id, err := a.personID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	who, err := a.app().Account(ctx, a.who, library, id)
	if err != nil {
		return err
	}
	if !who.MayGive && !who.MayGiveTrusted {
		return errNotOffered
	}
	p.Name, p.Back = who.Name, personHref(id)
	if p.Form.Roles, p.Form.Branches, err = a.roleChoices(ctx); err != nil {
		return err
	}
	p.Frame, err = a.frame(ctx)
	return err
}

func postGiveRole(ctx context.Context, a *ask) error {
	id, err := a.personID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.GiveRole
	err = a.read(&p.Form)
	var role app.RoleForm
	if err == nil {
		role, err = a.roleForm(ctx, p.Form.Role, p.Form.Branch, p.Form.Outside, p.Form.Until)
	}
	if err == nil {
		_, err = a.app().GiveRole(ctx, a.who, library, id, role)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillGiveRole(ctx, &p)
		return p, err
	}, personHref(id))
}

// question is something done to a person that is asked once more, since it cannot be
// undone.
type question struct {
	title  func(name string) string
	means  []string
	button string
	may    func(who app.Account, form one) bool
	do     func(ctx context.Context, a *ask, library people.LibraryID, id people.PersonID, form one) error
}

// asked by the last part of the path.
var asked = map[string]question{
	"role": {
		title:  func(name string) string { return "End this role of " + name + "?" },
		means:  []string{"The role ends now.", "What was done with it stays in the log."},
		button: "End the role",
		may:    func(who app.Account, form one) bool { return who.MayEnd[people.MembershipID(form.Membership)] },
		do: func(ctx context.Context, a *ask, library people.LibraryID, _ people.PersonID, form one) error {
			return a.app().EndRole(ctx, a.who, library, people.MembershipID(form.Membership))
		},
	},
	"sessions": {
		title:  func(name string) string { return "End all sessions of " + name + "?" },
		means:  []string{"The person is signed out everywhere.", "What was saved stays saved. The person can sign in again."},
		button: "End the sessions",
		may:    func(who app.Account, _ one) bool { return who.MayEndSessions },
		do: func(ctx context.Context, a *ask, library people.LibraryID, id people.PersonID, _ one) error {
			return a.app().EndSessionsOf(ctx, a.who, library, id)
		},
	},
	"invitation": {
		title:  func(name string) string { return "Withdraw the invitation of " + name + "?" },
		means:  []string{"The printed or mailed invitation stops working.", "You can make a new one."},
		button: "Withdraw it",
		may: func(who app.Account, form one) bool {
			return slices.ContainsFunc(who.Invitations, func(i app.InvitationRow) bool { return i.ID == form.Invitation })
		},
		do: func(ctx context.Context, a *ask, library people.LibraryID, _ people.PersonID, form one) error {
			return a.app().WithdrawInvitation(ctx, a.who, library, form.Invitation)
		},
	},
	"remove": {
		title:  func(name string) string { return "Remove " + name + "?" },
		means:  []string{"All roles end now, and the person can sign in no more.", "What the person did stays in the log, without the name in the end."},
		button: "Remove the person",
		may:    func(who app.Account, _ one) bool { return who.MayRemove },
		do: func(ctx context.Context, a *ask, library people.LibraryID, id people.PersonID, _ one) error {
			return a.app().RemovePerson(ctx, a.who, library, id)
		},
	},
}

// whenSure asks once more, and does it when it comes back sure.
func whenSure(name string) handler {
	d := asked[name]
	return func(ctx context.Context, a *ask) error {
		id, err := a.personID()
		if err != nil {
			return err
		}
		library, err := a.library()
		if err != nil {
			return err
		}
		var form one
		if err := a.read(&form); err != nil {
			return err
		}
		if form.Sure != "yes" {
			return a.askOnceMore(ctx, d, library, id, form)
		}
		if err := d.do(ctx, a, library, id, form); err != nil {
			return err
		}
		if name == "remove" {
			return a.to("/manage/people")
		}
		return a.to(personHref(id))
	}
}

// errNotOffered is told to whoever asks for what the person's page does not offer.
var errNotOffered = fault.Refuse("You may not do that for this person, or there is nothing to do.", "Look at the person’s page again. A director can help.")

func (a *ask) askOnceMore(ctx context.Context, d question, library people.LibraryID, id people.PersonID, form one) error {
	who, err := a.app().Account(ctx, a.who, library, id)
	if err != nil {
		return err
	}
	if !d.may(who, form) {
		return errNotOffered
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.Confirm{Frame: f, At: page.AtManage, Title: d.title(who.Name), Means: d.means, Button: d.button, Post: a.r.URL.Path, Back: personHref(id)}
	p.Hidden = []page.Hidden{{Name: "sure", Value: "yes"}}
	for _, h := range []page.Hidden{{Name: "membership", Value: form.Membership}, {Name: "invitation", Value: form.Invitation}} {
		if h.Value != "" {
			p.Hidden = append(p.Hidden, h)
		}
	}
	return a.show(http.StatusOK, p)
}

func postInviteAgain(ctx context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	how := app.OnSlip
	if form.How == string(app.ByMail) {
		how = a.how(form.How)
	}
	return a.anew(ctx, how, a.app().InviteAgain)
}

// notSent says why a letter was not sent, in whole sentences; "" if it was, or was
// not tried yet.
func notSent(l app.LetterState) string {
	switch l.Trouble {
	case notify.Later:
		return "Not sent yet: the mail server did not take it. It is tried again."
	case notify.Unusable:
		return "Not sent yet: the mail server does not let us in. Tell whoever looks after the server. It is tried again."
	case notify.Gone:
		return "Not sent: the mail server says that there is no such address."
	case notify.Declined:
		return "Not sent: the mail server refuses it."
	}
	return ""
}

func postReset(ctx context.Context, a *ask) error {
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if form.Sure == "yes" {
		return a.anew(ctx, app.OnSlip, a.app().ResetSignIn) // into the hand of whom one sees
	}
	id, err := a.personID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	return a.askOnceMore(ctx, question{
		title:  func(name string) string { return "Let " + name + " sign in anew?" },
		means:  []string{"All ways in of the person stop working, and all sessions end.", "You print a new invitation. Hand it over yourself."},
		button: "Print a new invitation",
		may:    func(who app.Account, _ one) bool { return who.MayReset },
	}, library, id, form)
}

// anew makes a new invitation for somebody who is here already, and shows it once.
func (a *ask) anew(ctx context.Context, how app.How, act func(context.Context, app.Who, people.LibraryID, people.PersonID, app.How) (app.Invitation, error)) error {
	id, err := a.personID()
	if err != nil {
		return err
	}
	library, err := a.library()
	if err != nil {
		return err
	}
	made, err := act(ctx, a.who, library, id, how)
	if err != nil {
		return err
	}
	return a.showInvited(ctx, made)
}
