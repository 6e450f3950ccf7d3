package syntax

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"roundtable/playbook/diag"
)

// address is a link's address and title with their places.
type address struct {
	dest, title spelled
}

// addressOf takes the address and title of a link.
func (b *bodyParser) addressOf(n *ast.Link) address {
	place := b.links.of(n.Pos())
	dest, title := unescape(string(n.Destination)), strings.ReplaceAll(unescape(string(n.Title)), "\n", " ")
	raw := b.text[min(place.start, len(b.text)):min(place.end, len(b.text))]
	at := place.start
	i := 0
	for i < len(raw) && strings.IndexByte("](< \t\n", raw[i]) >= 0 {
		i++
	}
	at += i
	// The title stands behind the address and its first quote.
	i += min(len(n.Destination), len(raw)-i)
	for i < len(raw) && strings.IndexByte("\"'(", raw[i]) < 0 {
		i++
	}
	titleAt := place.start + i + 1
	return address{
		dest:  spelled{dest, func(k int) diag.Position { return b.pos(at + k) }},
		title: spelled{title, func(k int) diag.Position { return b.pos(titleAt + k) }},
	}
}

// textLink = "[" inlines "]" "(" link ")" .
// One that cannot be read is its words alone.
func (b *bodyParser) textLink(n *ast.Link, r rules, depth int) []Inline {
	pos := b.pos(max(0, n.Pos()))
	inner := r
	label := b.inlines(n.FirstChild(), inner, depth+1)
	a := b.addressOf(n)
	if !r.links {
		b.errorf(pos, "a link cannot stand in %s: put it in the text below", r.name)
		return label
	}
	if len(label) == 0 {
		b.errorf(pos, "this link has no words: write [words](%s)", clip(a.dest.text))
		return nil
	}
	link := b.link(a, r)
	if link == nil {
		return label
	}
	link.Label = label
	return []Inline{{Kind: Anchor, Link: link, Pos: pos, Dest: a.dest.text, Title: a.title.text}}
}

// autoLink = "<" ADDRESS ">" .
func (b *bodyParser) autoLink(n *ast.AutoLink, r rules) []Inline {
	words := string(n.Label(b.text))
	offset := max(0, n.Pos())
	label := []Inline{{Kind: Text, S: words, Pos: b.pos(offset + 1)}}
	if !r.links {
		b.errorf(b.pos(offset), "a link cannot stand in %s: put it in the text below", r.name)
		return label
	}
	dest := words
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
		dest = "mailto:" + dest
	}
	a := address{dest: spelled{dest, func(k int) diag.Position { return b.pos(offset + 1 + k) }}}
	link := b.link(a, r)
	if link == nil {
		return label
	}
	link.Label = label
	return []Inline{{Kind: Anchor, Link: link, Pos: b.pos(offset), Dest: dest}}
}

// schemes are the schemes of links in a text.
var schemes = []string{"call", "notify", "record", "timer", "policy", "law", "handout", "https", "http", "mailto"}

// link = ( "call" | "notify" | "handout" ) ":" NAME | "record" ":" NAME fieldType | "timer" ":" timer | "policy" ":" policy | "law" ":" ID | ADDRESS .
func (b *bodyParser) link(a address, r rules) *Link {
	pos := a.dest.at(0)
	if strings.HasPrefix(a.dest.text, "#") && len(a.dest.text) > 1 {
		return &Link{Kind: Web, Name: a.dest.name()}
	}
	scheme, _, found := strings.Cut(a.dest.text, ":")
	switch {
	case a.dest.text == "":
		b.errorf(pos, "this link has no address")
		return nil
	case !found:
		b.badAddress(a.dest)
		return nil
	case slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(scheme)):
		return &Link{Kind: Web, Name: a.dest.name()}
	}
	rest := a.dest.slice(len(scheme)+1, len(a.dest.text))
	link := &Link{Kind: LinkKind(scheme)}
	ok := false
	switch link.Kind {
	case Call, Notify:
		ok = b.namedLink(link, rest, "role")
	case Handout:
		ok = b.namedLink(link, rest, "handout")
	case Record:
		ok = b.namedLink(link, rest, "field")
		ok = b.fieldType(link, a) && ok
	case Timer:
		ok = b.timer(link, rest)
	case Policy:
		ok = b.policy(link, rest)
	case Law:
		ok = b.reference(link, rest, "law")
	case "end":
		b.errorf(pos, "a walk ends in a choice: put this link under Next")
	default:
		b.errorf(pos, "there are no links with %q%s", clip(scheme)+":", meantScheme(scheme))
	}
	if !ok {
		return nil
	}
	if !r.effects && link.Kind != Policy && link.Kind != Law {
		b.errorf(pos, "a %s: link cannot stand in %s: put it in a step's text", link.Kind, r.name)
		return nil
	}
	return link
}

func meantScheme(scheme string) string {
	if hint := meant(scheme, schemes); hint != "" {
		return hint
	}
	return "; there are " + oneOf(schemes)
}

// badAddress tells about an address without a scheme.
func (b *bodyParser) badAddress(dest spelled) {
	if strings.HasSuffix(strings.ToLower(dest.text), ".md") {
		b.errorf(dest.at(0), "only a choice under Next leads to another file: leave out this link")
		return
	}
	for _, scheme := range schemes[:7] {
		if rest, found := strings.CutPrefix(dest.text, scheme); found && rest != "" && !isSmall(rest[0]) {
			b.errorf(dest.at(0), "%q is no address; did you mean \"%s:%s\"?", clip(dest.text), scheme, clip(strings.TrimLeft(rest, "./_- ")))
			return
		}
	}
	b.errorf(dest.at(0), "%q is no address: write https://…, or one like call:director", clip(dest.text))
}

func (b *bodyParser) namedLink(link *Link, name spelled, kind string) bool {
	link.Name = name.name()
	wrong := badName(name.text, kind)
	if wrong != "" {
		b.errorf(name.at(0), "%s", wrong)
	}
	return wrong == ""
}

func (b *bodyParser) reference(link *Link, id spelled, what string) bool {
	link.Name = id.name()
	if !isReference(id.text) {
		b.errorf(id.at(0), "%q cannot name a %s: such names are small letters, digits, - and _", clip(id.text), what)
		return false
	}
	return true
}

// policy = ID [ "#" ID ] .
func (b *bodyParser) policy(link *Link, rest spelled) bool {
	id, clause, found := strings.Cut(rest.text, "#")
	if !b.reference(link, rest.slice(0, len(id)), "policy") {
		return false
	}
	link.Clause = unpercent(clause)
	if found && !isSlug(link.Clause) {
		b.errorf(rest.at(len(id)), "%q cannot name a clause of a policy: write it like policy:privacy#what-we-keep", clip(clause))
		return false
	}
	return true
}

// maxSeconds is the longest timer: a day.
const maxSeconds = 24 * 60 * 60

// timer = NUMBER ( "s" | "m" | "h" ) .
func (b *bodyParser) timer(link *Link, rest spelled) bool {
	link.Name = rest.name()
	text := rest.text
	units := map[byte]int{'s': 1, 'm': 60, 'h': 3600}
	if n := len(text); n > 1 && n < 8 && units[text[n-1]] > 0 && strings.Trim(text[:n-1], "0123456789") == "" {
		number, _ := strconv.Atoi(text[:n-1])
		link.Seconds = number * units[text[n-1]]
		if link.Seconds > 0 && link.Seconds <= maxSeconds {
			return true
		}
		b.errorf(rest.at(0), "a timer runs from one second to 24 hours, not %s", text)
		return false
	}
	b.errorf(rest.at(0), "%q is no time: write it like timer:10m, with s, m or h", clip(text))
	return false
}

// fieldTypes are the types of a field.
var fieldTypes = []string{"text", "number", "date", "time", "choice", "photo", "inventory"}

// fieldType = QUOTE ( "text" | "number" | "date" deadline | "time" | "choice" options | "photo" | "inventory" ) QUOTE .
func (b *bodyParser) fieldType(link *Link, a address) bool {
	parts := a.title.split(',')
	kind := parts[0]
	if len(parts) > 1 && strings.HasPrefix(kind.text, "choice") {
		// A comma may stand in a choice's options; only the last may be deadline.
		kind = a.title.trim()
		parts = parts[:1]
	}
	word, options, _ := strings.Cut(kind.text, " ")
	link.Type = word
	switch {
	case kind.text == "":
		b.errorf(a.dest.at(0), "this field has no type: write it after the address, like (%s \"text\")", clip(a.dest.text))
		return false
	case !slices.Contains(fieldTypes, word):
		b.errorf(kind.at(0), "there is no field type %q: write %s%s", clip(word), oneOf(fieldTypes), meant(word, fieldTypes))
		return false
	case word == "choice":
		return b.options(link, kind.slice(len(word), len(kind.text)).trim())
	case options != "":
		b.errorf(kind.at(len(word)), "after %s nothing follows but a comma and deadline", word)
		return false
	}
	return b.deadline(link, parts[1:])
}

// deadline = [ "," "deadline" ] .
func (b *bodyParser) deadline(link *Link, parts []spelled) bool {
	for _, part := range parts {
		switch {
		case part.text != "deadline":
			b.errorf(part.at(0), "after the type only deadline can follow, not %q%s", clip(part.text), meant(part.text, []string{"deadline"}))
			return false
		case link.Type != "date":
			b.errorf(part.at(0), "only a date can be a deadline, not a %s", link.Type)
			return false
		case link.Deadline:
			b.errorf(part.at(0), "deadline stands here a second time")
			return false
		}
		link.Deadline = true
	}
	return true
}

// options = TEXT { "/" TEXT } .
func (b *bodyParser) options(link *Link, list spelled) bool {
	if list.text == "" {
		b.errorf(list.at(0), "a choice names what there is to choose, like \"choice yes/no/unsure\"")
		return false
	}
	for _, option := range list.split('/') {
		switch {
		case option.text == "":
			b.errorf(option.at(0), "something to choose is missing between these /")
			return false
		case slices.Contains(link.Options, option.text):
			b.errorf(option.at(0), "%q is here to choose a second time", clip(option.text))
			return false
		case len(link.Options) == maxValues:
			b.errorf(option.at(0), "there are more than %d things to choose here", maxValues)
			return false
		}
		link.Options = append(link.Options, option.text)
	}
	return true
}

// unpercent resolves %xx in the part of an address behind #, as viewers write
// letters with accents there.
func unpercent(fragment string) string {
	if plain, err := url.PathUnescape(fragment); err == nil {
		return plain
	}
	return string(util.UnescapePunctuations([]byte(fragment)))
}
