// Package provider holds how somebody signs in through a provider elsewhere, such
// as the one of their county or university: the authorization code flow of OpenID
// Connect Core 1.0 with PKCE (RFC 7636) and issuer identification (RFC 9207).
//
// Nothing is served and nothing is stored here. Begin gives the address to send
// the browser to, and a Pending to keep; Finish takes that Pending and the query
// with which the browser came back. Time and randomness come in.
//
// What the caller has to do:
//
//   - Keep the Pending on the server, and in the browser a random token that finds
//     it. Find it by that token alone, never by the state of the query: otherwise
//     somebody could let another's browser finish what was begun in theirs.
//   - Take the Pending out of the store before Finish, in one statement.
//   - Know a person by Issuer and Subject together, and by nothing else. A mail
//     address is what the provider says it is; an account that is found by it can
//     be taken over by whoever gets that address there.
//   - Link an identity with an account only when the account's owner is signed in
//     (Begin and Finish are given that person), or holds an invitation that has
//     just been used. An identity that is linked with nobody gets nobody in.
//
// A provider that does not answer stops nothing: it is asked only when somebody
// wants to sign in by it, and after it failed not for a while, growing to
// five minutes. What it sends is bounded in size and time, and redirects to another host
// are not followed. All addresses are https, except those of a provider on this
// same machine.
//
// People read little of what went wrong; the cause, for the log, holds no code, no
// token and no secret.
package provider
