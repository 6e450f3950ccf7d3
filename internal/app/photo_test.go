package app

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/photo"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// picture makes a JPEG with a place hidden in it; each number gives another one.
func picture(t testing.TB, number int) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 900, 700))
	for i := range 900 * 700 {
		p.SetRGBA(i%900, i/900, color.RGBA{byte(number * 40), byte(i * 2654435761 >> 13), byte(i / 900), 255})
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}))
	hidden := []byte("Exif\x00\x00canary 40.7128 N")
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(hidden) + 2)}, hidden...)
	return append(out, b.Bytes()[2:]...)
}

// photoStep is a step of a guide that has a field for photos, and the field.
func photoStep(t testing.TB, w *walk.Walk) (int, string) {
	t.Helper()
	for at, s := range w.Plan().Program.Steps {
		for _, f := range s.Fields {
			if f.Type == "photo" {
				return at, f.Name
			}
		}
	}
	t.Fatal("the guide has no field for photos")
	return 0, ""
}

func (b *bench) photoUse(t testing.TB, id store.CaseID) (use store.PhotoUse) {
	t.Helper()
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) (err error) {
		use, err = tx.PhotoUse(t.Context(), id)
		return err
	}))
	return use
}

func TestPhotos(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		v, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		at, field := photoStep(t, v.Walk)
		sent := picture(t, 1)
		take := func(e walk.Event, sent []byte) walk.EventID {
			t.Helper()
			e.Kind = walk.Pictured
			made, err := b.AddPhoto(ctx, desk, id, e, sent)
			must(t, err)
			return made
		}
		base, err := people.NewID[walk.EventID](b.now, b.random)
		must(t, err)
		plain := take(walk.Event{ID: base, Text: "the envelope"}, sent)
		again := take(walk.Event{ID: base, Text: "the envelope"}, sent)     // pressed twice
		other := take(walk.Event{ID: base, Text: "another"}, picture(t, 2)) // another one from the same page
		page := take(walk.Event{Step: at, Field: field}, picture(t, 3))
		if plain != base || again != base || other == base || page == "" {
			t.Errorf("the photos are %q, %q, %q, %q; want %q twice and two others", plain, again, other, page, base)
		}

		v, err = b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		if got := len(v.Walk.Photos()); got != 3 {
			t.Fatalf("the walk has %d photos, want 3", got)
		}
		if got := v.Walk.Value(field); got != string(page) {
			t.Errorf("the field has %q, want the photo %q", got, page)
		}
		kept, err := b.ReadPhoto(ctx, desk, id, plain)
		must(t, err)
		want, err := photo.Read(sent)
		must(t, err)
		if !bytes.Equal(kept, want.JPEG) || v.Walk.Photos()[0].Sum != want.Sum() {
			t.Errorf("the photo is %d bytes with the sum %s, want %d with %s", len(kept), v.Walk.Photos()[0].Sum, len(want.JPEG), want.Sum())
		}
		if !bytes.Contains(sent, []byte("canary")) || bytes.Contains(kept, []byte("canary")) || len(kept) <= photoPiece {
			t.Errorf("the photo of %d bytes holds what was hidden, or is too small for two pieces", len(kept))
		}
		if use := b.photoUse(t, id); use.Photos != 3 || use.Bytes < int64(3*len(kept)/2) {
			t.Errorf("PhotoUse = %+v, want 3 photos", use)
		}

		// Nobody else: a stranger to the case, another device, an id that is no photo's.
		for _, who := range []Who{b.as(t, people.Desk), b.as(t, people.Board), {Device: &people.Device{ID: "d", Library: b.library, Branch: b.branch}, Library: b.library, Branch: b.branch}} {
			if _, err := b.ReadPhoto(ctx, who, id, plain); err == nil {
				t.Errorf("ReadPhoto for %+v = nil error, want none of it", who)
			}
			if _, err := b.AddPhoto(ctx, who, id, walk.Event{Kind: walk.Pictured}, sent); err == nil {
				t.Errorf("AddPhoto for %+v = nil error, want none of it", who)
			}
		}
		if _, err := b.ReadPhoto(ctx, b.as(t, people.Director), id, plain); err != nil {
			t.Errorf("ReadPhoto for the director = %v", err)
		}
		for _, none := range []walk.EventID{v.Walk.Start().ID, "x", "018c2b6e-3f00-7000-8000-000000000000", "../" + plain} {
			if _, err := b.ReadPhoto(ctx, desk, id, none); fault.KindOf(err) != fault.NotFound {
				t.Errorf("ReadPhoto(%s) = %v, want that there is none", none, err)
			}
		}
		for name, bad := range map[string]walk.Event{"no such field": {Kind: walk.Pictured, Step: at, Field: "none"}, "no such step": {Kind: walk.Pictured, Step: 900}} {
			if _, err := b.AddPhoto(ctx, desk, id, bad, sent); fault.KindOf(err) != fault.Conflict {
				t.Errorf("AddPhoto(%s) = %v, want a refusal", name, err)
			}
		}
		if _, err := b.AddPhoto(ctx, desk, id, walk.Event{Kind: walk.Pictured}, sent[:len(sent)/2]); fault.KindOf(err) != fault.Refused {
			t.Errorf("AddPhoto of half a picture = %v, want a refusal", err)
		}
		if _, err := b.Record(ctx, desk, id, walk.Event{Kind: walk.Pictured, Sum: strings.Repeat("0", 64)}); err == nil {
			t.Error("Record of a photo without a picture = nil, want an error")
		}
		if use := b.photoUse(t, id); use.Photos != 3 {
			t.Errorf("PhotoUse = %+v after refusals, want 3 photos", use)
		}

		// What was changed in the database is not shown.
		must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
			pieces, err := tx.PhotoPieces(ctx, id, string(other))
			if err != nil {
				return err
			}
			return tx.AddPhotoPiece(ctx, id, string(plain), 99, pieces[0])
		}))
		if _, err := b.ReadPhoto(ctx, desk, id, plain); fault.KindOf(err) != fault.Internal {
			t.Errorf("ReadPhoto of what was changed = %v, want an error", err)
		}

		// With the case it is gone, key and rows.
		must(t, b.Destroy(ctx, b.library, "retention", id))
		if _, err := b.ReadPhoto(ctx, desk, id, page); fault.KindOf(err) != fault.NotFound {
			t.Errorf("ReadPhoto of a destroyed case = %v, want that there is none", err)
		}
		if use := b.photoUse(t, id); use != (store.PhotoUse{}) {
			t.Errorf("PhotoUse of a destroyed case = %+v, want nothing", use)
		}
		b.verify(t)
	})
}

// caseRows counts the rows of a photo's pieces, and returns the events of a case as
// they lie in the database, opened.
func (b *bench) caseRows(t testing.TB, id store.CaseID, of walk.EventID) (pieces int, events string) {
	t.Helper()
	c := (*caseFile)(nil)
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) (err error) {
		rows, err := tx.PhotoPieces(t.Context(), id, string(of))
		if err != nil {
			return err
		}
		pieces = len(rows)
		if c, err = b.openCase(t.Context(), tx, id); err != nil {
			return err
		}
		list, err := tx.CaseEvents(t.Context(), id, 0)
		for _, row := range list {
			text, err := unseal(c.key, tx.Tenant(), string(id), fieldEvent, uint64(row.Seq), row.Sealed)
			if err != nil {
				return err
			}
			events += string(text) + "\n"
		}
		return err
	}))
	return pieces, events
}

// TestRemovePhoto removes photos that were taken by mistake: their pieces and words are
// gone, the walk says that it was, and nothing brings them back. Once the walk has
// ended they stay.
func TestRemovePhoto(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		l := newLetters(t, b)
		ctx, desk, director := t.Context(), b.atDesk(), b.as(t, people.Director)
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		v, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		at, field := photoStep(t, v.Walk)
		read := func() *walk.Walk {
			t.Helper()
			v, err := b.ReadCase(ctx, director, id, "")
			must(t, err)
			return v.Walk
		}
		if !v.MayRemovePhoto {
			t.Error("the desk may not remove a photo of its running walk")
		}

		// One that waited on the device, for a field, and one from the page.
		shot := walk.Event{ID: walk.EventID(l.id()), Kind: walk.Pictured, Step: at, Field: field, At: b.now, Text: "canary face"}
		l.order++
		text, err := json.Marshal(shot)
		must(t, err)
		letter := l.sealText(Waiting{Device: b.device.ID, Case: id, Event: shot.ID, Order: l.order}, append(append(text, 0), picture(t, 1)...))
		send := func(want string) {
			t.Helper()
			receipts, err := b.SendWaiting(ctx, desk, []Waiting{letter})
			must(t, err)
			if got := fates(receipts); got != want {
				t.Errorf("SendWaiting = %s, want %s", got, want)
			}
		}
		send("kept")
		form := walk.Event{ID: walk.EventID(l.id()), Kind: walk.Pictured, Text: "the paper"}
		kept, err := b.AddPhoto(ctx, desk, id, form, picture(t, 2))
		must(t, err)
		again, err := b.AddPhoto(ctx, desk, id, form, picture(t, 3)) // another one from the same page
		must(t, err)
		if pieces, events := b.caseRows(t, id, shot.ID); pieces < 2 || !strings.Contains(events, "canary face") {
			t.Fatalf("the photo has %d pieces and the events %s; want some and its words", pieces, events)
		}

		// Who may not, what is no photo, and other ways to take it back.
		for _, who := range []Who{b.as(t, people.Desk), b.as(t, people.Board), {Device: &people.Device{ID: "d", Library: b.library, Branch: b.branch}, Library: b.library, Branch: b.branch}} {
			if err := b.RemovePhoto(ctx, who, id, shot.ID); err == nil {
				t.Errorf("RemovePhoto for %+v = nil error, want none of it", who)
			}
		}
		for _, none := range []walk.EventID{v.Walk.Start().ID, "x", "018c2b6e-3f00-7000-8000-000000000000"} {
			if err := b.RemovePhoto(ctx, desk, id, none); fault.KindOf(err) != fault.NotFound {
				t.Errorf("RemovePhoto(%s) = %v, want that there is none", none, err)
			}
		}
		if _, err := b.Record(ctx, desk, id, walk.Event{Kind: walk.Corrected, Of: shot.ID}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("Record(corrected, a photo) = %v, want a clash", err)
		}
		if got := len(read().Photos()); got != 3 {
			t.Fatalf("the walk has %d photos after what was refused, want 3", got)
		}

		// Removed, twice, and at last by whoever follows the walk.
		for range 2 {
			must(t, b.RemovePhoto(ctx, desk, id, shot.ID))
		}
		must(t, b.RemovePhoto(ctx, director, id, again))
		w := read()
		if pieces, events := b.caseRows(t, id, shot.ID); pieces != 0 || strings.Contains(events, "canary") || !strings.Contains(events, string(shot.ID)) {
			t.Errorf("the photo has %d pieces and the events %s; want no pieces, and the photo without its words", pieces, events)
		}
		if use := b.photoUse(t, id); use.Photos != 1 {
			t.Errorf("PhotoUse = %+v, want 1 photo", use)
		}
		gone := w.RemovedPhotos()
		if len(gone) != 2 || gone[0].Of != shot.ID || !gone[0].At.Equal(b.now) || len(w.Photos()) != 1 || w.Photos()[0].ID != kept || w.Value(field) != "" {
			t.Errorf("RemovedPhotos() = %+v, Photos() = %+v, the field has %q; want two, one, nothing", gone, w.Photos(), w.Value(field))
		}
		if _, err := b.ReadPhoto(ctx, desk, id, shot.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("ReadPhoto of a removed photo = %v, want that there is none", err)
		}
		if _, err := b.ReadPhoto(ctx, desk, id, kept); err != nil {
			t.Errorf("ReadPhoto of the one that stays = %v", err)
		}
		if n := len(slices.DeleteFunc(b.kinds(t), func(k string) bool { return k != "remove-photo" })); n != 2 {
			t.Errorf("the log has %d entries of removals, want 2", n)
		}

		// Sent again, from the device and from the page, it does not come back.
		send("doubled")
		if back, err := b.AddPhoto(ctx, desk, id, form, picture(t, 3)); err != nil || back != again {
			t.Errorf("AddPhoto of what was removed = %q, %v; want %q, which is gone", back, err, again)
		}
		if pieces, _ := b.caseRows(t, id, shot.ID); pieces != 0 || len(read().Photos()) != 1 || b.photoUse(t, id).Photos != 1 {
			t.Errorf("a photo came back: %d pieces, %+v, %+v", pieces, read().Photos(), b.photoUse(t, id))
		}

		// The walk has ended: what is there stays.
		_, err = b.Record(ctx, desk, id, walk.Event{Kind: walk.Ended, Outcome: walk.Left, Follows: w.Head()})
		must(t, err)
		if err := b.RemovePhoto(ctx, director, id, kept); fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Words(err), "has ended") {
			t.Errorf("RemovePhoto of an ended walk = %v, want a refusal in words", err)
		}
		if err := b.RemovePhoto(ctx, desk, id, kept); err == nil {
			t.Error("a device removed a photo of an ended walk")
		}
		if _, err := b.ReadPhoto(ctx, director, id, kept); err != nil {
			t.Errorf("ReadPhoto of the one that stays = %v", err)
		}
		must(t, b.RemovePhoto(ctx, director, id, shot.ID)) // it is gone already
		b.verify(t)
	})
}

func TestPhotosAreBounded(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	ctx, desk := t.Context(), b.atDesk()
	id := b.begin(t)
	must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
		for range MaxPhotos - 1 {
			other, err := people.NewID[string](b.now, b.random)
			if err != nil {
				return err
			}
			if err := tx.AddPhotoPiece(ctx, id, other, 1, []byte("sealed")); err != nil {
				return err
			}
		}
		return nil
	}))
	sent := picture(t, 1)
	_, err := b.AddPhoto(ctx, desk, id, walk.Event{Kind: walk.Pictured}, sent)
	must(t, err)
	_, err = b.AddPhoto(ctx, desk, id, walk.Event{Kind: walk.Pictured}, sent)
	if fault.KindOf(err) != fault.Refused || !strings.Contains(fault.Words(err), "at most 60") {
		t.Errorf("AddPhoto number %d = %v, want a refusal in words", MaxPhotos+1, err)
	}
	v, err := b.ReadWalk(ctx, desk, id, "")
	must(t, err)
	if got := len(v.Walk.Photos()); got != 1 {
		t.Errorf("the walk has %d photos, want the one that was taken", got)
	}
}

// TestWaitingPhotos sends photos that waited on a device: once and only once, in any
// order, also when the walk has gone on, and with what does not fit refused.
func TestWaitingPhotos(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		l := newLetters(t, b)
		ctx, desk := t.Context(), b.atDesk()
		id, start := l.begin("officer")
		sent := picture(t, 1)
		shot := func() walk.Event {
			return walk.Event{ID: walk.EventID(l.id()), Kind: walk.Pictured, At: b.now, Text: "the paper"}
		}
		withPicture := func(e walk.Event, sent []byte) Waiting {
			l.order++
			text, err := json.Marshal(e)
			must(t, err)
			return l.sealText(Waiting{Device: b.device.ID, Case: id, Event: e.ID, Order: l.order}, append(append(text, 0), sent...))
		}
		one := withPicture(shot(), sent)
		two := withPicture(shot(), picture(t, 2))
		if len(one.Letter) > MaxLetter {
			t.Fatalf("the letter of a photo is %d bytes", len(one.Letter))
		}
		note := l.note("a note")
		noted := l.seal(id, start.Event, note)
		send := func(want string, list ...Waiting) []Receipt {
			t.Helper()
			receipts, err := b.SendWaiting(ctx, desk, list)
			must(t, err)
			if got := fates(receipts); got != want {
				t.Fatalf("SendWaiting = %s, want %s (%+v)", got, want, receipts)
			}
			return receipts
		}
		send("kept kept", noted, start) // a photo holds nothing up
		send("kept", two)
		send("kept doubled", one, two)
		send("doubled doubled", one, two)
		v, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		if got := len(v.Walk.Photos()); got != 2 {
			t.Fatalf("the walk has %d photos, want 2", got)
		}
		for _, e := range v.Walk.Photos() {
			kept, err := b.ReadPhoto(ctx, desk, id, e.ID)
			must(t, err)
			if bytes.Contains(kept, []byte("canary")) || (photo.Photo{JPEG: kept}).Sum() != e.Sum || e.Text != "the paper" {
				t.Errorf("the photo %+v is not as it was kept", e)
			}
		}
		claims := shot()
		claims.Sum = strings.Repeat("a", 64)
		send("refused refused refused refused",
			withPicture(shot(), nil), withPicture(l.note("with a picture"), sent), withPicture(claims, sent), withPicture(shot(), sent[:400]))

		// Taken before the walk was destroyed, and sent afterwards.
		late := withPicture(shot(), sent)
		must(t, b.Destroy(ctx, b.library, "retention", id))
		send("forget", late)
	})
}
