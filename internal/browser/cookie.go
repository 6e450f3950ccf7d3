package browser

import (
	"cmp"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// Cookie is a cookie as the browser keeps it.
type Cookie struct {
	Name, Value string
	Domain      string // with a dot in front where subdomains get it too
	Path        string
	Secure      bool
	HTTPOnly    bool
	SameSite    string    // Strict, Lax or None; empty where the server said nothing
	Expires     time.Time // zero for a cookie that goes when the browser closes
}

// Cookies returns the device's cookies of all addresses, by name. What a server set
// and the browser refused is in Response.RefusedCookies.
func (t *Tab) Cookies() []Cookie {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	answer, err := chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: t.device()})
	if err != nil {
		t.tb.Fatalf("read the cookies: %v", err)
	}
	list := make([]Cookie, len(answer.Cookies))
	for i, c := range answer.Cookies {
		list[i] = cookie(c)
	}
	slices.SortFunc(list, func(a, b Cookie) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Path, b.Path))
	})
	return list
}

// ClearCookies makes the device forget its cookies.
func (t *Tab) ClearCookies() {
	t.tb.Helper()
	ctx, cancel := t.limit()
	defer cancel()
	if _, err := chromedp.CallBrowser(ctx, storage.ClearCookies, storage.ClearCookiesParams{BrowserContextID: t.device()}); err != nil {
		t.tb.Fatalf("clear the cookies: %v", err)
	}
}

func (t *tabState) device() cdp.BrowserContextID { return chromedp.FromContext(t.ctx).BrowserContextID }

func cookie(c *network.Cookie) Cookie {
	own := Cookie{
		Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path,
		Secure: c.Secure, HTTPOnly: c.HTTPOnly, SameSite: string(c.SameSite),
	}
	if !c.Session {
		own.Expires = time.UnixMilli(int64(c.Expires * 1000)).UTC()
	}
	return own
}
