package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var ctx = context.Background()

func connect(t testing.TB, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("connect to %s: %v", address, err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	return conn
}

func one[T any](t testing.TB, conn *pgx.Conn, query string) (v T) {
	t.Helper()
	if err := conn.QueryRow(ctx, query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestSettings(t *testing.T) {
	durable := map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_recycle": "on"}
	forgetful := map[string]string{"fsync": "on", "wal_recycle": "off", "autovacuum": "off"}
	for name, test := range map[string]struct {
		c    *Cluster
		want map[string]string
	}{"shared": {Shared(t), durable}, "forgetful": {SharedForgetful(t), forgetful}} {
		conn := connect(t, test.c.Database(t))
		for setting, want := range test.want {
			if got := one[string](t, conn, "SHOW "+setting); got != want {
				t.Errorf("%s: SHOW %s = %q, want %q", name, setting, got, want)
			}
		}
	}
	if a, b := Shared(t), Shared(t); a != b {
		t.Errorf("Shared gave two clusters: %s and %s", a.folder, b.folder)
	}
}

func TestDatabase(t *testing.T) {
	c := Shared(t)
	a, b := c.Database(t), c.Database(t)
	if a == b {
		t.Fatalf("Database gave %s twice", a)
	}
	conn := connect(t, a)
	if one[bool](t, conn, "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user") {
		t.Error("the owner of a database may do more than own it")
	}
	if _, err := conn.Exec(ctx, "CREATE TABLE mine (n int)"); err != nil {
		t.Errorf("the owner makes a table: %v", err)
	}
	other := connect(t, b)
	if one[bool](t, other, "SELECT to_regclass('mine') IS NOT NULL") {
		t.Error("one database shows another's table")
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	c := Shared(t)
	var name string
	t.Run("body", func(t *testing.T) {
		address := c.Database(t)
		connect(t, address) // still open when the database is dropped
		var err error
		if name, err = DatabaseOf(address); err != nil {
			t.Fatal(err)
		}
	})
	conn := connect(t, c.URL(Superuser, "postgres"))
	if n := one[int](t, conn, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); n != 0 {
		t.Errorf("%s is still there after its test", name)
	}
}

func TestRole(t *testing.T) {
	c := Shared(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { // as tests that run at once do
			if err := c.NewRole(`app "x" 'y'`); err != nil {
				t.Errorf("NewRole: %v", err)
			}
		})
	}
	wait.Wait()
	c.Role(t, "app")
	address, err := As(c.Database(t), "app")
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, address)
	if got := one[string](t, conn, "SELECT current_user"); got != "app" {
		t.Errorf("current_user = %q, want app", got)
	}
	if _, err := conn.Exec(ctx, "CREATE TABLE mine (n int)"); err == nil {
		t.Error("the role app makes a table in another's database")
	}
}

// TestCrash: what was committed outlives Kill and Quit, and open transactions do
// not; a killed server leaves no process.
func TestCrash(t *testing.T) {
	c := Start(t, Options{})
	address := c.Database(t)
	if _, err := connect(t, address).Exec(ctx, "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	for n, crash := range []func() error{c.Kill, c.Quit, c.Kill} {
		conn := connect(t, address)
		if _, err := conn.Exec(ctx, "INSERT INTO kept VALUES ($1)", n); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "BEGIN; INSERT INTO kept VALUES (99)"); err != nil {
			t.Fatal(err)
		}
		if err := crash(); err != nil {
			t.Fatalf("crash %d: %v", n, err)
		}
		if _, err := pgx.Connect(ctx, address); err == nil {
			t.Error("a crashed server answers")
		}
		if err := crash(); !errors.Is(err, ErrStopped) {
			t.Errorf("a second crash = %v, want %v", err, ErrStopped)
		}
		if err := c.Restart(); err != nil {
			t.Fatalf("Restart: %v", err)
		}
		if got, want := one[int](t, connect(t, address), "SELECT count(*) FROM kept WHERE n < 99"), n+1; got != want {
			t.Errorf("after crash %d there are %d rows, want %d", n, got, want)
		}
		if got := one[int](t, connect(t, address), "SELECT count(*) FROM kept WHERE n = 99"); got != 0 {
			t.Errorf("after crash %d there are %d rows that were never committed", n, got)
		}
	}
	if err := c.Restart(); err != nil { // while it runs
		t.Errorf("Restart of a running cluster: %v", err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := c.Restart(); !errors.Is(err, ErrStopped) {
		t.Errorf("Restart of a closed cluster = %v, want %v", err, ErrStopped)
	}
	if _, err := os.Stat(c.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close the folder is there: %v", err)
	}
}

// fake is a test that fails when told to, as somebody else's would.
type fake struct {
	testing.TB
	failed, fatal, skipped bool
	said                   strings.Builder
	cleanup                []func()
}

func (f *fake) Helper()                   {}
func (f *fake) Failed() bool              { return f.failed }
func (f *fake) Cleanup(body func())       { f.cleanup = append(f.cleanup, body) }
func (f *fake) Logf(s string, v ...any)   { fmt.Fprintf(&f.said, s+"\n", v...) }
func (f *fake) Fatalf(s string, v ...any) { f.fatal = true; f.Logf(s, v...) }
func (f *fake) Skipf(s string, v ...any)  { f.skipped = true; f.Logf(s, v...) }

func TestLogIsShown(t *testing.T) {
	for _, failed := range []bool{false, true} {
		f := &fake{failed: failed}
		c := Shared(f)
		conn := connect(t, c.Database(t))
		conn.Exec(ctx, "SELECT no_such_column")
		for _, body := range f.cleanup {
			body()
		}
		if got := strings.Contains(f.said.String(), "no_such_column"); got != failed {
			t.Errorf("a test with Failed() = %v shows the log: %v", failed, got)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, require := range []string{"1", ""} {
		t.Setenv(Require, require)
		f := &fake{}
		need(f, func() (*Cluster, error) { return nil, errors.New("not installed") })
		if f.fatal != (require == "1") || !strings.Contains(f.said.String(), "not installed") {
			t.Errorf("without PostgreSQL and %s=%q: fatal %v, said %q", Require, require, f.fatal, f.said.String())
		}
		if f.skipped != (require == "") && !f.fatal {
			t.Errorf("without PostgreSQL and %s=%q: skipped %v", Require, require, f.skipped)
		}
	}
}

// TestOpenFails: a server that cannot start is told with what it said, quickly,
// and leaves nothing.
func TestOpenFails(t *testing.T) {
	Shared(t) // there is a PostgreSQL
	begin := time.Now()
	c, err := Open(Options{Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Fatalf("Open with an unknown setting = %v, %v; want an error that names it", c, err)
	}
	if took := time.Since(begin); took > patience/2 {
		t.Errorf("Open took %v to fail", took)
	}
}
