package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/web/page"
)

// keeper keeps forms that were sent to a session which had locked meanwhile, so that
// nothing that was typed is lost where there is no script. They are sealed under a
// key that is drawn at each start, and only the session's own person gets them back,
// once it is unlocked. Nothing of them is written down.
type keeper struct {
	seal cipher.AEAD

	mu    sync.Mutex // guards what follows
	count uint64     // of forms sealed under the key: each has a nonce of its own
	forms map[signin.SessionID]keptForm
}

type keptForm struct {
	person people.PersonID
	path   string
	nonce  []byte
	sealed []byte
	at     time.Time
}

func newKeeper(random io.Reader) (*keeper, error) {
	var key [32]byte
	if _, err := io.ReadFull(random, key[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	return &keeper{seal: seal, forms: map[signin.SessionID]keptForm{}}, err
}

// keep keeps the form that was sent to a locked session, in place of the one before.
func (a *ask) keep() error {
	if a.route.json || a.route.picture || len(a.who.Session.ID) == 0 {
		return nil
	}
	if err := a.readBody(); err != nil {
		return err
	}
	k, session := a.site.kept, a.who.Session
	k.mu.Lock()
	defer k.mu.Unlock()
	form := keptForm{person: session.Person, path: a.r.URL.Path, at: a.site.Now(), nonce: make([]byte, k.seal.NonceSize())}
	k.count++
	binary.BigEndian.PutUint64(form.nonce, k.count)
	form.sealed = k.seal.Seal(nil, form.nonce, a.body, form.bound(session.ID))
	k.sweep(form.at)
	k.forms[session.ID] = form
	return nil
}

// bound is what a sealed form is bound to.
func (f keptForm) bound(session signin.SessionID) []byte {
	return fmt.Appendf(nil, "%s\n%s\n%s", session, f.person, f.path)
}

// sweep forgets what is too old, and the oldest where there are too many.
func (k *keeper) sweep(now time.Time) {
	var oldest signin.SessionID
	for id, f := range k.forms {
		if age := now.Sub(f.at); age < 0 || age >= keptTime {
			delete(k.forms, id)
		} else if oldest == "" || f.at.Before(k.forms[oldest].at) {
			oldest = id
		}
	}
	if len(k.forms) >= maxKept {
		delete(k.forms, oldest)
	}
}

// has reports whether a form is kept for the session.
func (k *keeper) has(session signin.SessionID, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(now)
	_, ok := k.forms[session]
	return ok
}

// open returns what is kept for a session.
func (k *keeper) open(session signin.SessionID, person people.PersonID, now time.Time) (path, body string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(now)
	form, ok := k.forms[session]
	if !ok || form.person != person {
		return "", "", false
	}
	text, err := k.seal.Open(nil, form.nonce, form.sealed, form.bound(session))
	return form.path, string(text), err == nil
}

// forget drops what is kept for a session once it was sent again.
func (k *keeper) forget(session signin.SessionID, path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forms[session].path == path {
		delete(k.forms, session)
	}
}

// sendKept shows what was kept, to be sent with one more press.
func sendKept(ctx context.Context, a *ask) error {
	path, body, ok := a.site.kept.open(a.who.Session.ID, a.who.Person, a.site.Now())
	if !ok {
		return a.to("/desk")
	}
	values, err := parseForm(body)
	if err != nil {
		return &refusal{notForm, err}
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.Confirm{
		Frame: f, Title: "Send what you typed?", Post: path, Button: "Send it", Back: "/desk",
		Means: []string{"You sent a form when this session had just locked.", "Nothing of it was saved yet. It is all still here."},
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			p.Hidden = append(p.Hidden, page.Hidden{Name: name, Value: value})
		}
	}
	return a.show(200, p)
}
