// Package store keeps everything that Roundtable keeps but keys: all SQL is here,
// and it is the same on SQLite and PostgreSQL (what differs is in dialect.go).
//
// A tenant is the installation (accounts, sessions, devices, memberships, the
// list of libraries) or one library. On SQLite each is a file of its own; on
// PostgreSQL they share tables, in which each row names its tenant and row
// security lets a transaction see the rows of its own tenant only. A transaction
// (Tx) is of one tenant, and every statement names it.
//
// Writing transactions of one tenant run one after another on both databases, so
// that a rule that was checked in one still holds when it commits, and the
// ledger's leaves come in order. What Write has returned nil for is durable.
//
// The package decides nothing and seals nothing: what speaks of people comes in
// as sealed bytes. Who may do what is package access's matter, and app's to ask.
package store
