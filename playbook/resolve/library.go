package resolve

import (
	"slices"
	"strings"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// Roles are the roles of people, as `for:`, `owner:`, `notify:` and `call:`
// use them. "supervisor" is the older word for the person in charge.
var Roles = []string{
	"desk", "in_charge", "director", "counsel", "safety_lead", "trainer",
	"room_officer", "auditor", "board", "admin", "supervisor",
}

// Lines are the outside lines of a library's phone list that `call:` may name
// beside the roles.
var Lines = []string{"emergency", "police", "child_line", "adult_line", "local_help"}

// Shelf names what stands beside the playbooks: what `policy:`, `law:` and
// `handout:` links and the law columns of given facts may refer to. A nil map
// or slice means that nobody knows: every name of that kind is accepted.
type Shelf struct {
	Policies map[string][]string // policy id -> its clauses
	Laws     []string            // topics
	Columns  map[string][]string // law column -> its domain
	Handouts []string
}

// Library is a set of files that may link to each other. The zero Library is
// empty. A Library is not safe for use by several goroutines at once.
type Library struct {
	Shelf    Shelf
	files    map[key]*entry
	order    []*entry
	first    map[string]*entry // by id: the original
	byFile   map[*syntax.File]*entry
	settings map[string][]setting // every declaration of a given fact, by name; nil until asked for
}

type key struct{ id, lang string }

// entry is one file with what has been found out about it.
type entry struct {
	file     *syntax.File
	read     []diag.Problem // what reading it told
	names    *names         // nil until asked for
	problems []diag.Problem // what looking up its names told
	broken   bool           // its automaton is in doubt

	done     bool // it has been compiled
	compiled *Compiled
	told     []diag.Problem // what compiling it told
}

// forget forgets what was found out about the file.
func (e *entry) forget() { *e = entry{file: e.file, read: e.read} }

// Add puts a file, with the problems that reading it told, into the library. A
// second file of the same id and language is kept, but links lead to the first.
func (l *Library) Add(f *syntax.File, problems []diag.Problem) {
	if l.files == nil {
		l.files, l.first, l.byFile = map[key]*entry{}, map[string]*entry{}, map[*syntax.File]*entry{}
	}
	e := &entry{file: f, read: problems}
	l.order = append(l.order, e)
	l.byFile[f] = e
	k := key{idOf(f), langOf(f)}
	if _, taken := l.files[k]; !taken {
		l.files[k] = e
	}
	if first := l.first[k.id]; !f.IsTranslation() && (first == nil || k.lang == "en" && langOf(first.file) != "en") {
		l.first[k.id] = e
	}
	// What was found out about other files may be different now.
	l.settings = nil
	for _, other := range l.order {
		other.forget()
	}
}

// Has reports whether the library holds a file of that id and language.
func (l *Library) Has(id, lang string) bool { return l.files[key{id, lang}] != nil }

// File returns the file of that id and language, or nil.
func (l *Library) File(id, lang string) *syntax.File {
	if e := l.files[key{id, lang}]; e != nil {
		return e.file
	}
	return nil
}

// Files lists the files in the order in which they were added.
func (l *Library) Files() []*syntax.File {
	files := make([]*syntax.File, len(l.order))
	for i, e := range l.order {
		files[i] = e.file
	}
	return files
}

// original finds the file that a part link or `translates` means: the one with
// that id that is not itself a translation. Of several, an English one is meant.
func (l *Library) original(id string) *entry { return l.first[id] }

// Original returns the file that a translation translates, the file itself
// when it is no translation, or nil when the library has no such file.
func (l *Library) Original(f *syntax.File) *syntax.File {
	if !f.IsTranslation() {
		return f
	}
	if e := l.original(f.Front.Translates.Text); e != nil {
		return e.file
	}
	return nil
}

// Translation returns the library's file with the words of another in a
// language: its original or a translation. It is nil when there is none.
func (l *Library) Translation(of *syntax.File, lang string) *syntax.File {
	if langOf(of) == lang {
		return of
	}
	o := l.Original(of)
	if o == nil || langOf(o) == lang {
		return o
	}
	for _, e := range l.order {
		if e.file.IsTranslation() && langOf(e.file) == lang && e.file.Front.Translates.Text == idOf(o) {
			return e.file
		}
	}
	return nil
}

// Languages lists the languages in which the playbook can be read, its
// original's first.
func (l *Library) Languages(id string) []string {
	o := l.original(id)
	if o == nil {
		return nil
	}
	langs := []string{langOf(o.file)}
	for _, e := range l.order {
		if e.file.IsTranslation() && e.file.Front.Translates.Text == id && !slices.Contains(langs, langOf(e.file)) {
			langs = append(langs, langOf(e.file))
		}
	}
	slices.Sort(langs[1:])
	return langs
}

// ids lists the ids of originals of the wanted kinds, for hints.
func (l *Library) ids(kinds ...syntax.Kind) []string {
	var ids []string
	for _, e := range l.order {
		if !e.file.IsTranslation() && slices.Contains(kinds, e.file.Front.Kind) {
			ids = append(ids, idOf(e.file))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// idOf is the file's id; a file whose front matter has none is known by its name.
func idOf(f *syntax.File) string {
	if f.Front.ID.Text != "" {
		return f.Front.ID.Text
	}
	return IDFromName(f.Name)
}

func langOf(f *syntax.File) string {
	if f.Front.Lang.Text != "" {
		return f.Front.Lang.Text
	}
	return "en"
}

// IDFromName returns the id that a file name stands for: the name without its
// folders, its ending and its language ("a/officer.es.md" is "officer").
func IDFromName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name, _, _ = strings.Cut(name, ".")
	return name
}
