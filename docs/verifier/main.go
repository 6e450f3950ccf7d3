// Command verifier checks an exported ledger of Roundtable. It shares no code
// with Roundtable and uses only Go's standard library, so that nobody has to
// take our word: read these lines, or write your own from ledger/DESIGN.md.
//
//	go run main.go -key 'NAME+12345678+AAAA…' [-key WITNESS]… [-kept FILE]… FILE…
//
// It prints one line for each file: "right" or "wrong" and why. It exits with 0
// when all are right, 1 when one is wrong or cannot be read.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// key is the public key of a ledger (kind 1) or of a witness (kind 4).
type key struct {
	kind byte
	pub  ed25519.PublicKey
}

type checkpoint struct {
	size       int64
	root, at   string
	id, after  string // after is the id of the one before
	cosigners  []string
	here, like bool // of one kept elsewhere: the file has it, it has its leaves
}

type verifier struct {
	name        string         // of the ledger
	keys        map[string]key // by name and the 4 bytes that a signature begins with
	keptTexts   []string
	kept        []*checkpoint
	in          *bufio.Reader
	size        int64      // leaves read
	edge        [][32]byte // roots of the tree's perfect subtrees, largest first
	last        checkpoint // the last one that was right
	checkpoints int
	keptSize    int64 // leaves that are as kept elsewhere
}

func main() {
	v, status := verifier{keys: map[string]key{}}, 0
	flag.Func("key", "the public `key` of the ledger, and of each witness that you know", func(s string) error {
		name, id, k, err := parseKey(s)
		if v.keys[name+id] = k; k.kind == 1 {
			v.name = name
		}
		return err
	})
	flag.Func("kept", "a `file` with checkpoints that were kept elsewhere", func(s string) error {
		text, err := os.ReadFile(s)
		v.keptTexts = append(v.keptTexts, string(text))
		return err
	})
	flag.Parse()
	if v.name == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	for _, name := range flag.Args() {
		v := v // each file is looked at afresh
		if err := v.verify(name); err != nil {
			status = 1
			fmt.Printf("wrong\t%s\t%v\n", name, err)
			continue
		}
		fmt.Printf("right\t%s\t%d of %d leaves as signed at %s, %d checkpoints, the last cosigned by %q; the first %d leaves as in checkpoints kept elsewhere\n", name,
			v.last.size, v.size, v.last.at, v.checkpoints, v.last.cosigners, v.keptSize)
	}
	os.Exit(status)
}

// fail stops the looking at a file. verify catches it.
func fail(format string, args ...any) { panic(fmt.Errorf(format, args...)) }

func (v *verifier) verify(name string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	v.in = bufio.NewReaderSize(f, 16<<10)
	for i, text := range v.keptTexts {
		notes := notesIn(text, v.name)
		for _, note := range notes {
			v.kept = append(v.kept, v.open(note))
		}
		if len(notes) == 0 {
			fail("kept text %d has no checkpoint of this ledger", i+1)
		}
	}
	for _, want := range []string{"roundtable-ledger 1", "origin " + v.name} {
		if v.line() != want {
			fail("the file should begin with %q", want)
		}
	}
	for {
		for _, k := range v.kept {
			if k.size == v.size && k.root == v.root() {
				k.like, v.keptSize = true, k.size
			}
		}
		word, rest, _ := strings.Cut(v.line(), " ")
		switch word {
		case "leaf":
			v.leaf(rest)
		case "checkpoint":
			v.checkpoint(rest)
		case "end":
			v.end(rest)
			return nil
		default:
			fail("leaf %d: a line that is not one of a ledger file", v.size)
		}
	}
}

func (v *verifier) leaf(rest string) {
	number, rest, _ := strings.Cut(rest, " ")
	encoded, text, hasText := strings.Cut(rest, " ")
	h, ok := parseHash(encoded)
	switch {
	case !ok || hasText && text == "":
		fail("leaf %d: its line is malformed", v.size)
	case number != strconv.FormatInt(v.size, 10):
		fail("leaf %d: in its place stands leaf %q", v.size, number)
	case hasText && sha256.Sum256([]byte("\x00"+text)) != h:
		fail("leaf %d: its text or its hash was changed", v.size)
	}
	for n := v.size; n&1 == 1; n >>= 1 {
		h = node(v.edge[len(v.edge)-1], h)
		v.edge = v.edge[:len(v.edge)-1]
	}
	v.edge = append(v.edge, h)
	v.size++
}

func node(left, right [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// root is the RFC 6962 hash of the leaves read so far.
func (v *verifier) root() string {
	h := sha256.Sum256(nil)
	if n := len(v.edge); n > 0 {
		h = v.edge[n-1]
		for i := n - 2; i >= 0; i-- {
			h = node(v.edge[i], h)
		}
	}
	return base64.StdEncoding.EncodeToString(h[:])
}

func (v *verifier) checkpoint(rest string) {
	lines, _ := strconv.Atoi(rest)
	if lines < 1 || lines > 110 || rest != strconv.Itoa(lines) {
		fail("leaf %d: a checkpoint with a wrong number of lines", v.size)
	}
	note := ""
	for range lines {
		note += v.line() + "\n"
	}
	c := v.open(note)
	switch {
	case c.size != v.size:
		fail("leaves %d to %d: there are %d leaves, but %d were signed at %s", v.last.size, max(c.size, v.size)-1, v.size, c.size, c.at)
	case c.root != v.root():
		fail("leaves %d to %d: not those that were signed at %s", min(v.last.size, c.size-1), c.size-1, c.at)
	case c.after != v.last.id && !(c.after == "-" && v.checkpoints == 0):
		fail("a checkpoint before that of %s is not there", c.at)
	}
	v.last = *c
	v.checkpoints++
	for _, k := range v.kept {
		k.here = k.here || k.id == c.id
	}
}

func (v *verifier) end(rest string) {
	_, err := v.in.ReadByte()
	switch {
	case rest != fmt.Sprintf("%d %d", v.size, v.checkpoints):
		fail("the last line counts otherwise: leaves or checkpoints are missing")
	case err != io.EOF:
		fail("something follows the last line")
	case v.checkpoints == 0:
		fail("no signed checkpoint: the file proves nothing")
	}
	for _, k := range v.kept {
		switch {
		case k.size > v.size:
			fail("leaves %d to %d: cut back: not there, but in the checkpoint of %s kept elsewhere", v.size, k.size-1, k.at)
		case !k.like:
			fail("written anew: the first %d leaves are not those of the checkpoint of %s kept elsewhere", k.size, k.at)
		case !k.here:
			fail("cut back: the checkpoint of %s kept elsewhere is not in the file", k.at)
		}
	}
}

// line is the next line, of less than 16 KiB.
func (v *verifier) line() string {
	line, err := v.in.ReadSlice('\n')
	if err != nil {
		fail("leaf %d: from here on the file was cut off, or it cannot be read: %v", v.size, err)
	}
	return string(line[:len(line)-1])
}

var checkpointText = regexp.MustCompile(`^([!-~]+)\n(0|[1-9][0-9]{0,18})\n(.{44})\ntime (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\nafter (-|.{44})\n$`)
var signatureLine = regexp.MustCompile(`^— ([!-*,-~]{1,255}) (\S+)\n$`)

// open checks the signatures under a note and reads the checkpoint in it.
func (v *verifier) open(note string) *checkpoint {
	split := strings.LastIndex(note, "\n\n") + 1
	text, signatures := note[:split], note[min(split+1, len(note)):]
	m := checkpointText.FindStringSubmatch(text)
	if m == nil || m[1] != v.name {
		fail("after leaf %d: not a checkpoint of this ledger", v.size-1)
	}
	id := sha256.Sum256([]byte(text))
	c := &checkpoint{root: m[3], at: m[4], after: m[5], id: base64.StdEncoding.EncodeToString(id[:])}
	c.size, _ = strconv.ParseInt(m[2], 10, 64) // too large a number gives the largest, which no file reaches
	signed, seen := false, map[string]bool{}
	for line := range strings.Lines(signatures) {
		m := append(signatureLine.FindStringSubmatch(line), "", "", "")
		signature, err := base64.StdEncoding.Strict().DecodeString(m[2])
		if err != nil || len(signature) < 5 || seen[m[1]+string(signature[:4])] {
			fail("after leaf %d: a malformed signature under a checkpoint", v.size-1)
		}
		k, known := v.keys[m[1]+string(signature[:4])]
		seen[m[1]+string(signature[:4])] = true
		if known && !k.signed(text, signature[4:]) {
			fail("after leaf %d: the signature of %s is not valid", v.size-1, m[1])
		}
		if signed = signed || k.kind == 1 && m[1] == v.name; k.kind == 4 {
			c.cosigners = append(c.cosigners, m[1])
		}
	}
	if !signed {
		fail("after leaf %d: a checkpoint that is not signed with the ledger's key", v.size-1)
	}
	return c
}

func (k key) signed(text string, signature []byte) bool {
	if k.kind == 4 && len(signature) > 8 { // a witness signs its time, too
		text = fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
		signature = signature[8:]
	}
	return ed25519.Verify(k.pub, []byte(text), signature)
}

func parseKey(s string) (name, id string, k key, err error) {
	parts := append(strings.SplitN(s, "+", 3), "", "", "")
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if err != nil || len(raw) != 33 || raw[0] != 1 && raw[0] != 4 || parts[1] != fmt.Sprintf("%x", sum[:4]) {
		return "", "", key{}, fmt.Errorf("a ledger's key looks like NAME+12345678+AAAA…, a witness's like NAME+12345678+BAAA…")
	}
	return parts[0], string(sum[:4]), key{raw[0], raw[1:]}, nil
}

// parseHash reads a hash in its only spelling.
func parseHash(s string) (h [32]byte, ok bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	copy(h[:], raw)
	return h, err == nil && len(raw) == 32 && len(s) == 44
}

// notesIn finds the signed notes of a ledger in a text: each goes from a line
// that is its name to the last of the signatures that follow.
func notesIn(text, origin string) (notes []string) {
	pattern := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(origin) + `\n(?:(?:[^—\n].*)?\n)*(?:— .*\n?)+`)
	for _, note := range pattern.FindAllString(strings.ReplaceAll(text, "\r\n", "\n"), -1) {
		start := strings.LastIndex("\n"+note, "\n"+origin+"\n")
		notes = append(notes, strings.TrimSuffix(note[start:], "\n")+"\n")
	}
	return notes
}
