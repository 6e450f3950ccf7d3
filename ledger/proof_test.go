package ledger_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"roundtable/ledger"
)

func TestProve(t *testing.T) {
	w := newWorld(t, 6)
	w.live(4, 30)
	w.m.Drop(7)
	signed := w.notes[len(w.notes)-1]
	c, _, err := ledger.OpenCheckpoint(signed, w.key)
	if err != nil {
		t.Fatal(err)
	}
	leaves, _ := w.m.Leaves(background, 0, int(c.Size))
	for n, leaf := range leaves {
		proof, err := ledger.Prove(background, w.m, int64(n), leaf, signed, w.key)
		if err != nil {
			t.Fatalf("Prove(%d) = %v", n, err)
		}
		got, err := ledger.CheckProof(proof, w.key)
		if err != nil || got.Number != int64(n) || got.Leaf != leaf || got.Checkpoint != c {
			t.Fatalf("CheckProof() of leaf %d = %+v, %v", n, got, err)
		}
		for range 20 {
			changed := bytes.Clone(proof)
			i := w.rng.IntN(len(changed))
			changed[i] ^= 1 << w.rng.IntN(8)
			if bytes.Contains(proof[:i], []byte("— witness")) {
				continue // a witness's signature is no part of what is proved
			}
			if _, err := ledger.CheckProof(changed, w.key); err == nil && !bytes.Contains(proof[i:], []byte("tness.example")) {
				t.Errorf("CheckProof() of leaf %d took a changed proof:\n%s", n, firstDifference(proof, changed))
			}
		}
	}
	if _, err := ledger.Prove(background, w.m, c.Size, leaves[0], signed, w.key); err == nil {
		t.Errorf("Prove(%d) of %d leaves succeeded, want an error", c.Size, c.Size)
	}
	if _, err := ledger.Prove(background, w.m, 1, leaves[0], signed, w.key); err == nil {
		t.Error("Prove(1) of leaf 0 succeeded, want an error")
	}
}

func TestCheckProofNeedsTheKey(t *testing.T) {
	w := newWorld(t, 6)
	w.do(3)
	signed := w.sign(false)
	leaves, _ := w.m.Leaves(background, 0, 1)
	proof, err := ledger.Prove(background, w.m, 0, leaves[0], signed, w.key)
	if err != nil {
		t.Fatal(err)
	}
	_, other := newKey(t, w.random, origin)
	if _, err := ledger.CheckProof(proof, other); err == nil {
		t.Error("CheckProof() with another key succeeded, want an error")
	}
	if _, err := ledger.CheckProof(bytes.Repeat(proof, 1000), w.key); err == nil {
		t.Error("CheckProof() of 1,000 proofs in one succeeded, want an error")
	}
}

func TestWitnessRequest(t *testing.T) {
	w := newWorld(t, 6)
	w.do(10)
	w.sign(false)
	w.do(30)
	signed := w.sign(false)
	body, err := ledger.WitnessRequest(background, w.m, 16, signed, w.key)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := ledger.ProveGrowth(background, w.m, 16, 48)
	if err != nil || len(hashes) == 0 {
		t.Fatalf("ProveGrowth(16, 48) = %v, %v", hashes, err)
	}
	want := "old 16\n"
	for _, h := range hashes {
		want += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	want += "\n" + string(signed)
	if string(body) != want {
		t.Errorf("WitnessRequest() = %q, want %q", body, want)
	}
	for _, old := range []int64{0, 48} {
		body, err := ledger.WitnessRequest(background, w.m, old, signed, w.key)
		if want := fmt.Sprintf("old %d\n\n%s", old, signed); err != nil || string(body) != want {
			t.Errorf("WitnessRequest(%d) = %q, %v, want %q", old, body, err, want)
		}
	}
	for _, old := range []int64{-1, 49} {
		if _, err := ledger.WitnessRequest(background, w.m, old, signed, w.key); err == nil {
			t.Errorf("WitnessRequest(%d) succeeded, want an error", old)
		}
	}
}

// FuzzCheckProof holds that only leaves of the ledger are proved.
func FuzzCheckProof(f *testing.F) {
	w := newWorld(f, 1)
	w.live(3, 20)
	signed := w.notes[len(w.notes)-1]
	c, _, _ := ledger.OpenCheckpoint(signed, w.key)
	leaves, _ := w.m.Leaves(background, 0, int(c.Size))
	for n := range 8 {
		leaf := leaves[n]
		if n%2 == 0 {
			leaf.Text = ""
		}
		proof, err := ledger.Prove(background, w.m, int64(n), leaf, signed, w.key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(proof)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ledger.CheckProof(data, w.key)
		if err != nil {
			return
		}
		want := leaves[p.Number]
		if p.Leaf.Hash != want.Hash || p.Leaf.Text != "" && p.Leaf.Text != want.Text {
			t.Errorf("CheckProof(%q) = %+v, want %+v", data, p.Leaf, want)
		}
	})
}

func TestProofIsShort(t *testing.T) {
	w := newWorld(t, 1)
	w.do(200)
	signed := w.sign(false)
	leaves, _ := w.m.Leaves(background, 100, 1)
	proof, err := ledger.Prove(background, w.m, 100, leaves[0], signed, w.key)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(string(proof), "\n"), 3+8+1+7; got != want {
		t.Errorf("the proof of leaf 100 of 208 has %d lines, want %d:\n%s", got, want, proof)
	}
}
