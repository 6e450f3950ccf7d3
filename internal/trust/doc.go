// Package trust holds the programs that prove what Roundtable promises, each with
// a control that must fail. They are tests: `go test ./internal/trust` runs a
// seeded sample of each, and `./check trust` the full figures, and prints what
// each promise was held against.
//
// The ids of promises (P1, P2, ...) and tests (T1, T2, ...) are those of the threat
// model; docs/promises.md has them in words.
package trust
