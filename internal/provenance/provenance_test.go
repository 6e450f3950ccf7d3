package provenance

import "testing"

func TestWords(t *testing.T) {
	tests := []struct {
		in   Provenance
		want string
	}{
		{Provenance{}, "Source: not given. Not checked yet. We are not sure. Ask your lawyer."},
		{
			Provenance{[]string{"A", "B"}, "November 2026, not by a lawyer", Read},
			"Source: A; B. Checked November 2026, not by a lawyer. We read this in the source.",
		},
		{
			Provenance{[]string{"A"}, "November 2026", "guessed"},
			"Source: A. Checked November 2026. We are not sure. Ask your lawyer.",
		},
	}
	for _, tt := range tests {
		if got := tt.in.Words(); got != tt.want {
			t.Errorf("%+v.Words() = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestOnlyKnownGradesGoWithoutALawyer(t *testing.T) {
	for _, c := range Grades {
		if got, want := c.NeedsLawyer(), c == Unsure; got != want {
			t.Errorf("%q.NeedsLawyer() = %v, want %v", c, got, want)
		}
		if !c.IsKnown() {
			t.Errorf("%q.IsKnown() = false, want true", c)
		}
	}
	for _, c := range []Confidence{"", "READ", "certain"} {
		if !c.NeedsLawyer() {
			t.Errorf("%q.NeedsLawyer() = false, want true", c)
		}
		if c.IsKnown() {
			t.Errorf("%q.IsKnown() = true, want false", c)
		}
	}
}
