package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
)

// The recorder: what officers do is taken down by taps, while the walk stays where it
// stands. Each button is a form of its own kind; with script the page stays.

// asideStep is the step for which something is taken down: where the walk stands, or
// stood last.
func asideStep(of app.WalkView) int {
	at, walking := of.Walk.Step()
	if !walking {
		at = of.Walk.Before()
	}
	return at
}

// asidePage is the recorder of a walk.
func (a *ask) asidePage(ctx context.Context, of app.WalkView) (p page.Aside, err error) {
	at := asideStep(of)
	if !of.Walk.MayObserve(at) {
		return p, fault.Missing()
	}
	mark := a.app().Live().Mark()
	v, err := a.stepView(ctx, of)
	if err != nil {
		return p, err
	}
	p = page.Aside{Title: of.Sheet.Title, Recorder: v.Recorder(), Follows: string(of.Walk.Head()), Step: at + 1, Heading: of.Sheet.Steps[at].Heading, Alerts: v.Step(at).Alerts}
	if p.Event, err = a.newEvent(); err != nil {
		return p, err
	}
	if p.Outside, err = a.withOutside(ctx, of, mark, &p.Alerts, nil); err != nil {
		return p, err
	}
	p.Frame, err = a.walkFrame(ctx, of.Sheet.Lang)
	return p, err
}

func showAside(ctx context.Context, a *ask) error {
	of, err := a.readWalk(ctx)
	if err != nil {
		return err
	}
	if !of.InHand {
		return a.to("/i/" + string(of.Case))
	}
	p, err := a.asidePage(ctx, of)
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// postAside takes something down. What was typed in lines goes along and is kept
// first, whatever was pressed.
func postAside(ctx context.Context, a *ask) error {
	t, err := a.takeTurn(ctx)
	if err != nil {
		return err
	}
	if err := t.keepLines(ctx); err != nil {
		return err
	}
	if len(t.wrong) > 0 {
		return t.asideAgain(ctx, http.StatusUnprocessableEntity, page.WordsIn(t.of.Sheet.Lang).AsideWrong)
	}
	to, err := t.takeDown(ctx)
	var late *lateMove
	switch {
	case errors.As(err, &late):
		return t.showLate(ctx, late.event)
	case fault.KindOf(err) == fault.Conflict && err != nil:
		return t.asideAgain(ctx, http.StatusConflict, fault.Words(err))
	case err != nil:
		return err
	case to == "":
		return t.goOn(ctx, "")
	}
	return a.to(to)
}

// keepLines keeps what was typed in lines.
func (t *turn) keepLines(ctx context.Context) error {
	for _, s := range walk.Sights {
		name := page.Tap{Code: string(s)}.Name()
		if !s.HasLine() || !t.values.Has(name) {
			continue
		}
		text, problem := typed(name, t.values[name])
		if n := utf8.RuneCountInString(text); problem == "" && n > walk.MaxSight {
			problem = fmt.Sprintf(page.WordsIn(t.of.Sheet.Lang).AsideLong, n-walk.MaxSight)
		}
		if problem != "" {
			t.wrong[name], t.typed[name] = problem, text
			continue
		}
		if text == "" {
			continue
		}
		if err := t.observe(ctx, s, text); err != nil {
			return err
		}
	}
	return nil
}

// observe keeps an event of something that is taken down.
func (t *turn) observe(ctx context.Context, s walk.Sight, line string) error {
	return t.record(ctx, "aside "+string(s), walk.Event{Kind: walk.Observed, Step: t.step, Sight: s, Text: line})
}

// takeDown does what was pressed, and says where to go on: "" is to the step.
func (t *turn) takeDown(ctx context.Context) (to string, err error) {
	here := "/i/" + string(t.of.Case) + "/aside" + stepview.Lang(t.lang, t.of.Walk.Start().Lang)
	names := map[string]string{"code": "", "many": "", "undo": "", "leave": ""}
	for name := range names {
		if names[name], err = t.plain(name); err != nil {
			return "", err
		}
	}
	sight := walk.Sight(names["code"])
	switch {
	case names["leave"] != "":
		return "", nil
	case names["undo"] != "":
		return here, t.record(ctx, "undo "+names["undo"], walk.Event{Kind: walk.Corrected, Of: walk.EventID(names["undo"])})
	case names["many"] != "":
		if !walk.IsCount(names["many"]) {
			return "", &refusal{outcome: notForm}
		}
		return here, t.observe(ctx, walk.HowMany, names["many"])
	case sight == "": // Enter in a line, or its own button
		return here, nil
	case !stepview.IsTap(sight):
		return "", &refusal{outcome: notForm}
	}
	leaving, ends := t.of.Walk.Leaving()
	if err := t.observe(ctx, sight, ""); err != nil || sight != walk.Gone || !ends {
		return here, err
	}
	return "", t.record(ctx, "leaving", walk.Event{Kind: walk.Chose, Step: t.step, Choice: leaving, Follows: t.follows()})
}

// asideAgain shows the recorder anew, with what could not be kept as it was typed.
func (t *turn) asideAgain(ctx context.Context, status int, words string) error {
	of, err := t.a.readWalkIn(ctx, t.lang)
	if err != nil {
		return err
	}
	p, err := t.a.asidePage(ctx, of)
	if err != nil {
		return err
	}
	p.Refused = words
	for _, lines := range [][]page.Tap{p.Recorder.Acting.Lines, p.Recorder.Watching.Lines} {
		for i := range lines {
			lines[i].Wrong, lines[i].Typed = t.wrong[lines[i].Name()], t.typed[lines[i].Name()]
		}
	}
	return t.a.show(status, p)
}
