package app_test

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/mail"
	"roundtable/internal/mail/mailtest"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

// withMail has the installation send its letters through a server.
func withMail(t *testing.T, w *apptest.World, s *mailtest.Server) {
	t.Helper()
	m, err := mail.New(mail.Config{Host: "127.0.0.1", Port: s.Port(), TLS: mail.Plain, From: "roundtable@elm.example", Now: w.Clock.Now})
	must(t, err)
	w.Mail = m
	w.App = w.Process(t, w.Key)
}

// bodyOf undoes what a letter's body was wrapped in for the way.
func bodyOf(t *testing.T, l mailtest.Letter) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(l.Body)))
	must(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// byMail is the form by which a desk is invited by mail.
func byMail(name string) app.InvitationForm {
	f := desk(name, strings.ToUpper(name[:2]), strings.ToLower(name)+"@elm.example")
	f.How = app.ByMail
	return f
}

// letterOf returns how far the letter of a person's one invitation is.
func letterOf(t *testing.T, w *apptest.World, person people.PersonID) app.LetterState {
	t.Helper()
	who, err := w.Account(t.Context(), w.A.As(t, people.Director), w.A.ID, person)
	must(t, err)
	if len(who.Invitations) != 1 || who.Invitations[0].Slip {
		t.Fatalf("the invitations are %+v, want one by mail", who.Invitations)
	}
	return who.Invitations[0].Letter
}

// kept returns what the database has of an invitation.
func kept(t *testing.T, w *apptest.World, made app.Invitation) []byte {
	t.Helper()
	var content []byte
	must(t, w.Store.Read(t.Context(), people.Installation, func(tx *store.Tx) error {
		k, err := tx.Ticket(t.Context(), signin.Digest(made.ID))
		content = k.Content
		return err
	}))
	return content
}

var linkIn = regexp.MustCompile(`(?m)^https://desk\.elm\.example/invite/(\S+)$`)

// TestInvitationByMail: the link comes by mail and lets its person in; before that
// the database has its token sealed, and afterwards not at all.
func TestInvitationByMail(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		if w.MailsLetters() {
			t.Error("without a mail server, MailsLetters() = true")
		}
		server := mailtest.Start(t, &mailtest.Server{})
		withMail(t, w, server)
		if !w.MailsLetters() {
			t.Error("with a mail server, MailsLetters() = false")
		}
		made, err := w.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, byMail("Mia"))
		must(t, err)
		if n := len(server.Letters()); n != 0 {
			t.Errorf("%d letters were sent while the page waited, want none", n)
		}
		if got := letterOf(t, w, made.Person); got != (app.LetterState{}) {
			t.Errorf("before it was tried the letter is %+v, want nothing", got)
		}
		content := kept(t, w, made)
		if !bytes.Contains(content, []byte(`"token"`)) || bytes.Contains(content, []byte(made.Secret)) {
			t.Errorf("while it waits the ticket holds %s, want the token sealed", content)
		}
		must(t, w.WorkOnce(ctx))
		letters := slices.DeleteFunc(server.Letters(), func(l mailtest.Letter) bool { return !strings.Contains(l.To, "mia@elm.example") })
		if len(letters) != 1 {
			t.Fatalf("there are %d letters to her, want 1", len(letters))
		}
		link := linkIn.FindStringSubmatch(bodyOf(t, letters[0]))
		if link == nil || link[1] != made.Secret || !strings.Contains(bodyOf(t, letters[0]), "until 2 December 2026") {
			t.Fatalf("the letter says %q, want the link and its last day", bodyOf(t, letters[0]))
		}
		if got := letterOf(t, w, made.Person); got != (app.LetterState{Sent: w.Clock.Now()}) {
			t.Errorf("once the server took it the letter is %+v, want sent now", got)
		}
		if content := kept(t, w, made); bytes.Contains(content, []byte(`"token"`)) {
			t.Errorf("once it was sent the ticket holds %s, want no token", content)
		}
		w.Clock.Move(2 * time.Hour)
		must(t, w.WorkOnce(ctx))
		if n := len(server.Letters()); n != 1 {
			t.Errorf("there are %d letters in all, want 1: each is sent once, and none for whom has come in", n)
		}
		if _, err := w.AcceptInvitation(ctx, app.Who{}, w.Place(), link[1], apptest.Password); err != nil {
			t.Errorf("AcceptInvitation with the link: %v", err)
		}
		if strings.Contains(w.Log.String(), made.Secret) || strings.Contains(w.Log.String(), "mia@") {
			t.Error("the log tells the token or the address")
		}
	})
}

// TestLetterIsTriedAgain: put off, it waits longer and longer and has one id; refused,
// it is given up and the page can say so.
func TestLetterIsTriedAgain(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	ctx := t.Context()
	must(t, w.WorkOnce(ctx))
	answer := "450 4.7.1 Greylisted"
	server := mailtest.Start(t, &mailtest.Server{Say: func(verb, line string) string {
		if verb == "RCPT" && strings.Contains(line, "ned@") {
			return answer
		}
		return ""
	}})
	withMail(t, w, server)
	made, err := w.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, byMail("Ned"))
	must(t, err)
	tries := func() int { return strings.Count(server.Heard(), "RCPT TO:<ned@elm.example>") }
	must(t, w.WorkOnce(ctx))
	if got := letterOf(t, w, made.Person); got.Trouble != notify.Later || got.GivenUp() || tries() != 1 {
		t.Fatalf("put off, the letter is %+v after %d tries, want later after 1", got, tries())
	}
	must(t, w.WorkOnce(ctx))
	if tries() != 1 {
		t.Error("it is tried again at once")
	}
	for range 60 {
		w.Clock.Move(10 * time.Second)
		must(t, w.WorkOnce(ctx))
	}
	if n := tries(); n < 4 || n > 20 {
		t.Errorf("within ten minutes it was tried %d times, want some and fewer and fewer", n)
	}
	answer = ""
	w.Clock.Move(time.Hour)
	must(t, w.WorkOnce(ctx))
	if got := letterOf(t, w, made.Person); got.Sent.IsZero() || got.Trouble != 0 {
		t.Errorf("taken in the end, the letter is %+v, want sent", got)
	}

	answer = "550 5.1.1 unknown"
	gone, err := w.InviteAgain(ctx, w.A.As(t, people.Director), w.A.ID, made.Person, app.ByMail)
	must(t, err)
	must(t, w.WorkOnce(ctx))
	before := tries()
	if got := letterOf(t, w, made.Person); got.Trouble != notify.Gone || !got.GivenUp() {
		t.Errorf("refused, the letter is %+v, want given up", got)
	}
	if content := kept(t, w, gone); bytes.Contains(content, []byte(`"token"`)) {
		t.Errorf("given up, the ticket holds %s, want no token", content)
	}
	w.Clock.Move(2 * time.Hour)
	must(t, w.WorkOnce(ctx))
	if tries() != before {
		t.Error("what was given up is tried again")
	}
}

// TestLetterThatIsNotNeeded: of an invitation that was withdrawn no letter goes out,
// and its token is taken out.
func TestLetterThatIsNotNeeded(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	ctx := t.Context()
	server := mailtest.Start(t, &mailtest.Server{})
	withMail(t, w, server)
	director := w.A.As(t, people.Director)
	withdrawn, err := w.InvitePerson(ctx, director, w.A.ID, byMail("Ola"))
	must(t, err)
	must(t, w.WithdrawInvitation(ctx, director, w.A.ID, withdrawn.ID))
	removed, err := w.InvitePerson(ctx, director, w.A.ID, byMail("Pia"))
	must(t, err)
	must(t, w.RemovePerson(ctx, director, w.A.ID, removed.Person))
	must(t, w.WorkOnce(ctx))
	if heard := server.Heard(); strings.Contains(heard, "ola@") || strings.Contains(heard, "pia@") {
		t.Errorf("the mail server heard of them: %q", heard)
	}
	if content := kept(t, w, withdrawn); bytes.Contains(content, []byte(`"token"`)) {
		t.Errorf("of a withdrawn invitation the ticket holds %s, want no token", content)
	}
}

// TestNoMailServer: without one a letter waits, for another process that has one.
func TestNoMailServer(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	ctx := t.Context()
	made, err := w.InvitePerson(ctx, w.A.As(t, people.Director), w.A.ID, byMail("Quin"))
	must(t, err)
	must(t, w.WorkOnce(ctx))
	if got := letterOf(t, w, made.Person); got != (app.LetterState{}) {
		t.Errorf("without a mail server the letter is %+v, want nothing", got)
	}
	server := mailtest.Start(t, &mailtest.Server{})
	withMail(t, w, server)
	w.Clock.Move(time.Hour)
	must(t, w.WorkOnce(ctx))
	if got := letterOf(t, w, made.Person); got.Sent.IsZero() {
		t.Errorf("with one the letter is %+v, want sent", got)
	}
}

// settings changes to whom checkpoints are mailed.
func mailTo(t *testing.T, w *apptest.World, address string) {
	t.Helper()
	form := apptest.SetUpForm().Library
	must(t, w.ChangeSettings(t.Context(), w.A.As(t, people.Director), w.A.ID, app.SettingsForm{Library: form, Mail: address}))
}

// TestCheckpointByMail: one at once, then one a day, the first after midnight where
// the library is; what arrives finds a rewritten log.
func TestCheckpointByMail(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := apptest.New(t, s)
		server := mailtest.Start(t, &mailtest.Server{})
		withMail(t, w, server)
		mailTo(t, w, "log@county.example")
		must(t, w.WorkOnce(ctx))
		checkpoints := func() (list []mailtest.Letter) {
			return slices.DeleteFunc(server.Letters(), func(l mailtest.Letter) bool { return !strings.Contains(l.To, "log@county.example") })
		}
		if n := len(checkpoints()); n != 1 {
			t.Fatalf("once an address is named there are %d checkpoints, want the newest at once", n)
		}
		days := map[string]int{}
		zone, err := time.LoadLocation("America/New_York")
		must(t, err)
		for range 3 * 24 {
			before := len(checkpoints())
			w.Clock.Move(time.Hour)
			must(t, w.WorkOnce(ctx))
			if len(checkpoints()) > before {
				days[w.Clock.Now().In(zone).Format("15")]++
			}
		}
		if len(days) != 1 || days["00"] != 3 {
			t.Errorf("within three days checkpoints came at these hours of the library: %v, want 3 after midnight", days)
		}
		got, err := w.Settings(ctx, w.A.As(t, people.Director), w.A.ID)
		must(t, err)
		if got.Mailed.Sent.IsZero() || got.Mailed.Trouble != 0 {
			t.Errorf("Settings say of the mail %+v, want sent", got.Mailed)
		}
		// What came by mail is a checkpoint of this log.
		c, err := w.Checkpoint(ctx, w.A.As(t, people.Director), w.A.ID)
		must(t, err)
		list := checkpoints()
		body := bodyOf(t, list[len(list)-1])
		var file bytes.Buffer
		must(t, w.Store.Read(ctx, w.A.ID, func(tx *store.Tx) error { return ledger.Export(ctx, &file, c.Origin, tx.Ledger()) }))
		report, err := ledger.Verify(&file, c.PublicKey, ledger.Options{Kept: [][]byte{[]byte(body)}})
		must(t, err)
		if !report.OK() || report.KeptAt.IsZero() {
			t.Errorf("held against the mailed checkpoint the log is: %s", report)
		}
		for _, l := range list {
			if s := bodyOf(t, l); strings.Contains(s, "Elm Street") || strings.Contains(s, "Dana") {
				t.Errorf("a letter names somebody: %q", s)
			}
		}

		mailTo(t, w, "")
		w.Clock.Move(24 * time.Hour)
		must(t, w.WorkOnce(ctx))
		if n := len(checkpoints()); n != len(list) {
			t.Errorf("with nobody named %d more came", n-len(list))
		}
	})
}

// TestCheckpointRefused: a mistyped address shows in the settings, and another one
// begins anew.
func TestCheckpointRefused(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	ctx := t.Context()
	server := mailtest.Start(t, &mailtest.Server{Say: func(verb, line string) string {
		switch {
		case verb == "RCPT" && strings.Contains(line, "nobody@"):
			return "550 5.1.1 unknown"
		case verb == "RCPT" && strings.Contains(line, "slow@"):
			return "451 4.3.0 Later"
		}
		return ""
	}})
	withMail(t, w, server)
	for _, c := range []struct {
		to   string
		want notify.Outcome
	}{{"nobody@county.example", notify.Gone}, {"slow@county.example", notify.Later}, {"log@county.example", 0}} {
		mailTo(t, w, c.to)
		must(t, w.WorkOnce(ctx))
		got, err := w.Settings(ctx, w.A.As(t, people.Director), w.A.ID)
		must(t, err)
		if got.Mailed.Trouble != c.want || got.Mailed.Sent.IsZero() == (c.want == 0) {
			t.Errorf("to %s the settings say %+v, want %v", c.to, got.Mailed, c.want)
		}
	}
	if strings.Contains(w.Log.String(), "county.example") {
		t.Error("the log tells an address")
	}
}
