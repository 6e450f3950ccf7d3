package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roundtable/internal/access"
)

// route is one row of the table of routes.
type route struct {
	method string // GET, to which HEAD belongs, or POST
	path   string // as in net/http: {id} is one part of the path, {id}.pdf one with an ending, {file...} the rest
	act    access.Act
	public string // why no act is named: nobody is asked who they are, or only their own browser is concerned
	serve  handler

	stranger string   // why whoever is not known may come, where an act is named
	patrons  bool     // for the public of a library
	script   bool     // only script asks here, and gets values, not pages
	json     bool     // script sends values here too, not a form
	plain    bool     // who asks is not looked at
	anyName  bool     // the server may be called anything
	changes  string   // why a GET changes something, where it must
	uses     features // what of the browser its page needs
	most     int64    // how much may be sent; 0 is as much as elsewhere
	picture  bool     // a form with a photo
	slow     bool     // sending it may take photoTime

	parts []part
}

// handler answers one request. What it returns becomes a page.
type handler func(ctx context.Context, a *ask) error

// part is one part of a route's path.
type part struct {
	literal string // "" if it is a value
	name    string // of a value
	ending  string // of a value, after its name: ".pdf"
	rest    bool   // the value is all that follows
}

// router finds routes. A part that is written out counts before a value, from left
// to right; so, unlike with http.ServeMux, /rooms/r/{token} and /rooms/{room}/request
// may both be there.
type router struct {
	byMethod map[string][]*route
}

// newRouter checks the table and makes it ready.
func newRouter(table []route) (*router, error) {
	r := &router{byMethod: map[string][]*route{}}
	seen := map[string]bool{}
	for i := range table {
		row := &table[i]
		if (row.act == "") == (row.public == "") {
			return nil, fmt.Errorf("route %s: it has an act, or says why it needs none", row.name())
		}
		if row.act != "" && row.act.Kind() == access.Nowhere {
			return nil, fmt.Errorf("route %s: %q is no act", row.name(), row.act)
		}
		if seen[row.name()] || row.serve == nil || row.method != http.MethodGet && row.method != http.MethodPost {
			return nil, fmt.Errorf("route %s: it is there twice, or is not whole", row.name())
		}
		seen[row.name()] = true
		row.parts = partsOf(row.path)
		r.byMethod[row.method] = append(r.byMethod[row.method], row)
	}
	for _, list := range r.byMethod {
		slices.SortStableFunc(list, compareRoutes)
	}
	return r, nil
}

func (rt *route) name() string { return rt.method + " " + rt.path }

func partsOf(path string) (list []part) {
	for text := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		name, after, found := strings.Cut(strings.TrimPrefix(text, "{"), "}")
		if !strings.HasPrefix(text, "{") || !found {
			list = append(list, part{literal: text})
			continue
		}
		name, rest := strings.CutSuffix(name, "...")
		list = append(list, part{name: name, ending: after, rest: rest})
	}
	return list
}

// compareRoutes puts what is written out before what is a value.
func compareRoutes(a, b *route) int {
	for i := range min(len(a.parts), len(b.parts)) {
		if c := cmp.Compare(a.parts[i].rank(), b.parts[i].rank()); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a.parts), len(b.parts))
}

func (p part) rank() int {
	switch {
	case p.literal != "" || p.name == "":
		return 0
	case p.ending != "":
		return 1
	case p.rest:
		return 3
	}
	return 2
}

// find returns the route for a method and a path, with the values of the path; nil
// if there is none.
func (r *router) find(method string, u *url.URL) (*route, map[string]string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), "/")
	if !ok {
		return nil, nil
	}
	texts := strings.Split(path, "/")
	for i := range texts {
		text, err := url.PathUnescape(texts[i])
		if err != nil {
			return nil, nil
		}
		texts[i] = text
	}
	for _, row := range r.byMethod[method] {
		if values, ok := row.match(texts); ok {
			return row, values
		}
	}
	return nil, nil
}

// match reports whether the parts of a path are this route's, and their values.
func (rt *route) match(texts []string) (map[string]string, bool) {
	var values map[string]string
	for i, p := range rt.parts {
		if i >= len(texts) {
			return nil, false
		}
		value, ok := p.value(texts[i:])
		if !ok {
			return nil, false
		}
		if p.name != "" {
			if values == nil {
				values = map[string]string{}
			}
			values[p.name] = value
		}
		if p.rest {
			return values, true
		}
	}
	return values, len(texts) == len(rt.parts)
}

func (p part) value(texts []string) (string, bool) {
	if p.name == "" {
		return "", texts[0] == p.literal
	}
	if p.rest {
		return strings.Join(texts, "/"), true
	}
	value, ok := strings.CutSuffix(texts[0], p.ending)
	return value, ok && value != ""
}

// allowed lists the methods by which an address can be asked.
func (r *router) allowed(u *url.URL) (list []string) {
	if found, _ := r.find(http.MethodGet, u); found != nil {
		list = append(list, http.MethodGet, http.MethodHead)
	}
	if found, _ := r.find(http.MethodPost, u); found != nil {
		list = append(list, http.MethodPost)
	}
	return list
}
