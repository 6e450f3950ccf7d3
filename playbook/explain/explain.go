// Package explain says what each code of the checker means, how to mend it,
// and shows the smallest playbook that brings it about. docs/codes.md is made
// from it, and a test runs every example.
package explain

import (
	"embed"
	"fmt"
	"io"

	"golang.org/x/tools/txtar"

	"roundtable/playbook/diag"
)

// Entry explains one code.
type Entry struct {
	Code    diag.Code
	Short   string // one line
	Meaning string // why it is told, and how to mend it
	Files   []File // the example: the first file is the one with the problem
}

// File is one file of an example.
type File struct {
	Name string
	Data []byte
}

//go:embed examples/*.txtar
var examples embed.FS

// Of explains a code; ok is false when there is no such code.
func Of(code diag.Code) (e Entry, ok bool) {
	words, ok := texts[code]
	if !ok {
		return Entry{}, false
	}
	e = Entry{Code: code, Short: words[0], Meaning: words[1]}
	data, err := examples.ReadFile("examples/" + string(code) + ".txtar")
	if err != nil {
		panic(fmt.Sprintf("code %s has no example: %v", code, err)) // held by a test
	}
	for _, f := range txtar.Parse(data).Files {
		e.Files = append(e.Files, File{f.Name, f.Data})
	}
	return e, true
}

// Write prints an entry for people.
func (e Entry) Write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s (%s): %s\n\n%s\n", e.Code, e.Code.Level(), e.Short, e.Meaning); err != nil {
		return err
	}
	for _, f := range e.Files {
		if _, err := fmt.Fprintf(w, "\nExample, %s:\n\n%s", f.Name, indent(f.Data)); err != nil {
			return err
		}
	}
	return nil
}

func indent(data []byte) []byte {
	var out []byte
	start := true
	for _, b := range data {
		if start && b != '\n' {
			out = append(out, "    "...)
		}
		out = append(out, b)
		start = b == '\n'
	}
	return out
}
