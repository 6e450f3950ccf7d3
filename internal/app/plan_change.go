package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// ShiftForm is what is typed about who is on duty week by week.
type ShiftForm struct {
	Person people.PersonID
	Role   people.Role
	Branch people.BranchID // "" for all branches
	Hours  notify.Hours
	First  notify.Date // zero for ever since
	Last   notify.Date // zero for ever
	Order  int         // who is named first among several: 0 before 1
}

// HolidayForm is what is typed about a holiday.
type HolidayForm = notify.Holiday

// AwayForm is what is typed about when somebody is away. A Person of "" is whoever
// types it.
type AwayForm struct {
	Person      people.PersonID
	From, Until time.Time
}

// changePlan changes what is written in the plan, for an act on the phone tree of a
// branch. Times away that are over are left out on the way.
func (a *App) changePlan(ctx context.Context, who Who, act access.Act, library people.LibraryID, find finder, change func(*notify.Plan, time.Time) error) error {
	return a.do(ctx, who, act, library, find, func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		p, err := storedPlan(ctx, act.Tx)
		if err != nil {
			return err
		}
		if err := fitBranches(ctx, act.Tx, p); err != nil {
			return err
		}
		p.Away = slices.DeleteFunc(p.Away, func(w notify.Away) bool { return !w.Until.After(act.now) })
		if err := change(p, act.now); err != nil {
			return err
		}
		content, err := notify.EncodePlan(p)
		if err != nil {
			return err
		}
		return act.PutPlan(ctx, store.PlanDuty, content)
	})
}

// addTo adds an item to a list of a plan, if the plan is right with it. Problems with
// the item are named by the fields of its form.
func addTo[T any](p *notify.Plan, list *[]T, item T, name string) error {
	id := planID(item)
	if slices.ContainsFunc(*list, func(known T) bool { return planID(known) == id }) {
		return fault.Clash("This is written down already.", "Look at the list.")
	}
	*list = append(*list, item)
	at := fmt.Sprintf("%s.%d.", name, len(*list)-1)
	return renamed(p.Check(), func(field string) string {
		if field == name {
			return ""
		}
		return strings.TrimPrefix(field, at)
	})
}

// removeFrom takes the item with an id out of a list.
func removeFrom[T any](list *[]T, id string) error {
	i := slices.IndexFunc(*list, func(item T) bool { return planID(item) == id })
	if i < 0 {
		return fault.Over("This was taken away already.", "Look at the page again.")
	}
	*list = slices.Delete(*list, i, i+1)
	return nil
}

// renamed gives the fields of an Invalid fault the names that its form has. What has
// no field there ("") is told about the whole.
func renamed(err error, name func(string) string) error {
	if err == nil || fault.KindOf(err) != fault.Invalid {
		return err
	}
	var f fault.Fields
	for _, problem := range fault.FieldsOf(err) {
		to := name(problem.Name)
		if to == "" {
			return fault.Refuse(problem.Message, "Then try again.")
		}
		f.Add(to, problem.Message)
	}
	return f.Err()
}

// rungName is the name that a field of a ladder has in its form: "rungs.0.role" is
// "role-1".
func rungName(field, prefix string) string {
	field = strings.TrimPrefix(field, prefix)
	rest, ok := strings.CutPrefix(field, "rungs.")
	if !ok {
		if field == "rungs" {
			return "role-1"
		}
		return field
	}
	number, name, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return field
	}
	return fmt.Sprintf("%s-%d", name, n+1)
}

// AddShift says that somebody is on duty week by week. An Invalid fault is about
// "person", "role", "branch", "days", "from", "to", "first", "last", "order".
func (a *App) AddShift(ctx context.Context, who Who, library people.LibraryID, form ShiftForm) error {
	name, mayServe, err := a.serverOf(ctx, library, form)
	if err != nil {
		return err
	}
	return a.changePlan(ctx, who, access.EditPhoneTree, library, onTree(form.Branch), func(p *notify.Plan, _ time.Time) error {
		s := notify.Shift{Person: name, Role: form.Role, Branch: form.Branch, Hours: form.Hours, First: form.First, Last: form.Last, Order: form.Order}
		err := addTo(p, &p.Shifts, s, "shifts")
		if form.Person == "" || mayServe || err != nil && fault.KindOf(err) != fault.Invalid {
			return err
		}
		var f fault.Fields
		f.Add("person", "Choose somebody who has this role here. You give roles on the page of people.")
		return mergeFields(formPart{"", withoutField(err, "person")}, formPart{"", f.Err()})
	})
}

// withoutField leaves out what is wrong with one field.
func withoutField(err error, name string) error {
	var f fault.Fields
	for _, problem := range fault.FieldsOf(err) {
		if problem.Name != name {
			f.Add(problem.Name, problem.Message)
		}
	}
	return f.Err()
}

// serverOf returns under which name somebody stands at a library, and whether they
// have, or will have, the role that a shift is for.
func (a *App) serverOf(ctx context.Context, library people.LibraryID, form ShiftForm) (name people.Pseudonym, mayServe bool, err error) {
	if form.Person == "" {
		return "", false, nil
	}
	now := a.now()
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		all, err := tx.MembershipsOf(ctx, form.Person)
		if err != nil {
			return err
		}
		mayServe = slices.ContainsFunc(all, func(m people.Membership) bool {
			return m.Library == library && !isPast(m, now) && crewRole{Role: m.Role, Branch: m.Branch}.covers(form.Role, form.Branch)
		})
		if !slices.ContainsFunc(all, func(m people.Membership) bool { return m.Library == library }) {
			return nil
		}
		name, err = a.pseudonym(ctx, tx, form.Person, library)
		return err
	})
	return name, mayServe, unlessMissing(err) // a text that is no id is nobody's
}

// RemoveShift takes a shift out of the plan.
func (a *App) RemoveShift(ctx context.Context, who Who, library people.LibraryID, id string) error {
	find := onPlanned(func(p *notify.Plan) []notify.Shift { return p.Shifts }, id, func(s notify.Shift) people.BranchID { return s.Branch })
	return a.changePlan(ctx, who, access.EditPhoneTree, library, find, func(p *notify.Plan, _ time.Time) error {
		return removeFrom(&p.Shifts, id)
	})
}

// onPlanned finds the phone tree of the branch that an item of the plan is for. Of an
// item that is not there, that of all branches: who may not change that is told so, and
// others that it was taken away already.
func onPlanned[T any](list func(*notify.Plan) []T, id string, branch func(T) people.BranchID) finder {
	return func(ctx context.Context, tx *store.Tx) (target, error) {
		p, err := storedPlan(ctx, tx)
		if err != nil {
			return target{}, err
		}
		if err := fitBranches(ctx, tx, p); err != nil {
			return target{}, err
		}
		for _, item := range list(p) {
			if planID(item) == id {
				return onTree(branch(item))(ctx, tx)
			}
		}
		return onTree("")(ctx, tx)
	}
}

// AddOpening adds hours during which a branch is staffed. An Invalid fault is about
// "days", "from", "to".
func (a *App) AddOpening(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID, hours notify.Hours) error {
	return a.changeOpening(ctx, who, library, branch, func(p *notify.Plan, open *[]notify.Hours, at string) error {
		return addTo(p, open, hours, at+".open")
	})
}

// RemoveOpening takes hours of a branch away. Without any it counts as staffed always.
func (a *App) RemoveOpening(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID, id string) error {
	return a.changeOpening(ctx, who, library, branch, func(_ *notify.Plan, open *[]notify.Hours, _ string) error {
		return removeFrom(open, id)
	})
}

func (a *App) changeOpening(ctx context.Context, who Who, library people.LibraryID, branch people.BranchID, change func(p *notify.Plan, open *[]notify.Hours, at string) error) error {
	return a.changePlan(ctx, who, access.EditPhoneTree, library, onBranch(branch), func(p *notify.Plan, _ time.Time) error {
		i := slices.IndexFunc(p.Branches, func(b notify.Branch) bool { return b.ID == branch })
		if i < 0 {
			return fault.Over("This branch is closed.", "Look at the list of branches.")
		}
		return change(p, &p.Branches[i].Open, fmt.Sprintf("branches.%d", i))
	})
}

// AddHoliday adds a holiday. An Invalid fault is about "name", "branch", "date",
// "day", "nth".
func (a *App) AddHoliday(ctx context.Context, who Who, library people.LibraryID, form HolidayForm) error {
	form.Name = strings.TrimSpace(form.Name)
	return a.changePlan(ctx, who, access.EditPhoneTree, library, onTree(form.Branch), func(p *notify.Plan, _ time.Time) error {
		return addTo(p, &p.Holidays, form, "holidays")
	})
}

// RemoveHoliday takes a holiday out of the plan.
func (a *App) RemoveHoliday(ctx context.Context, who Who, library people.LibraryID, id string) error {
	find := onPlanned(func(p *notify.Plan) []notify.Holiday { return p.Holidays }, id, func(h notify.Holiday) people.BranchID { return h.Branch })
	return a.changePlan(ctx, who, access.EditPhoneTree, library, find, func(p *notify.Plan, _ time.Time) error {
		return removeFrom(&p.Holidays, id)
	})
}

// onOwn finds whoever asks, within a library's transaction.
func onOwn(who Who, library people.LibraryID) finder {
	return func(context.Context, *store.Tx) (target, error) {
		if who.Person == "" || who.Pseudonym == "" || who.Library != library {
			return target{}, signInFirst()
		}
		return target{subject: access.Subject{Kind: access.Person, Library: library, Account: who.Person, Class: access.Plain}, object: string(who.Pseudonym)}, nil
	}
}

// maxAwayFor is the longest time away that is written down at once.
const maxAwayFor = 2 * 366 * 24 * time.Hour

// AddAway says that somebody is not to be reached for a time: whoever asks says so of
// themselves; of others, whoever may change the phone tree of all branches. An Invalid
// fault is about "person", "from", "until".
func (a *App) AddAway(ctx context.Context, who Who, library people.LibraryID, form AwayForm) error {
	name, act, find := who.Pseudonym, access.SubscribeAlerts, onOwn(who, library)
	if form.Person != "" && form.Person != who.Person {
		act, find = access.EditPhoneTree, onTree("")
		var err error
		if name, _, err = a.serverOf(ctx, library, ShiftForm{Person: form.Person}); err != nil {
			return err
		}
	}
	return a.changePlan(ctx, who, act, library, find, func(p *notify.Plan, now time.Time) error {
		w := notify.Away{Person: name, From: form.From.UTC().Truncate(time.Millisecond), Until: form.Until.UTC().Truncate(time.Millisecond)}
		if !w.Until.IsZero() && (!w.Until.After(now) || w.Until.Sub(w.From) > maxAwayFor) {
			var f fault.Fields
			f.Add("until", "Choose an end that is still to come, within two years.")
			return f.Err()
		}
		return addTo(p, &p.Away, w, "away")
	})
}

// RemoveAway takes a time away out of the plan: one's own, or anybody's for whoever may
// change the phone tree of all branches.
func (a *App) RemoveAway(ctx context.Context, who Who, library people.LibraryID, id string) error {
	act, find := access.EditPhoneTree, onTree("")
	own, err := a.isOwnAway(ctx, who, library, id)
	if err != nil {
		return err
	}
	if own {
		act, find = access.SubscribeAlerts, onOwn(who, library)
	}
	return a.changePlan(ctx, who, act, library, find, func(p *notify.Plan, _ time.Time) error {
		return removeFrom(&p.Away, id)
	})
}

// isOwnAway reports whether a time away is that of whoever asks.
func (a *App) isOwnAway(ctx context.Context, who Who, library people.LibraryID, id string) (own bool, err error) {
	if err := who.enters(library); err != nil {
		return false, err
	}
	if who.Library != library || who.Pseudonym == "" {
		return false, nil
	}
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		p, err := storedPlan(ctx, tx)
		if err != nil {
			return err
		}
		own = slices.ContainsFunc(p.Away, func(w notify.Away) bool { return planID(w) == id && w.Person == who.Pseudonym })
		return nil
	})
	return own, err
}
