package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scratchPrefix begins the name of a folder in which a copy is opened to be
// checked. What lies there is no more than what lies in the database, whose
// contents are sealed; it is overwritten and removed all the same.
const scratchPrefix = "roundtable-check-"

// scratchLife is how old a left-over folder must be before it is taken for one of
// a process that was killed.
const scratchLife = 24 * time.Hour

// openScratch makes a folder of its own in parent, and removes what a process
// that was killed has left there. The caller removes it with wipeTree.
func openScratch(parent string, now time.Time) (string, error) {
	if err := sweepScratch(parent, now); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent, scratchPrefix)
	if err != nil {
		return "", fmt.Errorf("make a place to check the backup in: %w", err)
	}
	return dir, nil
}

func sweepScratch(parent string, now time.Time) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("look for a place to check the backup in: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() || !strings.HasPrefix(e.Name(), scratchPrefix) || now.Sub(info.ModTime()) < scratchLife {
			continue
		}
		if err := wipeTree(filepath.Join(parent, e.Name())); err != nil {
			return fmt.Errorf("remove what a stopped process left: %w", err)
		}
	}
	return nil
}

// wipeTree overwrites every file in a folder with zeros and removes the folder.
// What is not there is no error.
func wipeTree(dir string) error {
	var errs []error
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			errs = append(errs, wipeFile(path))
		}
		return nil
	})
	return errors.Join(append(errs, err, os.RemoveAll(dir))...)
}

func wipeFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
