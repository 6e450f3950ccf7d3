package stepview

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"

	"roundtable/internal/handout"
	"roundtable/internal/law"
	"roundtable/internal/policy"
	"roundtable/internal/web/page"
	"roundtable/internal/words"
)

// Shelf is the texts that steps point to. It is not changed after it was made.
type Shelf struct {
	policies map[string]policy.Policy
	handouts []handout.Handout
}

// Shipped is the texts that come with Roundtable.
var Shipped = sync.OnceValues(func() (*Shelf, error) {
	s := &Shelf{policies: map[string]policy.Policy{}}
	policies, err := policy.Starter()
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		s.policies[p.ID] = p
	}
	s.handouts, err = handout.Starter()
	return s, err
})

// find returns the id of the place on the page to which a link leads; ok is false
// where there is no text behind it.
func (s *Shelf) find(l *words.Link, at Place, lang string) (id string, ok bool) {
	if s == nil {
		return "", false
	}
	switch l.Kind {
	case "policy":
		_, ok = s.policies[l.Name]
		id = "policy-" + l.Name
		if l.Clause != "" {
			id += "-" + l.Clause
		}
	case "law":
		ok, id = true, "law-"+l.Name
	case "handout":
		_, ok = s.handout(l.Name, lang)
		id = "sheet-" + l.Name
	}
	return id, ok
}

// handout finds a sheet in a language, or else in English.
func (s *Shelf) handout(id, lang string) (h handout.Handout, ok bool) {
	for _, one := range s.handouts {
		if one.ID == id && (!ok || one.Lang == lang) {
			h, ok = one, true
		}
	}
	return h, ok
}

// behind lists the policies and laws that a step rests on, and its handouts, each
// once.
func (b *builder) behind() (bases []page.Basis, sheets []page.Sheet) {
	seen := map[string]bool{}
	for _, l := range links(b.step) {
		id, ok := b.place.Shelf.find(l.link, b.place, b.sheet.Lang)
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		switch l.link.Kind {
		case "policy":
			bases = append(bases, b.place.Shelf.policy(id, l.link))
		case "law":
			bases = append(bases, b.place.law(id, l, b.sheet.Lang))
		case "handout":
			if sheet, ok := b.place.Handout(l.link.Name, b.sheet.Lang); ok {
				sheet.ID = id
				sheets = append(sheets, sheet)
			}
		}
	}
	return bases, sheets
}

func (s *Shelf) policy(id string, l *words.Link) page.Basis {
	p := s.policies[l.Name]
	b := page.Basis{ID: id, Title: p.Title, Source: join(p.Notice, p.Provenance.Words())}
	if c, ok := p.Clause(l.Clause); ok {
		b.Title, b.Text = p.Title+": "+c.Heading, Markdown(c.Text)
		return b
	}
	b.Text = Markdown(p.Lead)
	for _, c := range p.Clauses {
		b.Text = append(append(b.Text, page.Block{Head: c.Heading}), Markdown(c.Text)...)
	}
	return b
}

// law is what the law of the place says on a topic. Where the place is not known, or
// nothing is known of it, the text says so.
func (p Place) law(id string, l linked, lang string) page.Basis {
	b := page.Basis{ID: id, Title: upper(l.words)}
	if p.Law == "" {
		b.Text = Markdown(noPlace[base(lang) == "es"])
		return b
	}
	s, _ := law.Text(l.link.Name, p.Law)
	lines := strings.Split(s.Words(), "\n")
	b.Title = p.Law + ": " + l.words
	b.Source = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		b.Text = append(b.Text, Markdown(line)...)
	}
	return b
}

var noPlace = map[bool]string{
	false: "What the law of your state says stands here once an administrator has said in which state the library is. Until then, ask your lawyer.",
	true:  "Lo que dice la ley de su estado aparece aquí cuando la administración diga en qué estado está la biblioteca. Hasta entonces, pregunte a su abogada o abogado.",
}

// Handout is a sheet in a language, or else in English; ok is false where there is
// none of that id.
func (p Place) Handout(id, lang string) (s page.Sheet, ok bool) {
	if p.Shelf == nil {
		return s, false
	}
	h, ok := p.Shelf.handout(id, lang)
	if !ok {
		return s, false
	}
	s = page.Sheet{
		ID: "sheet-" + h.ID, Title: h.Title, Lang: h.Lang, Text: Markdown(h.Text), Notice: h.Notice,
		Source: h.Provenance.Words(), Href: "/handout/" + h.ID + Lang(h.Lang, "en"),
	}
	if p.Site != "" && !h.Form {
		address := p.Site + "/h/" + HandoutCode(h.ID)
		_, s.Address, _ = strings.Cut(address, "://")
		if code, err := page.QR(strings.ToUpper(address)); err == nil {
			s.Code = code
		}
	}
	return s, true
}

// Langs lists the languages of a handout, English first.
func (s *Shelf) Langs(id string) (list []string) {
	for _, h := range s.handouts {
		if h.ID == id {
			list = append(list, h.Lang)
		}
	}
	return list
}

// HandoutCode is the short code under which the public finds a handout. It says
// nothing of what the handout is about, and is the same in every library.
func HandoutCode(id string) string {
	sum := sha256.Sum256([]byte("roundtable handout " + id))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:8]
}

// ByCode finds a handout by its short code, in capitals or not. Forms are for staff
// and have none.
func (s *Shelf) ByCode(code string) (id string, ok bool) {
	for _, h := range s.handouts {
		if !h.Form && strings.EqualFold(HandoutCode(h.ID), code) {
			return h.ID, true
		}
	}
	return "", false
}

func join(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

func upper(text string) string {
	for i, r := range text {
		return strings.ToUpper(string(r)) + text[i+len(string(r)):]
	}
	return text
}
