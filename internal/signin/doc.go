// Package signin holds how people and devices prove who they are: passwords and
// what makes one too easy, one-time codes, recovery codes, invitations, codes
// that enrol a device, sessions, and limits on how often one may try.
//
// All are values and rules. Time and randomness come in; nothing is stored and
// nothing is sent. What is kept of a secret is a hash: of a password argon2id, of
// tokens and codes that are drawn here (and so cannot be guessed) SHA-256. The
// secret itself is returned once, to be shown or sent.
//
// Passkeys and OpenID Connect need HTTP and are not here.
package signin
