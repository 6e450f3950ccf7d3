package access

// The table. A rule names an act, the kind of its subject, the act in words that
// complete "You may not ...", and who may: lines of variants, standings and
// relations. What no line allows is denied.
//
// Three things save lines, and check.go fails a table that says them twice:
//
//   - None is whatever the relation: a role that may with None may with any
//     relation, but Self and Proposer. A role at another branch of the library
//     counts only with the relations that a line names, never with None.
//   - What a Stranger may, anybody may; what a Member may, every role may.
//   - What whoever stands at a device may with it, whoever is signed in there may.

type rule struct {
	act  Act
	kind Kind
	does string
	may  []grant
}

type grant struct {
	on  variantSet
	who standingSet
	as  relationSet
}

// The standings that often come together.
var (
	strangers = setOf(Stranger)
	device    = setOf(AtDevice)
	members   = setOf(Member)
	staff     = setOf(Desk, InCharge, Director, SafetyLead, Trainer, RoomOfficer)
	workers   = staff | counsel
	inCharge  = setOf(InCharge)
	director  = setOf(Director)
	counsel   = setOf(Counsel)
	safety    = setOf(SafetyLead)
	trainer   = setOf(Trainer)
	auditor   = setOf(Auditor)
	board     = setOf(Board)
	admin     = setOf(Admin)
	roles     = workers | auditor | board | admin
)

// The relations and variants that often come together.
var (
	anyhow = tied(None)
	tasked = tied(Assigned, Owner)
	led    = tied(None, Assigned, Owner) // at another branch, those that one leads
)

const (
	open    = incident | demand | conduct
	anyCase = open | incidentSealed | abuse | demandSealed | conductSealed | practice
	demands = demand | demandSealed
	matters = incident | conduct
	sealed  = incidentSealed | conductSealed
	account = plain | trusted | elsewhere
	role    = plain | trusted
)

// Who reads what is written in a case, by its class: the data inventory of the
// threat model.
var readers = []grant{
	{incident, director | inCharge, led},
	{incident, workers, tasked},
	{conduct, director | inCharge, led},
	{conduct, counsel, tasked},
	{sealed, director, led},
	{incidentSealed, workers, tasked},
	{conductSealed, inCharge | counsel, tasked},
	{demands, director | counsel, led},
	{abuse, safety, led},
	{abuse, staff, tied(Author)},
}

// Who decides on a case.
var deciders = []grant{
	{matters, director | inCharge, led},
	{sealed, director, led},
	{demands, director | counsel, led},
	{abuse, safety, led},
}

// Who has the walk in hand: the device on which it runs, whoever is there, and
// the person who walks it elsewhere.
var walkers = []grant{
	{anyCase, device, tied(OwnDevice)},
	{anyCase, staff, tied(Walker)},
}

// Whom a running walk has called, while it is not sealed against them. Suspected
// abuse calls whom its playbook names; afterwards they do not know of it.
var called = []grant{
	{open | abuse, workers, tied(Told)},
}

// Who may place a hold, and who lifts one or makes an exception to the schedule:
// always two of them.
var keepers = []grant{
	{matters | sealed, director, led},
	{matters | sealed, counsel, tasked},
	{demands, director | counsel, led},
	{abuse, safety, led},
}

// Who had a part in a case that is not sealed.
var writers = []grant{
	{open, staff, tied(Author)},
}

// on makes one line for a subject that has no variants.
func on(who standingSet, as relationSet) []grant { return []grant{{whatever, who, as}} }

// all puts lists of lines together.
func all(lists ...[]grant) (lines []grant) {
	for _, l := range lists {
		lines = append(lines, l...)
	}
	return lines
}

// second names each act that takes a second person, with the act by which the
// first one asks for it. Both are for the same people.
var second = map[Act]Act{
	ConfirmRaiseRetention: AskRaiseRetention,
	ConfirmLiftWideHold:   AskLiftWideHold,
	ConfirmLiftHold:       AskLiftHold,
	ConfirmPurgeException: AskPurgeException,
}

// known names, for each kind, the act that says who may know of a subject.
// Whoever may not is told that it is not there.
var known = map[Kind]Act{
	Installation: KnowInstallation,
	Library:      KnowLibrary,
	Shared:       KnowLibrary,
	Branch:       KnowLibrary,
	Case:         KnowCase,
	Note:         KnowCounselNote,
	Person:       KnowPerson,
	Device:       KnowDevice,
}

var rules = []rule{
	// The installation.
	{KnowInstallation, Installation, "see that Roundtable is here", on(strangers, anyhow)},
	{SetUp, Installation, "set up Roundtable", on(strangers, tied(Bearer))},
	{SignIn, Installation, "sign in", on(strangers, anyhow)},
	{ReadInstallation, Installation, "see the settings of the installation", on(admin, anyhow)},
	{ChangeInstallation, Installation, "change the settings of the installation", on(admin, anyhow)},
	{AddLibrary, Installation, "add a library", on(admin, anyhow)},
	{RotateMasterKey, Installation, "change the installation's key", on(admin, anyhow)},
	{PrintRecoveryShares, Installation, "print new recovery shares", on(admin, anyhow)},
	{BackUpInstallation, Installation, "back up the installation", on(admin, anyhow)},
	{ReadMasterLedger, Installation, "read the installation's log", on(auditor, anyhow)},
	{ChangeMasterWitness, Installation, "change who keeps the installation's checkpoints", on(auditor, anyhow)},
	{AcceptClock, Installation, "say that the clock is right", on(admin, anyhow)},
	{EndSessionsOfAll, Installation, "sign everybody out", on(admin, anyhow)},
	{SeeInstallationState, Installation, "see how the installation is doing", on(admin, anyhow)},

	// A library.
	{ReadSettings, Library, "see the settings", on(director|admin, anyhow)},
	{ChangeSettings, Library, "change the settings", on(director|admin, anyhow)},
	{ChangeBranches, Library, "change the branches", on(director|admin, anyhow)},
	{AdoptPlaybook, Library, "adopt a playbook", on(director, anyhow)},
	{EditPlaybook, Library, "edit a playbook", on(director|trainer, anyhow)},
	{ChangePolicies, Library, "change the policies", on(director, anyhow)},
	{ReadRetention, Library, "see how long records are kept", on(director|counsel|admin, anyhow)},
	{LowerRetention, Library, "keep records for a shorter time", on(director, anyhow)},
	{AskRaiseRetention, Library, "ask to keep records longer", on(director|counsel, anyhow)},
	{ConfirmRaiseRetention, Library, "confirm that records are kept longer", on(director|counsel, anyhow)},
	{ReleasePurgeBrake, Library, "let a large clean-up go on", on(director, anyhow)},
	{PlaceWideHold, Library, "stop the clean-up of many records", on(director|counsel, anyhow)},
	{AskLiftWideHold, Library, "ask to let clean-up go on", on(director|counsel, anyhow)},
	{ConfirmLiftWideHold, Library, "confirm that clean-up goes on", on(director|counsel, anyhow)},
	{ReportHoldings, Library, "report what is held about somebody", on(director|counsel, anyhow)},
	{ReadLedger, Library, "read the log", on(auditor, anyhow)},
	{ExportLedger, Library, "export the log", on(auditor, anyhow)},
	{ProveEntry, Library, "prove an entry of the log", on(auditor|director|counsel, anyhow)},
	{ChangeWitness, Library, "change who keeps the log's checkpoints", on(director, anyhow)},
	{RotateLibraryKey, Library, "change the library's key", on(director|admin, anyhow)},
	{SeeBackups, Library, "see the backups", on(director|admin, anyhow)},
	{RunBackup, Library, "make a backup", on(admin, anyhow)},
	{TestRestore, Library, "test a backup", on(admin, anyhow)},
	{ChangeBackups, Library, "change where backups go", on(admin, anyhow)},
	{SeeHealth, Library, "see how Roundtable is doing", on(director|admin, anyhow)},

	// What branches share.
	{KnowLibrary, Shared, "see that the library is here", on(device|roles, anyhow)},
	{ReadPlaybooks, Shared, "read the playbooks", on(device|workers|admin, anyhow)},
	{ReadPolicies, Shared, "read the policies", on(device|workers|admin, anyhow)},
	{FetchShell, Shared, "keep the playbooks on this device", on(device|staff, anyhow)},
	{SeePhoneTree, Shared, "see the phone tree", on(device|workers|admin, anyhow)},
	{SeePeople, Shared, "see who works here", on(director|inCharge|safety|admin, anyhow)},
	{SeeCheckpoint, Shared, "see the log's checkpoint", on(device|roles, anyhow)},
	{Practise, Shared, "practise", on(device|workers|admin, anyhow)},

	// A branch. What a list shows is decided case by case.
	{SeeDesk, Branch, "open the desk", on(device|workers|admin, anyhow)},
	{StartWalk, Branch, "start a playbook", on(device|staff, anyhow)},
	{SeeHappening, Branch, "see what is happening now", on(workers, anyhow)},
	{ListCases, Branch, "see the list of cases", on(workers, anyhow)},
	{SearchCases, Branch, "search in cases", on(workers, anyhow)},
	{ListDeadlines, Branch, "see the list of due dates", on(workers, anyhow)},
	{SeeNumbers, Branch, "see the numbers", on(board|director|inCharge, anyhow)},
	{EditPhoneTree, Branch, "change the phone tree", on(director|inCharge|admin, anyhow)},
	{SetDuty, Branch, "change who is in charge now", on(director|inCharge, anyhow)},
	{TestAlert, Branch, "send a test alert", on(director|inCharge|admin, anyhow)},
	{RunDrill, Branch, "run a drill", on(director|inCharge, anyhow)},
	{OfferEnrol, Branch, "enrol a device", on(director|inCharge|admin, anyhow)},

	// A walk.
	{KnowCase, Case, "see that this case is here", all(readers, walkers, called, writers, []grant{
		{open | practice, device, tied(PastDevice)},
	})},
	{ReadWalk, Case, "follow this walk", all(readers, walkers, called)},
	{EnterStep, Case, "show this step", walkers},
	{Move, Case, "go on in this walk", walkers},
	{WriteInStep, Case, "write in this step", walkers},
	{AddNote, Case, "add a note", all(readers, walkers, writers)},
	{AddPhoto, Case, "add a photo", all(readers, walkers)},
	{RemovePhoto, Case, "remove a photo", all(readers, walkers)},
	{SendWaiting, Case, "send what waits on this device", all(walkers, []grant{
		{anyCase, device, tied(PastDevice)},
		{anyCase, staff, tied(Author)},
	})},
	{HandOver, Case, "hand this walk over", walkers},
	{TakeHandedOver, Case, "take this walk", []grant{
		{anyCase, device | staff, tied(Bearer)},
	}},
	{EndWalk, Case, "end this walk", walkers},
	{SayWho, Case, "say who acted", all(walkers, []grant{
		{anyCase, device, tied(PastDevice)},
		{anyCase, staff, tied(Author)},
	})},
	// A sealed case is taken over before its walk ends: afterwards the device
	// does not know of it.
	{TakeOver, Case, "take this case over", []grant{
		{anyCase &^ practice, staff, tied(OwnDevice)},
		{open, staff, tied(PastDevice)},
	}},
	{KeepRecord, Case, "keep this record", []grant{
		{abuse, device, tied(OwnDevice)},
		{abuse, staff, tied(Walker, Author)},
		{abuse, safety, led},
	}},
	{SendLine, Case, "send a line to the desk", all(readers, called)},
	{TakeCharge, Case, "take charge of this case", all([]grant{
		{matters, director | inCharge, led},
		{sealed | demands, director, led},
		{abuse, safety, led},
		{open | abuse, director | inCharge | safety, tied(Told)},
	})},
	{AnswerAlert, Case, "answer this alert", all(called, []grant{
		{sealed, director, tied(Told)},
		{demandSealed, director | counsel, tied(Told)},
	})},

	// A record.
	{ReadCase, Case, "read this case", readers},
	{WriteReport, Case, "write in this report", readers},
	{AddAddendum, Case, "add to this report", all(readers, writers)},
	{AddFile, Case, "add a file", readers},
	{RedactFile, Case, "redact a file", readers},
	{SetDeadline, Case, "set a due date", readers},
	{PrintCase, Case, "print this case", readers},
	{ProduceCase, Case, "make the copy that is handed out", keepers},
	{ReadCaseLog, Case, "see who opened this case", []grant{
		{incident | incidentSealed, workers, tied(Owner)},
		{conduct | conductSealed, director | inCharge | counsel, tied(Owner)},
		{demands, director | counsel, tied(Owner)},
		{abuse, safety, tied(Owner)},
	}},
	{AssignCase, Case, "ask somebody to work on this case", []grant{
		{matters, director | inCharge, led},
		{sealed | demands, director, led},
		{abuse, safety, led},
	}},
	{ChangeOwner, Case, "change who answers for this case", []grant{
		{matters, director | inCharge, led},
		{sealed | demands, director, led},
		{abuse, safety, led},
	}},
	{RaiseClass, Case, "raise the class of this record", deciders},
	{ReviewReport, Case, "review this report", deciders},
	{CloseCase, Case, "close this case", deciders},
	{ReopenCase, Case, "open this case again", deciders},
	{SealCase, Case, "seal this case", []grant{
		{matters, director, led},
		{demand, director | counsel, led},
	}},
	{UnsealCase, Case, "unseal this case", []grant{
		{sealed, director, led},
		{demandSealed, director | counsel, led},
	}},
	{PlaceHold, Case, "stop the clean-up of this case", all(keepers, []grant{
		{matters, inCharge, led},
	})},
	{AskLiftHold, Case, "ask to let the clean-up of this case go on", keepers},
	{ConfirmLiftHold, Case, "confirm that the clean-up of this case goes on", keepers},
	{AskPurgeException, Case, "ask to destroy this case out of turn", keepers},
	{ConfirmPurgeException, Case, "confirm that this case is destroyed out of turn", keepers},
	{WriteCounselNote, Case, "write to counsel", all(readers, called, writers, []grant{
		{anyCase &^ practice, staff, tied(Walker)},
	})},

	// A note for counsel. What it says only counsel's key can open.
	{KnowCounselNote, Note, "see that this note is here", []grant{
		{whatever, counsel, anyhow},
		{whatever, staff, tied(Author)},
	}},
	{ReadCounselNote, Note, "read this note", on(counsel, anyhow)},
	{KeepCounselNote, Note, "keep this note for another year", on(counsel, anyhow)},
	{ShredCounselNote, Note, "destroy this note", on(counsel, anyhow)},

	// An account or a role.
	{KnowPerson, Person, "see this account", []grant{
		{account, director | inCharge | safety | admin, anyhow},
		{account, members, tied(Self)},
	}},
	{ReadAccount, Person, "see this account's details", []grant{
		{account, director | admin, anyhow},
		{account, members, tied(Self)},
	}},
	{ChangeAccount, Person, "change this account", []grant{
		{plain, director | admin, anyhow},
		{trusted, director, anyhow},
		{account, members, tied(Self)},
	}},
	{ChangeSignIn, Person, "change how this person signs in", []grant{
		{account, members, tied(Self)},
	}},
	{ResetSignIn, Person, "let this person sign in anew", []grant{
		{plain, director | admin, anyhow},
		{trusted, director, anyhow},
	}},
	{SeeSessions, Person, "see where this person is signed in", []grant{
		{account, members, tied(Self)},
	}},
	{EndSessions, Person, "sign this person out", []grant{
		{account, director | admin, anyhow},
		{account, members, tied(Self)},
	}},
	{SubscribeAlerts, Person, "choose where alerts go", []grant{
		{account, members, tied(Self)},
	}},
	{ChangeCounselKey, Person, "change counsel's key", []grant{
		{account, counsel, tied(Self)},
	}},
	{InvitePerson, Person, "invite this person", []grant{
		{plain, director | admin, anyhow},
		{trusted, director, anyhow},
	}},
	{WithdrawInvitation, Person, "withdraw this invitation", []grant{
		{role, director | admin, anyhow},
	}},
	{AcceptInvitation, Person, "accept this invitation", []grant{
		{account, strangers, tied(Bearer)},
	}},
	{GiveRole, Person, "give this role", []grant{
		{plain, director | admin, anyhow},
		{trusted, director, anyhow},
	}},
	{EndRole, Person, "end this role", []grant{
		{role, director | admin, anyhow},
		{role, members, tied(Self)},
	}},
	{RemovePerson, Person, "remove this person", []grant{
		{role, director | admin, anyhow},
	}},
	{NamePseudonym, Person, "see whose pseudonym this is", []grant{
		{account, admin, anyhow},
	}},

	// A device.
	{KnowDevice, Device, "see this device", []grant{
		{whatever, director | inCharge | admin, anyhow},
		{whatever, device, tied(Self)},
	}},
	{EnrolDevice, Device, "enrol this device", on(strangers, tied(Bearer))},
	{RenameDevice, Device, "rename this device", on(director|inCharge|admin, anyhow)},
	{RevokeDevice, Device, "revoke this device", on(director|inCharge|admin, anyhow)},
}
