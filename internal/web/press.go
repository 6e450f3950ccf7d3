package web

import (
	"bytes"
	"container/list"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// presses makes a button that was pressed twice do its work once. A press is known
// by whose browser it came from, where it went, and all that was sent. While the
// first is under way a second one waits for it, and for a short time afterwards it
// gets the answer that the first one got, cookies included: the browser shows only
// the last answer. Of each browser the last press is remembered; whatever else it
// sends puts an end to that.
//
// It is a comfort over the rules of the rooms, which refuse what was done already.
// It knows nothing of other app servers, and forgets when the program stops.
//
// Whose browser it is is told by cookies that only that browser has, so that nobody
// gets another's answer by sending the same. What comes without any is not
// remembered.
type presses struct {
	key [32]byte

	mu    sync.Mutex // guards what follows
	last  map[mark]*press
	order *list.List // of *press, the oldest first
	held  int        // bytes of all answers
}

// mark is a digest under the key.
type mark [sha256.Size]byte

// press is one press and its answer.
type press struct {
	browser, what mark
	at            time.Time
	done          chan struct{} // closed when the answer is there, or never will be
	reply         *reply        // nil while there is none, and if it is not kept
	held          int           // bytes of the answer that is remembered
	place         *list.Element
}

// reply is an answer that can be sent again.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func newPresses(random io.Reader) (*presses, error) {
	p := &presses{last: map[mark]*press{}, order: list.New()}
	if _, err := io.ReadFull(random, p.key[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return p, nil
}

// marks returns whose browser a request comes from, and what it sends.
func (p *presses) marks(a *ask) (browser, what mark, ok bool) {
	var holder string
	whole := hmac.New(sha256.New, p.key[:])
	for _, c := range []cookie{formCookie, sessionCookie, deviceCookie, stepCookie} {
		token := c.read(a.r, a.tls)
		if holder == "" && token != "" {
			holder = c.name + "=" + token
		}
		fmt.Fprintf(whole, "%d:%s,", len(token), token)
	}
	uri := a.r.URL.RequestURI()
	fmt.Fprintf(whole, "%d:%s,%t,", len(uri), uri, a.wantsJSON())
	whole.Write(a.body)
	one := hmac.New(sha256.New, p.key[:])
	one.Write([]byte(holder))
	return mark(one.Sum(nil)), mark(whole.Sum(nil)), holder != ""
}

// begin returns the press that a request belongs to, and whether it is the first.
func (p *presses) begin(browser, what mark, now time.Time) (*press, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetOld(now)
	if last, ok := p.last[browser]; ok {
		if last.what == what {
			return last, false
		}
		p.forget(last)
	}
	if p.order.Len() >= maxPresses {
		p.forget(p.order.Front().Value.(*press))
	}
	made := &press{browser: browser, what: what, at: now, done: make(chan struct{})}
	made.place = p.order.PushBack(made)
	p.last[browser] = made
	return made, true
}

// finish gives the press its answer, nil if there is none. Only what was done is
// remembered; what was not can be tried again at once.
func (p *presses) finish(made *press, answer *reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made.reply = answer
	close(made.done)
	if p.last[made.browser] != made {
		return
	}
	if answer == nil || answer.status >= 400 || answer.size() > maxPressSize || p.held+answer.size() > maxPressed {
		p.forget(made)
		return
	}
	made.held = answer.size()
	p.held += made.held
}

// forgetOld forgets what is too old. A clock that was set back forgets everything.
func (p *presses) forgetOld(now time.Time) {
	for p.order.Len() > 0 {
		oldest := p.order.Front().Value.(*press)
		if age := now.Sub(oldest.at); age >= 0 && age < pressTime {
			return
		}
		p.forget(oldest)
	}
}

// forget takes a press out. Who waits for it still gets its answer.
func (p *presses) forget(known *press) {
	delete(p.last, known.browser)
	p.order.Remove(known.place)
	p.held -= known.held
	known.held = 0
}

// size is about how much memory the answer takes.
func (r *reply) size() int { return len(r.body) + 1024 }

// send sends an answer again.
func (r *reply) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // who has gone away needs none
}

// once answers a form, or sends again what the same press was answered already.
func (a *ask) once(ctx context.Context) error {
	if err := a.readBody(); err != nil {
		return err
	}
	browser, what, ok := a.site.presses.marks(a)
	if !ok || a.route.script {
		return a.route.serve(ctx, a)
	}
	made, first := a.site.presses.begin(browser, what, a.site.Now())
	if !first {
		select {
		case <-made.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if made.reply != nil {
			made.reply.send(a.w)
			return nil
		}
		return a.route.serve(ctx, a)
	}
	return a.answerOnce(ctx, made)
}

// answerOnce answers into a buffer, so that the answer can be sent again. What was
// begun goes on when the browser has gone: it may be waiting for the second answer.
func (a *ask) answerOnce(ctx context.Context, made *press) error {
	buffer := &buffered{header: a.w.Header()}
	out := a.w
	var answer *reply
	defer func() { a.site.presses.finish(made, answer) }()
	a.w = &recorder{ResponseWriter: buffer}
	defer func() { a.w = out }()
	if err := a.route.serve(context.WithoutCancel(ctx), a); err != nil {
		a.fail(err)
	}
	answer = &reply{status: buffer.status, header: buffer.header.Clone(), body: bytes.Clone(buffer.body.Bytes())}
	answer.send(out)
	return nil
}

// buffered takes an answer up. Its header is that of the real one.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header.
func (b *buffered) Header() http.Header { return b.header }

// WriteHeader takes the status.
func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

// Write takes a part.
func (b *buffered) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(p)
}
