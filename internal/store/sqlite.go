package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"roundtable/internal/fault"
	"roundtable/internal/people"
)

// SQLite says how the files of an installation are opened.
type SQLite struct {
	Folder string
	// VFS is the file layer, "" for the operating system's. Tests cut its power.
	VFS string
	// Weak gives up durability for speed, to show what that costs. Only
	// benchmarks and the tests' red controls set it.
	Weak bool
}

// OpenSQLite opens the installation in a folder, or makes one there, and brings
// it to the newest form. One process may have it open at a time; that is for the
// keyring beside it to enforce.
func OpenSQLite(ctx context.Context, o SQLite) (*Store, error) {
	if o.VFS == "" {
		for _, dir := range []string{o.Folder, filepath.Join(o.Folder, "libraries")} {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return nil, fmt.Errorf("make the folder for the data: %w", err)
			}
		}
	}
	s := &Store{d: &sqliteDialect, stop: make(chan struct{})}
	s.dir = &folder{o: o, files: map[people.LibraryID]*file{}}
	if _, err := s.dir.make(ctx, people.Installation); err != nil {
		return nil, errors.Join(err, s.dir.close())
	}
	return s, nil
}

// folder is the files of an installation.
type folder struct {
	o SQLite

	mu    sync.Mutex // guards files
	files map[people.LibraryID]*file
}

// file is the database of one tenant: one connection that writes, and some that
// read.
type file struct{ write, read *sql.DB }

// readers is how many may read one file at once.
const readers = 4

// path returns where a tenant's file is. An id is checked by its form, so that
// no id can name another file.
func (d *folder) path(tenant people.LibraryID) (string, error) {
	if tenant == people.Installation {
		return filepath.Join(d.o.Folder, "installation.db"), nil
	}
	if _, err := people.ParseID[people.LibraryID](string(tenant)); err != nil {
		return "", fault.Missing().Because(err)
	}
	if d.o.VFS != "" { // a file layer of tests has no folders
		return filepath.Join(d.o.Folder, "library-"+string(tenant)+".db"), nil
	}
	return filepath.Join(d.o.Folder, "libraries", string(tenant)+".db"), nil
}

func (d *folder) dsn(path string, readOnly bool) string {
	v := url.Values{}
	durable := "synchronous(FULL)"
	if d.o.Weak {
		durable = "synchronous(OFF)"
	}
	for _, p := range []string{
		"busy_timeout(5000)", "journal_mode(WAL)", durable, "foreign_keys(ON)", "secure_delete(ON)",
		"temp_store(MEMORY)", "trusted_schema(OFF)", "cell_size_check(ON)",
	} {
		v.Add("_pragma", p)
	}
	if readOnly {
		v.Add("_pragma", "query_only(ON)")
	} else {
		v.Set("_txlock", "immediate")
	}
	if d.o.VFS != "" {
		v.Set("vfs", d.o.VFS)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// make opens a tenant's file, or makes it, and brings it to the newest form.
func (d *folder) make(ctx context.Context, tenant people.LibraryID) (*file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.makeLocked(ctx, tenant)
}

func (d *folder) makeLocked(ctx context.Context, tenant people.LibraryID) (*file, error) {
	if f := d.files[tenant]; f != nil {
		return f, nil
	}
	path, err := d.path(tenant)
	if err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", d.dsn(path, false))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	parts := []string{"both", "library"}
	if tenant == people.Installation {
		parts = []string{"both", "installation"}
	}
	if err := migrate(ctx, &sqliteDialect, write, parts...); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), write.Close())
	}
	if d.o.VFS == "" {
		if err := syncFolder(filepath.Dir(path)); err != nil {
			return nil, errors.Join(err, write.Close())
		}
	}
	read, err := sql.Open("sqlite", d.dsn(path, true))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	f := &file{write, read}
	d.files[tenant] = f
	return f, nil
}

// open opens a tenant's file: fault.Missing if there is none. A file is never
// made because somebody asked for it.
func (d *folder) open(ctx context.Context, tenant people.LibraryID) (*file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.files[tenant]; f != nil {
		return f, nil
	}
	path, err := d.path(tenant)
	if err != nil {
		return nil, err
	}
	if d.o.VFS == "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Missing()
		} else if err != nil {
			return nil, err
		}
	}
	return d.makeLocked(ctx, tenant)
}

func (d *folder) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, f := range d.files {
		errs = append(errs, f.read.Close(), f.write.Close())
	}
	clear(d.files)
	return errors.Join(errs...)
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("make the folder durable: %w", err)
	}
	return nil
}
