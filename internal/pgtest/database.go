package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Superuser is the role that a cluster begins with.
const Superuser = "postgres"

// URL returns the address of a database for a role, for pgx and for PostgreSQL's
// own programs. No password is asked for.
func (c *Cluster) URL(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.folder}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// As returns the address of the same database for another role.
func As(address, role string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.User = url.User(role)
	return u.String(), nil
}

// DatabaseOf returns the name of the database that an address speaks of.
func DatabaseOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(u.Path, "/"), nil
}

// RoleOf returns the role that an address speaks of.
func RoleOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	return u.User.Username(), nil
}

// Database makes an empty database and returns its address for its owner, a role
// that owns nothing else and is no superuser. It is dropped with the test.
func (c *Cluster) Database(tb TB) (ownerURL string) {
	tb.Helper()
	address, drop, err := c.NewDatabase()
	if err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := drop(); err != nil && !errors.Is(err, ErrStopped) {
			tb.Logf("drop the database: %v", err)
		}
	})
	return address
}

// NewDatabase is Database for programs that are no tests. drop ends whatever is
// connected.
func (c *Cluster) NewDatabase() (ownerURL string, drop func() error, err error) {
	ctx := context.Background()
	n := c.counter.Add(1)
	name, owner := fmt.Sprintf("test_%d", n), fmt.Sprintf("owner_%d", n)
	for _, statement := range []string{
		"CREATE ROLE " + owner + " LOGIN",
		"CREATE DATABASE " + name + " OWNER " + owner,
	} {
		if err := c.query(ctx, Superuser, statement); err != nil {
			return "", nil, err
		}
	}
	drop = func() error {
		if !c.runs() {
			return ErrStopped
		}
		return errors.Join(
			c.query(ctx, Superuser, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"),
			c.query(ctx, Superuser, "DROP ROLE IF EXISTS "+owner))
	}
	return c.URL(owner, name), drop, nil
}

// Role makes a role that may sign in and nothing else, unless there is one of
// that name: roles belong to the cluster, and tests share it.
func (c *Cluster) Role(tb TB, name string) {
	tb.Helper()
	if err := c.NewRole(name); err != nil {
		tb.Fatalf("make the role %s: %v", name, err)
	}
}

// NewRole is Role for programs that are no tests.
func (c *Cluster) NewRole(name string) error {
	quoted := pgx.Identifier{name}.Sanitize()
	literal := "'" + strings.ReplaceAll(name, "'", "''") + "'"
	// A lock, since two tests may ask at once and CREATE ROLE knows no IF NOT EXISTS.
	return c.query(context.Background(), Superuser, `
		DO $role$ BEGIN
			PERFORM pg_advisory_xact_lock(hashtext('pgtest role'));
			IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = `+literal+`) THEN
				CREATE ROLE `+quoted+` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
			END IF;
		END $role$`)
}

// Exec runs statements in a database as superuser.
func (c *Cluster) Exec(tb TB, database, statements string) {
	tb.Helper()
	if err := c.query(context.Background(), database, statements); err != nil {
		tb.Fatalf("%s: %v", statements, err)
	}
}

func (c *Cluster) runs() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server != nil
}

// query runs statements as superuser on a connection of its own.
func (c *Cluster) query(ctx context.Context, database, statements string) error {
	conn, err := pgx.Connect(ctx, c.URL(Superuser, database))
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}
