// Package sms sends alerts as text messages, through a gateway that the library
// chooses: one HTTPS call to one address for one message, and receipts back. What
// a gateway has to understand is written down in docs/sms.md; whoever has a
// gateway that speaks otherwise puts a few lines of their own in between.
//
// The text is a notify.Message's: one of a few fixed sentences and a link.
package sms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"roundtable/internal/notify"
	"roundtable/internal/outbound"
)

// Config says where the gateway is.
type Config struct {
	URL     string // an https address
	Secret  string // the gateway knows us by it
	Back    string // we know the gateway's receipts by it; "" where there are none
	Private bool   // the gateway may stand at an address that is not public
	Roots   *x509.CertPool
}

// MinSecret is the least length of a secret.
const MinSecret = 20

// Sender sends through one gateway. It is a notify.Sender.
type Sender struct {
	config Config
	client *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New returns a sender. It calls nobody.
func New(c Config) (*Sender, error) {
	if _, err := outbound.ParseURL(c.URL); err != nil {
		return nil, errors.New("sms: the gateway's address is no https address")
	}
	if !isSecret(c.Secret) || c.Back != "" && !isSecret(c.Back) {
		return nil, fmt.Errorf("sms: a secret has at least %d letters, digits or signs and no spaces", MinSecret)
	}
	if c.Secret == c.Back {
		return nil, errors.New("sms: the two secrets are the same")
	}
	return &Sender{c, outbound.New(outbound.Options{Private: c.Private, Roots: c.Roots})}, nil
}

func isSecret(text string) bool {
	return len(text) >= MinSecret && len(text) <= 512 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// IsNumber reports whether text is a telephone number that can be sent to: as
// E.164 has it, + and 8 to 15 digits.
func IsNumber(text string) bool {
	digits, ok := strings.CutPrefix(text, "+")
	return ok && len(digits) >= 8 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// order is what a gateway is sent. Its form is promised in docs/sms.md.
type order struct {
	ID   notify.AttemptID `json:"id"`
	To   string           `json:"to"`
	Text string           `json:"text"`
}

// Send sends one message. The gateway gets the attempt's id as its idempotency
// key: sent again, the message goes out once.
func (s *Sender) Send(ctx context.Context, d notify.Delivery) (notify.Result, error) {
	if !IsNumber(d.To.Reveal()) {
		return result(notify.Gone, "the number is no number")
	}
	if d.Message.IsZero() || d.ID == "" {
		return result(notify.Declined, "there is no message")
	}
	body, err := json.Marshal(order{d.ID, d.To.Reveal(), d.Message.Text()})
	if err != nil {
		return result(notify.Declined, "the message could not be written")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return result(notify.Unusable, "the gateway's address cannot be called")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.config.Secret)
	r.Header.Set("Idempotency-Key", string(d.ID))
	r.Header.Set("User-Agent", "Roundtable")
	answer, err := s.client.Do(r)
	if err != nil {
		trouble := outbound.Explain(err)
		if trouble.Setup {
			return result(notify.Unusable, trouble.Words)
		}
		return result(notify.Later, trouble.Words)
	}
	return judge(answer, outbound.Read(answer))
}

func judge(answer *http.Response, body []byte) (notify.Result, error) {
	told := fmt.Sprintf("(%d)", answer.StatusCode)
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return notify.Result{Outcome: notify.Accepted, Receipt: receiptName(body)}, nil
	case code == http.StatusConflict:
		return notify.Result{Outcome: notify.Accepted}, nil // it had it already
	case code == http.StatusGone:
		return result(notify.Gone, "the gateway cannot reach this number any more "+told)
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests || code >= 500:
		r, err := result(notify.Later, "the gateway is not ready "+told)
		r.Wait = outbound.RetryAfter(answer.Header)
		return r, err
	case code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity:
		return result(notify.Declined, "the gateway does not take the message "+told)
	}
	// A wrong secret, a wrong path, a redirect: nothing that another try mends.
	return result(notify.Unusable, "the gateway does not know us, or is not at this address "+told)
}

// receiptName is the gateway's own name of the message, if it told one. What
// cannot be read is left out: the message has been taken.
func receiptName(body []byte) string {
	var in struct {
		Receipt string `json:"receipt"`
	}
	if json.Unmarshal(body, &in) != nil || !isName(in.Receipt) {
		return ""
	}
	return in.Receipt
}

func isName(text string) bool {
	return len(text) <= 128 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func result(o notify.Outcome, why string) (notify.Result, error) {
	return notify.Result{Outcome: o}, errors.New("sms: " + why)
}

// IsGateway reports whether a request's Authorization header is the gateway's. It
// takes as long for a secret that is nearly right as for any other.
func (s *Sender) IsGateway(authorization string) bool {
	if s.config.Back == "" {
		return false
	}
	given, want := sha256.Sum256([]byte(authorization)), sha256.Sum256([]byte("Bearer "+s.config.Back))
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}
