package web

import (
	"context"
	"encoding/base64"
	"net/http"

	"roundtable/internal/app"
	"roundtable/internal/counsel"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/web/page"
)

// showCaseCounsel shows where a note for counsel is written, and those that this
// person may know of. To whoever may do neither, the case is not there.
func showCaseCounsel(ctx context.Context, a *ask) error {
	id, err := people.ParseID[store.CaseID](a.id("case"))
	if err != nil || a.who.Library == "" {
		return fault.Missing().Because(err)
	}
	view, err := known(ctx, a)
	if err != nil {
		return err
	}
	p := page.CaseCounsel{Title: view.Sheet.Title, Back: "/i/" + string(id), Tree: "/manage/tree"}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	if p.Call, err = a.counselNumber(ctx); err != nil {
		return err
	}
	if err := a.sealTo(ctx, &p, id); err != nil {
		return err
	}
	if err := a.sealedNotes(ctx, &p, id); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// counselNumber is the first number of counsel in the phone tree, for the branch or
// for all.
func (a *ask) counselNumber(ctx context.Context) (page.Phone, error) {
	lines, err := a.app().PhoneLines(ctx, a.who, a.who.Library)
	if err != nil {
		return "", unlessHidden(err)
	}
	for _, l := range lines {
		if l.Line == string(people.Counsel) && (l.Branch == "" || l.Branch == a.who.Branch) {
			return page.Phone(l.Number), nil
		}
	}
	return "", nil
}

// sealTo gives the page counsel's key, or says why no note can be written here.
func (a *ask) sealTo(ctx context.Context, p *page.CaseCounsel, id store.CaseID) error {
	form, err := a.app().OfferCounselNote(ctx, a.who, id)
	switch {
	case err != nil && fault.KindOf(err) == fault.Refused:
		p.No = fault.Words(err)
		return nil
	case err != nil:
		return err
	}
	at, err := a.app().Address(ctx)
	if err != nil {
		return err
	}
	switch {
	case form.To.Made.IsZero():
		p.No = "Counsel has made no key yet, so no note can be sealed."
	case !at.Secure:
		p.No = "Browsers seal nothing at this address. It needs a name and TLS: ask the person who looks after Roundtable."
	default:
		print := form.To.Fingerprint()
		p.Seal = &page.SealTo{Key: form.To.Encoded(), Fingerprint: print.String(), Words: print.Words(), Note: string(form.Note), Place: letterPlace(form.Place)}
	}
	return nil
}

func letterPlace(at vault.Place) page.LetterPlace {
	return page.LetterPlace{Library: at.Library, Case: at.Case, Field: at.Field, Version: at.Version}
}

// sealedNotes lists the notes. Counsel gets the letters, each of which leaves an
// entry in the log.
func (a *ask) sealedNotes(ctx context.Context, p *page.CaseCounsel, id store.CaseID) error {
	notes, err := a.app().CounselNotes(ctx, a.who, id)
	if err != nil {
		return unlessHidden(err)
	}
	names, err := a.names(ctx)
	if err != nil {
		return err
	}
	for _, n := range notes {
		read, err := a.app().ReadCounselNote(ctx, a.who, id, n.ID)
		if err == nil {
			n, p.Opens = read, true
		} else if kind := fault.KindOf(err); kind != fault.Refused && kind != fault.NotFound {
			return err
		}
		p.Place = page.LetterPlace{Library: n.Place.Library, Case: n.Place.Case}
		p.Notes = append(p.Notes, page.SealedNote{Letter: base64.RawURLEncoding.EncodeToString(n.Letter), Who: names(n.Author), Place: letterPlace(n.Place)})
	}
	return nil
}

// names returns what calls people by their names, where whoever asks may know them.
func (a *ask) names(ctx context.Context) (func(people.Pseudonym) string, error) {
	list, err := a.app().Directory(ctx, a.who, a.who.Library)
	if unlessHidden(err) != nil && fault.KindOf(err) != fault.Refused {
		return nil, err
	}
	byName := map[people.Pseudonym]app.Person{}
	for _, person := range list {
		if person.Pseudonym != "" {
			byName[person.Pseudonym] = person
		}
	}
	return func(of people.Pseudonym) string {
		if person, ok := byName[of]; ok && person.Name != "" {
			return person.Name
		}
		if of == a.who.Pseudonym && of != "" {
			return "You"
		}
		return "Somebody here"
	}, nil
}

// postCaseCounsel keeps a letter that the author's browser sealed. A script asks,
// so the answer is a status and no page.
func postCaseCounsel(ctx context.Context, a *ask) error {
	id, err := people.ParseID[store.CaseID](a.id("case"))
	if err != nil || a.who.Library == "" {
		return fault.Missing().Because(err)
	}
	var form struct {
		Note        string `form:"note"`
		Fingerprint string `form:"fingerprint"`
		Letter      string `form:"letter"`
	}
	if err := a.read(&form); err != nil {
		return err
	}
	if err := a.app().WriteCounselNote(ctx, a.who, id, counsel.NoteID(form.Note), form.Fingerprint, form.Letter); err != nil {
		return err
	}
	a.w.WriteHeader(http.StatusNoContent)
	return nil
}
