package playbook_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roundtable/playbook"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// file is a playbook, or with other keys in the front matter something else.
func file(id, front, body string) string {
	if front == "" {
		front = "owner: director\nreview: 2099-01-01\n"
	}
	return "---\nid: " + id + "\ntitle: T\nsummary: S\n" + front + "---\n\n# T\n\n" + body
}

func step(heading, choices string) string {
	return "## " + heading + "\n\n### Next\n" + choices + "\n\n"
}

// tree writes files into a new folder and goes there.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func names(files []*syntax.File) []string {
	var list []string
	for _, f := range files {
		list = append(list, f.Name)
	}
	return list
}

func TestLoad(t *testing.T) {
	end := step("Go", "- [On](end:done)")
	to := func(part string) string { return step("Go", "- [On]("+part+".md)\n  - [done](end:done \"other.md\")") }
	tree(t, map[string]string{
		"set/b.md": file("b", "", end), "set/a/z.md": file("z", "", end), "set/a-b.md": file("a-b", "", end),
		"set/README.md": "# Read me", "set/a/readme.md": "# Read me", "set/notes.txt": "", "set/.git/x.md": "", "set/.#lock.md": "",
		"one/main.md": file("main", "", to("part")), "one/part.md": file("part", "kind: part\n", to("far")), "one/far.md": file("far", "kind: part\n", end),
		"one/other.md": file("other", "", end), "one/main.es.md": file("main", "lang: es\ntranslates: main\n", to("part")),
		"one/part.es.md": file("part", "lang: es\ntranslates: part\n", to("far")), "one/unasked.md": file("unasked", "", end),
		"one/rehearse.md": file("rehearse", "kind: rehearsal\nrehearses: main\n", end), "one/mainly.md": file("mainly", "", end),
		"empty/x.txt": "",
	})
	for _, tt := range []struct {
		paths []string
		asked []string
		all   []string
	}{
		{[]string{"set"}, []string{"set/a-b.md", "set/a/z.md", "set/b.md"}, nil},
		{[]string{"./set/"}, []string{"set/a-b.md", "set/a/z.md", "set/b.md"}, nil},
		{[]string{"set/b.md", "set", "set/b.md"}, []string{"set/b.md", "set/a-b.md", "set/a/z.md"}, nil},
		{[]string{"./set/b.md", "set/b.md"}, []string{"./set/b.md"}, nil},
		{[]string{"empty"}, nil, nil},
		{[]string{"set/README.md"}, []string{"set/README.md"}, nil},
		{[]string{"one/main.md"}, []string{"one/main.md"},
			[]string{"one/far.md", "one/main.es.md", "one/main.md", "one/other.md", "one/part.es.md", "one/part.md"}},
		{[]string{"one/main.es.md"}, []string{"one/main.es.md"},
			[]string{"one/far.md", "one/main.es.md", "one/main.md", "one/other.md", "one/part.es.md", "one/part.md"}},
		{[]string{"one/rehearse.md"}, []string{"one/rehearse.md"},
			[]string{"one/far.md", "one/main.es.md", "one/main.md", "one/other.md", "one/part.es.md", "one/part.md", "one/rehearse.md"}},
	} {
		set, errs := playbook.Load(resolve.Shelf{}, tt.paths...)
		if len(errs) > 0 {
			t.Errorf("Load(%q) = %v", tt.paths, errs)
		}
		if got := names(set.Asked); !slices.Equal(got, tt.asked) {
			t.Errorf("Load(%q) asked for %q, want %q", tt.paths, got, tt.asked)
		}
		all := names(set.Library.Files())
		slices.Sort(all)
		if tt.all != nil && !slices.Equal(all, tt.all) {
			t.Errorf("Load(%q) has %q, want %q", tt.paths, all, tt.all)
		}
	}
}

// TestLoadLinks: a folder may be named by a link; links to folders below it are
// not followed, so that a circle of links ends.
func TestLoadLinks(t *testing.T) {
	tree(t, map[string]string{"real/a.md": file("a", "", step("Go", "- [On](end:done)"))})
	for link, to := range map[string]string{"link": "real", "real/loop": "../real", "real/loop.md": "../real", "real/again.md": "a.md"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	set, errs := playbook.Load(resolve.Shelf{}, "link")
	if got, want := names(set.Asked), []string{"link/a.md", "link/again.md"}; len(errs) > 0 || !slices.Equal(got, want) {
		t.Errorf("Load(link) = %q, %v, want %q", got, errs, want)
	}
}

// TestLoadUnreadable: what cannot be read is told, and the rest read.
func TestLoadUnreadable(t *testing.T) {
	tree(t, map[string]string{"a.md": file("a", "", step("Go", "- [On](end:done)")), "set/b.md": file("b", "", step("Go", "- [On](end:done)"))})
	if err := os.Symlink("nowhere", "set/dangling.md"); err != nil {
		t.Skipf("no links here: %v", err)
	}
	set, errs := playbook.Load(resolve.Shelf{}, "missing.md", "a.md", "set", "missing")
	if got, want := names(set.Asked), []string{"a.md", "set/b.md"}; !slices.Equal(got, want) {
		t.Errorf("Load read %q, want %q", got, want)
	}
	var told []string
	for _, err := range errs {
		var pathErr *playbook.PathError
		if !errors.As(err, &pathErr) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Load told %v, want a *PathError that is not-exist", err)
		}
		told = append(told, err.Error())
	}
	want := []string{"there is no file or folder missing.md", "there is no file or folder set/dangling.md", "there is no file or folder missing"}
	if !slices.Equal(told, want) {
		t.Errorf("Load told %q, want %q", told, want)
	}
}

func TestPathError(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fs.ErrNotExist, "there is no file or folder x"},
		{fs.ErrPermission, "x may not be read: permission denied"},
		{errors.New("it is on fire"), "x could not be read: it is on fire"},
	} {
		if got := (&playbook.PathError{Path: "x", Err: tt.err}).Error(); got != tt.want {
			t.Errorf("PathError(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

// TestLoadLarge: a file that is too large is not read to its end, and told.
func TestLoadLarge(t *testing.T) {
	tree(t, map[string]string{"large.md": strings.Repeat("x\n", syntax.MaxFile)})
	set, errs := playbook.Load(resolve.Shelf{}, "large.md")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	_, problems := set.Compile(set.Asked[0])
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "larger than 4 MiB") {
		t.Errorf("Compile(large.md) told %v, want that it is too large", problems)
	}
}

func TestReferences(t *testing.T) {
	f, _ := syntax.Parse("a.md", []byte(file("a", "kind: rehearsal\nrehearses: r\n",
		step("Go", "- [On](p.md)\n  - [x](q.md)\n    - [y](end:done \"desk, o.md\")\n- [On](p.es.md)\n- [On](end:z \"s.md\")"))))
	if got, want := playbook.References(f), []string{"r", "p", "q", "o", "s"}; !slices.Equal(got, want) {
		t.Errorf("References = %q, want %q", got, want)
	}
}
