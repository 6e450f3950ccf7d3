package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Quality is what Lighthouse found on a page, in one run, with its own settings for
// phones.
type Quality struct {
	URL           string
	Performance   int // of 100, as are the others
	Accessibility int
	BestPractices int
	Busy          float64  // how many times longer work took than on an idle machine
	Lost          []string // what took points
}

// AuditedPage is a page for Lighthouse, and the cookies that are sent with every
// request for it, as they stand in a request's head.
type AuditedPage struct{ URL, Cookie string }

const (
	lighthouseScript = "internal/browser/lighthouse.mjs"
	lighthouseTime   = 8 * time.Minute // for all pages together
)

// Lighthouse runs Lighthouse on pages, in a browser of its own, without the gate of
// ours (through which Lighthouse finds no page): no name but localhost leads anywhere
// there, and a request to anywhere else fails the test, as does a connection that
// Lighthouse itself wants. A page
// is run again, so many times at most, while its performance is below 100: that is the
// one thing that a busy machine changes. It needs Node; where that, the browser or the
// test package is missing the test is skipped aloud, or fails if Require is "1".
func Lighthouse(tb TB, runs int, pages ...AuditedPage) []Quality {
	tb.Helper()
	path, err := Find()
	if err != nil {
		missing(tb, "Chromium", err)
	}
	if _, err := packageFile("lighthouse/core/index.js"); err != nil {
		missing(tb, "Lighthouse", err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing(tb, "Node", err)
	}
	list, strays, err := lighthouse(path, node, runs, pages)
	if err != nil {
		tb.Fatalf("run Lighthouse: %v", err)
	}
	for _, s := range strays {
		tb.Errorf("Lighthouse or its browser tried to reach %s", s)
	}
	return list
}

func lighthouse(chromium, node string, runs int, pages []AuditedPage) (list []Quality, strays []string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, nil, err
	}
	home, err := os.MkdirTemp("", "roundtable-lighthouse-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, removeAll(home)) }()
	ctx, cancel := context.WithTimeout(context.Background(), lighthouseTime)
	defer cancel()
	port, stop, err := listen(ctx, chromium, home)
	if err != nil {
		return nil, nil, err
	}
	defer stop()

	asked, err := json.Marshal(lighthouseInput(port, runs, pages))
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, node, filepath.Join(root, filepath.FromSlash(lighthouseScript)))
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "TMPDIR="+home, "CI=1")
	var problems bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(asked), &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, oneLine(problems.String()))
	}
	return parseQuality(out)
}

func lighthouseInput(port, runs int, pages []AuditedPage) any {
	type one struct {
		URL    string `json:"url"`
		Cookie string `json:"cookie"`
	}
	input := struct {
		Port  int   `json:"port"`
		Runs  int   `json:"runs"`
		Pages []one `json:"pages"`
	}{Port: port, Runs: runs}
	for _, p := range pages {
		input.Pages = append(input.Pages, one(p))
	}
	return input
}

// parseQuality reads what the script says.
func parseQuality(out []byte) (list []Quality, strays []string, err error) {
	var said struct {
		Found []struct {
			URL, Shown, Failed string
			Scores             map[string]int
			Busy               float64
			Lost               []string
		}
		Strays []string
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return nil, nil, err
	}
	for _, f := range said.Found {
		if f.Failed != "" || f.Shown != f.URL {
			return nil, nil, fmt.Errorf("%s could not be looked at, but %s: %s", f.URL, f.Shown, f.Failed)
		}
		list = append(list, Quality{f.URL, f.Scores["performance"], f.Scores["accessibility"], f.Scores["best-practices"], f.Busy, f.Lost})
	}
	return list, said.Strays, nil
}

// listen starts a browser that can be spoken to at a port of this machine.
func listen(ctx context.Context, path, home string) (port int, stop func(), err error) {
	args := []string{
		"--headless", "--remote-debugging-port=0", "--user-data-dir=" + home, "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-sync", "--disable-extensions",
		"--disable-gpu", "--hide-scrollbars", "--mute-audio",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // it refuses to start otherwise
	}
	for _, s := range quiet {
		args = append(args, "--"+strings.TrimSuffix(s[0]+"="+s[1], "="))
	}
	cmd := exec.CommandContext(ctx, path, append(args, "about:blank")...)
	cmd.Env = append(os.Environ(), "HOME="+home, "TMPDIR="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"))
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	for range 500 {
		text, err := os.ReadFile(filepath.Join(home, "DevToolsActivePort"))
		if first, _, found := strings.Cut(string(text), "\n"); err == nil && found {
			if port, err = strconv.Atoi(first); err == nil {
				return port, stop, nil
			}
		}
		time.Sleep(40 * time.Millisecond)
	}
	stop()
	return 0, nil, errors.New("the browser does not say at which port it listens")
}
