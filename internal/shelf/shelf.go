// Package shelf says what stands beside the playbooks that Roundtable ships: the
// policies, laws and handouts to which they may link.
package shelf

import (
	"roundtable/internal/handout"
	"roundtable/internal/law"
	"roundtable/internal/policy"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
)

// Shipped returns the names of what is shipped. A law value that cannot be read
// counts as the cautious one; those are returned as problems, to be told.
func Shipped() (resolve.Shelf, []diag.Problem, error) {
	policies, err := policy.Starter()
	if err != nil {
		return resolve.Shelf{}, nil, err
	}
	handouts, err := handout.Starter()
	if err != nil {
		return resolve.Shelf{}, nil, err
	}
	s := resolve.Shelf{Policies: map[string][]string{}, Laws: law.Topics(), Columns: law.Columns()}
	for _, p := range policies {
		for _, c := range p.Clauses {
			s.Policies[p.ID] = append(s.Policies[p.ID], c.ID)
		}
	}
	for _, h := range handouts {
		s.Handouts = append(s.Handouts, h.ID)
	}
	return s, law.Problems(), nil
}
