package app

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"roundtable/ledger"
)

// JudgeWitness judges an answer to a question about a small log.
func JudgeWitness(t *testing.T, code int, kind, body string) (trouble WitnessTrouble, lines []byte) {
	t.Helper()
	at := time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)
	private, public, err := ledger.NewKey(bytes.NewReader(make([]byte, 64)), "roundtable/x")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	c, signed, err := ledger.Sign(t.Context(), &ledger.Memory{}, signer, at, bytes.NewReader(make([]byte, 1<<16)))
	if err != nil {
		t.Fatal(err)
	}
	q := inquiry{key: "witness.county.example/w1+00000000+BAAA", logKey: public, old: 7, signed: signed, c: c}
	said := q.judge(code, kind, []byte(body), at)
	if said.again {
		return "asked again", said.lines
	}
	return said.trouble, said.lines
}
