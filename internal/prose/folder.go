package prose

import (
	"errors"
	"fmt"
	"io/fs"

	"roundtable/playbook/diag"
)

// Folder reads every text that the pattern names, sorted by name, with the
// room's own parser. What could be read is returned whatever is wrong; the
// error joins what is, each with its place.
func Folder[T any](fsys fs.FS, pattern string, parse func(file string, src []byte) (T, []diag.Problem)) ([]T, error) {
	names, err := fs.Glob(fsys, pattern) // sorted
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", pattern, err)
	}
	var texts []T
	var errs []error
	for _, name := range names {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read text: %w", err))
			continue
		}
		text, problems := parse(name, src)
		errs = append(errs, Errors(problems))
		texts = append(texts, text)
	}
	return texts, errors.Join(errs...)
}

// Errors joins problems into an error, each with its place; nil for none.
func Errors(problems []diag.Problem) error {
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("%s:%d: %s", p.File, p.Pos.Line, p.Message))
	}
	return errors.Join(errs...)
}
