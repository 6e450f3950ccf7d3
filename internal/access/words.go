package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/fault"
)

// Check is May as an error: nil, a Refused fault that says who can do it, or
// NotFound. The cause, for logs, names the act and nothing of the subject.
func Check(who Actor, act Act, on Subject, at time.Time) error {
	switch May(who, act, on, at) {
	case Allowed:
		return nil
	case Refused:
		return refusal(who, act, on).Because(fmt.Errorf("%s is not allowed", act))
	}
	return fault.Missing().Because(fmt.Errorf("%s is hidden", act))
}

// refusal is told only to those who may know of the subject, so it may say who
// else has to do with it, by role.
func refusal(who Actor, act Act, on Subject) *fault.Error {
	e := table.acts[act]
	what := "You may not " + e.does + "."
	if who.Person == "" {
		return fault.Refuse(what, "Sign in first.")
	}
	if e.second && who.Person == on.Proposer {
		return fault.Refuse("You asked for this yourself. It takes a second person.", askWhom(e, on))
	}
	if on.Kind == Person && who.Person == on.Account {
		return fault.Refuse(strings.TrimSuffix(what, ".")+" for yourself.", askWhom(e, on))
	}
	return fault.Refuse(what, askWhom(e, on))
}

// askWhom is a sentence that says who may.
func askWhom(e *entry, on Subject) string {
	column, _ := columnOf(on) // who is refused has a subject that can be
	var names []string
	for s := Desk; s < standings; s++ {
		if e.cell(column, s).has(None) {
			names = append(names, s.role().Titled())
		}
	}
	for _, r := range relationWords {
		if slices.ContainsFunc(e.cells[column][:], func(c relationSet) bool { return c.has(r.relation) && !c.has(None) }) {
			names = append(names, r.words)
		}
	}
	switch n := len(names); n {
	case 0:
		return "Nobody can do it from here."
	case 1:
		return "Ask " + names[0] + "."
	default:
		return "Ask " + strings.Join(names[:n-1], ", ") + " or " + names[n-1] + "."
	}
}

// relationWords says how to call whoever has a relation. Told, PastDevice and
// Proposer are left out: they help nobody to find somebody.
var relationWords = []struct {
	relation Relation
	words    string
}{
	{Owner, "whoever answers for it"},
	{Assigned, "whoever was asked to work on it"},
	{Walker, "whoever has the walk in hand"},
	{Author, "whoever wrote it"},
	{OwnDevice, "whoever is at the desk where it runs"},
	{Self, "the person whose account it is"},
	{Bearer, "whoever can give you a code"},
}
