// Package mail sends alerts and letters by e-mail: SMTP, one message to one
// address, and nothing else. It knows no queue and does not try again; its result
// says whether somebody should (see package notify).
//
// What it sends is a notify.Message or a Letter, whose words are fixed: there is no
// way to write anything else. Its errors name a stage, a code and never an address
// or a text.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"roundtable/internal/notify"
	"roundtable/internal/people"
)

// TLS says how the way to the server is encrypted.
type TLS string

// The ways. There is no way that encrypts if it happens to be possible: whoever
// sits in between would make it impossible.
const (
	Implicit TLS = "implicit" // from the first byte, usually on port 465
	StartTLS TLS = "starttls" // after STARTTLS, usually on port 587; never without
	Plain    TLS = "plain"    // not at all: for a server on the same machine
)

// Config says how to reach the library's mail server.
type Config struct {
	Host     string // a name or an address
	Port     int
	TLS      TLS
	User     string // "" where the server asks for none
	Password string
	From     string           // the address that alerts come from
	Roots    *x509.CertPool   // whose certificates count; nil for the system's
	Now      func() time.Time // for the message's date
}

// Limits on one sending.
const (
	SendTime  = 30 * time.Second // all of it, from dialling on
	maxAnswer = 64 << 10         // bytes that a server may send
)

// Sender sends through one server. It is a notify.Sender.
type Sender struct {
	config Config
	domain string
}

var _ notify.Sender = (*Sender)(nil)

// New returns a sender. It does not connect.
func New(c Config) (*Sender, error) {
	switch {
	case c.Host == "" || strings.ContainsAny(c.Host, " /\r\n\t") || strings.HasPrefix(c.Host, "unix:"):
		return nil, errors.New("mail: the server's name is missing or is none")
	case c.Port < 1 || c.Port > 65535:
		return nil, errors.New("mail: the port is not between 1 and 65535")
	case !slices.Contains([]TLS{Implicit, StartTLS, Plain}, c.TLS):
		return nil, errors.New("mail: choose implicit, starttls or plain")
	case c.TLS == Plain && c.Password != "":
		return nil, errors.New("mail: a password is not sent over a way that is not encrypted")
	case (c.User == "") != (c.Password == "") || strings.ContainsAny(c.User, "\r\n\x00") || strings.ContainsAny(c.Password, "\r\n\x00"):
		return nil, errors.New("mail: user and password belong together, each in one line")
	case !isSendable(c.From):
		return nil, errors.New("mail: the sender's address is no address")
	case c.Now == nil:
		return nil, errors.New("mail: there is no clock")
	}
	return &Sender{c, c.From[strings.LastIndexByte(c.From, '@')+1:]}, nil
}

// isSendable reports whether text is an address that every server can take: the
// part before the @ in plain letters, as one line of a letter's head.
func isSendable(text string) bool {
	return people.IsMail(text) && !strings.ContainsFunc(text, func(r rune) bool { return r > 0x7e || r < 0x21 })
}

// Send sends the message once. The message has an id made of the attempt's: where
// it is not known whether a server took it (Later), and it is sent again, the two
// can be told to be one.
func (s *Sender) Send(ctx context.Context, d notify.Delivery) (notify.Result, error) {
	if !isSendable(d.To.Reveal()) {
		return result(notify.Gone, "the address is no address")
	}
	if d.Message.IsZero() || d.ID == "" {
		return result(notify.Declined, "there is no message")
	}
	m, err := s.alert(d)
	if err != nil {
		return result(notify.Declined, "the message could not be written")
	}
	return s.send(ctx, m)
}

// send tries once. Without a message it only connects, encrypts and signs in.
func (s *Sender) send(ctx context.Context, m *gomail.Msg) (notify.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, SendTime)
	defer cancel()
	line := &line{ctx: ctx, config: s.config}
	defer line.close()
	client, err := s.client(line)
	if err != nil {
		return result(notify.Unusable, "the mail client could not be set up")
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return s.judgeWay(err)
	}
	if m != nil {
		if err = client.SendWithSMTPClient(conn, m); !m.IsDelivered() {
			return judgeMessage(err)
		}
	}
	// The message is taken, if there is one. That the server hangs up without a word, or keeps us
	// waiting, is no matter any more.
	defer line.hurry()()
	client.CloseWithSMTPClient(conn)
	return notify.Result{Outcome: notify.Accepted}, nil
}

// Check connects, encrypts and signs in as for a message, and sends none. Accepted
// says that the server would be ready.
func (s *Sender) Check(ctx context.Context) (notify.Result, error) { return s.send(ctx, nil) }

// alert writes an alert.
func (s *Sender) alert(d notify.Delivery) (*gomail.Msg, error) {
	m, err := s.write(string(d.ID), d.To, d.Message.Lang(), d.Message.Title(), d.Message.Text())
	if err == nil {
		m.SetImportance(gomail.ImportanceHigh)
	}
	return m, err
}

// write writes a message. Its id is made of the attempt's: where it is not known
// whether a server took it, and it is sent again, the two can be told to be one.
func (s *Sender) write(id string, to notify.Address, lang notify.Lang, subject, text string) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat("Roundtable", s.config.From); err != nil {
		return nil, err
	}
	if err := m.To(to.Reveal()); err != nil {
		return nil, err
	}
	m.Subject(subject)
	m.SetDateWithValue(s.config.Now())
	m.SetMessageIDWithValue(id + "@" + s.domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	m.SetGenHeader("Content-Language", string(lang))
	m.SetBodyString(gomail.TypeTextPlain, text+"\n")
	return m, nil
}

func (s *Sender) client(l *line) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.config.Port), gomail.WithTimeout(SendTime), gomail.WithHELO(s.domain),
		gomail.WithDialContextFunc(l.dial), gomail.WithTLSConfig(s.config.tls()), gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	switch s.config.TLS {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.config.User != "" {
		options = append(options, gomail.WithUsername(s.config.User), gomail.WithPassword(s.config.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(s.config.Host, options...)
}

func (c Config) tls() *tls.Config {
	return &tls.Config{ServerName: c.Host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
}

func (c Config) address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }
