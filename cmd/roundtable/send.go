package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/mail"
	"roundtable/internal/notify"
	"roundtable/internal/outbound"
	"roundtable/internal/push"
	"roundtable/internal/sms"
)

// sending says how this server reaches people and witnesses elsewhere. Nothing of it
// is needed: what is not set is off, and pages say so.
type sending struct {
	MailServer       string `placeholder:"HOST:PORT" env:"ROUNDTABLE_MAIL_SERVER" help:"The mail server through which alerts, invitations and checkpoints are sent."`
	MailFrom         string `placeholder:"ADDRESS" env:"ROUNDTABLE_MAIL_FROM" help:"The address that mail comes from."`
	MailTLS          string `name:"mail-tls" placeholder:"HOW" env:"ROUNDTABLE_MAIL_TLS" help:"How the way to the mail server is encrypted: implicit (usual at port 465), starttls (usual at 587), or plain for a server on this machine. Said by the port when it is 465 or 587."`
	MailUser         string `placeholder:"NAME" env:"ROUNDTABLE_MAIL_USER" help:"The name to sign in at the mail server with, if it asks."`
	MailPasswordFile string `placeholder:"FILE" env:"ROUNDTABLE_MAIL_PASSWORD_FILE" help:"The password to that name. Else the system credential roundtable-mail-password."`
	SMSURL           string `name:"sms-url" placeholder:"URL" env:"ROUNDTABLE_SMS_URL" help:"The gateway for text messages, an https address. See docs/sms.md."`
	SMSSecretFile    string `name:"sms-secret-file" placeholder:"FILE" env:"ROUNDTABLE_SMS_SECRET_FILE" help:"The secret by which the gateway knows us. Else the system credential roundtable-sms-secret."`
	SMSReceiptFile   string `name:"sms-receipt-file" placeholder:"FILE" env:"ROUNDTABLE_SMS_RECEIPT_FILE" help:"The secret by which we know the gateway's receipts. Else the system credential roundtable-sms-receipt. Without one no receipts are taken."`
	PushContact      string `placeholder:"CONTACT" env:"ROUNDTABLE_PUSH_CONTACT" help:"A mail address or https address at which push services can reach whoever looks after this server. Without it there are no pushes."`
	CA               string `name:"ca" placeholder:"FILE" env:"ROUNDTABLE_CA" help:"Further certificates to trust when this server calls others, in PEM: those of your own network."`
	Private          bool   `name:"call-private" env:"ROUNDTABLE_CALL_PRIVATE" help:"The text message gateway and witnesses may stand at addresses that are not public."`
}

// The system credentials with secrets for sending.
const (
	credentialMail    = "roundtable-mail-password"
	credentialSMS     = "roundtable-sms-secret"
	credentialReceipt = "roundtable-sms-receipt"
)

// maxSecret bounds a file with a secret.
const maxSecret = 4 << 10

// fill takes from the configuration file what was not said otherwise.
func (s *sending) fill(c configFile, beside func(string) string) {
	s.MailServer = cmp.Or(s.MailServer, c.MailServer)
	s.MailFrom = cmp.Or(s.MailFrom, c.MailFrom)
	s.MailTLS = cmp.Or(s.MailTLS, c.MailTLS)
	s.MailUser = cmp.Or(s.MailUser, c.MailUser)
	s.MailPasswordFile = cmp.Or(s.MailPasswordFile, beside(c.MailPasswordFile))
	s.SMSURL = cmp.Or(s.SMSURL, c.SMSURL)
	s.SMSSecretFile = cmp.Or(s.SMSSecretFile, beside(c.SMSSecretFile))
	s.SMSReceiptFile = cmp.Or(s.SMSReceiptFile, beside(c.SMSReceiptFile))
	s.PushContact = cmp.Or(s.PushContact, c.PushContact)
	s.CA = cmp.Or(s.CA, beside(c.CA))
	s.Private = s.Private || c.Private
}

// into sets up what an app sends by. Pushes are signed with a key that is in the
// installation's data: pushes, nil if there are none, is told it once that is open.
func (s *sending) into(o *app.Options) (pushes *latePush, err error) {
	if o.Calls, err = s.calls(); err != nil {
		return nil, err
	}
	o.Senders = map[notify.Channel]notify.Sender{}
	m, err := s.mailer(o.Now)
	if err != nil {
		return nil, err
	}
	if m != nil {
		o.Mail, o.Senders[notify.Mail] = m, m
	}
	g, err := s.gateway()
	if err != nil {
		return nil, err
	}
	if g != nil {
		o.Senders[notify.SMS] = g
	}
	if err := s.checkPush(); err != nil {
		return nil, err
	}
	if s.PushContact != "" {
		pushes = &latePush{}
		o.Senders[notify.Push] = pushes
	}
	return pushes, nil
}

// latePush is a channel that is set up a moment after it is named, before anything is
// sent.
type latePush struct{ *push.Sender }

// Send sends a push.
func (l *latePush) Send(ctx context.Context, d notify.Delivery) (notify.Result, error) {
	if l.Sender == nil {
		return notify.Result{Outcome: notify.Later}, errors.New("push: the key is not open yet")
	}
	return l.Sender.Send(ctx, d)
}

// checkPush refuses a contact that is none.
func (s *sending) checkPush() error {
	if s.PushContact == "" {
		return nil
	}
	key, err := push.NewKey(rand.Reader) // the installation's own is in its data
	if err == nil {
		_, err = s.pushes(key)
	}
	return err
}

// roots returns whose certificates count when this server calls others: the system's,
// and those of --ca.
func (s *sending) roots() (*x509.CertPool, error) {
	if s.CA == "" {
		return nil, nil
	}
	text, err := readSmall(s.CA, 1<<20)
	if err != nil {
		return nil, usageError{err}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, usageError{fmt.Errorf("%s holds no certificate in PEM", s.CA)}
	}
	return pool, nil
}

// calls returns the client by which witnesses are called.
func (s *sending) calls() (*http.Client, error) {
	roots, err := s.roots()
	return outbound.New(outbound.Options{Private: s.Private, Roots: roots}), err
}

// mailer returns what sends mail, nil if that is not set up.
func (s *sending) mailer(now func() time.Time) (*mail.Sender, error) {
	if s.MailServer == "" {
		if s.MailFrom != "" || s.MailTLS != "" || s.MailUser != "" || s.MailPasswordFile != "" {
			return nil, usageError{errors.New("say which mail server with --mail-server HOST:PORT")}
		}
		return nil, nil
	}
	host, port, err := net.SplitHostPort(s.MailServer)
	n, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil {
		return nil, usageError{fmt.Errorf("--mail-server is HOST:PORT, such as mail.library.example:465, not %q", s.MailServer)}
	}
	how := mail.TLS(s.MailTLS)
	switch {
	case how == "" && n == 465:
		how = mail.Implicit
	case how == "" && n == 587:
		how = mail.StartTLS
	case how == "":
		return nil, usageError{errors.New("say how the way to the mail server is encrypted with --mail-tls implicit, starttls or plain")}
	}
	c := mail.Config{Host: host, Port: n, TLS: how, User: s.MailUser, From: s.MailFrom, Now: now}
	if c.Roots, err = s.roots(); err != nil {
		return nil, err
	}
	if s.MailUser != "" {
		if c.Password, err = secretIn(s.MailPasswordFile, credentialMail); err != nil {
			return nil, err
		}
		if c.Password == "" {
			return nil, usageError{errors.New("say in which file the password to --mail-user is with --mail-password-file")}
		}
	} else if s.MailPasswordFile != "" {
		return nil, usageError{errors.New("say whose password it is with --mail-user")}
	}
	return orUsage(mail.New(c))
}

// gateway returns what sends text messages, nil if that is not set up.
func (s *sending) gateway() (*sms.Sender, error) {
	if s.SMSURL == "" {
		if s.SMSSecretFile != "" || s.SMSReceiptFile != "" {
			return nil, usageError{errors.New("say where the gateway for text messages is with --sms-url")}
		}
		return nil, nil
	}
	c := sms.Config{URL: s.SMSURL, Private: s.Private}
	var err error
	if c.Roots, err = s.roots(); err != nil {
		return nil, err
	}
	if c.Secret, err = secretIn(s.SMSSecretFile, credentialSMS); err != nil {
		return nil, err
	}
	if c.Secret == "" {
		return nil, usageError{errors.New("say in which file the gateway's secret is with --sms-secret-file")}
	}
	if c.Back, err = secretIn(s.SMSReceiptFile, credentialReceipt); err != nil {
		return nil, err
	}
	return orUsage(sms.New(c))
}

// pushes returns what sends pushes in the name of a key, nil if that is not set up.
func (s *sending) pushes(key string) (*push.Sender, error) {
	if s.PushContact == "" {
		return nil, nil
	}
	return orUsage(push.New(push.Config{PrivateKey: key, Contact: s.PushContact}))
}

// orUsage makes an error about what was set one of how the command was called.
func orUsage[T any](made *T, err error) (*T, error) {
	if err != nil {
		return nil, usageError{err}
	}
	return made, nil
}

// secretIn reads a secret: the text of a file, or of a system credential, without
// the line's end. It is never a flag or a variable itself, which others could see.
// "" if there is neither.
func secretIn(path, name string) (string, error) {
	if path == "" {
		given, ok := credential(name)
		if !ok {
			return "", nil
		}
		path = given
	}
	text, err := readSmall(path, maxSecret)
	if err != nil {
		return "", usageError{err}
	}
	secret := string(bytes.TrimRight(text, "\r\n"))
	if secret == "" {
		return "", usageError{fmt.Errorf("%s is empty", path)}
	}
	return secret, nil
}
