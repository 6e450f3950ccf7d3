// Package ledger is a log that cannot be rewritten unnoticed. Every act leaves
// an entry; entries are the leaves of an RFC 6962 tree; every hour a checkpoint
// of the tree is signed as a C2SP note. From an exported file and the public
// key, [Verify] finds any change, deletion, move or cut before the last signed
// checkpoint; with a checkpoint that was kept elsewhere it also finds that the
// ledger was cut back or written anew by whoever holds the signing key.
//
// An entry never holds what an act was about, only a commitment to it under a
// key of the case (see [CommitKey]). What of an entry can be read may be
// dropped later; the leaf's hash stays, and the ledger still verifies.
//
// The package knows no SQL, reads no clock and draws no randomness: storage
// ([Storage]), times and random bytes come in. It does not decide who may act,
// and it does not keep, send or schedule anything. DESIGN.md has the format of
// the exported file and the reasons.
package ledger
