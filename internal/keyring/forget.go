package keyring

import (
	"context"
	"fmt"
	"strings"
)

// ForgetError means that a PostgreSQL cluster would keep what is destroyed, or
// lose what was acknowledged. A keyring on it is refused.
type ForgetError struct {
	Change []string // what the operator changes, one sentence each
}

// Error says what to change.
func (e *ForgetError) Error() string {
	return "this PostgreSQL cluster is not fit for a keyring, which needs one of its own that forgets: " + strings.Join(e.Change, "; ")
}

// forgettingSettings are the settings of a cluster that matter: the values that
// are fit, the first of which is told.
var forgettingSettings = []struct {
	name string
	fit  []string
	why  string
}{
	{"fsync", []string{"on"}, "or what was acknowledged can be lost"},
	{"full_page_writes", []string{"on"}, "or what was acknowledged can be lost"},
	{"wal_recycle", []string{"off"}, "or old journal files keep destroyed keys"},
	{"wal_keep_size", []string{"0"}, "or old journal files keep destroyed keys"},
	{"archive_mode", []string{"off"}, "or an archive keeps destroyed keys"},
	{"log_statement", []string{"none", "ddl"}, "or the server's log keeps keys"},
	{"log_min_duration_statement", []string{"-1"}, "or the server's log keeps keys"},
}

// canForget returns a ForgetError when the cluster's settings, its replication
// slots or the rights of the role would let destroyed keys live on.
func (p *Postgres) canForget(ctx context.Context) error {
	var change []string
	for _, s := range forgettingSettings {
		var value string
		err := p.db.QueryRowContext(ctx, `SELECT coalesce(current_setting($1, true), '')`, s.name).Scan(&value)
		if err != nil {
			return unavailable(err)
		}
		if !fits(value, s.fit) {
			change = append(change, fmt.Sprintf("set %s = %s (it is %q), %s", s.name, s.fit[0], value, s.why))
		}
	}
	more, err := p.rights(ctx)
	if err != nil {
		return err
	}
	if change = append(change, more...); len(change) > 0 {
		return &ForgetError{change}
	}
	return nil
}

func fits(value string, fit []string) bool {
	for _, f := range fit {
		if value == f || value == f+"MB" {
			return true
		}
	}
	return false
}

func (p *Postgres) rights(ctx context.Context) ([]string, error) {
	var version, slots int
	var role string
	var canSwitch, canCheckpoint bool
	err := p.db.QueryRowContext(ctx, `SELECT
		current_setting('server_version_num')::integer,
		(SELECT count(*) FROM pg_replication_slots),
		quote_ident(current_user),
		has_function_privilege('pg_switch_wal()', 'EXECUTE'),
		(SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (
			SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint' AND pg_has_role(oid, 'USAGE'))`).
		Scan(&version, &slots, &role, &canSwitch, &canCheckpoint)
	if err != nil {
		return nil, unavailable(err)
	}
	var change []string
	if version < 150000 {
		change = append(change, "use PostgreSQL 15 or later, where a role may take checkpoints")
	}
	if slots > 0 {
		change = append(change, "drop its replication slots, which keep old journal files")
	}
	if !canSwitch {
		change = append(change, "as its superuser, in this database: GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "+role)
	}
	if !canCheckpoint {
		change = append(change, "as its superuser: GRANT pg_checkpoint TO "+role)
	}
	return change, nil
}
