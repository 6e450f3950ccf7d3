package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"roundtable/internal/vault"
)

// ErrReadOnly means that a keyring was opened to look at it only.
var ErrReadOnly = errors.New("another process of Roundtable owns this keyring; here it can only be looked at")

// View is a keyring's file as it was at one moment, read beside the process that
// owns it: for copies, checks and reports. It changes nothing, and does not see
// what is changed later.
type View struct {
	entries []Entry // sorted
}

// viewTries is how often a file is read that was replaced and overwritten while
// it was being read.
const viewTries = 5

// ViewFile reads the keyring in a folder without owning it: ErrMissing if there
// is none.
func ViewFile(path string, box vault.Box) (*View, error) {
	folder, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	defer folder.close()
	return viewOn(folder, box)
}

func viewOn(d disk, box vault.Box) (*View, error) {
	for try := 1; ; try++ {
		image, err := d.read(fileName, maxImage)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, ErrMissing
		case err != nil:
			return nil, fmt.Errorf("read the keyring: %w: %w", ErrUnavailable, err)
		}
		entries, err := openImage(box, image)
		if err == nil {
			return &View{entries}, nil
		}
		if try == viewTries || !errors.Is(err, ErrDamaged) {
			return nil, fmt.Errorf("open the keyring: %w", err)
		}
	}
}

// Get implements Keyring.
func (v *View) Get(ctx context.Context, slot Slot) (Entry, error) {
	if err := ctx.Err(); err != nil {
		return Entry{}, err
	}
	e, found := find(v.entries, slot)
	if !found {
		return Entry{}, ErrNotFound
	}
	return e.clone(), nil
}

// List implements Keyring.
func (v *View) List(ctx context.Context, library string) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return ofLibrary(v.entries, library), nil
}

// Put implements Keyring: it is refused.
func (v *View) Put(context.Context, Entry) error { return ErrReadOnly }

// Destroy implements Keyring: it is refused.
func (v *View) Destroy(context.Context, ...Slot) error { return ErrReadOnly }

// Update implements Keyring: it is refused.
func (v *View) Update(context.Context, vault.Box, func([]Entry) ([]Entry, error)) error {
	return ErrReadOnly
}

// Close implements Keyring.
func (v *View) Close() error { return nil }

// ViewOf reads a keyring as it is at this moment.
func ViewOf(ctx context.Context, ring Keyring) (*View, error) {
	entries, err := ring.List(ctx, "")
	return &View{entries}, err
}

// View returns the copy as a keyring that can only be looked at: a destroyed key
// that the copy still has is not written anywhere by looking at it.
func (c Copy) View() *View { return &View{c.entries} }

// CopyDays lists the days of the copies in a folder, the oldest first, without
// opening them.
func CopyDays(path string) ([]time.Time, error) {
	target, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	defer target.close()
	copies, err := findCopies(target)
	if err != nil {
		return nil, fmt.Errorf("look for copies of the keyring: %w: %w", ErrUnavailable, err)
	}
	var days []time.Time
	for _, c := range copies {
		days = append(days, c.day)
	}
	slices.SortFunc(days, time.Time.Compare)
	return days, nil
}
