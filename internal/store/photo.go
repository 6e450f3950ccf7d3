package store

import "context"

var (
	photoAdd  = sqlOf(`INSERT INTO case_photos (library_id, case_id, photo_id, piece, sealed) VALUES ($1, $2, $3, $4, $5)`)
	photoGet  = sqlOf(`SELECT sealed FROM case_photos WHERE library_id = $1 AND case_id = $2 AND photo_id = $3 ORDER BY piece`)
	photoDrop = sqlOf(`DELETE FROM case_photos WHERE library_id = $1 AND case_id = $2 AND photo_id = $3`)
	photoMute = sqlOf(`UPDATE case_events SET sealed = $4 WHERE library_id = $1 AND case_id = $2 AND seq = $3`)
	photoSize = sqlOf(`SELECT count(DISTINCT photo_id), COALESCE(sum(length(sealed)), 0) FROM case_photos WHERE library_id = $1 AND case_id = $2`)
)

// AddPhotoPiece adds a piece of a photo, sealed. Pieces are counted from 1. The
// event that names the photo belongs to the same transaction. ErrDuplicate if the
// piece is there already.
func (t *Tx) AddPhotoPiece(ctx context.Context, id CaseID, photo string, piece int, sealed []byte) error {
	return duplicate(t.one(ctx, photoAdd, id, photo, piece, sealed))
}

// PhotoPieces lists a photo's pieces in their order; none if there is no such photo.
func (t *Tx) PhotoPieces(ctx context.Context, id CaseID, photo string) ([][]byte, error) {
	return all(ctx, t, photoGet, func(scan scanner) (sealed []byte, err error) {
		err = scan(&sealed)
		return sealed, err
	}, id, photo)
}

// RemovePhoto deletes a photo's pieces, and puts what remains to be told of it, sealed,
// in the place of its event. The event that says so belongs to the same transaction.
// fault.Missing if there is no such event.
func (t *Tx) RemovePhoto(ctx context.Context, id CaseID, photo CaseEvent) error {
	if _, err := t.exec(ctx, photoDrop, id, photo.ID); err != nil {
		return err
	}
	return t.one(ctx, photoMute, id, photo.Seq, photo.Sealed)
}

// PhotoUse is how much room a case's photos take.
type PhotoUse struct {
	Photos int
	Bytes  int64 // sealed
}

// PhotoUse returns how many photos a case has, and how much room they take.
func (t *Tx) PhotoUse(ctx context.Context, id CaseID) (PhotoUse, error) {
	return first(ctx, t, photoSize, func(scan scanner) (u PhotoUse, err error) {
		err = scan(&u.Photos, &u.Bytes)
		return u, err
	}, id)
}
