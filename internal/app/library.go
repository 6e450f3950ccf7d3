package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/law"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// Library is one library of the installation.
type Library = store.Library

// The settings of a library that are its own.
const (
	settingWebsite = "library.website" // where "Leave this page" leads
	settingMail    = "library.mail"    // to which checkpoints are mailed
)

// Places lists the states and territories that the law data speaks of.
func Places() []string { return law.Jurisdictions() }

// LibraryForm is what is typed about a library.
type LibraryForm struct {
	Name     string
	Place    string // the state or territory, one of Places
	TimeZone string // of the IANA database
	Host     string // the host name of its public pages, "" if any
}

func (f LibraryForm) tidied() LibraryForm {
	return LibraryForm{strings.TrimSpace(f.Name), strings.TrimSpace(f.Place), strings.TrimSpace(f.TimeZone), strings.ToLower(strings.TrimSpace(f.Host))}
}

// check returns an Invalid fault for the fields "name", "state", "zone", "host".
func (f LibraryForm) check() error {
	var problems fault.Fields
	addLine(&problems, "name", f.Name, 1, 100)
	if !slices.Contains(Places(), f.Place) {
		problems.Add("state", "Choose the state or territory.")
	}
	if !isZone(f.TimeZone) {
		problems.Add("zone", "Choose a time zone.")
	}
	if f.Host != "" && !isHost(f.Host) {
		problems.Add("host", "Write a name such as help.library.example, or leave this empty.")
	}
	return problems.Err()
}

// library returns a library as the form says.
func (f LibraryForm) library(l Library) Library {
	l.Name, l.Place, l.TimeZone, l.Host = f.Name, f.Place, f.TimeZone, f.Host
	return l
}

// isZone reports whether text names a time zone of the IANA database.
func isZone(text string) bool {
	if text == "" || text == "Local" || len(text) > 64 {
		return false
	}
	_, err := time.LoadLocation(text)
	return err == nil
}

// addLine notes what keeps text from being one line of a length, in characters.
func addLine(f *fault.Fields, name, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < least:
		f.Add(name, "Write something here.")
	case n > most:
		f.Add(name, "Write something shorter.")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isHidden):
		f.Add(name, "Write letters only; there is a sign in it that cannot be shown.")
	}
}

// isHidden reports whether r shows nothing, or changes how its neighbours are shown.
// The two joiners are letters' parts in Persian and in Indian languages.
func isHidden(r rune) bool {
	return r != '\u200c' && r != '\u200d' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co))
}

// readSettings gives all settings of a tenant to a function.
func readSettings(take func(map[string]string)) func(context.Context, *store.Tx, time.Time) error {
	return func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		s, err := tx.Settings(ctx)
		if err == nil {
			take(s)
		}
		return err
	}
}

// Libraries lists the libraries of the installation that are ready, by name.
func (a *App) Libraries(ctx context.Context, who Who) (list []Library, err error) {
	err = a.look(ctx, who, access.ReadInstallation, people.Installation, installation, func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		list, err = tx.Libraries(ctx)
		list = slices.DeleteFunc(list, func(l Library) bool { return !l.Ready })
		return err
	})
	return list, err
}

// MyLibraries lists the libraries at which whoever asks has a role now, by name.
func (a *App) MyLibraries(ctx context.Context, who Who) (list []Library, err error) {
	err = a.look(ctx, who, access.KnowInstallation, people.Installation, installation, func(ctx context.Context, tx *store.Tx, now time.Time) error {
		mine := map[people.LibraryID]bool{}
		for _, m := range who.Memberships {
			if m.Person != who.Person || !m.Holds(now) || m.Library == people.Installation || mine[m.Library] {
				continue
			}
			mine[m.Library] = true
			l, err := tx.Library(ctx, m.Library)
			if err != nil {
				return err
			}
			list = append(list, l)
		}
		return nil
	})
	slices.SortFunc(list, func(x, y Library) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(string(x.ID), string(y.ID)))
	})
	return list, err
}

// LibraryAt returns a library, for those who belong there.
func (a *App) LibraryAt(ctx context.Context, who Who, library people.LibraryID) (l Library, err error) {
	err = a.look(ctx, who, access.KnowLibrary, people.Installation, onLibrary(library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		l, err = tx.Library(ctx, library)
		return err
	})
	return l, err
}

// NewLibraryForm is what is typed to add a library to a consortium. Its first
// director and admin are invited.
type NewLibraryForm struct {
	Library         LibraryForm
	Branch          BranchForm
	Director, Admin PersonForm
	How             How
}

// NewLibrary is a library that was just added.
type NewLibrary struct {
	Library         Library
	Director, Admin Invitation
}

func (f NewLibraryForm) check() error {
	var problems fault.Fields
	if f.Director.Mail != "" && normalMail(f.Director.Mail) == normalMail(f.Admin.Mail) {
		problems.Add("admin_mail", "Write another address than the director's, or leave this empty.")
	}
	if strings.EqualFold(f.Director.Name, f.Admin.Name) && strings.EqualFold(f.Director.Initials, f.Admin.Initials) {
		problems.Add("admin_initials", "Choose other initials than the director's, so that they can be told apart.")
	}
	return mergeFields(formPart{"", f.Library.check()}, formPart{"branch_", f.Branch.check()},
		formPart{"director_", f.Director.check()}, formPart{"admin_", f.Admin.check()}, formPart{"", problems.Err()},
		formPart{"director_", checkHow(f.How, f.Director.Mail)}, formPart{"admin_", checkHow(f.How, f.Admin.Mail)})
}

// AddLibrary adds a library to the installation, with its first branch, the
// playbooks that come with Roundtable, and invitations for its first director and
// admin. When it was interrupted, doing it again under the same name finishes it.
func (a *App) AddLibrary(ctx context.Context, who Who, form NewLibraryForm) (made NewLibrary, err error) {
	form.Library, form.Branch = form.Library.tidied(), form.Branch.tidied()
	form.Director, form.Admin = form.Director.tidied(), form.Admin.tidied()
	var f founding
	err = a.do(ctx, who, access.AddLibrary, people.Installation, installation, func(ctx context.Context, act *acting) error {
		act.quiet = true // the entry is left when it is done
		if err := form.check(); err != nil {
			return err
		}
		if err := nameIsFree(ctx, act.Tx, form.Library.Name, ""); err != nil {
			return err
		}
		f, err = a.beginFounding(ctx, act.Tx, form.Library, func(l Library) bool { return l.Name == form.Library.Name })
		return err
	})
	if err != nil {
		return made, err
	}
	if err := a.buildLibrary(ctx, f, form.Library, form.Branch); err != nil {
		return made, err
	}
	err = a.do(ctx, who, access.AddLibrary, people.Installation, installation, func(ctx context.Context, act *acting) error {
		made, err = a.finishLibrary(ctx, act, f, form)
		return err
	})
	if err != nil {
		return NewLibrary{}, err
	}
	return made, nil
}

func (a *App) finishLibrary(ctx context.Context, act *acting, f founding, form NewLibraryForm) (made NewLibrary, err error) {
	if made.Library, err = a.finishFounding(ctx, act.Tx, f, form.Library); err != nil {
		return made, err
	}
	act.object = string(f.Library)
	for i, p := range []struct {
		form PersonForm
		role people.Role
		to   *Invitation
	}{{form.Director, people.Director, &made.Director}, {form.Admin, people.Admin, &made.Admin}} {
		c, err := a.enrolPerson(ctx, act, f.People[i], p.form, "", people.Membership{Library: f.Library, Role: p.role, From: act.now})
		if err != nil {
			return made, err
		}
		if *p.to, err = a.invite(ctx, act, c, f.Library, form.How, firstLife); err != nil {
			return made, err
		}
	}
	return made, a.enterRoles(ctx, act, f.Library, f.People[:]...)
}

// InviteFirst makes new invitations for the first directors and admins of a library,
// in place of the old ones, as long as none of its directors has come in: until then
// nobody at the library could. It is for whoever adds libraries.
func (a *App) InviteFirst(ctx context.Context, who Who, library people.LibraryID, how How) (list []Invitation, err error) {
	err = a.do(ctx, who, access.AddLibrary, people.Installation, installation, func(ctx context.Context, act *acting) error {
		l, err := act.Library(ctx, library)
		if err != nil || !l.Ready {
			return orMissing(err)
		}
		act.object = string(library)
		list, err = a.inviteFirst(ctx, act, library, how)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (a *App) inviteFirst(ctx context.Context, act *acting, library people.LibraryID, how How) (list []Invitation, err error) {
	all, err := act.MembershipsAt(ctx, library)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.Role != people.Director && m.Role != people.Admin || !m.Holds(act.now) {
			continue
		}
		ways, err := act.Credentials(ctx, m.Person)
		switch {
		case err != nil:
			return nil, err
		case len(ways) > 0 && m.Role == people.Director:
			return nil, fault.Over("A director has come in at this library already.", "Ask the director to invite others.")
		case len(ways) > 0:
			continue
		}
		c, err := a.openAccount(ctx, act.Tx, m.Person)
		if err != nil {
			return nil, err
		}
		if err := checkHow(how, c.card.Mail); err != nil {
			return nil, err
		}
		if err := a.withdrawAll(ctx, act, m.Person); err != nil {
			return nil, err
		}
		made, err := a.invite(ctx, act, c, library, how, firstLife)
		if err != nil {
			return nil, err
		}
		list = append(list, made)
	}
	return list, nil
}

// nameIsFree returns an Invalid fault if another library has that name.
func nameIsFree(ctx context.Context, tx *store.Tx, name string, but people.LibraryID) error {
	list, err := tx.Libraries(ctx)
	if err != nil {
		return err
	}
	var problems fault.Fields
	if slices.ContainsFunc(list, func(l Library) bool { return l.Ready && l.ID != but && strings.EqualFold(l.Name, name) }) {
		problems.Add("name", "There is a library of this name already. Choose another name.")
	}
	return problems.Err()
}

// Settings is the settings of a library.
type Settings struct {
	Library   Library
	Website   string // where "Leave this page" leads
	Mail      string // to which checkpoints are mailed
	Mailed    LetterState
	MayChange bool
}

// SettingsForm is what is typed about a library's settings.
type SettingsForm struct {
	Library LibraryForm
	Website string
	Mail    string
}

func (f SettingsForm) check() error {
	var problems fault.Fields
	if f.Website != "" && !isWebsite(f.Website) {
		problems.Add("website", "Write an address such as https://library.example, or leave this empty.")
	}
	if f.Mail != "" && !people.IsMail(f.Mail) {
		problems.Add("mail", "Write an address such as log@county.example, or leave this empty.")
	}
	return mergeFields(formPart{"", f.Library.check()}, formPart{"", problems.Err()})
}

// Settings returns the settings of a library.
func (a *App) Settings(ctx context.Context, who Who, library people.LibraryID) (s Settings, err error) {
	on := onLibrary(library, access.Library)
	err = a.look(ctx, who, access.ReadSettings, people.Installation, on, func(ctx context.Context, tx *store.Tx, now time.Time) error {
		t, err := on(ctx, tx)
		if err != nil {
			return err
		}
		s.MayChange = may(who, access.ChangeSettings, t.subject, now)
		s.Library, err = tx.Library(ctx, library)
		return err
	})
	if err != nil {
		return Settings{}, err
	}
	err = a.look(ctx, who, access.ReadSettings, library, on, readSettings(func(own map[string]string) {
		s.Website, s.Mail, s.Mailed = own[settingWebsite], own[settingMail], mailedState(own)
	}))
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}

// ChangeSettings changes the settings of a library. What the installation keeps of
// it and what the library keeps itself are two acts; doing it again does no harm.
func (a *App) ChangeSettings(ctx context.Context, who Who, library people.LibraryID, form SettingsForm) error {
	form = SettingsForm{form.Library.tidied(), strings.TrimSpace(form.Website), strings.TrimSpace(form.Mail)}
	on := onLibrary(library, access.Library)
	err := a.do(ctx, who, access.ChangeSettings, people.Installation, on, func(ctx context.Context, act *acting) error {
		l, err := act.Library(ctx, library)
		if err != nil {
			return err
		}
		if err := form.check(); err != nil {
			return err
		}
		if err := nameIsFree(ctx, act.Tx, form.Library.Name, library); err != nil {
			return err
		}
		changed := form.Library.library(l)
		act.quiet = changed == l
		return act.PutLibrary(ctx, changed)
	})
	if err != nil {
		return err
	}
	return a.do(ctx, who, access.ChangeSettings, library, on, func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		if err := a.addressMoved(ctx, act, form.Mail); err != nil {
			return err
		}
		for _, s := range []struct{ name, value string }{
			{settingPlace, form.Library.Place}, {settingWebsite, form.Website}, {settingMail, form.Mail},
		} {
			if err := act.PutSetting(ctx, s.name, s.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// SwitchLibrary has a session show another library, or another branch of one, at
// which its person has a role. It leaves no entry: nothing is decided by it.
func (a *App) SwitchLibrary(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID) error {
	if who.Person == "" || who.State != signin.Live {
		return signInFirst()
	}
	if !slices.ContainsFunc(who.Memberships, func(m people.Membership) bool {
		return m.Person == who.Person && m.Covers(library, branch) && m.Holds(a.now()) ||
			m.Library == library && branch == "" && m.Person == who.Person && m.Holds(a.now())
	}) || library == people.Installation {
		return fault.Missing()
	}
	if branch == "" {
		at, err := a.seatAt(ctx, who, library)
		if err != nil {
			return err
		}
		branch = at.branch
	}
	if there, err := a.isBranch(ctx, library, branch); err != nil || !there {
		return orMissing(err)
	}
	return a.changeSession(ctx, who, func(s *store.Session) error {
		s.Library, s.Branch = library, branch
		return nil
	})
}

// seatAt finds at which branch of a library somebody's pages begin.
func (a *App) seatAt(ctx context.Context, who Who, library people.LibraryID) (at seat, err error) {
	roles := slices.DeleteFunc(slices.Clone(who.Memberships), func(m people.Membership) bool { return m.Library != library })
	if at = pickSeat(roles, who.Device, a.now()); at.branch == "" {
		at.branch, err = a.firstBranch(ctx, library)
	}
	return at, err
}
