package app

import (
	"context"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// HappeningAt is what runs now at one library, as far as whoever asks may know of it.
type HappeningAt struct {
	Library  Library
	Here     bool // they are at this library now: its cases open without going there first
	Branches []HappeningBranch
}

// HappeningBranch is what runs now at one branch; most often nothing.
type HappeningBranch struct {
	Branch Branch
	Cases  []CaseLine
}

// Count is how many walks run at the library.
func (h HappeningAt) Count() (n int) {
	for _, b := range h.Branches {
		n += len(b.Cases)
	}
	return n
}

// HappeningEverywhere lists what runs now at every branch of every library where
// whoever asks may see it: the library where they are first, then by name. Branches
// stand in their order, also those where nothing runs. Where they may see nothing it
// is refused.
func (a *App) HappeningEverywhere(ctx context.Context, who Who) ([]HappeningAt, error) {
	libraries, err := a.MyLibraries(ctx, who)
	if err != nil {
		return nil, err
	}
	var list, others []HappeningAt
	now := a.now()
	for _, l := range libraries {
		if !seesHappening(who, l.ID, now) {
			continue
		}
		at := HappeningAt{Library: l, Here: l.ID == who.Library}
		if at.Branches, err = a.happeningAt(ctx, who, l.ID); err != nil {
			return nil, err
		}
		if at.Here {
			list = append(list, at)
		} else {
			others = append(others, at)
		}
	}
	if list = append(list, others...); len(list) > 0 {
		return list, nil
	}
	_, err = a.Happening(ctx, who) // whose refusal is told, and kept
	return nil, err
}

// seesHappening reports whether somebody may see what is happening at any branch of a
// library.
func seesHappening(who Who, library people.LibraryID, now time.Time) bool {
	for _, m := range who.Memberships {
		if m.Library == library && may(who, access.SeeHappening, access.Subject{Kind: access.Branch, Library: library, Branch: m.Branch}, now) {
			return true
		}
	}
	return false
}

// HappeningLibraries lists the libraries at which somebody may see what is happening:
// to their signals a page of all of it listens.
func (a *App) HappeningLibraries(who Who) (list []people.LibraryID) {
	seen := map[people.LibraryID]bool{}
	now := a.now()
	for _, m := range who.Memberships {
		if m.Library != people.Installation && !seen[m.Library] && seesHappening(who, m.Library, now) {
			seen[m.Library] = true
			list = append(list, m.Library)
		}
	}
	return list
}

// happeningAt lists what runs at the branches of one library where somebody may see
// it.
func (a *App) happeningAt(ctx context.Context, who Who, library people.LibraryID) (list []HappeningBranch, err error) {
	there, err := a.whoAt(ctx, who, library)
	if err != nil {
		return nil, err
	}
	var branches []Branch
	find := func(ctx context.Context, tx *store.Tx) (target, error) {
		var err error
		if branches, err = tx.Branches(ctx); err != nil {
			return target{}, err
		}
		on := access.Subject{Kind: access.Branch, Library: library}
		list = nil
		for _, b := range branches {
			s := access.Subject{Kind: access.Branch, Library: library, Branch: b.ID}
			if b.Closed.IsZero() && may(there, access.SeeHappening, s, a.now()) {
				on, list = s, append(list, HappeningBranch{Branch: b})
			}
		}
		return target{subject: on, object: string(on.Branch)}, nil
	}
	err = a.look(ctx, there, access.SeeHappening, library, find, func(ctx context.Context, tx *store.Tx, now time.Time) error {
		rows, err := tx.RunningCases(ctx)
		if err != nil {
			return err
		}
		lines, err := a.caseLines(ctx, tx, there, rows, access.KnowCase, now)
		list = sortCases(list, branches, lines)
		return err
	})
	return list, err
}

// whoAt is who asks, as they stand at a library: under the pseudonym that they have
// there.
func (a *App) whoAt(ctx context.Context, who Who, library people.LibraryID) (Who, error) {
	if library == who.Library {
		return who, nil
	}
	there := who
	there.Library, there.Branch, there.Device = library, "", nil
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		there.Pseudonym, err = a.pseudonym(ctx, tx, who.Person, library)
		return err
	})
	return there, err
}

// sortCases puts cases under their branches. A branch at which they may see nothing
// else comes with a case to which they are tied.
func sortCases(list []HappeningBranch, branches []Branch, lines []CaseLine) []HappeningBranch {
	for _, line := range lines {
		i := slices.IndexFunc(list, func(b HappeningBranch) bool { return b.Branch.ID == line.Branch })
		if i < 0 {
			at := slices.IndexFunc(branches, func(b Branch) bool { return b.ID == line.Branch })
			if at < 0 {
				continue
			}
			i, list = len(list), append(list, HappeningBranch{Branch: branches[at]})
		}
		list[i].Cases = append(list[i].Cases, line)
	}
	return list
}
