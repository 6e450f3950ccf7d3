package access

// Act names something that can be done. The name is also the kind of its entry
// in the ledger, so it stays as it is once it was used.
type Act string

// What is done to the installation.
const (
	KnowInstallation     Act = "know-installation"
	SetUp                Act = "set-up"
	SignIn               Act = "sign-in"
	ReadInstallation     Act = "read-installation"
	ChangeInstallation   Act = "change-installation"
	AddLibrary           Act = "add-library"
	RotateMasterKey      Act = "rotate-master-key"
	PrintRecoveryShares  Act = "print-recovery-shares"
	BackUpInstallation   Act = "back-up-installation"
	ReadMasterLedger     Act = "read-master-ledger"
	ChangeMasterWitness  Act = "change-master-witness"
	AcceptClock          Act = "accept-clock"
	EndSessionsOfAll     Act = "end-sessions-of-all"
	SeeInstallationState Act = "see-installation-state"
)

// What is done to a library as a whole.
const (
	ReadSettings          Act = "read-settings"
	ChangeSettings        Act = "change-settings"
	ChangeBranches        Act = "change-branches"
	AdoptPlaybook         Act = "adopt-playbook"
	EditPlaybook          Act = "edit-playbook"
	ChangePolicies        Act = "change-policies"
	ReadRetention         Act = "read-retention"
	LowerRetention        Act = "lower-retention"
	AskRaiseRetention     Act = "ask-raise-retention"
	ConfirmRaiseRetention Act = "confirm-raise-retention"
	ReleasePurgeBrake     Act = "release-purge-brake"
	PlaceWideHold         Act = "place-wide-hold"
	AskLiftWideHold       Act = "ask-lift-wide-hold"
	ConfirmLiftWideHold   Act = "confirm-lift-wide-hold"
	ReportHoldings        Act = "report-holdings"
	ReadLedger            Act = "read-ledger"
	ExportLedger          Act = "export-ledger"
	ProveEntry            Act = "prove-entry"
	ChangeWitness         Act = "change-witness"
	RotateLibraryKey      Act = "rotate-library-key"
	SeeBackups            Act = "see-backups"
	RunBackup             Act = "run-backup"
	TestRestore           Act = "test-restore"
	ChangeBackups         Act = "change-backups"
	SeeHealth             Act = "see-health"
)

// What all branches of a library share.
const (
	KnowLibrary   Act = "know-library"
	ReadPlaybooks Act = "read-playbooks"
	ReadPolicies  Act = "read-policies"
	FetchShell    Act = "fetch-shell"
	SeePhoneTree  Act = "see-phone-tree"
	SeePeople     Act = "see-people"
	SeeCheckpoint Act = "see-checkpoint"
	Practise      Act = "practise"
)

// What is done at a branch.
const (
	SeeDesk       Act = "see-desk"
	StartWalk     Act = "start-walk"
	SeeHappening  Act = "see-happening"
	ListCases     Act = "list-cases"
	SearchCases   Act = "search-cases"
	ListDeadlines Act = "list-deadlines"
	SeeNumbers    Act = "see-numbers"
	EditPhoneTree Act = "edit-phone-tree"
	SetDuty       Act = "set-duty"
	TestAlert     Act = "test-alert"
	RunDrill      Act = "run-drill"
	OfferEnrol    Act = "offer-enrolment"
)

// What is done to a walk.
const (
	KnowCase       Act = "know-case"
	ReadWalk       Act = "read-walk"
	EnterStep      Act = "enter-step"
	Move           Act = "move"
	WriteInStep    Act = "write-in-step"
	AddNote        Act = "add-note"
	AddPhoto       Act = "add-photo"
	RemovePhoto    Act = "remove-photo"
	SendWaiting    Act = "send-waiting"
	HandOver       Act = "hand-over"
	TakeHandedOver Act = "take-handed-over"
	EndWalk        Act = "end-walk"
	SayWho         Act = "say-who"
	TakeOver       Act = "take-over"
	KeepRecord     Act = "keep-record"
	SendLine       Act = "send-line"
	TakeCharge     Act = "take-charge"
	AnswerAlert    Act = "answer-alert"
)

// What is done to a record.
const (
	ReadCase              Act = "read-case"
	WriteReport           Act = "write-report"
	AddAddendum           Act = "add-addendum"
	AddFile               Act = "add-file"
	RedactFile            Act = "redact-file"
	SetDeadline           Act = "set-deadline"
	PrintCase             Act = "print-case"
	ProduceCase           Act = "produce-case"
	ReadCaseLog           Act = "read-case-log"
	AssignCase            Act = "assign-case"
	ChangeOwner           Act = "change-owner"
	RaiseClass            Act = "raise-class"
	ReviewReport          Act = "review-report"
	CloseCase             Act = "close-case"
	ReopenCase            Act = "reopen-case"
	SealCase              Act = "seal-case"
	UnsealCase            Act = "unseal-case"
	PlaceHold             Act = "place-hold"
	AskLiftHold           Act = "ask-lift-hold"
	ConfirmLiftHold       Act = "confirm-lift-hold"
	AskPurgeException     Act = "ask-purge-exception"
	ConfirmPurgeException Act = "confirm-purge-exception"
	WriteCounselNote      Act = "write-counsel-note"
)

// What is done to a note for counsel.
const (
	KnowCounselNote  Act = "know-counsel-note"
	ReadCounselNote  Act = "read-counsel-note"
	KeepCounselNote  Act = "keep-counsel-note"
	ShredCounselNote Act = "shred-counsel-note"
)

// What is done to an account, or to a role of a person. The class of GiveRole
// and EndRole is the role's. Of all others it is Elsewhere if the person has a
// role or an invitation at another library, else Trusted if one of their roles
// is: an account is one for the whole installation, and who may reset its
// sign-in may become it everywhere.
const (
	KnowPerson         Act = "know-person"
	ReadAccount        Act = "read-account"
	ChangeAccount      Act = "change-account"
	ChangeSignIn       Act = "change-sign-in"
	ResetSignIn        Act = "reset-sign-in"
	SeeSessions        Act = "see-sessions"
	EndSessions        Act = "end-sessions"
	SubscribeAlerts    Act = "subscribe-alerts"
	ChangeCounselKey   Act = "change-counsel-key"
	InvitePerson       Act = "invite-person"
	WithdrawInvitation Act = "withdraw-invitation"
	AcceptInvitation   Act = "accept-invitation"
	GiveRole           Act = "give-role"
	EndRole            Act = "end-role"
	RemovePerson       Act = "remove-person"
	NamePseudonym      Act = "name-pseudonym"
)

// What is done to a device.
const (
	KnowDevice   Act = "know-device"
	EnrolDevice  Act = "enrol-device"
	RenameDevice Act = "rename-device"
	RevokeDevice Act = "revoke-device"
)
