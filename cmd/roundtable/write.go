package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile writes a file so that at every moment either the old or the new
// contents are whole. Of a link it replaces what the link leads to; what is no
// regular file, such as a terminal, is written to as it stands.
func replaceFile(name string, data []byte) error {
	name = filepath.FromSlash(name)
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	mode := fs.FileMode(0o644)
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return cannotWrite(name, os.WriteFile(name, data, mode))
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return cannotWrite(name, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".roundtable-*")
	if err != nil {
		return cannotWrite(name, err)
	}
	defer os.Remove(tmp.Name()) // a no-op once it has its name
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	return cannotWrite(name, err)
}

// cannotWrite says in plain words which file could not be written, and why.
func cannotWrite(name string, err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usageError{fmt.Errorf("%s could not be written (%w); what was there is as it was", name, err)}
}

// canWrite reports, before anything is typed, why a file could not be written
// later; it leaves the file as it is.
func canWrite(name string) error {
	if info, err := os.Stat(name); err == nil {
		if info.IsDir() {
			return cannotWrite(name, errors.New("it is a folder"))
		}
		if !info.Mode().IsRegular() {
			return nil
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".roundtable-*")
	if err != nil {
		return cannotWrite(name, err)
	}
	return errors.Join(tmp.Close(), os.Remove(tmp.Name()))
}
