// Package push sends alerts as web pushes (RFC 8030, RFC 8291, RFC 8292): it wakes
// a browser and tells it that something changed, and nothing else.
//
// What is pushed is the same few bytes for every alert, padded to one length. The
// words on the screen are the service worker's own; what happened is told by the
// page that it opens, to who may see it. So a push service learns that this
// installation has sent something to this browser, and no more.
package push

import (
	"context"
	"crypto/ecdh"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"roundtable/internal/notify"
	"roundtable/internal/outbound"
	"roundtable/internal/people"
)

// Payload is what every push holds.
const Payload = `{"changed":true}`

const (
	// recordSize is the length of what is sent, padding and all. It is far more
	// than the payload needs, so that another payload some day is not told by its
	// length, and less than half of what every push service takes.
	recordSize = 1024
	// keepFor is how long a push service keeps a push for a browser that is not
	// there. After that the ladder has gone on.
	keepFor = time.Hour
)

// Config says in whose name pushes are sent.
type Config struct {
	// PrivateKey signs (VAPID). Browsers that subscribed under its public key take
	// pushes of no other.
	PrivateKey string
	// Contact is where a push service can complain: a mail address, without
	// "mailto:", or an https address.
	Contact string

	Allow   []string       // hosts (name:port) that are allowed beside the known push services; for tests
	Private bool           // call addresses that are not public too; for tests
	Roots   *x509.CertPool // whose certificates count; nil for the system's
}

// Sender sends pushes. It is a notify.Sender.
type Sender struct {
	config Config
	public string
	client *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New returns a sender. It calls nobody.
func New(c Config) (*Sender, error) {
	public, err := PublicKey(c.PrivateKey)
	if err != nil {
		return nil, err
	}
	if _, err := outbound.ParseURL(c.Contact); err != nil && !people.IsMail(c.Contact) {
		return nil, errors.New("push: the contact is no mail address and no https address")
	}
	if strings.HasPrefix(strings.ToLower(c.Contact), "mailto:") {
		return nil, errors.New("push: the contact is written without mailto: before it")
	}
	return &Sender{c, public, outbound.New(outbound.Options{Private: c.Private, Roots: c.Roots})}, nil
}

// NewKey draws a private key for signing, as text.
func NewKey(random io.Reader) (string, error) {
	for {
		b := make([]byte, 32)
		if _, err := io.ReadFull(random, b); err != nil {
			return "", fmt.Errorf("push: draw a key: %w", err)
		}
		// One in 2^32 of such numbers is none of the curve's.
		if key, err := ecdh.P256().NewPrivateKey(b); err == nil {
			return base64.RawURLEncoding.EncodeToString(key.Bytes()), nil
		}
	}
}

// PublicKey returns the public key to a private one, as browsers want it for
// subscribing (applicationServerKey).
func PublicKey(private string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(private)
	if err != nil {
		return "", errors.New("push: the private key is none")
	}
	key, err := ecdh.P256().NewPrivateKey(b)
	if err != nil {
		return "", errors.New("push: the private key is none")
	}
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), nil
}

// PublicKey is what browsers subscribe under.
func (s *Sender) PublicKey() string { return s.public }

// Send sends one push. The address is a subscription's stored form. Sent again
// under the same id, a push takes the place of the one that still waits at the
// push service. The message's words are not sent.
func (s *Sender) Send(ctx context.Context, d notify.Delivery) (notify.Result, error) {
	sub, err := Parse(d.To.Reveal())
	if err != nil {
		return result(notify.Gone, "the subscription cannot be read")
	}
	if !s.Allows(sub) {
		return result(notify.Gone, "the subscription is not of a known push service")
	}
	if d.Message.IsZero() || d.ID == "" {
		return result(notify.Declined, "there is no message")
	}
	answer, err := webpush.SendNotificationWithContext(ctx, []byte(Payload), &webpush.Subscription{
		Endpoint: sub.endpoint, Keys: webpush.Keys{Auth: sub.auth, P256dh: sub.key},
	}, &webpush.Options{
		HTTPClient: s.client, RecordSize: recordSize, Subscriber: s.config.Contact,
		Topic: topic(d.ID), TTL: int(keepFor / time.Second), Urgency: webpush.UrgencyHigh,
		VAPIDPublicKey: s.public, VAPIDPrivateKey: s.config.PrivateKey,
	})
	if err != nil {
		return notify.Result{Outcome: notify.Later}, errors.New("push: " + outbound.Explain(err).Words)
	}
	outbound.Read(answer)
	return judge(answer)
}

// topic makes a topic of an id: at most 32 signs of base64url (RFC 8030, 5.4).
func topic(id notify.AttemptID) string {
	if len(id) > 32 || strings.ContainsFunc(string(id), func(r rune) bool { return !strings.ContainsRune(urlSigns, r) }) {
		return ""
	}
	return string(id)
}

const urlSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func judge(answer *http.Response) (notify.Result, error) {
	told := fmt.Sprintf("(%d)", answer.StatusCode)
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return notify.Result{Outcome: notify.Accepted}, nil
	case code == http.StatusNotFound || code == http.StatusGone:
		return result(notify.Gone, "the browser has unsubscribed "+told)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return result(notify.Unusable, "the push service does not take our signature "+told)
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		r, err := result(notify.Later, "the push service is not ready "+told)
		r.Wait = outbound.RetryAfter(answer.Header)
		return r, err
	default:
		return result(notify.Declined, "the push service does not take it "+told)
	}
}

func result(o notify.Outcome, why string) (notify.Result, error) {
	return notify.Result{Outcome: o}, errors.New("push: " + why)
}
