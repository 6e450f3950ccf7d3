package page

import (
	"time"

	"roundtable/internal/web/static"
)

// TakePhoto takes a photo of a paper or a thing, /i/{id}/photo. It posts to Post, as
// multipart/form-data: event (an id made for this showing of the page, which becomes
// the photo's), step, field, lang, photo (the file), shows, nobody ("yes").
type TakePhoto struct {
	Frame
	Words   Words
	Title   string // of the playbook
	Post    string
	Back    string // address of the step
	Event   string
	Case    string
	Step    int    // from 1
	Field   string // for which it is taken; "" is for none
	Label   string // of the field, in words
	Shows   string // what was typed
	Refused string // why the photo was not kept
	Problem PhotoProblem
}

// PhotoProblem is what is wrong with what was sent, in words; "" is nothing.
type PhotoProblem struct{ File, Shows, Nobody string }

// Any reports whether anything is wrong.
func (p PhotoProblem) Any() bool { return p != PhotoProblem{} }

// Photos are the photos of a case, /i/{id}/files.
type Photos struct {
	Frame
	Words  Words
	Title  string // of the playbook
	Number string // of the case
	Back   string // address of the step, or of the case
	Case   string
	Add    string // address of taking one; "" where whoever looks may not
	// Stays says that the walk has ended, and that its photos stay.
	Stays   bool
	Photos  []PhotoRow
	Removed []RemovedPhoto
}

// RemovedPhoto is a photo that was removed. What it was of is not told. A device's own
// script takes the event that removed it over into what it keeps of the walk.
type RemovedPhoto struct {
	Photo string // its id
	Event string // by which it was removed
	Taken time.Time
	At    time.Time // when it was removed
	Who   string    // removed it; "" is not known
}

// RemovePhoto asks once more before a photo is removed,
// /i/{id}/files/{photo}/remove. It posts nothing but itself to Post.
type RemovePhoto struct {
	Frame
	Words  Words
	Number int // of the photo, from 1
	Photo  PhotoRow
	Post   string
	Back   string // address of the photos
}

// PhotoRow is one photo.
type PhotoRow struct {
	Href  string // of the photo itself
	Away  string // address of removing it; "" where it cannot be
	At    time.Time
	Where string // at which step, in words
	Shows string // "" says nothing
	Who   string // "" is not known
	Sum   string // SHA-256, in hexadecimal digits
}

// Spaced returns the sum in groups of eight digits.
func (p PhotoRow) Spaced() (groups []string) {
	for s := p.Sum; s != ""; s = s[min(8, len(s)):] {
		groups = append(groups, s[:min(8, len(s))])
	}
	return groups
}

func (p TakePhoto) about() about {
	return staff("take-photo", p.Words.PhotoTitle, Nowhere).with(true, static.Photo)
}

func (p Photos) about() about {
	return staff("photos", p.Words.PhotosTitle, Nowhere).with(p.Device != "" && len(p.Removed) > 0, static.Removed)
}

func (p RemovePhoto) about() about {
	return staff("remove-photo", p.Words.PhotoAwayTitle, Nowhere)
}
