package browser

import (
	"github.com/chromedp/cdproto/page"
)

// OnOpen has a script run in each page that the tab opens from now on, before
// anything of the page: in the world of this package, which sees the page and cannot
// be seen by it. What it puts on the page's timeline (performance.mark) Eval reads.
func (t *Tab) OnOpen(script string) {
	t.tb.Helper()
	must(t, "have a script run in pages", page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: script, WorldName: worldName,
	})
}
