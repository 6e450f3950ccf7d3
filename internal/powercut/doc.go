// Package powercut is a disk in memory for SQLite that loses power when a test
// says so, and then has on it what a real disk might have: all that was synced,
// and of the rest any part. It is for tests and for the programs that prove what
// we promise, and never part of the product.
//
// A Disk is a VFS of SQLite (https://www.sqlite.org/vfs.html). A database on it is
// opened with its name:
//
//	disk, err := powercut.New(1, powercut.Options{})
//	db, err := sql.Open("sqlite", "file:/library.db?vfs="+disk.Name()+"&_pragma=journal_mode(WAL)")
//	…
//	disk.Cut()             // whoever still writes gets an error
//	db.Close()
//	err = disk.Reopen()    // and the database can be opened again
//
// # What may survive
//
// What SQLite itself takes a disk to do
// (https://www.sqlite.org/atomiccommit.html, section 2), and no less:
//
//   - A write that was not synced survives sector by sector: each sector has what
//     it had at the last sync, or what any later write left in it. A sector may be
//     torn: a part of it from one, the rest from another.
//   - A file's size follows its own order: of the growths and truncations since
//     the last sync some first ones survive. Where a file has grown and the data
//     did not arrive there are zeros or rubbish.
//   - A file that was made or deleted may be there or not, until its folder was
//     synced. The VFS syncs folders exactly when SQLite's own for Unix does.
//   - A sync that failed has lost what it was to write: later reads still show
//     it, as from a cache, but a later sync does not bring it to the disk unless
//     it is written again. That is what Linux does.
//
// How a cut chooses is drawn from the disk's seed: nothing survives, all does, what
// was written up to a moment, or each sector by chance.
//
// # What it does not do
//
// There are no folders but in names, no renames (SQLite never renames), no
// mmap. Memory that connections share in WAL mode is real, within one process, so
// several connections work as they do elsewhere; locking_mode=EXCLUSIVE, which
// needs none, works too. SQLite's own random numbers (salts of a WAL) do not come
// from the seed: the same seed makes the same choices, on bytes that differ there.
package powercut
