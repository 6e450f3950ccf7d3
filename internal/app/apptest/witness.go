package apptest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Witness is a witness of logs (C2SP tlog-witness) that knows one log. It keeps to
// the protocol unless Say has it say something else.
type Witness struct {
	*httptest.Server
	Key string // its public key

	// Say may answer in its place, given the answer that it would give. It is set
	// while nobody asks.
	Say func(w http.ResponseWriter, honest Answer) bool

	private ed25519.PrivateKey
	log     note.Verifier
	now     func() time.Time

	mu    sync.Mutex // guards what follows
	size  int64
	root  []byte
	asked int
}

// Answer is what a witness answers.
type Answer struct {
	Code int
	Kind string // the media type
	Body string
}

const witnessName = "witness.county.example/w1"

// StartWitness starts a witness of the log with a public key, at an https address
// that its own client trusts.
func StartWitness(t testing.TB, logKey string, now func() time.Time) *Witness {
	t.Helper()
	public, private, err := ed25519.GenerateKey(NewDice(90))
	must(t, err)
	w := &Witness{private: private, now: now, Key: fmt.Sprintf("%s+%08x+%s", witnessName, keyHash(public), base64.StdEncoding.EncodeToString(append([]byte{4}, public...)))}
	w.log, err = note.NewVerifier(logKey)
	must(t, err)
	w.Server = httptest.NewTLSServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.Close)
	return w
}

func keyHash(public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(witnessName+"\n\x04"), public...))
	return binary.BigEndian.Uint32(sum[:])
}

// Asked counts the requests so far.
func (w *Witness) Asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// Forget has it know nothing of the log any more.
func (w *Witness) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.size, w.root = 0, nil
}

func (w *Witness) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked++
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	a := Answer{Code: http.StatusNotFound}
	if err == nil && r.Method == http.MethodPost && r.URL.Path == "/add-checkpoint" {
		a = w.judge(body)
	}
	w.mu.Unlock()
	if w.Say != nil && w.Say(out, a) {
		return
	}
	a.Write(out)
}

// Write writes the answer.
func (a Answer) Write(w http.ResponseWriter) {
	if a.Kind != "" {
		w.Header().Set("Content-Type", a.Kind)
	}
	w.WriteHeader(a.Code)
	io.WriteString(w, a.Body)
}

// judge does what the protocol asks of a witness, in its order.
func (w *Witness) judge(body []byte) Answer {
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	n, err2 := note.Open(signed, note.VerifierList(w.log))
	if !ok || err != nil || err2 != nil {
		return Answer{Code: http.StatusForbidden}
	}
	text := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(text[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(text[2])
	if err != nil || err2 != nil || old > size || len(lines) > 64 {
		return Answer{Code: http.StatusBadRequest}
	}
	if old != w.size {
		return Answer{http.StatusConflict, "text/x.tlog.size", fmt.Sprintf("%d\n", w.size)}
	}
	var hashes [][]byte
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return Answer{Code: http.StatusBadRequest}
		}
		hashes = append(hashes, h)
	}
	switch {
	case old == 0 && len(hashes) > 0:
		return Answer{Code: http.StatusUnprocessableEntity}
	case old == size && !bytes.Equal(root, w.root):
		return Answer{Code: http.StatusConflict}
	case old > 0 && proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(size), hashes, w.root, root) != nil:
		return Answer{Code: http.StatusUnprocessableEntity}
	}
	w.size, w.root = size, root
	return Answer{http.StatusOK, "text/plain; charset=utf-8", w.Sign(n.Text, w.now())}
}

// Sign signs a checkpoint's text for a time, as one line.
func (w *Witness) Sign(text string, at time.Time) string {
	raw := binary.BigEndian.AppendUint32(nil, keyHash(w.private.Public().(ed25519.PublicKey)))
	raw = binary.BigEndian.AppendUint64(raw, uint64(at.Unix()))
	raw = append(raw, ed25519.Sign(w.private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at.Unix(), text))...)
	return "— " + witnessName + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}
