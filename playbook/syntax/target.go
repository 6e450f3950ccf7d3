package syntax

import (
	"strings"

	"roundtable/playbook/diag"
)

// target = "#" ID | endTarget | partTarget .
func (b *bodyParser) target(a address) Target {
	dest := a.dest.text
	var t Target
	switch {
	case strings.HasPrefix(dest, "#") && len(dest) > 1:
		t = Target{Kind: ToStep, Name: Name{Text: unpercent(dest[1:]), Pos: a.dest.at(0)}}
	case strings.HasPrefix(dest, "end:"):
		return b.endTarget(a)
	case strings.HasSuffix(dest, ".md"):
		t = b.partTarget(a.dest)
	default:
		b.badTarget(a.dest)
	}
	if a.title.text != "" && t.Kind != NoTarget {
		b.errorf(a.title.at(0), "only an end has words in quotes behind its address: leave them out")
	}
	return t
}

// badTarget tells about an address that a choice cannot lead to.
func (b *bodyParser) badTarget(dest spelled) {
	pos, text := dest.at(0), dest.text
	scheme, _, found := strings.Cut(text, ":")
	file, fragment, _ := strings.Cut(text, "#")
	switch {
	case text == "" || text == "#":
		b.errorf(pos, "this choice leads nowhere: write #step, end:outcome or other.md")
	case strings.HasSuffix(file, ".md") && fragment != "":
		b.errorf(pos, "a part begins at its first step: write %s", clip(file))
	case found && diag.Nearest(scheme, []string{"end"}) != "":
		b.errorf(pos, "a choice leads to #step, end:outcome or other.md, not %q; did you mean \"end:\"?", clip(text))
	case found:
		b.errorf(pos, "a choice leads to #step, end:outcome or other.md, not %q: put this link in the step's text", clip(text))
	default:
		b.errorf(pos, "a choice leads to #step, end:outcome or other.md; did you mean \"#%s\"?", clip(Slug(text)))
	}
}

// partTarget = ID [ "." LANG ] ".md" .
func (b *bodyParser) partTarget(dest spelled) Target {
	stem := strings.TrimSuffix(dest.text, ".md")
	id, lang, hasLang := strings.Cut(stem, ".")
	switch {
	case strings.ContainsAny(stem, `/\`):
		b.errorf(dest.at(0), "write the file's name without its folder: %s", clip(dest.text[strings.LastIndexAny(dest.text, `/\`)+1:]))
		return Target{}
	case !isID(id) || hasLang && !langTag.MatchString(lang):
		b.errorf(dest.at(0), "%q cannot be a playbook's file: such names are small letters, digits and -, like other.md", clip(dest.text))
		return Target{}
	}
	return Target{Kind: ToPart, Name: Name{Text: id, Pos: dest.at(0)}, File: dest.text}
}

// endTarget = "end" ":" NAME [ QUOTE endTitle QUOTE ] .
func (b *bodyParser) endTarget(a address) Target {
	outcome := a.dest.slice(len("end:"), len(a.dest.text))
	t := Target{Kind: ToEnd, Name: outcome.name()}
	if wrong := badName(outcome.text, "outcome"); wrong != "" {
		b.errorf(outcome.at(0), "%s", wrong)
		t = Target{}
	}
	if a.title.text != "" {
		b.endTitle(&t, a.title)
	}
	return t
}

// endTitle = ( NAME | partTarget | "good" ) { "," ( NAME | partTarget | "good" ) } .
func (b *bodyParser) endTitle(t *Target, title spelled) {
	for _, part := range title.split(',') {
		switch {
		case strings.HasSuffix(part.text, ".md"):
			if t.Opens.Text != "" {
				b.errorf(part.at(0), "an end opens one file, and this names a second")
			} else if file := b.partTarget(part); file.Kind == ToPart {
				t.Opens = file.Name
			}
		case part.text == "good" && (b.file.Front.Kind == Rehearsal || b.file.IsTranslation()): // of a translation, its original decides
			t.Good = true
		case part.text == "good":
			b.errorf(part.at(0), "\"good\" marks the aim of a rehearsal: here stands the role that has it now")
		case t.Owner.Text != "":
			b.errorf(part.at(0), "an end names one role, and this is a second; a file's name ends in .md")
		default:
			t.Owner = b.checkedName(part, "role")
		}
	}
}
