package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
)

func topic(name string) Topic { return Topic{"library-1", name} }

func newHub(t testing.TB, o Options) *Hub {
	t.Helper()
	return newHubAt(t, o, func() time.Time { return noon })
}

func newHubAt(t testing.TB, o Options, now func() time.Time) *Hub {
	t.Helper()
	h, err := NewHub(rand.Reader, now, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func subscribe(t testing.TB, h *Hub, after string, topics ...Topic) *Listener {
	t.Helper()
	l, err := h.Subscribe(ctx, Request{Owner: "someone", After: after, Topics: topics})
	if err != nil {
		t.Fatalf("Subscribe: %v", err)
	}
	return l
}

// take returns the signal that lies there; the zero Signal if none does.
func take(l *Listener) Signal {
	select {
	case s := <-l.Signals():
		return s
	default:
		return Signal{}
	}
}

func TestPublish(t *testing.T) {
	a, b, c := topic("a"), topic("b"), topic("c")
	elsewhere := Topic{"library-2", "a"}
	tests := []struct {
		name    string
		listen  []Topic
		publish [][]Topic
		want    uint64 // the number of the signal there then
	}{
		{"its topic", []Topic{a}, [][]Topic{{a}}, 1},
		{"another topic", []Topic{a}, [][]Topic{{b}, {c}}, 0},
		{"another library's topic of that name", []Topic{a}, [][]Topic{{elsewhere}}, 0},
		{"no topic", []Topic{a}, [][]Topic{{}}, 0},
		{"two topics at once", []Topic{a, b}, [][]Topic{{a, b, c}}, 1},
		{"a topic named twice", []Topic{a, a}, [][]Topic{{a, a}}, 1},
		{"three times before it is taken", []Topic{a, b}, [][]Topic{{a}, {b}, {a}}, 3},
	}
	for _, test := range tests {
		h := newHub(t, Options{})
		l := subscribe(t, h, "", test.listen...)
		for _, topics := range test.publish {
			h.Publish(topics...)
		}
		if got := take(l); got.Number != test.want {
			t.Errorf("%s: the signal is number %d, want %d", test.name, got.Number, test.want)
		}
		if got := take(l); got.Number != 0 {
			t.Errorf("%s: another signal, number %d, lies there", test.name, got.Number)
		}
	}
}

// TestSince: who comes back is told at once if something may have been missed,
// and only then.
func TestSince(t *testing.T) {
	a, b := topic("a"), topic("b")
	small := Options{Memory: 4}
	tests := []struct {
		name   string
		o      Options
		before func(h *Hub)
		after  func(h *Hub)
		want   bool
	}{
		{"nothing happened", Options{}, func(*Hub) {}, func(*Hub) {}, false},
		{"it changed before the mark", Options{}, func(h *Hub) { h.Publish(a) }, func(*Hub) {}, false},
		{"it changed after the mark", Options{}, func(h *Hub) { h.Publish(a) }, func(h *Hub) { h.Publish(a) }, true},
		{"another changed after the mark", Options{}, func(h *Hub) { h.Publish(a) }, func(h *Hub) { h.Publish(b) }, false},
		{"a relay came back", Options{}, func(*Hub) {}, func(h *Hub) { h.PublishAll() }, true},
		{"a relay came back before", Options{}, func(h *Hub) { h.PublishAll() }, func(*Hub) {}, false},
		{"as much happened as the hub remembers", small, func(h *Hub) { h.Publish(a) }, func(h *Hub) { repeat(4, h.Publish, b) }, false},
		{"more happened than the hub remembers", small, func(*Hub) {}, func(h *Hub) { h.Publish(a); repeat(4, h.Publish, b, topic("c")) }, true},
		{"one topic often is one thing to remember", small, func(*Hub) {}, func(h *Hub) { repeat(9, h.Publish, b) }, false},
	}
	for _, test := range tests {
		h := newHub(t, test.o)
		test.before(h)
		mark := h.Mark()
		test.after(h)
		if got := take(subscribe(t, h, mark, a)).Number == 1; got != test.want {
			t.Errorf("%s: told at once = %v, want %v", test.name, got, test.want)
		}
	}
}

func repeat(n int, publish func(...Topic), topics ...Topic) {
	for i := range n {
		publish(topics[i%len(topics)])
	}
}

// TestSinceSignal: the id of a signal is a place in time like a mark; one that
// this hub did not make stands for not knowing.
func TestSinceSignal(t *testing.T) {
	h, a := newHub(t, Options{}), topic("a")
	l := subscribe(t, h, "", a)
	h.Publish(a)
	first := take(l)
	if got := take(subscribe(t, h, first.ID, a)); got.Number != 0 {
		t.Errorf("back after the last signal: told %v, want nothing", got)
	}
	h.Publish(a)
	if got := take(subscribe(t, h, first.ID, a)); got.Number != 1 || got.ID == first.ID {
		t.Errorf("back after a signal was missed: told %v, want the first of this listener with another id", got)
	}
	for _, id := range []string{"1", "x", newHub(t, Options{}).Mark(), first.ID + "A", strings.Repeat("A", 22), strings.Repeat("\x00", 22)} {
		if got := take(subscribe(t, h, id, a)); got.Number != 1 {
			t.Errorf("back with the id %q of nobody: told %v, want one signal", id, got)
		}
	}
}

func TestLimits(t *testing.T) {
	a := topic("a")
	h := newHub(t, Options{Listeners: 3, PerOwner: 2})
	open := func(owner string, topics ...Topic) (*Listener, error) {
		return h.Subscribe(ctx, Request{Owner: owner, Topics: topics})
	}
	for i, test := range []struct {
		owner  string
		topics []Topic
		want   error
	}{
		{"x", []Topic{a}, nil},
		{"x", []Topic{a}, nil},
		{"x", []Topic{a}, ErrFull},
		{"y", nil, ErrTopics},
		{"y", make([]Topic, MaxTopics+1), ErrTopics},
		{"y", make([]Topic, MaxTopics), nil},
		{"z", []Topic{a}, ErrFull},
	} {
		l, err := open(test.owner, test.topics...)
		if !errors.Is(err, test.want) {
			t.Errorf("%d: Subscribe for %s = %v, want %v", i, test.owner, err, test.want)
		}
		if errors.Is(err, ErrFull) && fault.KindOf(err) != fault.Refused {
			t.Errorf("%d: the fault is %v, want %v", i, fault.KindOf(err), fault.Refused)
		}
		if i == 1 {
			defer l.Close()
		}
	}
	if got := h.Len(); got != 3 {
		t.Errorf("Len = %d, want 3", got)
	}
}

// TestEnd: however a listener ends, its place is free again.
func TestEnd(t *testing.T) {
	a := topic("a")
	cause := errors.New("the page was left")
	h := newHub(t, Options{Listeners: 1})
	within, cancel := context.WithCancelCause(ctx)
	l, err := h.Subscribe(within, Request{Topics: []Topic{a}})
	if err != nil {
		t.Fatal(err)
	}
	cancel(cause)
	if _, open := <-l.Signals(); open || !errors.Is(l.Err(), cause) {
		t.Errorf("after its context: open %v, Err() = %v, want %v", open, l.Err(), cause)
	}
	l = subscribe(t, h, "", a)
	l.Close()
	l.Close()
	if _, open := <-l.Signals(); open || l.Err() != nil {
		t.Errorf("after Close: open %v, Err() = %v, want nil", open, l.Err())
	}
	l = subscribe(t, h, "", a)
	h.Publish(a)
	h.Close()
	if s, open := <-l.Signals(); !open || s.Number != 1 {
		t.Errorf("what was published before the hub closed: %v, %v; want signal 1", s, open)
	}
	if _, open := <-l.Signals(); open || !errors.Is(l.Err(), ErrClosed) {
		t.Errorf("after the hub's Close: open %v, Err() = %v, want %v", open, l.Err(), ErrClosed)
	}
	if _, err := h.Subscribe(ctx, Request{Topics: []Topic{a}}); !errors.Is(err, ErrClosed) {
		t.Errorf("Subscribe to a closed hub = %v, want %v", err, ErrClosed)
	}
	h.Publish(a)
	h.PublishAll()
	if len(h.topics)+len(h.listeners)+len(h.owners) != 0 {
		t.Errorf("an empty hub holds %d topics, %d listeners, %d owners", len(h.topics), len(h.listeners), len(h.owners))
	}
}

// TestSlow: a listener that takes nothing is dropped, one that takes late is not.
func TestSlow(t *testing.T) {
	now := noon
	a := topic("a")
	h := newHubAt(t, Options{Patience: time.Minute}, func() time.Time { return now })
	slow, quick := subscribe(t, h, "", a), subscribe(t, h, "", a)
	for range 1000 { // a burst is no reason
		h.Publish(a)
	}
	for range 3 {
		now = now.Add(30 * time.Second)
		if got := take(quick); got.Number == 0 {
			t.Errorf("at %v the quick listener has no signal", now)
		}
		h.Publish(a)
	}
	if err := slow.Err(); !errors.Is(err, ErrSlow) {
		t.Errorf("who took nothing for 90 s of 60: Err() = %v, want %v", err, ErrSlow)
	}
	if err := quick.Err(); err != nil {
		t.Errorf("who took each within 30 s: Err() = %v, want nil", err)
	}
	if got := h.Len(); got != 1 {
		t.Errorf("Len = %d, want 1", got)
	}
	now = now.Add(time.Hour)
	take(quick)
	h.Publish(a)
	if err := quick.Err(); err != nil {
		t.Errorf("who waited an hour for a signal: Err() = %v, want nil", err)
	}
}

// TestIDs: ids show nothing of how much happens elsewhere (P8).
func TestIDs(t *testing.T) {
	h := newHub(t, Options{})
	seen := map[string]bool{}
	var bits [128]int
	const n = 2000
	for range n {
		h.Publish(topic("a"))
		id := h.Mark()
		if seen[id] {
			t.Fatalf("the id %s came twice", id)
		}
		seen[id] = true
		seq, ok := h.ids.open(id)
		if !ok || seq != h.seq {
			t.Fatalf("open(%s) = %d, %v; want %d", id, seq, ok, h.seq)
		}
		var raw [16]byte
		decode(t, id, raw[:])
		for i := range bits {
			bits[i] += int(raw[i/8] >> (i % 8) & 1)
		}
	}
	for i, ones := range bits { // 6 standard deviations of a fair coin
		if off := math.Abs(float64(ones) - n/2); off > 6*math.Sqrt(n)/2 {
			t.Errorf("bit %d of an id is set in %d of %d", i, ones, n)
		}
	}
}

// TestNothingIsMissed holds the hub against a plain model under any order of
// events: a listener has a signal exactly when one of its topics was published
// since it last took one, or when it came back too late to know.
func TestNothingIsMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, err := NewHub(rand.Reader, func() time.Time { return noon }, Options{
			Memory: rapid.IntRange(1, 8).Draw(t, "memory"), Listeners: 50, PerOwner: 50})
		if err != nil {
			t.Fatal(err)
		}
		m := model{t: t, h: h}
		t.Repeat(map[string]func(*rapid.T){
			"publish": m.publish,
			"all":     m.publishAll,
			"mark":    m.mark,
			"arrive":  m.arrive,
			"take":    m.take,
			"leave":   m.leave,
			"":        m.check,
		})
	})
}

type model struct {
	t         *rapid.T
	h         *Hub
	log       []int // bits of topics, by publication; -1 for all
	marks     []place
	listeners []*modelListener
}

type place struct {
	id  string
	len int // of the log
}

type modelListener struct {
	l      *Listener
	topics int
	from   int  // in the log: what it was told up to
	unsure bool // it may have been told at arrival without need
}

func (m *model) topics(t *rapid.T) (int, []Topic) {
	bits := rapid.IntRange(1, 15).Draw(t, "topics")
	var list []Topic
	for i := range 4 {
		if bits>>i&1 == 1 {
			list = append(list, topic(fmt.Sprint(i)))
		}
	}
	return bits, list
}

func (m *model) publish(t *rapid.T) {
	bits, list := m.topics(t)
	m.h.Publish(list...)
	m.log = append(m.log, bits)
}

func (m *model) publishAll(t *rapid.T) {
	m.h.PublishAll()
	m.log = append(m.log, -1)
}

func (m *model) mark(t *rapid.T) {
	m.marks = append(m.marks, place{m.h.Mark(), len(m.log)})
}

func (m *model) arrive(t *rapid.T) {
	if len(m.marks) == 0 || len(m.listeners) >= 50 {
		t.Skip()
	}
	bits, list := m.topics(t)
	at := rapid.SampledFrom(m.marks).Draw(t, "mark")
	l, err := m.h.Subscribe(ctx, Request{After: at.id, Topics: list})
	if err != nil {
		t.Fatal(err)
	}
	// The hub may be unsure when more was published than it remembers.
	m.listeners = append(m.listeners, &modelListener{
		l: l, topics: bits, from: at.len, unsure: m.published(at.len) > len(m.h.memory)})
}

// published counts topics published since a place in the log.
func (m *model) published(from int) (n int) {
	for _, bits := range m.log[from:] {
		for i := range 4 {
			n += bits >> i & 1
		}
	}
	return n
}

func (m *model) one(t *rapid.T) *modelListener {
	if len(m.listeners) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(m.listeners).Draw(t, "listener")
}

func (m *model) take(t *rapid.T) {
	l := m.one(t)
	if s := take(l.l); s.Number > 0 {
		seq, _ := m.h.ids.open(s.ID) // each publication is one entry of the log
		m.marks = append(m.marks, place{s.ID, int(seq)})
	}
	l.from, l.unsure = len(m.log), false
}

func (m *model) leave(t *rapid.T) {
	l := m.one(t)
	l.l.Close()
	for i := range m.listeners {
		if m.listeners[i] == l {
			m.listeners = append(m.listeners[:i], m.listeners[i+1:]...)
			return
		}
	}
}

func (m *model) check(t *rapid.T) {
	for _, l := range m.listeners {
		want := false
		for _, bits := range m.log[l.from:] {
			want = want || bits&l.topics != 0
		}
		got := len(l.l.signals) == 1
		if want && !got || got && !want && !l.unsure {
			t.Fatalf("a listener of %04b that was told up to %d of %v has a signal: %v, want %v", l.topics, l.from, m.log, got, want)
		}
	}
	if n := len(m.h.last); n > len(m.h.memory) {
		t.Fatalf("the hub remembers %d topics, want at most %d", n, len(m.h.memory))
	}
}

// TestAtOnce is for the race detector: everything at the same time.
func TestAtOnce(t *testing.T) {
	h := newHub(t, Options{Memory: 64})
	var wait sync.WaitGroup
	for w := range 8 {
		wait.Go(func() {
			for i := range 200 {
				within, cancel := context.WithCancel(ctx)
				l, err := h.Subscribe(within, Request{Owner: fmt.Sprint(w), After: h.Mark(), Topics: []Topic{topic(fmt.Sprint(i % 3))}})
				if err != nil {
					t.Errorf("Subscribe: %v", err)
					cancel()
					continue
				}
				h.Publish(topic("0"), topic("1"), topic("2"))
				if s, open := <-l.Signals(); !open || s.Number == 0 {
					t.Errorf("after Publish: %v, %v", s, open)
				}
				switch i % 3 {
				case 0:
					l.Close()
				case 1:
					h.PublishAll()
				}
				cancel()
				for range l.Signals() { // until it is closed
				}
			}
		})
	}
	wait.Wait()
	if got := h.Len(); got != 0 {
		t.Errorf("after all have left, Len = %d, want 0", got)
	}
	h.Close()
}

// BenchmarkPublish tells 10,000 listeners, of whom all, one or none listen to
// the topic; takes are part of it.
func BenchmarkPublish(b *testing.B) {
	const n = 10_000
	for _, test := range []struct {
		name  string
		topic func(i int) Topic
	}{
		{"all", func(int) Topic { return topic("a") }},
		{"one", func(i int) Topic { return topic([]string{"a", "b"}[min(i, 1)]) }},
		{"none", func(int) Topic { return topic("b") }},
	} {
		b.Run(test.name, func(b *testing.B) {
			h := newHub(b, Options{PerOwner: n})
			listeners := make([]*Listener, n)
			for i := range listeners {
				listeners[i] = subscribe(b, h, "", test.topic(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				h.Publish(topic("a"))
			}
			h.Close()
		})
	}
}

// BenchmarkHear is the time from Publish until 10,000 waiting goroutines have
// all heard of it.
func BenchmarkHear(b *testing.B) {
	const n = 10_000
	h := newHub(b, Options{PerOwner: n})
	var heard, ended sync.WaitGroup
	for range n {
		l := subscribe(b, h, "", topic("a"))
		ended.Go(func() {
			for range l.Signals() {
				heard.Done()
			}
		})
	}
	for b.Loop() {
		heard.Add(n)
		h.Publish(topic("a"))
		heard.Wait()
	}
	h.Close()
	ended.Wait()
}

func BenchmarkSubscribe(b *testing.B) {
	h := newHub(b, Options{})
	topics := []Topic{topic("a"), topic("b"), {people.Installation, "c"}}
	for b.Loop() {
		subscribe(b, h, h.Mark(), topics...).Close()
	}
}
