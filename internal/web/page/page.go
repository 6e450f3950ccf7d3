package page

import (
	"fmt"
	"html/template"
	"io"

	"roundtable/internal/web/static"
)

// Page is a page that can be shown. The structs of this package are the pages.
type Page interface {
	frame() Frame
	about() about
}

// about is what a page knows of itself, whatever is on it.
type about struct {
	template string
	thing    string // first part of the title; "" leaves only the place
	at       Place  // the tab that is current
	kind     kind
	forms    []Form // whose problems are told at the top
	module   string // a script besides the one of every page; "" is none
	live     bool   // it hears of changes by a script of its own, loaded after all others
}

// kind says how a page is framed.
type kind uint8

const (
	linked kind = iota // a staff page: style linked, navigation if there is one
	inline             // the same with its style in the page: desk and steps
	alone              // one thing to do, no navigation: sign-in, set-up, lock
	public             // for patrons: neutral title, no staff navigation, a way out
)

// Title returns the page's title: thing, place, product. A public page has the
// library's name alone, so that a history of pages visited tells nothing.
func Title(p Page) string {
	f, a := p.frame(), p.about()
	if a.kind == public {
		return f.Library
	}
	title := "Roundtable"
	if place := f.place(); place != "" {
		title = place + " – " + title
	}
	if a.thing != "" {
		title = a.thing + " – " + title
	}
	for _, form := range a.forms {
		if len(form.Problems) > 0 || form.Refused != "" {
			return "Check: " + title
		}
	}
	return title
}

// Inline reports whether the page carries [static.CriticalCSS] in itself, so that
// its answer needs [static.CriticalHash] in the content security policy.
func Inline(p Page) bool { return p.about().kind == inline }

// Render writes the page. Write to a buffer: a page that fails half way must not
// have been sent. The same page gives the same bytes. It is safe for use at once.
func Render(w io.Writer, p Page) error {
	a := p.about()
	if err := templates.ExecuteTemplate(w, a.template, p); err != nil {
		return fmt.Errorf("render page %s: %w", a.template, err)
	}
	return nil
}

// shell is what the templates "top" and "bottom" are given.
type shell struct {
	Frame
	page Page
}

func newShell(p Page) shell { return shell{p.frame(), p} }

// What the frame's template asks.

func (s shell) Title() string            { return Title(s.page) }
func (s shell) Inline() bool             { return s.page.about().kind == inline }
func (s shell) Alone() bool              { return s.page.about().kind == alone }
func (s shell) Public() bool             { return s.page.about().kind == public }
func (s shell) Style() template.CSS      { return static.CriticalCSS }
func (s shell) Forms() []Form            { return s.page.about().forms }
func (s shell) Module() string           { return s.page.about().module }
func (s shell) Live() bool               { return s.page.about().live }
func (s shell) Tabs() []Tab              { return s.Frame.tabs(s.page.about().at) }
func (s shell) Asset(name string) string { return static.Path(name) }
