package syntax

import (
	"bytes"

	"roundtable/playbook/diag"
)

// maxProblems is how many problems of one file are told. A file with more is
// not a playbook, and nobody reads the rest.
const maxProblems = 1000

// Parse reads a file. It never stops at the first problem: the File holds
// whatever could be read, and is never nil. The name is the file's path; its
// base name must agree with the id in the front matter.
//
// Any input is safe: files, lines, paragraphs and nesting beyond fixed limits
// are refused, each with one problem.
func Parse(name string, src []byte) (*File, []diag.Problem) {
	p := &parser{file: &File{Name: name}}
	p.file.Front = Front{Kind: Playbook, Lang: Name{Text: "en"}, Keys: map[string]diag.Position{}}
	p.parse(src)
	diag.Sort(p.problems)
	return p.file, p.problems
}

// parser reads one file. Its methods are spread over the files of this
// package: front matter, body, choices, links.
type parser struct {
	file     *File
	src      *source
	problems []diag.Problem
}

func (p *parser) errorf(pos diag.Position, format string, args ...any) {
	if !p.enough() {
		p.report(diag.New(p.file.Name, pos, diag.Syntax, format, args...))
	}
}

func (p *parser) report(problem diag.Problem) {
	if p.enough() {
		return
	}
	if len(p.problems) == maxProblems-1 {
		problem = diag.New("", problem.Pos, diag.Syntax, "there are more problems from here on: mend those above first")
	}
	problem.File = p.file.Name
	p.problems = append(p.problems, problem)
}

// enough reports whether as many problems have been told as one can bear.
func (p *parser) enough() bool { return len(p.problems) >= maxProblems }

func (p *parser) reportAll(problems []diag.Problem) {
	for _, problem := range problems {
		p.report(problem)
	}
}

// parse = "---" front "---" body .
func (p *parser) parse(src []byte) {
	p.file.Lines = countLines(src)
	text, pos, refusal := readable(src)
	if refusal != "" {
		p.errorf(pos, "%s", refusal)
		return
	}
	p.src = newSource(text)
	front, bodyLine, ok := p.splitFront()
	if !ok {
		return
	}
	p.front(front)
	if pos, refusal := p.src.tooHard(bodyLine); refusal != "" {
		p.errorf(pos, "%s", refusal)
		return
	}
	p.body(bodyLine)
}

// countLines counts the lines of a file, whatever ends them.
func countLines(src []byte) int {
	n := bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) - bytes.Count(src, []byte("\r\n"))
	if len(src) > 0 && src[len(src)-1] != '\n' && src[len(src)-1] != '\r' {
		n++
	}
	return n
}
