package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/internal/web/static"
	"roundtable/playbook/automaton"
)

// What an enrolled device keeps so that it can walk without a network, and what it
// sends afterwards. Script asks here; it gets values, and pages that it fills in.

// shellJSON is what a device keeps of the library where it stands.
type shellJSON struct {
	Version string           `json:"version"`
	Lease   int              `json:"lease"` // in seconds, from when it was fetched
	Device  people.DeviceID  `json:"device"`
	Library people.LibraryID `json:"library"`
	Name    string           `json:"name"` // of the library
	Branch  string           `json:"branch"`
	Zone    string           `json:"zone"`
	Dial    string           `json:"dial"`   // how an emergency call is dialled from the desk's phone
	Danger  string           `json:"danger"` // the branch's own sentence about it, "" for the usual one
	Intake  string           `json:"intake"`
	Lines   []shellLine      `json:"lines"`
	Guides  []shellGuide     `json:"guides"`
}

type shellLine struct {
	Line  string `json:"line"` // a role, or an outside line
	Name  string `json:"name"`
	Role  string `json:"role"`
	Phone string `json:"phone"`
	Dial  string `json:"dial"`
}

type shellGuide struct {
	ID      string            `json:"id"`
	Hash    string            `json:"hash"`
	Title   string            `json:"title"`
	Summary string            `json:"summary"`
	Langs   []string          `json:"langs"`
	Titles  []string          `json:"titles"` // in the order of Langs
	Given   map[string]string `json:"given"`
	Quiet   bool              `json:"quiet,omitempty"` // it stands under the others, and begins with the recorder
}

// shells remembers how versions are told to devices: the app's, together with the
// program's own, since that decides how words become a page.
type shells struct {
	once  sync.Once
	build string
}

// version makes the version that devices are told.
func (s *shells) version(of, program string) string {
	s.once.Do(func() {
		h := sha256.New()
		fmt.Fprintf(h, "%s\n%s\n", program, static.Build())
		s.build = hex.EncodeToString(h.Sum(nil)[:6])
	})
	return of + "-" + s.build
}

// showShell tells an enrolled device what it keeps, or that it has it already.
func showShell(ctx context.Context, a *ask) error {
	version, err := a.app().ShellVersion(ctx, a.who)
	if err != nil {
		return err
	}
	version = a.site.shells.version(version, a.site.Version)
	tag := `"` + version + `"`
	a.w.Header().Set("ETag", tag)
	if a.r.Header.Get("If-None-Match") == tag {
		a.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	shell, err := a.app().Shell(ctx, a.who)
	if err != nil {
		return err
	}
	return a.say(http.StatusOK, shellValue(shell, version))
}

func shellValue(s app.Shell, version string) shellJSON {
	v := shellJSON{
		Version: version, Lease: int(app.ShellLease.Seconds()), Device: s.Device.ID, Library: s.Library.ID, Name: s.Library.Name,
		Branch: s.Branch.Name, Zone: s.Branch.TimeZone, Dial: strings.TrimSpace(s.Branch.Prefix + " 911"), Danger: s.Branch.Emergency,
		Intake: base64.RawURLEncoding.EncodeToString(s.Intake), Lines: []shellLine{}, Guides: []shellGuide{},
	}
	for _, l := range s.Lines {
		c := contact(l)
		v.Lines = append(v.Lines, shellLine{Line: l.Line, Name: c.Name, Role: c.Role, Phone: c.Phone.Words(), Dial: c.Phone.Dial()})
	}
	for _, g := range s.Guides {
		guide := shellGuide{ID: g.Playbook, Hash: g.Hash, Title: g.Sheets[0].Title, Summary: g.Sheets[0].Summary, Given: g.Given, Quiet: g.Playbook == presenceGuide}
		for _, sheet := range g.Sheets {
			guide.Langs, guide.Titles = append(guide.Langs, sheet.Lang), append(guide.Titles, sheet.Title)
		}
		v.Guides = append(v.Guides, guide)
	}
	return v
}

// showShellProgram gives a Program that the library ever adopted.
func showShellProgram(ctx context.Context, a *ask) error {
	program, _, err := a.app().ShellEdition(ctx, a.who, a.id("program"), "en")
	if err != nil {
		return err
	}
	return a.send(http.StatusOK, "application/json", program)
}

// showFragments gives every step of a Program in a language, each as its page shows
// it, without anything of a case.
func showFragments(ctx context.Context, a *ask) error {
	text, sheet, err := a.app().ShellEdition(ctx, a.who, a.id("program"), a.id("lang"))
	if err != nil {
		return err
	}
	var program automaton.Program
	if err := json.Unmarshal(text, &program); err != nil {
		return fault.Broken(err)
	}
	place, err := a.keptPlace(ctx)
	if err != nil {
		return err
	}
	p := page.Fragments{Lang: sheet.Lang, Dir: stepview.Direction(sheet.Lang), Title: sheet.Title}
	for at := range program.Steps {
		p.Cards = append(p.Cards, stepview.Fragment(&program, sheet, at, place))
	}
	p.Ends = stepview.Ends(&program, sheet, place)
	var b bytes.Buffer
	if err := page.RenderFragments(&b, p); err != nil {
		return err
	}
	return a.send(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

// keptPlace is what steps show of the place where the device stands.
func (a *ask) keptPlace(ctx context.Context) (p stepview.Place, err error) {
	shell, err := a.app().ShellPlace(ctx, a.who)
	if err != nil {
		return p, err
	}
	p = stepview.Place{Law: shell.Law}
	if p.Shelf, err = stepview.Shipped(); err != nil {
		return p, fault.Broken(err)
	}
	for _, l := range shell.Lines {
		p.Lines = append(p.Lines, stepview.Line{Role: l.Line, Label: l.Label, Number: l.Number})
	}
	_, p.Site, err = addressOf(ctx, a.app())
	return p, err
}

// walkJSON is a walk for the device on which it runs: everything that its script
// needs to go on with it.
type walkJSON struct {
	Case     store.CaseID `json:"case"`
	Playbook string       `json:"playbook"`
	Title    string       `json:"title"`
	Program  string       `json:"program"`
	Lang     string       `json:"lang"`
	Events   []walk.Event `json:"events"`
}

// showShellWalk gives a running walk to the device on which it runs.
func showShellWalk(ctx context.Context, a *ask) error {
	if a.who.Device == nil {
		return fault.Missing()
	}
	id, err := idLike(store.CaseID(""), a.id("case"))
	if err != nil {
		return err
	}
	here := app.Who{Device: a.who.Device, Library: a.who.Device.Library, Branch: a.who.Device.Branch}
	v, err := a.app().ReadWalk(ctx, here, id, "")
	if err != nil {
		return err
	}
	start := v.Walk.Start()
	w := walkJSON{Case: v.Case, Playbook: start.Playbook, Title: v.Sheet.Title, Program: start.Program, Lang: start.Lang}
	for _, e := range v.Walk.Entries() {
		w.Events = append(w.Events, e.Event)
	}
	return a.say(http.StatusOK, w)
}

// letterJSON is a waiting event as a device sends it.
type letterJSON struct {
	Device people.DeviceID `json:"device"`
	Case   store.CaseID    `json:"case"`
	Event  walk.EventID    `json:"event"`
	Order  uint64          `json:"order"`
	After  walk.EventID    `json:"after"`
	Letter string          `json:"letter"` // base64 of RFC 4648's URL alphabet, without filling
}

type receiptJSON struct {
	Event walk.EventID `json:"event"`
	Fate  app.Fate     `json:"fate"`
	Words string       `json:"words,omitempty"`
}

// sendWaiting takes what waited on a device, and tells of each event what became of
// it.
func sendWaiting(ctx context.Context, a *ask) error {
	text, err := a.readJSON()
	if err != nil {
		return err
	}
	var sent struct {
		Letters []letterJSON `json:"letters"`
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		return &refusal{outcome: notForm}
	}
	list := make([]app.Waiting, len(sent.Letters))
	for i, l := range sent.Letters {
		list[i] = app.Waiting{Device: l.Device, Case: l.Case, Event: l.Event, Order: l.Order, After: l.After}
		list[i].Letter, _ = base64.RawURLEncoding.Strict().DecodeString(l.Letter) // what is none does not open
	}
	receipts, err := a.app().SendWaiting(ctx, a.who, list)
	if err != nil {
		return err
	}
	answer := make([]receiptJSON, len(receipts))
	for i, r := range receipts {
		answer[i] = receiptJSON{r.Event, r.Fate, r.Words}
	}
	return a.say(http.StatusOK, struct {
		Receipts []receiptJSON `json:"receipts"`
	}{answer})
}

// showOfflineDesk and showOfflineWalk are pages that a device keeps, and its script
// fills in. They say nothing of anybody.
func showOfflineDesk(_ context.Context, a *ask) error {
	return a.show(http.StatusOK, page.OfflineDesk{Frame: a.plainFrame(), Danger: page.Danger{Dial: "911"}})
}

func showOfflineWalk(_ context.Context, a *ask) error {
	lang := a.id("lang")
	if lang == "" {
		lang = "en"
	}
	if len(lang) > 35 || strings.ContainsFunc(lang, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return fault.Missing()
	}
	p := page.OfflineWalk{Words: page.WordsIn(lang), Says: page.KeptWordsIn(lang), Aside: stepview.KeptRecorder(lang)}
	p.Lang, p.Dir = lang, stepview.Direction(lang)
	return a.show(http.StatusOK, p)
}

// workerPolicy is what the service worker may do: fetch from here, and nothing else.
const workerPolicy = "default-src 'none'; connect-src 'self'"

// serveWorker serves the service worker. A browser asks for it by its name, so it is
// looked at each time.
func serveWorker(_ context.Context, a *ask) error {
	h := a.w.Header()
	h.Set("Content-Security-Policy", workerPolicy)
	h.Set("Cache-Control", "no-cache")
	return a.send(http.StatusOK, "text/javascript; charset=utf-8", static.Worker(a.site.Version))
}
