package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// node is an element of a rendered page. The pages are written so that a strict
// reader finds every end tag; what only a browser would forgive fails here.
type node struct {
	name     string
	attr     map[string]string
	parent   *node
	children []*node
	text     string // its own, without that of its children
}

func render(t *testing.T, p Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, p); err != nil {
		t.Fatalf("Render() = %v, want no error", err)
	}
	return b.Bytes()
}

func parse(t *testing.T, page []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &node{}
	at := root
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page cannot be read: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attr: map[string]string{}, parent: at}
			for _, a := range token.Attr {
				if _, twice := n.attr[a.Name.Local]; twice {
					t.Errorf("<%s> has the attribute %s twice", n.name, a.Name.Local)
				}
				n.attr[a.Name.Local] = a.Value
			}
			at.children = append(at.children, n)
			at = n
		case xml.EndElement:
			if at.name != token.Name.Local {
				t.Fatalf("</%s> closes <%s>", token.Name.Local, at.name)
			}
			at = at.parent
		case xml.CharData:
			at.text += string(token)
		}
	}
	if at != root {
		t.Fatalf("<%s> is not closed", at.name)
	}
	return root
}

// each calls f for the node and everything in it, in reading order.
func (n *node) each(f func(*node)) {
	f(n)
	for _, c := range n.children {
		c.each(f)
	}
}

func (n *node) all(names ...string) (found []*node) {
	n.each(func(c *node) {
		if slices.Contains(names, c.name) {
			found = append(found, c)
		}
	})
	return found
}

func (n *node) withClass(class string) (found []*node) {
	n.each(func(c *node) {
		if slices.Contains(strings.Fields(c.attr["class"]), class) {
			found = append(found, c)
		}
	})
	return found
}

// words is all text in the node.
func (n *node) words() string {
	var b strings.Builder
	n.each(func(c *node) { b.WriteString(c.text + " " + c.attr["alt"] + " ") })
	return strings.Join(strings.Fields(b.String()), " ")
}

func (n *node) inside(name string) bool {
	for p := n.parent; p != nil; p = p.parent {
		if p.name == name {
			return true
		}
	}
	return false
}

func TestParseFindsMistakes(t *testing.T) {
	if got := parse(t, []byte(`<p class="a">x<br>y</p>`)).all("p")[0].words(); got != "xy" && got != "xy " {
		t.Errorf("words() = %q, want xy", got)
	}
}
