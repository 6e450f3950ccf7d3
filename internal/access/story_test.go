package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// as is somebody with roles at a branch.
func as(branch people.BranchID, roles ...people.Role) Actor {
	a := Actor{Person: ana}
	for _, r := range roles {
		a.Memberships = append(a.Memberships, membership(ana, lib, branch, r))
	}
	return a
}

// at puts the actor in front of the desk's device.
func (a Actor) at(branch people.BranchID) Actor {
	a.Device = &people.Device{ID: "device", Library: lib, Branch: branch, Enrolled: noon.Add(-time.Hour)}
	return a
}

// aCase is a case at the branch here, with ties to ana or the device.
func aCase(c Class, sealed bool, ties ...Relation) Subject {
	s := Subject{Kind: Case, Library: lib, Branch: here, Class: c, Sealed: sealed}
	for _, r := range ties {
		s = tie(s, r)
	}
	return s
}

// TestStories tells, in plain rows, what people meet.
func TestStories(t *testing.T) {
	shelf := Subject{Kind: Branch, Library: lib, Branch: here}
	other := func(s Subject) Subject { s.Library = "another library"; return s }
	revoked := Actor{}.at(here)
	revoked.Device.Revoked = noon
	late := as(here, people.Director)
	late.Memberships[0].Until = noon
	borrowed := as(here, people.Director)
	borrowed.Person = ben
	outside := as("", people.Counsel)
	outside.Memberships[0].Outside, outside.Memberships[0].Until = true, noon.Add(time.Hour)
	forever := as("", people.Counsel)
	forever.Memberships[0].Outside = true
	ofRole := func(c Class, account people.PersonID) Subject {
		return Subject{Kind: Person, Library: lib, Class: c, Account: account}
	}
	asked := aCase(Incident, false)
	asked.Proposer = ana

	for _, c := range []struct {
		story string
		who   Actor
		act   Act
		on    Subject
		want  Decision
	}{
		{"whoever stands at the desk starts a playbook", Actor{}.at(here), StartWalk, shelf, Allowed},
		{"the desk of another branch does not", Actor{}.at(there), StartWalk, shelf, Refused},
		{"nobody does on a device that is not enrolled", Actor{}, StartWalk, shelf, Hidden},
		{"nor on one that was lost", revoked, StartWalk, shelf, Hidden},
		{"an admin who is signed in at the desk when officers come starts too", as("", people.Admin).at(here), StartWalk, shelf, Allowed},
		{"and walks on", as("", people.Admin).at(here), Move, aCase(Demand, true, OwnDevice), Allowed},
		{"but at their own screen starts nothing", as("", people.Admin), StartWalk, shelf, Refused},
		{"the desk reads its own walk", Actor{}.at(here), ReadWalk, aCase(Abuse, true, OwnDevice), Allowed},
		{"not the record", Actor{}.at(here), ReadCase, aCase(Incident, false, OwnDevice), Refused},
		{"not another's walk", Actor{}.at(here), ReadWalk, aCase(Incident, false), Hidden},
		{"not its own, once it has ended", Actor{}.at(here), ReadWalk, aCase(Incident, false, PastDevice), Refused},
		{"of suspected abuse it does not learn even that", Actor{}.at(here), KnowCase, aCase(Abuse, true, PastDevice), Hidden},
		{"what it wrote without a network still arrives", Actor{}.at(here), SendWaiting, aCase(Abuse, true, PastDevice), Allowed},
		{"who signs in at the desk takes the ended walk over", as(here, people.Desk).at(here), TakeOver, aCase(Incident, false, PastDevice), Allowed},
		{"not from a screen elsewhere", as(here, people.Desk), TakeOver, aCase(Incident, false), Hidden},
		{"the supervisor reads an incident of the branch", as(here, people.InCharge), ReadCase, aCase(Incident, false), Allowed},
		{"not one of another branch", as(there, people.InCharge), ReadCase, aCase(Incident, false), Hidden},
		{"unless it is theirs to work on", as(there, people.InCharge), ReadCase, aCase(Incident, false, Assigned), Allowed},
		{"having written in it is not enough", as(there, people.InCharge), ReadCase, aCase(Incident, false, Author), Refused},
		{"at the branch it changes nothing", as(here, people.InCharge), ReadCase, aCase(Incident, false, Author), Allowed},
		{"a colleague is told that there is nothing", as(here, people.Desk), ReadCase, aCase(Incident, false), Hidden},
		{"who wrote is told that it is there", as(here, people.Desk), ReadCase, aCase(Incident, false, Author), Refused},
		{"not once it is sealed", as(here, people.Desk), ReadCase, aCase(Incident, true, Author), Hidden},
		{"a supervisor who was called follows a running demand", as(here, people.InCharge), ReadWalk, aCase(Demand, false, Told), Allowed},
		{"and takes charge", as(here, people.InCharge), TakeCharge, aCase(Demand, false, Told), Allowed},
		{"not a sealed one", as(here, people.InCharge), ReadWalk, aCase(Demand, true, Told), Hidden},
		{"a director does not know of suspected abuse", as("", people.Director), KnowCase, aCase(Abuse, true), Hidden},
		{"even if the caller forgot that it is sealed", as("", people.Director), KnowCase, aCase(Abuse, false), Hidden},
		{"unless the walk calls them", as("", people.Director), ReadWalk, aCase(Abuse, true, Told), Allowed},
		{"the safety lead does", as("", people.SafetyLead), ReadCase, aCase(Abuse, true), Allowed},
		{"and its author", as(here, people.Desk), ReadCase, aCase(Abuse, true, Author), Allowed},
		{"not an author who has left", Actor{Person: ana}, ReadCase, aCase(Abuse, true, Author), Hidden},
		{"counsel reads demands", as("", people.Counsel), ReadCase, aCase(Demand, true), Allowed},
		{"not incidents", as("", people.Counsel), ReadCase, aCase(Incident, false), Hidden},
		{"but those that they were asked about", as("", people.Counsel), ReadCase, aCase(Incident, false, Assigned), Allowed},
		{"counsel from outside is let in for a time", outside, ReadCase, aCase(Demand, true), Allowed},
		{"and not without an end", forever, ReadCase, aCase(Demand, true), Hidden},
		{"a director whose time is over is nobody", late, ReadCase, aCase(Incident, false), Hidden},
		{"somebody else's roles are of no use", borrowed, ReadCase, aCase(Incident, false), Hidden},
		{"a director of another library is a stranger here", as("", people.Director), ReadCase, other(aCase(Incident, false)), Hidden},
		{"whatever they are to the case", as("", people.Director), ReadCase, other(aCase(Incident, false, Owner)), Hidden},
		{"a device of another library too", Actor{}.at(here), ReadWalk, other(aCase(Incident, false, OwnDevice)), Hidden},
		{"settings of another library are not there", as("", people.Admin), ReadSettings, Subject{Kind: Library, Library: "another library"}, Hidden},
		{"an admin of a library is none of the installation", as("", people.Admin), AddLibrary, Subject{Kind: Installation, Library: people.Installation}, Refused},
		{"an admin gives the desk's role", as("", people.Admin), GiveRole, ofRole(Plain, ben), Allowed},
		{"not the director's", as("", people.Admin), GiveRole, ofRole(Trusted, ben), Refused},
		{"a director does", as("", people.Director), GiveRole, ofRole(Trusted, ben), Allowed},
		{"not to themselves", as("", people.Director), GiveRole, ofRole(Trusted, ana), Refused},
		{"an admin does not reset a director's sign-in", as("", people.Admin), ResetSignIn, ofRole(Trusted, ben), Refused},
		{"nor a director that of somebody who works elsewhere too", as("", people.Director), ResetSignIn, ofRole(Elsewhere, ben), Refused},
		{"everybody changes their own", Actor{Person: ana}, ChangeSignIn, Subject{Kind: Person, Library: people.Installation, Class: Plain, Account: ana}, Allowed},
		{"a second director confirms an exception", as("", people.Director), ConfirmPurgeException, aCase(Incident, false), Allowed},
		{"not the one who asked", as("", people.Director), ConfirmPurgeException, asked, Refused},
		{"who still reads the case", as("", people.Director), ReadCase, asked, Allowed},
		{"a board member sees numbers of the whole library", as("", people.Board), SeeNumbers, Subject{Kind: Branch, Library: lib}, Allowed},
		{"a supervisor those of the branch", as(here, people.InCharge), SeeNumbers, Subject{Kind: Branch, Library: lib}, Refused},
		{"a director of a branch does not change the library", as(here, people.Director), ChangeSettings, Subject{Kind: Library, Library: lib}, Refused},
		{"an act on the wrong kind of thing is nothing", as("", people.Director), ReadCase, Subject{Kind: Note, Library: lib}, Hidden},
		{"an act that is none is nothing", as("", people.Director), "open-sesame", aCase(Incident, false), Hidden},
		{"a case without a class is seen by nobody", as("", people.Director), ReadCase, aCase(Anything, false), Hidden},
		{"there is no sealed practice", as("", people.Director).at(here), ReadWalk, aCase(Practice, true, OwnDevice), Hidden},
		{"an empty subject is nothing", as("", people.Director), ReadCase, Subject{}, Hidden},
	} {
		if got := May(c.who, c.act, c.on, noon); got != c.want {
			t.Errorf("%s: May(%s) = %s, want %s", c.story, c.act, got, c.want)
		}
	}
}

// TestNoAnswerTellsTwoHiddenThingsApart: a sealed case, another library's, and
// one that never was read alike.
func TestNoAnswerTellsTwoHiddenThingsApart(t *testing.T) {
	who := as(here, people.Desk).at(here)
	want := fault.Missing()
	for row := range Rows() {
		on := probe{row, false}.subject()
		on.Library = "another library"
		own := row.Kind == Person && row.Relation == Self
		if own || on.Kind == Installation || May(who, row.Act, on, noon) == Allowed {
			continue // one's own account; what anybody may with a code
		}
		err := Check(who, row.Act, on, noon)
		if fault.KindOf(err) != fault.NotFound || fault.Words(err) != fault.Words(want) {
			t.Fatalf("Check of %v at another library = %v %q, want not found", row, err, fault.Words(err))
		}
	}
}

func TestCheckWords(t *testing.T) {
	own := aCase(Incident, false)
	own.Proposer = ana
	for _, c := range []struct {
		who  Actor
		act  Act
		on   Subject
		kind fault.Kind
		want string
	}{
		{as("", people.Admin), SetDuty, Subject{Kind: Branch, Library: lib, Branch: here}, fault.Refused,
			"You may not change who is in charge now. Ask the person in charge or the director."},
		{as(here, people.Desk), ReadCase, aCase(Incident, false, Author), fault.Refused,
			"You may not read this case. Ask the person in charge, the director, whoever answers for it or whoever was asked to work on it."},
		{Actor{}.at(here), SeeHappening, Subject{Kind: Branch, Library: lib, Branch: here}, fault.Refused,
			"You may not see what is happening now. Sign in first."},
		{as("", people.Director), ConfirmLiftHold, own, fault.Refused,
			"You asked for this yourself. It takes a second person. Ask the director, whoever answers for it or whoever was asked to work on it."},
		{as("", people.Director), GiveRole, Subject{Kind: Person, Library: lib, Class: Trusted, Account: ana}, fault.Refused,
			"You may not give this role for yourself. Ask the director."},
		{as(here, people.Desk), ReadCase, aCase(Demand, true), fault.NotFound, fault.Words(fault.Missing())},
	} {
		err := Check(c.who, c.act, c.on, noon)
		if fault.KindOf(err) != c.kind || fault.Words(err) != c.want {
			t.Errorf("Check(%s) = %s %q, want %s %q", c.act, fault.KindOf(err), fault.Words(err), c.kind, c.want)
		}
		if !strings.Contains(err.Error(), string(c.act)) {
			t.Errorf("Check(%s) for the log = %q, want the act in it", c.act, err)
		}
	}
	if err := Check(as("", people.Director), ReadCase, aCase(Incident, false), noon); err != nil {
		t.Errorf("Check of what is allowed = %v, want nil", err)
	}
	var f *fault.Error
	if err := Check(Actor{}, ReadCase, Subject{}, noon); !errors.As(err, &f) {
		t.Errorf("Check of nothing = %T, want a fault", err)
	}
}

// TestWordsOfEveryRefusal: whoever is refused is told something to do next.
func TestWordsOfEveryRefusal(t *testing.T) {
	for row := range Rows() {
		p := probe{row, false}
		err := Check(p.actor(), row.Act, p.subject(), noon)
		if fault.KindOf(err) == fault.Refused && err != nil {
			if words := fault.Words(err); strings.Count(words, ".") < 2 {
				t.Errorf("%v is refused with %q, which says nothing to do next", row, words)
			}
		}
	}
}

func drawActor(t *rapid.T) Actor {
	var a Actor
	if rapid.Bool().Draw(t, "signed in") {
		a.Person = ana
	}
	if rapid.Bool().Draw(t, "at a device") {
		a = a.at(rapid.SampledFrom([]people.BranchID{here, there}).Draw(t, "device's branch"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "roles") {
		a.Memberships = append(a.Memberships, membership(ana, lib,
			rapid.SampledFrom([]people.BranchID{"", here, there}).Draw(t, "branch"), rapid.SampledFrom(people.Roles).Draw(t, "role")))
	}
	return a
}

func drawSubject(t *rapid.T, k Kind) Subject {
	v := rapid.SampledFrom(variants).Draw(t, "variant")
	s := Subject{Kind: k, Library: lib, Branch: rapid.SampledFrom([]people.BranchID{"", here}).Draw(t, "branch"), Class: v.class, Sealed: v.sealed}
	for _, r := range rapid.SliceOfN(rapid.SampledFrom([]Relation{Walker, Author, Assigned, Owner, Told, OwnDevice, PastDevice}), 0, 3).Draw(t, "ties") {
		s = tie(s, r)
	}
	return s
}

// TestMoreIsNeverLess: another role, another device to stand at, another tie to
// the subject takes nothing away that was allowed.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := drawActor(t)
		act := rapid.SampledFrom(Acts()).Draw(t, "act")
		on := drawSubject(t, act.Kind())
		before := May(who, act, on, noon)
		more := who
		more.Memberships = append(append([]people.Membership(nil), who.Memberships...), membership(ana, lib, here, rapid.SampledFrom(people.Roles).Draw(t, "one more")))
		if got := May(more, act, on, noon); got < before {
			t.Errorf("May = %s, with one more role %s", before, got)
		}
		if who.Device == nil {
			if got := May(who.at(here), act, on, noon); got < before {
				t.Errorf("May = %s, at a device %s", before, got)
			}
		}
		// Ties that the running of a walk gives do not mix with those of its end.
		if got := May(who, act, tie(on, rapid.SampledFrom([]Relation{Author, Assigned, Owner, Bearer}).Draw(t, "tie")), noon); got < before {
			t.Errorf("May = %s, with one more tie %s", before, got)
		}
	})
}

// TestUnionOfRoles: several roles give what each gives, and nothing beside.
func TestUnionOfRoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := drawActor(t)
		act := rapid.SampledFrom(Acts()).Draw(t, "act")
		on := drawSubject(t, act.Kind())
		alone := who
		alone.Memberships = nil
		best := May(alone, act, on, noon)
		for _, m := range who.Memberships {
			alone.Memberships = []people.Membership{m}
			best = max(best, May(alone, act, on, noon))
		}
		if got := May(who, act, on, noon); got != best {
			t.Errorf("May with %d roles = %s, the best of each alone is %s", len(who.Memberships), got, best)
		}
	})
}

// TestStrangeMembershipsCountForNothing: of somebody else, of another library,
// over, not begun.
func TestStrangeMembershipsCountForNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := drawActor(t)
		act := rapid.SampledFrom(Acts()).Draw(t, "act")
		on := drawSubject(t, act.Kind())
		m := membership(ana, lib, "", rapid.SampledFrom(people.Roles).Draw(t, "strange role"))
		switch rapid.IntRange(0, 3).Draw(t, "why") {
		case 0:
			m.Person = ben
		case 1:
			m.Library = "another library"
		case 2:
			m.Until = noon
		case 3:
			m.From = noon.Add(1)
		}
		more := who
		more.Memberships = append(append([]people.Membership(nil), who.Memberships...), m)
		if got, want := May(more, act, on, noon), May(who, act, on, noon); got != want {
			t.Errorf("May with %+v = %s, without %s", m, got, want)
		}
	})
}

func TestClassOf(t *testing.T) {
	for record, want := range map[string]Class{"incident": Incident, "abuse": Abuse, "demand": Demand, "conduct": Conduct, "none": Practice,
		"": Anything, "plain": Anything, "anything": Anything, "trusted": Anything, "Abuse": Anything} {
		if got := ClassOf(record); got != want {
			t.Errorf("ClassOf(%q) = %s, want %s", record, got, want)
		}
	}
	for _, r := range people.Roles {
		if got := ClassOfRole(r) == Trusted; got != r.Trusted() {
			t.Errorf("ClassOfRole(%s) is Trusted: %v, want %v", r, got, r.Trusted())
		}
	}
}

func BenchmarkMayReadCase(b *testing.B) {
	who := as(here, people.Desk, people.InCharge, people.Trainer).at(here)
	on := aCase(Demand, true, Author, Assigned)
	for b.Loop() {
		May(who, ReadCase, on, noon)
	}
}
