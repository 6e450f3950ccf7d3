package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
	"roundtable/ledger"
)

// head is what a case is about, as it is sealed: what the database may not tell.
type head struct {
	Playbook string      `json:"playbook"`
	Program  string      `json:"program"` // the hash
	Lang     string      `json:"lang"`
	Began    time.Time   `json:"began"`
	Ended    time.Time   `json:"ended,omitzero"`
	Outcome  int         `json:"outcome,omitempty"` // once it ended; walk.Left if it was left
	Owner    people.Role `json:"owner,omitempty"`   // the role that has it after the end
	Step     int         `json:"step"`              // where the walk stands, for lists
	Acted    []string    `json:"acted,omitempty"`   // initials of who acted at the desk, as they said
	Keep     bool        `json:"keep,omitempty"`    // of suspected abuse: somebody chose to keep the record
}

// caseFile is a case that was opened: its row, its key and its head.
type caseFile struct {
	store.Case
	ties   store.Ties
	events []store.CaseEvent // as it was opened, if they were read along
	key    vault.CaseKey
	commit ledger.CommitKey
	head   head
	// waited says that what is added now waited on a device (see StartForm).
	waited bool
}

// openCase opens a case: fault.Missing if it is not there, or was destroyed.
func (a *App) openCase(ctx context.Context, tx *store.Tx, id store.CaseID) (*caseFile, error) {
	row, ties, events, err := tx.WholeCase(ctx, id)
	if err != nil {
		return nil, err
	}
	return a.openFile(ctx, tx, &caseFile{Case: row, ties: ties, events: events})
}

// openRow opens a case of which there is the row.
func (a *App) openRow(ctx context.Context, tx *store.Tx, row store.Case) (*caseFile, error) {
	ties, err := tx.Ties(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return a.openFile(ctx, tx, &caseFile{Case: row, ties: ties})
}

func (a *App) openFile(ctx context.Context, tx *store.Tx, c *caseFile) (_ *caseFile, err error) {
	row := c.Case
	if c.key, err = a.openKey(ctx, tx.Tenant(), string(row.ID)); err != nil {
		return nil, err
	}
	if c.commit, err = commitKey(c.key); err != nil {
		return nil, err
	}
	text, err := unseal(c.key, tx.Tenant(), string(row.ID), fieldHead, row.Version, row.Head)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &c.head); err != nil {
		return nil, fault.Broken(fmt.Errorf("the head of a case: %w", err))
	}
	return c, nil
}

// put seals a case's head anew and keeps its row.
func (a *App) put(ctx context.Context, tx *store.Tx, c *caseFile, add bool) error {
	text, err := json.Marshal(c.head)
	if err != nil {
		return fault.Broken(err)
	}
	c.Version++
	if c.Head, err = a.seal(c.key, tx.Tenant(), string(c.ID), fieldHead, c.Version, text); err != nil {
		return err
	}
	if add {
		return tx.AddCase(ctx, c.Case)
	}
	return tx.PutCase(ctx, c.Case)
}

// subject is the case as package access asks for it. People stand in it by
// pseudonym; of all of them only whoever acts matters to a decision.
func (c *caseFile) subject(library people.LibraryID, who Who) access.Subject {
	own := func(r store.Relation) []people.PersonID {
		if who.Person != "" && who.Pseudonym != "" && slices.Contains(c.ties.People[r], who.Pseudonym) {
			return []people.PersonID{who.Person}
		}
		return nil
	}
	s := access.Subject{
		Kind: access.Case, Library: library, Branch: c.Branch, Class: access.ClassOf(c.Class), Sealed: c.Case.Sealed,
		Running: c.Running, Walkers: own(store.Walker), Told: own(store.Told), Assigned: own(store.Assigned), Authors: own(store.Author),
		Devices: c.ties.Here, Past: c.ties.Past,
	}
	if owner := own(store.Owner); owner != nil {
		s.Owner = owner[0]
	}
	return s
}

func (c *caseFile) target(library people.LibraryID, who Who) target {
	return target{subject: c.subject(library, who), object: string(c.ID), commit: &c.commit}
}

// onCase finds a case and keeps it for the rule.
func (a *App) onCase(id store.CaseID, who Who, keep **caseFile) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		if _, err := people.ParseID[store.CaseID](string(id)); err != nil {
			return target{}, fault.Missing().Because(err)
		}
		c, err := a.openCase(ctx, tx, id)
		if err != nil {
			return target{}, err
		}
		*keep = c
		return c.target(tx.Tenant(), who), nil
	}
}

// CaseLine is a case as lists show it.
type CaseLine struct {
	ID      store.CaseID
	Branch  people.BranchID
	Title   string // of its playbook
	Class   string
	Sealed  bool
	Running bool
	Closed  bool
	Began   time.Time
	Ended   time.Time // of the walk; zero while it runs
	Outcome string    // the name of the end, "left", or "" while it runs
	Heading string    // of the step at which it stands
	Mine    bool      // who asks is tied to it
}

// Cases lists the cases that somebody may open, from the newest on, at most so
// many after one of the list before ("" for the first list). What they may not
// know of is not there, and leaves no gap.
func (a *App) Cases(ctx context.Context, who Who, after store.CaseID, most int) (list []CaseLine, err error) {
	find := onLibraryOrBranch(who)
	err = a.look(ctx, who, access.ListCases, who.Library, find, func(ctx context.Context, tx *store.Tx, now time.Time) error {
		var last store.Case
		if after != "" {
			if last, err = tx.Case(ctx, after); err != nil {
				return err
			}
		}
		for len(list) < most {
			rows, err := tx.Cases(ctx, last, caseBatch)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, row := range rows {
				last = row
				line, ok, err := a.caseLine(ctx, tx, who, row, access.ReadCase, now)
				if err != nil {
					return err
				}
				if ok && len(list) < most {
					list = append(list, line)
				}
			}
		}
		return nil
	})
	return list, err
}

const caseBatch = 100

// Happening lists the walks that run now and of which somebody may know.
func (a *App) Happening(ctx context.Context, who Who) (list []CaseLine, err error) {
	err = a.look(ctx, who, access.SeeHappening, who.Library, onLibraryOrBranch(who), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		rows, err := tx.RunningCases(ctx)
		if err != nil {
			return err
		}
		list, err = a.caseLines(ctx, tx, who, rows, access.KnowCase, now)
		return err
	})
	return list, err
}

// HappeningHere lists the walks that run on the device: for its own screen, with
// nobody signed in.
func (a *App) HappeningHere(ctx context.Context, who Who) (list []CaseLine, err error) {
	if who.Device == nil {
		return nil, nil
	}
	err = a.look(ctx, who, access.SeeDesk, who.Device.Library, onBranch(who.Device.Branch), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		rows, err := tx.CasesAt(ctx, who.Device.ID)
		if err != nil {
			return err
		}
		list, err = a.caseLines(ctx, tx, who, rows, access.ReadWalk, now)
		return err
	})
	return list, err
}

func (a *App) caseLines(ctx context.Context, tx *store.Tx, who Who, rows []store.Case, act access.Act, now time.Time) (list []CaseLine, err error) {
	for _, row := range rows {
		line, ok, err := a.caseLine(ctx, tx, who, row, act, now)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, line)
		}
	}
	return list, nil
}

// caseLine opens a case for a list, if who asks may do the act to it. One whose
// key is gone is being destroyed, and is not there.
func (a *App) caseLine(ctx context.Context, tx *store.Tx, who Who, row store.Case, act access.Act, now time.Time) (CaseLine, bool, error) {
	c, err := a.openRow(ctx, tx, row)
	if err != nil {
		return CaseLine{}, false, unlessMissing(err)
	}
	if !may(who, act, c.subject(tx.Tenant(), who), now) {
		return CaseLine{}, false, nil
	}
	plan, err := a.plan(ctx, tx, c.head.Program)
	if err != nil {
		return CaseLine{}, false, err
	}
	sheet, err := a.sheet(ctx, tx, plan, c.head.Lang)
	if err != nil {
		return CaseLine{}, false, err
	}
	line := CaseLine{
		ID: c.ID, Branch: c.Branch, Title: sheet.Title, Class: c.Class, Sealed: c.Case.Sealed, Running: c.Running,
		Closed: c.Closed != 0, Began: c.head.Began, Ended: c.head.Ended, Mine: c.isMine(who),
	}
	switch {
	case c.head.Ended.IsZero():
		if c.head.Step < len(sheet.Steps) {
			line.Heading = sheet.Steps[c.head.Step].Heading
		}
	case c.head.Outcome == walk.Left:
		line.Outcome = "left"
	default:
		line.Outcome = plan.Program.Outcomes[c.head.Outcome]
	}
	return line, true, nil
}

func (c *caseFile) isMine(who Who) bool {
	if who.Pseudonym == "" {
		return false
	}
	for _, list := range c.ties.People {
		if slices.Contains(list, who.Pseudonym) {
			return true
		}
	}
	return false
}

// onLibraryOrBranch finds the branch where somebody is, or the library's branches
// together for whoever is at none.
func onLibraryOrBranch(who Who) finder {
	if who.Branch == "" {
		return func(_ context.Context, tx *store.Tx) (target, error) {
			return target{subject: access.Subject{Kind: access.Branch, Library: tx.Tenant()}}, nil
		}
	}
	return onBranch(who.Branch)
}
