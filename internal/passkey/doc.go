// Package passkey holds how somebody adds a passkey and signs in with one: the
// ceremonies of Web Authentication Level 3 (https://www.w3.org/TR/webauthn-3/)
// as values. The bytes of what a browser checks and signs are read and verified
// by github.com/go-webauthn/webauthn; the rules of this house are here.
//
// Nothing is served and nothing is stored. Begin gives what the browser's
// parseCreationOptionsFromJSON or parseRequestOptionsFromJSON reads, and a
// Challenge to keep; Finish takes that Challenge, and what the browser's toJSON
// wrote. Time and randomness come in.
//
// The rules:
//
//   - The person is verified by the authenticator (finger, face or PIN), each time.
//   - The passkey is kept by the authenticator and found there without a name
//     typed, so signing in begins with nobody known.
//   - No attestation is asked for: we do not want to know whose device it is.
//   - A Challenge lives for five minutes and is answered once, by the purpose and
//     the person that it was made for.
//   - A passkey whose counter did not move on is refused, since there may be a
//     copy of it: see ErrCopied.
//   - Whether a passkey may be synced is told anew at each sign-in, and may
//     change. The specification would have it never change, and refuse; some
//     password managers change it when they begin to sync, and the person would be
//     locked out by it. So the change is taken, after the signature was found
//     right, and told: see SignIn.
//
// A refusal reads the same whatever was wrong, except when it is too late, and
// when there may be a copy, which is found only after all else was right. The
// cause is for the log. It never holds a challenge, an id or a key.
package passkey
