package app

import (
	"context"
	"fmt"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/counsel"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// CounselKey is the key to which notes for counsel are sealed now.
type CounselKey struct {
	counsel.Key
	Counsel people.Pseudonym
}

// ChangeCounselKey makes the key that counsel's browser has just made the one to
// which notes are sealed from now on. Directors are told.
func (a *App) ChangeCounselKey(ctx context.Context, who Who, public, fingerprint string) error {
	key, err := counsel.NewKey(who.Person, public, fingerprint, a.now())
	if err != nil {
		return err
	}
	find := func(context.Context, *store.Tx) (target, error) {
		return target{subject: access.Subject{Kind: access.Person, Library: who.Library, Account: who.Person, Class: access.ClassOfRole(people.Counsel)}, object: string(who.Pseudonym)}, nil
	}
	return a.do(ctx, who, access.ChangeCounselKey, who.Library, find, func(ctx context.Context, act *acting) error {
		act.contents = []byte(key.Fingerprint().String())
		act.topics = append(act.topics, topicPeople)
		err := act.ReplaceCounselKey(ctx, store.CounselKey{
			Fingerprint: key.Fingerprint().String(), Counsel: who.Pseudonym, Public: key.Public.Bytes(), Made: key.Made,
		})
		if err != nil {
			return err
		}
		return act.PutSetting(ctx, settingCounselKeyChanged, act.now.Format(time.RFC3339))
	})
}

// settingCounselKeyChanged is when counsel's key was changed last, for the page of
// the director.
const settingCounselKeyChanged = "counsel.key-changed"

// CounselKeyOf returns the key of whoever is signed in; zero if they have made
// none.
func (a *App) CounselKeyOf(ctx context.Context, who Who) (key CounselKey, err error) {
	err = a.look(ctx, who, access.KnowLibrary, who.Library, onLibrary(who.Library, access.Shared), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		keys, err := tx.CounselKeys(ctx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.Counsel == who.Pseudonym && who.Pseudonym != "" {
				key, err = counselKey(k, who.Person)
				return err
			}
		}
		return nil
	})
	return key, err
}

func counselKey(k store.CounselKey, of people.PersonID) (CounselKey, error) {
	public, err := vault.ParsePublicKey(k.Public)
	if err != nil {
		return CounselKey{}, fault.Broken(err)
	}
	return CounselKey{counsel.Key{Of: of, Public: public, Made: k.Made, Replaced: k.Replaced}, k.Counsel}, nil
}

// CounselForm is what an author's browser needs to seal a note.
type CounselForm struct {
	Note  counsel.NoteID // of the note that will be written
	Place vault.Place    // to which it is sealed
	To    CounselKey     // zero while counsel has made no key: call counsel
}

// OfferCounselNote returns what a browser needs to seal a note about a case.
func (a *App) OfferCounselNote(ctx context.Context, who Who, id store.CaseID) (form CounselForm, err error) {
	var c *caseFile
	err = a.look(ctx, who, access.WriteCounselNote, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		keys, err := tx.CounselKeys(ctx)
		if err != nil || len(keys) == 0 {
			return err
		}
		if form.To, err = counselKey(keys[0], ""); err != nil {
			return err
		}
		form.Note, err = people.NewID[counsel.NoteID](now, a.random)
		form.Place = counsel.Place(who.Library, string(id), form.Note)
		return err
	})
	return form, err
}

// WriteCounselNote keeps a note that was sealed in the author's browser. The same
// note again changes nothing.
func (a *App) WriteCounselNote(ctx context.Context, who Who, id store.CaseID, note counsel.NoteID, fingerprint, letter string) error {
	if _, err := people.ParseID[counsel.NoteID](string(note)); err != nil {
		return fault.Missing().Because(err)
	}
	var c *caseFile
	return a.do(ctx, who, access.WriteCounselNote, who.Library, a.onCase(id, who, &c), func(ctx context.Context, act *acting) error {
		if old, err := act.CounselNote(ctx, string(note)); err == nil && old.Case == id {
			act.quiet = true
			return nil
		}
		keys, err := act.CounselKeys(ctx)
		if err != nil {
			return err
		}
		if len(keys) == 0 || keys[0].Fingerprint != fingerprint {
			return fault.Clash("Counsel has another key by now, so this note was not sent.", "It is still on your screen. Open the page again, and send it once more.")
		}
		to, err := counselKey(keys[0], "")
		if err != nil {
			return err
		}
		made, err := counsel.NewNote(note, to.Key, letter, who.Pseudonym, act.now)
		if err != nil {
			return err
		}
		act.contents = []byte(fmt.Sprintf("%s\n%x", note, made.Letter.Bytes()))
		act.topics = append(act.topics, string(id))
		return act.AddCounselNote(ctx, store.CounselNote{
			ID: string(note), Case: id, Author: who.Pseudonym, Fingerprint: fingerprint, Letter: made.Letter.Bytes(), Day: store.DayOf(act.now, time.UTC),
		})
	})
}

// CounselNote is a note as its readers know it. Letter is empty for whoever may
// know of it and not read it.
type CounselNote struct {
	ID          counsel.NoteID
	Author      people.Pseudonym
	Fingerprint string
	Place       vault.Place
	Letter      []byte
}

// CounselNotes lists the notes about a case of which somebody may know. The
// letters are there for counsel only; nothing here opens them.
func (a *App) CounselNotes(ctx context.Context, who Who, id store.CaseID) (list []CounselNote, err error) {
	var c *caseFile
	err = a.look(ctx, who, access.KnowCase, who.Library, a.onCase(id, who, &c), func(ctx context.Context, tx *store.Tx, now time.Time) error {
		notes, err := tx.CounselNotes(ctx, id)
		if err != nil {
			return err
		}
		for _, n := range notes {
			if may(who, access.KnowCounselNote, c.noteSubject(who, n), now) {
				list = append(list, CounselNote{
					ID: counsel.NoteID(n.ID), Author: n.Author, Fingerprint: n.Fingerprint, Place: counsel.Place(who.Library, string(id), counsel.NoteID(n.ID)),
				})
			}
		}
		return nil
	})
	return list, err
}

// noteSubject is a note for counsel as package access asks for it.
func (c *caseFile) noteSubject(who Who, n store.CounselNote) access.Subject {
	s := access.Subject{Kind: access.Note, Library: who.Library, Branch: c.Branch}
	if who.Pseudonym != "" && n.Author == who.Pseudonym {
		s.Authors = []people.PersonID{who.Person}
	}
	return s
}

// ReadCounselNote returns a note's letter, for counsel's browser to open. Each
// reading leaves an entry.
func (a *App) ReadCounselNote(ctx context.Context, who Who, id store.CaseID, note counsel.NoteID) (out CounselNote, err error) {
	find := func(ctx context.Context, tx *store.Tx) (target, error) {
		n, err := tx.CounselNote(ctx, string(note))
		if err != nil {
			return target{}, err
		}
		if n.Case != id {
			return target{}, fault.Missing()
		}
		c, err := a.openCase(ctx, tx, id)
		if err != nil {
			return target{}, err
		}
		out = CounselNote{
			ID: note, Author: n.Author, Fingerprint: n.Fingerprint, Place: counsel.Place(who.Library, string(id), note), Letter: n.Letter,
		}
		on := c.target(tx.Tenant(), who)
		on.subject = c.noteSubject(who, n)
		on.subject.Sealed = c.Case.Sealed
		return on, nil
	}
	err = a.look(ctx, who, access.ReadCounselNote, who.Library, find, func(context.Context, *store.Tx, time.Time) error { return nil })
	if err != nil {
		return CounselNote{}, err
	}
	return out, nil
}
