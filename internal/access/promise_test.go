package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// promise is a sentence of the threat model or of the decisions, as a rule over
// rows. It is written from those texts and not from the table.
type promise struct {
	says  string
	about func(Row) bool
	want  func(Row, Decision) bool
}

func inCase(r Row) bool   { return r.Kind == Case || r.Kind == Note }
func byDevice(r Row) bool { return r.Relation == OwnDevice || r.Relation == PastDevice }

func notAllowed(_ Row, d Decision) bool { return d != Allowed }
func hidden(_ Row, d Decision) bool     { return d == Hidden }
func only(acts ...Act) func(Row, Decision) bool {
	return func(r Row, d Decision) bool { return (d == Allowed) == slices.Contains(acts, r.Act) }
}
func atMost(acts ...Act) func(Row, Decision) bool {
	return func(r Row, d Decision) bool { return d != Allowed || slices.Contains(acts, r.Act) }
}

func is(s ...Standing) func(Row) bool {
	return func(r Row) bool { return slices.Contains(s, r.Standing) }
}

// reads lists what shows something of a case.
var reads = []Act{KnowCase, ReadWalk, ReadCase, PrintCase, ProduceCase, ReadCaseLog, ReadCounselNote}

// own is what everybody may with their own account.
var own = []Act{KnowPerson, ReadAccount, ChangeAccount, ChangeSignIn, SeeSessions, EndSessions, SubscribeAlerts, EndRole}

// public is what anybody may, and what takes a code and nothing else.
var (
	public = []Act{KnowInstallation, SignIn}
	byCode = []Act{SetUp, AcceptInvitation, EnrolDevice}
)

// walking is what a device may with its own walk while it runs.
var walking = []Act{KnowCase, ReadWalk, EnterStep, Move, WriteInStep, AddNote, AddPhoto, RemovePhoto, SendWaiting, HandOver, EndWalk, SayWho}

// twoPeople lists the acts that take a second person.
var twoPeople = []Act{ConfirmLiftHold, ConfirmPurgeException, ConfirmRaiseRetention, ConfirmLiftWideHold}

var promises = []promise{
	{"an admin sees no case",
		func(r Row) bool { return inCase(r) && r.Standing == Admin && !byDevice(r) }, hidden},
	{"a member of the board sees no case",
		func(r Row) bool { return inCase(r) && r.Standing == Board && !byDevice(r) }, hidden},
	{"an auditor sees no case",
		func(r Row) bool { return inCase(r) && r.Standing == Auditor && !byDevice(r) }, hidden},
	{"who has no role at the library sees no case, whatever they once were to it",
		func(r Row) bool { return inCase(r) && (r.Standing == Member || r.Standing == Stranger) && !byDevice(r) }, hidden},
	{"an auditor reads logs, and nothing else",
		func(r Row) bool { return r.Standing == Auditor && r.Relation == None },
		atMost(KnowInstallation, SignIn, ReadMasterLedger, ChangeMasterWitness, KnowLibrary, SeeCheckpoint, ReadLedger, ExportLedger, ProveEntry)},
	{"the board sees numbers, and nothing else",
		func(r Row) bool { return r.Standing == Board && r.Relation == None },
		only(KnowInstallation, SignIn, KnowLibrary, SeeCheckpoint, SeeNumbers)},
	{"a stranger may sign in, and with a code set up, join or enrol; nothing else",
		func(r Row) bool { return r.Standing == Stranger },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (slices.Contains(public, r.Act) || r.Relation == Bearer && slices.Contains(byCode, r.Act))
		}},
	{"who is signed in and has no role has their own account, and nothing else",
		func(r Row) bool {
			noRole := r.Act == EndRole && r.Class == Elsewhere // the class of EndRole is a role's
			return r.Standing == Member && !byDevice(r) && r.Relation != Proposer && !noRole
		},
		func(r Row, d Decision) bool {
			return (d == Allowed) == (slices.Contains(public, r.Act) || r.Relation == Bearer && slices.Contains(byCode, r.Act) ||
				r.Relation == Self && slices.Contains(own, r.Act))
		}},
	{"a device starts a walk, has what a desk needs to walk, and nothing else",
		func(r Row) bool { return r.Standing == AtDevice && r.Relation == None },
		only(KnowInstallation, SignIn, KnowLibrary, ReadPlaybooks, ReadPolicies, FetchShell, SeePhoneTree, SeeCheckpoint, Practise, SeeDesk, StartWalk)},
	{"a device continues its own walk, of whatever class, and does nothing else to it",
		func(r Row) bool { return r.Standing == AtDevice && r.Relation == OwnDevice },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (slices.Contains(walking, r.Act) || r.Act == KeepRecord && r.Class == Abuse)
		}},
	{"once the walk has ended or was handed over, a device learns only that, and sends what waits",
		func(r Row) bool { return r.Standing == AtDevice && r.Relation == PastDevice },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (r.Act == SendWaiting || r.Act == SayWho || r.Act == KnowCase && !r.Sealed)
		}},
	{"with a hand-over's code a walk is taken, and nothing else is done to it",
		func(r Row) bool { return r.Kind == Case && r.Relation == Bearer && r.Standing < Desk },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (r.Act == TakeHandedOver && r.Standing == AtDevice)
		}},
	{"the desk's role opens no case by itself, and does not know of one",
		func(r Row) bool { return inCase(r) && is(Desk, Trainer, RoomOfficer)(r) && r.Relation == None }, hidden},
	{"incidents are read by those assigned and by the supervisor",
		func(r Row) bool { return r.Act == ReadCase && r.Class == Incident && !r.Sealed },
		func(r Row, d Decision) bool {
			tasked := r.Relation == Assigned || r.Relation == Owner
			works := r.Standing >= Desk && r.Standing <= RoomOfficer
			leads := is(InCharge, Director)(r) && r.Relation != Proposer
			return (d == Allowed) == (leads || works && tasked)
		}},
	{"suspected abuse is known to its author and to the safety lead only, and to whom the running walk calls",
		func(r Row) bool {
			return r.Kind == Case && r.Class == Abuse && r.Standing >= Member && !byDevice(r) && slices.Contains(reads, r.Act)
		},
		func(r Row, d Decision) bool {
			staff := r.Standing >= Desk && r.Standing <= RoomOfficer && r.Standing != Counsel
			may := r.Standing == SafetyLead || staff && r.Relation == Author ||
				(staff || r.Standing == Counsel) && r.Relation == Told && (r.Act == KnowCase || r.Act == ReadWalk) ||
				staff && r.Relation == Walker && (r.Act == KnowCase || r.Act == ReadWalk)
			return may || d != Allowed
		}},
	{"a sealed demand is there for director and counsel only",
		func(r Row) bool {
			return r.Kind == Case && r.Class == Demand && r.Sealed && !is(Director, Counsel)(r) &&
				(is(Member, Stranger)(r) && !byDevice(r) || !slices.Contains([]Relation{Walker, OwnDevice}, r.Relation))
		},
		func(r Row, d Decision) bool {
			send := r.Act == SendWaiting || r.Act == SayWho || r.Act == TakeHandedOver
			return d == Hidden || send && d == Allowed && r.Relation != None
		}},
	{"demands are read by director and counsel",
		func(r Row) bool { return r.Act == ReadCase && r.Class == Demand },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (is(Director, Counsel)(r) && r.Relation != Proposer)
		}},
	{"exclusions are read by director and supervisor, and by counsel when asked",
		func(r Row) bool { return r.Act == ReadCase && r.Class == Conduct && !r.Sealed },
		func(r Row, d Decision) bool {
			asked := r.Standing == Counsel && (r.Relation == Assigned || r.Relation == Owner)
			return (d == Allowed) == (is(Director, InCharge)(r) && r.Relation != Proposer || asked)
		}},
	{"a sealed case does not show itself to a role alone, but to the one that it is for",
		func(r Row) bool { return inCase(r) && r.Sealed && r.Relation == None },
		func(r Row, d Decision) bool {
			for_ := map[Class][]Standing{Abuse: {SafetyLead}, Demand: {Director, Counsel}, Incident: {Director}, Conduct: {Director}}
			return d == Hidden || slices.Contains(for_[r.Class], r.Standing)
		}},
	{"of practice nothing is read by anybody but who walks",
		func(r Row) bool { return r.Class == Practice && r.Relation != Walker && r.Relation != OwnDevice },
		atMost(KnowCase, SendWaiting, SayWho, TakeHandedOver)},
	{"a note for counsel is opened by counsel only, and known to its author",
		func(r Row) bool { return r.Kind == Note },
		func(r Row, d Decision) bool {
			staff := r.Standing >= Desk && r.Standing <= RoomOfficer
			switch {
			case r.Standing == Counsel:
				return d == Allowed
			case r.Act == KnowCounselNote && staff && r.Relation == Author:
				return d == Allowed
			}
			return d != Allowed && (r.Relation == Author && staff || d == Hidden)
		}},
	{"who asked for something never confirms it",
		func(r Row) bool { return r.Relation == Proposer }, notAllowed},
	{"a case's log is read by the case's owner",
		func(r Row) bool { return r.Act == ReadCaseLog }, func(r Row, d Decision) bool { return d != Allowed || r.Relation == Owner }},
	{"who looks after accounts makes no reader of cases, and becomes none",
		func(r Row) bool {
			return r.Kind == Person && r.Class == Trusted && r.Standing == Admin && r.Relation != Self && r.Relation != Bearer
		},
		func(r Row, d Decision) bool {
			return d != Allowed || !slices.Contains([]Act{GiveRole, ResetSignIn, ChangeSignIn, ChangeAccount, InvitePerson}, r.Act)
		}},
	{"an account that another library shares is taken over by nobody",
		func(r Row) bool { return r.Kind == Person && r.Class == Elsewhere && r.Relation == None },
		atMost(KnowPerson, ReadAccount, EndSessions, NamePseudonym)},
	{"nobody gives themselves a role, resets or removes themselves, or reads more of themselves than is theirs",
		func(r Row) bool { return r.Kind == Person && r.Relation == Self && r.Standing != Counsel }, atMost(own...)},
	{"only directors and counsel touch how long things are kept",
		func(r Row) bool {
			return slices.Contains([]Act{LowerRetention, AskRaiseRetention, ConfirmRaiseRetention, ReleasePurgeBrake, PlaceWideHold, AskLiftWideHold, ConfirmLiftWideHold}, r.Act)
		},
		func(r Row, d Decision) bool { return d != Allowed || is(Director, Counsel)(r) }},
	{"the library's log is for the auditor",
		func(r Row) bool { return r.Act == ReadLedger || r.Act == ExportLedger },
		func(r Row, d Decision) bool {
			return (d == Allowed) == (r.Standing == Auditor && r.Relation != Proposer)
		}},
}

// brokenPromises returns what a table does not keep of the promises, in rows.
func brokenPromises(t *compiled, rows []Row) (broken []string) {
	for _, row := range rows {
		for _, p := range promises {
			if !p.about(row) {
				continue
			}
			if d := (probe{row, false}).ask(t); !p.want(row, d) {
				broken = append(broken, fmt.Sprintf("%s: %s, %s (sealed %v), %s, %s is %s", p.says, row.Act, row.Class, row.Sealed, row.Standing, row.Relation, d))
			}
		}
	}
	return broken
}

func TestPromises(t *testing.T) {
	var rows []Row
	for row := range Rows() {
		rows = append(rows, row)
	}
	for _, b := range brokenPromises(table, rows) {
		t.Error(b)
	}
	for _, p := range promises {
		if !slices.ContainsFunc(rows, p.about) {
			t.Errorf("the promise %q is about no row", p.says)
		}
	}
}

// TestTwoPeople: what takes two people is asked and confirmed by the same ones,
// and is known to be of that sort.
func TestTwoPeople(t *testing.T) {
	for _, a := range Acts() {
		confirms := strings.HasPrefix(string(a), "confirm-")
		if confirms != slices.Contains(twoPeople, a) || confirms != (second[a] != "") || confirms != table.acts[a].second {
			t.Errorf("%s: takes a second person: %v", a, table.acts[a].second)
		}
		if asks := second[a]; asks != "" && !slices.Equal(table.acts[asks].cells, table.acts[a].cells) {
			t.Errorf("%s and %s are not for the same people", asks, a)
		}
	}
}
