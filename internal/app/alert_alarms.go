package app

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// Alerts have jobs of their own kind, done beside all others and beside each other,
// so that neither a long clean-up nor a channel that hangs keeps one back:
//
//   - jobAlert looks at an alert and orders what is due. It calls nobody, and nobody
//     takes it: whoever looks second finds nothing to do.
//   - jobSend sends one attempt and keeps what came of it. Who dies in between leaves
//     a lease, and when that ends somebody else sends it, under the same id.
//
// Both move or drop their own job in the transaction in which they do their work: a
// job that is moved by somebody else meanwhile is thus never lost.
const (
	jobAlert = store.JobAlert
	jobSend  = store.JobSend
)

const (
	// DefaultSendTime is how long a sender may take.
	DefaultSendTime = 20 * time.Second
	// alertLease is how long a job of an alert is its taker's: longer than a sending
	// takes, with the transactions before and after it.
	alertLease = 45 * time.Second
	// alertHands is how many jobs of alerts are done at once in this process.
	alertHands = 64
	// channelHands is how many messages are sent at once by one channel. A sender
	// that never comes back keeps one.
	channelHands = 32
)

// channel is a sender, and how many use it.
type channel struct {
	notify.Sender
	hands chan struct{}
}

// alarms is what sending alerts needs in this process.
type alarms struct {
	channels map[notify.Channel]*channel
	time     time.Duration
	hands    chan struct{}
	woken    chan struct{} // has one place

	mu      sync.Mutex // guards what follows
	due     map[people.LibraryID]bool
	looking map[people.LibraryID]bool             // libraries whose alerts are looked at, and whether they are to be again after that
	sent    map[notify.AttemptID]people.LibraryID // for receipts
	order   []notify.AttemptID                    // of sent, the oldest first
}

func newAlarms(senders map[notify.Channel]notify.Sender, within time.Duration) (*alarms, error) {
	if within == 0 {
		within = DefaultSendTime
	}
	if within < 0 || within > alertLease-10*time.Second {
		return nil, fmt.Errorf("a sender may take up to %s", alertLease-10*time.Second)
	}
	w := &alarms{
		channels: map[notify.Channel]*channel{}, time: within, hands: make(chan struct{}, alertHands), woken: make(chan struct{}, 1),
		due: map[people.LibraryID]bool{}, looking: map[people.LibraryID]bool{}, sent: map[notify.AttemptID]people.LibraryID{},
	}
	for c, s := range senders {
		if !c.IsChannel() || s == nil {
			return nil, fmt.Errorf("%q is no channel with a sender", c)
		}
		w.channels[c] = &channel{s, make(chan struct{}, channelHands)}
	}
	return w, nil
}

// wake has a library's alerts looked at in this process, at once.
func (w *alarms) wake(library people.LibraryID) {
	w.mu.Lock()
	w.due[library] = true
	w.mu.Unlock()
	select {
	case w.woken <- struct{}{}:
	default: // it is awake already
	}
}

// take returns the libraries that were woken, and forgets them.
func (w *alarms) take() []people.LibraryID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []people.LibraryID
	for id := range w.due {
		list = append(list, id)
	}
	clear(w.due)
	slices.Sort(list)
	return list
}

// begin notes that a library's alerts are looked at here, until the end, and reports
// whether they were not before. Else they are looked at again after that.
func (w *alarms) begin(library people.LibraryID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, going := w.looking[library]
	w.looking[library] = going
	return !going
}

// end notes that they are not any more, and has them looked at again if that was wanted
// meanwhile.
func (w *alarms) end(library people.LibraryID) {
	w.mu.Lock()
	again := w.looking[library]
	delete(w.looking, library)
	w.mu.Unlock()
	if again {
		w.wake(library)
	}
}

// maxSent bounds how many attempts are remembered for their receipts. What is
// forgotten is looked for in the database.
const maxSent = 10_000

// remember keeps at which library an attempt was sent.
func (w *alarms) remember(id notify.AttemptID, library people.LibraryID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.sent[id]; known {
		return
	}
	if len(w.order) >= maxSent {
		delete(w.sent, w.order[0])
		w.order = w.order[1:]
	}
	w.sent[id], w.order = library, append(w.order, id)
}

func (w *alarms) libraryOf(id notify.AttemptID) (people.LibraryID, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	library, known := w.sent[id]
	return library, known
}
