package browser

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// HTMLFault is something that the Nu HTML Checker says against a page.
type HTMLFault struct {
	Page    string // the name that the page was given
	Line    int    // counted from 1; 0 where the whole page is meant
	Column  int
	Warning bool // a warning, not an error
	Message string
	Extract string // what stands there
}

// String returns the fault on one line.
func (f HTMLFault) String() string {
	kind := "error"
	if f.Warning {
		kind = "warning"
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s: %s", f.Page, f.Line, f.Column, kind, f.Message, oneLine(f.Extract))
}

// htmlTimeout is how long the checker may take for all pages together.
const htmlTimeout = 2 * time.Minute

// ValidateHTML checks pages, given by name, as the server sent them, and returns
// what the Nu HTML Checker says against them, errors and warnings, in the order of
// names and lines. No message is ignored. Its guess at the language of a text is
// switched off, because it is wrong about short ones.
//
// Starting the checker takes longer than a page: give it all pages at once. It
// needs Java; where that or the checker is missing the test is skipped aloud, or
// fails if Require is "1".
func ValidateHTML(tb TB, pages map[string][]byte) []HTMLFault {
	tb.Helper()
	jar, err := packageFile("vnu-jar/build/dist/vnu.jar")
	if err != nil {
		missing(tb, "the Nu HTML Checker", err)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		missing(tb, "Java", err)
	}
	faults, err := validate(java, jar, pages)
	if err != nil {
		tb.Fatalf("check HTML: %v", err)
	}
	return faults
}

func validate(java, jar string, pages map[string][]byte) ([]HTMLFault, error) {
	if len(pages) == 0 {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "roundtable-html-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	names := slices.Sorted(maps.Keys(pages))
	byFile := map[string]string{}
	for i, name := range names {
		file := fmt.Sprintf("%06d.html", i)
		byFile[file] = name
		if err := os.WriteFile(filepath.Join(dir, file), pages[name], 0o600); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), htmlTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, java, "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", "--no-langdetect", dir)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, oneLine(problems.String()))
	}
	return parseFaults(out, byFile)
}

// parseFaults reads the checker's report and gives files their names back.
func parseFaults(report []byte, byFile map[string]string) ([]HTMLFault, error) {
	var said struct {
		Messages []struct {
			Type, SubType, URL, Message, Extract string
			FirstLine, LastLine                  int
			FirstColumn, LastColumn              int
		}
	}
	if err := json.Unmarshal(report, &said); err != nil {
		return nil, fmt.Errorf("the checker's report: %w: %s", err, oneLine(string(report)))
	}
	var faults []HTMLFault
	for _, m := range said.Messages {
		name, known := byFile[path.Base(m.URL)]
		if !known || m.Type == "non-document-error" {
			return nil, fmt.Errorf("the checker itself: %s: %s", m.URL, m.Message)
		}
		f := HTMLFault{Page: name, Line: m.FirstLine, Column: m.FirstColumn, Warning: m.Type != "error", Message: m.Message, Extract: m.Extract}
		if f.Line == 0 { // it is left out where it is the last one
			f.Line = m.LastLine
		}
		if f.Column == 0 {
			f.Column = m.LastColumn
		}
		faults = append(faults, f)
	}
	slices.SortStableFunc(faults, compareFaults)
	return faults, nil
}

func compareFaults(a, b HTMLFault) int {
	return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
