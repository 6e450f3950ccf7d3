package page

func galleryStaff() []Entry {
	people := []PersonRow{
		{Name: "Imani Okafor", Href: "/manage/people/1", Roles: []string{"Director"}},
		{Name: "Ruth Alder", Href: "/manage/people/2", Roles: []string{"Desk, Northside", "Trainer"}},
		{Name: "Sam Iverson", Href: "/manage/people/3", State: "Invited"},
	}
	form := InviteForm{How: "mail", Roles: galleryRoles, Branches: galleryBranches}
	wrong := form
	wrong.Name, wrong.Mail, wrong.Outside, wrong.Role = "Sam Iverson", "sam at library", true, "desk"
	wrong.Form = problems("initials", "Write something here.", "mail", "Write an address such as ana@library.example, or leave this empty.", "role", "Somebody from outside can only be counsel.", "until", "Say until when: somebody from outside is let in for a time only.", "how", "Write a mail address, or choose a slip.")
	noMail := form
	noMail.NoMail = "Mail is not set up here, so the invitation is printed."
	slip := &Slip{Title: "For Sam Iverson", Lines: []string{"Roundtable at Millbrook Public Library. You will be: Desk, Northside."},
		Address: "https://roundtable.library.example/invite/K7QM-2XPA-94TD", Code: galleryQR("HTTPS://ROUNDTABLE.LIBRARY.EXAMPLE/INVITE/K7QM-2XPA-94TD"), Until: ago(-14 * oneDay)}
	role := RoleForm{Role: "desk", Branch: "northside", Roles: galleryRoles, Branches: galleryBranches}
	roleWrong := role
	roleWrong.Form = refused("An auditor has no other role at the same library: they would check themselves. End the other role first, or choose somebody else.")
	return append([]Entry{
		entry("people", People{Frame: staffFrame(), People: people, MayInvite: true}),
		entry("people-empty", People{Frame: staffFrame()}),
		entry("invite", Invite{Frame: staffFrame(), Form: form}),
		entry("invite-error", Invite{Frame: staffFrame(), Form: wrong}),
		entry("invite-no-mail", Invite{Frame: staffFrame(), Form: noMail}),
		entry("invited-mail", Invited{Frame: staffFrame(), Name: "Sam Iverson", Mail: "sam@library.example", Back: "/manage/people/3"}),
		entry("invited-slip", Invited{Frame: staffFrame(), Name: "Sam Iverson", Slip: slip, Back: "/manage/people/3"}),
		entry("person", galleryPerson()),
		entry("person-invited", Person{Frame: noticed(staffFrame(), Done, "The invitation is withdrawn.", Link{}), Href: "/manage/people/3", Name: "Sam Iverson", Initials: "SI", State: "Invited", MayGive: true, MayInvite: true,
			Invitations: []InvitationRow{
				{ID: "t1", Made: ago(2 * oneDay), Till: ago(-5 * oneDay), How: "By mail", Mailed: true, Sent: ago(2 * oneDay)},
				{ID: "t2", Made: ago(oneMinute), Till: ago(-7 * oneDay), How: "By mail", Mailed: true},
				{ID: "t3", Made: ago(oneDay), Till: ago(-6 * oneDay), How: "By mail", Mailed: true, Problem: "Not sent: the mail server says that there is no such address. Print a slip, or write the address anew."},
				{ID: "t4", Made: ago(oneDay), Till: ago(-13 * oneDay), How: "On a slip"},
			}, SeeSessions: true}),
		entry("person-invited-by-mail", Person{Frame: staffFrame(), Href: "/manage/people/3", Name: "Sam Iverson", Initials: "SI", Mail: "sam@library.example", State: "Invited", MayInvite: true, MayMail: true}),
		entry("person-read-only", Person{Frame: staffFrame(), Href: "/manage/people/2", Name: "Ruth Alder", Initials: "RA", Mail: "ruth@library.example",
			Roles: []RoleRow{{ID: "m1", Role: "Desk", Branch: "Northside", From: ago(300 * oneDay)}}, SeeSessions: true, Sessions: gallerySessions()}),
		entry("give-role", GiveRole{Frame: staffFrame(), Name: "Ruth Alder", Back: "/manage/people/2", Form: role}),
		entry("give-role-refused", GiveRole{Frame: staffFrame(), Name: "Ruth Alder", Back: "/manage/people/2", Form: roleWrong}),
	}, galleryBranchesAndDevices()...)
}

func gallerySessions() []Session {
	return []Session{
		{ID: "s1", Where: "Desk by the entrance", Method: "Passkey", Began: ago(46 * oneMinute), Used: galleryNow, This: true},
		{ID: "s2", Where: "Not an enrolled device", Method: "Password and one-time code", Began: ago(5 * 60 * oneMinute), Used: ago(70 * oneMinute), Locked: true},
	}
}

func galleryPerson() Person {
	return Person{
		Frame: staffFrame(), Href: "/manage/people/2", Name: "Ruth Alder", Initials: "RA", Mail: "ruth@library.example",
		Roles: []RoleRow{
			{ID: "m1", Role: "Desk", Branch: "Northside", From: ago(300 * oneDay), MayEnd: true},
			{ID: "m2", Role: "Trainer", From: ago(90 * oneDay), Until: ago(-200 * oneDay), MayEnd: true},
		},
		MayGive: true, Sessions: gallerySessions(), SeeSessions: true, MayEnd: true,
		SignIn:   []Fact{{Name: "Password", Value: "Set 12 March 2026"}, {Name: "One-time codes", Value: "On"}, {Name: "Passkeys", Value: "2"}},
		MayReset: true, MayRemove: true,
	}
}

func galleryBranchesAndDevices() []Entry {
	branches := []BranchRow{
		{Name: "Northside", Href: "/manage/branches/1", Dial: "9 911", Phone: "555 0110", Zone: "Eastern (New York)", Desks: 2, People: 9},
		{Name: "Harbor", Href: "/manage/branches/2", Dial: "911", Zone: "Eastern (New York)", Desks: 1, People: 1, Needs: "Nobody is on the phone tree"},
	}
	form := BranchForm{Name: "Northside", Prefix: "9", Phone: "555 0110", Zone: "America/New_York", Zones: galleryZones}
	empty := BranchForm{Zone: "America/New_York", Zones: galleryZones}
	wrong := empty
	wrong.Prefix = "nine"
	wrong.Form = problems("name", "Write something here.", "prefix", "Write digits only, such as 9.")
	devices := []DeviceRow{
		{ID: "d1", Name: "Desk by the entrance", Branch: "Northside", Enrolled: ago(100 * oneDay), By: "Imani Okafor", This: true, MayEnd: true},
		{ID: "d2", Name: "Desk upstairs", Branch: "Northside", Enrolled: ago(90 * oneDay), MayEnd: true},
		{ID: "d3", Name: "Old phone", Branch: "Harbor", Enrolled: ago(300 * oneDay), Revoked: ago(10 * oneDay)},
		{ID: "d4", Name: "Desk by the door", Branch: "Harbor", Enrolled: ago(30 * oneDay)},
	}
	offer := DeviceForm{Branch: "northside", Branches: galleryBranches[1:]}
	offerWrong := offer
	offerWrong.Form = problems("name", "Write something here.")
	enrolWrong := EnrolForm{Code: "K7QM 2XPA"}
	enrolWrong.Form = refused("This code is too old. Ask for a new one.")
	done := Enrol{Frame: deviceFrame(), Done: true, Name: "Desk by the entrance",
		Works: []string{"Start a guide without signing in.", "Go on with this device’s own running case."}, Misses: []string{"Guides without a network, because the address is not protected (no https)."}}
	done.Nav = nil
	return []Entry{
		entry("branches", Branches{Frame: staffFrame(), Branches: branches, MayAdd: true}),
		entry("branches-empty", Branches{Frame: staffFrame()}),
		entry("branch-add", EditBranch{Frame: staffFrame(), Post: "/manage/branches/new", Form: empty, MayChange: true}),
		entry("branch-error", EditBranch{Frame: staffFrame(), Post: "/manage/branches/new", Form: wrong, MayChange: true}),
		entry("branch-change", EditBranch{Frame: staffFrame(), Name: "Northside", Post: "/manage/branches/1", Form: form, MayChange: true}),
		entry("branch-read-only", EditBranch{Frame: staffFrame(), Name: "Northside", Form: form}),
		entry("devices", Devices{Frame: staffFrame(), Devices: devices, MayEnrol: true}),
		entry("devices-empty", Devices{Frame: staffFrame(), MayEnrol: true}),
		entry("device-offer", OfferDevice{Frame: staffFrame(), Form: offer}),
		entry("device-offer-error", OfferDevice{Frame: staffFrame(), Form: offerWrong}),
		entry("device-code", DeviceCode{Frame: staffFrame(), Name: "Desk upstairs", Branch: "Northside", Typed: "K7QM 2XPA", Address: "roundtable.library.example/enrol",
			Code: galleryQR("https://roundtable.library.example/enrol#K7QM2XPA"), Until: ago(-10 * oneMinute)}),
		entry("enrol", Enrol{Frame: plainFrame()}),
		entry("enrol-refused", Enrol{Frame: plainFrame(), Form: enrolWrong}),
		entry("enrol-done", done),
		entry("confirm", Confirm{Frame: staffFrame(), At: AtManage, Title: "Has Ruth Alder left?", Means: []string{"All roles and sessions end at once.", "What Ruth Alder wrote stays, under a pseudonym.", "This cannot be undone."},
			Post: "/manage/people/2/remove", Hidden: []Hidden{{"sure", "yes"}}, Button: "Ruth Alder has left", Back: "/manage/people/2"}),
		entry("confirm-secret", Confirm{Frame: staffFrame(), At: AtManage, Title: "End all sessions of Ruth Alder?", Post: "/manage/people/2/sessions/end", Button: "End the sessions", Back: "/manage/people/2",
			Secret: true, Form: problems("password", "This is not your password.")}),
	}
}
