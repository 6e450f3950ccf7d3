package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is the little of a file system that a keyring's file needs. Two things
// stand behind it: a folder of the operating system, and in tests a disk that
// loses power at any moment.
type disk interface {
	// read returns a whole file of at most limit bytes.
	read(name string, limit int64) ([]byte, error)
	// write makes or overwrites a file; nothing of it is durable yet.
	write(name string, data []byte) error
	// sync makes a file's contents durable.
	sync(name string) error
	// rename replaces to; it is durable after syncFolder.
	rename(from, to string) error
	// syncFolder makes names durable.
	syncFolder() error
	// remove forgets a name; what is not there is no error.
	remove(name string) error
	// hold opens a file so that wipe can overwrite it when no name leads to it any
	// more. It returns nil when there is no such file or it cannot be held.
	hold(name string) wiper
}

// wiper overwrites a file that has lost its last name.
type wiper interface {
	// wipe overwrites the file with zeros, if no name leads to it, and lets it go.
	// It is called only when it is durable that no name does.
	wipe() error
	// letGo lets the file go as it is.
	letGo()
}

// folder is a disk of the operating system. All names are inside its root.
type folder struct {
	root *os.Root
	path string
}

func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open the keyring's folder: %w: %w", ErrUnavailable, err)
	}
	return &folder{root, path}, nil
}

func (f *folder) read(name string, limit int64) ([]byte, error) {
	file, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errors.New("the file is larger than a keyring can be")
	}
	return data, err
}

func (f *folder) write(name string, data []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

func (f *folder) sync(name string) error {
	file, err := f.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func (f *folder) rename(from, to string) error { return f.root.Rename(from, to) }

func (f *folder) syncFolder() error { return syncFolder(f.path) }

func (f *folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f *folder) hold(name string) wiper {
	if !canWipe {
		return nil
	}
	file, err := f.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	return heldFile{file}
}

func (f *folder) close() error { return f.root.Close() }

func (f *folder) lock(name string) (io.Closer, error) { return lockFile(filepath.Join(f.path, name)) }

type heldFile struct{ file *os.File }

func (h heldFile) letGo() { h.file.Close() }

// wipe leaves a file alone that has another name: a hard link is somebody's copy.
func (h heldFile) wipe() error {
	defer h.file.Close()
	info, err := h.file.Stat()
	if err != nil || !nameless(info) {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := h.file.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return err
		}
	}
	return h.file.Sync()
}
