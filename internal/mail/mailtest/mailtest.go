// Package mailtest is a mail server that stands in for a library's, for tests: what it
// does at each command can be set, and what it was given can be read.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a mail server. What it does at each command is set by Say; what it was
// given is in Letters.
type Server struct {
	t        testing.TB
	listener net.Listener
	Cert     *tls.Certificate // nil: no TLS
	Implicit bool
	Auth     string // "user password"; "" asks for none

	// Say may answer a command (its verb, and "GREETING", "LETTER" for the end of
	// data) in the server's place. "" leaves it to the server, Dropped hangs up,
	// Silent says nothing until the client hangs up.
	Say func(verb, line string) string

	mu      sync.Mutex
	letters []Letter
	lines   []string // all that was said to it
	running sync.WaitGroup
}

// What Say can return to do nothing more.
const (
	Dropped = "\x00drop"
	Silent  = "\x00silent"
)

// Letter is what it was given, and how.
type Letter struct {
	From, To string // as the commands had them
	TLS      bool
	Raw      string
	*mail.Message
	Body string
}

// Start starts it for the length of a test.
func Start(t testing.TB, s *Server) *Server {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.t = t
	s.running.Add(1)
	go s.accept()
	t.Cleanup(func() {
		s.listener.Close()
		s.running.Wait()
	})
	return s
}

// Port is where it listens, on 127.0.0.1.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *Server) accept() {
	defer s.running.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.running.Add(1)
		go func() {
			defer s.running.Done()
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(time.Minute))
			s.serve(conn)
		}()
	}
}

func (s *Server) answer(verb, line, usual string) string {
	if s.Say != nil {
		if own := s.Say(verb, line); own != "" {
			return own
		}
	}
	return usual
}

func (s *Server) serve(conn net.Conn) {
	isTLS := false
	if s.Implicit {
		conn, isTLS = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.Cert}}), true
	}
	in := bufio.NewReader(conn)
	tell := func(text string) bool {
		switch text {
		case Dropped:
			return false
		case Silent:
			io.Copy(io.Discard, in)
			return false
		}
		_, err := io.WriteString(conn, text+"\r\n")
		return err == nil
	}
	if !tell(s.answer("GREETING", "", "220 mail.example ESMTP")) {
		return
	}
	var l Letter
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		usual := "250 2.0.0 Ok"
		switch verb {
		case "EHLO":
			usual = "250-mail.example\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME"
			if s.Cert != nil && !isTLS {
				usual += "\r\n250-STARTTLS"
			}
			if s.Auth != "" {
				usual += "\r\n250-AUTH PLAIN LOGIN"
			}
			usual += "\r\n250 SIZE 100000"
		case "STARTTLS":
			usual = "220 2.0.0 Go ahead"
		case "AUTH":
			usual = "535 5.7.8 Authentication failed for the user " + s.Auth
			if given, err := base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:]); err == nil && string(given) == "\x00"+strings.ReplaceAll(s.Auth, " ", "\x00") {
				usual = "235 2.7.0 Welcome"
			}
		case "DATA":
			usual = "354 End with a dot"
		case "QUIT":
			usual = "221 2.0.0 Bye"
		}
		said := s.answer(verb, line, usual)
		if !tell(said) {
			return
		}
		switch {
		case verb == "STARTTLS" && strings.HasPrefix(said, "220"):
			conn, isTLS = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.Cert}}), true
			in = bufio.NewReader(conn)
		case verb == "MAIL":
			l = Letter{From: line, TLS: isTLS}
		case verb == "RCPT":
			l.To = line
		case verb == "DATA" && strings.HasPrefix(said, "354"):
			var err error
			if l.Raw, err = readDot(in); err != nil {
				return
			}
			said := s.answer("LETTER", l.Raw, "250 2.0.0 Taken")
			if strings.HasPrefix(said, "250") || strings.HasPrefix(said, "\x00") {
				s.keep(l) // a server may hang up after it has taken a letter
			}
			if !tell(said) {
				return
			}
		case verb == "QUIT":
			return
		}
	}
}

func readDot(in *bufio.Reader) (string, error) {
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		if line == ".\r\n" {
			return text.String(), nil
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (s *Server) keep(l Letter) {
	m, err := mail.ReadMessage(strings.NewReader(l.Raw))
	if err != nil {
		s.t.Errorf("the letter cannot be read: %v", err)
		return
	}
	l.Message = m
	body, _ := io.ReadAll(m.Body)
	l.Body = string(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, l)
}

// Letters returns what it has taken.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Heard returns all that was said to it, a line each.
func (s *Server) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// Certificate makes a certificate for 127.0.0.1, or for another name.
func Certificate(t testing.TB, name string, until time.Time) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// At answers one verb with text, and leaves the others to the server.
func At(verb, text string) func(string, string) string {
	return func(v, _ string) string {
		if v == verb {
			return text
		}
		return ""
	}
}

// Then answers a verb with one text after the other, and then leaves it.
func Then(verb string, texts ...string) func(string, string) string {
	var mu sync.Mutex
	return func(v, _ string) string {
		mu.Lock()
		defer mu.Unlock()
		if v != verb || len(texts) == 0 {
			return ""
		}
		text := texts[0]
		texts = texts[1:]
		return text
	}
}

// Long is an answer of so many letters.
func Long(n int) string { return fmt.Sprintf("250 %s", strings.Repeat("x", n)) }
