package main

import (
	"fmt"

	"roundtable/internal/store"
)

type migrateCmd struct {
	Database string `required:"" placeholder:"URL" env:"ROUNDTABLE_OWNER_DATABASE" help:"The PostgreSQL database, as its owner."`
	Role     string `required:"" placeholder:"NAME" help:"The role under which roundtable serve will use it: another one than the owner, which owns nothing."`
}

// Help is the manual page's text.
func (migrateCmd) Help() string {
	return `Makes the tables in a PostgreSQL database, or brings them to the form that this program works with, and lets the role use them. It is run by the database's owner before the first start and before each update; doing it again changes nothing.

The role must exist, must not be a superuser and must own nothing: row-level security keeps libraries apart only from such a role.

A folder of data needs none of this: roundtable serve does it at its start.

Example:
  createuser roundtable_app
  createdb --owner=roundtable_owner roundtable
  roundtable migrate --database postgres://roundtable_owner@db/roundtable --role roundtable_app`
}

// Run migrates.
func (c *migrateCmd) Run(e *env) error {
	before, err := store.FormOfPostgres(e.ctx, c.Database)
	if err != nil {
		return err
	}
	if before > store.Form() {
		return fmt.Errorf("this database is of form %d, which is newer than this program (%d): use the newer program", before, store.Form())
	}
	if err := store.MigratePostgres(e.ctx, c.Database, c.Role); err != nil {
		return err
	}
	switch before {
	case store.Form():
		fmt.Fprintf(e.stdout, "The database was of form %d already. The role %s may use it.\n", before, c.Role)
	case 0:
		fmt.Fprintf(e.stdout, "The database is of form %d. The role %s may use it.\n", store.Form(), c.Role)
	default:
		fmt.Fprintf(e.stdout, "The database was of form %d and is of form %d now. The role %s may use it.\n", before, store.Form(), c.Role)
	}
	return nil
}
