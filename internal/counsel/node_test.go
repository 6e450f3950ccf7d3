package counsel

import (
	"bufio"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"roundtable/internal/vault"
)

// scripts is where the browser's modules lie.
const scripts = "../web/static/js"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// missing skips a test aloud for want of a program, or fails it where the tests
// must have what they need.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ROUNDTABLE_REQUIRE_BROWSER") == "1" {
		t.Fatalf("%s is not here, and ROUNDTABLE_REQUIRE_BROWSER=1 says that it must be", what)
	}
	t.Skipf("SKIPPED: %s is not here; what the browser seals was not tested", what)
}

// node is the browser's modules, run by Node (testdata/driver.mjs).
type node struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

// startNode copies the modules to a folder whose package.json says what a page
// says by type="module", and runs them there until the test ends.
func startNode(t *testing.T) *node {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		missing(t, "Node")
	}
	dir := t.TempDir()
	for _, name := range must(filepath.Glob(filepath.Join(scripts, "*.js"))) {
		write(t, filepath.Join(dir, filepath.Base(name)), must(os.ReadFile(name)))
	}
	write(t, filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`))
	cmd := exec.Command(program, filepath.Join("testdata", "driver.mjs"), dir)
	cmd.Stderr = os.Stderr
	in, out := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("node ended with %v", err)
		}
		guard.Stop()
	})
	return &node{t, in, bufio.NewReaderSize(out, 1<<20)}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// values are the fields of a request to the driver.
type values map[string]any

// answer is whatever the driver's acts give.
type answer struct {
	Fault, Kind              string
	Letter, Content, Key     string
	Text, Name, Hex, Out     string
	Enc, Box, Opened, Groups string
	Counsel, Intake          string
	Most                     int
	Same                     bool
	Sizes                    []int
	Long                     []bool
	Boxes, Plains, Exports   []string
	Words, Suggested         []string
}

// ask runs one act. An error of the modules that is not one of theirs fails the
// test: it is a mistake, not a refusal.
func (n *node) ask(act string, request values) answer {
	n.t.Helper()
	request["act"] = act
	if _, err := n.in.Write(append(must(json.Marshal(request)), '\n')); err != nil {
		n.t.Fatalf("%s: node does not listen: %v", act, err)
	}
	line, err := n.out.ReadBytes('\n')
	if err != nil {
		n.t.Fatalf("%s: node does not answer: %v", act, err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		n.t.Fatalf("%s: node answers %.200q: %v", act, line, err)
	}
	if a.Fault != "" {
		n.t.Fatalf("%s: node fails: %s", act, a.Fault)
	}
	return a
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatalf("node gives %.80q, which is not base64url: %v", text, err)
	}
	return b
}

func placeFor(at vault.Place) values {
	return values{"library": at.Library, "case": at.Case, "field": at.Field, "version": strconv.FormatUint(at.Version, 10)}
}

// pair is one key on both sides: for vault, and for the browser as a JSON Web Key.
type pair struct {
	private vault.PrivateKey
	public  vault.PublicKey
	jwk     values
}

func newPair(t *testing.T, scalar []byte) pair {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	private := must(vault.ParsePrivateKey(key.Bytes()))
	return pair{private, must(private.Public()), jwkOf(key)}
}

func jwkOf(key *ecdh.PrivateKey) values {
	point := key.PublicKey().Bytes()
	return values{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:]), "d": encode(key.Bytes())}
}

func (p pair) encoded() string { return encode(p.public.Bytes()) }
