package browser

import (
	"context"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Screenshot returns the window as PNG.
func (t *Tab) Screenshot() []byte {
	t.tb.Helper()
	return t.capture(page.CaptureScreenshotParams{})
}

// FullScreenshot returns the whole page as PNG, however long it is.
func (t *Tab) FullScreenshot() []byte {
	t.tb.Helper()
	box := ask[page.Viewport](t, "measure the page", `() => {
		const e = document.documentElement;
		return {x: 0, y: 0, width: e.clientWidth, height: Math.max(e.scrollHeight, e.clientHeight), scale: 1};
	}`)
	return t.capture(page.CaptureScreenshotParams{Clip: &box, CaptureBeyondViewport: ptr(true)})
}

// ElementScreenshot returns one element as PNG.
func (t *Tab) ElementScreenshot(by By) []byte {
	t.tb.Helper()
	box := read[page.Viewport](t, by, `function() {
		const b = this.getBoundingClientRect();
		return {x: b.x + scrollX, y: b.y + scrollY, width: b.width, height: b.height, scale: 1};
	}`)
	return t.capture(page.CaptureScreenshotParams{Clip: &box, CaptureBeyondViewport: ptr(true)})
}

func (t *Tab) capture(p page.CaptureScreenshotParams) []byte {
	t.tb.Helper()
	t.wait("load its fonts", func(ctx context.Context) (bool, error) {
		return tryAsk[bool](ctx, t.tabState, `() => document.fonts.status === "loaded"`)
	})
	p.Format = page.CaptureScreenshotFormatPng
	return must(t, "take a screenshot", page.CaptureScreenshot, p).Data
}

// Paper is a size of paper.
type Paper = chromedp.PaperSize

// The papers that documents are made for.
var (
	Letter = chromedp.PaperLetter
	A4     = chromedp.PaperA4
)

// PDF prints the page, with its backgrounds and as a tagged PDF. The page's own
// @page rules decide where they say something.
func (t *Tab) PDF(paper Paper) []byte {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(
		chromedp.PDFPaper(paper), chromedp.PDFPrintBackground(), chromedp.PDFOutlineAndTagged(),
		func(p *page.PrintToPDFParams) { p.PreferCSSPageSize = ptr(true) },
	))
	if err != nil {
		t.tb.Fatalf("print the page: %v", err)
	}
	return pdf
}

func ptr[T any](v T) *T { return &v }
