package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/mail"
	"roundtable/internal/notify"
	"roundtable/internal/outbound"
	"roundtable/internal/people"
	"roundtable/internal/provider"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// Options is what an App works with.
type Options struct {
	Store  *store.Store
	Ring   keyring.Keyring
	Key    vault.InstallationKey
	Live   *live.Hub
	Now    func() time.Time
	Random io.Reader // the operating system's, or a seeded one in tests
	Log    *slog.Logger
	// Hashers is how many passwords may be hashed at once; each takes 19 MiB.
	Hashers int
	// Senders are the channels by which alerts go out; a channel without one is not
	// there, and whom only it reaches cannot be reached.
	Senders map[notify.Channel]notify.Sender
	// SendTime is how long a sender may take; 0 is DefaultSendTime. What it says
	// afterwards is not heard.
	SendTime time.Duration
	// Mail sends letters that are no alerts; nil where no mail is set up, and then
	// they wait.
	Mail *mail.Sender
	// Calls calls the witnesses of logs; nil for a client that goes to public
	// addresses only.
	Calls *http.Client
}

// App does what people ask for. Its methods may be called by many at once.
type App struct {
	store  *store.Store
	ring   keyring.Keyring
	live   *live.Hub
	clock  func() time.Time
	random io.Reader
	log    *slog.Logger
	hasher *signin.Hasher
	limits *signin.Limiter
	reads  readLog
	plans  plans
	alarms *alarms
	mail   *mail.Sender
	calls  *http.Client
	photos chan struct{} // one for each photo that is decoded

	mu     sync.Mutex // guards what follows
	key    vault.InstallationKey
	opened map[people.LibraryID]*tenant
	// elsewhere is the provider by which people sign in, made of elsewhereIs.
	elsewhere   *provider.Provider
	elsewhereIs provider.Config
}

// New returns an App over a store that has been opened and a keyring that is
// under the installation's key.
func New(o Options) (*App, error) {
	if o.Store == nil || o.Ring == nil || o.Live == nil || o.Now == nil || o.Random == nil || o.Log == nil {
		return nil, errors.New("an app needs a store, a keyring, a hub, a clock, randomness and a log")
	}
	random := &lockedReader{r: o.Random}
	alarms, err := newAlarms(o.Senders, o.SendTime)
	if err != nil {
		return nil, err
	}
	if o.Calls == nil {
		o.Calls = outbound.New(outbound.Options{})
	}
	return &App{
		store: o.Store, ring: o.Ring, live: o.Live, clock: o.Now, random: random, log: o.Log, key: o.Key,
		hasher: signin.NewHasher(max(1, o.Hashers)), limits: signin.NewLimiter(random),
		opened: map[people.LibraryID]*tenant{}, alarms: alarms, mail: o.Mail, calls: o.Calls, photos: make(chan struct{}, photoRoom),
	}, nil
}

// now is the time of an act, as the database keeps it.
func (a *App) now() time.Time { return a.clock().UTC().Truncate(time.Millisecond) }

// Ready reports whether acts can be done: the database answers, and the keyring.
func (a *App) Ready(ctx context.Context) error {
	if err := a.store.Read(ctx, people.Installation, func(*store.Tx) error { return nil }); err != nil {
		return err
	}
	_, err := a.ring.Get(ctx, keyring.Slot{Kind: keyring.Library, Library: string(people.Installation)})
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fault.Broken(err)
	}
	return nil
}

// lockedReader lets many goroutines draw from one source.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
