package trust

import (
	"context"
	"crypto/rand"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// What the gate, the seal and the ledger cost: durable acts a second on each
// database, beside the bare rows that SQLite appends with a sync each. The figures
// are the machine's of the day and are told, not judged; what is held is that each
// act was kept.
func TestPrice(t *testing.T) {
	span := time.Duration(times(1, 5)) * time.Second
	bare := bareRows(t, span)
	lite := actsFor(t, span, func(ctx context.Context) (*store.Store, error) {
		return store.OpenSQLite(ctx, store.SQLite{Folder: filepath.Join(t.TempDir(), "data")})
	})
	address := storetest.Database(t)
	post := actsFor(t, span, func(ctx context.Context) (*store.Store, error) { return store.OpenPostgres(ctx, address) })
	promise(t, "T7", "P1", "price: %d durable acts a second on SQLite, %d on PostgreSQL, one desk after the other; bare rows with a sync each on SQLite: %d", lite, post, bare)
}

// actsFor keeps notes for a while, checks that all are there, and returns how many
// that was in a second.
func actsFor(t *testing.T, span time.Duration, open func(context.Context) (*store.Store, error)) int {
	t.Helper()
	ctx := t.Context()
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := place{key: key, ring: fileRing(t.TempDir()), open: open}.start(ctx, time.Now)
	if err != nil {
		t.Fatal(told(err))
	}
	defer r.stop()
	_, desk, err := begin(ctx, r.App)
	if err != nil {
		t.Fatal(told(err))
	}
	n, took := 0, time.Duration(0)
	for took < span {
		id, err := r.StartWalk(ctx, desk, app.StartForm{Playbook: "officer"})
		if err != nil {
			t.Fatal(told(err))
		}
		began := time.Now()
		const notes = 40 // a walk has some forty events, not thousands
		for range notes {
			if _, err := r.Record(ctx, desk, id, walk.Event{Kind: walk.Noted, Text: "Two officers, one badge shown."}); err != nil {
				t.Fatal(told(err))
			}
		}
		took += time.Since(began)
		n += notes
		if v, err := r.ReadWalk(ctx, desk, id, ""); err != nil || len(v.Walk.Entries()) != notes+1 {
			t.Fatalf("a walk has lost events: %s", told(err))
		}
	}
	return int(float64(n) / took.Seconds())
}

// bareRows appends rows of the size of a sealed event, each with a sync.
func bareRows(t *testing.T, span time.Duration) int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE rows (n INTEGER PRIMARY KEY, v BLOB)"); err != nil {
		t.Fatal(err)
	}
	n, value, began := 0, make([]byte, 512), time.Now()
	for time.Since(began) < span {
		if _, err := db.Exec("INSERT INTO rows (v) VALUES ($1)", value); err != nil {
			t.Fatal(err)
		}
		n++
	}
	return int(float64(n) / time.Since(began).Seconds())
}
