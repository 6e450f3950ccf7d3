package keyring

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"roundtable/internal/vault"
)

// CopyLife is how long a copy of the keyring may live. It bounds how long a
// destroyed key can still be found anywhere.
const CopyLife = 30 * 24 * time.Hour

const (
	copyPrefix = "keyring-"
	copySuffix = ".age"
	copyLine   = "roundtable keyring copy 1\n"
	copyTemp   = "keyring-copy.new"
	copyHeader = len(copyLine) + 8 + len(vault.KeyID{})
	// maxCopy bounds a file that is read: a list, age's header, and a tag for each
	// 64 KiB.
	maxCopy = int64(maxList) + int64(maxList)/1024 + 64<<10
)

// A copy is an age file. Inside stand
//
//	a line of text · time in unix milliseconds (8) · id of the installation's key (16) · the list
//
// It opens with the installation's key, or with two of the three recovery shares.

// Copier writes copies of a keyring.
type Copier struct {
	Random   io.Reader
	Key      vault.InstallationKey // the current one
	Recovery vault.PublicKey       // zero if the installation has none
}

// Write writes today's copy to a folder of its own, checks it by opening it, and
// then removes the copies of other days from there. Until the new one is durable
// and checked the old one stands.
func (c Copier) Write(ctx context.Context, ring Keyring, path string, at time.Time) error {
	entries, err := ring.List(ctx, "")
	if err != nil {
		return fmt.Errorf("copy the keyring: %w", err)
	}
	data, err := c.encrypt(entries, at)
	if err != nil {
		return fmt.Errorf("copy the keyring: %w", err)
	}
	target, err := openFolder(path)
	if err != nil {
		return err
	}
	defer target.close()
	name := copyPrefix + at.UTC().Format(time.DateOnly) + copySuffix
	if err := c.publish(target, name, data); err != nil {
		return fmt.Errorf("copy the keyring to %s: %w: %w", path, ErrUnavailable, errors.Join(err, target.remove(copyTemp)))
	}
	_, err = removeCopies(target, func(other string, _ time.Time) bool { return other != name })
	return err
}

func (c Copier) publish(target disk, name string, data []byte) error {
	if err := target.write(copyTemp, data); err != nil {
		return err
	}
	if err := target.sync(copyTemp); err != nil {
		return err
	}
	if err := c.verify(target, data); err != nil {
		return err
	}
	if err := target.rename(copyTemp, name); err != nil {
		return err
	}
	return target.syncFolder()
}

// verify reads the copy back and opens it.
func (c Copier) verify(target disk, data []byte) error {
	back, err := target.read(copyTemp, maxCopy)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return errors.New("what was read back is not what was written")
	}
	identity, err := WithKey(c.Key)
	if err != nil {
		return err
	}
	_, err = decryptCopy(back, identity)
	return err
}

func (c Copier) encrypt(entries []Entry, at time.Time) ([]byte, error) {
	box, err := c.Key.Box(copyPurpose)
	if err != nil {
		return nil, err
	}
	id := box.ID()
	if err := checkAll(entries, id); err != nil {
		return nil, err
	}
	to := []age.Recipient{keyStanza{box, c.Random}}
	if c.Recovery.Bytes() != nil {
		to = append(to, recoveryStanza{public: c.Recovery})
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, err
	}
	plain := binary.BigEndian.AppendUint64([]byte(copyLine), uint64(at.UnixMilli()))
	plain = append(append(plain, id[:]...), encodeList(entries)...)
	defer clear(plain)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// ExpireCopies removes copies older than CopyLife from a folder, for when no new
// one could be written. It returns how many it removed.
func ExpireCopies(path string, now time.Time) (int, error) {
	target, err := openFolder(path)
	if err != nil {
		return 0, err
	}
	defer target.close()
	// A day's copy may be from its first moment.
	return removeCopies(target, func(_ string, day time.Time) bool { return now.Sub(day) >= CopyLife })
}

func removeCopies(target *folder, gone func(name string, day time.Time) bool) (int, error) {
	copies, err := findCopies(target)
	if err != nil {
		return 0, fmt.Errorf("look for copies of the keyring: %w: %w", ErrUnavailable, err)
	}
	removed := 0
	var failed []error
	for _, c := range copies {
		if !gone(c.name, c.day) {
			continue
		}
		held := target.hold(c.name)
		err := errors.Join(target.remove(c.name), target.syncFolder())
		switch {
		case held == nil:
		case err != nil:
			held.letGo()
		default:
			err = held.wipe()
		}
		removed++
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil {
		return removed, fmt.Errorf("remove old copies of the keyring from %s: %w: %w", target.path, ErrUnavailable, err)
	}
	return removed, nil
}

type foundCopy struct {
	name string
	day  time.Time
}

func findCopies(target *folder) ([]foundCopy, error) {
	dir, err := os.ReadDir(target.path)
	if err != nil {
		return nil, err
	}
	var found []foundCopy
	for _, entry := range dir {
		name := entry.Name()
		day, err := time.Parse(time.DateOnly, strings.TrimSuffix(strings.TrimPrefix(name, copyPrefix), copySuffix))
		if err == nil && strings.HasPrefix(name, copyPrefix) && strings.HasSuffix(name, copySuffix) {
			found = append(found, foundCopy{name, day})
		}
	}
	return found, nil
}

// Copy is a copy of a keyring that has been opened.
type Copy struct {
	At           time.Time
	Installation vault.KeyID // the installation key that its keyring was under
	entries      []Entry
}

// Deposits returns the recovery entries, for recovery.Withdraw.
func (c Copy) Deposits() []Entry {
	return slices.DeleteFunc(cloneAll(c.entries), func(e Entry) bool { return e.Kind != Recovery })
}

// NewestCopy opens the newest copy in some folders. If that one does not open it
// says which and takes no older one: the keys made since would be missing.
func NewestCopy(with age.Identity, folders ...string) (Copy, error) {
	var newest Copy
	found := false
	for _, path := range folders {
		c, err := newestIn(with, path)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			return Copy{}, err
		}
		if !found || c.At.After(newest.At) {
			newest, found = c, true
		}
	}
	if !found {
		return Copy{}, fmt.Errorf("no copy of the keyring in %s: %w", strings.Join(folders, ", "), ErrMissing)
	}
	return newest, nil
}

func newestIn(with age.Identity, path string) (Copy, error) {
	target, err := openFolder(path)
	if err != nil {
		return Copy{}, err
	}
	defer target.close()
	copies, err := findCopies(target)
	if err != nil {
		return Copy{}, fmt.Errorf("look for copies of the keyring: %w: %w", ErrUnavailable, err)
	}
	if len(copies) == 0 {
		return Copy{}, ErrMissing
	}
	newest := slices.MaxFunc(copies, func(a, b foundCopy) int { return a.day.Compare(b.day) })
	data, err := target.read(newest.name, maxCopy)
	if err != nil {
		return Copy{}, fmt.Errorf("read the keyring's copy %s: %w: %w", newest.name, ErrUnavailable, err)
	}
	c, err := decryptCopy(data, with)
	if err != nil {
		return Copy{}, fmt.Errorf("open the keyring's copy %s: %w", filepath.Join(path, newest.name), err)
	}
	return c, nil
}

func decryptCopy(data []byte, with age.Identity) (Copy, error) {
	r, err := age.Decrypt(bytes.NewReader(data), with)
	if err != nil {
		if none := new(age.NoIdentityMatchError); errors.As(err, &none) {
			return Copy{}, fmt.Errorf("the key or the shares given are not those it was written for: %w", ErrOtherInstallation)
		}
		return Copy{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxCopy))
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer clear(plain)
	return parseCopy(plain)
}

func parseCopy(plain []byte) (Copy, error) {
	if len(plain) < copyHeader || string(plain[:len(copyLine)]) != copyLine {
		return Copy{}, fmt.Errorf("this is no copy of a keyring: %w", ErrDamaged)
	}
	rest := plain[len(copyLine):]
	ms := binary.BigEndian.Uint64(rest)
	if ms > maxTime {
		return Copy{}, fmt.Errorf("its time is out of range: %w", ErrDamaged)
	}
	entries, err := decodeList(rest[8+len(vault.KeyID{}):])
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return Copy{At: time.UnixMilli(int64(ms)).UTC(), Installation: vault.KeyID(rest[8:]), entries: entries}, nil
}

// Restore fills an empty keyring from a copy, leaving out what was destroyed
// since: a destroyed key is never written. The keyring must be under the
// installation key that the copy was under, which is given. ErrPresent if the
// keyring is not empty.
func Restore(ctx context.Context, into Keyring, from Copy, key vault.InstallationKey, destroyed []Slot) error {
	box, err := StorageBox(key)
	if err != nil {
		return err
	}
	if box.ID() != from.Installation {
		return fmt.Errorf("the copy is of %s and needs the installation key %s of then; the one given is %s: %w", from.At.Format(time.DateTime), from.Installation, box.ID(), ErrOtherInstallation)
	}
	return into.Update(ctx, box, func(entries []Entry) ([]Entry, error) {
		if len(entries) > 0 {
			return nil, ErrPresent
		}
		return without(from.entries, destroyed), nil
	})
}
