package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"roundtable/internal/vault"
)

// The names in a keyring's folder.
const (
	fileName = "keyring.rtk"
	tempName = "keyring.rtk.new"
	lockName = "keyring.lock"
)

const maxImage = int64(maxList) + 1024

// randomness is where nonces come from.
type randomness = io.Reader

// File is a keyring in one file, for one process. Every change writes the whole
// file anew: to a second file, synced, renamed over the first, the folder
// synced; then the old one is overwritten with zeros. (A disk that moves blocks
// by itself, as flash does, may keep them; that is not promised.)
//
// When a sync or a rename fails, what is on the disk is no longer known. From
// then on every call returns ErrUnavailable: the process must be started anew.
// It never tries the sync again, since a second one may succeed and prove nothing.
type File struct {
	random randomness
	disk   disk
	free   func() error // lets lock and folder go

	mu      sync.Mutex // guards what follows, and the file
	box     vault.Box
	entries []Entry // sorted
	broken  error   // why every call is refused
}

// CreateFile makes an empty keyring in a folder: ErrPresent if there is one.
func CreateFile(path string, random io.Reader, box vault.Box) (*File, error) {
	return inFolder(path, func(d disk) (*File, error) { return createOn(d, random, box) })
}

// OpenFile opens the keyring of a folder: ErrMissing if there is none, which is
// never healed by making an empty one.
func OpenFile(path string, random io.Reader, box vault.Box) (*File, error) {
	return inFolder(path, func(d disk) (*File, error) { return openOn(d, random, box) })
}

func inFolder(path string, open func(disk) (*File, error)) (*File, error) {
	folder, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	lock, err := folder.lock(lockName)
	if err != nil {
		return nil, errors.Join(err, folder.close())
	}
	f, err := open(folder)
	if err != nil {
		return nil, errors.Join(err, lock.Close(), folder.close())
	}
	f.free = func() error { return errors.Join(lock.Close(), folder.close()) }
	return f, nil
}

func createOn(d disk, random io.Reader, box vault.Box) (*File, error) {
	switch _, err := d.read(fileName, maxImage); {
	case err == nil:
		return nil, ErrPresent
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look for a keyring: %w: %w", ErrUnavailable, err)
	}
	f := &File{random: random, disk: d, box: box}
	if err := f.replace(nil, box); err != nil {
		return nil, err
	}
	return f, nil
}

func openOn(d disk, random io.Reader, box vault.Box) (*File, error) {
	image, err := d.read(fileName, maxImage)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrMissing
	case err != nil:
		return nil, fmt.Errorf("read the keyring: %w: %w", ErrUnavailable, err)
	}
	entries, err := openImage(box, image)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	f := &File{random: random, disk: d, box: box, entries: entries}
	if err := f.settle(); err != nil {
		return nil, err
	}
	return f, nil
}

// settle finishes what a crash may have left: a second file with older keys, and
// a rename whose durability is not known.
func (f *File) settle() error {
	held := f.disk.hold(tempName)
	if err := errors.Join(f.disk.remove(tempName), f.disk.syncFolder()); err != nil {
		return fmt.Errorf("tidy the keyring's folder: %w: %w", ErrUnavailable, err)
	}
	if held == nil {
		return nil
	}
	if err := held.wipe(); err != nil {
		return fmt.Errorf("overwrite what a stopped process left: %w: %w", ErrUnavailable, err)
	}
	return nil
}

// Get implements Keyring.
func (f *File) Get(ctx context.Context, slot Slot) (Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(ctx); err != nil {
		return Entry{}, err
	}
	e, found := find(f.entries, slot)
	if !found {
		return Entry{}, ErrNotFound
	}
	return e.clone(), nil
}

// Put implements Keyring.
func (f *File) Put(ctx context.Context, entry Entry) error {
	if err := entry.check(); err != nil {
		return fmt.Errorf("put a key: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(ctx); err != nil {
		return err
	}
	if there, found := find(f.entries, entry.Slot); found {
		if same(there, entry) {
			return nil
		}
		return ErrExists
	}
	library, found := find(f.entries, entry.above())
	if err := entry.current(f.box.ID(), library, found); err != nil {
		return err
	}
	if len(f.entries) >= MaxEntries {
		return ErrFull
	}
	at, _ := slices.BinarySearchFunc(f.entries, entry, compareEntries)
	return f.replace(slices.Insert(slices.Clone(f.entries), at, entry.clone()), f.box)
}

// Destroy implements Keyring.
func (f *File) Destroy(ctx context.Context, slots ...Slot) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(ctx); err != nil {
		return err
	}
	kept := without(f.entries, slots)
	if len(kept) == len(f.entries) {
		return nil // the file is always whole, so nothing was interrupted
	}
	return f.replace(kept, f.box)
}

// List implements Keyring.
func (f *File) List(ctx context.Context, library string) ([]Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(ctx); err != nil {
		return nil, err
	}
	return ofLibrary(f.entries, library), nil
}

// Update implements Keyring.
func (f *File) Update(ctx context.Context, box vault.Box, change func([]Entry) ([]Entry, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(ctx); err != nil {
		return err
	}
	changed, err := change(cloneAll(f.entries))
	if err != nil {
		return err
	}
	changed = cloneAll(changed)
	if err := checkAll(changed, box.ID()); err != nil {
		return fmt.Errorf("update the keyring: %w", err)
	}
	return f.replace(changed, box)
}

// Close implements Keyring.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = fmt.Errorf("the keyring was closed: %w", ErrUnavailable)
	if f.free == nil {
		return nil
	}
	free := f.free
	f.free = nil
	return free()
}

func (f *File) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.broken
}

// replace writes entries, sealed in box, in place of what is there. A write that
// fails (a full disk) leaves the old file and the old entries; anything later
// that fails breaks the keyring.
func (f *File) replace(entries []Entry, box vault.Box) error {
	image, err := sealImage(f.random, box, entries)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := f.disk.write(tempName, image); err != nil {
		return fmt.Errorf("write the keyring; the old one stands: %w: %w", ErrUnavailable, errors.Join(err, f.disk.remove(tempName)))
	}
	old := f.disk.hold(fileName)
	if err := f.publish(); err != nil {
		if old != nil {
			old.letGo() // not wiped: after a loss of power its name may be back
		}
		f.broken = fmt.Errorf("write the keyring; Roundtable must be started anew: %w: %w", ErrUnavailable, err)
		return f.broken
	}
	f.entries, f.box = entries, box
	if old == nil {
		return nil
	}
	if err := old.wipe(); err != nil {
		f.broken = fmt.Errorf("overwrite the old keyring; Roundtable must be started anew: %w: %w", ErrUnavailable, err)
		return f.broken
	}
	return nil
}

func (f *File) publish() error {
	if err := f.disk.sync(tempName); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := f.disk.rename(tempName, fileName); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	if err := f.disk.syncFolder(); err != nil {
		return fmt.Errorf("sync the folder: %w", err)
	}
	return nil
}
