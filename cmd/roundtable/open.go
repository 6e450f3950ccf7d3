package main

import (
	"fmt"
	"os"
	"strings"

	"roundtable/internal/shelf"
	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

// shipped names what stands beside the playbooks, and tells what is wrong there.
func shipped(e *env) (resolve.Shelf, error) {
	s, problems, err := shelf.Shipped()
	for _, p := range problems {
		fmt.Fprintf(e.stderr, "%s:%d:%d: %s: %s [%s]\n", p.File, p.Pos.Line, p.Pos.Column, p.Level, p.Message, p.Code)
	}
	return s, err
}

// load reads the files and folders named, or the shipped files when none is.
// What cannot be opened is told, and ok is false; the rest is read all the same.
func load(e *env, paths []string) (set *playbook.Set, ok bool, err error) {
	s, err := shipped(e)
	if err != nil {
		return nil, false, err
	}
	if len(paths) == 0 {
		return playbook.Shipped(s), true, nil
	}
	set, errs := playbook.Load(s, paths...)
	for _, err := range errs {
		fmt.Fprintln(e.stderr, "roundtable:", err)
	}
	return set, len(errs) == 0, nil
}

// opened is one playbook that has been found and compiled.
type opened struct {
	set      *playbook.Set
	file     *syntax.File      // as it was named, whatever the language asked for
	compiled *resolve.Compiled // in the language asked for; nil when it cannot be compiled
	problems []diag.Problem
}

// openOne finds the one playbook that ID or FILE names, in a language where
// there is one, and compiles it.
func openOne(e *env, name, lang string) (*opened, error) {
	set, f, err := find(e, name)
	if err != nil {
		return nil, err
	}
	one := &opened{set: set, file: f}
	one.compiled, one.problems = set.Compile(f)
	if one.compiled == nil || lang == "" || lang == f.Front.Lang.Text {
		return one, nil
	}
	if set.Library.Translation(f, lang) == nil {
		return nil, usageError{fmt.Errorf("%s is not there in %q; it is in %s", name, lang,
			strings.Join(set.Library.Languages(f.Front.ID.Text), ", "))}
	}
	one.compiled = set.Library.InLanguage(one.compiled, lang)
	return one, nil
}

// find finds the file that ID or FILE names. A shipped playbook's id wins over
// a file or folder of that name, which can be told by its path.
func find(e *env, name string) (*playbook.Set, *syntax.File, error) {
	if strings.ContainsAny(name, `/\.`) {
		return findFile(e, name)
	}
	set, _, err := load(e, nil)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, f := range set.Asked {
		if f.IsTranslation() {
			continue
		}
		if f.Front.ID.Text == name {
			return set, f, nil
		}
		ids = append(ids, f.Front.ID.Text)
	}
	if _, err := os.Stat(name); err == nil {
		return findFile(e, name)
	}
	return nil, nil, usageError{fmt.Errorf("there is no shipped playbook %q%s; they are %s. A file is named with its ending, %s.md",
		name, diag.DidYouMean(name, ids), strings.Join(ids, ", "), name)}
}

func findFile(e *env, name string) (*playbook.Set, *syntax.File, error) {
	set, ok, err := load(e, []string{name})
	switch {
	case err != nil:
		return nil, nil, err
	case !ok || len(set.Asked) == 0:
		return nil, nil, usageError{fmt.Errorf("%s: no playbook could be read there", name)}
	case len(set.Asked) > 1:
		return nil, nil, usageError{fmt.Errorf("%s is a folder of %d files; name one of them", name, len(set.Asked))}
	}
	return set, set.Asked[0], nil
}

// refuse tells the problems that keep a playbook from being walked or drawn.
func refuse(e *env, name string, problems []diag.Problem) error {
	if !diag.HasErrors(problems) { // a translation, whose original has the mistakes
		return fmt.Errorf("%s cannot be used: what it translates has mistakes, which roundtable check tells", name)
	}
	for _, p := range problems {
		if p.Level == diag.Error {
			fmt.Fprintf(e.stderr, "%s:%d:%d: %s: %s [%s]\n", p.File, p.Pos.Line, p.Pos.Column, p.Level, p.Message, p.Code)
		}
	}
	return fmt.Errorf("%s has mistakes; mend them first (roundtable check %s)", name, name)
}
