package web

import (
	"context"
	"net/http"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/stepview"
	"roundtable/internal/web/page"
)

// showHandout shows a handout alone, for staff to print.
func showHandout(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadPolicies); err != nil {
		return err
	}
	place, err := a.place(ctx, a.who.Branch)
	if err != nil {
		return err
	}
	p, err := a.handed(place, a.id("handout"), "/handout/"+a.id("handout"))
	if err != nil {
		return err
	}
	if p.Frame, err = a.walkFrame(ctx, "en"); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// showPublicHandout shows a handout to whoever scanned its code. The page says
// nothing of what it is about in its name or its address.
func showPublicHandout(_ context.Context, a *ask) error {
	shelf, err := stepview.Shipped()
	if err != nil {
		return err
	}
	id, ok := shelf.ByCode(a.id("short"))
	if !ok {
		return fault.Missing()
	}
	p, err := a.handed(stepview.Place{Shelf: shelf}, id, a.r.URL.Path)
	if err != nil {
		return err
	}
	p.Frame, p.Public = a.publicFrame(), true
	return a.show(http.StatusOK, p)
}

func (a *ask) handed(place stepview.Place, id, path string) (p page.Handed, err error) {
	lang := a.query("lang")
	sheet, ok := place.Handout(id, lang)
	if !ok {
		return p, fault.Missing()
	}
	p.Sheet = sheet
	if len(p.Sheet.Text) > 0 && p.Sheet.Text[0].Head != "" { // the sheet's own title
		p.Sheet.Title, p.Sheet.Text = p.Sheet.Text[0].Head, p.Sheet.Text[1:]
	}
	langs := place.Shelf.Langs(id)
	if len(langs) < 2 {
		return p, nil
	}
	for _, l := range langs {
		p.Langs = append(p.Langs, page.Language{
			Name: stepview.LanguageName(l), Lang: l, Dir: stepview.Direction(l), Current: l == sheet.Lang, Href: path + stepview.Lang(l, "en"),
		})
	}
	return p, nil
}
