package powercut

import (
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// tryLock raises a handle's lock on its file, as https://www.sqlite.org/lockingv3.html
// describes: many may read; one of them may prepare to write; that one writes
// alone.
func (h *handle) tryLock(level int32) int32 {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.isDead() {
		return sqlite3.SQLITE_IOERR_LOCK
	}
	if h.lock >= level {
		return sqlite3.SQLITE_OK
	}
	highest := h.highestOther()
	switch {
	case level == sqlite3.SQLITE_LOCK_SHARED && highest >= sqlite3.SQLITE_LOCK_PENDING:
		return sqlite3.SQLITE_BUSY
	case level > sqlite3.SQLITE_LOCK_SHARED && highest > sqlite3.SQLITE_LOCK_SHARED:
		return sqlite3.SQLITE_BUSY
	case level == sqlite3.SQLITE_LOCK_EXCLUSIVE && highest == sqlite3.SQLITE_LOCK_SHARED:
		h.lock = sqlite3.SQLITE_LOCK_PENDING // nobody new may read
		return sqlite3.SQLITE_BUSY
	}
	h.lock = level
	return sqlite3.SQLITE_OK
}

func (h *handle) highestOther() (level int32) {
	for other := range h.f.handles {
		if other != h {
			level = max(level, other.lock)
		}
	}
	return level
}

func (h *handle) unlock(level int32) int32 {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	h.lock = min(h.lock, level)
	return sqlite3.SQLITE_OK
}

func (h *handle) isReserved() (reserved bool, rc int32) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.isDead() {
		return false, sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK
	}
	return max(h.lock, h.highestOther()) > sqlite3.SQLITE_LOCK_SHARED, sqlite3.SQLITE_OK
}

// shm is the memory that the connections to one database share in WAL mode. It is
// C's memory: SQLite reads and writes it from several connections at once, by
// rules of its own.
type shm struct {
	regions []uintptr
	users   int
}

// shmMap returns the address of a region of the shared memory, 0 if there is none
// and none shall be made.
func (h *handle) shmMap(tls *libc.TLS, region, size int32, extend bool) (address uintptr, rc int32) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.isDead() {
		return 0, sqlite3.SQLITE_IOERR_SHMMAP
	}
	if h.mapped == nil {
		if h.f.shm == nil {
			h.f.shm = &shm{}
		}
		h.mapped = h.f.shm
		h.mapped.users++
	}
	m := h.mapped
	for extend && int(region) >= len(m.regions) {
		p := libc.Xmalloc(tls, types.Size_t(size))
		if p == 0 {
			return 0, sqlite3.SQLITE_NOMEM
		}
		clear(unsafe.Slice(at[byte](p), size))
		m.regions = append(m.regions, p)
	}
	if int(region) >= len(m.regions) {
		return 0, sqlite3.SQLITE_OK
	}
	return m.regions[region], sqlite3.SQLITE_OK
}

func (h *handle) shmUnmap(tls *libc.TLS) int32 {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	m := h.mapped
	if m == nil {
		return sqlite3.SQLITE_OK
	}
	h.mapped, h.shared, h.exclusive = nil, 0, 0
	if m.users--; m.users == 0 {
		for _, p := range m.regions {
			libc.Xfree(tls, p)
		}
		m.regions = nil
		h.f.shm = nil
	}
	return sqlite3.SQLITE_OK
}

// shmLock takes or returns n locks on the shared memory from first on: any number
// of handles may share one, or one has it alone.
func (h *handle) shmLock(first, n, flags int32) int32 {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	mask := uint8((1<<n - 1) << first)
	if flags&sqlite3.SQLITE_SHM_UNLOCK != 0 {
		h.shared &^= mask
		h.exclusive &^= mask
		return sqlite3.SQLITE_OK
	}
	if h.isDead() {
		return sqlite3.SQLITE_IOERR_SHMLOCK
	}
	shared, exclusive := h.othersShm()
	switch {
	case exclusive&mask != 0:
		return sqlite3.SQLITE_BUSY
	case flags&sqlite3.SQLITE_SHM_SHARED != 0:
		h.shared |= mask
	case shared&mask != 0:
		return sqlite3.SQLITE_BUSY
	default:
		h.exclusive |= mask
	}
	return sqlite3.SQLITE_OK
}

func (h *handle) othersShm() (shared, exclusive uint8) {
	for other := range h.f.handles {
		if other != h {
			shared |= other.shared
			exclusive |= other.exclusive
		}
	}
	return shared, exclusive
}

// shmBarrier makes what one connection wrote into the shared memory visible to
// the others.
func (h *handle) shmBarrier() {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
}
