package trust

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// The hunter looks for canaries: texts and keys that must lie nowhere in the clear.
// It knows each of them in nine encodings:
//
//  1. as it is: UTF-8, or the bytes of a key
//  2. UTF-16, little-endian
//  3. UTF-16, big-endian
//  4. hexadecimal digits, small or capital
//  5. base64, both alphabets, at each of the three offsets that it can have
//     within something longer
//  6. URL-encoded, with small or capital digits, a space as %20 or as +
//  7. escaped as in JSON: what Go and what browsers write, and every letter as \uXXXX
//  8. escaped as in HTML: by name, and every letter by decimal or hexadecimal number
//  9. compressed: every gzip and zlib stream, and every raw deflate stream of a ZIP
//     file or PDF, is unpacked and searched for the other eight
//
// What is cut at the edge of a page or block is found by either half, if the half
// is long enough not to be chance.
type hunter struct {
	names   []string            // of canaries
	secrets map[string]string   // by name, the last one added
	byHead  map[uint32][]needle // by the first four bytes
	heads   [1 << 16]bool       // whether any needle begins with these two bytes
	needles int
}

type needle struct {
	canary   int
	encoding string
	bytes    []byte
}

// leastHalf is how long half a canary's encoding is at least.
const leastHalf = 10

func newHunter() *hunter { return &hunter{byHead: map[uint32][]needle{}, secrets: map[string]string{}} }

// add adds a canary. Texts are known in all encodings, keys in those that bytes
// have.
func (h *hunter) add(name, secret string) {
	if len(secret) < 6 {
		panic("the canary " + name + " is so short that it would be found anywhere")
	}
	n := slices.Index(h.names, name)
	if n < 0 {
		n = len(h.names)
		h.names = append(h.names, name)
	}
	h.secrets[name] = secret
	all := encodings(secret)
	for _, encoding := range encodingNames { // what is alike in several is told as the first
		for _, text := range all[encoding] {
			h.addNeedle(needle{n, encoding, []byte(text)})
			if half := len(text) / 2; half >= leastHalf && encoding == "plain" {
				h.addNeedle(needle{n, encoding, []byte(text[:half])})
				h.addNeedle(needle{n, encoding, []byte(text[half:])})
			}
		}
	}
}

func (h *hunter) addNeedle(x needle) {
	if len(x.bytes) < 4 {
		return
	}
	head := binary.LittleEndian.Uint32(x.bytes)
	if slices.ContainsFunc(h.byHead[head], func(y needle) bool { return y.canary == x.canary && bytes.Equal(x.bytes, y.bytes) }) {
		return
	}
	h.byHead[head] = append(h.byHead[head], x)
	h.heads[head&0xffff] = true
	h.needles++
}

// encodingNames are the first eight encodings.
var encodingNames = []string{"plain", "UTF-16LE", "UTF-16BE", "hex", "base64", "URL", "JSON", "HTML"}

// encodings writes a secret in the first eight encodings.
func encodings(secret string) map[string][]string {
	out := map[string][]string{
		"plain":  {secret},
		"hex":    {hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret)))},
		"base64": base64Of(secret),
		"URL":    {url.QueryEscape(secret), url.PathEscape(secret), everyByte(secret, "%%%02X"), everyByte(secret, "%%%02x"), strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"), lowerEscapes(url.QueryEscape(secret))},
	}
	if !utf8.ValidString(secret) {
		return out
	}
	little, big := []byte{}, []byte{}
	for _, unit := range utf16.Encode([]rune(secret)) {
		little = binary.LittleEndian.AppendUint16(little, unit)
		big = binary.BigEndian.AppendUint16(big, unit)
	}
	out["UTF-16LE"], out["UTF-16BE"] = []string{string(little)}, []string{string(big)}
	out["JSON"] = jsonOf(secret)
	out["HTML"] = []string{html.EscapeString(secret), everyRune(secret, "&#%d;"), everyRune(secret, "&#x%x;"), everyRune(secret, "&#x%X;"), html.EscapeString(asciiOnly(secret, "&#%d;"))}
	return out
}

// base64Of writes what is surely there of a secret, wherever it stands in a longer
// text: at each of three offsets, the digits that its own bytes decide alone.
func base64Of(secret string) (list []string) {
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			digits := encoding.EncodeToString(append(make([]byte, before), secret...))
			first := (before*8 + 5) / 6
			last := (before + len(secret)) * 8 / 6
			list = append(list, digits[first:last])
		}
	}
	return list
}

func jsonOf(secret string) []string {
	goes, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	var browser bytes.Buffer
	e := json.NewEncoder(&browser)
	e.SetEscapeHTML(false)
	if err := e.Encode(secret); err != nil {
		panic(err)
	}
	quoted := strings.TrimSpace(browser.String())
	var ascii, every strings.Builder
	for _, unit := range utf16.Encode([]rune(secret)) {
		fmt.Fprintf(&every, `\u%04x`, unit)
		if unit < 0x80 {
			ascii.WriteRune(rune(unit))
		} else {
			fmt.Fprintf(&ascii, `\u%04x`, unit)
		}
	}
	return []string{string(goes[1 : len(goes)-1]), quoted[1 : len(quoted)-1], ascii.String(), every.String(), upperEscapes(every.String())}
}

func upperEscapes(text string) string { return strings.ReplaceAll(strings.ToUpper(text), `\U`, `\u`) }

func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

func everyByte(text, format string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, format, text[i])
	}
	return b.String()
}

func everyRune(text, format string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func asciiOnly(text, format string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, format, r)
		}
	}
	return b.String()
}

// finding is a canary in the clear.
type finding struct{ canary, encoding, place string }

// hunt looks through some bytes, and through what is packed in them.
func (h *hunter) hunt(place string, data []byte) []finding { return h.huntIn(place, data, "", 0) }

func (h *hunter) huntIn(place string, data []byte, packed string, depth int) (found []finding) {
	seen := map[finding]bool{}
	for i := 0; i+4 <= len(data); i++ {
		if !h.heads[uint16(data[i])|uint16(data[i+1])<<8] {
			continue
		}
		for _, x := range h.byHead[binary.LittleEndian.Uint32(data[i:])] {
			if !bytes.HasPrefix(data[i:], x.bytes) {
				continue
			}
			f := finding{h.names[x.canary], x.encoding + packed, place}
			if !seen[f] {
				seen[f] = true
				found = append(found, f)
			}
		}
	}
	if depth < 2 {
		for _, inner := range unpack(data) {
			found = append(found, h.huntIn(place, inner, packed+", compressed", depth+1)...)
		}
	}
	return found
}

// maxUnpacked bounds one stream that is unpacked.
const maxUnpacked = 16 << 20

// unpack finds compressed streams and unpacks them.
func unpack(data []byte) (list [][]byte) {
	for i := 0; i+4 <= len(data); i++ {
		var r io.Reader
		var err error
		switch {
		case data[i] == 0x1f && data[i+1] == 0x8b && data[i+2] == 8:
			r, err = gzip.NewReader(bytes.NewReader(data[i:]))
		case data[i] == 0x78 && (uint16(data[i])<<8|uint16(data[i+1]))%31 == 0:
			r, err = zlib.NewReader(bytes.NewReader(data[i:]))
		case data[i] == 'P' && data[i+1] == 'K' && data[i+2] == 3 && data[i+3] == 4 && i+30 < len(data):
			at := i + 30 + int(binary.LittleEndian.Uint16(data[i+26:])) + int(binary.LittleEndian.Uint16(data[i+28:]))
			if at > len(data) {
				continue
			}
			r = flate.NewReader(bytes.NewReader(data[at:]))
		default:
			continue
		}
		if err != nil {
			continue
		}
		inner, _ := io.ReadAll(io.LimitReader(r, maxUnpacked)) // a stream may be cut: what came counts
		if len(inner) > 8 {
			list = append(list, inner)
		}
	}
	return list
}

// huntFolder looks through every file below a folder, and its names. It counts the
// bytes. A file that goes away meanwhile is no error.
func (h *hunter) huntFolder(t testing.TB, place, folder string) (found []finding, size int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		} else if err != nil {
			return err
		}
		size += int64(len(data))
		rel, _ := filepath.Rel(folder, path)
		found = append(found, h.hunt(place+"/"+rel, data)...)
		found = append(found, h.hunt(place+": a file's name", []byte(rel))...)
		return nil
	})
	must(t, err)
	return found, size
}

// TestHunter is the hunter's own proof: each encoding is found by itself, at every
// offset, packed and cut; what is near a canary is not.
func TestHunter(t *testing.T) {
	const secret = `mot«clé» <b>&"é` + "\u00a0qvzxkwpj"
	wrap := func(inner string) []byte { return []byte("x01234" + inner + "56789y") }
	gz := func(inner []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(inner)
		w.Close()
		return b.Bytes()
	}
	h := newHunter()
	h.add("it", secret)
	kinds := map[string]bool{}
	for encoding, list := range encodings(secret) {
		for i, text := range list {
			for _, packed := range []bool{false, true} {
				data := wrap(text)
				if packed {
					data = append([]byte("before"), gz(data)...)
				}
				found := h.hunt("here", data)
				if len(found) == 0 {
					t.Errorf("%s (writing %d, packed %v) is not found in %q", encoding, i, packed, data)
				}
				kinds[encoding] = true
			}
		}
	}
	for before := range 9 { // base64 of something longer
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			if len(h.hunt("here", []byte(encoding.EncodeToString([]byte(strings.Repeat("a", before)+secret+"bc"))))) == 0 {
				t.Errorf("base64 at offset %d is not found", before)
			}
		}
	}
	for _, cut := range []string{secret[:len(secret)/2] + "....", "...." + secret[len(secret)/2:]} {
		if len(h.hunt("here", []byte(cut))) == 0 {
			t.Errorf("a half is not found in %q", cut)
		}
	}
	if len(kinds) != len(encodingNames) {
		t.Errorf("%d encodings beside compression, want %d", len(kinds), len(encodingNames))
	}
	key := string([]byte{0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	k := newHunter()
	k.add("a key", key)
	for _, text := range []string{key, hex.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte("1" + key))} {
		if len(k.hunt("here", wrap(text))) == 0 {
			t.Errorf("a key is not found in %q", text)
		}
	}
	for _, other := range []string{strings.ToUpper(secret), secret[1:9], strconv.Quote("nothing"), ""} {
		if found := h.hunt("here", []byte(other)); len(found) != 0 {
			t.Errorf("%q is taken for a canary: %v", other, found)
		}
	}
}
