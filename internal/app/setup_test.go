package app_test

import (
	"testing"

	"roundtable/internal/app/apptest"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

func TestSetUp(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Two(t, s)
		for _, r := range []people.Role{people.Director, people.Admin, people.Desk} {
			who := w.A.As(t, r)
			if who.Person == "" || who.Pseudonym == "" {
				t.Errorf("As(%s) = %+v", r, who)
			}
		}
		t.Log(w.Log)
	})
}
