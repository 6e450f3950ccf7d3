package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/walk"
	"roundtable/internal/words"
)

// ShellLease is how long a device may use what it keeps without hearing from the
// server. Then it forgets it, but for what waits to be sent: numbers change, and a
// device may have been lost.
const ShellLease = 72 * time.Hour

// Shell is everything that an enrolled device keeps so that it can walk without a
// network. There is nothing in it of any case or person.
type Shell struct {
	// Version is a hash of all that follows but Until: the same shell has the same.
	Version string
	Until   time.Time // when the device forgets it, unless it hears from the server
	Device  people.Device
	Library Library
	Branch  Branch
	Intake  []byte // the public key to which it seals what waits, 65 bytes
	Lines   []PhoneLine
	Guides  []ShellGuide // in the order of the desk
}

// ShellGuide is one playbook with all that a walk of it begins with.
type ShellGuide struct {
	Playbook string
	Hash     string // of the Program
	Program  json.RawMessage
	Given    map[string]string // what `started` tells, as it is answered now
	Sheets   []*words.Sheet    // its words in each language, the original's first
}

// Shell returns what a device keeps. It is for enrolled devices only.
func (a *App) Shell(ctx context.Context, who Who) (s Shell, err error) {
	stock, err := a.shellStock(ctx, who)
	if err != nil {
		return s, err
	}
	s = Shell{
		Version: stock.version(), Until: a.now().Add(ShellLease), Device: *who.Device,
		Library: stock.Library, Branch: stock.Branch, Lines: stock.Lines, Intake: stock.Intake,
	}
	for _, g := range stock.Guides {
		guide := ShellGuide{Playbook: g.Playbook, Hash: g.Hash, Program: g.Program, Given: g.Given}
		for _, text := range g.Texts {
			sheet, err := parseSheet(g.plan, text)
			if err != nil {
				return s, err
			}
			guide.Sheets = append(guide.Sheets, sheet)
		}
		s.Guides = append(s.Guides, guide)
	}
	return s, nil
}

// ShellVersion returns the version of what a device keeps, which costs far less than
// all of it.
func (a *App) ShellVersion(ctx context.Context, who Who) (string, error) {
	stock, err := a.shellStock(ctx, who)
	return stock.version(), err
}

// shellStock is what a shell is made of, as the database has it. Its version is a
// hash over all that is exported.
type shellStock struct {
	Device  people.Device
	Library Library
	Branch  Branch
	Intake  []byte
	Lines   []PhoneLine
	Guides  []guideStock
}

type guideStock struct {
	Playbook string
	Hash     string
	Program  json.RawMessage
	Given    map[string]string
	Texts    []store.ProgramText

	plan *walk.Plan
}

// version is a hash. What is shown or used changes it, and nothing else does.
func (s shellStock) version() string {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(s); err != nil {
		return "" // never: all of it can be written
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (a *App) shellStock(ctx context.Context, who Who) (s shellStock, err error) {
	if who.Device == nil {
		return s, fault.Missing().Because(errors.New("no enrolled device"))
	}
	at := who.Device.Library
	if s.Intake, err = a.intakePublic(ctx, at); err != nil {
		return s, err
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		s.Library, err = tx.Library(ctx, at)
		return err
	})
	if err != nil {
		return s, err
	}
	s.Device = *who.Device
	err = a.look(ctx, who, access.FetchShell, at, onLibrary(at, access.Shared), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		if s.Branch, err = tx.Branch(ctx, who.Device.Branch); err != nil {
			return err
		}
		if s.Lines, err = linesOf(ctx, tx, s.Branch.ID); err != nil {
			return err
		}
		s.Guides, err = a.guideStocks(ctx, tx)
		return err
	})
	return s, err
}

func (a *App) guideStocks(ctx context.Context, tx *store.Tx) (list []guideStock, err error) {
	adoptions, err := tx.Adoptions(ctx)
	if err != nil {
		return nil, err
	}
	for _, adopted := range adoptions {
		g, err := a.guideStock(ctx, tx, adopted)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

func (a *App) guideStock(ctx context.Context, tx *store.Tx, adopted store.Adoption) (g guideStock, err error) {
	g = guideStock{Playbook: adopted.Playbook, Hash: adopted.Hash}
	if g.plan, err = a.plan(ctx, tx, adopted.Hash); err != nil {
		return g, err
	}
	program, err := tx.Program(ctx, adopted.Hash)
	if err != nil {
		return g, err
	}
	g.Program = program.JSON
	titles, err := tx.ProgramTitles(ctx, adopted.Hash)
	if err != nil {
		return g, err
	}
	for _, lang := range situation(adopted.Playbook, titles, "en").Langs {
		text, err := tx.ProgramText(ctx, adopted.Hash, lang)
		if err != nil {
			return g, err
		}
		g.Texts = append(g.Texts, text)
	}
	if len(g.Texts) == 0 {
		return g, fault.Broken(errors.New("a playbook that was adopted has no words"))
	}
	sheet, err := parseSheet(g.plan, g.Texts[0])
	if err != nil {
		return g, err
	}
	known, err := given(ctx, tx, sheet)
	if err != nil {
		return g, err
	}
	if g.Given, err = g.plan.Settings(known); err != nil {
		return g, fault.Broken(err)
	}
	return g, nil
}

// ShellPlace is what the words of steps need of the place where a device stands.
type ShellPlace struct {
	Law   string // the library's state or territory, as law data names it; "" is not known
	Lines []PhoneLine
}

// ShellPlace returns what is shown of the place where a device stands.
func (a *App) ShellPlace(ctx context.Context, who Who) (p ShellPlace, err error) {
	if who.Device == nil {
		return p, fault.Missing().Because(errors.New("no enrolled device"))
	}
	at := who.Device.Library
	err = a.look(ctx, who, access.FetchShell, at, onLibrary(at, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		if p.Law, err = tx.Setting(ctx, settingPlace); err != nil {
			return err
		}
		p.Lines, err = linesOf(ctx, tx, who.Device.Branch)
		return err
	})
	return p, err
}

// linesOf are the numbers of a branch, and then those of all branches.
func linesOf(ctx context.Context, tx *store.Tx, branch people.BranchID) ([]PhoneLine, error) {
	lines, err := tx.PhoneLines(ctx)
	if err != nil {
		return nil, err
	}
	lines = slices.DeleteFunc(lines, func(l PhoneLine) bool { return l.Branch != "" && l.Branch != branch })
	slices.SortStableFunc(lines, func(x, y PhoneLine) int { return cmp.Compare(y.Branch, x.Branch) })
	return lines, nil
}

// ShellEdition returns the words of a Program that the library ever adopted, in a
// language, and the Program: a device may still walk an edition that is no longer
// the playbook's.
func (a *App) ShellEdition(ctx context.Context, who Who, hash, lang string) (program json.RawMessage, sheet *words.Sheet, err error) {
	if who.Device == nil {
		return nil, nil, fault.Missing().Because(errors.New("no enrolled device"))
	}
	at := who.Device.Library
	err = a.look(ctx, who, access.FetchShell, at, onLibrary(at, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		stored, err := tx.Program(ctx, hash)
		if err != nil {
			return err
		}
		plan, err := a.plan(ctx, tx, hash)
		if err != nil {
			return err
		}
		program = stored.JSON
		sheet, err = a.sheet(ctx, tx, plan, lang)
		return err
	})
	return program, sheet, err
}
