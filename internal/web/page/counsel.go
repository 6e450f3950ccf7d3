package page

import "roundtable/internal/web/static"

// CaseCounsel is where notes for counsel about a case are written and read,
// /i/{id}/counsel. Both happen by script in the browser (static.Counsel): what is
// typed leaves the page as a letter only, so that the server cannot open it. The
// author's form posts letter, fingerprint and note there.
type CaseCounsel struct {
	Frame
	Title string // of the case's playbook
	Back  string // address of the case
	Call  Phone  // counsel's number; "" if the phone tree has none
	Tree  string // address of the phone tree, when there is no number

	Seal  *SealTo      // what the author's browser seals to; nil while no note can be written here
	No    string       // why none can be written, in whole sentences
	Notes []SealedNote // those that this person may know of, the oldest first
	Opens bool         // this person is counsel, whose file opens them
	Place LetterPlace  // of Notes, but for the field
}

// SealTo is counsel's key and the place of the note that is written.
type SealTo struct {
	Key         string   // counsel.Key.Encoded
	Fingerprint string   // in hexadecimal digits
	Words       []string // the same as words, as counsel sees them too
	Note        string   // the id of the note
	Place       LetterPlace
}

// LetterPlace is where a letter belongs; it is bound into it.
type LetterPlace struct {
	Library, Case, Field string
	Version              uint64
}

// SealedNote is a note that counsel's file opens.
type SealedNote struct {
	Letter string // counsel.Note.Encoded; "" for whoever only knows of it
	Who    string // the author, by name or pseudonym
	Place  LetterPlace
}

func (p CaseCounsel) about() about {
	return staff("case-counsel", "Counsel only", AtIncidents).with(p.Seal != nil || p.Opens, static.Counsel)
}
