// Command load lets many desks walk at once against one server on this machine,
// as browsers without script do, and says how long a choice took until it was
// kept durably and answered.
//
//	go run ./internal/load            500 desks on SQLite
//	go run ./internal/load -postgres  the same on a PostgreSQL of its own
//	go run ./internal/load -followers 50
//
// With followers, directors follow what as many of the desks walk, and it says how
// long it took from a tap at the desk until the director's page shows it.
//
// It is for measuring and never part of the product. Everything is on the loopback
// address and gone afterwards.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"roundtable/internal/app"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/web"
)

// Who follows.
const (
	directorMail     = "director@elm.example"
	directorPassword = "lamplight on warm paper"
)

// settings is what is measured.
type settings struct {
	desks    int
	follow   int // how many of them are followed
	ramp     time.Duration
	duration time.Duration
	think    time.Duration
	postgres bool
	limit    time.Duration
	seen     time.Duration
}

func main() {
	var s settings
	flag.IntVar(&s.desks, "desks", 500, "how many desks walk at once")
	flag.DurationVar(&s.ramp, "ramp", 20*time.Second, "within what time the desks begin, one after the other; only then is anything measured")
	flag.DurationVar(&s.duration, "for", time.Minute, "how long all of them walk")
	flag.DurationVar(&s.think, "think", 5*time.Second, "how long a desk takes between two choices, on average")
	flag.BoolVar(&s.postgres, "postgres", false, "on PostgreSQL instead of SQLite")
	flag.DurationVar(&s.limit, "limit", 250*time.Millisecond, "what 99 of 100 choices must take at most; more is a failure")
	flag.IntVar(&s.follow, "followers", 0, "how many desks have a director who follows their walks")
	flag.DurationVar(&s.seen, "seen", 2*time.Second, "within what time 99 of 100 taps must be shown to the follower; more is a failure")
	profile := flag.String("profile", "", "write a profile of the processor's time to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(context.Background(), s, os.Stdout); err != nil {
		pprof.StopCPUProfile()
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "roundtable-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	site, err := open(ctx, dir, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.close()) }()
	tokens, err := site.enrol(ctx, s.desks)
	if err != nil {
		return err
	}
	sessions, err := site.signIn(ctx, min(s.follow, s.desks))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d desks, which begin within %v, a choice every %v on average each, for %v, on %s\n", s.desks, s.ramp, s.think, s.duration, site.name)
	found, screens, cpu := walkAll(ctx, site.base, tokens, sessions, s)
	return errors.Join(found.tell(out, s, cpu), screens.tell(out, s))
}

// walkAll lets every desk walk until the time is over, the first ones followed. Cpu is what all of them and
// the server took of it once every desk had begun.
func walkAll(ctx context.Context, base string, tokens, sessions []string, s settings) (all *figures, shown *screens, cpu time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, s.ramp+s.duration)
	defer cancel()
	all, shown = new(figures), new(screens)
	from := time.Now().Add(s.ramp)
	before := make(chan time.Duration, 1)
	time.AfterFunc(s.ramp, func() { before <- used() })
	var wait sync.WaitGroup
	for i, token := range tokens {
		wait.Go(func() {
			d := newDesk(base, "roundtable-device="+token, s.think, uint64(i))
			d.found.from = from
			if i < len(sessions) {
				d.shown = new(watched)
				f := &follower{desk: newDesk(base, "roundtable="+sessions[i], 0, 0), of: d.shown}
				f.desk.found.from = from
				wait.Go(func() { shown.add(f.follow(ctx)) })
			}
			time.Sleep(s.ramp * time.Duration(i) / time.Duration(len(tokens)))
			all.add(d.walk(ctx))
		})
	}
	wait.Wait()
	shown.took = append(shown.took, all.shown...)
	return all, shown, used() - <-before
}

// figures is what was found.
type figures struct {
	mu      sync.Mutex
	from    time.Time       // what began before is not looked at
	choices []time.Duration // from sending a choice to its answer
	pages   []time.Duration // from asking for a step to its last byte
	shown   []time.Duration // from a choice until its follower's page showed it, where that was quicker than its answer
	walks   int
	failed  []error
}

func (f *figures) add(o *figures) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choices = append(f.choices, o.choices...)
	f.pages = append(f.pages, o.pages...)
	f.shown = append(f.shown, o.shown...)
	f.walks += o.walks
	f.failed = append(f.failed, o.failed...)
}

// keep adds to a list how long it is since something began.
func (f *figures) keep(list *[]time.Duration, began time.Time) {
	if began.After(f.from) {
		*list = append(*list, time.Since(began))
	}
}

func (f *figures) tell(out io.Writer, s settings, cpu time.Duration) error {
	fmt.Fprintf(out, "%d choices (%.0f a second) in %d walks\n", len(f.choices), float64(len(f.choices))/s.duration.Seconds(), f.walks)
	fmt.Fprintf(out, "a choice, until it is kept and answered: %s\n", spread(f.choices))
	fmt.Fprintf(out, "the next step's page:                    %s\n", spread(f.pages))
	fmt.Fprintf(out, "processor: %.0f %% of one (server and desks together); memory: %d MB at most\n", 100*cpu.Seconds()/s.duration.Seconds(), peak()>>20)
	if len(f.failed) > 0 {
		return fmt.Errorf("%d desks stopped, the first because: %w", len(f.failed), f.failed[0])
	}
	if p := at(f.choices, 0.99); len(f.choices) == 0 || p > s.limit {
		return fmt.Errorf("99 of 100 choices took up to %v, more than %v", p.Round(time.Millisecond), s.limit)
	}
	return nil
}

func (s *screens) tell(out io.Writer, o settings) error {
	if o.follow == 0 {
		return nil
	}
	fmt.Fprintf(out, "%d taps, until the director's page shows them: %s\n", len(s.took), spread(s.took))
	var errs []error
	if len(s.failed) > 0 {
		errs = append(errs, fmt.Errorf("%d followers stopped, the first because: %w", len(s.failed), s.failed[0]))
	}
	if s.lost > 0 {
		errs = append(errs, fmt.Errorf("%d taps were never shown", s.lost))
	}
	if p := at(s.took, 0.99); len(s.took) == 0 || p > o.seen {
		errs = append(errs, fmt.Errorf("99 of 100 taps were shown within %v, want within %v", p.Round(time.Millisecond), o.seen))
	}
	return errors.Join(errs...)
}

func spread(list []time.Duration) string {
	ms := func(q float64) string { return fmt.Sprintf("%.1f ms", float64(at(list, q).Microseconds())/1000) }
	return fmt.Sprintf("half %s, 95 %% %s, 99 %% %s, longest %s", ms(0.5), ms(0.95), ms(0.99), ms(1))
}

// at returns the time within which a share of all was done.
func at(list []time.Duration, share float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// used is the time that processors have worked for this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory that this process has had, in bytes.
func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return int64(u.Maxrss) << 10
}

// site is a running server.
type site struct {
	*app.App
	name    string
	address string // of the database, on PostgreSQL
	base    string
	end     []func() error
	// ahead is how far the server's clock is ahead: codes are not tried faster than
	// its limits allow, so its time passes between two devices.
	ahead atomic.Int64
}

func (s *site) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *site) close() error {
	var errs []error
	for _, end := range slices.Backward(s.end) {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}

// open starts a server on the loopback address.
func open(ctx context.Context, dir string, o settings) (_ *site, err error) {
	s := &site{name: "SQLite"}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	data, err := s.openStore(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	s.end = append(s.end, data.Close)
	key, ring, err := newRing(dir)
	if err != nil {
		return nil, err
	}
	s.end = append(s.end, ring.Close)
	hub, err := live.NewHub(rand.Reader, s.now, live.Options{})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	if s.address != "" {
		s.relay(ctx, hub, log)
	}
	s.App, err = app.New(app.Options{Store: data, Ring: ring, Key: key, Live: hub, Now: s.now, Random: rand.Reader, Log: log, Hashers: runtime.GOMAXPROCS(0)})
	if err != nil {
		return nil, err
	}
	if err := s.Bootstrap(ctx); err != nil {
		return nil, err
	}
	s.behind(ctx, func(ctx context.Context) { s.Work(ctx) })
	handler, err := web.New(web.Options{App: s.App, Now: s.now, Random: rand.Reader, Log: log})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := web.Server("", handler, log)
	go server.Serve(listener) // ends with Close
	s.end = append(s.end, server.Close)
	s.base = "http://" + listener.Addr().String()
	return s, nil
}

// relay lets the hub hear what PostgreSQL passes on, as where there may be several
// servers.
func (s *site) relay(ctx context.Context, hub *live.Hub, log *slog.Logger) {
	relay := live.NewRelay(hub, log, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, s.address) }, live.RelayOptions{})
	s.behind(ctx, func(ctx context.Context) { relay.Run(ctx) })
}

// behind does something until the site closes.
func (s *site) behind(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		do(ctx)
	}()
	s.end = append(s.end, func() error {
		cancel()
		<-ended
		return nil
	})
}

func (s *site) openStore(ctx context.Context, dir string, o settings) (*store.Store, error) {
	if !o.postgres {
		return store.OpenSQLite(ctx, store.SQLite{Folder: filepath.Join(dir, "data")})
	}
	s.name = "PostgreSQL"
	cluster, err := pgtest.Open(pgtest.Options{})
	if err != nil {
		return nil, err
	}
	s.end = append(s.end, cluster.Close)
	owner, _, err := cluster.NewDatabase()
	if err != nil {
		return nil, err
	}
	const role = "roundtable_app"
	if err := cluster.NewRole(role); err != nil {
		return nil, err
	}
	if err := store.MigratePostgres(ctx, owner, role); err != nil {
		return nil, err
	}
	if s.address, err = pgtest.As(owner, role); err != nil {
		return nil, err
	}
	return store.OpenPostgres(ctx, s.address)
}

func newRing(dir string) (vault.InstallationKey, keyring.Keyring, error) {
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		return key, nil, err
	}
	box, err := keyring.StorageBox(key)
	if err != nil {
		return key, nil, err
	}
	folder := filepath.Join(dir, "keyring")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return key, nil, err
	}
	ring, err := keyring.CreateFile(folder, rand.Reader, box)
	return key, ring, err
}

// enrol sets a library up and enrols devices, each from a place of its own, and
// returns what their cookies hold.
func (s *site) enrol(ctx context.Context, n int) ([]string, error) {
	code, err := s.OfferSetUp(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.SetUp(ctx, code, app.SetUpForm{
		Address: s.base, Accept: true,
		Library: app.LibraryForm{Name: "Elm Street Library", Place: "Connecticut", TimeZone: "America/New_York"},
		Branch:  app.BranchForm{Name: "Main", TimeZone: "America/New_York"},
		You:     app.PersonForm{Name: "Dana Whitfield", Initials: "DW", Mail: directorMail},
		Other:   app.PersonForm{Name: "Sam Okafor", Initials: "SO", Mail: "admin@elm.example"},
		Role:    people.Director, Password: directorPassword, How: app.OnSlip,
	})
	if err != nil {
		return nil, err
	}
	tokens := make([]string, n)
	for i := range tokens {
		s.ahead.Add(int64(2 * time.Second))
		name := fmt.Sprintf("Desk %d", i+1)
		offer, err := s.OfferEnrol(ctx, done.Who, done.Library, done.Branch, name)
		if err != nil {
			return nil, err
		}
		place := netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})
		if _, tokens[i], err = s.Enrol(ctx, app.Who{}, place, offer.Code, name); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// pagesOfSession is how many pages one session has open; the server lets it listen
// with a few more.
const pagesOfSession = live.DefaultPerOwner - 4

// signIn opens sessions of the library's director, and returns for each page that
// follows a desk what its cookie holds.
func (s *site) signIn(ctx context.Context, pages int) ([]string, error) {
	var tokens []string
	for i := range pages {
		if i%pagesOfSession > 0 {
			tokens = append(tokens, tokens[i-1])
			continue
		}
		s.ahead.Add(int64(time.Minute))
		in, err := s.SignIn(ctx, app.Who{}, netip.AddrFrom4([4]byte{127, 2, byte(i >> 8), byte(i)}), app.SignInForm{Mail: directorMail, Password: directorPassword})
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, in.Token)
	}
	return tokens, nil
}
