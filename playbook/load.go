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
	case e.Path == "":
		return "an empty name is no file or folder"
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
// but README.md, sorted; hidden files and folders are left out. Beside a file,
// those in its folder that it refers to and its translations are read too, but
// not asked for. All that is read is one library. What cannot be opened is told
// in errs, each a *PathError; the rest is read all the same.
func Load(shelf resolve.Shelf, paths ...string) (set *Set, errs []error) {
	set = &Set{Library: &resolve.Library{Shelf: shelf}}
	l := loader{set: set, loaded: map[string]bool{}, folders: map[string][]string{}}
	for _, p := range paths {
		l.load(p)
	}
	l.loadReferences()
	return set, l.errs
}

type loader struct {
	set     *Set
	loaded  map[string]bool     // by absolute path
	folders map[string][]string // folder -> the names of the .md files in it
	errs    []error
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
	files := l.below(nil, root)
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(filepath.ToSlash(a), filepath.ToSlash(b)) })
	for _, p := range files {
		l.file(p, true)
	}
}

// below adds the files of a folder and of those below it. It does not follow
// links to folders, so it always ends; the first folder may be a link.
func (l *loader) below(files []string, folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		l.fail(folder, err)
	}
	for _, e := range entries {
		p := filepath.Join(folder, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			files = l.below(files, p)
		case isPlaybookName(e.Name()) && !isFolder(p):
			files = append(files, p)
		}
	}
	return files
}

func isPlaybookName(name string) bool {
	return strings.HasSuffix(name, ".md") && !strings.EqualFold(name, "README.md")
}

func isFolder(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.IsDir()
}

// maxFile is how much of a file is read: enough for the parser to see that it
// is too large.
const maxFile = syntax.MaxFile + 1

func (l *loader) file(p string, asked bool) {
	key := filepath.Clean(p)
	if abs, err := filepath.Abs(p); err == nil {
		key = abs
	}
	if l.loaded[key] {
		return
	}
	l.loaded[key] = true
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
// to, in every language, and those that these refer to.
func (l *loader) loadReferences() {
	for done := 0; ; {
		files := l.set.Library.Files()
		if done == len(files) {
			return
		}
		for ; done < len(files); done++ {
			f := files[done]
			for _, id := range append(References(f), resolve.IDFromName(f.Name)) {
				l.beside(path.Dir(f.Name), id)
			}
		}
	}
}

// beside reads the files in a folder that are named after an id: ID.md, ID.es.md.
func (l *loader) beside(folder, id string) {
	names, listed := l.folders[folder]
	if !listed {
		entries, _ := os.ReadDir(filepath.FromSlash(folder)) // a folder that cannot be listed has nothing to offer
		for _, e := range entries {
			if isPlaybookName(e.Name()) {
				names = append(names, e.Name())
			}
		}
		l.folders[folder] = names
	}
	// The names are sorted, so those of one id stand together.
	first, _ := slices.BinarySearch(names, id+".")
	for _, name := range names[first:] {
		if !strings.HasPrefix(name, id+".") {
			break
		}
		p := path.Join(folder, name)
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
			l.file(p, false)
		}
	}
}

// References lists the ids of the files that a file refers to: parts, what is
// opened after an end, what it rehearses, what it translates.
func References(f *syntax.File) []string {
	var ids []string
	seen := map[string]bool{"": true}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
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

// Compile resolves a file of the set; see resolve.Library.Compile.
func (s *Set) Compile(f *syntax.File) (*resolve.Compiled, []diag.Problem) {
	return s.Library.Compile(f)
}
