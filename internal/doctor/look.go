package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// maxLook bounds how many files of a folder are looked at.
const maxLook = 100_000

// LookAtFolder asks the operating system about a folder of data.
func LookAtFolder(path string) *Folder {
	d := &Folder{Path: path}
	info, err := os.Stat(path)
	if err != nil {
		d.Err = plain(err)
		return d
	}
	d.Mode, d.Ours = shownMode(info), isOurs(info)
	d.Free, d.Total = room(path)
	looked := 0
	d.Err = plain(filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if looked++; err != nil || looked > maxLook {
			return err
		}
		file, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // it was taken away meanwhile
			return nil
		}
		if err == nil && d.Foreign == "" && !sameOwner(file, info) {
			d.Foreign = name
		}
		return err
	}))
	return d
}

// LookAtFile returns a file's mode.
func LookAtFile(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, plain(err)
	}
	return shownMode(info), nil
}

// plain leaves out of an error which call it was.
func plain(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err
	}
	return err
}
