package app

import (
	"context"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// triesOfLibrary bounds test calls and drills: each goes to people's telephones.
var triesOfLibrary = signin.Limit{Name: "test calls of a library", Burst: 20, Every: 3 * time.Minute}

// keepTries is for how many days test calls and drills are kept: the last drill must
// be known for a year.
const keepTries = 2 * 366

// TestCall tells whoever is on duty for a role at a branch that this is a test. It
// goes up no ladder and ends by itself when the time of the role is over.
func (a *App) TestCall(ctx context.Context, who Who, branch people.BranchID, role people.Role) (AlertID, error) {
	return a.try(ctx, who, access.TestAlert, branch, func(rules []notify.Rule) notify.Order {
		ladder := notify.Choose(rules, notify.AnyClass, notify.AnySeverity, role)
		ladder.Rungs = ladder.Rungs[:1]
		ladder.Rungs[0].Repeat = 0
		return notify.Order{Role: role, Purpose: notify.Test, Ladder: ladder}
	})
}

// StartDrill goes once through the library's ladder for all situations, with whoever
// is on duty at a branch, as an alert would.
func (a *App) StartDrill(ctx context.Context, who Who, branch people.BranchID) (AlertID, error) {
	return a.try(ctx, who, access.RunDrill, branch, func(rules []notify.Rule) notify.Order {
		role := people.InCharge
		for _, r := range rules {
			if r.Class == notify.AnyClass && r.Severity == notify.AnySeverity {
				role = r.Rungs[0].Role
			}
		}
		return notify.Order{Role: role, Purpose: notify.Drill, Ladder: notify.Choose(rules, notify.AnyClass, notify.AnySeverity, role)}
	})
}

func (a *App) try(ctx context.Context, who Who, does access.Act, branch people.BranchID, order func([]notify.Rule) notify.Order) (id AlertID, err error) {
	err = a.do(ctx, who, does, who.Library, onBranch(branch), func(ctx context.Context, act *acting) error {
		if err := a.allow(triesOfLibrary, string(act.Tenant())); err != nil {
			return err
		}
		rules, err := a.rulesOf(ctx, act.Tx)
		if err != nil {
			return err
		}
		o := order(rules)
		if o.Ladder.Check() != nil {
			var f fault.Fields
			f.Add("role", "Choose a role that can be on duty.")
			return f.Err()
		}
		f, err := a.beginAlert(ctx, act.Tx, store.Alert{Branch: branch}, nil, o)
		if err != nil {
			return err
		}
		id, act.contents, act.topics = AlertID(f.ID), []byte(f.ID), append(act.topics, f.topics()...)
		_, err = act.SweepAlerts(ctx, f.Day-keepTries)
		return err
	})
	return id, err
}

// LastDrill returns the newest drill of a branch.
func (a *App) LastDrill(ctx context.Context, who Who, branch people.BranchID) (d Drill, err error) {
	err = a.look(ctx, who, access.EditPhoneTree, who.Library, onBranch(branch), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		at, err := tx.Branch(ctx, branch)
		if err != nil {
			return err
		}
		today := notify.DateOf(now.In(zone(at.TimeZone)))
		row, err := tx.LastAlert(ctx, string(notify.Drill), branch)
		if err != nil {
			d.Due = true
			return unlessMissing(err)
		}
		f, err := a.openAlertRow(ctx, tx, row, nil)
		if err != nil {
			return err
		}
		d = Drill{Alert: AlertID(f.ID), At: f.now.OrderedAt(), Over: f.now.IsOver()}
		d.Due = notify.DrillDue(notify.DateOf(d.At.In(zone(at.TimeZone))), today)
		return nil
	})
	return d, err
}
