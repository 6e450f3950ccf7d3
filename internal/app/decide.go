//go:build !roundtable_ungated

package app

import (
	"time"

	"roundtable/internal/access"
)

// decide asks package access. It stands in a file of its own so that a test can
// leave it out (ungated.go) and see that the database alone keeps libraries apart.
func decide(who access.Actor, act access.Act, on access.Subject, at time.Time) error {
	return access.Check(who, act, on, at)
}
