// Package backup makes backups of an installation and restores them.
//
// A backup goes to two places (see package keyring for the second): the database
// to one archive file, kept as long as the library likes; the keyring to a
// folder of its own, where a copy lives at most 30 days. Each is worthless
// without the installation's key, or two of the three recovery shares. Because
// what was destroyed was destroyed in the keyring, an archive of any age opens
// only what is alive in the keyring beside it.
//
// # The archive
//
// An archive is an age file (age-encryption.org/v1) with recipient stanzas of
// our own kinds: "roundtable-backup-key", for the installation's key, and
// "roundtable-backup-recovery", for the recovery key. Inside is text in lines of
// JSON, the same for SQLite and PostgreSQL, so that what was written from one can
// be restored into the other:
//
//	{"roundtable-backup":1,"form":1,"at":"2026-11-03T02:00:00.000Z"}
//	{"tenant":"installation"}
//	{"table":"settings","columns":["name text","value text"]}
//	["ledger.public-key","roundtable/installation+…"]
//	{"rows":1}
//	…                               (more tables, in an order in which they can be loaded)
//	{"key":"roundtable/installation+…","checkpoint":"…","leaves":16}
//	…                               (more tenants: the libraries, by id)
//	{"tenants":2,"rows":123,"sha256":"…"}
//
// The first line has the version of this format, the number of the database's
// schema and the time at which reading began. A table is followed by its rows in
// the order of its primary key: strings for text, numbers for int (truth values
// are 0 and 1), base64 for blob, null where there is nothing. Tables without rows
// are left out, and so is the column library_id, which is the tenant. A tenant
// ends with its ledger's public key, newest checkpoint and number of leaves. The
// last line has the number of tenants and of rows, and the SHA-256 of all bytes
// before it. A tenant is of one state of its database; on PostgreSQL all of them
// are of the same.
//
// The package draws its time from nobody: it comes in. It keeps no schedule, and
// deletes no archive.
package backup
