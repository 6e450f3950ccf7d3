package trust

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

// A long ledger stays quick: adding an entry costs the same at its end as at its
// beginning, and all of it is verified in seconds. What is held here are numbers
// of rows read and written; times are told, since they are those of the machine.
func TestLongLedger(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		private, public, err := ledger.NewKey(rand.Reader, "library.example/ledger")
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(private)
		if err != nil {
			t.Fatal(err)
		}
		total := times(16_000, 1_000_000)
		if s.IsPostgres() {
			total /= 10 // the same rows on another database: its length is held on SQLite
		}
		first := grow(t, s, 0, total/10)
		middle := time.Duration(0)
		for from := total / 10; from < total; from += total / 10 {
			middle = grow(t, s, from, total/10)
		}
		at := time.UnixMilli(1_790_000_000_000)
		if err := s.Write(ctx, people.Installation, func(tx *store.Tx) error {
			_, _, err := ledger.Sign(ctx, tx.Ledger(), signer, at, rand.Reader)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		took := verifyFile(t, s, public, total)
		kind := "SQLite"
		if s.IsPostgres() {
			kind = "PostgreSQL"
		}
		promise(t, "T2", "P2", "%s: a ledger of %d entries: %v to verify the file; adding one took %v in the first tenth and %v in the last",
			kind, total, took.Round(time.Millisecond), (first / time.Duration(total/10)).Round(time.Microsecond), (middle / time.Duration(total/10)).Round(time.Microsecond))
	})
}

// grow adds entries, a thousand in a transaction, and returns how long it took.
func grow(t *testing.T, s *store.Store, from, n int) time.Duration {
	t.Helper()
	began := time.Now()
	for ; n > 0; n -= 1000 {
		err := s.Write(t.Context(), people.Installation, func(tx *store.Tx) error {
			var entries []ledger.Entry
			for i := range min(n, 1000) {
				e, err := ledger.Act{
					Kind: "add-note", At: time.UnixMilli(int64(1_750_000_000_000 + from + i)), Actor: "device", Contents: fmt.Appendf(nil, "%d", from+i),
				}.Entry(ledger.CommitKey{1})
				if err != nil {
					return err
				}
				entries = append(entries, e)
			}
			_, err := ledger.Append(context.Background(), tx.Ledger(), entries...)
			return err
		})
		if err != nil {
			t.Fatal(told(err))
		}
		from += 1000
	}
	return time.Since(began)
}

// verifyFile exports the ledger to a file, verifies that, and returns how long the
// verifying took.
func verifyFile(t *testing.T, s *store.Store, public string, most int) time.Duration {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := s.Read(t.Context(), people.Installation, func(tx *store.Tx) error {
		return ledger.Export(t.Context(), w, "library.example/ledger", tx.Ledger())
	}); err != nil {
		t.Fatal(told(err))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := ledger.Verify(f, public, ledger.Options{})
	took := time.Since(began)
	if err != nil || !r.OK() || r.Leaves < int64(most) {
		t.Fatalf("Verify = %v, %v", r, err)
	}
	return took
}
