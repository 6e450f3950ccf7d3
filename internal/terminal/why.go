package terminal

import (
	"fmt"

	"roundtable/playbook/syntax"
)

// texts lists a step's links to policies, laws and handouts, each once.
func (s *session) texts(at int) []*syntax.Link {
	var list []*syntax.Link
	seen := map[string]bool{}
	for _, l := range s.o.Compiled.Places[at].Step.Links() {
		switch l.Kind {
		case syntax.Policy, syntax.Law, syntax.Handout:
			key := string(l.Kind) + ":" + l.Name.Text + "#" + l.Clause
			if !seen[key] {
				seen[key] = true
				list = append(list, l)
			}
		}
	}
	return list
}

func (s *session) hasTexts(at int) bool {
	return s.o.Compiled.Places[at].Step.Section(syntax.Why) != nil || len(s.texts(at)) > 0
}

// why shows the step's reasons, and the texts that it points to with where each
// comes from.
func (s *session) why(at int) error {
	section := s.o.Compiled.Places[at].Step.Section(syntax.Why)
	links := s.texts(at)
	if section == nil && len(links) == 0 {
		return s.refuse("%s", s.words.noWhy)
	}
	s.print("\n")
	if section != nil {
		s.section(at, section)
	}
	for _, l := range links {
		s.print("\n")
		text, ok := s.o.Text(l)
		if !ok {
			s.lines(wrap(fmt.Sprintf(s.words.noText, "“"+syntax.PlainText(l.Label)+"”"), s.o.Width))
			continue
		}
		s.lines(s.styled(bold, wrap(text.Title, s.o.Width)))
		for _, line := range text.Lines {
			s.lines(hang("  ", line, s.o.Width))
		}
		if text.Source != "" {
			s.lines(s.styled(dim, hang("  ", text.Source, s.o.Width)))
		}
	}
	s.print("\n")
	return s.pause(at)
}
