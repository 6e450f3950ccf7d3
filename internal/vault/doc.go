// Package vault seals what people write about people, before it reaches any
// database, queue, index or temporary file, and opens it again for whom the
// gate lets in.
//
// Three keys stand above each other. A [CaseKey] seals the contents of one case
// and is destroyed with it. A [LibraryKey] wraps the case keys of one library.
// The [InstallationKey], which the operator gives at start, wraps the library
// keys. Beside them stand HPKE keys ([PublicKey], [PrivateKey]) for what the
// server must not open or must only pass on: notes for counsel, events that wait
// on a device, recovery.
//
// It holds no keys of its own, knows no SQL, and decides nothing about who may
// see what: package access does. Where wrapped keys live is package keyring's
// matter. Randomness comes in as an io.Reader; only HPKE's sealing takes the
// operating system's own, because crypto/hpke offers no other.
//
// DESIGN.md says what is bound to what, how sizes are padded, and what is not
// promised. Values hold no locks: they may be used at once by many, as long as
// nobody calls Erase meanwhile.
package vault
