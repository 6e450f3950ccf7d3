package page

import (
	"slices"
	"time"
)

func galleryManage() []Entry {
	cards := []ManageCard{
		{Title: "Playbooks", Href: "/manage/playbooks", Icon: "book", Fact: "13 guides in 2 languages", Needs: "2 not checked for over a year"},
		{Title: "Policies", Href: "/manage/policies", Icon: "policy", Fact: "8 policies, 3 adopted"},
		{Title: "People", Href: "/manage/people", Icon: "people", Fact: "14 people, 1 invited"},
		{Title: "Branches", Href: "/manage/branches", Icon: "branch", Fact: "2 branches"},
		{Title: "Devices", Href: "/manage/devices", Icon: "device", Fact: "3 devices", Needs: "1 not seen for 30 days"},
		{Title: "Phone tree", Href: "/manage/tree", Icon: "tree", Fact: "5 numbers", Needs: "1 has no number"},
		{Title: "Reports", Href: "/manage/reports", Icon: "chart", Fact: "Numbers only, no names"},
		{Title: "How long things are kept", Href: "/manage/retention", Icon: "keep", Fact: "Nothing due this month"},
		{Title: "Settings", Href: "/manage/settings", Icon: "settings", Fact: "Name, state, time zone, address"},
		{Title: "The log", Href: "/manage/audit", Icon: "log", Fact: "4,211 entries, checked 10:00"},
	}
	tasks := []Task{
		{Name: "Enrol the first desk", State: "To do", Hint: "So that a guide can be started without signing in.", Href: "/manage/devices/new"},
		{Name: "Print the recovery papers", Href: "/manage/settings"},
	}
	return append([]Entry{
		entry("manage", Manage{Frame: staffFrame(), Cards: cards}),
		entry("manage-after-set-up", Manage{Frame: noticed(staffFrame(), Warning, "No backup has been made yet.", Link{Words: "How to make one", Href: "/manage/settings"}), Cards: cards[:6], Tasks: tasks}),
	}, galleryRooms()...)
}

func galleryRooms() []Entry {
	playbooks := []PlaybookRow{
		{Title: "An officer is here", Href: "/go/officer", Version: "4", By: "town counsel", Checked: ago(30 * oneDay), Languages: []string{"English", "Español"}},
		{Title: "Take a complaint kindly", Href: "/go/complaint", Version: "2", Stale: true, Languages: []string{"English"}},
		{Title: "A group asks for the community room"},
	}
	policies := []PolicyRow{
		{Title: "Officers, papers and records", Summary: "Who may answer, and what is never given without counsel.", Href: "/manage/policies/law-enforcement", Adopted: ago(200 * oneDay), Source: "Written for Roundtable from public guidance", Checked: ago(20 * oneDay)},
		{Title: "Behaviour in the library", Summary: "What is asked of everybody, whoever they are.", Source: "Written for Roundtable"},
	}
	figures := []Figure{{Name: "Officers at a desk", Count: 7}, {Name: "Complaints", Count: 12}, {Name: "Room requests", Few: true}, {Name: "Practice", Count: 0}}
	classes := []Retention{
		{Class: "R2", What: "Incidents", Kept: "90 days after closing", Then: "Contents are destroyed. Branch, type and month stay 3 years."},
		{Class: "R4", What: "Papers that ask for records", Kept: "1 year after the matter ends", Then: "Contents are destroyed. One line stays 6 years."},
		{Class: "R9", What: "Who opened what", Kept: "1 year", Then: "Only the entry’s hash stays."},
	}
	from, until := ago(25*oneDay), galleryNow
	return append([]Entry{
		entry("manage-playbooks", ManagePlaybooks{Frame: staffFrame(), Playbooks: playbooks}),
		entry("manage-playbooks-empty", ManagePlaybooks{Frame: staffFrame()}),
		entry("manage-policies", ManagePolicies{Frame: staffFrame(), Policies: policies}),
		entry("manage-policies-empty", ManagePolicies{Frame: staffFrame()}),
		entry("manage-reports", ManageReports{Frame: staffFrame(), From: from, Until: until, Sentence: "Desks called for help 19 times this month.", Figures: figures, CSV: "/manage/reports.csv"}),
		entry("manage-reports-empty", ManageReports{Frame: staffFrame(), From: from, Until: until}),
		entry("manage-retention", ManageRetention{Frame: staffFrame(), Classes: classes}),
		entry("manage-retention-empty", ManageRetention{Frame: staffFrame()}),
	}, slices.Concat(galleryTree(), galleryInstallation(), gallerySettings())...)
}

func galleryTree() []Entry {
	shared := []TreeLine{{ID: "l1", Name: "Town counsel", Role: "Counsel", Phone: "9 555 0171"}, {ID: "l2", Name: "Police", Role: "Police", Phone: "9 555 0100"}}
	own := []TreeLine{{ID: "l3", Name: "Duty phone", Role: "In charge", Phone: "555 0148"}}
	imani := []OnDuty{{ID: "d1", Name: "Imani Okafor", Role: "In charge", Until: ago(-7 * 60 * oneMinute)}}
	north := BranchTree{Branch: "Northside", Known: true, InCharge: imani, Lines: own, Others: true, SetDuty: "/manage/tree/1/duty", MayEdit: true}
	harbor := BranchTree{Branch: "Harbor", Known: true, Others: true, SetDuty: "/manage/tree/2/duty", MayEdit: true}
	read := []BranchTree{{Branch: "Northside", Known: true, InCharge: imani, Lines: own}, {Branch: "Harbor"}}
	add := PhoneLineForm{
		Lines:    []Option{{Words: "Choose whom it is for"}, {Value: "in_charge", Words: "In charge"}, {Value: "counsel", Words: "Counsel"}, {Value: "police", Words: "Police"}},
		Branches: galleryBranches,
	}
	wrong := add
	wrong.Label, wrong.Number = "Duty phone", "ask at the desk"
	wrong.Form = problems("line", "Choose whom this number is for.", "number", "Write a telephone number.")
	duty := DutyForm{People: []Option{{Words: "Choose a person"}, {Value: "1", Words: "Imani Okafor"}, {Value: "2", Words: "Ruth Alder"}}}
	dutyWrong := duty
	dutyWrong.Until = "six"
	dutyWrong.Form = problems("person", "Choose who is in charge.", "until", "Write hours and minutes, such as 18:00.")
	set := SetDuty{Frame: staffFrame(), Branch: "Northside", Post: "/manage/tree/1/duty", Now: imani, Form: duty}
	setWrong, nobody := set, set
	setWrong.Now, setWrong.Form = nil, dutyWrong
	nobody.Now, nobody.Form.People = nil, nil
	paper := []TreeBranch{
		{Branch: "Northside", Dial: "9 911", Contacts: []Contact{{Name: "Duty phone", Role: "In charge", Phone: "555 0148"}, {Name: "Counsel", Role: "Counsel", Phone: "9 555 0171"}, {Name: "Director", Role: "Director"}}},
		{Branch: "Harbor", Dial: "911"},
	}
	return []Entry{
		entry("tree", PhoneTree{Frame: staffFrame(), Shared: shared, MayEditShared: true, Branches: []BranchTree{north, harbor}, MayAdd: true}),
		entry("tree-no-number", PhoneTree{Frame: staffFrame(), Branches: []BranchTree{{Branch: "Northside", Known: true, SetDuty: "/manage/tree/1/duty", MayEdit: true}}, MayAdd: true}),
		entry("tree-read-only", PhoneTree{Frame: deviceFrame(), Shared: shared, Branches: read}),
		entry("tree-empty", PhoneTree{Frame: staffFrame()}),
		entry("tree-add", AddPhoneLine{Frame: staffFrame(), Form: add}),
		entry("tree-add-error", AddPhoneLine{Frame: staffFrame(), Form: wrong}),
		entry("tree-duty", set), entry("tree-duty-error", setWrong), entry("tree-duty-nobody", nobody),
		entry("tree-print", ManageTree{Frame: staffFrame(), Day: day(galleryNow), Branches: paper}),
		entry("tree-print-empty", ManageTree{Frame: staffFrame()}),
	}
}

func galleryInstallation() []Entry {
	libraries := []LibraryRow{{ID: "1", Name: "Millbrook Public Library", State: "Massachusetts", Mine: true}, {ID: "2", Name: "Elm Street Library", State: "Massachusetts", MayInvite: true}}
	form := NewLibraryForm{State: "MA", Zone: "America/New_York", States: galleryStates, Zones: galleryZones}
	wrong := form
	wrong.BranchName, wrong.BranchPrefix, wrong.DirectorName, wrong.AdminName = "Main", "nine", "Ruth Alder", "Ruth Alder"
	wrong.Form = problems("name", "Write something here.", "branch_prefix", "Write what is dialled first, such as 9, or leave this empty.", "admin_initials", "Choose other initials than the director's, so that they can be told apart.")
	slips := []Slip{
		{Title: "For Ruth Alder", Lines: []string{"Your way in to Roundtable at Elm Street Library."}, Address: "https://roundtable.library.example/invite/K7QM-2XPA-94TD", Code: galleryQR("HTTPS://ROUNDTABLE.LIBRARY.EXAMPLE/INVITE/K7QM-2XPA-94TD"), Until: ago(-90 * oneDay)},
		{Title: "For Sam Iverson", Lines: []string{"Your way in to Roundtable at Elm Street Library."}, Address: "https://roundtable.library.example/invite/B3NV-8WQZ-55HC", Code: galleryQR("HTTPS://ROUNDTABLE.LIBRARY.EXAMPLE/INVITE/B3NV-8WQZ-55HC"), Until: ago(-90 * oneDay)},
	}
	told := noticed(staffFrame(), Warning, "Wednesday 25 November 2026: New recovery shares were printed. The old ones restore nothing any more. If you do not know why, ask whoever looks after the server.", Link{})
	county := ProviderForm{Name: "Elm County", Issuer: "https://id.county.example/realm", Client: "roundtable"}
	countyWrong := county
	countyWrong.Issuer = ""
	countyWrong.Form = problems("issuer", "Write the address that the provider gives as its issuer.")
	back := "https://roundtable.library.example/signin/provider/back"
	return []Entry{
		entry("manage-told", Manage{Frame: told, Cards: []ManageCard{
			{Title: "Libraries", Href: "/manage/libraries", Icon: "branch", Fact: "All that share this server"},
			{Title: "Recovery papers", Href: "/manage/recovery", Icon: "print", Fact: "For when the server’s key is lost"},
		}}),
		entry("libraries", Libraries{Frame: staffFrame(), Libraries: libraries, MayAdd: true}),
		entry("libraries-empty", Libraries{Frame: staffFrame()}),
		entry("library-add", AddLibrary{Frame: staffFrame(), Form: form}),
		entry("library-add-error", AddLibrary{Frame: staffFrame(), Form: wrong}),
		entry("library-added", LibraryAdded{Frame: staffFrame(), Name: "Elm Street Library", Slips: slips}),
		entry("recovery", Recovery{Frame: staffFrame()}),
		entry("recovery-error", Recovery{Frame: staffFrame(), Form: RecoveryForm{Form: problems("sure", "Tick this when you are ready to print.")}}),
		entry("recovery-shown", Recovery{Frame: staffFrame(), Shares: galleryShares(), Day: day(galleryNow)}),
		entry("provider", SignInElsewhere{Frame: staffFrame(), Back: back}),
		entry("provider-set", SignInElsewhere{Frame: staffFrame(), Has: true, Form: county, Back: back}),
		entry("provider-error", SignInElsewhere{Frame: staffFrame(), Form: countyWrong, Back: back}),
	}
}

func gallerySettings() []Entry {
	facts := []Fact{
		{Name: "Address", Value: "https://roundtable.library.example", Code: true},
		{Name: "Works over it", Value: "Everything: offline, passkeys, alerts, notes for counsel"},
		{Name: "Version", Value: "0.3"},
		{Name: "Database", Value: "SQLite, in one folder"},
		{Name: "Last backup", Value: "Wednesday 25 November 2026, 03:00"},
	}
	form := SettingsForm{Name: "Millbrook Public Library", State: "MA", Zone: "America/New_York", Website: "https://library.example/", Mail: "board@library.example", States: galleryStates, Zones: galleryZones}
	wrong := form
	wrong.Name, wrong.Website = "", "library"
	wrong.Form = problems("name", "Write something here.", "website", "Write a whole address, such as https://library.example/")

	entries := []Leaf{
		{Number: 4211, At: ago(oneMinute), Kind: "Read a case", Who: "p-7Q2M", Object: "c-01JD8Z"},
		{Number: 4210, At: ago(4 * oneMinute), Kind: "Started a guide", Who: "d-04KX", Object: "c-01JD8Z"},
		{Number: 4209, At: ago(5 * oneMinute), Kind: "Give a role", Who: "p-9B1C", Object: "p-7Q2M", Refused: true},
		{Number: 4208, At: ago(47 * oneMinute), Kind: "Filler, so that size tells nothing", Filler: true},
	}
	checkpoint := "roundtable.example/millbrook\n4208\nq1bJ0uZ3kqVJt9m2Vb0cY7cQxT8o3u2pZ5d6s7f8g9A=\n\n— roundtable.example/millbrook Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
	log := Audit{Frame: staffFrame(), Size: 4211, Entries: entries, More: More{Newer: "/manage/audit", Older: "/manage/audit?before=4208"}, Origin: "roundtable.example/millbrook",
		PublicKey: "roundtable.example/millbrook+c4ad0a6e+AWVs8Yc0YJ1n2ZQ4l0Q2w3k5mB6n7v8x9y0zAbCdEfGh", Checkpoint: checkpoint, Signed: ago(46 * oneMinute), Witness: "witness.example", Cosigned: []Cosigned{{"witness.example", ago(46 * oneMinute)}}, Seen: ago(46 * oneMinute), Export: "/manage/audit/export"}
	first := log
	first.Checkpoint, first.Entries, first.Size, first.More, first.Export = "", nil, 0, More{}, ""
	alone := log
	alone.Witness, alone.Cosigned, alone.MayChange = "", nil, true
	unsigned, troubled, never := log, log, log
	unsigned.Cosigned = nil
	troubled.Cosigned, troubled.Trouble, troubled.Since, troubled.MayChange = nil, "It cannot be reached, or is not ready; it is asked again.", ago(3*oneDay), true
	never.Cosigned, never.Seen, never.Trouble, never.Since = nil, time.Time{}, "It does not know this log; give its keeper the name and the public key of the log.", ago(oneDay)
	witness := WitnessForm{URL: "https://witness.example", Key: "witness.example+3a2c3bd1+BPDVVUMSKYK1vXSBUJPnWqvlPsRFBpBBEwbcwlTeaTHP"}
	witnessWrong := WitnessForm{Form: problems("url", "Write the witness’s address with https, such as https://witness.example.", "key", "Copy the witness’s public key: one line, such as witness.example+12345678+BAAA…."), URL: "witness.example", Key: "BAAA"}
	mailed := form
	mailed.Mails = true
	mailFacts := append(facts[:len(facts):len(facts)], Fact{Name: "Checkpoints by mail", Value: "Sent last on 25 November 2026 at 00:00. Whether it arrived is not known."})
	return []Entry{
		entry("settings", Settings{Frame: staffFrame(), Form: form, MayChange: true, Facts: facts}),
		entry("settings-mailed", Settings{Frame: staffFrame(), Form: mailed, MayChange: true, Facts: mailFacts}),
		entry("settings-error", Settings{Frame: staffFrame(), Form: wrong, MayChange: true, Facts: facts}),
		entry("settings-read-only", Settings{Frame: staffFrame(), Facts: facts}),
		entry("audit", log),
		entry("audit-no-witness", alone),
		entry("audit-empty", first),
		entry("audit-unsigned", unsigned), entry("audit-witness-away", troubled), entry("audit-witness-new", never),
		entry("witness", Witness{Frame: staffFrame(), Form: witness, Origin: log.Origin, PublicKey: log.PublicKey}),
		entry("witness-error", Witness{Frame: staffFrame(), Form: witnessWrong, Origin: log.Origin, PublicKey: log.PublicKey}),
	}
}
