package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
	"roundtable/internal/app"
	"roundtable/internal/demo"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/notify"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/web"
)

// serveCmd serves the desk's pages.
type serveCmd struct {
	Addr    string   `placeholder:"ADDRESS" env:"ROUNDTABLE_ADDR" help:"The address to listen at; 127.0.0.1:8080 when nothing is said."`
	Demo    bool     `help:"Show an invented library, with people, branches and devices. Nothing stays when it stops."`
	Name    []string `placeholder:"HOST" env:"ROUNDTABLE_NAME" help:"A further name or address under which desks reach this server, beside the one that set-up asks for."`
	Cert    string   `placeholder:"FILE" env:"ROUNDTABLE_CERT" help:"The certificate for TLS, with its chain, in PEM. It is read again when the file changes."`
	Priv    string   `name:"cert-key" placeholder:"FILE" env:"ROUNDTABLE_CERT_KEY" help:"The certificate's private key, in PEM."`
	Proxy   []string `placeholder:"ADDRESS" env:"ROUNDTABLE_PROXY" help:"An address or network of proxies that say who calls and by which scheme. Others are not believed."`
	sending `embed:""`
	place   `embed:""`
}

const defaultAddr = "127.0.0.1:8080"

// settleAll completes the flags from the configuration file.
func (c *serveCmd) settleAll() error {
	file, beside, err := c.config()
	if err != nil {
		return usageError{err}
	}
	c.Addr = cmp.Or(c.Addr, file.Addr, defaultAddr)
	if len(c.Name) == 0 {
		c.Name = file.Name
	}
	if len(c.Proxy) == 0 {
		c.Proxy = file.Proxy
	}
	if c.Cert == "" && c.Priv == "" { // they belong together
		c.Cert, c.Priv = beside(file.Cert), beside(file.Priv)
	}
	c.sending.fill(file, beside)
	return nil
}

// Help is the command's manual.
func (c *serveCmd) Help() string {
	return `Serves the desk's pages until it is stopped (Ctrl-C, or SIGTERM). What is under
way is finished first.

Without anything it keeps its data in the folder roundtable-data, on SQLite, and
begins a set-up in the browser when there is no library yet. The address of the
set-up, with a code that works once, is printed where the server was started.

--demo needs nothing and keeps nothing: an invented library in a temporary folder.

For a consortium: --database URL --keyring URL, two PostgreSQL clusters. Run
roundtable migrate first. Any number of servers may serve one database.

TLS: --cert and --cert-key, or a proxy in front (--proxy ADDRESS). Without TLS,
what a browser allows on secure pages only is off on other machines than this
one: walking without a network, passkeys, and notes for counsel.

Mail, text messages and pushes are off until they are set up: --mail-server and
--mail-from; --sms-url and --sms-secret-file; --push-contact. Passwords and secrets
are files or system credentials, never flags. roundtable doctor, with the same
flags, says whether the mail server lets us in.

All flags can stand in one file (--config FILE), by their names:

  data: /var/lib/roundtable
  addr: 0.0.0.0:443
  cert: desk.pem
  cert-key: desk.key
  mail-server: mail.library.example:465
  mail-from: roundtable@library.example

A flag wins over the environment, and that over the file. A path in the file
starts from the file's folder.

/health answers 200 when the server is ready.`
}

// Run serves until the context ends.
func (c *serveCmd) Run(e *env) (err error) {
	debug.SetGCPercent(100) // a server runs for months; main sets more for moments
	ctx, stop := signal.NotifyContext(e.ctx, syscall.SIGTERM)
	defer stop()
	if err := c.settleAll(); err != nil {
		return err
	}
	proxies, err := prefixes(c.Proxy)
	if err != nil {
		return usageError{err}
	}
	say := e.stderr
	if c.Demo {
		say = io.Discard // nothing stays, so there is no key to keep
		if c.Data != "" || c.Database != "" {
			return usageError{errors.New("--demo has its own data and touches no other; leave out --data and --database")}
		}
		c.sending = sending{} // an invented library writes to nobody but the terminal
		remove, err := c.inTemp()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
	}
	options := app.Options{Now: e.now}
	pushes, err := c.sending.into(&options)
	if err != nil {
		return err
	}
	if c.Demo {
		options.Senders[notify.Mail] = demo.NewLetters(e.stdout)
	}
	s, ring, key, err := c.openOrMake(ctx, say)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close(), s.Close()) }()
	log := slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	hub, err := newHub(key, e.now)
	if err != nil {
		return err
	}
	defer hub.Close()
	options.Store, options.Ring, options.Key, options.Live, options.Log = s, ring, key, hub, log
	a, err := newAppOf(options)
	if err != nil {
		return err
	}
	if err := a.Bootstrap(ctx); err != nil {
		return err
	}
	if pushes != nil {
		key, err := a.PushSigner(ctx)
		if err != nil {
			return err
		}
		if pushes.Sender, err = c.pushes(key); err != nil {
			return err
		}
	}
	if err := a.PlanSweeps(ctx); err != nil {
		return err
	}
	return c.serve(ctx, e, a, s, hub, log, proxies)
}

// withApp does something with an app that serves nobody and writes no log.
func withApp(e *env, s *store.Store, ring keyring.Keyring, key vault.InstallationKey, do func(*app.App) error) error {
	hub, err := newHub(key, e.now)
	if err != nil {
		return err
	}
	defer hub.Close()
	a, err := newApp(s, ring, key, hub, e.now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return do(a)
}

func newApp(s *store.Store, ring keyring.Keyring, key vault.InstallationKey, hub *live.Hub, now func() time.Time, log *slog.Logger) (*app.App, error) {
	return newAppOf(app.Options{Store: s, Ring: ring, Key: key, Live: hub, Now: now, Log: log})
}

func newAppOf(o app.Options) (*app.App, error) {
	o.Random, o.Hashers = rand.Reader, runtime.GOMAXPROCS(0)
	return app.New(o)
}

// newHub makes the hub of live pages. Its tags are made of the installation's key,
// so that all servers of an installation make the same.
func newHub(key vault.InstallationKey, now func() time.Time) (*live.Hub, error) {
	box, err := key.Box("live")
	if err != nil {
		return nil, err
	}
	tag, err := box.Tag([]byte("topics"))
	if err != nil {
		return nil, err
	}
	o := live.Options{}
	copy(o.TagKey[:], tag)
	return live.NewHub(rand.Reader, now, o)
}

// serve listens, says where, and works until the context ends or the disk fails.
func (c *serveCmd) serve(ctx context.Context, e *env, a *app.App, s *store.Store, hub *live.Hub, log *slog.Logger, proxies []netip.Prefix) (err error) {
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return usageError{err}
	}
	served := false
	defer func() {
		if !served {
			err = errors.Join(err, listener.Close())
		}
	}()
	welcome := ""
	var guide demo.Guide
	if c.Demo {
		address := url.URL{Scheme: c.scheme(), Host: net.JoinHostPort("localhost", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))}
		if guide, err = demo.Fill(ctx, a, e.now, address.String()); err != nil {
			return fmt.Errorf("fill the demonstration: %w", err)
		}
		welcome = guide.Welcome()
	}
	handler, err := web.New(web.Options{
		App: a, Now: e.now, Random: rand.Reader, Log: log, Names: c.Name, Proxies: proxies, Version: version(), Database: databaseName(s), Welcome: welcome,
	})
	if err != nil {
		return err
	}
	server := web.Server(c.Addr, handler, log)
	serve := func() error { return server.Serve(listener) }
	if c.Cert != "" || c.Priv != "" {
		certs, err := web.OpenCertificate(c.Cert, c.Priv, e.now, log)
		if err != nil {
			return usageError{err}
		}
		server.TLSConfig = certs.Config()
		serve = func() error { return server.ServeTLS(listener, "", "") }
	}
	if err := c.tellWhere(ctx, e.stdout, a, listener.Addr(), guide); err != nil {
		return err
	}
	served = true
	return c.work(ctx, a, s, hub, log, server, serve)
}

// work runs what a server does, and stops all of it when one part ends.
func (c *serveCmd) work(ctx context.Context, a *app.App, s *store.Store, hub *live.Hub, log *slog.Logger, server *http.Server, serve func() error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		hub.Close() // live pages would hold the server up
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), web.CloseTime)
		defer cancel()
		return server.Shutdown(end)
	})
	group.Go(func() error { return a.Work(ctx) })
	group.Go(func() error {
		select {
		case <-s.Broken():
			return store.ErrStopped
		case <-ctx.Done():
			return nil
		}
	})
	if s.IsPostgres() {
		relay := live.NewRelay(hub, log, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, c.Database) }, live.RelayOptions{})
		group.Go(func() error {
			if err := relay.Run(ctx); ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	return group.Wait()
}

func (c *serveCmd) scheme() string {
	if c.Cert != "" {
		return "https"
	}
	return "http"
}

// tellWhere prints where the pages are, and what to do first.
func (c *serveCmd) tellWhere(ctx context.Context, out io.Writer, a *app.App, addr net.Addr, guide demo.Guide) error {
	base := url.URL{Scheme: c.scheme(), Host: addr.String()}
	if host, port, err := net.SplitHostPort(base.Host); err == nil {
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			base.Host = net.JoinHostPort("127.0.0.1", port)
		}
	}
	if c.Demo {
		_, err := fmt.Fprintf(out, "Roundtable is at %s\n\n%s", base.String(), guide.Text(base.String()))
		return err
	}
	fresh, err := a.Fresh(ctx)
	if err != nil {
		return err
	}
	if !fresh {
		_, err := fmt.Fprintf(out, "Roundtable is at %s\n", base.String())
		return err
	}
	code, err := a.OfferSetUp(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `Roundtable is at %s
There is no library yet. Open the address in a browser and type this code:

    %s

It works once, for an hour. Start the server again for another one.
`, base.String(), code)
	return err
}

func databaseName(s *store.Store) string {
	if s.IsPostgres() {
		return "PostgreSQL"
	}
	return "SQLite"
}

// prefixes reads addresses and networks.
func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p.Masked())
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no address and no network of proxies", text)
		}
		out = append(out, netip.PrefixFrom(a, a.BitLen()))
	}
	return out, nil
}
