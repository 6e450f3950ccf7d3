// Package pgtest starts throw-away PostgreSQL clusters for tests and for the
// programs that prove what we promise. It is never part of the product.
//
// A cluster lies in a folder of its own under the system's temporary folder and
// listens on a Unix socket there: no port is taken from anybody, and only this
// user (and root) can reach it. It is gone when its test ends, or for a shared
// one when the test program ends, however it ends: a guard, a process of its
// own, waits for that, stops the server and removes the folder.
//
// It deliberately does not skip quietly. Where PostgreSQL is not installed a test
// is skipped aloud, and fails when ROUNDTABLE_REQUIRE_POSTGRES is "1".
package pgtest

import (
	"os"
	"sync"
)

// TB is what pgtest asks of a test. *testing.T, *testing.B and *testing.F have
// it; a program that is no test brings its own.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Fatalf(format string, args ...any) // does not return
	Skipf(format string, args ...any)  // does not return
	Failed() bool
	Cleanup(func())
}

// Require is the name of the environment variable that makes a missing
// PostgreSQL a failure when it is "1".
const Require = "ROUNDTABLE_REQUIRE_POSTGRES"

// Options say what a cluster is like.
type Options struct {
	// Settings are PostgreSQL's own, by name, beyond those that keep a cluster
	// small: "wal_recycle": "off". The zero Options have what a library's
	// database has: fsync, full_page_writes and synchronous_commit on.
	Settings map[string]string
}

// Forgetful returns the options of a cluster that is fit for a keyring: it
// removes journal files instead of using them again, so that what was destroyed
// is gone.
func Forgetful() Options {
	return Options{Settings: map[string]string{
		"wal_recycle":  "off",
		"autovacuum":   "off",
		"wal_level":    "replica",
		"min_wal_size": "2MB",
		"max_wal_size": "64MB",
	}}
}

var (
	shared          = sync.OnceValues(func() (*Cluster, error) { return Open(Options{}) })
	sharedForgetful = sync.OnceValues(func() (*Cluster, error) { return Open(Forgetful()) })
)

// Start starts a cluster that is the test's alone, and stops it with the test.
func Start(tb TB, o Options) *Cluster {
	tb.Helper()
	c := need(tb, func() (*Cluster, error) { return Open(o) })
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Logf("stop PostgreSQL: %v", err)
		}
	})
	showLog(tb, c)
	return c
}

// Shared returns the durable cluster that all tests of a program use, each with
// databases of its own. The first that asks starts it. Who kills it starts it
// again, and lets no other test run beside it meanwhile.
func Shared(tb TB) *Cluster {
	tb.Helper()
	c := need(tb, shared)
	showLog(tb, c)
	return c
}

// SharedForgetful is Shared for keyrings: see Forgetful.
func SharedForgetful(tb TB) *Cluster {
	tb.Helper()
	c := need(tb, sharedForgetful)
	showLog(tb, c)
	return c
}

func need(tb TB, open func() (*Cluster, error)) *Cluster {
	tb.Helper()
	c, err := open()
	switch {
	case err == nil:
		return c
	case os.Getenv(Require) == "1":
		tb.Fatalf("PostgreSQL is required and cannot be started: %v", err)
	}
	tb.Skipf("NOT TESTED: PostgreSQL cannot be started: %v", err)
	return nil
}

// showLog shows, when the test fails, what the server said during it.
func showLog(tb TB, c *Cluster) {
	from := c.logSize()
	tb.Cleanup(func() {
		if said := c.logFrom(from); tb.Failed() && said != "" {
			tb.Logf("PostgreSQL said meanwhile:\n%s", said)
		}
	})
}
