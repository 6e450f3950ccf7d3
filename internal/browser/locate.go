package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// By says which element of a page is meant: Label or CSS.
type By struct {
	label  string
	css    string
	within string // a CSS selector: only what is inside of it
}

// Label is the one control (link, button, field, choice) that is called so: by its
// text, its label or whatever else gives a control its name for people who do not
// see it. The whole name is meant, as the browser's accessibility tree has it.
func Label(name string) By { return By{label: name} }

// CSS is the one element that matches a selector.
func CSS(selector string) By { return By{css: selector} }

// In narrows down to what is inside of the element that matches a selector.
func (b By) In(selector string) By {
	b.within = selector
	return b
}

// String returns how messages speak of it.
func (b By) String() string {
	name := b.css
	if b.css == "" {
		name = fmt.Sprintf("%q", b.label)
	}
	if b.within != "" {
		name += " in " + b.within
	}
	return name
}

// findTimeout is how long an element may be awaited: long enough for a script or a
// live page to bring it on a busy machine.
const findTimeout = 10 * time.Second

// find returns a handle of the one element that is meant, in the isolated world.
// It waits until there is one, and looks at least once however slow that is.
func (t *tabState) find(ctx context.Context, by By) (runtime.RemoteObjectID, error) {
	enough := time.After(t.patience)
	for {
		id, err := t.look(ctx, by)
		var absent absentError
		if err == nil || !isGone(err) && !errors.As(err, &absent) {
			return id, err
		}
		select {
		case <-enough:
			return "", t.withNames(by, err)
		default:
			pause(ctx)
		}
	}
}

// absentError says that an element is not there, which may be a matter of time.
type absentError string

func (e absentError) Error() string { return string(e) }

// look returns a handle of the one element that is meant, if it is there now.
func (t *tabState) look(ctx context.Context, by By) (runtime.RemoteObjectID, error) {
	root, err := t.evaluate(ctx, "document", true)
	if err != nil {
		return "", err
	}
	if by.within != "" {
		inner, err := t.pick(ctx, root.ObjectID, by.within)
		if err != nil {
			return "", err
		}
		root.ObjectID = inner
	}
	if by.css != "" {
		return t.pick(ctx, root.ObjectID, by.css)
	}
	return t.pickLabelled(ctx, root.ObjectID, by)
}

// pick returns the one element below root that matches a selector.
func (t *tabState) pick(ctx context.Context, root runtime.RemoteObjectID, selector string) (runtime.RemoteObjectID, error) {
	answer, err := callOn(ctx, root, `function(selector) {
		const found = this.querySelectorAll(selector);
		return found.length === 1 ? found[0] : found.length;
	}`, true, selector)
	if err != nil {
		return "", err
	}
	if answer.ObjectID == "" {
		return "", absentError(fmt.Sprintf("%s elements match %s, want 1", answer.Value, selector))
	}
	return answer.ObjectID, nil
}

// callOn calls a function on an object; the answer is a handle or a value.
func callOn(ctx context.Context, object runtime.RemoteObjectID, function string, handle bool, args ...any) (*runtime.RemoteObject, error) {
	yes, byValue := true, !handle
	p := runtime.CallFunctionOnParams{FunctionDeclaration: function, ObjectID: object, AwaitPromise: &yes, ReturnByValue: &byValue}
	for _, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		p.Arguments = append(p.Arguments, &runtime.CallArgument{Value: text})
	}
	answer, err := command(ctx, runtime.CallFunctionOn, p)
	if err != nil {
		return nil, err
	}
	if answer.ExceptionDetails != nil {
		return nil, &chromedp.ExceptionError{ExceptionDetails: answer.ExceptionDetails}
	}
	return answer.Result, nil
}

// pickLabelled returns the one control below root that has a name, as the browser
// itself computes names for screen readers.
func (t *tabState) pickLabelled(ctx context.Context, root runtime.RemoteObjectID, by By) (runtime.RemoteObjectID, error) {
	answer, err := command(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root, AccessibleName: by.label})
	if err != nil {
		return "", err
	}
	var ids []cdp.BackendNodeID
	for _, n := range answer.Nodes {
		if isControl(n) && !slices.Contains(ids, n.BackendDOMNodeID) {
			ids = append(ids, n.BackendDOMNodeID)
		}
	}
	if len(ids) != 1 {
		return "", absentError(fmt.Sprintf("%d controls are called %s, want 1", len(ids), by))
	}
	in, err := t.enter(ctx)
	if err != nil {
		return "", err
	}
	node, err := command(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: ids[0], ExecutionContextID: in})
	if err != nil {
		return "", err
	}
	return node.Object.ObjectID, nil
}

// controlRoles are the roles of what can be used, even where it is switched off and
// therefore cannot take the focus.
var controlRoles = []string{
	"button", "link", "textbox", "searchbox", "combobox", "listbox", "option", "checkbox", "radio", "switch", "slider",
	"spinbutton", "menuitem", "menuitemcheckbox", "menuitemradio", "tab", "DisclosureTriangle", "Date", "DateTime", "InputTime",
}

func isControl(n *accessibility.Node) bool {
	role := axText(n.Role)
	if n.Ignored || n.BackendDOMNodeID == 0 || role == "RootWebArea" {
		return false
	}
	return slices.Contains(controlRoles, role) || slices.ContainsFunc(n.Properties, func(p *accessibility.Property) bool {
		return p.Name == accessibility.PropertyNameFocusable && string(p.Value.Value) == "true"
	})
}

func axText(v *accessibility.Value) string {
	var text string
	if v == nil || json.Unmarshal(v.Value, &text) != nil {
		return ""
	}
	return text
}

// withNames adds to an error which names there are, if a name was looked for.
func (t *tabState) withNames(by By, err error) error {
	if by.label == "" {
		return err
	}
	ctx, cancel := t.limit()
	defer cancel()
	tree, askErr := command(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if askErr != nil {
		return err
	}
	var names []string
	for _, n := range tree.Nodes {
		if name := axText(n.Name); name != "" && isControl(n) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return fmt.Errorf("%w; the page has %q", err, names)
}
