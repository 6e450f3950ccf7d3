package page

import "time"

func gallerySignIn() []Entry {
	full := SignIn{Frame: plainFrame(), Passkeys: true, Providers: []Provider{{ID: "town", Name: "your town account"}}, Form: SignInForm{Next: "/manage"}}
	desk := SignIn{Frame: plainFrame(), NoPasskey: "Passkeys are off here: the address is not protected (no https).", DeskOpen: true}
	desk.Device = "Desk by the entrance"
	wrong := full
	wrong.Form = SignInForm{Form: refused("Name and password do not go together. Try again, or use another way in."), Name: "imani@library.example"}
	empty := full
	empty.Form = SignInForm{Form: problems("name", "Write something here.", "password", "Write something here.")}

	code, recovery := SignInCode{Frame: plainFrame()}, SignInRecovery{Frame: plainFrame()}
	codeWrong, recoveryWrong := code, recovery
	codeWrong.Form.Form = problems("code", "This code is not the one for now. Wait for the next one and try again.")
	recoveryWrong.Form.Form = problems("code", "This is not one of your codes, or it was used already.")

	lock := Lock{Frame: plainFrame(), Name: "Imani Okafor", PIN: true, Passkeys: true, Kept: true, DeskOpen: true, Form: LockForm{Next: "/i/0147"}}
	lockWrong := Lock{Frame: plainFrame(), Name: "Imani Okafor", Left: 2, Form: LockForm{Form: problems("secret", "This is not your password.")}}
	lockNobody := Lock{Frame: plainFrame(), PIN: true}

	accept := Accept{Frame: plainFrame(), Post: "/invite/K7QM-2XPA-94TD", Name: "Sam Iverson", Roles: []string{"Desk, Northside"}, By: "Imani Okafor", Until: ago(-7 * oneDay), Account: "sam@library.example", Passkeys: true}
	acceptElsewhere := accept
	acceptElsewhere.Provider = "Elm County"
	acceptWrong := accept
	acceptWrong.Passkeys, acceptWrong.NoPasskey, acceptWrong.By = false, "Passkeys are off here: the address is not protected (no https).", ""
	acceptWrong.Form.Form = problems("password", "Use at least 12 characters. Four words that have nothing to do with each other are good.")
	return []Entry{
		entry("signin", full), entry("signin-at-desk", desk), entry("signin-refused", wrong), entry("signin-error", empty),
		entry("signin-code", code), entry("signin-code-error", codeWrong),
		entry("signin-recovery", recovery), entry("signin-recovery-error", recoveryWrong),
		entry("lock", lock), entry("lock-error", lockWrong), entry("lock-nobody", lockNobody),
		entry("accept", accept), entry("accept-elsewhere", acceptElsewhere), entry("accept-error", acceptWrong),
	}
}

func galleryMe() []Entry {
	ways := []Task{
		{Name: "Password", Hint: "Set 12 March 2026", Href: "/me/password"},
		{Name: "One-time codes", State: "Not set", Hint: "Six digits from an app after the password", Href: "/me/codes"},
		{Name: "Passkeys", Hint: "2 passkeys", Href: "/me/passkeys"},
		{Name: "Recovery codes", State: "2 left", Hint: "For when a phone is lost", Href: "/me/recovery"},
		{Name: "PIN", State: "Not set", Hint: "Opens a locked page", Href: "/me/pin"},
	}
	me := Me{Frame: staffFrame(), Name: "Imani Okafor", Mail: "imani@library.example", Roles: []string{"Director", "In charge, Northside"}, SignIn: ways, Sessions: gallerySessions()}
	fresh := Me{Frame: noticed(staffFrame(), Alarm, "The session could not be ended. Try again.", Link{}), Name: "Sam Iverson", SignIn: ways, Sessions: gallerySessions()[:1]}
	fresh.KeysOff = true
	key := &CounselKey{Fingerprint: words30(5)[:7], Made: ago(60 * oneDay)}
	counsel := me
	counsel.IsCounsel, counsel.Counsel, counsel.Roles = true, key, []string{"Counsel, until 30 June 2027"}
	noKey := counsel
	noKey.Counsel = nil

	several := me
	several.Others = true
	several.Place = PlaceForm{Place: "1/1", Places: []Option{{Value: "1/1", Words: "Millbrook Public Library, Northside"}, {Value: "1/2", Words: "Millbrook Public Library, Harbor"}, {Value: "2/1", Words: "Elm Street Library, Main"}}}
	severalWrong := several
	severalWrong.Place.Form = problems("place", "Choose one of the places where you have a role.")
	linked := me
	linked.Provider, linked.Links = "Elm County", []ProviderLink{{ID: "p1", Name: "Elm County", Made: ago(40 * oneDay), Used: ago(oneDay)}}
	unlinked := me
	unlinked.Provider = "Elm County"

	password := MePassword{Frame: staffFrame(), Has: true, Name: "imani@library.example"}
	passwordWrong := password
	passwordWrong.Form.Form = problems("current", "This is not your password.", "password", "This is among the first that others would try. Four words that are rarely used and have nothing to do with each other are good.")
	codes := MeCodes{Frame: staffFrame(), Code: galleryQR("otpauth://totp/Roundtable:imani?secret=INVENTED234567INVENTED234567AB&issuer=Roundtable"), Text: "INVE NTED 2345 67IN VENT ED23 4567 AB"}
	codesWrong := codes
	codesWrong.Form.Form = problems("code", "This code is not the one for now. Wait for the next one and try again.")
	pinWrong := MePIN{Frame: staffFrame(), Has: true}
	pinWrong.Form.Form = problems("pin", "Use four to eight digits.")
	passkeys := []Passkey{{ID: "k1", Name: "My phone", Made: ago(90 * oneDay), Used: galleryNow}, {ID: "k2", Name: "Key on my key ring", Made: ago(80 * oneDay)}}
	recovery := []string{"K7QM-2XPA-94TD", "B3NV-8WQZ-55HC", "T9PD-4KMA-20XR", "H6ZC-1RVB-73WN", "Q2XW-9DTK-46MP", "V5HA-3NZC-81QB", "M8RB-6PXW-19KD", "Z4TN-7HQV-62CA", "D1KP-5MBR-38ZX", "W0CV-2AND-97HT"}
	off := "The address is not protected (no https), so no key can be made here."
	return []Entry{
		entry("me", me), entry("me-fresh", fresh), entry("me-counsel-role", counsel), entry("me-counsel-no-key", noKey),
		entry("me-places", several), entry("me-places-error", severalWrong), entry("me-linked", linked), entry("me-not-linked", unlinked),
		entry("me-password", password), entry("me-password-error", passwordWrong), entry("me-password-first", MePassword{Frame: staffFrame(), Name: "sam@library.example"}),
		entry("me-codes", codes), entry("me-codes-error", codesWrong), entry("me-codes-on", MeCodes{Frame: staffFrame(), On: true}),
		entry("me-recovery", MeRecovery{Frame: staffFrame(), Left: 2}), entry("me-recovery-none", MeRecovery{Frame: staffFrame()}),
		entry("me-recovery-shown", MeRecovery{Frame: staffFrame(), Codes: recovery, Made: galleryNow}),
		entry("me-passkeys", MePasskeys{Frame: staffFrame(), Passkeys: passkeys}), entry("me-passkeys-off", MePasskeys{Frame: staffFrame(), WhyNot: off}),
		entry("me-pin", MePIN{Frame: staffFrame()}), entry("me-pin-error", pinWrong),
		entry("me-counsel", MeCounsel{Frame: staffFrame(), Key: key}), entry("me-counsel-off", MeCounsel{Frame: staffFrame(), WhyNot: off}),
		entry("keys", Keys{Frame: staffFrame()}), entry("keys-off", Keys{Frame: fresh.Frame}),
		entry("accessibility", Accessibility{Frame: staffFrame(), Contact: Contact{Name: "Imani Okafor", Role: "director", Phone: "555 0142"}, Mail: "imani@library.example"}),
		entry("accessibility-nobody", Accessibility{Frame: plainFrame()}),
	}
}

func galleryTrouble() []Entry {
	f := staffFrame()
	at := func(what Wrong, words string) Trouble { return Trouble{Frame: f, What: what, Words: words} }
	missing := at(NotHere, "There is nothing here, or it is not for you. Check the address, or go back to the desk.")
	missing.Next = Link{Words: "Go to the desk", Href: "/desk"}
	refusal := at(NotYours, "You may not give that role.")
	refusal.At, refusal.Ask, refusal.Next = AtManage, []string{"The director, Ruth Alder"}, Link{Words: "Back to people", Href: "/manage/people"}
	broken := at(Broken, "Something went wrong here, and not because of you. All that was shown as saved is saved. Try again. If it happens again, tell the person who looks after Roundtable.")
	broken.Kept, broken.Number, broken.Danger = "Your last note was saved at 10:45.", "7Q2M-94TD", galleryDanger
	soon := Trouble{Frame: plainFrame(), What: TooSoon, Words: "There were many tries to sign in from here.", Wait: "2 minutes"}
	return []Entry{
		entry("trouble-not-found", missing), entry("trouble-refused", refusal), entry("trouble-broken", broken), entry("trouble-too-soon", soon),
		entry("trouble-taken", at(Taken, "Ruth Alder took charge a moment ago. You can follow the case.")),
		entry("trouble-ended", at(Ended, "This invitation has been used already. Ask for a new one.")),
		entry("trouble-too-large", at(TooLarge, "This is larger than 10 megabytes. Send a smaller one.")),
		entry("trouble-not-asked", at(NotAsked, "This did not come from a page of ours. Nothing was changed.")),
		entry("trouble-no-service", at(NoService, "The disk of the server is full. Nothing that you sent just now was saved. Write it on paper, and call.")),
	}
}

func gallerySetUp() []Entry {
	bare := Frame{}
	named := plainFrame()
	welcomeWrong := SetUpWelcome{Frame: bare}
	welcomeWrong.Form.Form = problems("code", "This is not the code. It stands where Roundtable was started.")
	address := SetUpAddress{Frame: bare, Seen: "http://127.0.0.1:8080", Form: AddressForm{Address: "https://roundtable.library.example"}}
	plain := SetUpAddress{Frame: bare, Off: []string{"Whoever is on the same network can read what is sent.", "Nothing is kept on devices, so a desk needs the network all the time.", "Passkeys are off. People sign in with a password."}, Form: AddressForm{Form: problems("accept", "Tick this to go on, or use another address."), Address: "http://library-server:8080"}}
	library := LibraryForm{Zone: "America/New_York", States: galleryStates, Zones: galleryZones}
	libraryWrong := library
	libraryWrong.Form = problems("name", "Write something here.", "state", "Choose a state.")
	branch := BranchForm{Zone: "America/New_York", Zones: galleryZones}
	two := TwoPeopleForm{Role: "admin", YouName: "Ruth Alder", YouInitials: "RA", YouMail: "ruth@library.example", OtherName: "Imani Okafor", OtherInitials: "IO"}
	twoWrong := TwoPeopleForm{Form: problems("role", "Choose one.", "you_name", "Write something here.", "other_name", "This is the same person. Name somebody else.")}
	you := SetUpYou{Frame: named, Name: "Ruth Alder", Account: "ruth@library.example", Passkeys: true}
	youWrong := SetUpYou{Frame: named, Name: "Ruth Alder", Account: "ruth@library.example", NoPasskey: "Passkeys are off here: the address is not protected (no https)."}
	youWrong.Form.Form = problems("password", "Use at least 12 characters. Four words that have nothing to do with each other are good.")
	shares := SetUpShares{Frame: named, Shares: galleryShares(), Asked: "word 7 on paper 2", Day: day(galleryNow)}
	sharesWrong := shares
	sharesWrong.Form.Form = problems("check", "This is another word. Look at paper 2.", "printed", "Tick this once they are printed.")
	slip := &Slip{Title: "For Imani Okafor", Lines: []string{"Roundtable at Millbrook Public Library. You will be: Director."}, Address: "https://roundtable.library.example/invite/Q2XW-9DTK-46MP",
		Code: galleryQR("HTTPS://ROUNDTABLE.LIBRARY.EXAMPLE/INVITE/Q2XW-9DTK-46MP"), Until: galleryNow.Add(14 * 24 * time.Hour)}
	signedIn := staffFrame()
	signedIn.Nav = nil
	tasks := []Task{{Name: "Enrol the first desk", State: "To do", Hint: "It takes a minute, at the desk itself.", Href: "/manage/devices/new"}, {Name: "Add numbers to the phone tree", State: "To do", Href: "/manage/tree"}}
	return []Entry{
		entry("setup-1-welcome", SetUpWelcome{Frame: bare}), entry("setup-1-welcome-error", welcomeWrong),
		entry("setup-2-address", address), entry("setup-2-address-plain", plain),
		entry("setup-3-library", SetUpLibrary{Frame: bare, Form: library}), entry("setup-3-library-error", SetUpLibrary{Frame: bare, Form: libraryWrong}),
		entry("setup-4-branch", SetUpBranch{Frame: named, Form: branch}),
		entry("setup-5-people", SetUpPeople{Frame: named, Form: two}), entry("setup-5-people-error", SetUpPeople{Frame: named, Form: twoWrong}),
		entry("setup-6-you", you), entry("setup-6-you-error", youWrong),
		entry("setup-7-shares", shares), entry("setup-7-shares-error", sharesWrong),
		entry("setup-8-done-slip", SetUpDone{Frame: signedIn, Slip: slip, Tasks: tasks}),
		entry("setup-8-done-mail", SetUpDone{Frame: signedIn, Mail: "imani@library.example"}),
	}
}
