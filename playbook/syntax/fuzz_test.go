package syntax

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.txt", "testdata/*/*.md", "../starter/*.md"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			if src, err := os.ReadFile(path); err == nil {
				f.Add(stripMarkers(src))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, problems := Parse("x.md", src)
		if file == nil {
			t.Fatal("Parse = nil")
		}
		checkPlaces(t, file)
		for _, p := range problems {
			if p.Pos.Line < 1 || p.Pos.Line > max(1, file.Lines) || p.Pos.Column < 1 || p.Message == "" || p.File != "x.md" {
				t.Errorf("Parse: problem %+v, want it within %d lines", p, file.Lines)
			}
		}
	})
}

func FuzzParseExpr(f *testing.F) {
	for _, seed := range []string{"a is b and not (c or d != e)", "at a/\"b c\"", "outcome in (x, y)", "called a or ended", "\"", "((", "é = ≠"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, problems := ParseExpr(text, line1)
		if (e == nil) != (len(problems) > 0) {
			t.Fatalf("ParseExpr(%q) = %v, %v", text, e, problems)
		}
		if e == nil {
			return
		}
		again, problems := ParseExpr(e.String(), line1)
		if d := cmp.Diff(e, again, ignorePlaces); d != "" || len(problems) > 0 {
			t.Errorf("ParseExpr(%q) from %q: %v, tree (-want +got):\n%s", e, text, problems, d)
		}
	})
}

func FuzzParseSentence(f *testing.F) {
	for _, seed := range []string{"never a unless b", "a before b", "a leads to b", "every end has a", "every path ends", "a stays possible if b", "neutral about a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := ParseSentence(text, line1)
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("ParseSentence(%q) = %v, %v", text, s, problems)
		}
		if s == nil {
			return
		}
		again, problems := ParseSentence(s.String(), line1)
		if d := cmp.Diff(s, again, ignorePlaces); d != "" || len(problems) > 0 {
			t.Errorf("ParseSentence(%q) from %q: %v, tree (-want +got):\n%s", s, text, problems, d)
		}
	})
}
