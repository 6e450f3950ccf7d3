package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/playbook/automaton"
)

// Photos of papers and things. The page that takes one is a form of its own, since a
// file needs one; what was typed on the step is kept by the press that leads here.

// photoHref is where a photo is taken: for a step by number from 0, and a field or "".
func photoHref(of app.WalkView, lang string, at int, field string) string {
	q := url.Values{"step": {strconv.Itoa(at + 1)}}
	if field != "" {
		q.Set("field", field)
	}
	if lang != "" && lang != of.Walk.Start().Lang {
		q.Set("lang", lang)
	}
	return "/i/" + string(of.Case) + "/photo?" + q.Encode()
}

// photoStep is the step for which a photo is taken: the one that is asked for, else
// where the walk stands, or stood last.
func photoStep(of app.WalkView, text string) (int, error) {
	if text == "" {
		at, walking := of.Walk.Step()
		if !walking {
			at = of.Walk.Before()
		}
		return at, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(of.Sheet.Steps) {
		return 0, fault.Missing().Because(err)
	}
	return n - 1, nil
}

// takePhotoPage is the page that takes a photo.
func (a *ask) takePhotoPage(ctx context.Context, of app.WalkView, stepText, field string) (p page.TakePhoto, err error) {
	if !of.MayPhoto {
		return p, fault.Missing()
	}
	v, err := a.stepView(ctx, of)
	if err != nil {
		return p, err
	}
	at, err := photoStep(of, stepText)
	if err != nil {
		return p, err
	}
	fields := of.Walk.Plan().Program.Steps[at].Fields
	if field != "" && !slices.ContainsFunc(fields, func(f automaton.Field) bool { return f.Name == field && f.Type == "photo" }) {
		return p, fault.Missing()
	}
	p = page.TakePhoto{Words: page.WordsIn(of.Sheet.Lang), Title: of.Sheet.Title, Case: string(of.Case), Step: at + 1, Field: field, Label: v.FieldLabel(at, field)}
	p.Post, p.Back = v.Href+"/photo"+v.Query, v.PhotosHref()
	if of.InHand {
		p.Back = v.Here()
	}
	if p.Event, err = a.newEvent(); err != nil {
		return p, err
	}
	p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang)
	return p, err
}

func showTakePhoto(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	p, err := a.takePhotoPage(ctx, of, a.query("step"), a.query("field"))
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// photoForm is what is sent with a photo.
type photoForm struct {
	url.Values
	picture []byte
}

// maxParts is how many parts the form of a photo may have.
const maxParts = 10

// readPhotoForm reads a form with a file. What the browser says of the file, its name
// and its kind, is not looked at.
func (a *ask) readPhotoForm() (photoForm, error) {
	f := photoForm{Values: url.Values{}}
	if err := a.readBody(); err != nil {
		return f, err
	}
	_, params, err := mime.ParseMediaType(a.r.Header.Get("Content-Type"))
	if err != nil {
		return f, &refusal{outcome: notForm}
	}
	parts := multipart.NewReader(bytes.NewReader(a.body), params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil || n >= maxParts {
			return f, &refusal{outcome: notForm}
		}
		most := int64(maxField * 4)
		if part.FormName() == "photo" {
			most = app.MaxPhotoSent
		}
		text, err := io.ReadAll(io.LimitReader(part, most+1))
		switch {
		case err != nil:
			return f, &refusal{outcome: notForm}
		case int64(len(text)) > most:
			return f, tooLarge
		case part.FormName() == "photo":
			f.picture = text
		default:
			f.Add(part.FormName(), string(text))
		}
	}
}

// plain is a value that people do not type.
func (f photoForm) plain(name string) (string, error) {
	text := f.Get(name)
	if len(text) > maxFieldName || len(f.Values[name]) > 1 || !isPlain(text) {
		return "", &refusal{outcome: notForm}
	}
	return text, nil
}

// postPhoto takes a photo in.
func postPhoto(ctx context.Context, a *ask) error {
	f, err := a.readPhotoForm()
	if err != nil {
		return err
	}
	names := map[string]string{"event": "", "step": "", "field": "", "lang": ""}
	for name := range names {
		if names[name], err = f.plain(name); err != nil {
			return err
		}
	}
	if names["event"] != "" {
		if _, err := people.ParseID[string](names["event"]); err != nil {
			return &refusal{notForm, err}
		}
	}
	of, err := a.readWalkIn(ctx, names["lang"])
	if err != nil {
		return err
	}
	p, err := a.takePhotoPage(ctx, of, names["step"], names["field"])
	if err != nil {
		return err
	}
	shows, wrong := typed("shows", f.Values["shows"])
	p.Shows, p.Problem.Shows = shows, wrong
	if len(f.picture) == 0 {
		p.Problem.File = p.Words.PhotoFirst
	}
	if f.Get("nobody") != "yes" {
		p.Problem.Nobody = p.Words.PhotoTick
	}
	if p.Problem.Any() {
		return a.photoAgain(http.StatusUnprocessableEntity, p)
	}
	e := walk.Event{ID: walk.EventID(names["event"]), Kind: walk.Pictured, Step: p.Step - 1, Field: p.Field, Text: shows}
	if _, err := a.app().AddPhoto(ctx, a.who, of.Case, e, f.picture); err != nil {
		kind := fault.KindOf(err)
		if kind != fault.Refused && kind != fault.Conflict {
			return err
		}
		p.Refused = fault.Words(err)
		what := outcomeOf(err)
		a.cause(err, what.status)
		return a.photoAgain(what.status, p)
	}
	return a.to(a.afterPhoto(of, p))
}

// afterPhoto is where to go once a photo is kept: to the step, or to the photos for
// whoever does not walk.
func (a *ask) afterPhoto(of app.WalkView, p page.TakePhoto) string {
	if of.InHand && p.Field != "" {
		return p.Back + "#f-" + url.PathEscape(p.Field)
	}
	return p.Back
}

// photoAgain shows the page again with what has to be changed, or tells it to script,
// which still has the photo.
func (a *ask) photoAgain(status int, p page.TakePhoto) error {
	if a.wantsJSON() {
		for _, words := range []string{p.Refused, p.Problem.File, p.Problem.Shows, p.Problem.Nobody} {
			if words != "" {
				return a.say(status, told{words})
			}
		}
	}
	return a.show(status, p)
}

// showPhotos lists the photos of a case, for whoever follows its walk or reads its
// record.
func showPhotos(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	v, err := a.stepView(ctx, of)
	if err != nil {
		return err
	}
	p := page.Photos{Words: page.WordsIn(of.Sheet.Lang), Title: of.Sheet.Title, Number: caseNumber(string(of.Case)), Case: string(of.Case), Back: v.Href}
	if of.InHand {
		p.Back = v.Here()
	}
	if of.MayPhoto {
		p.Add = v.Href + "/photo" + v.Query
	}
	for _, e := range of.Walk.Photos() {
		row := photoRow(of, v, e)
		if of.MayRemovePhoto {
			row.Away = row.Href + "/remove" + v.Query
		}
		p.Photos = append(p.Photos, row)
	}
	p.Stays = of.MayPhoto && !of.Running && len(p.Photos) > 0
	for _, by := range of.Walk.RemovedPhotos() {
		taken, _ := of.Walk.Event(by.Of)
		p.Removed = append(p.Removed, page.RemovedPhoto{
			Photo: string(by.Of), Event: string(by.ID), Taken: taken.At.In(v.Zone), At: by.At.In(v.Zone), Who: whoActed(of, by, v.Zone),
		})
	}
	if p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func photoRow(of app.WalkView, v stepview.View, e walk.Event) page.PhotoRow {
	row := page.PhotoRow{Href: v.PhotoHref(e.ID), At: e.At.In(v.Zone), Shows: e.Text, Who: whoActed(of, e, v.Zone), Sum: e.Sum}
	if e.Step < len(of.Sheet.Steps) {
		row.Where = fmt.Sprintf("%d. %s", e.Step+1, of.Sheet.Steps[e.Step].Heading)
	}
	return row
}

// photoPolicy is what a photo may do when it is opened by itself: nothing.
const photoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// showPhoto gives a photo. Whatever it was when it was sent, it is a JPEG of ours.
func showPhoto(ctx context.Context, a *ask) error {
	id, err := a.caseID()
	if err != nil {
		return err
	}
	jpeg, err := a.app().ReadPhoto(ctx, a.who, id, walk.EventID(a.id("photo")))
	if err != nil {
		return err
	}
	h := a.w.Header()
	h.Set("Content-Security-Policy", photoPolicy)
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Disposition", `inline; filename="photo.jpg"`)
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	a.w.WriteHeader(http.StatusOK)
	if a.r.Method != http.MethodHead {
		_, _ = a.w.Write(jpeg) // who went away needs none
	}
	return nil
}
