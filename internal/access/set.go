package access

import (
	"strings"

	"roundtable/internal/people"
)

// Kind says what an act is done to.
type Kind uint8

// The kinds of subject.
const (
	Nowhere      Kind = iota
	Installation      // the server as a whole
	Library           // what belongs to a library as a whole
	Shared            // what all branches of a library share: a role at any of them counts
	Branch            // what belongs to one branch
	Case              // a walk and its record
	Note              // a note for counsel
	Person            // an account, or a role of a person
	Device            // an enrolled device
)

var kindNames = [...]string{"nowhere", "installation", "library", "shared", "branch", "case", "note", "person", "device"}

// String returns the kind's name.
func (k Kind) String() string { return name(kindNames[:], int(k)) }

// Class sorts subjects of one kind. A case has its class of record, which stays
// or rises and never falls; an account or a role is Plain or Trusted.
type Class uint8

// The classes. Anything is the class of every other kind.
const (
	Anything  Class = iota
	Incident        // of a case: the usual one
	Abuse           // of a case: suspected abuse; always sealed
	Demand          // of a case: somebody demands records
	Conduct         // of a case: exclusion and appeal
	Practice        // of a case: nothing is kept
	Plain           // of a person: opens no case that others wrote
	Trusted         // of a person: does
	Elsewhere       // of a person: has a role, or an invitation, at another library as well
)

var classNames = [...]string{"anything", "incident", "abuse", "demand", "conduct", "none", "plain", "trusted", "elsewhere"}

// String returns the class as playbooks write it in `record:`.
func (c Class) String() string { return name(classNames[:], int(c)) }

// ClassOf returns the class that a playbook's `record:` names. What it does not
// know is Anything, which no case is: nobody sees it.
func ClassOf(record string) Class {
	for c := Incident; c <= Practice; c++ {
		if c.String() == record {
			return c
		}
	}
	return Anything
}

// ClassOfRole returns the class of an act on that role, or on an account that
// has it.
func ClassOfRole(r people.Role) Class {
	if r.Trusted() {
		return Trusted
	}
	return Plain
}

// Standing is what somebody acts as. One actor can stand in several: a signed-in
// person at an enrolled device is a member, has roles, and has what the device
// may.
type Standing uint8

// The standings. Each role of package people is one.
const (
	Stranger Standing = iota // anybody at all
	AtDevice                 // whoever stands at an enrolled device, signed in or not
	Member                   // whoever is signed in
	Desk
	InCharge
	Director
	Counsel
	SafetyLead
	Trainer
	RoomOfficer
	Auditor
	Board
	Admin
	standings // how many there are
)

// String returns the standing's name; of a role, the role's.
func (s Standing) String() string {
	if r := s.role(); r != "" {
		return r.String()
	}
	return name([]string{"stranger", "device", "member"}, int(s))
}

func (s Standing) role() people.Role {
	if s >= Desk && s < standings {
		return people.Roles[s-Desk]
	}
	return ""
}

func standingOf(r people.Role) (Standing, bool) {
	for i, role := range people.Roles {
		if role == r {
			return Desk + Standing(i), true
		}
	}
	return 0, false
}

// Relation is what ties the actor to the subject.
type Relation uint8

// The relations. Proposer and Self take the place of all others: who asked for
// something is not the second person that it takes, and one's own account is not
// the account of somebody one looks after.
const (
	None       Relation = iota
	Walker              // has the running walk in hand
	Author              // wrote in it
	Assigned            // was asked to work on it
	Owner               // answers for it
	Told                // was alerted by the walk, which still runs
	OwnDevice           // stands at the device on which the walk runs
	PastDevice          // stands at the device on which it ran; it has ended or was handed over
	Bearer              // shows a valid code for this very thing
	Self                // it is their own account, or the device itself
	Proposer            // asked for what this act would confirm; no other act knows it
	relations           // how many there are
)

var relationNames = [...]string{"none", "walker", "author", "assigned", "owner", "told", "own device", "past device", "bearer", "self", "proposer"}

// String returns the relation's name.
func (r Relation) String() string { return name(relationNames[:], int(r)) }

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// The sets below make the table short. A set's members are bits.
type (
	standingSet uint16
	relationSet uint16
	variantSet  uint16
)

func setOf(list ...Standing) (set standingSet) {
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

func (s standingSet) has(x Standing) bool { return s>>x&1 == 1 }

func tied(list ...Relation) (set relationSet) {
	for _, r := range list {
		set |= 1 << r
	}
	return set
}

func (s relationSet) has(r Relation) bool { return s>>r&1 == 1 }

func (s relationSet) String() string {
	var list []string
	for r := range relations {
		if s.has(r) {
			list = append(list, r.String())
		}
	}
	return strings.Join(list, ", ")
}

// variant is a class together with sealed or not: a column of the table.
type variant struct {
	class  Class
	sealed bool
}

func (v variant) String() string {
	switch {
	case v.class == Anything:
		return "-"
	case v.sealed:
		return v.class.String() + " sealed"
	}
	return v.class.String()
}

// variants lists each column that there is. The existence of suspected abuse is
// always sealed, and practice has nothing to seal.
var variants = []variant{
	{Anything, false},
	{Incident, false}, {Incident, true}, {Abuse, true}, {Demand, false}, {Demand, true},
	{Conduct, false}, {Conduct, true}, {Practice, false},
	{Plain, false}, {Trusted, false}, {Elsewhere, false},
}

const (
	whatever variantSet = 1 << iota
	incident
	incidentSealed
	abuse
	demand
	demandSealed
	conduct
	conductSealed
	practice
	plain
	trusted
	elsewhere
)

func (v variantSet) has(i int) bool { return v>>i&1 == 1 }

// variants returns the variants that subjects of a kind have.
func (k Kind) variants() variantSet {
	switch k {
	case Nowhere:
		return 0
	case Case:
		return incident | incidentSealed | abuse | demand | demandSealed | conduct | conductSealed | practice
	case Person:
		return plain | trusted | elsewhere
	}
	return whatever
}

// possible returns the relations that somebody of a standing can have to a
// subject of a kind, but for Proposer, which belongs to a few acts only.
func possible(k Kind, s Standing) relationSet {
	signedIn := s >= Member
	switch {
	case k == Nowhere,
		k == Installation && s > Member && s != Auditor && s != Admin,
		(k == Installation || k == Library) && s == AtDevice:
		return 0
	case k == Case && signedIn:
		return tied(None, Walker, Author, Assigned, Owner, Told, OwnDevice, PastDevice, Bearer)
	case k == Case && s == AtDevice:
		return tied(None, OwnDevice, PastDevice, Bearer)
	case k == Note && signedIn:
		return tied(None, Author)
	case k == Note:
		return tied(None)
	case k == Person && signedIn:
		return tied(None, Self, Bearer)
	case k == Device && s == AtDevice:
		return tied(None, Self, Bearer)
	case k == Case, k == Person, k == Device:
		return tied(None, Bearer)
	}
	return tied(None, Bearer)
}
