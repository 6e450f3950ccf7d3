// Package access decides who may do what: May(actor, act, subject, at). There is
// one table (table.go), which the code runs on and the tests read; what it does
// not allow is denied.
//
// The package decides from values. It fetches nothing, keeps nothing and writes
// nothing: the caller (package app, at its one gate) says who acts and what the
// subject is, and records the answer. What a case's state allows is the rule of
// its own room: access lets a director close a case that is closed already.
//
// A denied act has two answers. Whoever may know of the subject is refused and
// told who can do it. To everybody else the subject is not there, in the same
// words as an id that never was: a sealed case, another library's case and a
// random id cannot be told apart.
package access

import (
	"slices"
	"time"

	"roundtable/internal/people"
)

// Actor is who acts. The zero Actor is a stranger.
type Actor struct {
	// Person is who is signed in, "" if nobody is, or if the session is locked.
	Person people.PersonID
	// Memberships are those of Person. Others, and those that are not in force,
	// count for nothing.
	Memberships []people.Membership
	// Device is the enrolled device at which this happens, nil if it is none.
	Device *people.Device
}

// Subject is what an act is done to, and who is tied to it. What a kind does not
// have stays zero.
type Subject struct {
	Kind    Kind
	Library people.LibraryID // or people.Installation
	Branch  people.BranchID  // "" for the library as a whole
	Class   Class
	Sealed  bool

	// Of a case. Running says whether its walk goes on: only then do Walkers and
	// Told count, and is a device of Devices more than a place where it once was.
	Running  bool
	Walkers  []people.PersonID // who have the walk in hand
	Devices  []people.DeviceID // the devices on which it runs, or ran last
	Past     []people.DeviceID // the devices from which it was handed over
	Told     []people.PersonID // whom it has alerted
	Assigned []people.PersonID
	Owner    people.PersonID

	// Of a case or a note.
	Authors []people.PersonID

	Account  people.PersonID // of a person: whose account or role it is
	Device   people.DeviceID // of a device
	Bearer   bool            // the actor has shown a valid code for this very thing
	Proposer people.PersonID // who asked for what this act would confirm
}

// Decision is the answer to an act.
type Decision uint8

// The decisions. The zero Decision gives nothing away.
const (
	Hidden  Decision = iota // to this actor the subject is not there
	Refused                 // the actor may know of it, and may not do that
	Allowed
)

// String returns the decision's name.
func (d Decision) String() string { return name([]string{"hidden", "refused", "allowed"}, int(d)) }

// May decides whether the actor may do the act to the subject at that time.
func May(who Actor, act Act, on Subject, at time.Time) Decision {
	return table.may(who, act, on, at)
}

func (t *compiled) may(who Actor, act Act, on Subject, at time.Time) Decision {
	entry, ok := t.acts[act]
	if !ok || entry.kind != on.Kind {
		return Hidden
	}
	column, ok := columnOf(on)
	if !ok {
		return Hidden
	}
	if entry.allows(column, who, on, at) {
		return Allowed
	}
	if k := t.acts[known[on.Kind]]; k != nil && k.allows(column, who, on, at) {
		return Refused
	}
	return Hidden
}

// columnOf returns the variant of the subject. A subject that cannot be has none,
// and nobody may do anything to it. Suspected abuse is sealed whether or not the
// caller says so.
func columnOf(s Subject) (int, bool) {
	v := variant{s.Class, s.Sealed || s.Class == Abuse}
	i := slices.Index(variants, v)
	return i, i >= 0 && s.Kind.variants().has(i)
}

// allows reports whether any of the actor's standings allows the act.
func (e *entry) allows(column int, who Actor, on Subject, at time.Time) bool {
	tie := tiesOf(who, on, at)
	if e.second && who.Person != "" && who.Person == on.Proposer {
		tie = tied(Proposer)
	}
	if e.cell(column, Stranger).meet(tie, true) {
		return true
	}
	if d := deviceIn(who, on.Library, at); d != nil {
		here := e.kind == Shared || d.Branch == on.Branch
		if e.cell(column, AtDevice).meet(tie, here) {
			return true
		}
	}
	if who.Person == "" {
		return false
	}
	if e.cell(column, Member).meet(tie, true) {
		return true
	}
	for _, m := range who.Memberships {
		s, ok := standingOf(m.Role)
		if !ok || m.Person != who.Person || m.Library != on.Library || !m.Holds(at) {
			continue
		}
		here := e.kind == Shared || m.Covers(on.Library, on.Branch)
		if e.cell(column, s).meet(tie, here) {
			return true
		}
	}
	return false
}

// meet reports whether a cell allows any of the ties. A role at another branch
// is not here: it counts with the relations that the cell names, and not with None.
func (cell relationSet) meet(ties relationSet, here bool) bool {
	if !here {
		ties &^= tied(None)
	}
	return cell&ties != 0
}

// tiesOf returns the relations that the actor has to the subject. None is always
// one of them, unless Self stands in for all.
func tiesOf(who Actor, on Subject, at time.Time) relationSet {
	p := who.Person
	d := deviceIn(who, on.Library, at)
	if on.Kind == Person && p != "" && p == on.Account || on.Kind == Device && d != nil && d.ID == on.Device {
		return tied(Self)
	}
	ties := tied(None)
	add := func(r Relation, is bool) {
		if is {
			ties |= tied(r)
		}
	}
	add(Bearer, on.Bearer)
	if on.Kind == Case || on.Kind == Note {
		add(Author, p != "" && slices.Contains(on.Authors, p))
	}
	if on.Kind != Case {
		return ties
	}
	add(Walker, on.Running && p != "" && slices.Contains(on.Walkers, p))
	add(Told, on.Running && p != "" && slices.Contains(on.Told, p))
	add(Assigned, p != "" && slices.Contains(on.Assigned, p))
	add(Owner, p != "" && p == on.Owner)
	if d != nil {
		runs := slices.Contains(on.Devices, d.ID)
		add(OwnDevice, on.Running && runs)
		add(PastDevice, !on.Running && runs || slices.Contains(on.Past, d.ID))
	}
	return ties
}

// deviceIn returns the device at which the actor stands, if it is enrolled at
// that library at that time.
func deviceIn(who Actor, library people.LibraryID, at time.Time) *people.Device {
	if d := who.Device; d != nil && d.Library == library && d.Works(at) {
		return d
	}
	return nil
}
