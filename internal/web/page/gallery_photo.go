package page

import (
	"slices"
	"strings"
)

// galleryPhotos is taking a photo, and the photos of a case.
func galleryPhotos() []Entry {
	take := TakePhoto{
		Frame: deviceFrame(), Words: WordsIn("en"), Title: "An officer is here", Post: "/i/0147/photo", Back: "/i/0147/step/3", Event: "01936530-7d24-7cde-8f00-001122334455",
		Case: "0147", Step: 3, Field: "pages", Label: "Photograph every page",
	}
	wrong := take
	wrong.Refused, wrong.Shows = "The photo did not arrive whole, so it was not kept. Send it again, or take it again.", "The first page"
	missing := take
	missing.Field, missing.Label = "", ""
	missing.Problem = PhotoProblem{File: missing.Words.PhotoFirst, Shows: "This is 3 characters too long. Make it shorter.", Nobody: missing.Words.PhotoTick}
	spanish := take
	spanish.Words, spanish.Lang, spanish.Label = WordsIn("es"), "es", "Fotografíe todas las páginas"
	list := Photos{
		Frame: staffFrame(), Words: WordsIn("en"), Title: "An officer is here", Number: "N-0147", Back: "/i/0147", Photos: []PhotoRow{
			{Href: "/i/0147/files/1", At: ago(12 * oneMinute), Where: "3. Ask to see the paper", Shows: "The first page", Who: "RA", Sum: strings.Repeat("0123456789abcdef", 4)},
			{Href: "/i/0147/files/2", At: ago(10 * oneMinute), Where: "3. Ask to see the paper", Sum: strings.Repeat("f", 64)},
		},
	}
	more := list
	more.Add = "/i/0147/photo"
	none := more
	none.Photos = nil
	running := more
	running.Frame, running.Case = deviceFrame(), "0147"
	running.Photos = slices.Clone(list.Photos)
	for i := range running.Photos {
		running.Photos[i].Away = running.Photos[i].Href + "/remove"
	}
	running.Removed = []RemovedPhoto{{Photo: "3", Event: "4", Taken: ago(9 * oneMinute), At: ago(8 * oneMinute), Who: "RA"}}
	emptied := running
	emptied.Photos = nil
	ended := list
	ended.Stays, ended.Removed = true, running.Removed
	remove := RemovePhoto{Frame: deviceFrame(), Words: WordsIn("en"), Number: 1, Photo: list.Photos[0], Post: "/i/0147/files/1/remove", Back: "/i/0147/files"}
	quitar := remove
	quitar.Words, quitar.Lang = WordsIn("es"), "es"
	return []Entry{
		entry("take-photo", take), entry("take-photo-refused", wrong), entry("take-photo-missing", missing), entry("take-photo-es", spanish),
		entry("photos", list), entry("photos-may-add", more), entry("photos-none", none),
		entry("photos-may-remove", running), entry("photos-all-removed", emptied), entry("photos-stay", ended), entry("remove-photo", remove), entry("remove-photo-es", quitar),
	}
}
