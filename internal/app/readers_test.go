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
		record string
		sealed bool
		want   []people.Role
		tasked bool
	}{
		{"incident", false, []people.Role{people.InCharge, people.Director}, true},
		{"incident", true, []people.Role{people.Director}, true},
		{"demand", false, []people.Role{people.Director, people.Counsel}, false},
		{"abuse", false, []people.Role{people.SafetyLead}, false},
		{"none", false, nil, false},
	} {
		got := readersOf(access.Subject{Kind: access.Case, Library: "elm", Branch: "main", Class: access.ClassOf(test.record), Sealed: test.sealed, Running: true, Authors: []people.PersonID{"somebody"}}, now)
		if !slices.Equal(got.Roles, test.want) || got.Tasked != test.tasked {
			t.Errorf("readersOf(%s, sealed: %v) = %+v, want %v, %v", test.record, test.sealed, got, test.want, test.tasked)
		}
	}
}
