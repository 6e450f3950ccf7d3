package push

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"roundtable/internal/notify"
)

var b64 = base64.RawURLEncoding

// browser is a browser's side of a subscription: it can open what is pushed.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t testing.TB) browser {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, authSize)
	rand.Read(auth)
	return browser{key, auth}
}

// open decrypts a push as RFC 8291 and RFC 8188 say, written from them and not
// from what encrypts.
func (b browser) open(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("the head is too short")
	}
	salt, size, id, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+body[20]], body[21+int(body[20]):]
	if len(sealed) > int(size) {
		return nil, errors.New("there is more than one record")
	}
	theirs, err := ecdh.P256().NewPublicKey(id)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(id)
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("the last record has no end")
	}
	return plain[:len(plain)-1], nil
}

// TestOpen holds the stand-in's decryption against the example of RFC 8291,
// appendix A.
func TestOpen(t *testing.T) {
	decode := func(text string) []byte {
		b, err := b64.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key, err := ecdh.P256().NewPrivateKey(decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
	if err != nil {
		t.Fatal(err)
	}
	body := decode("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	got, err := browser{key, decode("BTBZMqHH6r4Tts7J_aSIgg")}.open(body)
	if want := "When I grow up, I want to be a watermelon"; string(got) != want || err != nil {
		t.Errorf("open = %q, %v, want %q", got, err, want)
	}
	body[len(body)-1] ^= 1
	if got, err := (browser{key, decode("BTBZMqHH6r4Tts7J_aSIgg")}).open(body); err == nil {
		t.Errorf("open of what was changed = %q", got)
	}
}

// service stands in for a push service.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	pushes []pushed
	answer func(w http.ResponseWriter, r *http.Request)
}

type pushed struct {
	path   string
	header http.Header
	body   []byte
}

func startService(t testing.TB, answer func(w http.ResponseWriter, r *http.Request)) *service {
	s := &service{answer: answer}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.pushes = append(s.pushes, pushed{r.URL.Path, r.Header.Clone(), body})
	s.mu.Unlock()
	if s.answer != nil {
		s.answer(w, r)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (s *service) host() string { return s.Listener.Addr().String() }

func (s *service) got() []pushed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]pushed(nil), s.pushes...)
}

// subscribe is what a browser does when its person says yes.
func (s *service) subscribe(t testing.TB, b browser) Subscription {
	t.Helper()
	data := fmt.Sprintf(`{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q}}`,
		s.URL+"/push/canary-endpoint", b64.EncodeToString(b.key.PublicKey().Bytes()), b64.EncodeToString(b.auth))
	sub, err := FromBrowser([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func newSender(t testing.TB, s *service) *Sender {
	t.Helper()
	key, err := NewKey(mathrand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	sender, err := New(Config{PrivateKey: key, Contact: "it@library.example", Allow: []string{s.host()}, Private: true, Roots: pool})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func delivery(t testing.TB, sub Subscription, lang notify.Lang, purpose notify.Purpose, alert notify.AlertID) notify.Delivery {
	t.Helper()
	m, err := notify.Compose(lang, purpose, "https://rt.library.example", alert)
	if err != nil {
		t.Fatal(err)
	}
	return notify.Delivery{ID: "0123456789abcdef0123456789abcdef", To: sub.Address(), Message: m}
}

// TestPush opens what came: it says only that something changed, whatever the
// alert is, and has one length.
func TestPush(t *testing.T) {
	s, b := startService(t, nil), newBrowser(t)
	sub, sender := s.subscribe(t, b), newSender(t, s)
	want := 0
	for _, lang := range notify.Langs {
		for _, purpose := range notify.Purposes {
			for _, alert := range []notify.AlertID{"a", "canary-canary-canary-canary-canary"} {
				want++
				result, err := sender.Send(t.Context(), delivery(t, sub, lang, purpose, alert))
				if result.Outcome != notify.Accepted || err != nil {
					t.Fatalf("Send = %v, %v", result.Outcome, err)
				}
			}
		}
	}
	pushes := s.got()
	if len(pushes) != want {
		t.Fatalf("%d pushes came, want %d", len(pushes), want)
	}
	for _, p := range pushes {
		plain, err := b.open(p.body)
		if string(plain) != `{"changed":true}` || err != nil {
			t.Errorf("the push says %q, %v, want only that something changed", plain, err)
		}
		if len(p.body) != recordSize {
			t.Errorf("the push has %d bytes, want %d", len(p.body), recordSize)
		}
		if bytes.Equal(p.body, pushes[0].body) && &p.body[0] != &pushes[0].body[0] {
			t.Error("two pushes are the same bytes: a key or a salt was used twice")
		}
		for name, want := range map[string]string{"Ttl": "3600", "Urgency": "high", "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream", "Topic": "0123456789abcdef0123456789abcdef"} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		known := " Ttl Urgency Topic Content-Encoding Content-Type Content-Length Authorization User-Agent "
		for name := range p.header {
			if !strings.Contains(known, " "+name+" ") {
				t.Errorf("the push has a header %s that nobody asked for", name)
			}
		}
		if all := fmt.Sprint(p.header); strings.Contains(all, "canary") || strings.Contains(all, "rt.library") {
			t.Errorf("the headers tell of the alert: %s", all)
		}
	}
}

// TestSignature checks VAPID (RFC 8292) with the public key that browsers get.
func TestSignature(t *testing.T) {
	s, b := startService(t, nil), newBrowser(t)
	sender := newSender(t, s)
	if result, err := sender.Send(t.Context(), delivery(t, s.subscribe(t, b), notify.English, notify.Need, "a")); err != nil {
		t.Fatalf("Send = %v, %v", result, err)
	}
	head := s.got()[0].header.Get("Authorization")
	token, key, ok := strings.Cut(strings.TrimPrefix(head, "vapid t="), ", k=")
	if !ok || key != sender.PublicKey() {
		t.Fatalf("Authorization = %q, want the public key %q in it", head, sender.PublicKey())
	}
	raw, err := b64.DecodeString(key)
	if err != nil || len(raw) != 65 {
		t.Fatalf("the public key is %d bytes, %v", len(raw), err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return public, nil }, jwt.WithValidMethods([]string{"ES256"}), jwt.WithExpirationRequired(), jwt.WithAudience(s.URL)); err != nil {
		t.Errorf("the signature does not hold: %v", err)
	}
	if got := claims["sub"]; got != "mailto:it@library.example" {
		t.Errorf("sub = %v, want mailto: once", got)
	}
	if exp, err := claims.GetExpirationTime(); err != nil || time.Until(exp.Time) > 24*time.Hour {
		t.Errorf("exp = %v, %v, want within a day", exp, err)
	}
	if len(claims) != 3 {
		t.Errorf("the claims are %v, want aud, exp and sub", claims)
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		want   notify.Outcome
		wait   time.Duration
	}{
		{"created", status(201), notify.Accepted, 0},
		{"accepted", status(202), notify.Accepted, 0},
		{"ok", status(200), notify.Accepted, 0},
		{"unsubscribed", status(410), notify.Gone, 0},
		{"not known", status(404), notify.Gone, 0},
		{"signature refused", status(403), notify.Unusable, 0},
		{"signature missing", status(401), notify.Unusable, 0},
		{"too large", status(413), notify.Declined, 0},
		{"malformed", status(400), notify.Declined, 0},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, notify.Declined, 0},
		{"down", status(503), notify.Later, 0},
		{"broken", status(500), notify.Later, 0},
		{"too many", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		}, notify.Later, 2 * time.Minute},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, notify.Later, 0},
		{"talks without end", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(201)
			for range 10_000 {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					return
				}
			}
		}, notify.Accepted, 0},
	} {
		s := startService(t, c.answer)
		sender, sub := newSender(t, s), s.subscribe(t, newBrowser(t))
		result, err := sender.Send(t.Context(), delivery(t, sub, notify.English, notify.Need, "a"))
		if result.Outcome != c.want || result.Wait != c.wait || (err == nil) != (c.want == notify.Accepted) {
			t.Errorf("%s: Send = %+v, %v, want %v, %v", c.name, result, err, c.want, c.wait)
		}
		isQuiet(t, err)
		if c.name != "hangs up" && len(s.got()) != 1 {
			t.Errorf("%s: %d calls, want 1", c.name, len(s.got()))
		}
	}
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, "canary: what a push service says is not passed on")
	}
}

func isQuiet(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "https:") || strings.Contains(err.Error(), "127.0.0.1")) {
		t.Errorf("the error tells too much: %v", err)
	}
}

func TestSlowAndGone(t *testing.T) {
	stop := make(chan struct{})
	s := startService(t, func(http.ResponseWriter, *http.Request) { <-stop })
	defer close(stop)
	sender, sub := newSender(t, s), s.subscribe(t, newBrowser(t))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	result, err := sender.Send(ctx, delivery(t, sub, notify.English, notify.Need, "a"))
	if result.Outcome != notify.Later {
		t.Errorf("Send to a slow service = %v, %v, want later", result.Outcome, err)
	}
	isQuiet(t, err)

	stranger := newSender(t, s)
	stranger.config.Allow = nil
	before := len(s.got())
	result, err = stranger.Send(t.Context(), delivery(t, sub, notify.English, notify.Need, "a"))
	if result.Outcome != notify.Gone || len(s.got()) != before {
		t.Errorf("Send to a host that is not allowed = %v, %v, want gone and no call", result.Outcome, err)
	}
	isQuiet(t, err)
	result, err = sender.Send(t.Context(), notify.Delivery{ID: "a", To: notify.NewAddress("canary"), Message: delivery(t, sub, notify.English, notify.Need, "a").Message})
	if result.Outcome != notify.Gone {
		t.Errorf("Send to what is no subscription = %v, %v, want gone", result.Outcome, err)
	}
	isQuiet(t, err)
}

func TestAllows(t *testing.T) {
	sender := &Sender{}
	for endpoint, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/a":                true,
		"https://updates.push.services.mozilla.com/wpush/v2/a": true,
		"https://web.push.apple.com/a":                         true,
		"https://api.push.apple.com/a":                         true,
		"https://wns2-bl2p.notify.windows.com/w/?token=a":      true,
		"https://fcm.googleapis.com:443/fcm/send/a":            true,
		"https://FCM.googleapis.com/fcm/send/a":                true,
		"https://fcm.googleapis.com:8443/fcm/send/a":           false,
		"https://fcm.googleapis.com.evil.example/a":            false,
		"https://evilfcm.googleapis.com/a":                     false,
		"https://push.apple.com.evil.example/a":                false,
		"https://evilpush.apple.com/a":                         false,
		"https://.push.apple.com/a":                            false,
		"https://notify.windows.com/a":                         false,
		"https://127.0.0.1/a":                                  false,
		"https://[::1]/a":                                      false,
		"https://localhost/a":                                  false,
	} {
		if got := sender.Allows(Subscription{endpoint: endpoint}); got != want {
			t.Errorf("Allows(%s) = %v, want %v", endpoint, got, want)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	b := newBrowser(t)
	p256dh, auth := b64.EncodeToString(b.key.PublicKey().Bytes()), b64.EncodeToString(b.auth)
	good := fmt.Sprintf(`{"endpoint":"https://web.push.apple.com/canary?a=1&b=2","keys":{"p256dh":%q,"auth":%q}}`, p256dh, auth)
	sub, err := Parse(good)
	if err != nil {
		t.Fatalf("Parse(%s): %v", good, err)
	}
	if got := sub.Address().Reveal(); got != good {
		t.Errorf("written again: %s, want %s", got, good)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", sub, sub, sub, sub.Address()); strings.Contains(printed, "canary") || strings.Contains(printed, auth) {
		t.Errorf("a subscription shows itself: %s", printed)
	}
	//lint:ignore SA9005 that it shows nothing is what is tested
	if data, _ := json.Marshal(sub); strings.Contains(string(data), "canary") {
		t.Errorf("a subscription shows itself: %s", data)
	}
	notOnCurve := bytes.Clone(b.key.PublicKey().Bytes())
	notOnCurve[40] ^= 1
	for _, bad := range []string{
		"", "null", "{}", "[]", good + "x", good + good, strings.Replace(good, "https:", "http:", 1), strings.Replace(good, "web.push", "a@web.push", 1),
		strings.Replace(good, "/canary?a=1&b=2", "", 1), strings.Replace(good, "/canary?a=1&b=2", "/", 1), strings.Replace(good, "canary", "cañary", 1), strings.Replace(good, "canary", "#canary", 1),
		strings.Replace(good, "canary", strings.Repeat("a", maxEndpoint), 1), strings.Replace(good, "canary", strings.Repeat("a", maxSubscription), 1),
		strings.Replace(good, p256dh, b64.EncodeToString(notOnCurve), 1), strings.Replace(good, p256dh, p256dh[:20], 1), strings.Replace(good, p256dh, p256dh+"=", 1), strings.Replace(good, p256dh, "", 1),
		strings.Replace(good, p256dh, b64.EncodeToString([]byte{0}), 1), strings.Replace(good, auth, auth[:10], 1), strings.Replace(good, auth, auth+"AAAA", 1), strings.Replace(good, auth, "!!!!", 1),
		strings.Replace(good, `"keys"`, `"note":"x","keys"`, 1),
	} {
		if sub, err := FromBrowser([]byte(bad)); err == nil {
			t.Errorf("FromBrowser(%q) = %v, want an error", bad, sub)
		} else if isQuiet(t, err); sub != (Subscription{}) && len(bad) < 10 {
			t.Errorf("FromBrowser(%q) = %v with an error", bad, sub)
		}
	}
	for _, other := range []string{strings.Replace(good, `"keys"`, `"expirationTime":null,"keys"`, 1), " " + good, strings.Replace(good, "endpoint", "Endpoint", 1)} {
		if _, err := Parse(other); err == nil {
			t.Errorf("Parse(%q) takes what is not the stored form", other)
		}
	}
	if _, err := FromBrowser([]byte(strings.Replace(good, `"keys"`, `"expirationTime":1764000000000,"keys"`, 1))); err != nil {
		t.Errorf("FromBrowser with a time at which it expires: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	b := newBrowser(f)
	f.Add(fmt.Sprintf(`{"endpoint":"https://web.push.apple.com/a","keys":{"p256dh":%q,"auth":%q}}`, b64.EncodeToString(b.key.PublicKey().Bytes()), b64.EncodeToString(b.auth)))
	f.Add(`{"endpoint":"","keys":{}}`)
	sender := &Sender{}
	f.Fuzz(func(t *testing.T, text string) {
		sub, err := Parse(text)
		if err != nil {
			return
		}
		if sub.text() != text {
			t.Errorf("Parse(%q) is written as %q", text, sub.text())
		}
		sender.Allows(sub)
	})
}

func TestKeys(t *testing.T) {
	private, err := NewKey(mathrand.NewChaCha8([32]byte{7}))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := NewKey(mathrand.NewChaCha8([32]byte{7}))
	if private != again {
		t.Error("the same randomness gives another key")
	}
	// A draw that is no number of the curve is drawn again.
	zero := io.MultiReader(bytes.NewReader(make([]byte, 32)), mathrand.NewChaCha8([32]byte{7}))
	if third, err := NewKey(zero); third != private || err != nil {
		t.Errorf("NewKey after a useless draw = %q, %v", third, err)
	}
	if _, err := NewKey(strings.NewReader("short")); err == nil {
		t.Error("NewKey of too little randomness")
	}
	for _, bad := range []string{"", "canary", private + "=", private[:10], b64.EncodeToString(make([]byte, 32))} {
		if _, err := PublicKey(bad); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("PublicKey(%q) = %v", bad, err)
		}
	}
	for _, contact := range []string{"", "mailto:it@library.example", "MAILTO:it@library.example", "it", "http://library.example/it"} {
		if _, err := New(Config{PrivateKey: private, Contact: contact}); err == nil {
			t.Errorf("New takes the contact %q", contact)
		}
	}
	if _, err := New(Config{PrivateKey: private, Contact: "https://library.example/it"}); err != nil {
		t.Errorf("New with an https contact: %v", err)
	}
}
