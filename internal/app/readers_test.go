package app

import (
	"slices"
	"testing"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/people"
)

// TestReaders: who may read a record, by its class.
func TestReaders(t *testing.T) {
	now := time.Date(2026, 3, 4, 14, 5, 0, 0, time.UTC)
	for _, test := range []struct {
		record  string
		sealed  bool
		want    []people.Role
		tasked  []people.Role
		authors bool
	}{
		{"incident", false, []people.Role{people.InCharge, people.Director}, []people.Role{people.Desk}, false},
		{"incident", true, []people.Role{people.Director}, []people.Role{people.Desk}, false},
		{"conduct", false, []people.Role{people.InCharge, people.Director}, []people.Role{people.Counsel}, false},
		{"conduct", true, []people.Role{people.Director}, []people.Role{people.InCharge, people.Counsel}, false},
		{"demand", false, []people.Role{people.Director, people.Counsel}, nil, false},
		{"abuse", false, []people.Role{people.SafetyLead}, nil, true},
		{"none", false, nil, nil, false},
	} {
		got := readersOf(access.Subject{Kind: access.Case, Library: "elm", Branch: "main", Class: access.ClassOf(test.record), Sealed: test.sealed, Running: true, Authors: []people.PersonID{"somebody"}}, now)
		if !slices.Equal(got.Roles, test.want) || !slices.Equal(got.Tasked, test.tasked) || got.Authors != test.authors {
			t.Errorf("readersOf(%s, sealed: %v) = %+v, want %v, %v, %v", test.record, test.sealed, got, test.want, test.tasked, test.authors)
		}
	}
}
