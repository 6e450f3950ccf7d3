package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Click clicks, or taps on a phone, where the element is. It does not wait for what
// comes of it: see Follow, WaitText and WaitGone.
func (t *Tab) Click(by By) {
	t.tb.Helper()
	t.act("click", by, t.click)
}

// Follow clicks and waits until another page has opened and loaded, as after a link
// or the button that sends a form. It returns the answer.
func (t *Tab) Follow(by By) Response {
	t.tb.Helper()
	t.move(fmt.Sprintf("click %s and wait for the page", by), func(ctx context.Context) error {
		id, err := t.find(ctx, by)
		if err != nil {
			return err
		}
		return t.click(ctx, id)
	})
	return t.Response()
}

// act finds an element and does something with it.
func (t *Tab) act(verb string, by By, do func(context.Context, runtime.RemoteObjectID) error) {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	id, err := t.find(ctx, by)
	if err == nil {
		err = do(ctx, id)
	}
	if err != nil {
		t.tb.Fatalf("%s %s: %v", verb, by, err)
	}
}

// clickable is the function that scrolls an element into view and says where to
// click it, or why that cannot be done. A choice whose own box is hidden is clicked
// on its label, as people do.
const clickable = `function() {
	if (!this.isConnected) return {fault: "it has left the page"};
	if (this.matches(":disabled")) return {fault: "it is switched off"};
	this.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
	let fault = "it cannot be seen";
	for (const part of [this, ...(this.labels ?? [])]) {
		if (!part.checkVisibility({visibilityProperty: true})) continue;
		for (const box of part.getClientRects()) {
			if (box.width < 1 || box.height < 1) continue;
			const x = box.x + box.width / 2, y = box.y + box.height / 2;
			const top = this.ownerDocument.elementFromPoint(x, y);
			if (top && (part.contains(top) || top.closest("label")?.control === this)) {
				const v = window.visualViewport;
				return {x: (x - v.offsetLeft) * v.scale, y: (y - v.offsetTop) * v.scale};
			}
			fault = top ? "it is covered by " + top.cloneNode(false).outerHTML : "it lies outside of the window";
		}
	}
	return {fault};
}`

func (t *tabState) click(ctx context.Context, id runtime.RemoteObjectID) error {
	answer, err := callOn(ctx, id, clickable, false)
	if err != nil {
		return err
	}
	var at struct {
		X, Y  float64
		Fault string
	}
	if err := json.Unmarshal(answer.Value, &at); err != nil {
		return err
	}
	if at.Fault != "" {
		return errors.New(oneLine(at.Fault))
	}
	if t.set.view.Viewport.Mobile {
		return chromedp.Do(ctx, chromedp.TapXY(at.X, at.Y))
	}
	return chromedp.Do(ctx, chromedp.MouseEvent(chromedp.MouseMoved, at.X, at.Y), chromedp.MouseClickXY(at.X, at.Y))
}

// Fill replaces what is in a field by text.
func (t *Tab) Fill(by By, text string) {
	t.tb.Helper()
	t.act("fill", by, func(ctx context.Context, id runtime.RemoteObjectID) error {
		if err := t.focus(ctx, id); err != nil {
			return err
		}
		if _, err := callOn(ctx, id, `function() { this.ownerDocument.execCommand("selectAll") }`, false); err != nil {
			return err
		}
		if text == "" {
			return press(ctx, "Delete")
		}
		_, err := command(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// Set gives a value to a field that is not typed into, such as a date, a time, a
// colour or a slider, as the form would send it ("2026-11-25"), and tells the page's
// scripts, as the browser does when a person has chosen.
func (t *Tab) Set(by By, value string) {
	t.tb.Helper()
	t.act("set", by, func(ctx context.Context, id runtime.RemoteObjectID) error {
		return complain(callOn(ctx, id, `function(value) {
			this.value = value;
			if (this.value !== value) return "it does not take " + JSON.stringify(value);
			for (const kind of ["input", "change"]) this.dispatchEvent(new Event(kind, {bubbles: true}));
		}`, false, value))
	})
}

// Choose chooses the option of a list (select) that reads so.
func (t *Tab) Choose(by By, option string) {
	t.tb.Helper()
	t.act("choose in", by, func(ctx context.Context, id runtime.RemoteObjectID) error {
		return complain(callOn(ctx, id, `function(wanted) {
			const options = [...(this.options ?? [])], is = o => o.label.trim() === wanted;
			const found = options.find(is);
			if (!found) return "no option " + JSON.stringify(wanted) + " among " + JSON.stringify(options.map(o => o.label.trim()));
			found.selected = true;
			for (const kind of ["input", "change"]) this.dispatchEvent(new Event(kind, {bubbles: true}));
		}`, false, option))
	})
}

// complain turns the sentence that a function answered into an error.
func complain(answer *runtime.RemoteObject, err error) error {
	if err != nil {
		return err
	}
	var sentence string
	if json.Unmarshal(answer.Value, &sentence) == nil && sentence != "" {
		return errors.New(sentence)
	}
	return nil
}

// Attach puts files into a file field.
func (t *Tab) Attach(by By, paths ...string) {
	t.tb.Helper()
	t.act("attach to", by, func(ctx context.Context, id runtime.RemoteObjectID) error {
		_, err := command(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: id})
		return err
	})
}

// Focus puts the focus on an element, without a click.
func (t *Tab) Focus(by By) {
	t.tb.Helper()
	t.act("focus", by, t.focus)
}

func (t *tabState) focus(ctx context.Context, id runtime.RemoteObjectID) error {
	return complain(callOn(ctx, id, `function() {
		if (this.matches(":disabled")) return "it is switched off";
		this.focus();
		if (this.ownerDocument.activeElement !== this) return "it does not take the focus";
	}`, false))
}

// Type types text, key by key, wherever the focus is.
func (t *Tab) Type(text string) {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(text)); err != nil {
		t.tb.Fatalf("type %q: %v", text, err)
	}
}

// Press presses keys, one after the other, wherever the focus is. A key is a
// character, or Enter, Tab, Escape, Space, Backspace, Delete, Home, End, PageUp,
// PageDown, ArrowUp, ArrowDown, ArrowLeft, ArrowRight; before it may stand Shift+,
// Control+, Alt+, Meta+.
func (t *Tab) Press(keys ...string) {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	for _, key := range keys {
		if err := press(ctx, key); err != nil {
			t.tb.Fatalf("press %s: %v", key, err)
		}
	}
}

var namedKeys = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace, "Delete": kb.Delete,
	"Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown,
	"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
}

var modifiers = map[string]chromedp.Modifier{
	"Shift": chromedp.ModifierShift, "Control": chromedp.ModifierCtrl, "Alt": chromedp.ModifierAlt, "Meta": chromedp.ModifierMeta,
}

func press(ctx context.Context, key string) error {
	name, held := key, chromedp.ModifierNone
	for {
		before, after, found := strings.Cut(name, "+")
		m, known := modifiers[before]
		if !found || !known || after == "" {
			break
		}
		name, held = after, held|m
	}
	text, named := namedKeys[name]
	switch {
	case named:
	case utf8.RuneCountInString(name) == 1:
		text = name
	default:
		return fmt.Errorf("no key is called %q", name)
	}
	return chromedp.Do(ctx, chromedp.KeyEvent(text, chromedp.KeyModifiers(held)))
}
