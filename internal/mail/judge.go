package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"roundtable/internal/notify"
)

// A server's own words are never passed on: many repeat the address in them, and
// some what they found in the message. Codes say what is needed.

func result(o notify.Outcome, why string) (notify.Result, error) {
	return notify.Result{Outcome: o}, errors.New("mail: " + why)
}

// judgeWay judges what went wrong before the message was spoken of: connecting,
// encrypting, signing in.
func (s *Sender) judgeWay(err error) (notify.Result, error) {
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		if answer.Code/100 == 4 {
			return result(notify.Later, fmt.Sprintf("the server is not ready (%d)", answer.Code))
		}
		return result(notify.Unusable, fmt.Sprintf("the server does not let us in (%d)", answer.Code))
	case isCertificate(err):
		return result(notify.Unusable, "the server's certificate does not hold")
	case errors.As(err, new(tls.RecordHeaderError)):
		return result(notify.Unusable, "the server does not speak TLS on this port")
	case isNet(err):
		return result(notify.Later, "the server cannot be reached, or hung up")
	}
	// What is left was found by the mail library: no STARTTLS, or no way to sign in
	// that both know.
	return result(notify.Unusable, "the server does not offer what was set up: encryption, or a way to sign in")
}

func isCertificate(err error) bool {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		bad     x509.CertificateInvalidError
		alert   tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &bad) || errors.As(err, &alert)
}

// isNet reports whether the connection failed, rather than the dialogue on it.
func isNet(err error) bool {
	var (
		failed net.Error
		op     *net.OpError
		proto  textproto.ProtocolError
	)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errTalks) {
		return true
	}
	return errors.As(err, &failed) || errors.As(err, &op) || errors.As(err, &proto) ||
		strings.HasSuffix(err.Error(), "EOF") // the mail library does not always wrap what it was told
}

// judgeMessage judges what a server that let us in said of the message.
func judgeMessage(err error) (notify.Result, error) {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return result(notify.Later, "it is not known whether the server took the message")
	}
	code, more := e.ErrorCode(), e.EnhancedStatusCode()
	told := fmt.Sprintf("%d", code)
	if isStatus(more) {
		told += " " + more
	}
	switch {
	case e.Reason == gomail.ErrGetSender || e.Reason == gomail.ErrGetRcpts || e.Reason == gomail.ErrNoUnencoded:
		return result(notify.Declined, "the message could not be sent as it is")
	case code/100 != 5:
		return result(notify.Later, "the server did not take the message now ("+told+")")
	case e.Reason == gomail.ErrSMTPMailFrom:
		return result(notify.Unusable, "the server does not take messages from this sender ("+told+")")
	case e.Reason == gomail.ErrSMTPRcptTo && isGone(more):
		return result(notify.Gone, "the address is there no more ("+told+")")
	}
	return result(notify.Declined, "the server does not take the message ("+told+")")
}

// isStatus reports whether text is a status code as RFC 3463 has them, and not
// something that a server put in its place.
func isStatus(text string) bool {
	return text != "" && len(text) <= len("5.999.999") && strings.Trim(text, "0123456789.") == ""
}

// isGone reports whether a status code (RFC 3463) says that there is no such
// mailbox, or none any more. A bare 550 does not say that: it is also what
// servers say to whoever they do not trust.
func isGone(status string) bool {
	switch status {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	return false
}
