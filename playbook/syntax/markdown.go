package syntax

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	md "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is CommonMark with task lists. Link definitions are left out (an
// address stands in its link, or a printed playbook would lose it), and HTML is
// only recognised, to be refused, in time that is linear in the line's length.
var markdown = md.NewParser(
	md.WithBlockParsers(md.DefaultBlockParsers()...),
	md.WithInlineParsers(
		util.Prioritized(tickParser{extension.NewTaskCheckBoxParser()}, 0),
		util.Prioritized(md.NewCodeSpanParser(), 100),
		util.Prioritized(linkParser{md.NewLinkParser()}, 200),
		util.Prioritized(md.NewAutoLinkParser(), 300),
		util.Prioritized(htmlParser{}, 400),
		util.Prioritized(md.NewEmphasisParser(), 500),
	),
)

// parseMarkdown reads Markdown into goldmark's tree, with the places of its
// links.
func parseMarkdown(src []byte) (root ast.Node, links *linkList, err error) {
	defer func() {
		// The library is fuzzed, but a panic in it must not end the program.
		if v := recover(); v != nil {
			err = fmt.Errorf("the text cannot be read: %v", v)
		}
	}()
	ctx := md.NewContext()
	links = &linkList{}
	ctx.Set(linkPlaces, links)
	return markdown.Parse(text.NewReader(src), md.WithContext(ctx)), links, nil
}

// linkPlace tells where the address and title of a link stand: from the ]
// up to behind the ).
type linkPlace struct{ link, start, end int }

// linkList holds the links in the order of the file, which is the order in
// which they are read, because links have no links in them.
type linkList []linkPlace

// of is the place of the link that begins at an offset.
func (l linkList) of(link int) linkPlace {
	i, found := slices.BinarySearchFunc(l, link, func(p linkPlace, link int) int { return p.link - link })
	if !found {
		return linkPlace{link: link, start: link, end: link}
	}
	return l[i]
}

var linkPlaces = md.NewContextKey()

// linkParser is goldmark's, and notes where links end.
type linkParser struct{ md.InlineParser }

// Parse implements md.InlineParser.
func (l linkParser) Parse(parent ast.Node, block text.Reader, ctx md.Context) ast.Node {
	_, start := block.PeekLine()
	n := l.InlineParser.Parse(parent, block, ctx)
	if n != nil && n.Kind() == ast.KindLink {
		_, end := block.Position()
		places := ctx.Get(linkPlaces).(*linkList)
		*places = append(*places, linkPlace{n.Pos(), start.Start, end.Start})
	}
	return n
}

// CloseBlock implements md.CloseBlocker.
func (l linkParser) CloseBlock(parent ast.Node, block text.Reader, ctx md.Context) {
	l.InlineParser.(md.CloseBlocker).CloseBlock(parent, block, ctx)
}

// tickParser is goldmark's, but that a link whose words are x is no box.
type tickParser struct{ md.InlineParser }

// Parse implements parser.InlineParser.
func (t tickParser) Parse(parent ast.Node, block text.Reader, ctx md.Context) ast.Node {
	line, _ := block.PeekLine()
	if box := len("[ ]"); len(line) > box && !isBlank(line[box]) {
		return nil
	}
	return t.InlineParser.Parse(parent, block, ctx)
}

// htmlParser recognises what a viewer may take for HTML.
type htmlParser struct{}

// Trigger implements md.InlineParser.
func (htmlParser) Trigger() []byte { return []byte{'<'} }

// Parse implements md.InlineParser.
func (htmlParser) Parse(_ ast.Node, block text.Reader, _ md.Context) ast.Node {
	line, segment := block.PeekLine()
	if !opensHTML(line) {
		return nil
	}
	end := bytes.IndexByte(line, '>')
	if end < 0 {
		if !bytes.HasPrefix(line, []byte("<!--")) {
			return nil
		}
		end = len(bytes.TrimRight(line, "\n")) - 1
	}
	block.Advance(end + 1)
	n := ast.NewRawHTML()
	n.SetPos(segment.Start)
	return n
}

// opensHTML reports whether the text begins like a tag, a comment or an instruction.
func opensHTML(text []byte) bool {
	if len(text) < 2 || text[0] != '<' {
		return false
	}
	c := text[1] | 0x20 // small letters
	return isSmall(c) || text[1] == '/' || text[1] == '!' || text[1] == '?'
}
