package app

import (
	"context"
	"slices"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// A library's own ladders are kept; the usual ones stand where it has none. So what
// is taken away comes back as it was shipped.

// ownRules returns the ladders that a library has set.
func ownRules(ctx context.Context, tx *store.Tx) ([]notify.Rule, error) {
	content, err := tx.Plan(ctx, store.PlanLadders)
	if err != nil || content == nil {
		return nil, err
	}
	rules, err := notify.ParseRules(content)
	if err != nil {
		return nil, fault.Broken(err)
	}
	return rules, nil
}

// merged returns a library's ladders with the usual ones where it has none, those for
// every situation first.
func merged(own []notify.Rule) []notify.Rule {
	var list []notify.Rule
	for _, class := range notify.Classes {
		for _, severity := range notify.Severities {
			for _, rules := range [][]notify.Rule{own, notify.Defaults()} {
				if i := findRule(rules, class, severity); i >= 0 {
					list = append(list, rules[i])
					break
				}
			}
		}
	}
	return list
}

func findRule(rules []notify.Rule, class notify.Class, severity notify.Severity) int {
	return slices.IndexFunc(rules, func(r notify.Rule) bool { return r.Class == class && r.Severity == severity })
}

// rulesOf returns the ladders of a library: the usual ones where it has set none.
func (a *App) rulesOf(ctx context.Context, tx *store.Tx) ([]notify.Rule, error) {
	own, err := ownRules(ctx, tx)
	return merged(own), err
}

func (s planState) ladders() (list []PlanLadder) {
	usual := notify.Defaults()
	for _, r := range s.rules {
		list = append(list, PlanLadder{r, findRule(s.own, r.Class, r.Severity) >= 0, findRule(usual, r.Class, r.Severity) >= 0})
	}
	return list
}

// Ladder returns the ladder for a situation as a form begins with it: the library's,
// else the usual one, else the one that would be taken for it. fault.Missing if there
// is no such situation.
func (a *App) Ladder(ctx context.Context, who Who, library people.LibraryID, class notify.Class, severity notify.Severity) (l PlanLadder, err error) {
	if !slices.Contains(notify.Classes, class) || !slices.Contains(notify.Severities, severity) {
		return l, fault.Missing()
	}
	s, err := a.planState(ctx, who, library)
	if err != nil {
		return l, err
	}
	list := s.ladders()
	for _, want := range [][2]string{{string(class), string(severity)}, {string(class), ""}, {"", string(severity)}, {"", ""}} {
		i := slices.IndexFunc(list, func(l PlanLadder) bool { return string(l.Class) == want[0] && string(l.Severity) == want[1] })
		if i < 0 {
			continue
		}
		l = list[i]
		if l.Class != class || l.Severity != severity {
			l.Own, l.Usual = false, false
		}
		l.Class, l.Severity = class, severity
		return l, nil
	}
	return l, fault.Missing()
}

// SetLadder sets the ladder for a situation, in place of what there was. An Invalid
// fault names "pause", and for each rung from 1 "role-1", "minutes-1", "channels-1",
// "repeat-1".
func (a *App) SetLadder(ctx context.Context, who Who, library people.LibraryID, rule notify.Rule) error {
	return a.changeRules(ctx, who, library, func(own []notify.Rule) ([]notify.Rule, error) {
		if err := checkRule(rule); err != nil {
			return nil, err
		}
		own = slices.DeleteFunc(own, func(r notify.Rule) bool { return r.Class == rule.Class && r.Severity == rule.Severity })
		return append(own, rule), nil
	})
}

// DropLadder takes a library's own ladder away. The usual one holds again, if there is
// one.
func (a *App) DropLadder(ctx context.Context, who Who, library people.LibraryID, class notify.Class, severity notify.Severity) error {
	return a.changeRules(ctx, who, library, func(own []notify.Rule) ([]notify.Rule, error) {
		i := findRule(own, class, severity)
		if i < 0 {
			return nil, fault.Over("This one is as it was at first already.", "Look at the page again.")
		}
		return slices.Delete(own, i, i+1), nil
	})
}

func (a *App) changeRules(ctx context.Context, who Who, library people.LibraryID, change func([]notify.Rule) ([]notify.Rule, error)) error {
	return a.do(ctx, who, access.EditPhoneTree, library, onTree(""), func(ctx context.Context, act *acting) error {
		act.topics = []string{topicPlaces}
		own, err := ownRules(ctx, act.Tx)
		if err != nil {
			return err
		}
		if own, err = change(own); err != nil {
			return err
		}
		if len(own) == 0 {
			return act.DropPlan(ctx, store.PlanLadders)
		}
		content, err := notify.EncodeRules(own)
		if err != nil {
			return err
		}
		return act.PutPlan(ctx, store.PlanLadders, content)
	})
}

// checkRule checks one ladder, under the names of its form.
func checkRule(rule notify.Rule) error {
	return renamed(notify.CheckRules([]notify.Rule{rule}), func(name string) string {
		return rungName(name, "ladders.0.")
	})
}
