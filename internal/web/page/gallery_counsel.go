package page

func galleryCounsel() []Entry {
	at := LetterPlace{Library: "0192f3a0", Case: "0147", Field: "counsel_notes.0001", Version: 1}
	base := CaseCounsel{Frame: staffFrame(), Title: "An officer is here", Back: "/i/0147", Tree: "/manage/tree", Call: "555 0171", Place: at}
	words := []string{"lantern", "orchard", "velvet", "harbour", "pencil", "meadow", "copper"}
	author := base
	author.Seal = &SealTo{Key: "BHc", Fingerprint: "00ff", Words: words, Note: "0192f3a1", Place: at}
	author.Notes = []SealedNote{{Who: "You", Place: at}}
	counsel := base
	counsel.Opens, counsel.No = true, "You may not write to counsel. Ask whoever has this case."
	counsel.Notes = []SealedNote{{Letter: "AQID", Who: "Ruth Alder", Place: at}, {Letter: "AQIE", Who: "Somebody here", Place: at}}
	none := base
	none.Call, none.No = "", "Counsel has made no key yet, so no note can be sealed."
	return []Entry{entry("counsel-write", author), entry("counsel-read", counsel), entry("counsel-none", none),
		entry("clock", Clock{Frame: staffFrame(), From: ago(40 * oneDay), To: galleryNow}), entry("clock-right", Clock{Frame: staffFrame()})}
}
