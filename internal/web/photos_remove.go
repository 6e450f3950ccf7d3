package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// showRemovePhoto asks once more before a photo is removed. One that was removed
// already leads to the photos, which say so.
func showRemovePhoto(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	v, err := a.stepView(ctx, of)
	if err != nil {
		return err
	}
	photo := walk.EventID(a.id("photo"))
	if _, gone := of.Walk.TakenBack(photo); gone && of.MayPhoto {
		return a.to(v.PhotosHref())
	}
	photos := of.Walk.Photos()
	at := slices.IndexFunc(photos, func(e walk.Event) bool { return e.ID == photo })
	switch {
	case at < 0 || !of.MayPhoto:
		return fault.Missing()
	case !of.MayRemovePhoto:
		return app.PhotoStays()
	}
	p := page.RemovePhoto{Words: page.WordsIn(of.Sheet.Lang), Number: at + 1, Photo: photoRow(of, v, photos[at]), Back: v.PhotosHref()}
	p.Post = p.Photo.Href + "/remove" + v.Query
	if p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// postRemovePhoto removes a photo. Sent twice it changes nothing the second time.
func postRemovePhoto(ctx context.Context, a *ask) error {
	id, err := a.caseID()
	if err != nil {
		return err
	}
	if err := a.app().RemovePhoto(ctx, a.who, id, walk.EventID(a.id("photo"))); err != nil {
		return err
	}
	to := "/i/" + string(id) + "/files"
	if lang := a.query("lang"); lang != "" {
		to += "?" + url.Values{"lang": {lang}}.Encode()
	}
	return a.to(to)
}
