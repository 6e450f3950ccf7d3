package powercut

import sqlite3 "modernc.org/sqlite/lib"

// handle is an open file. It is guarded by its disk's mu.
type handle struct {
	d          *Disk
	f          *file
	name       string // "" of a temporary file
	readOnly   bool
	deleteLate bool  // when it is closed
	syncFolder bool  // with its next sync, as it was made
	lock       int32 // SQLITE_LOCK_…
	shared     uint8 // locks on shared memory, by bits
	exclusive  uint8
	mapped     *shm
}

// All functions below return SQLite's result codes.

// open opens a file. name is "" for a temporary one.
func (d *Disk) open(name string, flags int32) (h *handle, outFlags, rc int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.on {
		return nil, 0, sqlite3.SQLITE_CANTOPEN
	}
	h = &handle{d: d, name: name, readOnly: flags&sqlite3.SQLITE_OPEN_READONLY != 0, deleteLate: flags&sqlite3.SQLITE_OPEN_DELETEONCLOSE != 0}
	h.f = d.names[name]
	switch {
	case name == "":
		h.f = newFile(nil)
		h.f.temporary = true
	case h.f == nil && flags&sqlite3.SQLITE_OPEN_CREATE == 0:
		return nil, 0, sqlite3.SQLITE_CANTOPEN
	case h.f == nil:
		if !d.create(h, flags) {
			return nil, 0, sqlite3.SQLITE_CANTOPEN
		}
	case flags&sqlite3.SQLITE_OPEN_EXCLUSIVE != 0 && flags&sqlite3.SQLITE_OPEN_CREATE != 0:
		return nil, 0, sqlite3.SQLITE_CANTOPEN
	case d.faults.staying[ReadOnly]:
		h.readOnly = true
	}
	h.f.handles[h] = struct{}{}
	d.handles++
	if h.readOnly {
		flags = flags&^(sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE) | sqlite3.SQLITE_OPEN_READONLY
	}
	return h, flags, sqlite3.SQLITE_OK
}

// journals are the kinds of file after whose making SQLite's VFS for Unix syncs
// the folder: os_unix.c, unixOpen.
const journals = sqlite3.SQLITE_OPEN_MAIN_JOURNAL | sqlite3.SQLITE_OPEN_SUPER_JOURNAL | sqlite3.SQLITE_OPEN_WAL

func (d *Disk) create(h *handle, flags int32) bool {
	if d.hit(ReadOnly) || d.hit(DiskFull) {
		return false
	}
	cut := d.hit(PowerCut)
	if cut && d.rng.IntN(2) == 0 {
		d.cut()
		return false
	}
	h.f = newFile(nil)
	h.syncFolder = flags&journals != 0
	d.setName(h.name, h.f)
	if cut {
		d.cut()
	}
	return !cut
}

// remove deletes a file by name.
func (d *Disk) remove(name string, syncFolder bool) (rc int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.on || d.hit(ReadOnly):
		return sqlite3.SQLITE_IOERR_DELETE
	case d.names[name] == nil:
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	}
	cut := d.hit(PowerCut)
	if !cut || d.rng.IntN(2) == 0 {
		d.setName(name, nil)
	}
	if cut {
		d.cut()
		return sqlite3.SQLITE_IOERR_DELETE
	}
	if syncFolder {
		if d.hit(SyncError) {
			return sqlite3.SQLITE_IOERR_DIR_FSYNC
		}
		d.syncFolder(name)
	}
	return sqlite3.SQLITE_OK
}

// access tells whether a file is there and may be used. An empty file counts as
// none, as in os_unix.c, unixAccess.
func (d *Disk) access(name string, forWriting bool) (may bool, rc int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.names[name]
	switch {
	case !d.on:
		return false, sqlite3.SQLITE_IOERR_ACCESS
	case f == nil:
		return false, sqlite3.SQLITE_OK
	case forWriting:
		return !d.faults.staying[ReadOnly], sqlite3.SQLITE_OK
	}
	return f.size() > 0, sqlite3.SQLITE_OK
}

// isDead: the power is gone, and comes back only when the handle is closed.
func (h *handle) isDead() bool { return !h.d.on }

// read fills b, with zeros where the file has ended.
func (h *handle) read(b []byte, at int64) int32 {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.isDead() || h.d.hit(ReadError) {
		return sqlite3.SQLITE_IOERR_READ
	}
	n := 0
	if at < h.f.size() {
		n = copy(b, h.f.cache[at:])
	}
	if n < len(b) {
		clear(b[n:])
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return sqlite3.SQLITE_OK
}

func (h *handle) write(b []byte, at int64) int32 {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if h.isDead() || h.readOnly || d.hit(ReadOnly) || d.hit(WriteError) {
		return sqlite3.SQLITE_IOERR_WRITE
	}
	if d.hit(ShortWrite) {
		d.write(h.f, b[:d.rng.IntN(len(b))], at)
		return sqlite3.SQLITE_IOERR_WRITE
	}
	if room := h.f.size() - at; room < int64(len(b)) && d.hit(DiskFull) {
		d.write(h.f, b[:max(room, 0)], at)
		return sqlite3.SQLITE_FULL
	}
	cut := d.hit(PowerCut)
	if !cut || d.rng.IntN(2) == 0 {
		d.write(h.f, b, at)
	}
	if cut {
		d.cut()
		return sqlite3.SQLITE_IOERR_WRITE
	}
	return sqlite3.SQLITE_OK
}

func (h *handle) truncate(size int64) int32 {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if h.isDead() || h.readOnly || d.hit(ReadOnly) || d.hit(WriteError) {
		return sqlite3.SQLITE_IOERR_TRUNCATE
	}
	cut := d.hit(PowerCut)
	if !cut || d.rng.IntN(2) == 0 {
		d.truncate(h.f, size)
	}
	if cut {
		d.cut()
		return sqlite3.SQLITE_IOERR_TRUNCATE
	}
	return sqlite3.SQLITE_OK
}

func (h *handle) sync() int32 {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if h.isDead() {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	if d.hit(SyncError) {
		h.f.lose()
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	if d.hit(PowerCut) {
		d.cut()
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	d.sync(h.f)
	if h.syncFolder {
		d.syncFolder(h.name)
		h.syncFolder = false
	}
	return sqlite3.SQLITE_OK
}

func (h *handle) size() (size int64, rc int32) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.isDead() {
		return 0, sqlite3.SQLITE_IOERR_FSTAT
	}
	return h.f.size(), sqlite3.SQLITE_OK
}

// close always succeeds: after a cut, too, SQLite has to get rid of its files.
func (h *handle) close() int32 {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(h.f.handles, h)
	d.handles--
	if h.deleteLate && !h.isDead() && h.name != "" && d.names[h.name] == h.f {
		d.setName(h.name, nil)
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) sectorSize() int32 { return int32(d.o.Sector) }

func (d *Disk) characteristics() int32 {
	if d.o.Fragile {
		return 0
	}
	return sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
