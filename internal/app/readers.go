package app

import (
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/people"
)

// Readers are those who may read the record of a case.
type Readers struct {
	Roles   []people.Role // for what they are, at its branch
	Tasked  []people.Role // others, if they are asked to work on it; Desk stands for everybody
	Authors bool          // also whoever wrote it
}

// readerRoles are the roles that may read some record for what they are.
var readerRoles = []people.Role{people.InCharge, people.Director, people.SafetyLead, people.Counsel}

// readersOf asks the rules who may read a case's record, with nobody in particular in
// mind.
func readersOf(s access.Subject, now time.Time) (r Readers) {
	const somebody people.PersonID = "somebody"
	bare := access.Subject{Kind: access.Case, Library: s.Library, Branch: s.Branch, Class: s.Class, Sealed: s.Sealed, Running: s.Running}
	mayRead := func(role people.Role, on access.Subject) bool {
		who := access.Actor{Person: somebody, Memberships: []people.Membership{{ID: "somebody's", Person: somebody, Library: s.Library, Role: role, From: now}}}
		return access.May(who, access.ReadCase, on, now) == access.Allowed
	}
	for _, role := range readerRoles {
		if mayRead(role, bare) {
			r.Roles = append(r.Roles, role)
		}
	}
	tasked, written := bare, bare
	tasked.Assigned, written.Authors = []people.PersonID{somebody}, []people.PersonID{somebody}
	for _, role := range append([]people.Role{people.Desk}, readerRoles...) {
		if !slices.Contains(r.Roles, role) && !slices.Contains(r.Tasked, people.Desk) && mayRead(role, tasked) {
			r.Tasked = append(r.Tasked, role)
		}
	}
	r.Authors = mayRead(people.Desk, written)
	return r
}
