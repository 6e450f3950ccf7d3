package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/signin"
)

// Options is what the pages work with.
type Options struct {
	App    *app.App
	Now    func() time.Time
	Random io.Reader // the operating system's; read by many at once
	Log    *slog.Logger
	// Names are the names and addresses under which the server may be called, without
	// port, beside its own machine's and the one that set-up asked for.
	Names []string
	// Proxies are the addresses from which X-Forwarded-For and X-Forwarded-Proto are
	// believed. None: nobody is.
	Proxies []netip.Prefix
	// Version is the program's version, as settings show it.
	Version string
	// Database says which database it is, as settings show it: "SQLite".
	Database string
	// Welcome is told on the sign-in page: how to try a demonstration out. "" tells
	// nothing.
	Welcome string
}

// site is everything that a request is answered with. It does not change, but for
// what it counts and remembers for a while.
type site struct {
	Options
	router     *router
	protection *http.CrossOriginProtection
	limits     *signin.Limiter
	presses    *presses
	kept       *keeper
	drafts     drafts
	names      *names
	shells     shells
	numbers    atomic.Uint64
	run        string // of this process, so that numbers of requests are unlike those of the last
}

// New returns the handler of all routes. What it is given is used from many
// goroutines at once.
func New(o Options) (http.Handler, error) {
	if o.App == nil || o.Now == nil || o.Random == nil || o.Log == nil {
		return nil, errors.New("pages need an app, a clock, randomness and a log")
	}
	s := &site{Options: o, protection: http.NewCrossOriginProtection(), limits: signin.NewLimiter(o.Random)}
	s.Log = slog.New(redact(o.Log.Handler()))
	var err error
	if s.presses, err = newPresses(o.Random); err != nil {
		return nil, err
	}
	if s.kept, err = newKeeper(o.Random); err != nil {
		return nil, err
	}
	s.names = newNames(o.Names, o.App)
	if s.run, err = randomText(o.Random, 4); err != nil {
		return nil, err
	}
	if s.router, err = newRouter(routes()); err != nil {
		return nil, err
	}
	return s, nil
}

// Server returns a server for the handler, with its times and sizes bounded. Errors
// of connections go to the log. A live page takes its own write limit away.
func Server(addr string, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: headTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHead,
		ErrorLog:          slog.NewLogLogger(connections{log.Handler()}, slog.LevelDebug),
	}
}

// CloseTime is how long what is under way may take when the server stops.
const CloseTime = closeTime

// ServeHTTP answers one request.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.begin(w, r)
	defer a.end()
	if err := a.admit(); err != nil {
		a.fail(err)
		return
	}
	if err := a.answer(a.r.Context()); err != nil {
		a.fail(err)
	}
}

// begin makes ready to answer: a number, a record of what is sent, and the headers
// that every answer has.
func (s *site) begin(w http.ResponseWriter, r *http.Request) *ask {
	a := &ask{site: s, w: &recorder{ResponseWriter: w}, r: r, began: s.Now()}
	a.number = fmt.Sprintf("%s-%d", s.run, s.numbers.Add(1))
	a.from, a.tls = caller(r, s.Proxies)
	secure(a.w.Header(), a.tls)
	return a
}

// end writes the line in the log. A panic becomes a page, or ends the connection
// where part of an answer was sent already, so that nobody takes it for whole.
func (a *ask) end() {
	broken := recover()
	if broken != nil && broken != http.ErrAbortHandler {
		a.site.Log.Error("panic", "number", a.number, "route", a.routeName(), "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
		if !a.w.sent() {
			a.fail(errPanic)
			broken = nil
		}
	}
	a.log()
	if broken != nil {
		panic(http.ErrAbortHandler)
	}
}

var errPanic = errors.New("the handler panicked")

// admit decides whether a request is answered at all, before anything of it is
// read: the name that was called, where it came from, what it asks for, and how
// often.
func (a *ask) admit() error {
	if len(a.r.URL.Path) > maxPath {
		return notHere
	}
	if err := a.find(); err != nil {
		return err
	}
	if !a.route.anyName && !a.site.names.known(a.r.Context(), a.r.Host, a.site.Now()) {
		return wrongName
	}
	if err := fromHere(a.r, a.tls, a.site.protection); err != nil {
		return &refusal{notAsked, err}
	}
	return a.admitBody()
}

// find finds the route. What is no route of ours is not there; a route of ours that
// was asked otherwise says how it may be asked.
func (a *ask) find() error {
	router := a.site.router
	if a.route, a.values = router.find(a.r.Method, a.r.URL); a.route != nil {
		return nil
	}
	if allowed := router.allowed(a.r.URL); allowed != nil {
		a.w.Header().Set("Allow", strings.Join(allowed, ", "))
		return wrongMethod
	}
	if to, ok := withoutSlash(a.r); ok {
		if found, _ := router.find(http.MethodGet, &url.URL{Path: to}); found != nil {
			return elsewhere(to)
		}
	}
	return notHere
}

// withoutSlash returns the path without slashes at its end.
func withoutSlash(r *http.Request) (string, bool) {
	if !isSafe(r.Method) || !strings.HasSuffix(r.URL.Path, "/") {
		return "", false
	}
	to := strings.TrimRight(r.URL.Path, "/")
	return to, to != "" && isLocal(to)
}

// admitBody bounds what may be sent along, and says of what kind it must be.
func (a *ask) admitBody() error {
	if isSafe(a.r.Method) {
		return nil
	}
	most, kind := int64(maxForm), "application/x-www-form-urlencoded"
	if a.route.json {
		most, kind = maxJSON, "application/json"
	}
	if a.route.picture {
		most, kind = maxPhotoForm, "multipart/form-data"
	}
	if a.route.most != 0 {
		most = a.route.most
	}
	if a.r.ContentLength > most {
		return tooLarge
	}
	a.r.Body = http.MaxBytesReader(a.w, a.r.Body, most)
	got, _, _ := strings.Cut(a.r.Header.Get("Content-Type"), ";")
	if a.r.ContentLength != 0 && !strings.EqualFold(strings.TrimSpace(got), kind) {
		return &refusal{notOurs, fmt.Errorf("content type %q", cmp.Or(got, "none"))}
	}
	return nil
}

// answer finds out who asks, whether they come too often, whether this was answered
// already, and lets the route's handler answer.
func (a *ask) answer(ctx context.Context) error {
	a.w.Header().Set("Permissions-Policy", permissionsOf[a.route.uses])
	if a.route.patrons {
		a.w.Header().Set("Referrer-Policy", publicReferrer)
	}
	if a.route.plain {
		return a.route.serve(ctx, a)
	}
	if err := a.resolve(ctx); err != nil {
		return err
	}
	if !a.known() {
		if err := a.strangerMay(); err != nil {
			return err
		}
		if a.route.stranger == "" && a.route.public == "" {
			return a.signInFirst(ctx)
		}
	}
	if isSafe(a.r.Method) {
		return a.route.serve(ctx, a)
	}
	a.site.kept.forget(a.who.Session.ID, a.r.URL.Path)
	if a.route.slow && a.known() {
		defer a.slowly()()
	}
	return a.once(ctx)
}

// resolve finds out who asks.
func (a *ask) resolve(ctx context.Context) (err error) {
	a.who, err = a.site.App.Resolve(ctx, sessionCookie.read(a.r, a.tls), deviceCookie.read(a.r, a.tls))
	return err
}

// known reports whether a person is signed in, or it is an enrolled device.
func (a *ask) known() bool { return a.who.Person != "" || a.who.Device != nil }

// strangerMay counts a request of a stranger.
func (a *ask) strangerMay() error {
	limit := strangersAsk
	if !isSafe(a.r.Method) {
		limit = strangersSend
	}
	ok, wait, err := a.site.limits.Allow(limit, signin.Place(a.from), a.site.Now())
	if err != nil {
		return err
	}
	if !ok {
		return tooSoon(wait)
	}
	return nil
}
