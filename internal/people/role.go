package people

import "slices"

// Role is what a person is at a library or at one of its branches. Author,
// assigned and owner are relations to a case and no roles: see package access.
type Role string

// The roles. A supervisor is InCharge.
const (
	Desk        Role = "desk"         // serves the public
	InCharge    Role = "in_charge"    // is in charge of a branch while on duty
	Director    Role = "director"     // answers for the library
	Counsel     Role = "counsel"      // the library's lawyer, often from outside
	SafetyLead  Role = "safety_lead"  // reads suspected-abuse records
	Trainer     Role = "trainer"      // runs practice and workshops
	RoomOfficer Role = "room_officer" // looks after the meeting rooms
	Auditor     Role = "auditor"      // reads logs, and nothing else
	Board       Role = "board"        // sees numbers, and nothing else
	Admin       Role = "admin"        // looks after accounts, devices and the server, and sees no case
)

// Roles lists every role.
var Roles = []Role{Desk, InCharge, Director, Counsel, SafetyLead, Trainer, RoomOfficer, Auditor, Board, Admin}

// IsRole reports whether r is one of Roles.
func (r Role) IsRole() bool { return slices.Contains(Roles, r) }

// String returns the role as playbooks write it.
func (r Role) String() string { return string(r) }

// Trusted reports whether the role opens cases that others wrote. Only a
// director gives such a role, so that whoever looks after accounts cannot make
// a reader of cases.
func (r Role) Trusted() bool {
	return r == InCharge || r == Director || r == Counsel || r == SafetyLead
}

// Titled returns how to call whoever has the role, in a sentence.
func (r Role) Titled() string {
	switch r {
	case Desk:
		return "the desk"
	case InCharge:
		return "the person in charge"
	case Director:
		return "the director"
	case Counsel:
		return "the library's lawyer"
	case SafetyLead:
		return "the safety lead"
	case Trainer:
		return "the trainer"
	case RoomOfficer:
		return "the room officer"
	case Auditor:
		return "the auditor"
	case Board:
		return "the board"
	case Admin:
		return "the admin"
	}
	return "nobody"
}
