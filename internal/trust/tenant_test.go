package trust

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
	"roundtable/internal/counsel"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/signin"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// call calls a method of the app as somebody, about a library and things in it.
// What it returns is what they get to see.
type call func(ctx context.Context, l *land, who app.Who, x things) (any, error)

// reach says with what a method is tried.
type reach struct {
	// call tries it with ids; nil if it takes none of another library, and then why
	// says so.
	call call
	why  string
	// names says that the method is told the library itself: who calls it for a
	// page says whose, and the gate decides. alone says that it is told no other id.
	names, alone bool
	// keeper says that it is for whoever looks after the installation, who may know
	// of every library in it.
	keeper bool
}

// Why a method takes no id of another library.
const (
	own     = "It is about whoever asks: their own account, session, device or place."
	bearer  = "Whoever shows the code or link is whom it is for, wherever they belong."
	wholly  = "It is about the installation as a whole, and shows nothing of a library."
	program = "The program itself calls it, or an operator's command; no page does."
)

func about(do func(ctx context.Context, l *land, who app.Who, x things) (any, error)) reach {
	return reach{call: do}
}

func named(do func(ctx context.Context, l *land, who app.Who, x things) (any, error)) reach {
	return reach{call: do, names: true}
}

func alone(do func(ctx context.Context, l *land, who app.Who, x things) (any, error)) reach {
	return reach{call: do, names: true, alone: true}
}

func none(err error) (any, error) { return nil, err }

// personForm is somebody invented.
var personForm = app.PersonForm{Name: "Nora Neighbour", Initials: "NN", Mail: "nora@neighbour.example"}

// neighbours is a small picture.
var neighbours = []byte("\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\xf8\x0f\x00\x01\x01\x01\x00\xb1\x38\xf6\x14\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82")

// methods has every exported method of the app: what an id of another library
// makes of it, or why there can be none. A method that is not here fails the test.
var methods = map[string]reach{
	// Cases and walks: the library is that of who asks.
	"StartWalk": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.StartWalk(ctx, who, app.StartForm{Playbook: "officer", Branch: x.branch})
		return nil, err
	}),
	"Record": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.Record(ctx, who, x.plain, walk.Event{Kind: walk.Noted, Text: "From the neighbour."})
		return nil, err
	}),
	"AddPhoto": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.AddPhoto(ctx, who, x.plain, walk.Event{Kind: walk.Pictured}, neighbours)
		return nil, err
	}),
	"RemovePhoto": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemovePhoto(ctx, who, x.plain, x.photo))
	}),
	"ReadPhoto": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.ReadPhoto(ctx, who, x.plain, x.photo)
	}),
	"ReadWalk": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.ReadWalk(ctx, who, x.plain, "")
	}),
	"ReadCase": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.ReadCase(ctx, who, x.sealed, "")
	}),
	"Outside": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Outside(ctx, who, x.plain)
	}),
	"SendLine": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.SendLine(ctx, who, x.plain, "", "From the neighbour."))
	}),
	"SeeLine": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.SeeLine(ctx, who, x.plain, x.event))
	}),
	"TakeCharge": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.TakeCharge(ctx, who, x.plain))
	}),
	"Alert": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Alert(ctx, who, x.alert)
	}),
	"ReadAlert": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ReadAlert(ctx, who, x.alert))
	}),
	"AnswerAlert": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.AnswerAlert(ctx, who, x.alert))
	}),
	"CaseAlerts": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.CaseAlerts(ctx, who, x.plain)
	}),
	"CallOffAlerts": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.CallOffAlerts(ctx, who, x.plain))
	}),
	"TestCall": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.TestCall(ctx, who, x.branch, people.InCharge)
	}),
	"StartDrill": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.StartDrill(ctx, who, x.branch)
	}),
	"LastDrill": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.LastDrill(ctx, who, x.branch)
	}),
	"CaseEntries": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.CaseEntries(ctx, who, x.plain)
	}),
	"Cases": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Cases(ctx, who, x.plain, 10)
	}),
	"OfferHandOver": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.OfferHandOver(ctx, who, x.plain)
	}),
	"TakeHandedOver": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.TakeHandedOver(ctx, who, l.Place(), x.handOver)
	}),
	"TakeOver": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.TakeOver(ctx, who, x.plain))
	}),
	"MaySayWho": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.MaySayWho(ctx, who, x.plain))
	}),
	"SayWho": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.SayWho(ctx, who, x.plain, "NN"))
	}),
	"KeepRecord": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.KeepRecord(ctx, who, x.sealed))
	}),
	"SendWaiting": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		receipts, err := l.SendWaiting(ctx, who, []app.Waiting{{Device: x.device, Case: x.plain, Event: "0192f3a0-0000-7000-8000-000000000009", Order: 1, Letter: []byte("x")}})
		return receipts, err
	}),
	"OfferCounselNote": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.OfferCounselNote(ctx, who, x.plain)
	}),
	"WriteCounselNote": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.WriteCounselNote(ctx, who, x.plain, "0192f3a0-0000-7000-8000-00000000000a", strings.Repeat("0", 64), "AAAA"))
	}),
	"CounselNotes": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.CounselNotes(ctx, who, x.plain)
	}),
	"ReadCounselNote": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.ReadCounselNote(ctx, who, x.plain, x.note)
	}),
	"ShellEdition": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, _, err := l.ShellEdition(ctx, who, string(x.plain), "en")
		return nil, err
	}),
	"EndSession": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.EndSession(ctx, who, signin.SessionID(x.session)))
	}),
	"RenamePasskey": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RenamePasskey(ctx, who, x.passkey, "Mine now"))
	}),
	"RemovePasskey": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemovePasskey(ctx, who, x.passkey))
	}),
	"RemoveProviderLink": about(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemoveProviderLink(ctx, who, x.passkey))
	}),

	// What is told the library.
	"Branches": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Branches(ctx, who, x.library)
	}),
	"Branch": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Branch(ctx, who, x.library, x.branch)
	}),
	"AddBranch": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.AddBranch(ctx, who, x.library, app.BranchForm{Name: "Annexe", TimeZone: "America/New_York"})
		return nil, err
	}),
	"ChangeBranch": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ChangeBranch(ctx, who, x.library, x.branch, app.BranchForm{Name: "Taken", TimeZone: "America/New_York"}))
	}),
	"CloseBranch": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.CloseBranch(ctx, who, x.library, x.branch))
	}),
	"PhoneLines": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.PhoneLines(ctx, who, x.library)
	}),
	"AddPhoneLine": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.AddPhoneLine(ctx, who, x.library, app.PhoneLineForm{Branch: x.branch, Line: "police", Number: "555 0111"})
		return nil, err
	}),
	"DeletePhoneLine": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.DeletePhoneLine(ctx, who, x.library, x.line))
	}),
	"SetDuty": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.SetDuty(ctx, who, x.library, app.DutyForm{Branch: x.branch, Person: x.person})
		return nil, err
	}),
	"EndDuty": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.EndDuty(ctx, who, x.library, x.duty))
	}),
	"InCharge": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.InCharge(ctx, who, x.library, x.branch)
	}),
	"Devices": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Devices(ctx, who, x.library)
	}),
	"OfferEnrol": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.OfferEnrol(ctx, who, x.library, x.branch, "Desk two")
		return nil, err
	}),
	"RenameDevice": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RenameDevice(ctx, who, x.library, x.device, "Taken"))
	}),
	"RevokeDevice": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RevokeDevice(ctx, who, x.library, x.device))
	}),
	"Directory": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Directory(ctx, who, x.library)
	}),
	"Account": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Account(ctx, who, x.library, x.person)
	}),
	"ChangeAccount": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ChangeAccount(ctx, who, x.library, x.person, personForm))
	}),
	"InvitePerson": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.InvitePerson(ctx, who, x.library, app.InvitationForm{
			Person: personForm, Role: app.RoleForm{Role: people.Desk, Branch: x.branch}, How: app.OnSlip,
		})
		return nil, err
	}),
	"InviteAgain": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.InviteAgain(ctx, who, x.library, x.person, app.OnSlip)
		return nil, err
	}),
	"ResetSignIn": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.ResetSignIn(ctx, who, x.library, x.person, app.OnSlip)
		return nil, err
	}),
	"WithdrawInvitation": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.WithdrawInvitation(ctx, who, x.library, x.invitation))
	}),
	"GiveRole": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.GiveRole(ctx, who, x.library, x.person, app.RoleForm{Role: people.Desk, Branch: x.branch})
		return nil, err
	}),
	"EndRole": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.EndRole(ctx, who, x.library, x.membership))
	}),
	"RemovePerson": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemovePerson(ctx, who, x.library, x.person))
	}),
	"NamePseudonym": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.NamePseudonym(ctx, who, x.library, x.pseudonym)
	}),
	"EndSessionsOf": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.EndSessionsOf(ctx, who, x.library, x.person))
	}),
	"LibraryAt": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.LibraryAt(ctx, who, x.library)
	}),
	"Settings": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Settings(ctx, who, x.library)
	}),
	"ChangeSettings": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ChangeSettings(ctx, who, x.library, app.SettingsForm{Library: app.LibraryForm{Name: "Taken", Place: "Oregon", TimeZone: "America/New_York"}}))
	}),
	"SwitchLibrary": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.SwitchLibrary(ctx, who, x.library, x.branch))
	}),
	"RotateLibraryKey": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RotateLibraryKey(ctx, who, x.library))
	}),

	"Checkpoint": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Checkpoint(ctx, who, x.library)
	}),
	"ReadLog": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.ReadLog(ctx, who, x.library, 0, 10)
	}),
	"ChangeWitness": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ChangeWitness(ctx, who, x.library, app.WitnessForm{}))
	}),
	"ExportLog": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.ExportLog(ctx, who, x.library, io.Discard))
	}),
	"InviteFirst": {names: true, alone: true, keeper: true, call: func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		_, err := l.InviteFirst(ctx, who, x.library, app.OnSlip)
		return nil, err
	}},

	"DutyPlan": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.DutyPlan(ctx, who, x.library)
	}),
	"PlanTroubles": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.PlanTroubles(ctx, who, x.library)
	}),
	"PaperTrees": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.PaperTrees(ctx, who, x.library)
	}),
	"Ladder": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return l.Ladder(ctx, who, x.library, notify.Demand, notify.Urgent)
	}),
	"SetLadder": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.SetLadder(ctx, who, x.library, notify.Defaults()[0]))
	}),
	"DropLadder": alone(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.DropLadder(ctx, who, x.library, notify.AnyClass, notify.AnySeverity))
	}),
	"AddShift": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.AddShift(ctx, who, x.library, app.ShiftForm{Person: x.person, Role: people.Desk, Branch: x.branch, Hours: notify.Hours{Days: notify.EveryDay}}))
	}),
	"RemoveShift": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemoveShift(ctx, who, x.library, x.line))
	}),
	"AddOpening": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.AddOpening(ctx, who, x.library, x.branch, notify.Hours{Days: notify.EveryDay}))
	}),
	"RemoveOpening": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemoveOpening(ctx, who, x.library, x.branch, x.line))
	}),
	"AddHoliday": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.AddHoliday(ctx, who, x.library, app.HolidayForm{Branch: x.branch, Month: time.July, Day: 4}))
	}),
	"RemoveHoliday": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemoveHoliday(ctx, who, x.library, x.line))
	}),
	"AddAway": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		from := l.Clock.Now().Add(time.Hour)
		return none(l.AddAway(ctx, who, x.library, app.AwayForm{Person: x.person, From: from, Until: from.Add(time.Hour)}))
	}),
	"RemoveAway": named(func(ctx context.Context, l *land, who app.Who, x things) (any, error) {
		return none(l.RemoveAway(ctx, who, x.library, x.line))
	}),

	"MyAlertWays": {why: own}, "SetAlertWays": {why: own}, "AddAlertBrowser": {why: own}, "RemoveAlertBrowser": {why: own}, "NewestAlert": {why: own},
	"PushSigner": {why: program},
	"Guides":     {why: own}, "ShellPlace": {why: own}, "ShellVersion": {why: own}, "Door": {why: wholly}, "CountOrphans": {why: program},
	"Happening": {why: own}, "HappeningHere": {why: own}, "HappeningEverywhere": {why: own}, "HappeningLibraries": {why: own}, "Situations": {why: own}, "Shell": {why: own},
	"ChangeCounselKey": {why: own}, "CounselKeyOf": {why: own}, "Notices": {why: own}, "MyAccount": {why: own}, "MyLibraries": {why: own},
	"ReadWays": {why: own}, "SetPassword": {why: own}, "SetPIN": {why: own}, "RemovePIN": {why: own}, "OfferCodes": {why: own},
	"ConfirmCodes": {why: own}, "RemoveCodes": {why: own}, "NewRecoveryCodes": {why: own}, "BeginPasskey": {why: own}, "FinishPasskey": {why: own},
	"BeginPasskeyUnlock": {why: own}, "FinishPasskeyUnlock": {why: own}, "Sessions": {why: own}, "EndOtherSessions": {why: own},
	"Lock": {why: own}, "Unlock": {why: own}, "ReadLock": {why: own}, "SignOut": {why: own}, "Resolve": {why: bearer},
	"SignIn": {why: bearer}, "SignInCode": {why: bearer}, "SignInRecovery": {why: bearer},
	"BeginPasskeySignIn": {why: bearer}, "FinishPasskeySignIn": {why: bearer}, "BeginProvider": {why: bearer}, "FinishProvider": {why: bearer},
	"ReadInvitation": {why: bearer}, "AcceptInvitation": {why: bearer}, "JoinInvitation": {why: bearer},
	"BeginAcceptPasskey": {why: bearer}, "FinishAcceptPasskey": {why: bearer}, "Enrol": {why: bearer},
	"CheckSetUpCode": {why: bearer}, "SetUp": {why: bearer},
	"Libraries": {why: wholly}, "AddLibrary": {why: wholly}, "Address": {why: wholly}, "PasskeysWork": {why: wholly}, "Fresh": {why: wholly},
	"Provider": {why: wholly}, "ReadProvider": {why: wholly}, "ChangeProvider": {why: wholly}, "RemoveProvider": {why: wholly},
	"EndSessionsOfAll": {why: wholly}, "PrintRecoveryShares": {why: wholly}, "RotateMasterKey": {why: wholly}, "Ready": {why: wholly}, "Live": {why: wholly},
	"ReadClock": {why: wholly}, "AcceptClock": {why: wholly},
	"Bootstrap": {why: program}, "OfferSetUp": {why: program}, "Work": {why: program}, "WorkOnce": {why: program}, "Destroy": {why: program},
	"SweepOrphans": {why: program}, "PlanSweeps": {why: program}, "Keyless": {why: program}, "Openable": {why: program}, "Restored": {why: program},
	"Receipt":  {why: "The gateway of text messages calls it, which serves the whole installation; it is told nothing."},
	"BackedUp": {why: program}, "LastBackup": {why: program}, "RecoveryKey": {why: program}, "RecoveryUsed": {why: program},
	"MailsLetters": {why: wholly}, "MoveToKey": {why: program},
}

// ids are the types that name something of a library.
var ids = []reflect.Type{
	reflect.TypeFor[people.LibraryID](), reflect.TypeFor[people.BranchID](), reflect.TypeFor[people.PersonID](), reflect.TypeFor[people.MembershipID](),
	reflect.TypeFor[people.DeviceID](), reflect.TypeFor[people.Pseudonym](), reflect.TypeFor[store.CaseID](), reflect.TypeFor[counsel.NoteID](), reflect.TypeFor[app.AlertID](), reflect.TypeFor[signin.SessionID](),
}

// takesID reports whether a parameter holds an id of something.
func takesID(t reflect.Type, depth int) bool {
	switch {
	case slices.Contains(ids, t):
		return true
	case depth > 3 || t == reflect.TypeFor[app.Who]() || t == reflect.TypeFor[time.Time]():
		return false
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer:
		return takesID(t.Elem(), depth+1)
	case t.Kind() == reflect.Struct:
		for f := range t.NumField() {
			if t.Field(f).IsExported() && takesID(t.Field(f).Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// TestMethodsAreDeclared fails when a method of the app is not in the table of what
// an id of another library makes of it, or is said to take none and takes one.
func TestMethodsAreDeclared(t *testing.T) {
	of := reflect.TypeFor[*app.App]()
	seen := map[string]bool{}
	for m := range of.NumMethod() {
		method := of.Method(m)
		seen[method.Name] = true
		r, known := methods[method.Name]
		if !known || (r.call == nil) == (r.why == "") {
			t.Errorf("App.%s is not in the table: say what an id of another library makes of it", method.Name)
			continue
		}
		for p := 1; p < method.Type.NumIn(); p++ {
			if takesID(method.Type.In(p), 0) && r.call == nil && r.why != program {
				t.Errorf("App.%s is said to take no id and takes a %s", method.Name, method.Type.In(p))
			}
		}
	}
	for name := range methods {
		if !seen[name] {
			t.Errorf("the table has %s, which is no method of App", name)
		}
	}
}

// inRole is one who asks; keeper says that they look after the installation.
type inRole struct {
	name   string
	who    app.Who
	keeper bool
}

// askers are people of library A in each role, and whoever stands at its device.
func (l *land) askers(t *testing.T, roles []people.Role, desk app.Who) (list []inRole) {
	t.Helper()
	for _, role := range roles {
		who := l.A.As(t, role)
		who.Memberships = slices.DeleteFunc(slices.Clone(who.Memberships), func(m people.Membership) bool { return m.Library == people.Installation })
		list = append(list, inRole{name: string(role), who: who})
	}
	both := list[0].who
	both.Device = desk.Device
	return append(list, inRole{name: "device", who: desk}, inRole{name: "a person at a device", who: both},
		inRole{name: "who looks after the installation", who: l.A.As(t, people.Director), keeper: true})
}

// variant is a set of ids that a method is tried with.
type variant struct {
	name string
	ids  things
}

// strange makes things whose ids are all of one text, but for the library.
func strange(library people.LibraryID, text string) things {
	return things{
		library: library, branch: people.BranchID(text), plain: store.CaseID(text), sealed: store.CaseID(text), person: people.PersonID(text),
		membership: people.MembershipID(text), pseudonym: people.Pseudonym(text), session: text, passkey: text, device: people.DeviceID(text),
		invitation: text, line: text, duty: text, note: counsel.NoteID(text), event: walk.EventID(text), handOver: text, alert: app.AlertID(text),
	}
}

// malformed are texts that are no ids. The first is tried in each run.
var malformed = []string{
	"nothing-of-ours", "../../installation", "x'; DROP TABLE cases; --", "\x00", "\xff\xfe", "%00", "0192F3A0-0000-7000-8000-000000000001",
	strings.Repeat("a", 10_000), "installation ", "\u202e0192f3a0",
}

// P8: to a person or device of one library, another library's ids are as random
// ones, in every method, to every role; nothing of the other library is written.
func TestTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, l *land) {
		a, b := l.furnish(t, l.A), l.furnish(t, l.B)
		roles := people.Roles
		texts := malformed
		if !*full {
			roles, texts = []people.Role{people.Director, people.Admin, people.SafetyLead}, malformed[:5]
		}
		asking := l.askers(t, roles, a.desk)
		before := [2]map[string]int{l.counts(t, l.B.ID), l.countsOfInstallation(t)}
		tried, wrong, differ := 0, 0, map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(methods)) {
			m := methods[name]
			if m.call == nil {
				continue
			}
			for _, asks := range asking {
				if asks.keeper && m.keeper {
					continue
				}
				n, bad := l.compare(t, name, m, asks, b, texts, differ)
				tried, wrong = tried+n, wrong+bad
			}
		}
		if diff := cmp.Diff(before[0], l.counts(t, l.B.ID)); diff != "" {
			t.Errorf("people of A have written rows into B (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(before[1], l.countsOfInstallation(t)); diff != "" {
			t.Errorf("people of A have written rows about B into the installation (-before +after):\n%s", diff)
		}
		for _, id := range []people.LibraryID{l.A.ID, l.B.ID, people.Installation} {
			must(t, l.verify(t.Context(), id))
		}
		l.ownIsThere(t, a)
		promise(t, "T9", "P8", "%s: %d calls of %d methods with another library's, random and malformed ids by %d kinds of people: %d differing answers, 0 rows written",
			l.kind(), tried, len(methods), len(asking), wrong)
	})
}

func (l *land) kind() string {
	if l.url != "" {
		return "PostgreSQL"
	}
	return "SQLite"
}

// countsOfInstallation counts what of the installation an asker may not add to: all
// but its ledger and who is signed in.
func (l *land) countsOfInstallation(t *testing.T) map[string]int {
	t.Helper()
	found := l.counts(t, people.Installation)
	for _, name := range []string{"ledger_leaves", "ledger_hashes", "ledger_checkpoints", "ledger_heads", "sessions", "jobs"} {
		delete(found, name)
	}
	return found
}

// compare tries a method with ids of B, random ones and malformed ones, once as of
// the asker's own library and once as of the library that the ids name.
func (l *land) compare(t *testing.T, name string, m reach, asks inRole, b things, texts []string, differ map[string]bool) (tried, wrong int) {
	t.Helper()
	random := people.LibraryID(l.id(t))
	asA := func(x things) things { x.library = asks.who.Library; return x }
	sets := [][]variant{{{"B's", asA(b)}, {"random", asA(strange("", l.id(t)))}}}
	if m.names {
		sets = append(sets, []variant{{"B's", b}, {"random", strange(random, l.id(t))}, {"the random library's with B's", func() things { x := b; x.library = random; return x }()}})
	}
	for _, text := range texts {
		sets[0] = append(sets[0], variant{fmt.Sprintf("malformed (%.20q)", text), asA(strange("", text))})
		if m.names {
			sets[1] = append(sets[1], variant{fmt.Sprintf("malformed (%.20q)", text), strange(people.LibraryID(text), text)})
		}
	}
	if m.alone {
		sets[0] = nil
	}
	for i, set := range sets {
		want := ""
		for _, v := range set {
			l.Clock.Move(time.Second) // so that what limits tries does not
			seen, err := m.call(t.Context(), l, asks.who, v.ids)
			got := outcome(err)
			if err == nil {
				got = fmt.Sprintf("done: %+v", seen)
			}
			tried++
			if v.name == "B's" {
				want = got
				if err == nil && seen != nil && reflect.ValueOf(seen).Kind() != reflect.Slice {
					t.Errorf("%s, %s: %s ids are answered with %.200s", name, asks.name, v.name, got)
				}
				continue
			}
			if got != want {
				wrong++
				if key := name + got + v.name; !differ[key] { // one line for each difference
					t.Errorf("%s, %s, %s library: with B's ids %.120q, with %s %.120q", name, asks.name, []string{"own", "that"}[i], want, v.name, got)
					differ[key] = true
				}
			}
		}
	}
	return tried, wrong
}

// ownIsThere is the control: with the ids of their own library people do get
// something.
func (l *land) ownIsThere(t *testing.T, a things) {
	t.Helper()
	director := l.A.As(t, people.Director)
	found := 0
	for _, name := range []string{"ReadCase", "ReadWalk", "Branch", "Account", "Devices", "PhoneLines", "Directory", "LibraryAt", "Settings", "InCharge", "CounselNotes", "Alert", "CaseAlerts"} {
		x := a
		x.sealed = x.plain
		if seen, err := methods[name].call(t.Context(), l, director, x); err == nil && seen != nil {
			found++
		} else {
			t.Logf("%s: %s", name, outcome(err))
		}
	}
	if found < 11 {
		t.Errorf("the director of A gets %d of 13 things of A: this test finds nothing", found)
	}
}

// ungatedVariable says to the test's own program that the gate was left out.
const ungatedVariable = "ROUNDTABLE_TRUST_UNGATED"

// P8: with the gate compiled out, the database alone still gives nothing of another
// library to whoever's own library it is not.
func TestTenantsWithoutTheGate(t *testing.T) {
	if os.Getenv(ungatedVariable) != "" {
		t.Skip("this is the run without the gate")
	}
	cmd := exec.Command("go", "test", "-tags", "roundtable_ungated", "-count=1", "-run", "^TestUngated$", "-v", ".")
	cmd.Env = append(os.Environ(), ungatedVariable+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUngated") {
		t.Fatalf("without the gate: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if _, said, ok := strings.Cut(line, "held: "); ok {
			promise(t, "T9", "P8", "%s", strings.TrimSpace(said))
		}
	}
}

// TestUngated is run by TestTenantsWithoutTheGate.
func TestUngated(t *testing.T) {
	if os.Getenv(ungatedVariable) == "" {
		t.Skip("it is run without the gate by TestTenantsWithoutTheGate")
	}
	onBoth(t, func(t *testing.T, l *land) {
		a, b := l.furnish(t, l.A), l.furnish(t, l.B)
		if _, err := l.ReadCase(t.Context(), l.A.As(t, people.Trainer), a.sealed, ""); err != nil {
			t.Fatalf("the gate is still there: %s", told(err))
		}
		before := l.counts(t, l.B.ID)
		asking := l.askers(t, []people.Role{people.Director, people.Desk}, a.desk)
		tried := 0
		for _, name := range slices.Sorted(maps.Keys(methods)) {
			if m := methods[name]; m.call != nil && !m.alone {
				for _, asks := range asking {
					// As pages call it: the library is the asker's own. Words of refusal may
					// differ here, since they are the gate's; what is got may not.
					x := b
					x.library = asks.who.Library
					seen, err := m.call(t.Context(), l, asks.who, x)
					tried++
					if err == nil {
						if text := fmt.Sprintf("%+v", seen); containsAny(text, b.names()) {
							t.Errorf("without the gate %s gives %s of B: %.300s", name, asks.name, text)
						}
					}
				}
			}
		}
		if diff := cmp.Diff(before, l.counts(t, l.B.ID)); diff != "" {
			t.Errorf("without the gate people of A have written rows into B (-before +after):\n%s", diff)
		}
		if _, err := l.ReadCase(t.Context(), l.B.As(t, people.Director), b.plain, ""); err != nil {
			t.Errorf("the control: the director of B cannot read what is B's: %s", told(err))
		}
		told := 0
		for _, name := range []string{"Branches", "Branch", "PhoneLines", "Devices", "Directory", "Account", "LibraryAt", "Settings", "InCharge", "NamePseudonym"} {
			if seen, err := methods[name].call(t.Context(), l, asking[0].who, b); err == nil && containsAny(fmt.Sprintf("%+v", seen), b.names()) {
				told++
			}
		}
		t.Logf("not held by the database alone: %d of 10 methods that are told the library by their caller give it to whoever is told another's; there the gate is the one wall", told)
		if !t.Failed() {
			t.Logf("held: without the gate, %s: %d calls with another library's ids gave nothing of it, and wrote nothing", l.kind(), tried)
		}
	})
}

// names are the ids of what a library has.
func (x things) names() []string {
	return []string{string(x.library), string(x.branch), string(x.plain), string(x.sealed), string(x.person), string(x.membership), string(x.pseudonym), string(x.device), string(x.note)}
}

func containsAny(text string, list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(text, s) })
}
