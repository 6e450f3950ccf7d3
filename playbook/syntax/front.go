package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"roundtable/playbook/diag"
)

// maxChunks is how many keys a broken front matter may have for each of them
// to be read by itself.
const maxChunks = 64

// splitFront finds the front matter: what stands between a first line --- and
// the next one. It tells the line (from 0) at which the body begins.
func (p *parser) splitFront() (front []byte, bodyLine int, ok bool) {
	if !isFence(p.src.line(0)) {
		p.errorf(diag.Position{Line: 1, Column: 1}, "the first line must be ---, and the front matter follows it (id, title, …) up to a second ---")
		return nil, 0, false
	}
	p.file.Front.Pos = diag.Position{Line: 1, Column: 1}
	for i := 1; i < len(p.src.lines); i++ {
		if !isFence(p.src.line(i)) {
			continue
		}
		start := p.src.lines[1]
		if end := p.src.lines[i]; end-start <= maxFront {
			return p.src.text[start:end], i + 1, true
		}
		p.errorf(p.file.Front.Pos, "this front matter is longer than %d KiB, which no playbook's is", maxFront>>10)
		return nil, 0, false
	}
	p.errorf(p.file.Front.Pos, "the front matter that begins here has no end: close it with a line ---")
	return nil, 0, false
}

func isFence(line []byte) bool { return string(bytes.TrimRight(line, " \t")) == "---" }

// front = { frontEntry } .
func (p *parser) front(text []byte) {
	for _, entry := range p.frontEntries(text) {
		p.frontEntry(entry)
	}
	p.checkFront()
}

// entry is a key of the front matter with its value; Value is nil when the
// value could not be read (a problem has been told).
type entry struct {
	key, value *yaml.Node
}

// frontEntries reads the YAML. When it is broken, every key is read by itself,
// so that one slip does not hide the rest.
func (p *parser) frontEntries(text []byte) []entry {
	const firstLine = 1 // lines of the file above the front matter
	root, err := loadYAML(text)
	if err == nil {
		return p.entries(root, firstLine)
	}
	chunks := keyChunks(text)
	told := len(p.problems)
	var all []entry
	if len(chunks) <= maxChunks {
		for _, c := range chunks {
			all = append(all, p.chunkEntries(c, firstLine)...)
		}
	}
	if len(p.problems) == told {
		p.yamlError(err, firstLine)
	}
	return all
}

// chunk is the lines of one key.
type chunk struct {
	text []byte
	line int // lines of the front matter above it
}

// keyChunks cuts the front matter before each line that begins with a key.
func keyChunks(text []byte) []chunk {
	var chunks []chunk
	line := 0
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		one := text[:end]
		if beginsKey(one) || len(chunks) == 0 {
			chunks = append(chunks, chunk{line: line})
		}
		last := &chunks[len(chunks)-1]
		last.text = append(last.text, one...)
		text = text[end:]
		line++
	}
	return chunks
}

func beginsKey(line []byte) bool {
	return len(bytes.TrimSpace(line)) > 0 && !bytes.ContainsAny(line[:1], " \t#-}])")
}

func (p *parser) chunkEntries(c chunk, firstLine int) []entry {
	root, err := loadYAML(c.text)
	if err == nil {
		return p.entries(root, firstLine+c.line)
	}
	p.yamlError(err, firstLine+c.line)
	key, _, found := bytes.Cut(c.text, []byte(":"))
	if !found || !isName(string(key)) {
		return nil
	}
	return []entry{{key: &yaml.Node{Kind: yaml.ScalarNode, Value: string(key), Line: firstLine + c.line + 1, Column: 1}}}
}

// loadYAML reads YAML into nodes. Text without any value is a nil node.
func loadYAML(text []byte) (root *yaml.Node, err error) {
	defer func() {
		// The library is fuzzed, but a panic in it must not end the program.
		if v := recover(); v != nil {
			err = fmt.Errorf("the front matter cannot be read: %v", v)
		}
	}()
	if blankYAML(text) {
		return nil, nil
	}
	var document yaml.Node
	limits := loaderlimits.New(loaderlimits.DepthValue(maxDepth), loaderlimits.AliasNone())
	if err := yaml.Load(text, &document, yaml.WithPlugin(limits)); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	return document.Content[0], nil
}

func blankYAML(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// entries takes the keys out of the root, whose lines are counted from
// firstLine on.
func (p *parser) entries(root *yaml.Node, firstLine int) []entry {
	if root == nil {
		return nil
	}
	shiftLines(root, firstLine)
	if root.Kind != yaml.MappingNode {
		p.errorf(nodePos(root), "here comes a key, a colon and a value, like title: An officer is here")
		return nil
	}
	var all []entry
	for i := 0; i+1 < len(root.Content); i += 2 {
		all = append(all, entry{root.Content[i], root.Content[i+1]})
	}
	return all
}

func shiftLines(n *yaml.Node, by int) {
	n.Line += by
	for _, child := range n.Content {
		shiftLines(child, by)
	}
}

func nodePos(n *yaml.Node) diag.Position { return diag.Position{Line: n.Line, Column: n.Column} }

// yamlError tells about YAML that cannot be read, in plain words.
func (p *parser) yamlError(err error, firstLine int) {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		p.errorf(p.file.Front.Pos, "%v", err)
		return
	}
	pos := diag.Position{Line: e.Mark.Line + firstLine, Column: e.Mark.Column}
	opened := diag.Position{Line: e.ContextMark.Line + firstLine, Column: e.ContextMark.Column}
	pos.Column = max(1, pos.Column)
	for _, plain := range yamlMessages {
		if !strings.Contains(e.ContextMsg+": "+e.Message, plain.has) {
			continue
		}
		if plain.opened && e.ContextMark.Line > 0 {
			pos = opened
		}
		p.errorf(pos, "%s", plain.message)
		return
	}
	if e.Mark.Line == 0 {
		pos = p.file.Front.Pos
	}
	p.errorf(pos, "the front matter cannot be read here: %s", strings.TrimPrefix(e.Message, "yaml: "))
}

// yamlMessages say in plain words what the YAML library says in its own; the
// first that fits is taken. opened: the place is where the thing began.
var yamlMessages = []struct {
	has     string
	opened  bool
	message string
}{
	{"mapping values are not allowed", false, "there is a colon inside this value: put the whole value in quotes"},
	{"exceeded max depth", false, "the front matter is nested too deep here"},
	{"scanning a quoted scalar", true, "the quote that opens here is not closed"},
	{"parsing a flow sequence", true, "the list that opens here with [ is not closed with ], or lacks a comma"},
	{"parsing a flow mapping", true, "what opens here with { is not closed with }, or lacks a comma"},
	{"scanning an alias", false, "a value cannot begin with *: put it in quotes"},
	{"scanning an anchor", false, "a value cannot begin with &: put it in quotes"},
	{"scanning a tag", true, "a value cannot begin with !: put it in quotes"},
	{"unknown anchor", false, "a value cannot begin with *: put it in quotes"},
	{"found character that cannot start any token", false, "a value cannot begin with this character (put it in quotes), and a line cannot begin with a tab (use spaces)"},
	{"could not find expected ':'", true, "there is no colon after the key of this line"},
	{"did not find expected key", false, "here comes a key and a colon: is this line indented like the others?"},
	{"did not find expected '-' indicator", false, "here comes an item with -: is this line indented like the others?"},
	{"found multiple", false, "a front matter has no further --- within it"},
}

// plainYAML tells about anchors, aliases and tags in the value and reports
// whether there are none. They have no use in a playbook, and they are how a
// small file is made to take a large memory.
func (p *parser) plainYAML(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		p.errorf(nodePos(n), "a value cannot begin with *: put it in quotes")
		return false
	case n.Anchor != "":
		p.errorf(nodePos(n), "a value cannot begin with &: put it in quotes")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		p.errorf(nodePos(n), "a value cannot begin with !: put it in quotes")
		return false
	}
	for _, child := range n.Content {
		if !p.plainYAML(child) {
			return false
		}
	}
	return true
}

// frontEntry = KEY ":" ( scalar | items | declarations | needsValue | rulesValue ) .
func (p *parser) frontEntry(e entry) {
	key, pos := e.key.Value, nodePos(e.key)
	if e.key.Kind != yaml.ScalarNode {
		p.errorf(pos, "here comes a key, like title")
		return
	}
	read, known := frontKeys[key]
	if !known {
		p.errorf(pos, "there is no key %q%s", clip(key), meant(key, keyOrder))
		return
	}
	if first, twice := p.file.Front.Keys[key]; twice {
		p.errorf(pos, "the key %q stands here a second time (first in line %d)", key, first.Line)
		return
	}
	p.file.Front.Keys[key] = pos
	if e.value != nil && p.plainYAML(e.value) {
		read(p, e.value)
	}
}

// checkFront checks what the keys say about each other.
func (p *parser) checkFront() {
	front := &p.file.Front
	required := []string{"id", "title", "summary"}
	switch {
	case p.file.IsTranslation():
		required = []string{"id", "lang", "translates", "title", "summary"}
		for _, key := range keyOrder {
			if pos, has := front.Keys[key]; has && !slices.Contains(required, key) {
				p.errorf(pos, "a translation takes its %s from its original: leave this out", key)
			}
		}
	case front.Kind == Playbook:
		required = append(required, "owner", "review")
	case front.Kind == Rehearsal:
		required = append(required, "rehearses")
	}
	for _, key := range required {
		if _, has := front.Keys[key]; !has {
			p.errorf(front.Pos, "the front matter has no %s", key)
		}
	}
	p.checkKeysOfKind()
	p.checkDeclaredTwice()
	p.checkFileName()
}

// checkKeysOfKind tells about keys that only another kind of file has.
func (p *parser) checkKeysOfKind() {
	front := &p.file.Front
	for key, kind := range map[string]Kind{"rehearses": Rehearsal, "needs": Part} {
		if pos, has := front.Keys[key]; has && front.Kind != kind && !p.file.IsTranslation() {
			p.errorf(pos, "only a file with kind: %s has %s", kind, key)
		}
	}
}

// checkDeclaredTwice tells about names that are given and facts at once.
func (p *parser) checkDeclaredTwice() {
	for _, f := range p.file.Front.Facts {
		for _, g := range p.file.Front.Given {
			if f.Name.Text == g.Name.Text {
				p.errorf(f.Name.Pos, "%q is under given already: a fact is either given or set on the way", f.Name.Text)
			}
		}
	}
}

// sameLanguage reports whether the language in a file's name is the file's:
// es in the name stands for es-MX too.
func sameLanguage(inName, lang string) bool {
	return strings.EqualFold(inName, lang) || strings.HasPrefix(strings.ToLower(lang), strings.ToLower(inName)+"-")
}

// checkFileName checks that the id is the file's name without its ending and
// its language.
func (p *parser) checkFileName() {
	id := p.file.Front.ID
	base := p.file.Name[strings.LastIndexAny(p.file.Name, `/\`)+1:]
	stem, isMarkdown := strings.CutSuffix(base, ".md")
	if !isMarkdown || !isID(id.Text) {
		return
	}
	name, lang, hasLang := strings.Cut(stem, ".")
	switch {
	case hasLang && !sameLanguage(lang, p.file.Front.Lang.Text):
		p.errorf(id.Pos, "the file's name %s says that its language is %q, but lang is %q", base, lang, p.file.Front.Lang.Text)
	case name != id.Text:
		p.errorf(id.Pos, "the id %q is not the file's name: write id: %s, or name the file %s.md", id.Text, name, id.Text)
	}
}
