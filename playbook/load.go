package playbook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

// Set is a set of files that have been read: those that were asked for, and
// beside them those that they refer to.
type Set struct {
	Asked   []*syntax.File
	Library *resolve.Library
}

// PathError is a path that could not be read.
type PathError struct {
	Path string
	Err  error
}

// Error says what could not be read and why, in plain words.
func (e *PathError) Error() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return fmt.Sprintf("there is no file or folder %s", e.Path)
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf("%s may not be read: permission denied", e.Path)
	}
	return fmt.Sprintf("%s could not be read: %v", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *PathError) Unwrap() error { return e.Err }

// Shipped reads the files that Roundtable ships. They are all asked for.
func Shipped(shelf resolve.Shelf) *Set {
	set := &Set{Library: &resolve.Library{Shelf: shelf}}
	entries, err := starter.Files.ReadDir(".")
	if err != nil {
		panic(err) // embedded: it was there when this was built
	}
	for _, e := range entries {
		data, err := starter.Files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		set.ask(e.Name(), data)
	}
	return set
}

func (s *Set) ask(name string, data []byte) {
	s.Asked = append(s.Asked, s.add(name, data))
}

func (s *Set) add(name string, data []byte) *syntax.File {
	f, problems := syntax.Parse(name, data)
	s.Library.Add(f, problems)
	return f
}

// Load reads files and folders. A folder stands for every .md file below it
// but README.md, sorted; it is one library. Beside a file that is named by
// itself, those in its folder that it refers to are read too, but not asked
// for. What cannot be opened is told in errs, each a *PathError; the rest is
// read all the same.
func Load(shelf resolve.Shelf, paths ...string) (set *Set, errs []error) {
	set = &Set{Library: &resolve.Library{Shelf: shelf}}
	l := loader{set: set, loaded: map[string]bool{}}
	for _, p := range paths {
		l.load(p)
	}
	l.loadReferences()
	return set, l.errs
}

type loader struct {
	set    *Set
	loaded map[string]bool // by clean path
	errs   []error
}

func (l *loader) load(p string) {
	info, err := os.Stat(p)
	switch {
	case err != nil:
		l.fail(p, err)
	case info.IsDir():
		l.folder(p)
	default:
		l.file(p, true)
	}
}

func (l *loader) fail(p string, err error) {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	l.errs = append(l.errs, &PathError{Path: filepath.ToSlash(p), Err: err})
}

func (l *loader) folder(root string) {
	var files []string
	// WalkDir does not follow links to folders, so it always ends.
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.fail(p, err)
		case d.IsDir():
			if p != root && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
		case strings.HasSuffix(d.Name(), ".md") && !strings.EqualFold(d.Name(), "README.md"):
			files = append(files, p)
		}
		return nil
	})
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(filepath.ToSlash(a), filepath.ToSlash(b)) })
	for _, p := range files {
		l.file(p, true)
	}
}

// maxFile is how much of a file is read: enough for the parser to see that it
// is too large.
const maxFile = syntax.MaxFile + 1

func (l *loader) file(p string, asked bool) {
	if l.loaded[filepath.Clean(p)] {
		return
	}
	l.loaded[filepath.Clean(p)] = true
	info, err := os.Stat(p)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is neither a file nor a folder")
	}
	if err != nil {
		l.fail(p, err)
		return
	}
	data, err := readSome(p)
	if err != nil {
		l.fail(p, err)
		return
	}
	if asked {
		l.set.ask(filepath.ToSlash(p), data)
		return
	}
	l.set.add(filepath.ToSlash(p), data)
}

func readSome(p string) ([]byte, error) {
	f, err := os.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// loadReferences reads, for every file so far, those beside it that it refers
// to, and those that these refer to.
func (l *loader) loadReferences() {
	for i := 0; i < len(l.set.Library.Files()); i++ {
		f := l.set.Library.Files()[i]
		for _, id := range References(f) {
			if l.set.Library.Has(id, "en") {
				continue
			}
			beside := path.Join(path.Dir(f.Name), id+".md")
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				l.file(beside, false)
			}
		}
	}
}

// References lists the ids of the files that a file refers to: parts, what is
// opened after an end, what it rehearses, what it translates.
func References(f *syntax.File) []string {
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(f.Front.Rehearses.Text)
	add(f.Front.Translates.Text)
	for _, s := range f.Steps {
		if s.Next == nil {
			continue
		}
		for _, c := range s.Next.Choices {
			addTargets(c, add)
		}
	}
	return ids
}

func addTargets(c *syntax.Choice, add func(string)) {
	if c.Target.Kind == syntax.ToPart {
		add(c.Target.Name.Text)
	}
	add(c.Target.Opens.Text)
	for _, w := range c.Ways {
		addTargets(w.Choice, add)
	}
}

// Problems is what reading and compiling a file told; see resolve.Compile.
func (s *Set) Compile(f *syntax.File) (*resolve.Compiled, []diag.Problem) {
	return s.Library.Compile(f)
}
