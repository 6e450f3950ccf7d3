package syntax

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"roundtable/playbook/diag"
)

// maxValues is how many values a fact may have: a set of them fits a machine word.
const maxValues = 64

// declarations = { declaration } .
func (p *parser) declarations(n *yaml.Node, given bool) []*FactDecl {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		p.errorf(nodePos(n), "here come facts, each on a line of its own, like told: no | yes")
		return nil
	}
	var decls []*FactDecl
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := p.nameValue(n.Content[i], "fact")
		if name.Text == "" {
			continue
		}
		if seen[name.Text] {
			p.errorf(name.Pos, "the fact %q is declared a second time", clip(name.Text))
			continue
		}
		seen[name.Text] = true
		decl := &FactDecl{Name: name}
		p.declaration(decl, n.Content[i+1], given)
		decls = append(decls, decl)
	}
	return decls
}

// declaration = NAME ":" ( domain | given ) .
func (p *parser) declaration(decl *FactDecl, n *yaml.Node, given bool) {
	switch {
	case n.Kind != yaml.MappingNode:
		decl.Values = p.domain(n, decl.Name)
	case given:
		p.given(decl, n)
	default:
		p.errorf(nodePos(n), "only facts under given are asked in the settings; write the values of %q, like no | yes", decl.Name.Text)
	}
}

// given = [ "ask" ":" TEXT ] [ "law" ":" ID ] "is" ":" domain .
func (p *parser) given(decl *FactDecl, n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			p.errorf(nodePos(key), "the key %q stands here a second time", clip(key.Value))
			continue
		}
		seen[key.Value] = true
		switch key.Value {
		case "ask":
			decl.Ask = p.lineValue(value, "question").Text
		case "law":
			law := p.lineValue(value, "law")
			if law.Text != "" && !isReference(law.Text) {
				p.errorf(law.Pos, "%q cannot name a column of the law: such names are small letters, digits, _ and -", clip(law.Text))
			}
			decl.Law = law.Text
		case "is":
			decl.Values = p.domain(value, decl.Name)
		default:
			p.errorf(nodePos(key), "there is no key %q here: write ask, law or is%s", clip(key.Value), meant(key.Value, []string{"ask", "law", "is"}))
		}
	}
	if !seen["is"] {
		p.errorf(decl.Name.Pos, "the fact %q has no values: write is: and the values, like is: yes | no", decl.Name.Text)
	}
}

// domain = VALUE { "|" VALUE } | "yes?" | "[" VALUE { "," VALUE } "]" .
func (p *parser) domain(n *yaml.Node, fact Name) []Name {
	var parts []spelled
	switch {
	case n.Kind == yaml.MappingNode || isNull(n):
		p.errorf(domainPos(n, fact), "the fact %q has no values: write them like no | yes", clip(fact.Text))
		return nil
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			if text, ok := p.scalar(item, "value"); ok {
				parts = append(parts, text)
			}
		}
	default:
		text := p.spelledNode(n).trim()
		if text.text == "yes?" {
			return []Name{{"no", text.at(0)}, {"yes", text.at(0)}}
		}
		parts = text.split('|')
	}
	if len(parts) == 0 && len(n.Content) == 0 {
		p.errorf(nodePos(n), "the fact %q has no values: write them like no | yes", clip(fact.Text))
	}
	return p.domainValues(parts, fact)
}

func domainPos(n *yaml.Node, fact Name) diag.Position {
	if isNull(n) {
		return fact.Pos
	}
	return nodePos(n)
}

func (p *parser) domainValues(parts []spelled, fact Name) []Name {
	if len(parts) > maxValues {
		p.errorf(parts[maxValues].at(0), "the fact %q has %d values; there can be %d", clip(fact.Text), len(parts), maxValues)
		parts = parts[:maxValues]
	}
	var values []Name
	seen := map[string]bool{}
	for _, part := range parts {
		wrong := badName(part.text, "value")
		switch {
		case part.text == "":
			wrong = fmt.Sprintf("a value of %q is missing here", clip(fact.Text))
		case part.text == "no?" || part.text == "yes?":
			wrong = "yes? stands alone, and means no | yes"
		case seen[part.text]:
			wrong = fmt.Sprintf("the value %q of %q stands here a second time", clip(part.text), clip(fact.Text))
		}
		if wrong != "" {
			p.errorf(part.at(0), "%s", wrong)
			continue
		}
		seen[part.text] = true
		values = append(values, part.name())
	}
	return values
}
