// Command pictures takes the pictures of the documentation: it starts the
// demonstration, and an installation without a library, walks through both in a
// real browser, and writes what it sees into docs/screenshots.
//
//	go run ./docs/pictures
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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
	return browser.Run(os.Stderr, func(tb browser.TB) {
		b := browser.Start(tb)
		demo := serve(tb, program, "serve", "--demo", "--addr", "127.0.0.1:0")
		(&camera{tb, b, out, demo}).demonstration()
		fresh := serve(tb, program, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(temp, "data"), "--key", filepath.Join(temp, "key"))
		(&camera{tb, b, out, fresh}).setUp()
	})
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
	tb  browser.TB
	b   *browser.Browser
	out string
	*server
}

// The sizes of pictures.
var (
	desktop = browser.Desktop
	phone   = browser.Phone
)

// take writes a picture of what a tab shows, at a size and in colours.
func (c *camera) take(tab *browser.Tab, name string, size browser.Viewport, dark bool) {
	tab.SetView(browser.View{Viewport: size, Media: browser.Media{Dark: dark, ReducedMotion: true}})
	path := filepath.Join(c.out, name+".png")
	if err := os.WriteFile(path, tab.FullScreenshot(), 0o644); err != nil {
		c.tb.Fatalf("write a picture: %v", err)
	}
	c.tb.Logf("%s", path)
}

// signIn signs somebody of the demonstration in.
func (c *camera) signIn(mail string) *browser.Tab {
	tab := c.b.NewTab(c.tb)
	tab.Go(c.base + "/signin")
	tab.Fill(browser.CSS(`input[name="name"]`), mail)
	tab.Fill(browser.CSS(`input[name="password"]`), c.after("The password of all of them is:"))
	tab.Follow(browser.Label("Sign in"))
	return tab
}

func (c *camera) demonstration() {
	desk := c.b.NewTab(c.tb)
	desk.Go(c.base + "/signin")
	c.take(desk, "sign-in", desktop, false)
	desk.Go(c.base + "/enrol")
	desk.Fill(browser.CSS(`input[name="code"]`), c.after("makes your browser a device of the desk:"))
	c.take(desk, "enrol", phone, false)
	desk.Follow(browser.CSS("main form button[type=submit]"))
	desk.Go(c.base + "/desk")
	c.take(desk, "desk", desktop, false)
	c.take(desk, "desk-dark", desktop, true)
	c.take(desk, "desk-phone", phone, false)
	director := c.signIn("director@elm.example")
	for _, page := range []struct{ path, name string }{
		{"/desk", "director-desk"}, {"/incidents", "incidents"}, {"/manage", "manage"}, {"/manage/people", "people"}, {"/manage/branches", "branches"},
		{"/manage/devices", "devices"}, {"/manage/tree", "phone-tree"}, {"/manage/settings", "settings"}, {"/me", "me"}, {"/practise", "practise"},
		{"/manage/playbooks", "playbooks"}, {"/manage/audit", "audit"}, {"/help", "help"}, {"/rooms/requests", "rooms"},
	} {
		director.Go(c.base + page.path)
		c.take(director, page.name, desktop, false)
	}
}

func (c *camera) setUp() {
	tab := c.b.NewTab(c.tb)
	tab.Go(c.base + "/")
	c.take(tab, "set-up-1", desktop, false)
}
