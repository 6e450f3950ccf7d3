package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errDisk = errors.New("disk says no")

func invalid(pairs ...string) error {
	var f Fields
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f.Err()
}

func TestKindWordsAndLog(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		kind  Kind
		words string
		log   string
	}{
		{"any other error", errDisk, Internal, wordsInternal, "disk says no"},
		{"broken", Broken(errDisk), Internal, wordsInternal, "internal: disk says no"},
		{"zero", &Error{}, Internal, wordsInternal, "internal"},
		{"nil inside", (*Error)(nil), Internal, wordsInternal, "internal"},
		{"missing", Missing(), NotFound, wordsNotFound, "not found"},
		{"missing because", Missing().Because(errDisk), NotFound, wordsNotFound, "not found: disk says no"},
		{"refused", Refuse("Only Ana may.", "Ask her."), Refused, "Only Ana may. Ask her.", "refused"},
		{"conflict", Clash("Ana has it.", ""), Conflict, "Ana has it.", "conflict"},
		{"closed", Over("It has ended.", "Begin a new one."), Closed, "It has ended. Begin a new one.", "closed"},
		{"invalid", invalid("day", "Write 4 March."), Invalid, wordsInvalid, "invalid (day)"},
		{"wrapped", fmt.Errorf("close case 7: %w", Refuse("No.", "Ask.").Because(errDisk)), Refused, "No. Ask.", "close case 7: refused: disk says no"},
		{"the outer one counts", Missing().Because(Refuse("It is sealed.", "")), NotFound, wordsNotFound, "not found: refused"},
		{"broken hides a refusal", Broken(Refuse("It is sealed.", "")), Internal, wordsInternal, "internal: refused"},
		{"because of nobody", (*Error)(nil).Because(errDisk), Internal, wordsInternal, "internal: disk says no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(c.err); got != c.kind {
				t.Errorf("KindOf = %v, want %v", got, c.kind)
			}
			if got := Words(c.err); got != c.words {
				t.Errorf("Words = %q, want %q", got, c.words)
			}
			if got := c.err.Error(); got != c.log {
				t.Errorf("Error() = %q, want %q", got, c.log)
			}
		})
	}
}

// The words may speak of a case, so no way of printing an error may show them.
func TestWordsStayOutOfLogs(t *testing.T) {
	const canary = "CANARY"
	for _, err := range []error{
		Refuse(canary, canary).Because(errDisk),
		Clash(canary, canary),
		Over(canary, canary),
		invalid("name", canary),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			for _, e := range []any{err, struct{ Err error }{err}, fmt.Errorf("act: %w", err)} {
				if text := fmt.Sprintf(verb, e); strings.Contains(text, canary) {
					t.Errorf("Sprintf(%q) = %s, which shows the words for people", verb, text)
				}
			}
		}
	}
	if !strings.Contains(Words(Refuse(canary, "")), canary) {
		t.Error("the control failed: Words does not show the words")
	}
}

func TestCauseStaysOffPages(t *testing.T) {
	for _, err := range []error{Broken(errDisk), Missing().Because(errDisk), Refuse("No.", "").Because(errDisk), errDisk} {
		if words := Words(err); strings.Contains(words, "disk") {
			t.Errorf("Words(%v) = %q, which shows the cause", err, words)
		}
		if !errors.Is(err, errDisk) {
			t.Errorf("errors.Is(%v, the cause) = false, want true", err)
		}
	}
}

func TestFields(t *testing.T) {
	err := invalid("name", "Write a name.", "day", "Write a day.", "name", "It is too short.")
	want := []Field{{"name", "Write a name."}, {"day", "Write a day."}}
	got := FieldsOf(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FieldsOf (-want +got):\n%s", diff)
	}
	got[0].Message = "changed"
	if diff := cmp.Diff(want, FieldsOf(err)); diff != "" {
		t.Errorf("FieldsOf after its answer was changed (-want +got):\n%s", diff)
	}
	if err := invalid(); err != nil {
		t.Errorf("Err() of nothing = %v, want nil", err)
	}
	if got := FieldsOf(errDisk); got != nil {
		t.Errorf("FieldsOf(another error) = %v, want nil", got)
	}
}

func TestBecauseChangesNothingElse(t *testing.T) {
	base := Missing()
	base.Because(errDisk)
	if base.Unwrap() != nil {
		t.Error("Because changed the fault that it was called on")
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds {
		if seen[k.String()] {
			t.Errorf("two kinds are named %q", k)
		}
		seen[k.String()] = true
	}
	if len(seen) != len(names) {
		t.Errorf("Kinds has %d kinds, want %d", len(seen), len(names))
	}
	if got := Kind(200).String(); got != "internal" {
		t.Errorf("Kind(200) = %q, want %q", got, "internal")
	}
}
