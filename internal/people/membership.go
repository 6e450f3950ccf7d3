package people

import (
	"slices"
	"time"

	"roundtable/internal/fault"
)

// Membership is one role of one person at one library, from one time to
// another. A person has as many as needed, at as many libraries as needed.
type Membership struct {
	ID      MembershipID
	Person  PersonID
	Library LibraryID // or Installation
	Branch  BranchID  // "" for all branches and the library as a whole
	Role    Role
	Outside bool // does not work here: counsel from outside
	From    time.Time
	Until   time.Time // it ends then; zero while no end is set
}

// MaxOutside is the longest time for which somebody from outside is let in at
// once. It can be given again.
const MaxOutside = 366 * 24 * time.Hour

// Holds reports whether the membership is in force at that time. One that is
// not whole is never in force.
func (m Membership) Holds(at time.Time) bool {
	return m.Check() == nil && !at.Before(m.From) && (m.Until.IsZero() || at.Before(m.Until))
}

// Covers reports whether the membership reaches what belongs to the branch; ""
// is the library as a whole, which only a membership without a branch reaches.
func (m Membership) Covers(library LibraryID, branch BranchID) bool {
	return m.Library == library && (m.Branch == "" || m.Branch == branch)
}

// Check returns an Invalid fault for what has to be mended, or nil.
func (m Membership) Check() error {
	var f fault.Fields
	if m.Person == "" {
		f.Add("person", "Choose a person.")
	}
	if m.Library == "" {
		f.Add("library", "Choose a library.")
	}
	m.checkRole(&f)
	m.checkTime(&f)
	return f.Err()
}

func (m Membership) checkRole(f *fault.Fields) {
	switch {
	case !m.Role.IsRole():
		f.Add("role", "Choose a role.")
	case m.Library == Installation && m.Role != Admin && m.Role != Auditor:
		f.Add("role", "The installation has admins and auditors only. Choose a library for this role.")
	case m.Library == Installation && m.Branch != "":
		f.Add("branch", "The installation has no branches.")
	case m.Branch != "" && m.Role.wide():
		f.Add("branch", "This role is for the library as a whole. Leave the branch open.")
	case m.Outside && m.Role != Counsel:
		f.Add("role", "Somebody from outside can only be counsel.")
	}
}

// wide reports whether the role makes sense for the library as a whole only.
func (r Role) wide() bool { return r == Auditor || r == Board || r == Admin }

func (m Membership) checkTime(f *fault.Fields) {
	switch {
	case m.From.IsZero():
		f.Add("from", "Say from when.")
	case !m.Until.IsZero() && !m.Until.After(m.From):
		f.Add("until", "The end has to be after the beginning.")
	case m.Outside && m.Until.IsZero():
		f.Add("until", "Say until when: somebody from outside is let in for a time only.")
	case m.Outside && m.Until.Sub(m.From) > MaxOutside:
		f.Add("until", "Choose an end within a year. It can be given again then.")
	}
}

// End returns the membership as it is when it ends at that time. What has ended
// already, or was to end sooner, stays as it is; what has not begun never does.
func (m Membership) End(at time.Time) Membership {
	if m.Until.IsZero() || at.Before(m.Until) {
		m.Until = at
	}
	return m
}

// CheckTogether returns a Refused fault when one person's memberships do not go
// together: an auditor who also acts would read the log of what they did
// themselves. It looks at memberships that are in force at that time or later.
func CheckTogether(all []Membership, at time.Time) error {
	for _, a := range all {
		for _, b := range all {
			if a.Role == Auditor && b.Role != Auditor && a.Person == b.Person && a.Library == b.Library && overlap(a, b, at) {
				return fault.Refuse("An auditor has no other role at the same library: they would check themselves.",
					"End the other role first, or choose somebody else.")
			}
		}
	}
	return nil
}

// overlap reports whether there is a time, now or later, at which both hold.
func overlap(a, b Membership, at time.Time) bool {
	if a.Check() != nil || b.Check() != nil {
		return false
	}
	start := slices.MaxFunc([]time.Time{a.From, b.From, at}, time.Time.Compare)
	return a.Holds(start) && b.Holds(start)
}

// CheckEnough returns a Refused fault when a library would be left without a
// director or without an admin, so that nobody could mend it from inside. Those
// are counted who are so for the whole library, with no end set.
func CheckEnough(all []Membership, library LibraryID, at time.Time) error {
	for _, need := range []Role{Director, Admin} {
		if library == Installation && need == Director {
			continue
		}
		if !slices.ContainsFunc(all, func(m Membership) bool {
			return m.Role == need && m.Until.IsZero() && m.Covers(library, "") && m.Holds(at)
		}) {
			return fault.Refuse("Then nobody would be "+need.Titled()+" here any more.",
				"Give that role to somebody else first.")
		}
	}
	return nil
}
