package trust

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"roundtable/internal/app"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// photograph makes a JPEG as a camera does, with a secret hidden in it. The number
// decides what it shows.
func photograph(t testing.TB, number uint32, secret string) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range 400 * 300 {
		number = number*1664525 + 1013904223
		p.SetRGBA(i%400, i/400, color.RGBA{byte(number >> 24), byte(number >> 16), byte(i), 255})
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, p, nil))
	hidden := append([]byte("Exif\x00\x00"), secret...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(hidden) + 2)}, hidden...)
	return append(out, b.Bytes()[2:]...)
}

// photo takes a photo at a walk.
func (l *land) photo(t testing.TB, who app.Who, id store.CaseID, number uint32, caption, secret string) walk.EventID {
	t.Helper()
	made, err := l.AddPhoto(t.Context(), who, id, walk.Event{Kind: walk.Pictured, Text: caption}, photograph(t, number, secret))
	must(t, err)
	return made
}

// photo takes a photo with canaries: in what is hidden in it, in what is said of it,
// and in what it shows.
func (x *hunted) photo(t *testing.T, who app.Who, id store.CaseID, about string) {
	t.Helper()
	made := x.land.photo(t, who, id, x.dice.Uint32(), x.text("what a photo in "+about+" shows"), x.text("the place of a photo in "+about))
	kept := got[[]byte](t)(x.ReadPhoto(t.Context(), who, id, made))
	x.h.add("a photo in "+about, string(kept[len(kept)/2:][:48]))
}
