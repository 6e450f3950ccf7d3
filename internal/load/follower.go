package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// tap is a choice at a desk that leads to another step.
type tap struct {
	step string // the path of the step to which it led
	at   time.Time
}

// watched is what a desk's follower is told beside the server, so that it knows what
// to wait for.
type watched struct {
	mu   sync.Mutex
	walk string // the path of the running walk's pages, "" between two
	taps []tap  // what the follower has not seen yet
	page string // what it saw last, and when
	at   time.Time
}

// began tells of a new walk, or with "" that there is none to follow: it is over, or
// became one about suspected abuse, which is not there for a director.
func (w *watched) began(walk string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.walk, w.taps, w.page = walk, nil, ""
}

// tapped tells of a choice that was sent at a time and has led to another step. The
// follower may have been quicker than the answer to the desk: then it says how long
// after the tap.
func (w *watched) tapped(step string, at time.Time) (took time.Duration, shown bool) {
	if w == nil {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.walk == "":
	case w.at.After(at) && shows(w.page, step):
		return w.at.Sub(at), true
	default:
		w.taps = append(w.taps, tap{step, at})
	}
	return 0, false
}

// shows reports whether a live page shows that the desk is at a step.
func shows(page, step string) bool { return strings.Contains(page, `href="`+step+`"`) }

// running is the path of the walk that runs, "" if none does.
func (w *watched) running() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.walk
}

// seen takes away the taps that a page shows: the one whose step it shows, and all
// before it, which it shows in its log. It returns them.
func (w *watched) seen(page string) (shown []tap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.page, w.at = page, time.Now()
	for i, t := range w.taps {
		if shows(page, t.step) {
			shown = w.taps[:i+1]
			w.taps = append([]tap(nil), w.taps[i+1:]...)
			return shown
		}
	}
	return nil
}

// unseen counts the taps that are older than a while and were never shown.
func (w *watched) unseen(old time.Duration) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.taps {
		if time.Since(t.at) > old {
			n++
		}
	}
	return n
}

// follower is a director who follows what one desk walks, as the live page's script
// does: it hears that something has changed, and fetches the page again.
type follower struct {
	*desk // for its requests only
	of    *watched
	found screens
}

// screens is what followers found.
type screens struct {
	mu     sync.Mutex
	took   []time.Duration // from a tap at the desk until the follower's page shows it
	lost   int             // taps that were never shown
	failed []error
}

func (s *screens) add(o *screens) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took, s.lost, s.failed = append(s.took, o.took...), s.lost+o.lost, append(s.failed, o.failed...)
}

// unseenAfter is how long a tap may be on its way when the time is over, without being
// counted as lost.
const unseenAfter = 10 * time.Second

// follow follows one walk of the desk after the other until the context ends.
func (f *follower) follow(ctx context.Context) *screens {
	for ctx.Err() == nil {
		walk := f.of.running()
		if walk == "" {
			f.rest(ctx, 50*time.Millisecond)
			continue
		}
		if err := f.followOne(ctx, walk); err != nil && ctx.Err() == nil {
			f.found.failed = append(f.found.failed, err)
			break
		}
	}
	f.found.lost = f.of.unseen(unseenAfter)
	f.client.CloseIdleConnections()
	return &f.found
}

func (f *follower) rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

var eventsOf = regexp.MustCompile(`data-events="([^"]*)"`)

// followOne follows a walk until the desk is at another one.
func (f *follower) followOne(ctx context.Context, walk string) error {
	page, err := f.look(ctx, walk)
	if errors.Is(err, errHidden) {
		f.of.began("")
		return nil
	}
	if err != nil {
		return err
	}
	events := eventsOf.FindStringSubmatch(page)
	if events == nil { // it has ended, or was destroyed as one about abuse is
		f.rest(ctx, 50*time.Millisecond)
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+html.UnescapeString(events[1]), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", f.cookie)
	res, err := streams.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", req.URL, res.Status)
	}
	go func() { // a walk that ends says so in its page, but the next one is elsewhere
		for ctx.Err() == nil && f.of.running() == walk {
			f.rest(ctx, 50*time.Millisecond)
		}
		cancel()
	}()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		if _, err := f.look(ctx, walk); errors.Is(err, errHidden) {
			f.of.began("")
			return nil
		} else if err != nil {
			return unlessOver(ctx, err)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return unlessOver(ctx, err)
	}
	return nil
}

func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// look fetches the live page and keeps how long what it shows took to come.
func (f *follower) look(ctx context.Context, walk string) (string, error) {
	page, err := f.get(ctx, walk+"/live")
	if err != nil {
		return "", err
	}
	for _, t := range f.of.seen(page) {
		if t.at.After(f.desk.found.from) {
			f.found.took = append(f.found.took, time.Since(t.at))
		}
	}
	return page, nil
}

// streams is a client for answers that do not end.
var streams = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1, MaxConnsPerHost: 0}}
