package app

import (
	"context"
	"slices"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// The duty plan is kept as one text, in the form of package notify, within the
// library. What it needs to know of people (their roles, and by which channels they
// can be reached) stands beside it as the crew: see reach_crew.go. So an alert reads
// all that it needs in one transaction of its library.

// planOf returns the duty plan as it is now, with who can be reached by what, and who
// said that they are in charge. Nobody is in it who has not the role any more.
func (a *App) planOf(ctx context.Context, tx *store.Tx) (*notify.Plan, error) {
	now := a.now()
	p, err := storedPlan(ctx, tx)
	if err != nil {
		return nil, err
	}
	c, err := crewOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := fitBranches(ctx, tx, p); err != nil {
		return nil, err
	}
	p.Shifts = append(c.holding(p, now), c.always(p, now)...)
	duties, err := tx.Duties(ctx, now)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if c.serves(d.Pseudonym, d.Role, d.Branch, now) {
			p.Charges = append(p.Charges, notify.Charge{Person: d.Pseudonym, Role: d.Role, Branch: d.Branch, From: d.From, Until: d.Until})
		}
	}
	p.Reach = c.reach(a.hasChannel)
	return p, nil
}

// storedPlan returns the plan as it was written, empty if it never was.
func storedPlan(ctx context.Context, tx *store.Tx) (*notify.Plan, error) {
	content, err := tx.Plan(ctx, store.PlanDuty)
	if err != nil || content == nil {
		return &notify.Plan{}, err
	}
	p, err := notify.ParsePlan(content)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return p, nil
}

// fitBranches gives a plan the branches that there are now, each with its opening
// hours, and takes out of it what is for others.
func fitBranches(ctx context.Context, tx *store.Tx, p *notify.Plan) error {
	branches, err := tx.Branches(ctx)
	if err != nil {
		return err
	}
	open := map[people.BranchID][]notify.Hours{}
	for _, b := range p.Branches {
		open[b.ID] = b.Open
	}
	p.Branches = nil
	there := map[people.BranchID]bool{"": true}
	for _, b := range branches {
		if b.Closed.IsZero() && len(p.Branches) < notify.MaxBranches {
			p.Branches = append(p.Branches, notify.Branch{ID: b.ID, Zone: zoneName(b.TimeZone), Open: open[b.ID]})
			there[b.ID] = true
		}
	}
	p.Shifts = slices.DeleteFunc(p.Shifts, func(s notify.Shift) bool { return !there[s.Branch] })
	p.Holidays = slices.DeleteFunc(p.Holidays, func(h notify.Holiday) bool { return !there[h.Branch] })
	p.Charges = nil
	return nil
}

// zoneName is the name of a zone that a plan can have.
func zoneName(name string) string {
	if notify.IsZone(name) {
		return name
	}
	return time.UTC.String()
}
