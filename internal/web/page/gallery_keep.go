package page

// galleryKeep is what a device keeps, as it is before script fills it in.
func galleryKeep() []Entry {
	spanish := OfflineWalk{Words: WordsIn("es"), Says: KeptWordsIn("es"), Aside: galleryRecorder(WordsIn("es"))}
	spanish.Lang = "es"
	return []Entry{
		{"offline-desk", OfflineDesk{Danger: Danger{Dial: "911"}}},
		{"offline-walk", OfflineWalk{Words: WordsIn("en"), Says: KeptWordsIn("en"), Aside: galleryRecorder(WordsIn("en"))}},
		{"offline-walk-es", spanish},
	}
}
