// Package format prints a playbook in its one canonical form, so that two
// versions of it differ only where they say something different.
//
// The front matter has its keys in the order of the language's definition;
// blocks are parted by one empty line; lists have - or 1. 2. 3.; guards are
// spelled with is, is not and is one of. Words, and where their lines end, stay
// as the author wrote them. Printing again changes nothing, and what is printed
// always reads back as the same tree.
package format

import (
	"bytes"
	"fmt"
	"strings"

	"roundtable/playbook/syntax"
)

// Source returns the canonical form of the file. A file that has problems of
// syntax is refused with an error that names the first.
func Source(name string, src []byte) ([]byte, error) {
	f, problems := syntax.Parse(name, src)
	if len(problems) > 0 {
		p := problems[0]
		return nil, fmt.Errorf("line %d, column %d: %s", p.Pos.Line, p.Pos.Column, p.Message)
	}
	p := &printer{file: f, lines: sourceLines(src), budget: tryBudget}
	p.front()
	p.body()
	out := p.bytes()
	again, problems := syntax.Parse(name, out)
	if len(problems) > 0 {
		return nil, fmt.Errorf("in canonical form it could not be read: %s", problems[0].Message)
	}
	if at := difference(f, again); at.IsValid() {
		return nil, fmt.Errorf("line %d: this cannot be printed in canonical form without changing what it says", at.Line)
	}
	return out, nil
}

// printer prints one file.
type printer struct {
	file     *syntax.File
	lines    []string // of the source, for what the tree does not hold
	comments *comments
	budget   int      // of bytes to try, see inlineText
	out      []string // lines
}

// sourceLines are the lines of the source without BOM and line ends.
func sourceLines(src []byte) []string {
	text := string(bytes.TrimPrefix(src, []byte("\ufeff")))
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.Split(text, "\n")
}

func (p *printer) line(text string) { p.out = append(p.out, text) }

// gap makes sure that an empty line comes next.
func (p *printer) gap() {
	if len(p.out) > 0 && p.out[len(p.out)-1] != "" {
		p.line("")
	}
}

func (p *printer) bytes() []byte {
	text := strings.Join(p.out, "\n")
	return []byte(strings.TrimRight(text, "\n") + "\n")
}
