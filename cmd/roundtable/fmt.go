package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"

	"roundtable/playbook/format"
	"roundtable/playbook/syntax"
)

type fmtCmd struct {
	Write bool     `short:"w" xor:"how" help:"Write the canonical form back to the files."`
	Diff  bool     `short:"d" xor:"how" help:"Print what would change, as a diff."`
	Paths []string `arg:"" name:"path" help:"Files and folders."`
}

// Help is the manual page's text.
func (fmtCmd) Help() string {
	return `Prints playbooks in canonical Markdown. The words stay as they are, and the Program never changes; formatting twice changes nothing more. A file that cannot be read as a playbook is left alone, and told of.

With -d the exit status is 1 when something would change.

Examples:
  roundtable fmt -w our-playbooks
  roundtable fmt -d officer.md`
}

// Run formats.
func (c *fmtCmd) Run(e *env) error {
	set, ok, err := load(e, c.Paths)
	if err != nil {
		return err
	}
	wrong := false
	for _, f := range set.Asked {
		changed, err := c.file(e, f)
		if err != nil {
			fmt.Fprintln(e.stderr, "roundtable:", err)
		}
		wrong = wrong || err != nil || changed && c.Diff
	}
	switch {
	case !ok:
		return usageError{errors.New("not everything could be read")}
	case wrong:
		return errWrong
	}
	return nil
}

func (c *fmtCmd) file(e *env, f *syntax.File) (changed bool, err error) {
	src, err := readSource(f.Name)
	if err != nil {
		return false, err
	}
	out, err := format.Source(f.Name, src)
	if err != nil {
		return false, fmt.Errorf("%s is left as it is: %w", f.Name, err)
	}
	changed = !bytes.Equal(src, out)
	switch {
	case c.Diff:
		if changed {
			_, err = e.stdout.Write(diff.Diff(f.Name, src, f.Name+" (canonical)", out))
		}
	case c.Write:
		if changed {
			err = replaceFile(f.Name, out)
		}
	default:
		_, err = e.stdout.Write(out)
	}
	return changed, err
}

// readSource reads a file, or of one that is too large for a playbook enough to
// see that it is.
func readSource(name string) ([]byte, error) {
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, syntax.MaxFile+1))
}
