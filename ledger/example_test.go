package ledger_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"roundtable/ledger"
)

// A library's ledger from its key to its first checkpoint.
func Example() {
	ctx := context.Background()
	private, public, err := ledger.NewKey(rand.Reader, "library.example/ledger")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		log.Fatal(err)
	}
	caseKey := make([]byte, 32) // the case's data key, from the keyring
	rand.Read(caseKey)
	commit, err := ledger.NewCommitKey(caseKey)
	if err != nil {
		log.Fatal(err)
	}

	// An act leaves an entry in the transaction that does it.
	var storage ledger.Memory
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	act := ledger.Act{Kind: "case-opened", At: noon, Actor: "p7f3", Objects: []ledger.ID{"case_19"}, Contents: []byte("act_1 …"), Sealed: true}
	entry, err := act.Entry(commit)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := ledger.Append(ctx, &storage, entry); err != nil {
		log.Fatal(err)
	}

	// On the hour a checkpoint is signed. What is kept elsewhere is this note.
	_, kept, err := ledger.Sign(ctx, &storage, signer, noon.Add(time.Hour), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}

	// Later somebody looks.
	var file bytes.Buffer
	if err := ledger.Export(ctx, &file, signer.Name(), &storage); err != nil {
		log.Fatal(err)
	}
	report, err := ledger.Verify(&file, public, ledger.Options{Kept: [][]byte{kept}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(report)
	// Output:
	// Ledger library.example/ledger: 16 leaves (16 readable), 1 checkpoint.
	// Proved by the file and the public key: leaves 0 to 15 are as the ledger's key signed them on 25 November 2026 13:00:00 UTC. Nobody without that key changed, removed, added or moved one of them.
	// Proved by a checkpoint kept elsewhere, signed on 25 November 2026 13:00:00 UTC: leaves 0 to 15 are still those of that day. Nobody wrote them anew or cut them off, not even who holds the signing key.
}

func ExampleVerify() {
	file, key := exampleFile()
	file = strings.Replace(file, "p7f3", "p7f4", 1) // somebody else is to have done it
	report, err := ledger.Verify(strings.NewReader(file), key, ledger.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.OK())
	fmt.Println(report.Problems[0])
	// Output:
	// false
	// Leaf 0: its text and its hash do not belong together: one of them was changed (line 3)
}

func ExampleParseEntry() {
	entry, err := ledger.ParseEntry("1 case-opened 2026-11-25T12:00:00.000Z p7f3 case_19 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(entry.Kind, entry.Actor, entry.Objects)
	// Output: case-opened p7f3 [case_19]
}

func ExampleProve() {
	ctx := context.Background()
	private, public, _ := ledger.NewKey(rand.Reader, "library.example/ledger")
	signer, _ := note.NewSigner(private)
	var storage ledger.Memory
	act := ledger.Act{Kind: "exported", At: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), Actor: "p7f3"}
	entry, _ := act.Entry(ledger.CommitKey{})
	n, err := ledger.Append(ctx, &storage, entry)
	if err != nil {
		log.Fatal(err)
	}
	_, signed, err := ledger.Sign(ctx, &storage, signer, act.At, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	leaves, err := storage.Leaves(ctx, n, 1)
	if err != nil {
		log.Fatal(err)
	}
	file, err := ledger.Prove(ctx, &storage, n, leaves[0], signed, public)
	if err != nil {
		log.Fatal(err)
	}

	// Whoever has the file and the public key needs nothing else.
	proof, err := ledger.CheckProof(file, public)
	if err != nil {
		log.Fatal(err)
	}
	shown, err := ledger.ParseEntry(proof.Leaf.Text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shown.Actor, shown.Kind, "is leaf", proof.Number, "of", proof.Checkpoint.Size)
	// Output: p7f3 exported is leaf 0 of 16
}

func exampleFile() (file, key string) {
	ctx := context.Background()
	private, public, _ := ledger.NewKey(rand.Reader, "library.example/ledger")
	signer, _ := note.NewSigner(private)
	var storage ledger.Memory
	act := ledger.Act{Kind: "case-read", At: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), Actor: "p7f3", Objects: []ledger.ID{"case_19"}}
	entry, _ := act.Entry(ledger.CommitKey{})
	ledger.Append(ctx, &storage, entry)
	ledger.Sign(ctx, &storage, signer, act.At, rand.Reader)
	var b strings.Builder
	if err := ledger.Export(ctx, &b, signer.Name(), &storage); err != nil {
		log.Fatal(err)
	}
	return b.String(), public
}
