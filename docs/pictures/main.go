// Command pictures takes the pictures of the documentation: it starts the
// demonstration, and an installation without a library, walks through both in a
// real browser, and writes what it sees into docs/screenshots.
//
//	go run ./docs/pictures
//
// Pictures that it does not take any more are removed from the folder.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"roundtable/internal/browser"
)

func main() {
	out := flag.String("out", filepath.Join("docs", "screenshots"), "the folder to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "roundtable-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	program := filepath.Join(temp, "roundtable")
	build := exec.Command("go", "build", "-o", program, "./cmd/roundtable")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	taken := map[string]bool{}
	err = browser.Run(os.Stderr, func(tb browser.TB) {
		b := browser.Start(tb)
		fresh := serve(tb, program, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(temp, "data"), "--key", filepath.Join(temp, "key"))
		(&camera{tb, b, out, taken, fresh}).setUp()
		demo := serve(tb, program, "serve", "--demo", "--addr", "127.0.0.1:0")
		(&camera{tb, b, out, taken, demo}).demonstration()
	})
	if err != nil {
		return err
	}
	return removeOthers(out, taken)
}

// removeOthers removes the pictures of a folder that were not taken.
func removeOthers(folder string, taken map[string]bool) error {
	old, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if !taken[path] {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

// server is a running server, and what it said when it started.
type server struct {
	base string // its address at localhost, where browsers allow what needs a secure page
	said string
}

// serve starts a server and stops it at the end.
func serve(tb browser.TB, program string, args ...string) *server {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatalf("start a server: %v", err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start a server: %v", err)
	}
	tb.Cleanup(func() {
		cancel()
		if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			tb.Logf("stop a server: %v", err)
		}
	})
	s, err := listen(pipe)
	if err != nil {
		tb.Fatalf("start a server: %v", err)
	}
	return s
}

// listen reads what a server says until it has said all.
func listen(pipe io.Reader) (*server, error) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for r := bufio.NewScanner(pipe); r.Scan(); {
			lines <- r.Text()
		}
	}()
	s := &server{}
	wait := time.After(time.Minute)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return nil, errors.New("it stopped at once")
			}
			s.said += line + "\n"
			if _, address, found := strings.Cut(line, "Roundtable is at "); found {
				s.base = strings.Replace(address, "127.0.0.1", "localhost", 1)
				wait = time.After(time.Second)
			}
		case <-wait:
			if s.base == "" {
				return nil, errors.New("it did not say where it is")
			}
			go func() { // it may say more, and must not wait for us
				for range lines {
				}
			}()
			return s, nil
		}
	}
}

// after returns what stands after a text, up to the end of the line.
func (s *server) after(text string) string {
	_, rest, _ := strings.Cut(s.said, text)
	line, _, _ := strings.Cut(strings.TrimLeft(rest, "\n "), "\n")
	return strings.TrimSpace(line)
}

// camera takes pictures of a server's pages.
type camera struct {
	tb    browser.TB
	b     *browser.Browser
	out   string
	taken map[string]bool // by path
	*server
}

// The ways to look at pages. A picture is read beside text, so that a phone's needs no
// more points than the page has.
var (
	desktop = browser.View{Viewport: browser.Viewport{Width: 1280, Height: 800, Scale: 1}}
	tall    = browser.View{Viewport: browser.Viewport{Width: 1280, Height: 1400, Scale: 1}}
	phone   = browser.View{Viewport: browser.Viewport{Width: 390, Height: 844, Scale: 1.5, Mobile: true}}
)

func dark(v browser.View) browser.View {
	v.Media.Dark = true
	return v
}

// mostBytes is how large a picture may be: all of them are cloned with the code.
const mostBytes = 150_000

// whole takes a picture of a page, however long it is.
func (c *camera) whole(tab *browser.Tab, name string, v browser.View) {
	c.look(tab, v)
	c.keep(name, tab.FullScreenshot())
}

// window takes a picture of what the window shows of a page.
func (c *camera) window(tab *browser.Tab, name string, v browser.View) {
	c.look(tab, v)
	c.keep(name, tab.Screenshot())
}

func (c *camera) look(tab *browser.Tab, v browser.View) {
	v.Media.ReducedMotion = true
	tab.SetView(v)
	browser.Eval[bool](tab, "document.activeElement.blur(), true")
	tab.Settle()
}

func (c *camera) keep(name string, picture []byte) {
	small, err := shrink(picture)
	if err != nil {
		c.tb.Fatalf("%s: %v", name, err)
	}
	if len(small) > mostBytes {
		c.tb.Errorf("%s has %d bytes, want at most %d: show less of the page", name, len(small), mostBytes)
	}
	path := filepath.Join(c.out, name+".png")
	if err := os.WriteFile(path, small, 0o644); err != nil {
		c.tb.Fatalf("write a picture: %v", err)
	}
	c.taken[path] = true
	c.tb.Logf("%s, %d kB", path, (len(small)+999)/1000)
}

// open opens a page in a tab.
func (c *camera) open(tab *browser.Tab, path string) {
	if got := tab.Go(c.base + path).Status; got != http.StatusOK {
		c.tb.Fatalf("GET %s is answered %d", path, got)
	}
}

// field is the input of a name in the page's own part.
func field(name string) browser.By { return browser.CSS(`main [name="` + name + `"]`) }

// send presses the green button of the page's form.
func send(tab *browser.Tab) { tab.Follow(browser.CSS("main .frm .btn.go")) }

// signIn signs somebody of the demonstration in.
func (c *camera) signIn(mail string) *browser.Tab {
	tab := c.b.NewTab(c.tb)
	c.open(tab, "/signin")
	tab.Fill(field("name"), mail)
	tab.Fill(field("password"), c.after("The password of all of them is:"))
	send(tab)
	return tab
}

// setUp sets up as a new director does.
func (c *camera) setUp() {
	tab := c.b.NewTab(c.tb)
	c.open(tab, "/")
	c.whole(tab, "set-up-1-code", desktop)
	tab.Fill(field("code"), c.after("type this code:"))
	send(tab)
	c.whole(tab, "set-up-2-address", desktop)
	tab.Fill(field("address"), "https://roundtable.library.example")
	send(tab)
	tab.Fill(field("name"), "Millbrook Public Library")
	tab.Choose(field("state"), "Massachusetts")
	tab.Choose(field("zone"), "Eastern (New York)")
	send(tab)
	tab.Fill(field("name"), "Northside")
	tab.Fill(field("prefix"), "9")
	tab.Fill(field("phone"), "555 0110")
	send(tab)
	tab.Click(browser.CSS(`main [name="role"][value="director"]`))
	for _, f := range [][2]string{
		{"you_name", "Imani Okafor"}, {"you_initials", "IO"}, {"you_mail", "imani@library.example"},
		{"other_name", "Noor Haddad"}, {"other_initials", "NH"},
	} {
		tab.Fill(field(f[0]), f[1])
	}
	c.whole(tab, "set-up-5-people", desktop)
	send(tab)
	tab.Fill(field("password"), "lamplight on warm paper")
	send(tab)
	c.window(tab, "set-up-7-papers", desktop)
}

// demonstration goes through the invented library: a desk, a guide at it, and what
// a director sees of it.
func (c *camera) demonstration() {
	desk := c.b.NewTab(c.tb)
	c.open(desk, "/signin")
	c.whole(desk, "sign-in", desktop)
	c.open(desk, "/enrol")
	desk.Fill(field("code"), c.after("makes your browser a device of the desk:"))
	c.window(desk, "enrol-phone", phone)
	send(desk)
	c.open(desk, "/desk")
	c.whole(desk, "desk", desktop)
	c.whole(desk, "desk-dark", dark(desktop))
	c.window(desk, "desk-phone", phone)
	c.walk(desk)

	director := c.signIn("director@elm.example")
	for _, page := range []struct{ path, name string }{
		{"/desk", "director"}, {"/incidents", "incidents"}, {"/manage", "manage"}, {"/manage/people", "people"},
		{"/manage/branches", "branches"}, {"/manage/devices", "devices"}, {"/me", "me"}, {"/now", "now"},
	} {
		c.open(director, page.path)
		c.whole(director, page.name, desktop)
	}
	c.open(director, "/manage/tree")
	c.window(director, "phone-tree", tall)
	c.follow(desk, director)
	auditor := c.signIn("auditor@elm.example")
	c.open(auditor, "/manage/audit")
	c.window(auditor, "log", tall)
}

// follow has the director follow the desk's walk and write a line to it, and the desk
// stand aside.
func (c *camera) follow(desk, director *browser.Tab) {
	at := strings.Split(strings.TrimPrefix(desk.URL(), c.base), "/step/")[0]
	c.open(director, at)
	c.whole(director, "case", desktop)
	c.open(director, at+"/live")
	director.Follow(browser.CSS(`[name="quick"][value^="You are doing well"]`))
	c.whole(director, "live", desktop)
	c.whole(director, "live-phone", phone)
	desk.WaitText("You are doing well")
	c.window(desk, "step-line-phone", phone)
	desk.Click(browser.CSS(`main [name="aside"]`))
	desk.WaitTrue(`document.querySelector("#aside-h") !== null`)
	c.window(desk, "aside-phone", phone)
}

// walk starts the guide for officers at the desk and goes a few steps.
func (c *camera) walk(desk *browser.Tab) {
	c.look(desk, phone)
	desk.Follow(browser.CSS(`main button[value="officer"]`))
	c.window(desk, "step-phone", phone)
	c.window(desk, "step-phone-dark", dark(phone))
	c.window(desk, "step", desktop)
}
