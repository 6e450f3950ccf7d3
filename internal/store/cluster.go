package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ClusterOf returns the number that a PostgreSQL cluster got when it was made: two
// addresses with the same number are one cluster, with one journal and the same
// backups, whatever their hosts and ports are called.
func ClusterOf(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", fmt.Errorf("ask a database which cluster it is: %w", err)
	}
	defer conn.Close(ctx)
	var id string
	err = conn.QueryRow(ctx, "SELECT system_identifier::text FROM pg_control_system()").Scan(&id)
	if refused := new(pgconn.PgError); errors.As(err, &refused) && refused.Code == "42501" {
		return "", errors.New("the database does not say which cluster it is; as its superuser: GRANT EXECUTE ON FUNCTION pg_control_system() TO the role that serves")
	}
	if err != nil {
		return "", fmt.Errorf("ask a database which cluster it is: %w", err)
	}
	return id, nil
}

// Others counts the connections that others have to a PostgreSQL database as the
// same role: those of servers that are running.
func Others(ctx context.Context, url string) (n int, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("ask a database who uses it: %w", err)
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("ask a database who uses it: %w", err)
	}
	return n, nil
}
