package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

func entry(t testing.TB, n int) ledger.Entry {
	t.Helper()
	e, err := ledger.Act{Kind: "test-act", At: time.UnixMilli(int64(1_750_000_000_000 + n)), Actor: "a", Contents: fmt.Appendf(nil, "%d", n)}.Entry(ledger.CommitKey{1})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLedger(t *testing.T) {
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
		for i := range 37 {
			err := s.Write(ctx, people.Installation, func(tx *store.Tx) error {
				if _, err := ledger.Append(ctx, tx.Ledger(), entry(t, i)); err != nil {
					return err
				}
				if i%10 == 9 {
					_, _, err := ledger.Sign(ctx, tx.Ledger(), signer, time.UnixMilli(int64(1_750_000_000_000+i)), rand.Reader)
					return err
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// What is rolled back leaves no leaf.
		err = s.Write(ctx, people.Installation, func(tx *store.Tx) error {
			if _, err := ledger.Append(ctx, tx.Ledger(), entry(t, 99)); err != nil {
				return err
			}
			return context.Canceled
		})
		if err == nil {
			t.Fatal("Write with a failing body = nil, want an error")
		}
		var file bytes.Buffer
		err = s.Read(ctx, people.Installation, func(tx *store.Tx) error {
			if err := ledger.CheckStored(ctx, tx.Ledger()); err != nil {
				return err
			}
			return ledger.Export(ctx, &file, "library.example/ledger", tx.Ledger())
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := ledger.Verify(bytes.NewReader(file.Bytes()), public, ledger.Options{})
		if err != nil || !r.OK() || r.Checkpoints != 3 {
			t.Errorf("Verify = %v, %v, want 3 checkpoints and nothing wrong", r, err)
		}
	})
}
