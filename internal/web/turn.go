package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/stepview"
	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/playbook/automaton"
)

// turn is something pressed on a page of a walk. A page of a walk is one form, so
// whatever is pressed, what was typed comes along, and is kept first.
//
// Its events are named after the page's showing and the button: the same press sent
// twice is one event. A press that says something else under the same name, from a
// page that was gone back to, gets a name of its own and counts.
type turn struct {
	a      *ask
	of     app.WalkView
	values url.Values
	base   string // the page's id
	lang   string
	step   int               // at which it was pressed, from 0
	wrong  map[string]string // problems by input
	note   string            // with the note
	typed  map[string]string // what could not be kept, by input
}

// doing is what a button does after what was typed is kept. The anchor is where on the
// page to go on.
type doing func(ctx context.Context, t *turn) (anchor string, err error)

// press makes the handler of a button.
func pressed(do doing) handler {
	return func(ctx context.Context, a *ask) error {
		t, err := a.takeTurn(ctx)
		if err != nil {
			return err
		}
		if err := t.keepTyped(ctx); err != nil {
			return err
		}
		if len(t.wrong) > 0 || t.note != "" {
			return t.again(ctx, http.StatusUnprocessableEntity, stepview.Unmoved(t.of.Sheet.Lang))
		}
		anchor, err := do(ctx, t)
		var late *lateMove
		switch {
		case errors.As(err, &late):
			return t.showLate(ctx, late.event)
		case errors.Is(err, errAnswered):
			return nil
		case fault.KindOf(err) == fault.Conflict && err != nil:
			return t.again(ctx, http.StatusConflict, fault.Words(err))
		case err != nil:
			return err
		}
		return t.goOn(ctx, anchor)
	}
}

// errAnswered says that what was pressed has answered itself.
var errAnswered = errors.New("answered")

// lateMove is a move that was kept and moved nothing.
type lateMove struct{ event walk.Event }

// Error tells so, for logs.
func (l *lateMove) Error() string { return "a move came too late" }

// takeTurn reads what was sent. Whoever may not go on in the walk is told so by the
// act itself.
func (a *ask) takeTurn(ctx context.Context) (*turn, error) {
	if err := a.readBody(); err != nil {
		return nil, err
	}
	values, err := parseForm(string(a.body))
	if err != nil {
		return nil, &refusal{notForm, err}
	}
	t := &turn{a: a, values: values, wrong: map[string]string{}, typed: map[string]string{}}
	if t.lang, err = t.plain("lang"); err != nil {
		return nil, err
	}
	if t.of, err = a.readWalkIn(ctx, t.lang); err != nil {
		return nil, err
	}
	if t.base = values.Get("event"); t.base != "" {
		if _, err := people.ParseID[string](t.base); err != nil {
			return nil, &refusal{notForm, err}
		}
	} else if t.base, err = a.newEvent(); err != nil {
		return nil, err
	}
	return t, t.findStep()
}

// findStep reads at which step something was pressed: where it says, else where the
// walk stands, or stood last.
func (t *turn) findStep() error {
	var walking bool
	if t.step, walking = t.of.Walk.Step(); !walking {
		t.step = t.of.Walk.Before()
	}
	if text := t.values.Get("step"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > len(t.of.Sheet.Steps) {
			return &refusal{notForm, err}
		}
		t.step = n - 1
	}
	return nil
}

// plain is a value that people do not type.
func (t *turn) plain(name string) (string, error) {
	text := t.values.Get(name)
	if len(text) > maxFieldName || len(t.values[name]) > 1 || !isPlain(text) {
		return "", &refusal{outcome: notForm}
	}
	return text, nil
}

// number is a value that is a number, from a range.
func (t *turn) number(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, &refusal{notForm, err}
	}
	return n, nil
}

// follows is the event that a move follows, as the page knew it.
func (t *turn) follows() walk.EventID {
	if text := t.values.Get("follows"); text != "" {
		return walk.EventID(text)
	}
	return t.of.Walk.Head()
}

// record keeps an event under the name of its button.
func (t *turn) record(ctx context.Context, button string, e walk.Event) error {
	e.ID = walk.EventID(derived(t.base, button))
	for _, entry := range t.of.Walk.Entries() {
		if entry.ID != e.ID {
			continue
		}
		if saysTheSame(entry.Event, e) {
			return nil // the same press, sent twice
		}
		e.ID = "" // something else from the same page: an event of its own
		break
	}
	late, err := t.a.app().Record(ctx, t.a.who, t.of.Case, e)
	if err == nil && late {
		return &lateMove{e}
	}
	return err
}

// saysTheSame reports whether an event that is kept says what was sent now.
func saysTheSame(kept, sent walk.Event) bool {
	return kept.Kind == sent.Kind && kept.Step == sent.Step && kept.Choice == sent.Choice && kept.Item == sent.Item && kept.Undone == sent.Undone &&
		kept.Field == sent.Field && kept.Row == sent.Row && kept.Value == sent.Value && kept.Role == sent.Role && kept.Result == sent.Result &&
		kept.Text == sent.Text && kept.Sight == sent.Sight && kept.Of == sent.Of && kept.Outcome == sent.Outcome && kept.Follows == sent.Follows
}

// derived is an id made from a page's id and what it is for: a UUID of version 7 with
// the page's time.
func derived(base, what string) string {
	sum := sha256.Sum256([]byte(base + "\n" + what))
	tail := []byte("0123456789abcdef")
	text := []byte(base)
	for i, place := range []int{15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35} {
		if place < len(text) {
			text[place] = tail[sum[i]&15]
		}
	}
	return string(text)
}

// keepTyped keeps what was typed in fields, and the note. What stands there unchanged
// since the page was made is not touched, so that a page which was open for long does
// not undo what somebody wrote elsewhere.
func (t *turn) keepTyped(ctx context.Context) error {
	names := make([]string, 0, len(t.values))
	for name := range t.values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "f.") {
			if err := t.keepField(ctx, name); err != nil {
				return err
			}
		}
	}
	return t.keepNote(ctx)
}

func (t *turn) keepNote(ctx context.Context) error {
	text, problem := typed("note", t.values["note"])
	if text == "" && problem == "" {
		return nil
	}
	t.typed["note"] = text
	if t.note = problem; problem != "" {
		return nil
	}
	err := t.record(ctx, "note", walk.Event{Kind: walk.Noted, Step: t.step, Text: text})
	if err == nil {
		delete(t.typed, "note")
	}
	return err
}

// keepField keeps one input of a field: f.NAME, or f.NAME.ROW.
func (t *turn) keepField(ctx context.Context, input string) error {
	name, row, _ := strings.Cut(input[len("f."):], ".")
	fields := t.of.Walk.Plan().Program.Steps[t.step].Fields
	i := slices.IndexFunc(fields, func(f automaton.Field) bool { return f.Name == name })
	if i < 0 || fields[i].Type == "photo" || len(row) > maxFieldName {
		return nil // no page of ours has it
	}
	text, problem := typed(input, t.values[input])
	by := walk.EventID(t.values.Get("b" + input[1:]))
	if problem == "" && text == t.stood(by) {
		return nil
	}
	if problem == "" {
		problem = stepview.FieldProblem(&fields[i], text, t.of.Sheet.Lang)
	}
	if problem != "" {
		t.wrong[input], t.typed[input] = problem, text
		return nil
	}
	if row == stepview.NewRow {
		row = derived(t.base, "row "+name)
	}
	return t.record(ctx, input, walk.Event{Kind: walk.Recorded, Step: t.step, Field: name, Row: row, Value: text})
}

// stood is what an event wrote, "" of none.
func (t *turn) stood(by walk.EventID) string {
	if by == "" {
		return ""
	}
	for _, e := range t.of.Walk.Entries() {
		if e.ID == by && e.Kind == walk.Recorded {
			return e.Value
		}
	}
	return ""
}

// goOn leads to where the walk stands now.
func (t *turn) goOn(ctx context.Context, anchor string) error {
	of, err := t.a.readWalkIn(ctx, t.lang)
	if err != nil {
		return err
	}
	return t.a.goOn(ctx, of, t.lang, anchor)
}

// again shows the page anew, with what could not be kept as it was typed.
func (t *turn) again(ctx context.Context, status int, words string) error {
	of, err := t.a.readWalkIn(ctx, t.lang)
	if err != nil {
		return err
	}
	at, walking := of.Walk.Step()
	if !walking || of.Walk.Over() {
		p, err := t.a.finishPage(ctx, of)
		if err != nil {
			return err
		}
		p.Refused, p.Note, p.NoteProblem = words, t.typed["note"], t.note
		p.Initials, p.Problem = t.typed["initials"], t.wrong["initials"]
		if keep := t.values.Get("keep"); keep != "" {
			p.Keep = keep == "yes"
		}
		return t.a.show(status, p)
	}
	p, err := t.a.stepPage(ctx, of, at)
	if err != nil {
		return err
	}
	p.Refused, p.Note, p.NoteProblem = words, t.typed["note"], t.note
	if at == t.step {
		p.Card.ShowTyped(t.typed, t.wrong)
	}
	return t.a.show(status, p)
}

// showLate shows where the walk is now, to whoever chose too late.
func (t *turn) showLate(ctx context.Context, e walk.Event) error {
	of, err := t.a.readWalkIn(ctx, t.lang)
	if err != nil {
		return err
	}
	v, err := t.a.stepView(ctx, of)
	if err != nil {
		return err
	}
	words := t.a.lateWords(v, e)
	at, walking := of.Walk.Step()
	if !walking || of.Walk.Over() {
		p, err := t.a.finishPage(ctx, of)
		if err != nil {
			return err
		}
		p.Refused = words
		return t.a.show(http.StatusConflict, p)
	}
	p, err := t.a.stepPage(ctx, of, at)
	if err != nil {
		return err
	}
	p.Late = words
	return t.a.show(http.StatusConflict, p)
}

// What the buttons do.

func choose(ctx context.Context, t *turn) (string, error) {
	choice, err := t.number(t.values.Get("choice"), walk.Onward, 1<<16)
	if err != nil {
		return "", err
	}
	return "", t.record(ctx, "choose "+strconv.Itoa(choice), walk.Event{Kind: walk.Chose, Step: t.step, Choice: choice, Follows: t.follows()})
}

func goBack(ctx context.Context, t *turn) (string, error) {
	return "", t.record(ctx, "back", walk.Event{Kind: walk.WentBack, Step: t.of.Walk.Before(), Follows: t.follows()})
}

// which reads the number of an item and whether it is taken back: "3", "3 undo".
func (t *turn) which(name string) (n int, undone bool, err error) {
	text, undone := strings.CutSuffix(t.values.Get(name), " undo")
	n, err = t.number(text, 1, 1<<16)
	return n - 1, undone, err
}

func tickItem(ctx context.Context, t *turn) (string, error) {
	n, undone, err := t.which("item")
	if err != nil {
		return "", err
	}
	anchor := "#tick-" + strconv.Itoa(n+1)
	return anchor, t.record(ctx, "item "+strconv.Itoa(n), walk.Event{Kind: walk.Ticked, Step: t.step, Item: n, Undone: undone})
}

func sayWords(ctx context.Context, t *turn) (string, error) {
	n, undone, err := t.which("saying")
	if err != nil {
		return "", err
	}
	if n >= len(stepview.Sayings(&t.of.Sheet.Steps[t.step])) {
		return "", &refusal{outcome: notForm}
	}
	return "#say-h", t.record(ctx, "saying "+strconv.Itoa(n), walk.Event{Kind: walk.Said, Step: t.step, Item: n, Undone: undone})
}

// saveField has nothing to do but to go on: what was typed is kept. It leads to the
// field, to where a photo is taken, or to where taps are taken down.
func saveField(_ context.Context, t *turn) (string, error) {
	if t.values.Has("photo") {
		field, err := t.plain("photo")
		if err != nil {
			return "", err
		}
		return "", t.answer(t.a.to(photoHref(t.of, t.lang, t.step, field)))
	}
	if t.values.Has("aside") {
		return "", t.answer(t.a.to("/i/" + string(t.of.Case) + "/aside" + stepview.Lang(t.lang, t.of.Walk.Start().Lang)))
	}
	if name, err := t.plain("field"); err == nil && name != "" {
		return "#f-" + url.PathEscape(name), nil
	}
	return "", nil
}

func saveNote(context.Context, *turn) (string, error) { return "", nil }

var callResults = []walk.Result{walk.Opened, walk.Reached, walk.NoAnswer, walk.LeftMessage}

func logCall(ctx context.Context, t *turn) (string, error) {
	text, err := t.plain("call")
	if err != nil {
		return "", err
	}
	role, result, _ := strings.Cut(text, " ")
	if !slices.Contains(callResults, walk.Result(result)) || !stepview.Calls(&t.of.Sheet.Steps[t.step], role) {
		return "", &refusal{outcome: notForm}
	}
	return "#call-" + url.PathEscape(role), t.record(ctx, "call "+text, walk.Event{Kind: walk.Called, Step: t.step, Role: role, Result: walk.Result(result)})
}

// stopWalk leaves a walk where it stands.
func stopWalk(ctx context.Context, t *turn) (string, error) {
	e := walk.Event{Kind: walk.Ended, Step: t.step, Outcome: walk.Left, Follows: t.follows()}
	if err := t.record(ctx, "stop", e); err != nil {
		return "", err
	}
	return "", t.answer(t.a.to(t.afterwards("left", t.of.Keep)))
}

// endWalk closes a walk that has come to its end: who acted, whether it is kept, and
// the end itself. The next playbook is begun if that was pressed.
func endWalk(ctx context.Context, t *turn) (string, error) {
	outcome, ended := t.of.Walk.Outcome()
	if !ended {
		return "", nil
	}
	if err := t.sayWho(ctx); err != nil {
		return "", err
	}
	keep := t.of.Keep
	if t.values.Get("keep") == "yes" && !keep {
		if err := t.a.app().KeepRecord(ctx, t.a.who, t.of.Case); err != nil {
			return "", err
		}
		keep = true
	}
	e := walk.Event{Kind: walk.Ended, Step: t.of.Walk.Before(), Outcome: outcome, Follows: t.follows()}
	if err := t.record(ctx, "end", e); err != nil {
		return "", err
	}
	if next := t.values.Get("playbook"); next != "" && next == t.opens() {
		id, err := t.a.app().StartWalk(ctx, t.a.who, app.StartForm{Playbook: next, Lang: t.lang})
		if err != nil {
			return "", err
		}
		return "", t.answer(t.a.to("/i/" + string(id) + "/step/1"))
	}
	return "", t.answer(t.a.to(t.afterwards("end", keep)))
}

func (t *turn) opens() string {
	end, _ := t.of.Walk.End()
	return end.Opens
}

// answer ends what answered itself.
func (t *turn) answer(err error) error {
	if err != nil {
		return err
	}
	return errAnswered
}

// afterwards is the page that asks who acted, once the walk is over. Where nothing is
// kept there is nobody to ask about: the case may be gone already.
func (t *turn) afterwards(how string, keep bool) string {
	if t.of.Walk.Record() == automaton.Abuse && !keep {
		return "/desk?done=" + nothingKept
	}
	return "/i/" + string(t.of.Case) + "/who?done=" + how
}

// sayWho keeps who acted, if that was filled in.
func (t *turn) sayWho(ctx context.Context) error {
	text, problem := typed("initials", t.values["initials"])
	if text == "" && problem == "" {
		return nil
	}
	if problem == "" {
		err := t.a.app().SayWho(ctx, t.a.who, t.of.Case, text)
		if problem = problemWith(err, "initials"); problem == "" {
			return err
		}
	}
	t.wrong["initials"], t.typed["initials"] = problem, text
	return t.answer(t.again(ctx, http.StatusUnprocessableEntity, stepview.Unclosed(t.of.Sheet.Lang)))
}

// problemWith is what a fault says is wrong with an input, or "".
func problemWith(err error, name string) string {
	return page.Form{Problems: fault.FieldsOf(err)}.Problem(name)
}
