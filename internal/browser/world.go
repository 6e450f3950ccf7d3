package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// worldName names the isolated world in which this package's own scripts run.
const worldName = "roundtable-test"

// world is the isolated world of the current page. It goes with the page.
type world struct {
	page    int // the count of pages at which it was made
	context runtime.ExecutionContextID
	axe     bool // axe has been loaded into it
}

// enter returns the isolated world of the page that is shown now.
func (t *tabState) enter(ctx context.Context) (runtime.ExecutionContextID, error) {
	now := t.record.commits()
	if t.world.context != 0 && t.world.page == now {
		return t.world.context, nil
	}
	tree, err := command(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return 0, err
	}
	made, err := command(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: tree.FrameTree.Frame.ID, WorldName: worldName,
	})
	if err != nil {
		return 0, err
	}
	t.world = world{page: now, context: made.ExecutionContextID}
	return made.ExecutionContextID, nil
}

// evaluate evaluates an expression in the isolated world and waits for a promise.
// The answer is a value, or a handle where handle is set. A page that is just being
// replaced takes its world with it, so then it is asked again.
func (t *tabState) evaluate(ctx context.Context, expression string, handle bool) (*runtime.RemoteObject, error) {
	for {
		in, err := t.enter(ctx)
		if err == nil {
			yes, byValue := true, !handle
			var answer runtime.EvaluateResult
			answer, err = command(ctx, runtime.Evaluate, runtime.EvaluateParams{
				Expression: expression, ContextID: in, AwaitPromise: &yes, ReturnByValue: &byValue,
			})
			if err == nil && answer.ExceptionDetails != nil {
				return nil, &chromedp.ExceptionError{ExceptionDetails: answer.ExceptionDetails}
			}
			if err == nil {
				return answer.Result, nil
			}
		}
		if !isGone(err) {
			return nil, err
		}
		t.world = world{}
		if !pause(ctx) {
			return nil, err
		}
	}
}

// isGone reports whether an error says that the page that was asked has gone.
func isGone(err error) bool {
	var e *cdproto.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, said := range []string{"Cannot find context", "Execution context was destroyed", "No frame for given id", "navigated or closed"} {
		if strings.Contains(e.Message, said) {
			return true
		}
	}
	return false
}

// call is the expression that calls a JavaScript function with arguments.
func call(function string, args ...any) string {
	parts := make([]string, len(args))
	for i, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			panic(fmt.Sprintf("an argument that is no JSON: %v", err)) // a mistake in this package
		}
		parts[i] = string(text)
	}
	return "(" + function + ")(" + strings.Join(parts, ", ") + ")"
}

// ask calls a function in the isolated world and ends the test if that fails.
func ask[T any](t *Tab, doing, function string, args ...any) T {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	v, err := tryAsk[T](ctx, t.tabState, function, args...)
	if err != nil {
		t.tb.Fatalf("%s: %v", doing, err)
	}
	return v
}

func tryAsk[T any](ctx context.Context, t *tabState, function string, args ...any) (T, error) {
	var v T
	answer, err := t.evaluate(ctx, call(function, args...), false)
	if err != nil {
		return v, err
	}
	if len(answer.Value) > 0 {
		err = json.Unmarshal(answer.Value, &v)
	}
	return v, err
}

// Eval evaluates a JavaScript expression in the page's own world, where the page's
// scripts see it, waits for it if it is a promise, and returns its value.
func Eval[T any](t *Tab, expression string) T {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		t.tb.Fatalf("evaluate %s: %v", oneLine(expression), err)
	}
	return v
}
