package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// desk is one browser without script, at an enrolled device or, for a follower's
// requests, of somebody who is signed in.
type desk struct {
	base   string
	client *http.Client
	cookie string
	think  time.Duration
	dice   *rand.Rand
	found  figures
	shown  *watched // for whoever follows its walks; nil if nobody does
}

func newDesk(base, cookie string, think time.Duration, seed uint64) *desk {
	return &desk{
		base: base, cookie: cookie, think: think, dice: rand.New(rand.NewPCG(seed, 1)),
		client: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{MaxIdleConnsPerHost: 1},
			Timeout:       time.Minute,
		},
	}
}

// walk walks one playbook after the other until the context ends.
func (d *desk) walk(ctx context.Context) *figures {
	for d.pause(ctx) {
		if err := d.walkOnce(ctx); err != nil && ctx.Err() == nil {
			d.found.failed = append(d.found.failed, err)
			break
		}
		d.found.walks++
	}
	d.client.CloseIdleConnections()
	return &d.found
}

// pause waits as long as people take, and reports whether there is time for more.
func (d *desk) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Duration(d.dice.ExpFloat64() * float64(d.think))):
		return true
	}
}

// walkOnce starts a playbook and chooses until the walk has ended.
func (d *desk) walkOnce(ctx context.Context) error {
	page, err := d.get(ctx, "/desk")
	if err != nil {
		return err
	}
	playbooks := values(page, buttons, "playbook")
	if len(playbooks) == 0 {
		return errors.New("the desk offers nothing to start")
	}
	form := hidden(page)
	form.Set("playbook", playbooks[d.dice.IntN(len(playbooks))])
	at, err := d.post(ctx, "/desk/start", form)
	if err == nil {
		d.shown.began(walkOf(at))
		defer d.shown.began("")
	}
	for n := 0; err == nil && n < 200; n++ {
		began := time.Now()
		if page, err = d.get(ctx, at); err != nil {
			return err
		}
		d.found.keep(&d.found.pages, began)
		if !d.pause(ctx) {
			return ctx.Err()
		}
		if strings.HasSuffix(at, "/aside") { // nothing is chosen there; somebody else comes to the desk
			return nil
		}
		if strings.HasSuffix(at, "/end") {
			_, err = d.post(ctx, at, hidden(page))
			return err
		}
		at, err = d.choose(ctx, at, page)
	}
	return err
}

// choose presses one of a step's choices.
func (d *desk) choose(ctx context.Context, at, page string) (next string, err error) {
	choices := values(page, buttons, "choice")
	if len(choices) == 0 {
		return "", fmt.Errorf("%s offers no choice", at)
	}
	form := hidden(page)
	form.Set("choice", choices[d.dice.IntN(len(choices))])
	began := time.Now()
	next, err = d.post(ctx, walkOf(at)+"/choose", form)
	d.found.keep(&d.found.choices, began)
	if err == nil && next != at && strings.Contains(next, "/step/") {
		if took, shown := d.shown.tapped(next, began); shown && began.After(d.found.from) {
			d.found.shown = append(d.found.shown, took)
		}
	}
	return next, err
}

// walkOf is the path of a walk's pages, /i/{case}, of that of one of them.
func walkOf(at string) string {
	parts := strings.SplitN(at, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
}

var (
	buttons = regexp.MustCompile(`<button[^>]* name="([^"]*)" value="([^"]*)"`)
	inputs  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// values lists the values of what a page has by a name.
func values(page string, kind *regexp.Regexp, name string) (list []string) {
	for _, m := range kind.FindAllStringSubmatch(page, -1) {
		if m[1] == name {
			list = append(list, html.UnescapeString(m[2]))
		}
	}
	return list
}

// hidden returns the hidden fields of a page.
func hidden(page string) url.Values {
	form := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

// errHidden is what is said of a page that is not there for whoever asks.
var errHidden = errors.New("it is not there")

func (d *desk) get(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return "", err
	}
	res, body, err := d.do(req)
	if err == nil && res.StatusCode == http.StatusNotFound {
		err = fmt.Errorf("GET %s: %w", path, errHidden)
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return body, err
}

// post sends a form and returns where it leads.
func (d *desk) post(ctx context.Context, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", d.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, _, err := d.do(req)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("POST %s: %s", path, res.Status)
	}
	return res.Header.Get("Location"), nil
}

func (d *desk) do(req *http.Request) (*http.Response, string, error) {
	req.Header.Set("Cookie", d.cookie)
	res, err := d.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}
