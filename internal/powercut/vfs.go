package powercut

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	_ "modernc.org/sqlite" // it sets SQLite up before the first use
	sqlite3 "modernc.org/sqlite/lib"
)

// This file is the bridge from SQLite's C, which modernc.org/sqlite has translated
// to Go, to a Disk. C holds addresses of functions and of memory as uintptr; what
// it shall remember of ours is a number, looked up in one of the two books below.

// registration is what SQLite was given of a disk, in C's memory.
type registration struct{ name, vfs uintptr }

// book gives out numbers for values that C remembers.
type book[V any] struct {
	last   atomic.Uintptr
	values sync.Map
}

func (b *book[V]) enter(v V) uintptr {
	n := b.last.Add(1)
	b.values.Store(n, v)
	return n
}

func (b *book[V]) find(n uintptr) V {
	v, _ := b.values.Load(n)
	return v.(V)
}

var (
	disks   book[*Disk]
	handles book[*handle]
)

// openFile is what SQLite allocates for each open file: its own part, and our
// number of the handle.
type openFile struct {
	base   sqlite3.Tsqlite3_file
	handle uintptr
}

// at reads an address that C gave us. It goes through a pointer to the address,
// since the memory is not Go's and no rule of Go's for such addresses fits.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// address returns what the translated C calls a function by. It may only be given
// functions of package level, which stay where they are.
func address[F any](function F) uintptr { return *(*uintptr)(unsafe.Pointer(&function)) }

// methods are the same for all files. Version 2: with shared memory, without mmap.
var methods = sqlite3.Tsqlite3_io_methods{
	FiVersion:               2,
	FxClose:                 address(xClose),
	FxRead:                  address(xRead),
	FxWrite:                 address(xWrite),
	FxTruncate:              address(xTruncate),
	FxSync:                  address(xSync),
	FxFileSize:              address(xFileSize),
	FxLock:                  address(xLock),
	FxUnlock:                address(xUnlock),
	FxCheckReservedLock:     address(xCheckReservedLock),
	FxFileControl:           address(xFileControl),
	FxSectorSize:            address(xSectorSize),
	FxDeviceCharacteristics: address(xDeviceCharacteristics),
	FxShmMap:                address(xShmMap),
	FxShmLock:               address(xShmLock),
	FxShmBarrier:            address(xShmBarrier),
	FxShmUnmap:              address(xShmUnmap),
}

// register makes the disk known to SQLite. What has nothing to do with files
// (time, sleeping, random numbers) is the default VFS's.
func (d *Disk) register() error {
	tls := libc.NewTLS()
	defer tls.Close()
	usual := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if usual == 0 {
		return fmt.Errorf("powercut: SQLite has no VFS to begin with")
	}
	number := disks.enter(d)
	d.name = fmt.Sprintf("powercut-%d", number)
	name, err := libc.CString(d.name)
	if err != nil {
		return err
	}
	p := libc.Xmalloc(tls, types.Size_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	if p == 0 {
		return fmt.Errorf("powercut: out of memory")
	}
	vfs := at[sqlite3.Tsqlite3_vfs](p)
	*vfs = *at[sqlite3.Tsqlite3_vfs](usual)
	vfs.FiVersion, vfs.FszOsFile, vfs.FmxPathname = 2, int32(unsafe.Sizeof(openFile{})), 512
	vfs.FpNext, vfs.FzName, vfs.FpAppData = 0, name, number
	vfs.FxOpen, vfs.FxDelete = address(xOpen), address(xDelete)
	vfs.FxAccess, vfs.FxFullPathname = address(xAccess), address(xFullPathname)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, p, 0); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("powercut: register: SQLite's code %d", rc)
	}
	d.vfs = registration{name, p}
	return nil
}

func (d *Disk) unregister() error {
	if d.vfs.vfs == 0 {
		return nil
	}
	tls := libc.NewTLS()
	defer tls.Close()
	rc := sqlite3.Xsqlite3_vfs_unregister(tls, d.vfs.vfs)
	if rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("powercut: unregister: SQLite's code %d", rc)
	}
	disks.values.Delete(at[sqlite3.Tsqlite3_vfs](d.vfs.vfs).FpAppData)
	libc.Xfree(tls, d.vfs.vfs)
	libc.Xfree(tls, d.vfs.name)
	d.vfs = registration{}
	return nil
}

func diskOf(vfs uintptr) *Disk      { return disks.find(at[sqlite3.Tsqlite3_vfs](vfs).FpAppData) }
func handleOf(file uintptr) *handle { return handles.find(at[openFile](file).handle) }

func xOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	*at[openFile](file) = openFile{} // no methods: SQLite does not close what was not opened
	text := ""
	if name != 0 {
		text = libc.GoString(name)
	}
	h, out, rc := diskOf(vfs).open(text, flags)
	if rc != sqlite3.SQLITE_OK {
		return rc
	}
	*at[openFile](file) = openFile{sqlite3.Tsqlite3_file{FpMethods: uintptr(unsafe.Pointer(&methods))}, handles.enter(h)}
	if outFlags != 0 {
		*at[int32](outFlags) = out
	}
	return rc
}

func xDelete(tls *libc.TLS, vfs, name uintptr, syncFolder int32) int32 {
	return diskOf(vfs).remove(libc.GoString(name), syncFolder&1 != 0)
}

func xAccess(tls *libc.TLS, vfs, name uintptr, flags int32, out uintptr) int32 {
	may, rc := diskOf(vfs).access(libc.GoString(name), flags == sqlite3.SQLITE_ACCESS_READWRITE)
	*at[int32](out) = libc.Bool32(may)
	return rc
}

func xFullPathname(tls *libc.TLS, vfs, name uintptr, room int32, out uintptr) int32 {
	full := clean(libc.GoString(name))
	if len(full)+1 > int(room) {
		return sqlite3.SQLITE_CANTOPEN
	}
	b := unsafe.Slice(at[byte](out), room)
	b[copy(b, full)] = 0
	return sqlite3.SQLITE_OK
}

func xClose(tls *libc.TLS, file uintptr) int32 {
	h := handleOf(file)
	h.shmUnmap(tls)
	handles.values.Delete(at[openFile](file).handle)
	return h.close()
}

func xRead(tls *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	return handleOf(file).read(unsafe.Slice(at[byte](to), n), offset)
}

func xWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	return handleOf(file).write(unsafe.Slice(at[byte](from), n), offset)
}

func xTruncate(tls *libc.TLS, file uintptr, size int64) int32 { return handleOf(file).truncate(size) }

func xSync(tls *libc.TLS, file uintptr, flags int32) int32 { return handleOf(file).sync() }

func xFileSize(tls *libc.TLS, file, out uintptr) int32 {
	size, rc := handleOf(file).size()
	*at[int64](out) = size
	return rc
}

func xLock(tls *libc.TLS, file uintptr, level int32) int32 { return handleOf(file).tryLock(level) }

func xUnlock(tls *libc.TLS, file uintptr, level int32) int32 { return handleOf(file).unlock(level) }

func xCheckReservedLock(tls *libc.TLS, file, out uintptr) int32 {
	reserved, rc := handleOf(file).isReserved()
	*at[int32](out) = libc.Bool32(reserved)
	return rc
}

// xFileControl knows none of the requests: they are hints, or of other systems.
func xFileControl(tls *libc.TLS, file uintptr, op int32, arg uintptr) int32 {
	return sqlite3.SQLITE_NOTFOUND
}

func xSectorSize(tls *libc.TLS, file uintptr) int32 { return handleOf(file).d.sectorSize() }

func xDeviceCharacteristics(tls *libc.TLS, file uintptr) int32 {
	return handleOf(file).d.characteristics()
}

func xShmMap(tls *libc.TLS, file uintptr, region, size, extend int32, out uintptr) int32 {
	p, rc := handleOf(file).shmMap(tls, region, size, extend != 0)
	*at[uintptr](out) = p
	return rc
}

func xShmLock(tls *libc.TLS, file uintptr, first, n, flags int32) int32 {
	return handleOf(file).shmLock(first, n, flags)
}

func xShmBarrier(tls *libc.TLS, file uintptr) { handleOf(file).shmBarrier() }

func xShmUnmap(tls *libc.TLS, file uintptr, delete int32) int32 { return handleOf(file).shmUnmap(tls) }
