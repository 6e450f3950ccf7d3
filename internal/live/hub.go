package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"roundtable/internal/fault"
)

// Options are the limits of a hub and what it shares with others. Zero numbers
// stand for the defaults.
type Options struct {
	// TagKey makes tags of topics. All app servers of an installation have the
	// same, and nobody else.
	TagKey [32]byte
	// Listeners is how many there may be at once in this process.
	Listeners int
	// PerOwner is how many one owner may have at once.
	PerOwner int
	// Memory is how many publications the hub remembers for those who come back.
	Memory int
	// Patience is how long a listener may leave a signal lying before a further
	// one drops it.
	Patience time.Duration
}

// The defaults of Options.
const (
	DefaultListeners = 10_000
	DefaultPerOwner  = 24 // four windows of a browser that keeps six connections
	DefaultMemory    = 1 << 14
	DefaultPatience  = 30 * time.Second
)

// MaxTopics is how many topics one listener may have.
const MaxTopics = 32

// Why a listener ended, or did not begin.
var (
	ErrClosed = errors.New("live: the hub is closed")
	ErrSlow   = errors.New("live: the listener took no signals")
	ErrFull   = errors.New("live: too many listeners")
	ErrTopics = errors.New("live: too many topics or none")
)

// Signal says that something has changed.
type Signal struct {
	// Number counts what this listener was told, from 1. A gap means that several
	// signals became one.
	Number uint64
	// ID is what the browser sends back as Last-Event-ID. It is opaque.
	ID string
}

// Request is what a listener wants.
type Request struct {
	// Owner stands for whose listener it is (a session, a device); it is only
	// compared.
	Owner string
	// After is the Mark of the page or the ID of the last signal. If something
	// was published since, the first signal is there at once; also if the hub
	// cannot tell. With "" only what is to come counts.
	After  string
	Topics []Topic
}

// Hub passes signals from writers to listeners within one process. All its
// methods may be called at once.
type Hub struct {
	o      Options
	tagKey [32]byte
	ids    idSealer
	now    func() time.Time

	mu        sync.Mutex // guards all below, and the fields of listeners
	seq       uint64     // of the latest publication
	floor     uint64     // up to here the hub no longer knows what was published
	last      map[tag]uint64
	memory    []publication // a ring, the oldest at next
	next      int
	topics    map[tag]map[*Listener]struct{}
	listeners map[*Listener]struct{}
	owners    map[string]int
	closed    bool
}

type publication struct {
	seq uint64
	of  tag
}

// NewHub returns a hub without listeners. random gives the key of the ids of
// signals; now is the clock that Patience is measured by.
func NewHub(random io.Reader, now func() time.Time, o Options) (*Hub, error) {
	ids, err := newIDSealer(random)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	setDefault(&o.Listeners, DefaultListeners)
	setDefault(&o.PerOwner, DefaultPerOwner)
	setDefault(&o.Memory, DefaultMemory)
	setDefault(&o.Patience, DefaultPatience)
	return &Hub{
		o: o, tagKey: o.TagKey, ids: ids, now: now,
		last: map[tag]uint64{}, memory: make([]publication, o.Memory),
		topics: map[tag]map[*Listener]struct{}{}, listeners: map[*Listener]struct{}{}, owners: map[string]int{},
	}, nil
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v <= 0 {
		*v = to
	}
}

// Mark returns the hub's place in time, for Request.After. It is taken before
// the data of a page are read.
func (h *Hub) Mark() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ids.seal(h.seq)
}

// Publish tells every listener of one of the topics that it has changed, once
// however many of them it has. It is called after the change is committed.
func (h *Hub) Publish(topics ...Topic) {
	h.publish(h.tagsOf(topics))
}

func (h *Hub) publish(tags []tag) {
	if len(tags) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.begin()
	for _, t := range tags {
		h.remember(t)
		for l := range h.topics[t] {
			if l.told != s.seq { // not yet by another of its topics
				l.told = s.seq
				l.tell(s)
			}
		}
	}
}

// PublishAll tells every listener that something has changed: what, nobody
// knows, since signals may have been lost on their way here.
func (h *Hub) PublishAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.begin()
	h.floor = s.seq
	clear(h.last)
	for l := range h.listeners {
		l.tell(s)
	}
}

// signal is a Signal on its way to its listeners.
type signal struct {
	seq uint64
	id  string
	at  time.Time
}

// begin opens the next publication.
func (h *Hub) begin() signal {
	h.seq++
	s := signal{seq: h.seq, at: h.now()}
	if len(h.listeners) > 0 {
		s.id = h.ids.seal(h.seq)
	}
	return s
}

// remember notes that a topic was published, and forgets the oldest publication
// for it. As those stand in order, all up to the forgotten one is then unknown.
func (h *Hub) remember(t tag) {
	old := h.memory[h.next]
	if old.seq > 0 && h.last[old.of] == old.seq {
		delete(h.last, old.of)
		h.floor = max(h.floor, old.seq)
	}
	h.memory[h.next] = publication{h.seq, t}
	h.next = (h.next + 1) % len(h.memory)
	h.last[t] = h.seq
}

// hasChanged tells whether one of the topics was published after a place in
// time, or may have been.
func (h *Hub) hasChanged(after string, tags []tag) bool {
	if after == "" {
		return false
	}
	seq, ok := h.ids.open(after)
	if !ok || seq < h.floor {
		return true
	}
	for _, t := range tags {
		if h.last[t] > seq {
			return true
		}
	}
	return false
}

// Subscribe returns a listener. It ends with ctx, with its Close, when it is
// slow, or with the hub. Where there are too many, it returns a fault with
// ErrFull as its cause: the page is good without being live.
func (h *Hub) Subscribe(ctx context.Context, r Request) (*Listener, error) {
	if len(r.Topics) == 0 || len(r.Topics) > MaxTopics {
		return nil, fault.Broken(ErrTopics)
	}
	l := &Listener{hub: h, owner: r.Owner, tags: h.tagsOf(r.Topics), signals: make(chan Signal, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, fault.Broken(ErrClosed)
	case len(h.listeners) >= h.o.Listeners, h.owners[r.Owner] >= h.o.PerOwner:
		return nil, tooMany()
	}
	h.add(l)
	if h.hasChanged(r.After, l.tags) {
		l.tell(signal{seq: h.seq, id: h.ids.seal(h.seq), at: h.now()})
	}
	l.stop = context.AfterFunc(ctx, func() { l.end(context.Cause(ctx)) })
	return l, nil
}

func tooMany() *fault.Error {
	return fault.Refuse("Too many pages are being kept up to date at once.",
		"This page still works. Load it again to see what is new.").Because(ErrFull)
}

func (h *Hub) add(l *Listener) {
	h.listeners[l] = struct{}{}
	h.owners[l.owner]++
	for _, t := range l.tags {
		if h.topics[t] == nil {
			h.topics[t] = map[*Listener]struct{}{}
		}
		h.topics[t][l] = struct{}{}
	}
}

func (h *Hub) remove(l *Listener) {
	delete(h.listeners, l)
	if h.owners[l.owner]--; h.owners[l.owner] == 0 {
		delete(h.owners, l.owner)
	}
	for _, t := range l.tags {
		if delete(h.topics[t], l); len(h.topics[t]) == 0 {
			delete(h.topics, t)
		}
	}
}

// Len returns how many listeners there are.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

// Close ends every listener and lets no more come. Their browsers come back to
// whoever answers then, who does not know their ids and tells them "changed".
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for l := range h.listeners {
		l.endLocked(ErrClosed)
	}
}
