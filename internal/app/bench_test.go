package app

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// What an act costs, with its decision, its seal and its entry in the ledger, on
// both databases; beside it what the bare database takes to keep a row durably.
func BenchmarkAct(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			bench := newBench(b, open(b))
			desk := bench.atDesk()
			id, err := bench.StartWalk(b.Context(), desk, StartForm{Playbook: "officer"})
			must(b, err)
			n := 0
			for b.Loop() {
				if n++; n%50 == 0 { // a walk has some fifty events, not thousands
					id, err = bench.StartWalk(b.Context(), desk, StartForm{Playbook: "officer"})
					must(b, err)
				}
				_, err := bench.Record(b.Context(), desk, id, walk.Event{Kind: walk.Noted, Text: "Two officers, one badge shown."})
				must(b, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
}

func BenchmarkBareRow(b *testing.B) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	must(b, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE rows (n INTEGER PRIMARY KEY, v BLOB)")
	must(b, err)
	value := make([]byte, 512)
	for b.Loop() {
		_, err := db.Exec("INSERT INTO rows (v) VALUES ($1)", value)
		must(b, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// Many desks at once, each with its own walk, in one library.
func BenchmarkDesksAtOnce(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			bench := newBench(b, open(b))
			desk := bench.atDesk()
			var next atomic.Int64
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				id, err := bench.StartWalk(b.Context(), desk, StartForm{Playbook: "officer"})
				must(b, err)
				for pb.Next() {
					_, err := bench.Record(b.Context(), desk, id, walk.Event{Kind: walk.Noted, Text: fmt.Sprint(next.Add(1))})
					must(b, err)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
		})
	}
}
