package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// canWipe is false on Windows, where a file cannot be replaced while it is held.
const canWipe = false

// syncFolder does nothing: on Windows a folder cannot be synced, and NTFS keeps
// its names in a journal.
func syncFolder(string) error { return nil }

// lockFile opens a file that nobody else may open until it is closed, at the
// latest when the process ends.
func lockFile(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("open the keyring's lock: %w: %w", ErrUnavailable, err)
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	const sharingViolation = syscall.Errno(32)
	switch {
	case errors.Is(err, sharingViolation):
		return nil, ErrInUse
	case err != nil:
		return nil, fmt.Errorf("lock the keyring: %w: %w", ErrUnavailable, err)
	}
	return os.NewFile(uintptr(handle), path), nil
}

// nameless is never asked on Windows.
func nameless(fs.FileInfo) bool { return false }
