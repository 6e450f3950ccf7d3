package resolve

import (
	"slices"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// setting is one file's declaration of a given fact.
type setting struct {
	file *syntax.File
	fact *syntax.FactDecl
}

// otherSettings tells given facts of the file that have other values in another
// file of the library. Both files are told: which of the two is wrong is not
// known, and perhaps only one of them is being checked.
func (l *Library) otherSettings(f *syntax.File) []diag.Problem {
	if l.settings == nil {
		l.settings = map[string][]setting{}
		for _, e := range l.order {
			for _, d := range e.file.Front.Given {
				l.settings[d.Name.Text] = append(l.settings[d.Name.Text], setting{e.file, d})
			}
		}
	}
	var problems []diag.Problem
	for _, d := range f.Front.Given {
		for _, other := range l.settings[d.Name.Text] {
			if other.file != f && len(d.Values) > 0 && len(other.fact.Values) > 0 && !slices.Equal(valueNames(other.fact), valueNames(d)) {
				problems = append(problems, diag.New(f.Name, d.Name.Pos, diag.Syntax,
					"the given fact %q has other values in %s (%s); one name is one setting of the whole library",
					d.Name.Text, other.file.Name, domainText(other.fact)))
				break
			}
		}
	}
	return problems
}
