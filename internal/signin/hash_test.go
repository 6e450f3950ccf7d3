package signin

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var ctx = context.Background()

// source is randomness that a test can repeat.
func source(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// cheap is a hash that is quickly checked: "password" under little memory.
func cheap() string {
	h := phc{64, 1, 1, []byte("saltsaltsaltsalt"), make([]byte, 32)}
	h.hash = h.derive("password")
	return h.String()
}

// TestReferenceHash is a hash of the reference implementation's own tests.
func TestReferenceHash(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, again, err := NewHasher(1).Verify(ctx, hash, "password")
	if !ok || !again || err != nil {
		t.Errorf("Verify = %v, %v, %v, want true, true, nil", ok, again, err)
	}
}

func TestHashAndVerify(t *testing.T) {
	h := NewHasher(2)
	hash, err := h.Hash(ctx, "café corral lamp tide", source(1))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := parsePHC(hash); err != nil || !p.isCurrent() || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash = %s, %v, want 19 MiB, 2 passes, 1 thread", hash, err)
	}
	for _, c := range []struct {
		hash, password string
		ok, again      bool
	}{
		{hash, "café corral lamp tide", true, false},
		{hash, "cafe\u0301 corral\u00a0lamp tide", true, false},
		{hash, "cafe corral lamp tide", false, false},
		{hash, "Café corral lamp tide", false, false},
		{hash, "", false, false},
		{"", "", false, false},
		{"", "password", false, false},
		{cheap(), "password", true, true},
		{cheap(), "passwort", false, false},
		{cheap(), strings.Repeat("a", maxPasswordBytes+1), false, false},
	} {
		ok, again, err := h.Verify(ctx, c.hash, c.password)
		if ok != c.ok || again != c.again || err != nil {
			t.Errorf("Verify(%.20q, %.20q) = %v, %v, %v, want %v, %v, nil", c.hash, c.password, ok, again, err, c.ok, c.again)
		}
	}
	if hash2, _ := h.Hash(ctx, "café corral lamp tide", source(2)); hash2 == hash {
		t.Error("two salts made one hash")
	}
	if _, err := h.Hash(ctx, "x", strings.NewReader("short")); err == nil {
		t.Error("Hash with too little randomness = nil, want an error")
	}
	if _, err := h.Hash(ctx, strings.Repeat("a", maxPasswordBytes+1), source(1)); err == nil {
		t.Error("Hash of a password that is too long = nil, want an error")
	}
}

func TestParsePHC(t *testing.T) {
	good := cheap()
	if _, err := parsePHC(good); err != nil {
		t.Fatalf("parsePHC(%q): %v", good, err)
	}
	for _, r := range [][2]string{
		{"$argon2id", "$argon2i"}, {"$argon2id", "argon2id"}, {"v=19", "v=16"}, {"m=64", "m=064"}, {"m=64", "m=7"}, {"m=64", "m=+64"},
		{"m=64", "m=131073"}, {"m=64", "m=4294967296"}, {"m=64", "m=-1"}, {"m=64", "M=64"}, {"t=1", "t=0"}, {"t=1", "t=11"}, {"p=1", "p=0"}, {"p=1", "p=9"},
		{"p=1", "p=1,x=1"}, {"m=64,t=1", "t=1,m=64"}, {"c2FsdHNhbHRzYWx0c2FsdA", "c2FsdA"}, {"c2FsdHNhbHRzYWx0c2FsdA", "c2FsdHNhbHRzYWx0c2FsdB"},
		{"c2FsdHNhbHRzYWx0c2FsdA", "c2FsdHNhbHRzYWx0c2FsdA=="}, {"c2FsdHNhbHRzYWx0c2FsdA", "c2FsdHNhbHRz\nYWx0c2FsdA"},
		{"c2FsdHNhbHRzYWx0c2FsdA", strings.Repeat("c2Fs", 25)}, {"c2FsdHNhbHRzYWx0c2FsdA$", ""}, {"$argon2id", "$$argon2id"},
	} {
		bad := strings.Replace(good, r[0], r[1], 1)
		if bad == good {
			t.Fatalf("%q is not in %q", r[0], good)
		}
		if h, err := parsePHC(bad); !errors.Is(err, ErrPHC) {
			t.Errorf("parsePHC(%q) = %v, %v, want ErrPHC", bad, h, err)
		}
		if _, _, err := NewHasher(1).Verify(ctx, bad, "password"); !errors.Is(err, ErrPHC) {
			t.Errorf("Verify(%q) = %v, want ErrPHC", bad, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(cheap())
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parsePHC(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Errorf("parsePHC(%q).String() = %q", text, h)
		}
		if h.memory > maxMemory || h.passes > maxPasses || h.threads > maxThreads || h.memory < 8*uint32(h.threads) || h.passes < 1 || h.threads < 1 {
			t.Errorf("parsePHC(%q) takes what would take too much", text)
		}
	})
}

// TestHasherBound: no more run at once than may, no more wait than may.
func TestHasherBound(t *testing.T) {
	const atOnce = 2
	h := NewHasher(atOnce)
	var running, most atomic.Int32
	var group sync.WaitGroup
	for range 9 * atOnce {
		group.Go(func() {
			leave, err := h.enter(ctx)
			if err != nil {
				t.Errorf("enter = %v, want room", err)
				return
			}
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(time.Millisecond)
			running.Add(-1)
			leave()
		})
	}
	group.Wait()
	if got := most.Load(); got > atOnce {
		t.Errorf("%d ran at once, want %d at most", got, atOnce)
	}
	if len(h.room) != 0 || len(h.waiting) != 0 {
		t.Errorf("%d still run and %d wait", len(h.room), len(h.waiting))
	}
}

func TestHasherBusyAndGivenUp(t *testing.T) {
	h := NewHasher(0)
	leave, err := h.enter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	given, giveUp := context.WithCancel(ctx)
	done := make(chan error)
	for range cap(h.waiting) - 1 {
		go func() {
			_, _, err := h.Verify(given, cheap(), "password")
			done <- err
		}()
	}
	for len(h.waiting) < cap(h.waiting) {
		time.Sleep(time.Millisecond)
	}
	if _, _, err := h.Verify(ctx, cheap(), "password"); !errors.Is(err, ErrBusy) {
		t.Errorf("Verify with nine at once = %v, want ErrBusy", err)
	}
	if _, err := h.Hash(ctx, "password", source(1)); !errors.Is(err, ErrBusy) {
		t.Errorf("Hash with nine at once = %v, want ErrBusy", err)
	}
	giveUp()
	for range cap(h.waiting) - 1 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Verify that was given up = %v, want context.Canceled", err)
		}
	}
	leave()
	if ok, _, err := h.Verify(ctx, cheap(), "password"); !ok || err != nil {
		t.Errorf("Verify afterwards = %v, %v, want true", ok, err)
	}
	if _, _, err := h.Verify(given, cheap(), "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify with nobody waiting for it = %v, want context.Canceled", err)
	}
}

func BenchmarkHash(b *testing.B) {
	h, random := NewHasher(1), source(1)
	for b.Loop() {
		h.Hash(ctx, "café corral lamp tide", random)
	}
}

// BenchmarkVerifyNobody ought to take as long as BenchmarkHash.
func BenchmarkVerifyNobody(b *testing.B) {
	h := NewHasher(1)
	for b.Loop() {
		h.Verify(ctx, "", "café corral lamp tide")
	}
}
