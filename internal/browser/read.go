package browser

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/chromedp/cdproto/runtime"
)

// read finds an element and returns what a function says of it.
func read[T any](t *Tab, by By, function string, args ...any) (value T) {
	t.tb.Helper()
	t.act("read", by, func(ctx context.Context, id runtime.RemoteObjectID) error {
		answer, err := callOn(ctx, id, function, false, args...)
		if err != nil || len(answer.Value) == 0 {
			return err
		}
		return json.Unmarshal(answer.Value, &value)
	})
	return value
}

// Text returns the text of an element as it is shown, without what is hidden.
func (t *Tab) Text(by By) string {
	t.tb.Helper()
	return read[string](t, by, `function() { return this.innerText.trim() }`)
}

// Value returns what is in a field.
func (t *Tab) Value(by By) string {
	t.tb.Helper()
	return read[string](t, by, `function() { return String(this.value) }`)
}

// Checked reports whether a choice is made.
func (t *Tab) Checked(by By) bool {
	t.tb.Helper()
	return read[bool](t, by, `function() { return this.checked === true }`)
}

// Attr returns an attribute, and whether there is one.
func (t *Tab) Attr(by By, name string) (string, bool) {
	t.tb.Helper()
	v := read[*string](t, by, `function(name) { return this.getAttribute(name) }`, name)
	if v == nil {
		return "", false
	}
	return *v, true
}

// Style returns the computed value of a property of CSS, such as "display".
func (t *Tab) Style(by By, property string) string {
	t.tb.Helper()
	return read[string](t, by, `function(name) { return getComputedStyle(this).getPropertyValue(name) }`, property)
}

// Texts returns the text of each element that matches a selector, which may be none.
func (t *Tab) Texts(selector string) []string {
	t.tb.Helper()
	return ask[[]string](t, "read "+selector, `s => [...document.querySelectorAll(s)].map(e => e.innerText.trim())`, selector)
}

// Count returns how many elements match a selector.
func (t *Tab) Count(selector string) int {
	t.tb.Helper()
	return ask[int](t, "count "+selector, `s => document.querySelectorAll(s).length`, selector)
}

// Focused returns the element that has the focus, as its tag with attributes.
func (t *Tab) Focused() string {
	t.tb.Helper()
	return ask[string](t, "find the focus", `() => document.activeElement?.cloneNode(false).outerHTML ?? ""`)
}

// WaitText waits until the page shows a text.
func (t *Tab) WaitText(text string) {
	t.tb.Helper()
	t.wait("show "+text, func(ctx context.Context) (bool, error) {
		shown, err := tryAsk[string](ctx, t.tabState, `() => document.body?.innerText ?? ""`)
		return strings.Contains(shown, text), err
	})
}

// WaitGone waits until nothing matches a selector.
func (t *Tab) WaitGone(selector string) {
	t.tb.Helper()
	t.wait("lose "+selector, func(ctx context.Context) (bool, error) {
		n, err := tryAsk[int](ctx, t.tabState, `s => document.querySelectorAll(s).length`, selector)
		return n == 0, err
	})
}

// WaitTrue waits until an expression is true in the page's own world, where its
// scripts see it.
func (t *Tab) WaitTrue(expression string) {
	t.tb.Helper()
	t.wait("come to "+expression, func(ctx context.Context) (bool, error) {
		yes := true
		answer, err := command(ctx, runtime.Evaluate, runtime.EvaluateParams{
			Expression: "Promise.resolve(" + expression + ").then(v => !!v)", AwaitPromise: &yes, ReturnByValue: &yes,
		})
		if isGone(err) {
			return false, nil
		}
		if err != nil || answer.ExceptionDetails != nil {
			return false, err
		}
		return string(answer.Result.Value) == "true", nil
	})
}

// wait asks until the answer is yes.
func (t *Tab) wait(what string, is func(context.Context) (bool, error)) {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	for {
		yes, err := is(ctx)
		if yes {
			return
		}
		if err == nil && pause(ctx) {
			continue
		}
		shown := t.shown()
		t.tb.Fatalf("the page did not %s within %v (%v); it shows: %s", oneLine(what), opTimeout, err, shown)
	}
}

// shown is what the page shows, shortened, for messages.
func (t *tabState) shown() string {
	ctx, cancel := context.WithTimeout(t.ctx, findTimeout)
	defer cancel()
	text, err := tryAsk[string](ctx, t, `() => document.body?.innerText ?? ""`)
	if err != nil {
		return err.Error()
	}
	return oneLine(text)
}
