package web

import (
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app/apptest"
	"roundtable/internal/mail"
	"roundtable/internal/mail/mailtest"
	"roundtable/internal/provider/providertest"
	"roundtable/internal/store/storetest"
)

// mailWorld is an installation that nobody has set up, with a mail server.
func mailWorld(t *testing.T, s *mailtest.Server) (*world, *mailtest.Server) {
	t.Helper()
	mailtest.Start(t, s)
	of := apptest.Empty(t, storetest.SQLite(t))
	m, err := mail.New(mail.Config{Host: "127.0.0.1", Port: s.Port(), TLS: mail.Plain, From: "roundtable@elm.example", Now: of.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	of.Mail = m
	of.App = of.Process(t, of.Key)
	return newWorld(t, of), s
}

func (w *world) work() {
	w.t.Helper()
	if err := w.WorkOnce(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

var personLink = regexp.MustCompile(`/manage/people/[0-9a-f-]{36}`)

// TestInviteByMailThroughThePages: the page tells what is known of the letter and no
// more, and never its link; the link lets its person in.
func TestInviteByMailThroughThePages(t *testing.T) {
	refuse := ""
	w, server := mailWorld(t, &mailtest.Server{Say: func(verb, _ string) string {
		if verb == "RCPT" {
			return refuse
		}
		return ""
	}})
	director, _ := w.setUp()
	if page := problemsOf(director.gets(200, "/manage/people/invite")); !strings.Contains(page, "By mail") || strings.Contains(page, "No mail server") {
		t.Errorf("with a mail server the form says %s", page)
	}
	form := []string{"name", "Mia Moss", "initials", "MM", "mail", "mia@elm.example", "role", "desk", "how", "mail"}
	director.posts(422, "/manage/people/invite", append(form[:len(form)-1:len(form)-1], "pigeon")...)
	answer := director.posts(200, "/manage/people/invite", form...)
	page := problemsOf(answer)
	if !strings.Contains(page, "We mail the invitation now") || !strings.Contains(page, "mia@elm.example") || strings.Contains(answer.Body.String(), "/invite/") {
		t.Errorf("after inviting by mail the page says %s, want what happens, and no link", page)
	}
	href := personLink.FindString(answer.Body.String())
	says := func(want string) {
		t.Helper()
		if page := problemsOf(director.gets(200, href)); !strings.Contains(page, want) {
			t.Errorf("the person's page says %s, want %q", page, want)
		}
	}
	says("Not sent yet.")
	refuse = "451 4.7.1 Greylisted"
	w.work()
	says("Not sent yet: the mail server did not take it. It is tried again.")
	refuse = ""
	w.Clock.Move(time.Minute)
	w.work()
	says("Whether it arrived is not known.")
	letters := server.Letters()
	if len(letters) != 1 {
		t.Fatalf("%d letters came, want 1", len(letters))
	}
	body, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(letters[0].Body)))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`(?m)^https://` + regexp.QuoteMeta(host) + `(/invite/\S+?)\r?$`).FindStringSubmatch(string(body))
	if link == nil {
		t.Fatalf("the letter has no link: %q", body)
	}
	// A new one by mail, in the old one's place; and one on paper in that one's.
	refuse = "550 5.1.1 unknown"
	director.posts(200, href+"/invitation", "how", "mail")
	w.work()
	says("Not sent: the mail server says that there is no such address.")
	w.browser().gets(410, link[1])
	refuse = ""
	w.Clock.Move(time.Minute) // what is pressed twice counts once
	director.posts(200, href+"/invitation", "how", "mail")
	w.work()
	letters = server.Letters()
	body, _ = io.ReadAll(quotedprintable.NewReader(strings.NewReader(letters[len(letters)-1].Body)))
	newest := invitationForm.FindString(string(body))
	mia := w.accept(strings.TrimSpace(newest))
	if page := problemsOf(mia.gets(200, "/me")); !strings.Contains(page, "Mia Moss") {
		t.Errorf("the link lets in somebody else: %s", page)
	}
	if strings.Contains(w.Log.String(), "mia@") || strings.Contains(w.Log.String(), strings.TrimPrefix(newest, "/invite/")) {
		t.Error("the log tells an address or a link")
	}
}

// TestInviteWithoutMail: without a mail server everything is on paper, whatever is
// asked for.
func TestInviteWithoutMail(t *testing.T) {
	w := emptyWorld(t)
	director, _ := w.setUp()
	if page := problemsOf(director.gets(200, "/manage/people/invite")); !strings.Contains(page, "No mail server is set up here, so invitations are printed.") || strings.Contains(page, "By mail") {
		t.Errorf("without a mail server the form says %s", page)
	}
	answer := director.posts(200, "/manage/people/invite", "name", "Mia Moss", "initials", "MM", "mail", "mia@elm.example", "role", "desk", "how", "mail")
	invitationIn(t, answer)
	href := personLink.FindString(answer.Body.String())
	if page := problemsOf(director.gets(200, href)); strings.Contains(page, "Mail a new link") {
		t.Errorf("without a mail server the person's page says %s", page)
	}
	invitationIn(t, director.posts(200, href+"/invitation", "how", "mail"))
	if page := problemsOf(director.gets(200, "/manage/settings")); !strings.Contains(page, "so nothing is mailed: copy the checkpoint") {
		t.Errorf("without a mail server the settings say %s", page)
	}
}

// TestCheckpointsByMailInSettings: the settings tell what is known of them.
func TestCheckpointsByMailInSettings(t *testing.T) {
	w, _ := mailWorld(t, &mailtest.Server{Say: func(verb, line string) string {
		if verb == "RCPT" && strings.Contains(line, "nobody@") {
			return "550 5.1.1 unknown"
		}
		return ""
	}})
	director, _ := w.setUp()
	save := func(address string) {
		t.Helper()
		director.posts(303, "/manage/settings", "name", "Elm Street Library", "state", "Ohio", "zone", "America/New_York", "mail", address)
	}
	says := func(want string) {
		t.Helper()
		if page := problemsOf(director.gets(200, "/manage/settings")); !strings.Contains(page, want) {
			t.Errorf("the settings say %s, want %q", page, want)
		}
	}
	says("We mail the last checkpoint of each day there.")
	save("nobody@county.example")
	says("Checkpoints by mail None was sent yet.")
	w.work()
	says("The newest was not sent: the mail server says that there is no such address. None was sent yet.")
	save("log@county.example")
	w.work()
	says("Sent last on 25 November 2026 at 14:05. Whether it arrived is not known.")
}

// TestWitnessThroughThePages: a director names a witness, and the page of the log
// tells who has seen the checkpoint, or what is wrong.
func TestWitnessThroughThePages(t *testing.T) {
	w := emptyWorld(t)
	director, invitation := w.setUp()
	noor := w.accept(invitation) // an admin
	noor.gets(403, "/manage/audit/witness")
	noor.posts(403, "/manage/audit/witness", "url", "https://w.example", "key", "x")
	if page := problemsOf(noor.gets(200, "/manage/audit")); !strings.Contains(page, "Nobody elsewhere witnesses it.") || strings.Contains(page, "Name a witness") {
		t.Errorf("without a witness the log's page says to an admin %s", page)
	}
	if page := problemsOf(director.gets(200, "/manage/audit")); !strings.Contains(page, "Name a witness") {
		t.Errorf("the log's page offers a director no witness: %s", page)
	}
	answer := director.posts(422, "/manage/audit/witness", "url", "http://w.example", "key", "canary-key")
	if page := answer.Body.String(); !strings.Contains(page, `value="http://w.example"`) || !strings.Contains(page, "canary-key") || !strings.Contains(problemsOf(answer), "Write the witness’s address with https") {
		t.Errorf("what is no witness is answered by %s", problemsOf(answer))
	}
	form := director.gets(200, "/manage/audit/witness")
	key := regexp.MustCompile(`<code>(roundtable/\S+\+[0-9a-f]{8}\+\S+?)</code>`).FindStringSubmatch(strings.ReplaceAll(form.Body.String(), "&#43;", "+"))
	if key == nil {
		t.Fatalf("the form does not tell the log's key: %s", problemsOf(form))
	}
	witness := apptest.StartWitness(t, key[1], w.Clock.Now)
	w.Calls = witness.Client()
	w.App = w.Process(t, w.Key) // does the work; the pages are another process's
	director.posts(303, "/manage/audit/witness", "url", witness.URL, "key", witness.Key)
	says := func(want string) {
		t.Helper()
		if noor.get("/manage/audit").Code == 303 {
			noor.posts(303, "/lock", "secret", apptest.Password)
		}
		if page := problemsOf(noor.gets(200, "/manage/audit")); !strings.Contains(page, want) {
			t.Errorf("the log's page says %s, want %q", page, want)
		}
	}
	says("witness.county.example/w1 has not signed it yet.")
	w.Clock.Move(time.Hour)
	w.work()
	says("Witnessed by witness.county.example/w1 at Wednesday 25 November 2026, 15:05 .")
	witness.Close()
	w.Clock.Move(time.Hour)
	w.WorkOnce(t.Context())
	says("It cannot be reached, or is not ready; it is asked again. So it is since Wednesday 25 November 2026, 16:05 . It signed last at Wednesday 25 November 2026, 15:05 .")
}

// TestAcceptAtProvider: an invitation is accepted with an account elsewhere, once,
// and the provider does not learn of the invitation.
func TestAcceptAtProvider(t *testing.T) {
	w := emptyWorld(t)
	w.Clock.Move(time.Since(w.Clock.Now()).Truncate(time.Second)) // the provider looks at a clock of its own
	county := providertest.Start(t, backFrom, "roundtable")
	imani, first := w.setUp()
	if page := w.browser().gets(200, first).Body.String(); strings.Contains(page, "/provider") {
		t.Error("without a provider an invitation offers one")
	}
	w.browser().posts(403, first+"/provider")
	imani.posts(303, "/manage/provider", "name", "Elm County", "issuer", county.URL, "client", "roundtable", "client_secret", providertest.Secret)
	noor := w.browser()
	if page := problemsOf(noor.gets(200, first)); !strings.Contains(page, "Sign in with Elm County") {
		t.Errorf("the invitation does not offer the provider: %s", page)
	}
	w.browser().posts(404, "/invite/nothing-of-ours/provider")
	leads := noor.posts(200, first+"/provider")
	if got := leads.Header().Get("Referrer-Policy"); got != "same-origin" && got != "no-referrer" {
		t.Errorf("the page that leads on has Referrer-Policy %q: the provider would learn the invitation", got)
	}
	if to := leads.Header().Get("Refresh"); strings.Contains(to, strings.TrimPrefix(first, "/invite/")) {
		t.Errorf("the provider is told the invitation: %q", to)
	}
	back := noor.atProvider(leads, "test-user2")
	if to := noor.want(back, 303, "coming back").Header().Get("Location"); to == "" || noor.cookies["__Host-roundtable"] == "" {
		t.Errorf("after accepting the browser goes to %q with the cookies %v", to, noor.cookies)
	}
	if page := problemsOf(noor.gets(200, "/me")); !strings.Contains(page, "Noor Haddad") || !strings.Contains(page, "Elm County Linked") {
		t.Errorf("the provider lets in somebody else, or the account is not linked: %s", page)
	}
	// It works once, and signs in from then on.
	w.browser().posts(410, first+"/provider")
	again := w.browser()
	again.gets(200, "/signin")
	again.want(again.atProvider(again.posts(200, "/signin/provider", "provider", "provider"), "test-user2"), 303, "signing in")
	if page := problemsOf(again.gets(200, "/me")); !strings.Contains(page, "Noor Haddad") {
		t.Errorf("signing in later lets in somebody else: %s", page)
	}
	// Who has that account at the provider is Noor, so nobody else becomes of it.
	second := invitationIn(t, imani.posts(200, "/manage/people/invite", "name", "Eve Elder", "initials", "EE", "role", "desk", "how", "slip"))
	eve := w.browser()
	eve.gets(200, second)
	refused := eve.atProvider(eve.posts(200, second+"/provider"), "test-user2")
	if page := problemsOf(eve.want(refused, 403, "accepting with Noor's account")); !strings.Contains(page, "linked with an account here already") {
		t.Errorf("an account that is somebody's is answered by %s", page)
	}
	// The invitation is not used up by that.
	eve.gets(200, second)
	w.Clock.Move(11 * time.Second) // what is pressed twice counts once
	in := eve.atProvider(eve.posts(200, second+"/provider"), "test-user@"+strings.Split(strings.SplitN(county.URL, "://", 2)[1], ":")[0])
	eve.want(in, 303, "accepting with her own")
	if page := problemsOf(eve.gets(200, "/me")); !strings.Contains(page, "Eve Elder") {
		t.Errorf("her own account lets in somebody else: %s", page)
	}
	if strings.Contains(w.Log.String(), strings.TrimPrefix(second, "/invite/")) {
		t.Error("the log tells an invitation")
	}
}
