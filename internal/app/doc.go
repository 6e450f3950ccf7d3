// Package app is what a person can do: each act is one method of App, in the file
// of its subject. Pages, commands and jobs call these methods and nothing below
// them.
//
// Every act passes one gate (gate.go): the subject is found, package access
// decides, the rule of the room runs, what it writes and an entry of the ledger
// are committed together, and only then are live listeners told. A refusal leaves
// an entry too. Opening a case leaves one before its page is sent.
//
// Errors are faults (package fault): their words are for the person, their cause
// for the log. Time, randomness, database and keyring come in (Options).
package app
