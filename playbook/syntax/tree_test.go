package syntax

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/playbook/diag"
)

// TestTree holds the trees of the files in testdata/tree against goldens.
func TestTree(t *testing.T) {
	files, err := filepath.Glob("testdata/tree/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %d files, %v", len(files), err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := Parse(filepath.Base(path), src)
		for _, p := range problems {
			t.Errorf("Parse(%s): %d:%d: %s", p.File, p.Pos.Line, p.Pos.Column, p.Message)
		}
		checkPlaces(t, f)
		var b strings.Builder
		dumpTree(&b, reflect.ValueOf(f).Elem(), 0)
		golden := strings.TrimSuffix(path, ".md") + ".tree"
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); d != "" {
			t.Errorf("Parse(%s): tree (-want +got):\n%s", path, d)
		}
	}
}

// dumpTree prints a value with one field to a line; what is zero is left out.
func dumpTree(b *strings.Builder, v reflect.Value, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.Kind() == reflect.Interface {
			fmt.Fprintf(b, "%s%s\n", indent, strings.TrimPrefix(v.Elem().Type().String(), "*syntax."))
		}
		dumpTree(b, v.Elem(), depth)
	case reflect.Slice:
		for i := range v.Len() {
			fmt.Fprintf(b, "%s- %s\n", indent, dumpShort(v.Index(i)))
			if dumpShort(v.Index(i)) == "" {
				dumpTree(b, v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			fmt.Fprintf(b, "%s%s: %s\n", indent, k, dumpShort(v.MapIndex(k)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			if field.IsZero() {
				continue
			}
			short := dumpShort(field)
			fmt.Fprintf(b, "%s%s: %s\n", indent, v.Type().Field(i).Name, short)
			if short == "" {
				dumpTree(b, field, depth+1)
			}
		}
	}
}

// dumpShort is a value that fits a line, or "".
func dumpShort(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case diag.Position:
		return fmt.Sprintf("%d:%d", x.Line, x.Column)
	case Name:
		return fmt.Sprintf("%q %d:%d", x.Text, x.Pos.Line, x.Pos.Column)
	case Expr:
		return fmt.Sprintf("`%s` %d:%d", x, x.Start().Line, x.Start().Column)
	case InlineKind:
		return []string{"Text", "Code", "Emph", "Strong", "Anchor", "SoftBreak", "HardBreak"}[x]
	case BlockKind:
		return []string{"Paragraph", "Quote", "List"}[x]
	case TargetKind:
		return []string{"NoTarget", "ToStep", "ToEnd", "ToPart"}[x]
	}
	switch v.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Bool, reflect.Int:
		return fmt.Sprint(v.Interface())
	}
	return ""
}

// checkPlaces checks that every place in the tree lies within the file.
func checkPlaces(t testing.TB, f *File) {
	t.Helper()
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if v.Type() == reflect.TypeFor[diag.Position]() {
			pos := v.Interface().(diag.Position)
			if pos != (diag.Position{}) && (pos.Line < 1 || pos.Line > f.Lines || pos.Column < 1) {
				t.Errorf("%s = %v, want a place within %d lines", path, pos, f.Lines)
			}
			return
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	walk("File", reflect.ValueOf(f))
}
