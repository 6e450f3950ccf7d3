package stepview

import (
	"strings"

	"roundtable/internal/web/page"
	"roundtable/internal/words"
	"roundtable/playbook/automaton"
)

// Ends lists every choice that ends a walk, as a device keeps it: how it ends, and
// who has it then.
func Ends(p *automaton.Program, sheet *words.Sheet, place Place) (list []page.KeptEnd) {
	names := rolesIn(sheet.Lang)
	for at := range p.Steps {
		for i, c := range p.Steps[at].Choices {
			if c.End < 0 || c.Unsent {
				continue
			}
			e := page.KeptEnd{Step: at + 1, Choice: i, Outcome: strings.ReplaceAll(p.Outcomes[c.End], "_", " ")}
			if c.Owner != "" {
				e.Owner, e.Lines = names.of(c.Owner), place.contacts(c.Owner)
			}
			list = append(list, e)
		}
	}
	return list
}
