package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/law"
	"roundtable/internal/people"
	"roundtable/internal/shelf"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/internal/words"
	"roundtable/playbook"
	"roundtable/playbook/automaton"
	"roundtable/playbook/syntax"
)

// edition is one version of a playbook as it is adopted: its Program, and its
// words in each language.
type edition struct {
	playbook string
	program  *automaton.Program
	hash     string
	sheets   []*words.Sheet // the original's first
}

// shippedOrder is the order in which the desk shows the situations that are
// shipped; others follow by name.
var shippedOrder = []string{"officer", "hygiene", "browsing", "baiting", "minor-records", "room-request", "suspected-abuse", "presence"}

// shippedEditions compiles what Roundtable ships, once. A shipped file with an
// error is a mistake of ours that a test finds; it is not adopted.
var shippedEditions = sync.OnceValues(func() ([]edition, error) {
	s, _, err := shelf.Shipped()
	if err != nil {
		return nil, err
	}
	set := playbook.Shipped(s)
	var list []edition
	for _, f := range set.Asked {
		if f.Front.Kind != syntax.Playbook || f.Front.Translates.Text != "" {
			continue
		}
		e, err := compileEdition(set, f)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b edition) int {
		if x, y := orderOf(a.playbook), orderOf(b.playbook); x != y {
			return x - y
		}
		return strings.Compare(a.playbook, b.playbook)
	})
	return list, nil
})

func orderOf(id string) int {
	if i := slices.Index(shippedOrder, id); i >= 0 {
		return i
	}
	return len(shippedOrder)
}

func compileEdition(set *playbook.Set, f *syntax.File) (edition, error) {
	c, _ := set.Compile(f)
	if c == nil || c.Program == nil {
		return edition{}, fmt.Errorf("%s cannot be compiled", f.Name)
	}
	e := edition{playbook: f.Front.ID.Text, program: c.Program, hash: c.Program.Hash(), sheets: []*words.Sheet{words.Of(c)}}
	for _, lang := range set.Library.Languages(e.playbook)[1:] {
		if other := set.Library.InLanguage(c, lang); other != nil {
			e.sheets = append(e.sheets, words.Of(other))
		}
	}
	return e, nil
}

// adoptShipped gives a library the playbooks that are shipped, as its own set-up
// does. Doing it again changes nothing.
func (a *App) adoptShipped(ctx context.Context, library people.LibraryID) error {
	editions, err := shippedEditions()
	if err != nil {
		return fault.Broken(err)
	}
	return a.store.Write(ctx, library, func(tx *store.Tx) error {
		for i, e := range editions {
			if _, err := tx.Adoption(ctx, e.playbook); err == nil {
				continue
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
			if err := a.adopt(ctx, tx, e, i, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// adopt makes an edition the one that a playbook is now.
func (a *App) adopt(ctx context.Context, tx *store.Tx, e edition, position int, by people.Pseudonym) error {
	program, err := e.program.MarshalJSON()
	if err != nil {
		return fault.Broken(err)
	}
	now := a.now()
	if err := tx.AddProgram(ctx, store.Program{Hash: e.hash, Playbook: e.playbook, JSON: program, Made: now}); err != nil {
		return err
	}
	for _, sheet := range e.sheets {
		data, err := sheet.Marshal()
		if err != nil {
			return fault.Broken(err)
		}
		text := store.ProgramText{Hash: e.hash, Language: sheet.Lang, Title: sheet.Title, Summary: sheet.Summary, Words: data}
		if err := tx.PutProgramText(ctx, text); err != nil {
			return err
		}
	}
	a.plans.forgetTitles(tx.Tenant(), e.hash)
	return tx.PutAdoption(ctx, store.Adoption{Playbook: e.playbook, Hash: e.hash, Position: position, Adopted: now, By: by})
}

// Situation is a playbook as the desk offers it.
type Situation struct {
	Playbook string
	Title    string
	Summary  string
	Langs    []string // in which it can be walked, the original's first
}

// Situations lists what the desk offers, in order, in a language where there is
// one, else in English.
func (a *App) Situations(ctx context.Context, who Who, lang string) (list []Situation, err error) {
	err = a.look(ctx, who, access.ReadPlaybooks, who.Library, onLibrary(who.Library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		adoptions, err := tx.Adoptions(ctx)
		if err != nil {
			return err
		}
		for _, adopted := range adoptions {
			titles, err := a.titlesOf(ctx, tx, adopted.Hash)
			if err != nil {
				return err
			}
			list = append(list, situation(adopted.Playbook, titles, lang))
		}
		return nil
	})
	return list, err
}

func situation(playbook string, titles []store.ProgramText, lang string) Situation {
	s := Situation{Playbook: playbook}
	for _, t := range titles {
		s.Langs = append(s.Langs, t.Language)
		if s.Title == "" || t.Language == lang || t.Language == "en" && !slices.Contains(s.Langs[:len(s.Langs)-1], lang) {
			s.Title, s.Summary = t.Title, t.Summary
		}
	}
	slices.SortStableFunc(s.Langs, func(a, b string) int { return rank(a) - rank(b) })
	return s
}

// rank puts English, in which playbooks are written, before their translations.
func rank(lang string) int {
	if lang == "en" {
		return 0
	}
	return 1
}

// plans keeps Programs made ready to be walked. A Program never changes under its
// hash, so what is kept is good for every library.
type plans struct {
	mu      sync.Mutex
	made    map[string]*walk.Plan
	sheets  map[sheetName]*words.Sheet
	adopted map[adopted]struct{} // a Program that a library ever adopted stays there
	titles  map[adopted]titles
}

// adopted is a Program of a library.
type adopted struct {
	library people.LibraryID
	hash    string
}

// titles are the languages in which a library has a Program's words. They change only
// when it is adopted anew; another process may do that, so they are good until soon.
type titles struct {
	list  []store.ProgramText
	until time.Time
}

// titlesFor is how long titles are believed without asking the database.
const titlesFor = 5 * time.Second

// adopt remembers that a library has a Program.
func (p *plans) adopt(library people.LibraryID, hash string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.adopted == nil || len(p.adopted) >= maxAdopted {
		p.adopted = map[adopted]struct{}{}
	}
	p.adopted[adopted{library, hash}] = struct{}{}
}

// forgetTitles forgets the titles of a Program that is adopted anew.
func (p *plans) forgetTitles(library people.LibraryID, hash string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.titles, adopted{library, hash})
}

// titlesOf returns the languages in which a library has a Program's words. Nobody may
// change what it returns.
func (a *App) titlesOf(ctx context.Context, tx *store.Tx, hash string) ([]store.ProgramText, error) {
	p, of, now := &a.plans, adopted{tx.Tenant(), hash}, a.now()
	p.mu.Lock()
	known, ok := p.titles[of]
	p.mu.Unlock()
	if ok && now.Before(known.until) && !now.Before(known.until.Add(-titlesFor)) {
		return known.list, nil
	}
	list, err := tx.ProgramTitles(ctx, hash)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.titles == nil || len(p.titles) >= maxAdopted {
		p.titles = map[adopted]titles{}
	}
	p.titles[of] = titles{list, now.Add(titlesFor)}
	return list, nil
}

// maxAdopted bounds of how many Programs of how many libraries it is remembered that
// they are there. Each takes some 500 bytes.
const maxAdopted = 10_000

// maxPlans bounds how many Programs are kept ready, and how many sheets of words.
// Each takes some 100 kB.
const maxPlans = 256

// plan returns the Program of a hash, ready to be walked.
func (a *App) plan(ctx context.Context, tx *store.Tx, hash string) (*walk.Plan, error) {
	a.plans.mu.Lock()
	p := a.plans.made[hash]
	_, has := a.plans.adopted[adopted{tx.Tenant(), hash}]
	a.plans.mu.Unlock()
	if p != nil && !has { // this library may not have it
		var err error
		if has, err = tx.HasProgram(ctx, hash); err != nil || !has {
			return nil, cmp.Or[error](err, fault.Missing())
		}
		a.plans.adopt(tx.Tenant(), hash)
	}
	if p != nil {
		return p, nil
	}
	stored, err := tx.Program(ctx, hash)
	if err != nil {
		return nil, err
	}
	var program automaton.Program
	if err := json.Unmarshal(stored.JSON, &program); err != nil {
		return nil, fault.Broken(err)
	}
	if p, err = walk.NewPlan(&program); err != nil {
		return nil, fault.Broken(err)
	}
	if p.Hash != hash {
		return nil, fault.Broken(fmt.Errorf("the Program kept as %s has the hash %s", hash, p.Hash))
	}
	a.plans.mu.Lock()
	defer a.plans.mu.Unlock()
	if a.plans.made == nil || len(a.plans.made) >= maxPlans {
		a.plans.made = map[string]*walk.Plan{}
	}
	a.plans.made[hash] = p
	return p, nil
}

// sheet returns a Program's words in a language, or in English where there are
// none. Nobody may change what it returns.
func (a *App) sheet(ctx context.Context, tx *store.Tx, plan *walk.Plan, lang string) (*words.Sheet, error) {
	titles, err := a.titlesOf(ctx, tx, plan.Hash)
	if err != nil {
		return nil, err
	}
	return a.sheetOf(ctx, tx, plan, titles, lang)
}

// sheetOf is sheet for who has the titles already.
func (a *App) sheetOf(ctx context.Context, tx *store.Tx, plan *walk.Plan, titles []store.ProgramText, lang string) (*words.Sheet, error) {
	at := slices.IndexFunc(titles, func(t store.ProgramText) bool { return t.Language == lang })
	if at < 0 {
		at = slices.IndexFunc(titles, func(t store.ProgramText) bool { return t.Language == "en" })
	}
	if at < 0 {
		return nil, fault.Missing()
	}
	name := sheetName{plan.Hash, titles[at].Digest}
	a.plans.mu.Lock()
	sheet := a.plans.sheets[name]
	a.plans.mu.Unlock()
	if sheet != nil {
		return sheet, nil
	}
	text, err := tx.ProgramText(ctx, plan.Hash, titles[at].Language)
	if err != nil {
		return nil, err
	}
	if sheet, err = parseSheet(plan, text); err != nil {
		return nil, err
	}
	a.plans.mu.Lock()
	defer a.plans.mu.Unlock()
	if a.plans.sheets == nil || len(a.plans.sheets) >= maxPlans {
		a.plans.sheets = map[sheetName]*words.Sheet{}
	}
	a.plans.sheets[name] = sheet
	return sheet, nil
}

// sheetName names words by their content, so that what is kept is good for every
// library and never out of date.
type sheetName struct{ program, digest string }

func parseSheet(plan *walk.Plan, text store.ProgramText) (*words.Sheet, error) {
	choices := make([]int, len(plan.Program.Steps))
	for i := range plan.Program.Steps {
		choices[i] = len(plan.Program.Steps[i].Choices)
	}
	sheet, err := words.Parse(text.Words, choices)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return sheet, nil
}

// settingPlace is where the library is, as law data names it; it stands among the
// library's own settings too, so that a walk needs nothing of the installation.
const settingPlace = "library.place"

// settingGiven is before the name of a given fact that the library answered.
const settingGiven = "given."

// given says what is known of the library for the facts that a playbook is given:
// what the law of the place answers, then what the library's settings answer,
// which wins.
func given(ctx context.Context, tx *store.Tx, sheet *words.Sheet) (map[string]string, error) {
	settings, err := tx.Settings(ctx)
	if err != nil {
		return nil, err
	}
	row, _ := law.Row(settings[settingPlace])
	known := map[string]string{}
	for _, g := range sheet.Given {
		if value := row[g.Law]; g.Law != "" && value != "" {
			known[g.Fact] = value
		}
		if value := settings[settingGiven+g.Fact]; value != "" {
			known[g.Fact] = value
		}
	}
	return known, nil
}
