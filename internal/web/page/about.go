package page

import (
	"strconv"

	"roundtable/internal/web/static"
)

// What each page is: template, title, place in the navigation, frame, forms.

func (f Frame) frame() Frame { return f }

func staff(template, thing string, at Place, forms ...Form) about {
	return about{template: template, thing: thing, at: at, forms: forms}
}

func single(template, thing string, forms ...Form) about {
	return about{template: template, thing: thing, kind: alone, forms: forms}
}

// listening is for pages that hear of changes.
func (a about) listening() about {
	a.live = true
	return a
}

// with adds a module to the page, if it is needed.
func (a about) with(needed bool, module string) about {
	if needed {
		a.module = module
	}
	return a
}

func (p Desk) about() about {
	return about{template: "desk", thing: "What is happening?", at: AtDesk, kind: inline, module: static.Desk}
}

func (p Go) about() about {
	return about{template: "go", thing: p.Title, at: AtDesk, kind: inline, module: static.Desk}
}

func (p Step) about() about {
	return about{template: "step", thing: p.Card.Heading + " – " + p.Title, kind: inline, module: static.TakeOver, live: true}
}

func (p Said) about() about { return about{template: "said", thing: "Say this", kind: inline} }
func (p Finish) about() about {
	return about{template: "finish", thing: p.Words.EndTitle, kind: inline, live: true}
}
func (p Handover) about() about {
	return staff("hand-over", "Hand over", Nowhere)
}
func (p Take) about() about     { return staff("take", "Take a walk", AtDesk, p.Form.Form) }
func (p WhoActed) about() about { return staff("who-acted", "Who was here?", AtDesk, p.Form.Form) }
func (p Handed) about() about {
	if p.Public {
		return about{template: "handed", kind: public}
	}
	return staff("handed", p.Sheet.Title, Nowhere)
}

func (p DeskAll) about() about {
	return staff("desk-all", "All guides", AtDesk).with(true, static.Desk)
}
func (p LiveCase) about() about {
	return staff("live-case", "Live: "+p.Title, AtIncidents, p.Form.Form).listening()
}
func (p Alert) about() about        { return staff("alert", p.Heading(), Nowhere).listening() }
func (p Now) about() about          { return staff("now", "Happening now", AtIncidents).listening() }
func (p Incidents) about() about    { return staff("incidents", "Incidents", AtIncidents) }
func (p Deadlines) about() about    { return staff("deadlines", "Deadlines", AtIncidents) }
func (p Case) about() about         { return staff("case", p.Title, AtIncidents) }
func (p CaseLog) about() about      { return staff("case-log", "Log of "+p.Number, AtIncidents) }
func (p Practise) about() about     { return staff("practise", "Practise", AtPractise) }
func (p RoomRequests) about() about { return staff("room-requests", "Room requests", AtRooms) }

func (p Help) about() about { return about{template: "help", kind: public} }

func (p Manage) about() about          { return staff("manage", "Manage", AtManage) }
func (p ManagePlaybooks) about() about { return staff("manage-playbooks", "Playbooks", AtManage) }
func (p ManagePolicies) about() about  { return staff("manage-policies", "Policies", AtManage) }
func (p ManageTree) about() about      { return staff("manage-tree", "Printed phone tree", AtManage) }
func (p PhoneTree) about() about       { return staff("phone-tree", "Phone tree", AtManage) }
func (p AddPhoneLine) about() about {
	return staff("add-phone-line", "Add a number", AtManage, p.Form.Form)
}
func (p SetDuty) about() about {
	return staff("set-duty", "Who is in charge", AtManage, p.Form.Form)
}
func (p AddShift) about() about { return staff("add-shift", "Who is on duty", AtManage, p.Form.Form) }
func (p AddHours) about() about { return staff("add-hours", "Opening hours", AtManage, p.Form.Form) }
func (p AddHoliday) about() about {
	return staff("add-holiday", "Add a holiday", AtManage, p.Form.Form)
}
func (p AddAway) about() about    { return staff("add-away", "Away", AtManage, p.Form.Form) }
func (p Ladders) about() about    { return staff("ladders", "Who is told next", AtManage) }
func (p EditLadder) about() about { return staff("edit-ladder", p.Title, AtManage, p.Form.Form) }
func (p MeAlerts) about() about {
	return staff("me-alerts", "Where your alerts go", Nowhere, p.Form.Form, p.Browser.Form).with(p.WhyNot == "", static.Push)
}
func (p Libraries) about() about { return staff("libraries", "Libraries", AtManage) }
func (p AddLibrary) about() about {
	return staff("add-library", "Add a library", AtManage, p.Form.Form)
}
func (p LibraryAdded) about() about { return staff("library-added", "Invitations", AtManage) }
func (p Recovery) about() about {
	return staff("recovery", "Recovery papers", AtManage, p.Form.Form)
}
func (p SignInElsewhere) about() about {
	return staff("sign-in-elsewhere", "Signing in elsewhere", AtManage, p.Form.Form)
}
func (p ManageReports) about() about { return staff("manage-reports", "Reports", AtManage) }
func (p ManageRetention) about() about {
	return staff("manage-retention", "How long things are kept", AtManage)
}
func (p Settings) about() about { return staff("settings", "Settings", AtManage, p.Form.Form) }
func (p Audit) about() about    { return staff("audit", "The log", AtManage) }
func (p Witness) about() about {
	return staff("witness", "The witness of the log", AtManage, p.Form.Form)
}

func (p People) about() about  { return staff("people", "People", AtManage) }
func (p Invite) about() about  { return staff("invite", "Invite somebody", AtManage, p.Form.Form) }
func (p Invited) about() about { return staff("invited", "Invitation for "+p.Name, AtManage) }
func (p Person) about() about  { return staff("person", p.Name, AtManage) }
func (p GiveRole) about() about {
	return staff("give-role", "Give "+p.Name+" a role", AtManage, p.Form.Form)
}
func (p Branches) about() about   { return staff("branches", "Branches", AtManage) }
func (p EditBranch) about() about { return staff("edit-branch", p.Title(), AtManage, p.Form.Form) }
func (p Devices) about() about    { return staff("devices", "Devices", AtManage) }
func (p OfferDevice) about() about {
	return staff("offer-device", "Enrol a device", AtManage, p.Form.Form)
}
func (p DeviceCode) about() about { return staff("device-code", "Code for "+p.Name, AtManage) }
func (p Confirm) about() about    { return staff("confirm", p.Title, p.At, p.Form) }

// Title returns the heading.
func (p EditBranch) Title() string {
	if p.Name == "" {
		return "Add a branch"
	}
	return p.Name
}

func (p Enrol) about() about { return single("enrol", "Enrol this device", p.Form.Form) }

func (p SignIn) about() about {
	return single("signin", "Sign in", p.Form.Form).with(p.Passkeys, static.Passkeys)
}

func (p SignInCode) about() about     { return single("signin-code", "One-time code", p.Form.Form) }
func (p SignInRecovery) about() about { return single("signin-recovery", "Recovery code", p.Form.Form) }
func (p Lock) about() about {
	return single("lock", "Locked", p.Form.Form).with(p.Passkeys, static.Passkeys)
}

func (p Accept) about() about {
	return single("accept", "Welcome", p.Form.Form).with(p.Passkeys, static.Passkeys)
}

func (p Me) about() about         { return staff("me", "You", Nowhere, p.Place.Form) }
func (p MePassword) about() about { return staff("me-password", "Password", Nowhere, p.Form.Form) }
func (p MeCodes) about() about    { return staff("me-codes", "One-time codes", Nowhere, p.Form.Form) }
func (p MeRecovery) about() about { return staff("me-recovery", "Recovery codes", Nowhere) }
func (p MePasskeys) about() about {
	return staff("me-passkeys", "Passkeys", Nowhere, p.Form.Form).with(p.WhyNot == "", static.Passkeys)
}

func (p MePIN) about() about { return staff("me-pin", "PIN", Nowhere, p.Form.Form) }
func (p MeCounsel) about() about {
	return staff("me-counsel", "Counsel’s key", Nowhere).with(p.WhyNot == "", static.Counsel)
}

func (p Keys) about() about          { return staff("keys", "Keys", Nowhere) }
func (p Accessibility) about() about { return staff("accessibility", "Accessibility", Nowhere) }

func (p Trouble) about() about { return staff("trouble", p.What.Title(), p.At) }

func (p SetUpWelcome) about() about { return single("setup-welcome", "Set up Roundtable", p.Form.Form) }
func (p SetUpAddress) about() about { return single("setup-address", "The address", p.Form.Form) }
func (p SetUpLibrary) about() about { return single("setup-library", "Your library", p.Form.Form) }
func (p SetUpBranch) about() about  { return single("setup-branch", "The first branch", p.Form.Form) }
func (p SetUpPeople) about() about {
	return single("setup-people", "The first two people", p.Form.Form)
}
func (p SetUpYou) about() about    { return single("setup-you", "Your way in", p.Form.Form) }
func (p SetUpShares) about() about { return single("setup-shares", "Three papers", p.Form.Form) }
func (p SetUpDone) about() about   { return single("setup-done", "Ready", Form{}) }

// Steps says which step of set-up a page is.
func (p SetUpWelcome) Steps() Steps { return Steps{stepWelcome, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpAddress) Steps() Steps { return Steps{stepAddress, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpLibrary) Steps() Steps { return Steps{stepLibrary, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpBranch) Steps() Steps { return Steps{stepBranch, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpPeople) Steps() Steps { return Steps{stepPeople, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpYou) Steps() Steps { return Steps{stepYou, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpShares) Steps() Steps { return Steps{stepShares, stepDone} }

// Steps says which step of set-up a page is.
func (p SetUpDone) Steps() Steps { return Steps{stepDone, stepDone} }

func itoa(n int) string { return strconv.Itoa(n) }
