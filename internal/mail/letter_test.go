package mail

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"roundtable/internal/mail/mailtest"
	"roundtable/internal/notify"
	"roundtable/ledger"
)

// signed makes a log of one entry and its checkpoint.
func signed(t testing.TB) (text []byte, key string) {
	t.Helper()
	private, public, err := ledger.NewKey(bytes.NewReader(make([]byte, 64)), "roundtable/0198-canary")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	_, text, err = ledger.Sign(t.Context(), &ledger.Memory{}, signer, now, bytes.NewReader(make([]byte, 1<<16)))
	if err != nil {
		t.Fatal(err)
	}
	return text, public
}

// plain undoes what a letter's body was wrapped in for the way.
func plain(t testing.TB, l mailtest.Letter) string {
	t.Helper()
	if got := l.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		t.Fatalf("the body is encoded as %q", got)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(l.Body)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestInvitationLetter(t *testing.T) {
	until := time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC)
	l, err := Invitation("https://desk.elm.example", "Ab_9-token", until)
	if err != nil {
		t.Fatal(err)
	}
	s := mailtest.Start(t, &mailtest.Server{})
	m := to(t, s, nil)
	for range 2 {
		if r, err := m.SendLetter(t.Context(), "0123abcd", notify.NewAddress(recipient), l); r.Outcome != notify.Accepted || err != nil {
			t.Fatalf("SendLetter = %v, %v, want accepted", r.Outcome, err)
		}
	}
	got := s.Letters()
	body := plain(t, got[0])
	if !strings.Contains(body, "\nhttps://desk.elm.example/invite/Ab_9-token\n") || !strings.Contains(body, "until 2 December 2026") {
		t.Errorf("the letter says %q, want link and day", body)
	}
	if got[0].Raw != got[1].Raw || got[0].Header.Get("Message-Id") != "<0123abcd@library.example>" || got[0].Header.Get("Importance") != "" {
		t.Errorf("sent twice, the letter has the heads %v and %v, want one id and no importance", got[0].Header, got[1].Header)
	}
	for _, bad := range [][2]string{
		{"", "a"}, {"ftp://x.example", "a"}, {"https://u@x.example", "a"}, {"https://x.example?a=b", "a"}, {"https://x.example#a", "a"},
		{"https://x.example", ""}, {"https://x.example", "a b"}, {"https://x.example", "a\r\nb"}, {"https://x.example", "../b"}, {"https://x.example", strings.Repeat("a", 500)},
	} {
		if l, err := Invitation(bad[0], bad[1], until); err == nil || !l.IsZero() {
			t.Errorf("Invitation(%q, %q) = %v, %v, want an error", bad[0], bad[1], l, err)
		}
	}
}

// TestCheckpointLetter: what arrives is what was signed, to the letter; nothing that
// was not signed can be sent.
func TestCheckpointLetter(t *testing.T) {
	text, key := signed(t)
	l, err := Checkpoint(text, key)
	if err != nil {
		t.Fatal(err)
	}
	s := mailtest.Start(t, &mailtest.Server{})
	if r, err := to(t, s, nil).SendLetter(t.Context(), "0123abcd", notify.NewAddress(recipient), l); r.Outcome != notify.Accepted || err != nil {
		t.Fatalf("SendLetter = %v, %v, want accepted", r.Outcome, err)
	}
	if body := plain(t, s.Letters()[0]); !strings.Contains(body, "\n\n"+string(text)+"\n") || !strings.Contains(body, key) {
		t.Errorf("the letter says %q, want checkpoint and key", body)
	}
	other, otherKey := bytes.Replace(text, []byte("2026"), []byte("2027"), 1), "x"
	for _, bad := range []struct {
		text []byte
		key  string
	}{{other, key}, {text, otherKey}, {[]byte("buy now"), key}, {nil, key}, {append([]byte("buy now\n\n"), text...), key}} {
		if l, err := Checkpoint(bad.text, bad.key); err == nil || !l.IsZero() {
			t.Errorf("Checkpoint(%q) = %v, %v, want an error", bad.text, l, err)
		}
	}
}

func TestLetterRefused(t *testing.T) {
	l, err := Invitation("https://desk.elm.example", "a", now)
	if err != nil {
		t.Fatal(err)
	}
	s := mailtest.Start(t, &mailtest.Server{Say: mailtest.At("RCPT", "550 5.1.1 <"+recipient+"> unknown")})
	m := to(t, s, nil)
	for _, c := range []struct {
		id, to string
		letter Letter
		want   notify.Outcome
	}{
		{"a", recipient, l, notify.Gone}, {"a", "no address", l, notify.Gone}, {"", recipient, l, notify.Declined}, {"a b", recipient, l, notify.Declined}, {"a", recipient, Letter{}, notify.Declined},
	} {
		r, err := m.SendLetter(t.Context(), c.id, notify.NewAddress(c.to), c.letter)
		if r.Outcome != c.want || err == nil {
			t.Errorf("SendLetter(%q, %q) = %v, %v, want %v", c.id, c.to, r.Outcome, err, c.want)
		}
		isQuiet(t, err)
	}
}

// TestCheck: everything but a message.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		say  func(verb, line string) string
		want notify.Outcome
	}{
		{"ready", nil, notify.Accepted}, {"not ready", mailtest.At("GREETING", "421 4.3.2 Later"), notify.Later},
		{"wrong password", mailtest.At("AUTH", "535 5.7.8 No"), notify.Unusable}, {"hangs up", mailtest.At("EHLO", mailtest.Dropped), notify.Later},
		{"silent at goodbye", mailtest.At("QUIT", mailtest.Silent), notify.Accepted},
	} {
		cert, pool := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 1, 0))
		s := mailtest.Start(t, &mailtest.Server{Cert: cert, Implicit: true, Auth: "user secret", Say: c.say})
		m := to(t, s, func(conf *Config) {
			conf.TLS, conf.Roots, conf.User, conf.Password = Implicit, pool, "user", "secret"
		})
		r, err := m.Check(t.Context())
		if r.Outcome != c.want || (err == nil) != (c.want == notify.Accepted) {
			t.Errorf("%s: Check = %v, %v, want %v", c.name, r.Outcome, err, c.want)
		}
		isQuiet(t, err)
		if strings.Contains(s.Heard(), "MAIL FROM") {
			t.Errorf("%s: the server heard of a message: %q", c.name, s.Heard())
		}
	}
}
