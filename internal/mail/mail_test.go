package mail

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"mime"
	"net"
	"strings"
	"testing"
	"time"

	"roundtable/internal/mail/mailtest"
	"roundtable/internal/notify"
)

const (
	recipient = "canary.person@library.example"
	sender    = "alerts@library.example"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func message(t testing.TB, lang notify.Lang) notify.Message {
	t.Helper()
	m, err := notify.Compose(lang, notify.Need, "https://rt.library.example", "018f-canary-link")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func delivery(t testing.TB) notify.Delivery {
	return notify.Delivery{ID: "0123456789abcdef0123456789abcdef", To: notify.NewAddress(recipient), Message: message(t, notify.English)}
}

func to(t testing.TB, s *mailtest.Server, change func(c *Config)) *Sender {
	t.Helper()
	c := Config{Host: "127.0.0.1", Port: s.Port(), TLS: Plain, From: sender, Now: func() time.Time { return now }}
	if change != nil {
		change(&c)
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestOutcomes tries every refusal, delay and break that a server has.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		say     func(verb, line string) string
		want    notify.Outcome
		letters int
	}{
		{"accepted", nil, notify.Accepted, 1},
		{"not ready", mailtest.At("GREETING", "421 4.3.2 Shutting down"), notify.Later, 0},
		{"no service", mailtest.At("GREETING", "554 5.7.1 You are not welcome"), notify.Unusable, 0},
		{"hangs up at once", mailtest.At("GREETING", mailtest.Dropped), notify.Later, 0},
		{"talks nonsense", mailtest.At("GREETING", "hello there"), notify.Later, 0},
		{"hangs up at hello", mailtest.At("EHLO", mailtest.Dropped), notify.Later, 0},
		{"knows neither EHLO nor HELO", func(v, _ string) string {
			if v == "EHLO" || v == "HELO" {
				return "502 5.5.1 What?"
			}
			return ""
		}, notify.Unusable, 0},
		{"knows HELO only", mailtest.At("EHLO", "502 5.5.1 What?"), notify.Accepted, 1},
		{"sender refused", mailtest.At("MAIL", "550 5.7.1 Sender rejected"), notify.Unusable, 0},
		{"sender put off", mailtest.At("MAIL", "451 4.7.1 Try again"), notify.Later, 0},
		{"greylisted", mailtest.At("RCPT", "450 4.7.1 Greylisted, come back in 5 minutes"), notify.Later, 0},
		{"mailbox full", mailtest.At("RCPT", "452 4.2.2 Mailbox full"), notify.Later, 0},
		{"no such user", mailtest.At("RCPT", "550 5.1.1 <"+recipient+"> unknown"), notify.Gone, 0},
		{"user moved", mailtest.At("RCPT", "551 5.1.6 User has moved"), notify.Gone, 0},
		{"refused without saying why", mailtest.At("RCPT", "550 Go away"), notify.Declined, 0},
		{"refused as spam", mailtest.At("RCPT", "550 5.7.1 Spam"), notify.Declined, 0},
		{"a code that is none", mailtest.At("RCPT", "999 What"), notify.Later, 0},
		{"a recipient of a server that says yes by 251", mailtest.At("RCPT", "251 2.1.5 Will forward"), notify.Accepted, 1},
		{"hangs up at the recipient", mailtest.At("RCPT", mailtest.Dropped), notify.Later, 0},
		{"no data", mailtest.At("DATA", "554 5.5.1 No"), notify.Declined, 0},
		{"no data now", mailtest.At("DATA", "421 4.3.0 Later"), notify.Later, 0},
		{"hangs up at data", mailtest.At("DATA", mailtest.Dropped), notify.Later, 0},
		{"content refused", mailtest.At("LETTER", "554 5.7.1 Content refused"), notify.Declined, 0},
		{"content put off", mailtest.At("LETTER", "451 4.3.0 Try again"), notify.Later, 0},
		{"takes it and hangs up before it says so", mailtest.At("LETTER", mailtest.Dropped), notify.Later, 1},
		{"takes it and hangs up", mailtest.At("QUIT", mailtest.Dropped), notify.Accepted, 1},
		{"takes it and says no to goodbye", mailtest.At("QUIT", "500 5.5.1 Stay"), notify.Accepted, 1},
		{"talks without end", mailtest.At("MAIL", mailtest.Long(1<<20)), notify.Later, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, &mailtest.Server{Say: c.say})
			result, err := to(t, s, nil).Send(t.Context(), delivery(t))
			if result.Outcome != c.want || (err == nil) != (c.want == notify.Accepted) {
				t.Errorf("Send = %v, %v, want %v", result.Outcome, err, c.want)
			}
			if got := len(s.Letters()); got != c.letters {
				t.Errorf("the server has %d letters, want %d", got, c.letters)
			}
			isQuiet(t, err)
		})
	}
}

// isQuiet fails on an error that tells an address, a link or a text.
func isQuiet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, canary := range []string{"canary", "library.example", "needs you", "127.0.0.1", "secret", "@"} {
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the error tells %q: %v", canary, err)
		}
	}
}

// TestLetter holds what goes out: the fixed sentence, the link, and nothing that
// tells of the machine.
func TestLetter(t *testing.T) {
	for _, lang := range notify.Langs {
		s := mailtest.Start(t, &mailtest.Server{})
		d := delivery(t)
		d.Message = message(t, lang)
		if result, err := to(t, s, nil).Send(t.Context(), d); result.Outcome != notify.Accepted {
			t.Fatalf("Send = %v, %v", result, err)
		}
		l := s.Letters()[0]
		subject, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject"))
		if err != nil || subject != d.Message.Title() {
			t.Errorf("Subject = %q, %v, want %q", subject, err, d.Message.Title())
		}
		if want := d.Message.Text(); strings.TrimSpace(strings.ReplaceAll(l.Body, "\r\n", "\n")) != want {
			t.Errorf("body = %q, want %q", l.Body, want)
		}
		for name, want := range map[string]string{
			"From": `"Roundtable" <` + sender + ">", "To": "<" + recipient + ">", "Message-Id": "<" + string(d.ID) + "@library.example>",
			"Date": "Wed, 25 Nov 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "Content-Language": string(lang),
		} {
			if got := l.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		known := " From To Subject Date Message-Id Auto-Submitted Content-Language Importance Priority X-Priority X-Msmail-Priority Mime-Version Content-Type Content-Transfer-Encoding "
		for name := range l.Header {
			if !strings.Contains(known, " "+name+" ") {
				t.Errorf("the letter has a line %q that nobody asked for: %q", name, l.Header[name])
			}
		}
		if !strings.HasPrefix(s.Heard(), "EHLO library.example\n") {
			t.Errorf("the server was greeted by %q, want the sender's domain", strings.SplitN(s.Heard(), "\n", 2)[0])
		}
	}
}

// TestGreylisting: put off twice, then taken; and taken without a word, then again:
// both letters have one id.
func TestGreylisting(t *testing.T) {
	s := mailtest.Start(t, &mailtest.Server{Say: mailtest.Then("RCPT", "450 4.7.1 Greylisted", "451 4.7.1 Greylisted")})
	m := to(t, s, nil)
	var got []notify.Outcome
	for range 3 {
		result, _ := m.Send(t.Context(), delivery(t))
		got = append(got, result.Outcome)
	}
	if want := []notify.Outcome{notify.Later, notify.Later, notify.Accepted}; fmt.Sprint(got) != fmt.Sprint(want) || len(s.Letters()) != 1 {
		t.Errorf("outcomes %v with %d letters, want %v with 1", got, len(s.Letters()), want)
	}

	s = mailtest.Start(t, &mailtest.Server{Say: mailtest.Then("LETTER", mailtest.Dropped)})
	m = to(t, s, nil)
	for range 2 {
		m.Send(t.Context(), delivery(t))
	}
	letters := s.Letters()
	if len(letters) != 2 || letters[0].Header.Get("Message-Id") == "" || letters[0].Header.Get("Message-Id") != letters[1].Header.Get("Message-Id") || letters[0].Raw != letters[1].Raw {
		t.Errorf("a letter that came twice is not the same twice: %+v", letters)
	}
}

func TestTLS(t *testing.T) {
	good, pool := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 1, 0))
	other, otherPool := mailtest.Certificate(t, "mail.elsewhere.example", time.Now().AddDate(0, 1, 0))
	old, oldPool := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 0, -1))
	for _, c := range []struct {
		name   string
		server *mailtest.Server
		tls    TLS
		roots  *x509.CertPool
		want   notify.Outcome
	}{
		{"starttls", &mailtest.Server{Cert: good}, StartTLS, pool, notify.Accepted},
		{"implicit", &mailtest.Server{Cert: good, Implicit: true}, Implicit, pool, notify.Accepted},
		{"starttls by a stranger", &mailtest.Server{Cert: good}, StartTLS, x509.NewCertPool(), notify.Unusable},
		{"starttls for another name", &mailtest.Server{Cert: other}, StartTLS, otherPool, notify.Unusable},
		{"starttls long over", &mailtest.Server{Cert: old}, StartTLS, oldPool, notify.Unusable},
		{"implicit by a stranger", &mailtest.Server{Cert: good, Implicit: true}, Implicit, x509.NewCertPool(), notify.Unusable},
		{"starttls is not offered", &mailtest.Server{}, StartTLS, pool, notify.Unusable},
		{"starttls is offered and refused", &mailtest.Server{Cert: good, Say: mailtest.At("STARTTLS", "454 4.7.0 Not now")}, StartTLS, pool, notify.Later},
		{"starttls breaks off", &mailtest.Server{Cert: good, Say: mailtest.At("STARTTLS", mailtest.Dropped)}, StartTLS, pool, notify.Later},
		{"implicit, and the server speaks plain text", &mailtest.Server{}, Implicit, pool, notify.Unusable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, c.server)
			result, err := to(t, s, func(conf *Config) { conf.TLS, conf.Roots = c.tls, c.roots }).Send(t.Context(), delivery(t))
			if result.Outcome != c.want {
				t.Errorf("Send = %v, %v, want %v", result.Outcome, err, c.want)
			}
			isQuiet(t, err)
			if c.want == notify.Accepted && !s.Letters()[0].TLS {
				t.Error("the letter went over a way that is not encrypted")
			}
			if c.want != notify.Accepted && strings.Contains(s.Heard(), "MAIL FROM") {
				t.Errorf("the server heard of the letter all the same: %q", s.Heard())
			}
		})
	}
}

// TestInjected: what somebody in between puts behind the answer to STARTTLS is
// never taken for what the server says afterwards.
func TestInjected(t *testing.T) {
	cert, pool := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 1, 0))
	s := mailtest.Start(t, &mailtest.Server{Cert: cert, Say: mailtest.At("STARTTLS", "220 Go\r\n550 5.1.1 No such user\r\n550 5.1.1 No such user")})
	result, err := to(t, s, func(c *Config) { c.TLS, c.Roots = StartTLS, pool }).Send(t.Context(), delivery(t))
	if result.Outcome == notify.Gone || result.Outcome == notify.Declined {
		t.Errorf("Send = %v, %v: it believes what was put in", result.Outcome, err)
	}
	for _, l := range s.Letters() {
		if !l.TLS {
			t.Error("the letter went over a way that is not encrypted")
		}
	}
}

func TestSignIn(t *testing.T) {
	cert, pool := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 1, 0))
	for _, c := range []struct {
		name     string
		password string
		say      func(verb, line string) string
		want     notify.Outcome
	}{
		{"right", "secret", nil, notify.Accepted},
		{"wrong", "secret2", nil, notify.Unusable},
		{"put off", "secret", mailtest.At("AUTH", "454 4.7.0 Try again"), notify.Later},
		{"not offered", "secret", mailtest.At("EHLO", "250 mail.example"), notify.Unusable},
	} {
		s := mailtest.Start(t, &mailtest.Server{Cert: cert, Implicit: true, Auth: "user secret", Say: c.say})
		result, err := to(t, s, func(conf *Config) {
			conf.TLS, conf.Roots, conf.User, conf.Password = Implicit, pool, "user", c.password
		}).Send(t.Context(), delivery(t))
		if result.Outcome != c.want {
			t.Errorf("%s: Send = %v, %v, want %v", c.name, result.Outcome, err, c.want)
		}
		isQuiet(t, err)
	}
}

// TestTime: a server that says nothing holds nobody up for longer than is allowed,
// and a caller can stop waiting.
func TestTime(t *testing.T) {
	for _, verb := range []string{"GREETING", "EHLO", "RCPT", "LETTER"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, &mailtest.Server{Say: mailtest.At(verb, mailtest.Silent)})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begun := time.Now()
			result, err := to(t, s, nil).Send(ctx, delivery(t))
			if took := time.Since(begun); result.Outcome != notify.Later || took > 5*time.Second {
				t.Errorf("Send = %v, %v after %v, want later, soon", result.Outcome, err, took)
			}
			isQuiet(t, err)
		})
	}
	t.Run("QUIT", func(t *testing.T) {
		t.Parallel()
		s := mailtest.Start(t, &mailtest.Server{Say: mailtest.At("QUIT", mailtest.Silent)})
		begun := time.Now()
		result, err := to(t, s, nil).Send(t.Context(), delivery(t))
		if took := time.Since(begun); result.Outcome != notify.Accepted || took > partTime+3*time.Second {
			t.Errorf("Send = %v, %v after %v, want accepted within %v", result.Outcome, err, took, partTime)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		s := mailtest.Start(t, &mailtest.Server{})
		result, err := to(t, s, func(c *Config) { c.Port = port }).Send(t.Context(), delivery(t))
		if result.Outcome != notify.Later {
			t.Errorf("Send = %v, %v, want later", result.Outcome, err)
		}
		isQuiet(t, err)
	})
}

func TestAddresses(t *testing.T) {
	s := mailtest.Start(t, &mailtest.Server{})
	m := to(t, s, nil)
	for _, bad := range []string{"", "canary", "canary@library.example\r\nBcc: x@y.example", "Canary <canary@library.example>", "canary@library.example, b@c.example", "cañary@library.example", strings.Repeat("a", 400) + "@library.example"} {
		d := delivery(t)
		d.To = notify.NewAddress(bad)
		result, err := m.Send(t.Context(), d)
		if result.Outcome != notify.Gone {
			t.Errorf("Send to %q = %v, %v, want gone", bad, result.Outcome, err)
		}
		isQuiet(t, err)
	}
	for _, empty := range []notify.Delivery{{To: notify.NewAddress(recipient)}, {To: notify.NewAddress(recipient), ID: "a"}} {
		if result, err := m.Send(t.Context(), empty); result.Outcome != notify.Declined || err == nil {
			t.Errorf("Send without a message = %v, %v, want declined", result.Outcome, err)
		}
	}
	if s.Heard() != "" {
		t.Errorf("the server was told %q", s.Heard())
	}
}

func TestNew(t *testing.T) {
	good := Config{Host: "mail.example", Port: 465, TLS: Implicit, User: "u", Password: "p", From: sender, Now: time.Now}
	if _, err := New(good); err != nil {
		t.Fatalf("New: %v", err)
	}
	for name, change := range map[string]func(c *Config){
		"no host": func(c *Config) { c.Host = "" }, "a socket": func(c *Config) { c.Host = "unix:///run/mail" }, "two lines": func(c *Config) { c.Host = "a\r\nb" },
		"port 0": func(c *Config) { c.Port = 0 }, "no TLS said": func(c *Config) { c.TLS = "" }, "opportunistic": func(c *Config) { c.TLS = "opportunistic" },
		"a password in plain text": func(c *Config) { c.TLS = Plain }, "user without password": func(c *Config) { c.Password = "" },
		"no sender": func(c *Config) { c.From = "" }, "a name as sender": func(c *Config) { c.From = "Roundtable <a@b.example>" }, "no clock": func(c *Config) { c.Now = nil },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: New takes it", name)
		}
	}
}

// FuzzServer lets a server say anything at all: Send ends, with an outcome, and
// without telling what the server said.
func FuzzServer(f *testing.F) {
	for _, s := range []string{"220 a\r\n250 b\r\n250 c\r\n250 d\r\n354 e\r\n250 f\r\n221 g\r\n", "", "220-\r\n", "220 a\r\n250-AUTH\r\n250-ENHANCEDSTATUSCODES\r\n250 STARTTLS\r\n5\r\n", "\x00\xff\r\n\r\n", "220 \r\n250 \r\n550 \r\n", "220 a\r\n250 b\r\n5.1.1 canary\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			conn.Write(script)
			conn.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, conn)
		}()
		m, err := New(Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: Plain, From: sender, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		result, err := m.Send(t.Context(), delivery(t))
		if result.Outcome == 0 || (err == nil) != (result.Outcome == notify.Accepted) {
			t.Errorf("Send = %v, %v", result.Outcome, err)
		}
		if err != nil && (strings.Contains(err.Error(), recipient) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("the error tells too much: %v", err)
		}
		l.Close()
		<-done
	})
}
