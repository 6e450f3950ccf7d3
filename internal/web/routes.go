package web

import (
	"net/http"

	"roundtable/internal/access"
	"roundtable/internal/app"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Why a route names no act.
const (
	everybody = "It is the same for everybody."
	browser   = "It concerns the browser's own session, which is shown by its cookie."
	patron    = "It is for the public of a library: no account, no cookie, no script."
)

// gatewayOnly is why the gateway of text messages may come: it names no act.
const gatewayOnly = "Whoever has the gateway's secret is the gateway; to all others it says nothing."

// Why a stranger may come where an act is named.
const (
	bearer = "Whoever has the code or the link is whom it is for."
	door   = "This is how one stops being a stranger."
)

// roomWork stands for the acts of rooms, which come with them: it is for whoever
// works here and is signed in.
const roomWork = access.ListDeadlines

// routes is the table of all routes: what is asked, which act of package access it
// does, and who answers. A place of the sitemap whose room comes later has its row
// too.
//
// Of an act that only some of a page needs, the row names the one without which the
// page is not there.
func routes() []route {
	return []route{
		// The house itself.
		{method: get, path: "/", public: everybody, serve: showHome},
		{method: get, path: "/health", public: "It says only whether the server is ready.", plain: true, anyName: true, serve: showHealth},
		{method: get, path: "/static/{file...}", public: everybody, plain: true, serve: serveStatic},
		{method: get, path: "/keys", public: everybody, serve: showKeys},
		{method: get, path: "/accessibility", public: everybody, serve: showAccessibility},
		{method: get, path: "/offline", public: everybody, plain: true, serve: showOfflineDesk},
		{method: get, path: "/offline/walk", public: everybody, plain: true, serve: showOfflineWalk},
		{method: get, path: "/offline/walk/{lang}", public: everybody, plain: true, serve: showOfflineWalk},
		{method: get, path: "/sw.js", public: everybody, plain: true, serve: serveWorker},
		{method: get, path: "/events", act: access.KnowLibrary, serve: serveEvents},
		{method: post, path: "/receipts/sms", public: gatewayOnly, plain: true, script: true, json: true, most: app.MaxReceipt, serve: takeReceipt},

		// Set-up. Each page is there while nothing is set up.
		{method: get, path: "/setup", act: access.SetUp, stranger: bearer, serve: showSetUp},
		{method: post, path: "/setup", act: access.SetUp, stranger: bearer, serve: postSetUp},
		{method: get, path: "/setup/address", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpAddress)},
		{method: post, path: "/setup/address", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpAddress)},
		{method: get, path: "/setup/library", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpLibrary)},
		{method: post, path: "/setup/library", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpLibrary)},
		{method: get, path: "/setup/branch", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpBranch)},
		{method: post, path: "/setup/branch", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpBranch)},
		{method: get, path: "/setup/people", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpPeople)},
		{method: post, path: "/setup/people", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpPeople)},
		{method: get, path: "/setup/you", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpYou)},
		{method: post, path: "/setup/you", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpYou)},
		{method: get, path: "/setup/shares", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpShares)},
		{method: post, path: "/setup/shares", act: access.SetUp, stranger: bearer, serve: setUpPage(postSetUpShares)},
		{method: get, path: "/setup/done", act: access.SetUp, stranger: bearer, serve: setUpPage(showSetUpDone)},

		// Signing in, and locking.
		{method: get, path: "/signin", act: access.SignIn, stranger: door, uses: passkeys, serve: showSignIn},
		{method: post, path: "/signin", act: access.SignIn, stranger: door, uses: passkeys, serve: postSignIn},
		{method: get, path: "/signin/code", act: access.SignIn, stranger: door, serve: showSignInCode},
		{method: post, path: "/signin/code", act: access.SignIn, stranger: door, serve: postSignInCode},
		{method: get, path: "/signin/recovery", act: access.SignIn, stranger: door, serve: showSignInCode},
		{method: post, path: "/signin/recovery", act: access.SignIn, stranger: door, serve: postSignInRecovery},
		{method: post, path: "/signin/passkey/begin", act: access.SignIn, stranger: door, script: true, serve: beginPasskeySignIn},
		{method: post, path: "/signin/passkey/finish", act: access.SignIn, stranger: door, script: true, json: true, serve: finishPasskeySignIn},
		{method: post, path: "/signin/provider", act: access.SignIn, stranger: door, serve: goToProvider},
		{method: get, path: "/signin/provider/back", act: access.SignIn, stranger: door, changes: "A provider sends browsers back by GET.", serve: comeFromProvider},
		{method: post, path: "/signout", public: browser, serve: signOut},
		{method: get, path: "/lock", public: browser, uses: passkeys, serve: showLock},
		{method: post, path: "/lock", public: browser, uses: passkeys, serve: unlock},
		{method: post, path: "/lock/now", public: browser, serve: lockNow},
		{method: post, path: "/lock/stay", act: access.ChangeSignIn, script: true, serve: stay},
		{method: get, path: "/lock/kept", act: access.ChangeSignIn, serve: sendKept},
		{method: post, path: "/lock/passkey/begin", public: browser, script: true, serve: beginPasskeyUnlock},
		{method: post, path: "/lock/passkey/finish", public: browser, script: true, json: true, serve: finishPasskeyUnlock},
		{method: get, path: "/invite/{token}", act: access.AcceptInvitation, stranger: bearer, uses: passkeys, serve: showAccept},
		{method: post, path: "/invite/{token}", act: access.AcceptInvitation, stranger: bearer, uses: passkeys, serve: postAccept},
		{method: post, path: "/invite/{token}/provider", act: access.AcceptInvitation, stranger: bearer, serve: acceptAtProvider},
		{method: post, path: "/invite/{token}/passkey/begin", act: access.AcceptInvitation, stranger: bearer, script: true, serve: beginAcceptPasskey},
		{method: post, path: "/invite/{token}/passkey/finish", act: access.AcceptInvitation, stranger: bearer, script: true, json: true, serve: finishAcceptPasskey},
		{method: get, path: "/enrol", act: access.EnrolDevice, stranger: bearer, serve: showEnrol},
		{method: post, path: "/enrol", act: access.EnrolDevice, stranger: bearer, serve: postEnrol},

		// One's own page.
		{method: get, path: "/me", act: access.ReadAccount, serve: showMe},
		{method: get, path: "/me/password", act: access.ChangeSignIn, serve: showMePassword},
		{method: post, path: "/me/password", act: access.ChangeSignIn, serve: postMePassword},
		{method: get, path: "/me/codes", act: access.ChangeSignIn, changes: "A secret is drawn when the page is opened, kept for some minutes, and counts for nothing until it is confirmed.", serve: showMeCodes},
		{method: post, path: "/me/codes", act: access.ChangeSignIn, serve: postMeCodes},
		{method: post, path: "/me/codes/off", act: access.ChangeSignIn, serve: removeMeCodes},
		{method: get, path: "/me/recovery", act: access.ChangeSignIn, serve: showMeRecovery},
		{method: post, path: "/me/recovery", act: access.ChangeSignIn, serve: postMeRecovery},
		{method: get, path: "/me/passkeys", act: access.ChangeSignIn, uses: passkeys, serve: showMePasskeys},
		{method: post, path: "/me/passkeys/begin", act: access.ChangeSignIn, script: true, serve: beginMePasskey},
		{method: post, path: "/me/passkeys/finish", act: access.ChangeSignIn, script: true, json: true, serve: finishMePasskey},
		{method: post, path: "/me/passkeys/remove", act: access.ChangeSignIn, serve: removeMePasskey},
		{method: get, path: "/me/pin", act: access.ChangeSignIn, serve: showMePIN},
		{method: post, path: "/me/pin", act: access.ChangeSignIn, serve: postMePIN},
		{method: post, path: "/me/pin/off", act: access.ChangeSignIn, serve: removeMePIN},
		{method: get, path: "/me/counsel", act: access.ChangeCounselKey, serve: showMeCounsel},
		{method: post, path: "/me/counsel", act: access.ChangeCounselKey, serve: postMeCounsel},
		{method: get, path: "/me/alerts", act: access.SubscribeAlerts, serve: showMeAlerts},
		{method: post, path: "/me/alerts", act: access.SubscribeAlerts, serve: postMeAlerts},
		{method: post, path: "/me/alerts/browsers", act: access.SubscribeAlerts, serve: addMeBrowser},
		{method: post, path: "/me/alerts/browsers/remove", act: access.SubscribeAlerts, serve: removeMeBrowser},
		{method: post, path: "/me/sessions/end", act: access.EndSessions, serve: endMySession},
		{method: post, path: "/me/place", act: access.ReadAccount, serve: postPlace},
		{method: post, path: "/me/provider", act: access.ChangeSignIn, serve: linkProvider},
		{method: post, path: "/me/provider/remove", act: access.ChangeSignIn, serve: removeProviderLink},
		{method: post, path: "/me/keys", act: access.ReadAccount, serve: switchKeys},

		// The desk.
		{method: get, path: "/desk", act: access.SeeDesk, serve: showDesk},
		{method: get, path: "/desk/all", act: access.ReadPlaybooks, serve: showDeskAll},
		{method: post, path: "/desk/start", act: access.StartWalk, serve: startWalk},
		{method: get, path: "/go/{playbook}", act: access.ReadPlaybooks, serve: showGo},

		// What a device keeps, and what it sends afterwards.
		{method: get, path: "/shell", act: access.FetchShell, serve: showShell},
		{method: get, path: "/shell/programs/{program}", act: access.FetchShell, serve: showShellProgram},
		{method: get, path: "/shell/fragments/{program}/{lang}", act: access.FetchShell, serve: showFragments},
		{method: get, path: "/shell/walk/{case}", act: access.ReadWalk, serve: showShellWalk},
		{method: post, path: "/shell/send", act: access.SendWaiting, script: true, json: true, slow: true, most: maxSent, serve: sendWaiting},

		// A case.
		{method: get, path: "/i/{case}", act: access.KnowCase, serve: showCase},
		{method: get, path: "/i/{case}.pdf", act: access.PrintCase, serve: showCasePDF},
		{method: get, path: "/i/{case}/step/{step}", act: access.ReadWalk, serve: showStep},
		{method: get, path: "/i/{case}/say/{step}", act: access.ReadWalk, uses: awake, serve: showSaid},
		{method: get, path: "/i/{case}/end", act: access.ReadWalk, serve: showFinish},
		{method: post, path: "/i/{case}/choose", act: access.Move, serve: pressed(choose)},
		{method: post, path: "/i/{case}/back", act: access.Move, serve: pressed(goBack)},
		{method: post, path: "/i/{case}/tick", act: access.WriteInStep, serve: pressed(tickItem)},
		{method: post, path: "/i/{case}/said", act: access.WriteInStep, serve: pressed(sayWords)},
		{method: post, path: "/i/{case}/field", act: access.WriteInStep, serve: pressed(saveField)},
		{method: post, path: "/i/{case}/call", act: access.WriteInStep, serve: pressed(logCall)},
		{method: post, path: "/i/{case}/note", act: access.AddNote, serve: pressed(saveNote)},
		{method: post, path: "/i/{case}/stop", act: access.EndWalk, serve: pressed(stopWalk)},
		{method: post, path: "/i/{case}/end", act: access.EndWalk, serve: pressed(endWalk)},
		{method: get, path: "/i/{case}/aside", act: access.ReadWalk, serve: showAside},
		{method: post, path: "/i/{case}/aside", act: access.WriteInStep, serve: postAside},
		{method: get, path: "/i/{case}/hand-over", act: access.HandOver, serve: showHandover},
		{method: post, path: "/i/{case}/hand-over", act: access.HandOver, serve: postHandover},
		{method: get, path: "/i/{case}/who", act: access.SayWho, serve: showWho},
		{method: post, path: "/i/{case}/who", act: access.SayWho, serve: postWho},
		{method: get, path: "/i/{case}/live", act: access.ReadWalk, serve: showLive},
		{method: post, path: "/i/{case}/line", act: access.SendLine, serve: postLine},
		{method: post, path: "/i/{case}/charge", act: access.TakeCharge, serve: postCharge},
		{method: get, path: "/i/{case}/outside", act: access.ReadWalk, serve: showOutside},
		{method: post, path: "/i/{case}/seen", act: access.EnterStep, serve: pressed(seeLine)},
		{method: get, path: "/i/{case}/report", act: access.ReadCase, serve: showCaseSoon(read, "The report")},
		{method: get, path: "/i/{case}/report/{part}", act: access.ReadCase, serve: showCaseSoon(read, "The report")},
		{method: get, path: "/i/{case}/inventory", act: access.ReadCase, serve: showCaseSoon(read, "The inventory")},
		{method: get, path: "/i/{case}/photo", act: access.AddPhoto, uses: camera, serve: showTakePhoto},
		{method: post, path: "/i/{case}/photo", act: access.AddPhoto, picture: true, slow: true, serve: postPhoto},
		{method: get, path: "/i/{case}/files", act: access.ReadWalk, serve: showPhotos},
		{method: get, path: "/i/{case}/files/{photo}", act: access.ReadWalk, serve: showPhoto},
		{method: get, path: "/i/{case}/files/{photo}/remove", act: access.RemovePhoto, serve: showRemovePhoto},
		{method: post, path: "/i/{case}/files/{photo}/remove", act: access.RemovePhoto, serve: postRemovePhoto},
		{method: get, path: "/i/{case}/deadlines", act: access.ReadCase, serve: showCaseSoon(read, "Due dates")},
		{method: get, path: "/i/{case}/counsel", act: access.WriteCounselNote, serve: showCaseCounsel},
		{method: post, path: "/i/{case}/counsel", act: access.WriteCounselNote, serve: postCaseCounsel},
		{method: get, path: "/i/{case}/log", act: access.ReadCase, serve: showCaseLog},
		{method: get, path: "/i/{case}/close", act: access.ReadCase, serve: showCaseSoon(read, "Closing")},
		{method: get, path: "/incidents", act: access.ListCases, serve: showIncidents},
		{method: get, path: "/deadlines", act: access.ListDeadlines, serve: showDeadlines},

		{method: get, path: "/now", act: access.SeeHappening, serve: showNow},
		{method: get, path: "/alert", act: access.SubscribeAlerts, serve: showNewestAlert},
		{method: get, path: "/alert/{alert}", act: access.AnswerAlert, serve: showAlert},
		{method: post, path: "/alert/{alert}/read", act: access.AnswerAlert, serve: postAlertRead},
		{method: post, path: "/alert/{alert}/answer", act: access.AnswerAlert, serve: postAlertAnswer},
		{method: get, path: "/take", act: access.TakeHandedOver, serve: showTake},
		{method: post, path: "/take", act: access.TakeHandedOver, serve: postTake},
		{method: get, path: "/handout/{handout}", act: access.ReadPolicies, serve: showHandout},

		// Practice and workshops.
		{method: get, path: "/practise", act: access.Practise, serve: showPractise},
		{method: get, path: "/practise/solo/{scenario}", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/practise/run/{run}/step/{step}", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/practise/run/{run}/feedback", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/practise/roundtables", act: access.Practise, serve: showPractise},
		{method: get, path: "/practise/roundtables/{roundtable}/host", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/practise/roundtables/{roundtable}/screen", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/practise/roundtables/{roundtable}/summary", act: access.Practise, serve: notMade(access.Practise)},
		{method: get, path: "/j", public: patron, patrons: true, serve: nothingYet("No workshop can be joined here now. Ask whoever runs it.")},
		{method: get, path: "/j/{code}", public: patron, patrons: true, serve: notMadeForAll},

		// Rooms.
		{method: get, path: "/rooms", public: patron, patrons: true, serve: nothingYet("No room can be asked for here yet. Ask at the desk.")},
		{method: get, path: "/rooms/{room}", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/rooms/{room}/request", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/rooms/r/{token}", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/rooms/calendar.ics", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/rooms/requests", act: roomWork, serve: showRoomRequests},
		{method: get, path: "/rooms/requests/{request}", act: roomWork, serve: notMade(roomWork)},
		{method: get, path: "/rooms/calendar", act: roomWork, serve: showRoomRequests},

		// Help nearby.
		{method: get, path: "/help", public: patron, patrons: true, serve: showHelp},
		{method: get, path: "/help/{topic}", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/help/{topic}/print", public: patron, patrons: true, serve: notMadeForAll},
		{method: get, path: "/h/{short}", public: patron, patrons: true, serve: showPublicHandout},
		{method: get, path: "/H/{short}", public: patron, patrons: true, serve: showPublicHandout}, // as codes have it
		{method: get, path: "/manage/help", act: access.ReadPlaybooks, serve: showManageHelp},

		// Manage.
		{method: get, path: "/manage", act: access.KnowLibrary, serve: showOverview},
		{method: get, path: "/manage/playbooks", act: access.ReadPlaybooks, serve: showManagePlaybooks},
		{method: get, path: "/manage/playbooks/{playbook}/edit/{step}", act: access.EditPlaybook, serve: showPlaybookSoon(access.EditPlaybook, "Editing a guide")},
		{method: get, path: "/manage/playbooks/{playbook}/flow", act: access.ReadPlaybooks, serve: showPlaybookSoon(access.ReadPlaybooks, "The flowchart")},
		{method: get, path: "/manage/playbooks/{playbook}/check", act: access.EditPlaybook, serve: showPlaybookSoon(access.EditPlaybook, "Checking a guide")},
		{method: get, path: "/manage/playbooks/{playbook}/versions", act: access.ReadPlaybooks, serve: showPlaybookSoon(access.ReadPlaybooks, "The list of versions")},
		{method: get, path: "/manage/playbooks/{playbook}/print", act: access.ReadPlaybooks, serve: showPlaybookSoon(access.ReadPlaybooks, "The paper copy")},
		{method: get, path: "/manage/policies", act: access.ReadPolicies, serve: showManagePolicies},
		{method: get, path: "/manage/people", act: access.SeePeople, serve: showPeople},
		{method: get, path: "/manage/people/invite", act: access.InvitePerson, serve: showInvite},
		{method: post, path: "/manage/people/invite", act: access.InvitePerson, serve: postInvite},
		{method: get, path: "/manage/people/{person}", act: access.ReadAccount, serve: showPerson},
		{method: get, path: "/manage/people/{person}/role", act: access.GiveRole, serve: showGiveRole},
		{method: post, path: "/manage/people/{person}/role", act: access.GiveRole, serve: postGiveRole},
		{method: post, path: "/manage/people/{person}/role/end", act: access.EndRole, serve: whenSure("role")},
		{method: post, path: "/manage/people/{person}/sessions/end", act: access.EndSessions, serve: whenSure("sessions")},
		{method: post, path: "/manage/people/{person}/invitation", act: access.InvitePerson, serve: postInviteAgain},
		{method: post, path: "/manage/people/{person}/invitation/withdraw", act: access.WithdrawInvitation, serve: whenSure("invitation")},
		{method: post, path: "/manage/people/{person}/reset", act: access.ResetSignIn, serve: postReset},
		{method: post, path: "/manage/people/{person}/remove", act: access.RemovePerson, serve: whenSure("remove")},
		{method: get, path: "/manage/branches", act: access.SeePeople, serve: showBranches},
		{method: get, path: "/manage/branches/new", act: access.ChangeBranches, serve: showNewBranch},
		{method: post, path: "/manage/branches/new", act: access.ChangeBranches, serve: postNewBranch},
		{method: get, path: "/manage/branches/{branch}", act: access.SeePeople, serve: showBranch},
		{method: post, path: "/manage/branches/{branch}", act: access.ChangeBranches, serve: postBranch},
		{method: get, path: "/manage/devices", act: access.OfferEnrol, serve: showDevices},
		{method: get, path: "/manage/devices/new", act: access.OfferEnrol, serve: showOfferDevice},
		{method: post, path: "/manage/devices/new", act: access.OfferEnrol, serve: postOfferDevice},
		{method: post, path: "/manage/devices/revoke", act: access.RevokeDevice, serve: revokeDevice},
		{method: get, path: "/manage/tree", act: access.SeePhoneTree, serve: showTree},
		{method: get, path: "/manage/tree/print", act: access.SeePhoneTree, serve: showPrintedTree},
		{method: get, path: "/manage/tree/new", act: access.EditPhoneTree, serve: showNewLine},
		{method: post, path: "/manage/tree/new", act: access.EditPhoneTree, serve: postNewLine},
		{method: post, path: "/manage/tree/delete", act: access.EditPhoneTree, serve: deleteLine},
		{method: get, path: "/manage/tree/shifts", act: access.EditPhoneTree, serve: showAddShift},
		{method: post, path: "/manage/tree/shifts", act: access.EditPhoneTree, serve: postAddShift},
		{method: get, path: "/manage/tree/hours", act: access.EditPhoneTree, serve: showAddHours},
		{method: post, path: "/manage/tree/hours", act: access.EditPhoneTree, serve: postAddHours},
		{method: get, path: "/manage/tree/holidays", act: access.EditPhoneTree, serve: showAddHoliday},
		{method: post, path: "/manage/tree/holidays", act: access.EditPhoneTree, serve: postAddHoliday},
		{method: get, path: "/manage/tree/away", act: access.SubscribeAlerts, serve: showAddAway},
		{method: post, path: "/manage/tree/away", act: access.SubscribeAlerts, serve: postAddAway},
		{method: get, path: "/manage/tree/ladders", act: access.EditPhoneTree, serve: showLadders},
		{method: get, path: "/manage/tree/ladders/{class}/{severity}", act: access.EditPhoneTree, serve: showLadder},
		{method: post, path: "/manage/tree/ladders/{class}/{severity}", act: access.EditPhoneTree, serve: postLadder},
		{method: post, path: "/manage/tree/remove", act: access.SubscribeAlerts, serve: removeItem},
		{method: post, path: "/manage/tree/{branch}/drill", act: access.RunDrill, serve: startDrill},
		{method: post, path: "/manage/tree/{branch}/test", act: access.TestAlert, serve: sendTest},
		{method: get, path: "/manage/tree/{branch}/duty", act: access.SetDuty, serve: showSetDuty},
		{method: post, path: "/manage/tree/{branch}/duty", act: access.SetDuty, serve: postSetDuty},
		{method: post, path: "/manage/tree/duty/end", act: access.SetDuty, serve: endDuty},
		{method: get, path: "/manage/reports", act: access.SeeNumbers, serve: showManageReports},
		{method: get, path: "/manage/retention", act: access.ReadRetention, serve: showManageRetention},
		{method: get, path: "/manage/settings", act: access.ReadSettings, serve: showSettings},
		{method: post, path: "/manage/settings", act: access.ChangeSettings, serve: postSettings},
		{method: get, path: "/manage/libraries", act: access.ReadInstallation, serve: showLibraries},
		{method: get, path: "/manage/libraries/new", act: access.AddLibrary, serve: showNewLibrary},
		{method: post, path: "/manage/libraries/new", act: access.AddLibrary, serve: postNewLibrary},
		{method: post, path: "/manage/libraries/invite", act: access.AddLibrary, serve: inviteFirst},
		{method: get, path: "/manage/provider", act: access.ReadInstallation, serve: showProvider},
		{method: post, path: "/manage/provider", act: access.ChangeInstallation, serve: postProvider},
		{method: post, path: "/manage/provider/remove", act: access.ChangeInstallation, serve: removeProvider},
		{method: get, path: "/manage/recovery", act: access.PrintRecoveryShares, serve: showRecovery},
		{method: post, path: "/manage/recovery", act: access.PrintRecoveryShares, serve: postRecovery},
		{method: get, path: "/manage/clock", act: access.SeeInstallationState, serve: showClock},
		{method: post, path: "/manage/clock", act: access.AcceptClock, serve: postClock},
		{method: get, path: "/manage/audit", act: access.SeeCheckpoint, serve: showAudit},
		{method: get, path: "/manage/audit/witness", act: access.ChangeWitness, serve: showWitness},
		{method: post, path: "/manage/audit/witness", act: access.ChangeWitness, serve: postWitness},
		{method: post, path: "/manage/audit/export", act: access.ExportLedger, serve: exportAudit},
	}
}
