package app_test

import (
	"testing"

	"roundtable/internal/app/apptest"
	"roundtable/internal/store/storetest"
)

func TestDoor(t *testing.T) {
	for _, tt := range []struct {
		name string
		w    *apptest.World
		want string
	}{
		{"nothing set up", apptest.Empty(t, storetest.SQLite(t)), ""},
		{"one library", apptest.New(t, storetest.SQLite(t)), "Elm Street Library"},
		{"two libraries", apptest.Two(t, storetest.SQLite(t)), ""},
	} {
		if got, err := tt.w.Door(t.Context()); got != tt.want || err != nil {
			t.Errorf("%s: Door() = %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}
