package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	chromium "roundtable/internal/browser"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
)

// pair is an installation on PostgreSQL that two processes serve, and what stands
// before them and sends each browser to one that lives.
type pair struct {
	balancer
	origin     string // of the balancer, as browsers call it
	one, other *process
	device     string // the token of an enrolled desk
	start      func() *process
}

// process is a program that serves.
type process struct {
	cmd     *exec.Cmd
	address string // host and port
}

// kill ends a process at once, in the middle of whatever it does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed: that is no news
}

// newPair sets a library up and starts two servers of it. Browsers are sent to the
// first one while it lives.
func newPair(t *testing.T) *pair {
	t.Helper()
	keys := pgtest.SharedForgetful(t)
	name, err := pgtest.DatabaseOf(keys.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := &pair{}
	front := httptest.NewServer(p.handler())
	t.Cleanup(front.Close)
	t.Cleanup(front.CloseClientConnections)
	t.Cleanup(p.cut)
	p.origin = strings.Replace(front.URL, "127.0.0.1", "localhost", 1)
	flags := []string{"serve", "--addr", "127.0.0.1:0", "--database", storetest.Database(t), "--keyring", keys.URL(pgtest.Superuser, name), "--key", filepath.Join(dir, "key")}
	if err := p.furnish(t.Context(), flags[4], flags[6], flags[8]); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "roundtable")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "roundtable/cmd/roundtable")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	p.start = func() *process { return startProcess(t, program, flags...) }
	p.one, p.other = p.start(), p.start()
	p.send(p.one, p.other)
	return p
}

// furnish sets the installation up, in this process, before anybody serves it.
func (p *pair) furnish(ctx context.Context, database, ringAt, keyFile string) (err error) {
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		return err
	}
	text, err := key.Reveal()
	if err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, []byte(text), 0o600); err != nil {
		return err
	}
	box, err := keyring.StorageBox(key)
	if err != nil {
		return err
	}
	ring, err := keyring.CreatePostgres(ctx, ringAt, rand.Reader, box)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close()) }()
	s, err := store.OpenPostgres(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.MakeTenant(ctx, people.Installation); err != nil {
		return err
	}
	hub, err := live.NewHub(rand.Reader, time.Now, live.Options{})
	if err != nil {
		return err
	}
	a, err := app.New(app.Options{Store: s, Ring: ring, Key: key, Live: hub, Now: time.Now, Random: rand.Reader, Log: quiet(), Hashers: 1})
	if err != nil {
		return err
	}
	if err := a.Bootstrap(ctx); err != nil {
		return err
	}
	code, err := a.OfferSetUp(ctx)
	if err != nil {
		return err
	}
	form := apptest.SetUpForm()
	form.Address = p.origin
	done, err := a.SetUp(ctx, code, form)
	if err != nil {
		return err
	}
	offer, err := a.OfferEnrol(ctx, done.Who, done.Library, done.Branch, "Desk")
	if err != nil {
		return err
	}
	_, p.device, err = a.Enrol(ctx, app.Who{}, netip.MustParseAddr("127.0.0.1"), offer.Code, "")
	return err
}

// startProcess starts the program and waits until it says where it serves. It ends
// with the test.
func startProcess(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...)}
	var said strings.Builder
	p.cmd.Stderr = &said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	where := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		where <- strings.TrimSpace(line)
	}()
	select {
	case line := <-where:
		at, ok := strings.CutPrefix(line, "Roundtable is at http://")
		if !ok {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
			t.Fatalf("the program says %q, want where it is: %s", line, said.String())
		}
		p.address = at
	case <-time.After(time.Minute):
		t.Fatal("the program does not start within a minute")
	}
	return p
}

// balancer sends what browsers ask to the first server that takes a connection, as a
// load balancer in front of several does.
type balancer struct {
	refuses atomic.Bool  // it passes nothing on for whoever listens
	loses   atomic.Int64 // so many pages of a live case it does not get from the servers

	mu      sync.Mutex // guards what follows
	servers []*process
	open    map[net.Conn]struct{}
	stream  string // the address of the server at which somebody began to listen last
}

// listenedAt is the address of the server at which somebody began to listen last.
func (b *balancer) listenedAt() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stream
}

// heard notes which server answers whoever listens.
func (b *balancer) heard(r *http.Request) *http.Request {
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.stream = c.Conn.RemoteAddr().String()
	}}))
}

// send changes to which servers requests are sent, the first first.
func (b *balancer) send(servers ...*process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers = servers
}

// cut ends every connection to the servers.
func (b *balancer) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.open {
		_ = c.Close()
		delete(b.open, c)
	}
}

func (b *balancer) dial(ctx context.Context, network, _ string) (conn net.Conn, err error) {
	b.mu.Lock()
	servers := slices.Clone(b.servers)
	b.mu.Unlock()
	for _, s := range servers {
		if conn, err = new(net.Dialer).DialContext(ctx, network, s.address); err == nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.open == nil {
				b.open = map[net.Conn]struct{}{}
			}
			b.open[conn] = struct{}{}
			return conn, nil
		}
	}
	return nil, errors.Join(errors.New("no server takes a connection"), err)
}

func (b *balancer) handler() http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "servers", r.In.Host
		},
		Transport:    &http.Transport{DialContext: b.dial},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case b.refuses.Load() && r.URL.Path == "/events":
			w.WriteHeader(http.StatusServiceUnavailable)
		case strings.HasSuffix(r.URL.Path, "/live") && b.loses.Add(-1) >= 0:
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/events":
			proxy.ServeHTTP(w, b.heard(r))
		default:
			proxy.ServeHTTP(w, r)
		}
	})
}

// marker is a desk without script that leaves a mark, a note of its own, with each
// press, so that what is missed or doubled elsewhere is seen.
type marker struct {
	server *process
	token  string
	step   string // the path where it stands
	marks  int    // so many have been left
	chosen int    // so many choices were made
	backs  int
}

var (
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	choiceButton = regexp.MustCompile(`<button[^>]* name="choice" value="([^"]*)"`)
)

func (m *marker) ask(t *testing.T, method, path string, form url.Values) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+m.server.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "roundtable-device="+m.token)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{http.MethodGet: 200, http.MethodPost: 303}[method]; answer.StatusCode != want {
		t.Fatalf("%s %s = %d, want %d: %s", method, path, answer.StatusCode, want, tags.ReplaceAllString(string(body[:min(len(body), 4000)]), " "))
	}
	return answer, string(body)
}

// page returns a page with the hidden fields of its forms.
func (m *marker) page(t *testing.T, path string) (string, url.Values) {
	t.Helper()
	_, body := m.ask(t, http.MethodGet, path, nil)
	form := url.Values{}
	for _, f := range hiddenField.FindAllStringSubmatch(body, -1) {
		form.Set(f[1], f[2])
	}
	return body, form
}

// begin starts a walk and returns the path of its pages.
func (m *marker) begin(t *testing.T) string {
	t.Helper()
	_, form := m.page(t, "/desk")
	form.Set("playbook", "officer")
	answer, _ := m.ask(t, http.MethodPost, "/desk/start", form)
	m.step = answer.Header.Get("Location")
	return strings.Join(strings.Split(m.step, "/")[:3], "/")
}

// press makes two choices and goes back by one, in turns, each with a mark.
func (m *marker) press(t *testing.T) {
	t.Helper()
	body, form := m.page(t, m.step)
	choice := choiceButton.FindStringSubmatch(body)
	at, to := strings.Join(strings.Split(m.step, "/")[:3], "/"), "/choose"
	if m.marks%3 == 2 {
		to = "/back"
		m.backs++
	} else if choice != nil {
		form.Set("choice", choice[1])
		m.chosen++
	} else {
		t.Fatalf("%s offers no choice", m.step)
	}
	form.Set("note", markOf(m.marks+1))
	answer, _ := m.ask(t, http.MethodPost, at+to, form)
	m.marks++
	m.step = answer.Header.Get("Location")
	if m.step, _, _ = strings.Cut(m.step, "#"); !strings.Contains(m.step, "/step/") {
		t.Fatalf("press %d leads to %q, want a step", m.marks, m.step)
	}
}

// markOf is the note of the nth press.
func markOf(n int) string { return fmt.Sprintf("Mark %03d.", n) }

// shown is what the page of a live case shows.
type shown struct {
	Step  string   // the path of the step that the desk sees
	Log   []string // what has happened, the newest first
	Pill  string   // how fresh it says it is
	Since float64  // when it was loaded
}

const readShown = `({
	Step: new URL(document.querySelector('#live-mirror a')?.href ?? 'about:blank').pathname,
	Log: [...document.querySelectorAll('#live-log li')].map(li => li.innerText.replace(/\s+/g, ' ')),
	Pill: document.querySelector('[data-pill]').textContent,
	Since: performance.timeOrigin,
})`

// misses lists what of a desk's walk a page does not show, or shows twice, or in
// another order.
func (m *marker) misses(s shown) (list []string) {
	if s.Step != m.step {
		list = append(list, fmt.Sprintf("it shows that the desk sees %s, want %s", s.Step, m.step))
	}
	text := strings.Join(s.Log, "\n")
	last := len(text)
	for n := 1; n <= m.marks; n++ { // the newest is first
		at := strings.Index(text, markOf(n))
		if count := strings.Count(text, markOf(n)); count != 1 || at >= last {
			list = append(list, fmt.Sprintf("%q stands in the log %d times, want once, above the one before", markOf(n), count))
			continue
		}
		last = at
	}
	for what, want := range map[string]int{"Chose": m.chosen, "Went back": m.backs, "Started": 1} {
		count := 0
		for _, line := range s.Log {
			if strings.Contains(line, what+" ") {
				count++
			}
		}
		if count != want {
			list = append(list, fmt.Sprintf("the log says %q %d times, want %d", what, count, want))
		}
	}
	return list
}

// catchUp waits until a page shows all of a desk's walk, and returns how long it took
// from a time on. It does nothing to the page but look.
func (m *marker) catchUp(t *testing.T, tab *chromium.Tab, from time.Time, most time.Duration) time.Duration {
	t.Helper()
	for {
		took := time.Since(from)
		s := chromium.Eval[shown](tab, readShown)
		missed := m.misses(s)
		if len(missed) == 0 {
			return took
		}
		if took > most {
			t.Fatalf("after %v the page, which says %q, has not caught up:\n%s\nit shows\n%s", took.Round(time.Millisecond), s.Pill, strings.Join(missed, "\n"), strings.Join(s.Log, "\n"))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

const isLive = `document.querySelector('[data-pill]').textContent === 'Live'`

// within is what catching up may take: longer is not measured but a failure at once.
const within = 30 * time.Second

// follow opens the live page of a walk as the director, who has signed in.
func (p *pair) follow(t *testing.T, walk string) *chromium.Tab {
	t.Helper()
	h := &house{origin: p.origin}
	tab := h.director(t)
	tab.Forget()
	h.open(t, tab, walk+"/live", http.StatusOK)
	tab.WaitTrue(isLive)
	if n := listensOf(tab); n != 1 {
		t.Errorf("a page that opens connects %d times, want once", n)
	}
	return tab
}

// listensOf counts how often a page has asked to hear of changes.
func listensOf(tab *chromium.Tab) (n int) {
	for _, r := range tab.Requests() {
		if strings.Contains(r.URL, "/events?") {
			n++
		}
	}
	return n
}

// TestFollowersOfTwoServers: two processes serve one library on PostgreSQL. The one
// at which a director follows a case is killed while the desk, at the other, makes
// its choices: the director's page goes on by itself, with nothing missed or doubled.
// A page that slept has caught up within a second of waking.
func TestFollowersOfTwoServers(t *testing.T) {
	p := newPair(t)
	desk := &marker{server: p.other, token: p.device}
	walk := desk.begin(t)
	tab := p.follow(t, walk)
	loaded := chromium.Eval[shown](tab, readShown).Since

	// What is done at one server is shown by the other.
	pressed := time.Now()
	desk.press(t)
	t.Logf("a choice at the other server is shown after %v", desk.catchUp(t, tab, pressed, within).Round(time.Millisecond))

	// One server after the other is killed: while the page asks it for what has just
	// changed, a little later, and when all is shown.
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond} {
		t.Run("killed after "+after.String(), func(t *testing.T) { p.killUnder(t, desk, tab.For(t), after) })
		p.one, p.other = p.other, p.start()
		p.send(p.one, p.other)
		desk.server = p.other
	}

	// A device that wakes says so more than once, within a moment.
	chromium.Eval[int](tab, `(addEventListener('online', () => setTimeout(() => dispatchEvent(new Event('focus')), 20)), 0)`)
	for _, nap := range []time.Duration{1200 * time.Millisecond, 7 * time.Second} {
		t.Run("slept "+nap.String(), func(t *testing.T) { desk.sleep(t, tab.For(t), nap) })
	}

	// What was tried in vain while there was no network does not end the connection that
	// now stands; and a page that could not be had is asked for again.
	t.Run("steady", func(t *testing.T) {
		tab := tab.For(t)
		tab.Forget()
		began := time.Now()
		p.loses.Store(2)
		desk.press(t)
		t.Logf("a choice is shown after %v, when twice the page could not be had", desk.catchUp(t, tab, began, within).Round(time.Millisecond))
		if p.loses.Load() >= 0 {
			t.Errorf("only %d of 2 answers were lost, so that this shows nothing", 2-p.loses.Load())
		}
		time.Sleep(10*time.Second - time.Since(began)) // as long as an attempt is given
		if n := listensOf(tab); n != 0 {
			t.Errorf("the page gave up a connection that stood, %d times", n)
		}
	})

	// The page is as a new one would be, and is still the one that was opened first.
	now := chromium.Eval[shown](tab, readShown)
	if now.Since != loaded {
		t.Error("the page was loaded anew, so that this shows nothing of following")
	}
	other := tab.Another()
	other.Go(p.origin + walk + "/live")
	var fresh shown
	waitForOr(t, func() bool { // what is done about alerts goes on meanwhile
		now, fresh = chromium.Eval[shown](tab, readShown), chromium.Eval[shown](other, readShown)
		return slices.Equal(now.Log, fresh.Log) && now.Step == fresh.Step
	}, func() {
		t.Errorf("the page shows %s and\n%s\na new one %s and\n%s", now.Step, strings.Join(now.Log, "\n"), fresh.Step, strings.Join(fresh.Log, "\n"))
	})

	// The control: a page that cannot connect again misses what happens, and it is seen.
	t.Run("control", func(t *testing.T) {
		p.refuses.Store(true)
		p.cut()
		tab.For(t).WaitTrue(`!(` + isLive + `)`)
		desk.press(t)
		time.Sleep(3 * time.Second)
		if missed := desk.misses(chromium.Eval[shown](tab, readShown)); len(missed) == 0 {
			t.Error("a page that cannot connect misses nothing: this test finds nothing")
		}
		again := time.Now()
		p.refuses.Store(false)
		t.Logf("let in again, it has caught up after %v", desk.catchUp(t, tab.For(t), again, within).Round(time.Millisecond))
	})
}

// killUnder lets the desk make six choices at the other server, and kills the one at
// which a page listens in the middle of them, a while after one was made.
func (p *pair) killUnder(t *testing.T, desk *marker, tab *chromium.Tab, after time.Duration) {
	t.Helper()
	if at := p.listenedAt(); at != p.one.address {
		t.Fatalf("the page listens at %s, want %s, which is to be killed", at, p.one.address)
	}
	var killed, pressed time.Time
	for n := range 6 {
		desk.press(t)
		pressed = time.Now()
		if n == 2 {
			time.Sleep(after)
			killed = time.Now()
			p.one.kill(t)
		}
	}
	took := desk.catchUp(t, tab, pressed, within)
	tab.WaitTrue(isLive)
	t.Logf("the newest of 6 choices is shown %v after it was made; live again within %v of the kill", took.Round(time.Millisecond), time.Since(killed).Round(time.Millisecond))
	pressed = time.Now()
	desk.press(t)
	t.Logf("the next choice is shown after %v", desk.catchUp(t, tab, pressed, within).Round(time.Millisecond))
}

// sleep takes the network away from a page for a while, during which the desk makes
// three choices, and holds how long it takes to catch up, and to show the next one.
func (m *marker) sleep(t *testing.T, tab *chromium.Tab, nap time.Duration) {
	t.Helper()
	tab.SetOffline(true)
	asleep := time.Now()
	for range 3 {
		m.press(t)
	}
	time.Sleep(nap - time.Since(asleep))
	if missed := m.misses(chromium.Eval[shown](tab, readShown)); len(missed) == 0 {
		t.Error("a page without a network misses nothing: this test finds nothing")
	}
	hold := func(what string, one func() time.Duration) {
		load := busy()
		took := timed{budget: time.Second, took: []time.Duration{one()}}
		took.busy = []float64{max(load, busy())}
		took.hold(t, what)
	}
	hold("catching up after waking", func() time.Duration {
		woken := time.Now()
		tab.SetOffline(false)
		return m.catchUp(t, tab, woken, within).Round(time.Millisecond)
	})
	hold("the next choice after waking", func() time.Duration {
		pressed := time.Now()
		m.press(t)
		return m.catchUp(t, tab, pressed, within).Round(time.Millisecond)
	})
	tab.WaitTrue(isLive)
}
