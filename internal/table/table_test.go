package table

import (
	"strings"
	"testing"

	"roundtable/playbook/diag"
)

func TestRead(t *testing.T) {
	got, problems := Read("t.csv", []byte("\ufeffb,a\n é ,\"x, \"\"y\"\"\"\n\"two\nlines\",z\n"), "a", "b")
	if len(problems) != 0 {
		t.Fatalf("Read told %v, want nothing", problems)
	}
	if len(got.Rows) != 2 {
		t.Fatalf("Read gave %d rows, want 2", len(got.Rows))
	}
	if a := got.Rows[0].Text("a"); a != `x, "y"` {
		t.Errorf("row 1, a = %q, want %q", a, `x, "y"`)
	}
	if b := got.Rows[0].Text("b"); b != "é" {
		t.Errorf("row 1, b = %q, want %q", b, "é")
	}
	want := diag.Position{Line: 2, Column: 5}
	if pos := got.Rows[0].Cell("a").Pos; pos != want {
		t.Errorf("row 1, a stands at %v, want %v", pos, want)
	}
	if pos := got.Rows[1].Cell("a").Pos.Line; pos != 4 {
		t.Errorf("row 2, a stands on line %d, want 4", pos)
	}
	if missing := got.Rows[0].Text("c"); missing != "" {
		t.Errorf("a column that is not there = %q, want an empty text", missing)
	}
}

func TestReadTells(t *testing.T) {
	tests := []struct {
		name, in string
		rows     int
		line     int
		want     string
	}{
		{"empty", "", 0, 1, "no header"},
		{"missing column", "a\n1\n", 0, 1, `no column "b"`},
		{"unknown column", "a,b,c\n1,2,3\n", 0, 1, `unknown column "c"`},
		{"column twice", "a,a,b\n1,2,3\n", 0, 1, `two columns are named "a"`},
		{"short row, others kept", "a,b\n1\n1,2\n", 1, 2, "1 cells"},
		{"long row, others kept", "a,b\n1,2\n1,2,3\n", 1, 3, "3 cells"},
		{"bare quote, others kept", "a,b\n1,x\"y\n1,2\n", 1, 2, "quotation mark"},
		{"bad UTF-8", "a,b\n\xff,1\n", 0, 1, "UTF-8"},
		{"too large", strings.Repeat("x", MaxBytes+1), 0, 1, "larger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := Read("t.csv", []byte(tt.in), "a", "b")
			if len(got.Rows) != tt.rows {
				t.Errorf("Read gave %d rows, want %d", len(got.Rows), tt.rows)
			}
			if len(problems) == 0 {
				t.Fatalf("Read told nothing, want %q", tt.want)
			}
			if p := problems[0]; p.Pos.Line != tt.line || !strings.Contains(p.Message, tt.want) {
				t.Errorf("Read told %q at line %d, want %q at line %d", p.Message, p.Pos.Line, tt.want, tt.line)
			}
		})
	}
}

func TestReadIsBounded(t *testing.T) {
	_, problems := Read("t.csv", []byte("a,b\n"+strings.Repeat("1\n", 50_000)), "a", "b")
	if len(problems) != maxProblems {
		t.Errorf("Read told %d problems, want %d", len(problems), maxProblems)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "a,b\n1,2\n", "a,b\n\"1\n2\",3\n", "b,a\n\"", "a,b\r\n\xc3,\"\"\"\"\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, problems := Read("t.csv", data, "a", "b")
		for _, p := range problems {
			if !p.Pos.IsValid() || p.Message == "" {
				t.Errorf("Read told %+v, want a place and words", p)
			}
		}
		for _, row := range got.Rows {
			if row.Text("a") != strings.TrimSpace(row.Text("a")) || !row.Cell("b").Pos.IsValid() {
				t.Errorf("Read gave %+v, want trimmed cells with places", row)
			}
		}
	})
}
