package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/photo"
	"roundtable/internal/store"
	"roundtable/internal/walk"
)

// The bounds of a case's photos. A paper of sixty pages is one that is copied
// otherwise.
const (
	MaxPhotos     = 60
	MaxPhotoBytes = 40 << 20 // as they are kept, sealed
)

// The bounds of one photo, as package photo has them.
const (
	MaxPhotoSent   = photo.MaxSent
	MaxPhotoPixels = photo.MaxPixels
	MaxPhotoKept   = photo.MaxKept
	PhotoSide      = photo.LongestSide
)

// photoPiece is how much of a photo is sealed at once, in bytes: with its length it
// fills 256 KiB.
const photoPiece = 256<<10 - 4

// photoRoom is how many photos are decoded at once; each takes up to 180 MB for
// about a second.
const photoRoom = 1

// fieldPhoto is where a piece of a photo is sealed. The photo's id follows, and the
// piece's number is the version.
const fieldPhoto = "case_photos.sealed"

// readPhoto takes a picture in, when it is its turn.
func (a *App) readPhoto(ctx context.Context, sent []byte) (photo.Photo, error) {
	select {
	case a.photos <- struct{}{}:
		defer func() { <-a.photos }()
		return photo.Read(sent)
	case <-ctx.Done():
		return photo.Photo{}, ctx.Err()
	}
}

// AddPhoto adds a photo of a paper or a thing to a walk, kept when it returns, and
// returns its id. The event is a walk.Pictured without its sum, whose id is the
// photo's, of its maker's making; "" has one made. The same photo sent twice under one
// id is one photo; another one under the same id gets an id of its own.
func (a *App) AddPhoto(ctx context.Context, who Who, id store.CaseID, e walk.Event, sent []byte) (walk.EventID, error) {
	if e.Kind != walk.Pictured || e.Sum != "" {
		return "", fault.Broken(fmt.Errorf("an event of the kind %q is not that of a photo", e.Kind))
	}
	p, err := a.readPhoto(ctx, sent)
	if err != nil {
		return "", err
	}
	if e.ID == "" {
		if e.ID, err = people.NewID[walk.EventID](a.now(), a.random); err != nil {
			return "", fault.Broken(err)
		}
	}
	var c *caseFile
	err = a.do(ctx, who, access.AddPhoto, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		if e.ID, err = a.freePhotoID(ctx, act, c, e.ID, p); err != nil {
			return err
		}
		_, err = a.keepPhoto(ctx, act, c, e, p)
		return err
	})
	return e.ID, err
}

// freePhotoID returns the id for a photo: the one that was asked for, unless another
// event has it. One that was removed is found again, so that it does not come back.
func (a *App) freePhotoID(ctx context.Context, act *acting, c *caseFile, id walk.EventID, p photo.Photo) (walk.EventID, error) {
	w, err := a.fold(ctx, act.Tx, c)
	if err != nil {
		return "", err
	}
	there, ok := w.Event(id)
	if !ok || there.Kind == walk.Pictured && there.Sum == p.Sum() {
		return id, nil
	}
	for _, gone := range w.RemovedPhotos() { // the same form sent again, of which two photos came
		if of, _ := w.Event(gone.Of); of.Sum == p.Sum() {
			return of.ID, nil
		}
	}
	if id, err = people.NewID[walk.EventID](act.now, a.random); err != nil {
		return "", fault.Broken(err)
	}
	return id, nil
}

// keepPhoto adds a photo's event and its pieces to a walk, unless it is there already:
// then the act is quiet.
func (a *App) keepPhoto(ctx context.Context, act *acting, c *caseFile, e walk.Event, p photo.Photo) (late bool, err error) {
	if _, err := people.ParseID[walk.EventID](string(e.ID)); err != nil {
		return false, fault.Missing().Because(err)
	}
	e.Sum = p.Sum()
	if late, err = a.addToWalk(ctx, act, c, e); err != nil || act.quiet {
		return late, err
	}
	n := 0
	for piece := range slices.Chunk(p.JPEG, photoPiece) {
		n++
		sealed, err := a.seal(c.key, act.Tenant(), string(c.ID), fieldPhoto+" "+string(e.ID), uint64(n), piece)
		if err != nil {
			return false, err
		}
		if err := act.AddPhotoPiece(ctx, c.ID, string(e.ID), n, sealed); err != nil {
			return false, err
		}
	}
	use, err := act.PhotoUse(ctx, c.ID)
	if err == nil && (use.Photos > MaxPhotos || use.Bytes > MaxPhotoBytes) {
		err = fault.Refuse(fmt.Sprintf("This case has as many photos as fit, at most %d. This one was not kept.", MaxPhotos),
			"Keep the paper itself, and write in a note where it is.")
	}
	return late, err
}

// PhotoStays is the fault of removing a photo from a walk that has ended.
func PhotoStays() error {
	return fault.Clash("This walk has ended. Its photos are part of the record now, so they are not removed here.", "Tell whoever answers for this case which photo should not be there.")
}

// RemovePhoto removes a photo from a running walk: one that was taken by mistake. Its
// pieces and what was written of it are gone from the database when it returns; the
// walk says that a photo was taken, and when it was removed. Removing it again changes
// nothing, and the same photo does not come back from a device that sends it late.
// Once the walk has ended it is a Conflict.
func (a *App) RemovePhoto(ctx context.Context, who Who, id store.CaseID, of walk.EventID) error {
	if _, err := people.ParseID[walk.EventID](string(of)); err != nil {
		return fault.Missing().Because(err)
	}
	by, err := people.NewID[walk.EventID](a.now(), a.random)
	if err != nil {
		return fault.Broken(err)
	}
	var c *caseFile
	err = a.do(ctx, who, access.RemovePhoto, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		w, err := a.fold(ctx, act.Tx, c)
		if err != nil {
			return err
		}
		photo, ok := w.Event(of)
		if !ok || photo.Kind != walk.Pictured {
			return fault.Missing()
		}
		if _, gone := w.TakenBack(of); gone {
			act.quiet = true
			return nil
		}
		if !c.Running {
			return PhotoStays()
		}
		if _, err := a.applyTo(ctx, act, c, w, walk.Event{ID: by, Kind: walk.Corrected, Of: of}); err != nil {
			return err
		}
		return a.dropPhoto(ctx, act, c, photo)
	})
	if err != nil {
		return err
	}
	return a.store.Tidy(ctx, who.Library)
}

// dropPhoto deletes a photo's pieces, and what was written of it from its event. The
// photo's own entry in the log no longer opens to that event, so the entry of its
// removal commits to what is left of it as well.
func (a *App) dropPhoto(ctx context.Context, act *acting, c *caseFile, photo walk.Event) error {
	photo.Text = ""
	text, err := json.Marshal(photo)
	if err != nil {
		return fault.Broken(err)
	}
	sealed, err := a.seal(c.key, act.Tenant(), string(c.ID), fieldEvent, uint64(photo.Seq), text)
	if err != nil {
		return err
	}
	act.contents = slices.Concat(act.contents, []byte{'\n'}, text)
	return act.RemovePhoto(ctx, c.ID, store.CaseEvent{Seq: photo.Seq, ID: string(photo.ID), Sealed: sealed})
}

// ReadPhoto returns a photo of a case, a JPEG, for whoever may follow its walk or read
// its record. It leaves an entry as ReadWalk does. What is not as it was kept is told
// as an error and never shown.
func (a *App) ReadPhoto(ctx context.Context, who Who, id store.CaseID, of walk.EventID) (jpeg []byte, err error) {
	if _, err := people.ParseID[walk.EventID](string(of)); err != nil {
		return nil, fault.Missing().Because(err)
	}
	var c *caseFile
	err = a.look(ctx, who, access.ReadWalk, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		w, err := a.fold(ctx, tx, c)
		if err != nil {
			return err
		}
		photos := w.Photos()
		i := slices.IndexFunc(photos, func(e walk.Event) bool { return e.ID == of })
		if i < 0 {
			return fault.Missing()
		}
		pieces, err := tx.PhotoPieces(ctx, c.ID, string(of))
		if err != nil {
			return err
		}
		for n, sealed := range pieces {
			piece, err := unseal(c.key, tx.Tenant(), string(c.ID), fieldPhoto+" "+string(of), uint64(n+1), sealed)
			if err != nil {
				return err
			}
			jpeg = append(jpeg, piece...)
		}
		if (photo.Photo{JPEG: jpeg}).Sum() != photos[i].Sum {
			return fault.Broken(errors.New("a photo is not as it was kept"))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return jpeg, nil
}

// Letters with a photo: the event's JSON, a zero byte, and the picture. JSON has no
// zero byte.

// splitPhoto parts what a letter holds.
func splitPhoto(content []byte) (event, sent []byte) {
	event, sent, _ = bytes.Cut(content, []byte{0})
	return event, sent
}

// errPhotoless means that a letter has a photo and should not, or has none.
var errPhotoless = errors.New("the event and what came with it do not fit")
