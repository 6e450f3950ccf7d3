package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"roundtable/internal/fault"
)

// canary is what lies hidden in pictures here, and must be in nothing that is kept.
const canary = "CANARY 40.7128N 74.0060W Ruth Alder"

// paper draws a picture of which each corner has a colour of its own: red, green,
// blue and white, from the left above.
func paper(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [4]color.RGBA{{220, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 220, 255}, {250, 250, 250, 255}}[2*(2*y/h)+2*x/w]
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func asJPEG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif makes a segment that says how a camera was held, where it was, and whose it is.
func exif(orientation int, order binary.AppendByteOrder) []byte {
	b := []byte("Exif\x00\x00MM\x00*")
	if order == binary.LittleEndian {
		b = []byte("Exif\x00\x00II*\x00")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010f) // the maker, a text elsewhere
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, uint32(len(canary)))
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(orientation))
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, canary...)
}

// withSegment puts a segment behind the beginning of a JPEG.
func withSegment(picture []byte, marker byte, segment []byte) []byte {
	out := append([]byte{}, picture[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, picture[2:]...)
}

// pngChunk makes a chunk of a PNG.
func pngChunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// hidden is a JPEG and a PNG with the canary wherever one can lie.
func hidden(t testing.TB) (photo, drawing []byte) {
	photo = asJPEG(t, paper(64, 48))
	photo = withSegment(photo, 0xfe, []byte(canary))                                              // a comment
	photo = withSegment(photo, 0xed, []byte("Photoshop 3.0\x00"+canary))                          // IPTC
	photo = withSegment(photo, 0xe2, []byte("ICC_PROFILE\x00\x01\x01"+canary))                    // a profile
	photo = withSegment(photo, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>"+canary+"</x>")) // XMP
	photo = withSegment(photo, 0xe1, exif(1, binary.BigEndian))
	photo = append(photo, canary+"PK\x03\x04<script>"...)
	drawing = asPNG(t, paper(64, 48))
	drawing = bytes.Join([][]byte{drawing[:33], pngChunk("tEXt", []byte("Comment\x00"+canary)), pngChunk("eXIf", exif(1, binary.BigEndian)[6:]), drawing[33:], []byte(canary)}, nil)
	return photo, drawing
}

func TestNothingHiddenIsKept(t *testing.T) {
	photo, drawing := hidden(t)
	for name, sent := range map[string][]byte{"JPEG": photo, "PNG": drawing} {
		if !bytes.Contains(sent, []byte(canary)) {
			t.Fatalf("%s: the canary is not in what is sent", name)
		}
		p, err := Read(sent)
		if err != nil {
			t.Fatalf("Read(%s) = %v", name, err)
		}
		if bytes.Contains(p.JPEG, []byte("CANARY")) || bytes.Contains(p.JPEG, []byte("Exif")) || bytes.Contains(p.JPEG, []byte("script")) {
			t.Errorf("%s: what lay hidden is kept", name)
		}
		if got := segments(t, p.JPEG); got != "dbc0c4da" {
			t.Errorf("%s: the photo has the segments %s, want tables, frame and scan: dbc0c4da", name, got)
		}
	}
}

// segments lists a JPEG's segments up to its scan, and fails where anything lies
// behind its end.
func segments(t *testing.T, b []byte) (list string) {
	t.Helper()
	if !bytes.HasSuffix(b, []byte{0xff, 0xd9}) {
		t.Errorf("the photo does not end with its end: % x", b[len(b)-4:])
	}
	for at := 2; ; {
		marker, _, next, err := segmentAt(b, at)
		if err != nil {
			t.Fatal(err)
		}
		if name := string("0123456789abcdef"[marker>>4]) + string("0123456789abcdef"[marker&15]); !strings.HasSuffix(list, name) {
			list += name
		}
		if at = next; marker == 0xda {
			return list
		}
	}
}

func TestReadIsTheSameAgain(t *testing.T) {
	photo, _ := hidden(t)
	a, err := Read(photo)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(photo)
	if err != nil || a.Sum() != b.Sum() || len(a.Sum()) != 64 {
		t.Errorf("Read twice = %s and %s, %v; want the same", a.Sum(), b.Sum(), err)
	}
	if again, err := Read(a.JPEG); err != nil || again.Width != a.Width || again.Height != a.Height {
		t.Errorf("Read(what is kept) = %d by %d, %v", again.Width, again.Height, err)
	}
}

func TestReadScales(t *testing.T) {
	for _, tt := range []struct{ w, h, wantW, wantH int }{
		{64, 48, 64, 48}, {2000, 1500, 2000, 1500}, {2001, 10, 2000, 10}, {3000, 4000, 1500, 2000}, {4000, 3000, 2000, 1500}, {9000, 1, 2000, 1}, {1, 1, 1, 1},
	} {
		p, err := Read(asPNG(t, image.NewGray(image.Rect(0, 0, tt.w, tt.h))))
		if err != nil {
			t.Fatalf("Read(%d by %d) = %v", tt.w, tt.h, err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
		if err != nil || c.Width != tt.wantW || c.Height != tt.wantH || p.Width != tt.wantW || p.Height != tt.wantH {
			t.Errorf("Read(%d by %d) = %d by %d, %v; want %d by %d", tt.w, tt.h, c.Width, c.Height, err, tt.wantW, tt.wantH)
		}
	}
}

// TestScaleIsTheMean: what is made smaller has the mean of what it stands for, and what
// lets something through lies on white.
func TestScaleIsTheMean(t *testing.T) {
	lines := image.NewGray(image.Rect(10, 10, 4010, 3010))
	for i := range lines.Pix {
		lines.Pix[i] = byte(i % 2 * 200)
	}
	for _, i := range []int{0, 4 * 777, 4*(2000*1500-1) + 2} {
		if got := scale(lines).Pix[i]; got != 100 {
			t.Errorf("a pixel of 0 and 200 is %d, want 100", got)
		}
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 3001, 7))
	for i := range 3001 * 7 {
		glass.SetNRGBA(i%3001, i/3001, color.NRGBA{0, 0, 0, 128})
	}
	small := scale(glass)
	if b := small.Bounds(); b.Dx() != 2000 || b.Dy() != 5 {
		t.Fatalf("the size is %v, want 2000 by 5", b)
	}
	for i := 0; i < len(small.Pix); i += 4 {
		if p := small.Pix[i : i+4]; p[0] < 126 || p[0] > 128 || p[0] != p[1] || p[3] != 255 {
			t.Fatalf("pixel %d of half a black on white is %v, want about 127", i/4, p)
		}
	}
}

// TestReadTurns holds every orientation to the one picture that it stands for.
func TestReadTurns(t *testing.T) {
	// Which corner (0 to 3, row by row) of what was taken is at which corner of what is
	// shown, as EXIF says it.
	for orientation, want := range [9][4]int{
		0: {0, 1, 2, 3}, 1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2},
	} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			p, err := Read(withSegment(asJPEG(t, paper(64, 32)), 0xe1, exif(orientation, order)))
			if err != nil {
				t.Fatal(err)
			}
			if wide := orientation < 5; (p.Width > p.Height) != wide {
				t.Errorf("orientation %d: %d by %d", orientation, p.Width, p.Height)
			}
			got, err := jpeg.Decode(bytes.NewReader(p.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			for corner, from := range want {
				x, y := p.Width/4+corner%2*p.Width/2, p.Height/4+corner/2*p.Height/2
				if r, g, b, _ := got.At(x, y).RGBA(); colourOf(r, g, b) != from {
					t.Errorf("orientation %d: corner %d shows %d, want %d", orientation, corner, colourOf(r, g, b), from)
				}
			}
		}
	}
}

func colourOf(r, g, b uint32) int {
	switch {
	case r > 0xa000 && g > 0xa000:
		return 3
	case r > 0xa000:
		return 0
	case g > 0xa000:
		return 1
	}
	return 2
}

// TestNoiseFits: what compresses badly is kept in a lower quality.
func TestNoiseFits(t *testing.T) {
	noise := image.NewRGBA(image.Rect(0, 0, 2000, 2000))
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(dice.Uint32()) & 0x7f
	}
	p, err := Read(asPNG(t, noise))
	if err != nil && fault.KindOf(err) != fault.Refused {
		t.Fatalf("Read(noise) = %v", err)
	}
	if err == nil && len(p.JPEG) > MaxKept {
		t.Errorf("Read(noise) is %d bytes, want at most %d", len(p.JPEG), MaxKept)
	}
}

// bomb is a PNG that says that it is as large as given, of one colour: a few bytes
// that would be many.
func bomb(w, h int) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(make([]byte, 1<<20)) // to memory: it cannot fail
	_ = zw.Close()
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 6, 0, 0, 0)), pngChunk("IDAT", z.Bytes()), pngChunk("IEND", nil)}, nil)
}

// frame makes a JPEG that has a head and nothing behind.
func frame(marker byte, w, h int, sampling ...byte) []byte {
	s := binary.BigEndian.AppendUint16([]byte{8}, uint16(h))
	s = append(binary.BigEndian.AppendUint16(s, uint16(w)), byte(len(sampling)))
	for i, hv := range sampling {
		s = append(s, byte(i+1), hv, 0)
	}
	return append(withSegment([]byte{0xff, 0xd8, 0xff, 0xda, 0, 3, 1}, marker, s), 0xff, 0xd9)
}

func TestReadRefuses(t *testing.T) {
	photo, drawing := hidden(t)
	whole := asJPEG(t, paper(640, 480))
	for _, tt := range []struct {
		name, words string
		sent        []byte
	}{
		{"nothing", "no photo", nil},
		{"text", "no photo", []byte("<!doctype html><script>alert(1)</script>")},
		{"GIF", "no photo", []byte("GIF89a\x01\x00\x01\x00;")},
		{"SVG", "no photo", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		{"HEIC", "HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")},
		{"a film", "HEIC", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00")},
		{"the beginning of a JPEG", "whole", whole[:len(whole)/2]},
		{"the head of a JPEG", "whole", whole[:30]},
		{"the beginning of a PNG", "whole", drawing[:len(drawing)/2]},
		{"a JPEG with another's end", "whole", append(photo[:40:40], drawing...)},
		{"a PNG bomb", "too large", bomb(50_000, 50_000)},
		{"a long PNG", "too large", bomb(20_000, 1)},
		{"a PNG of too many pixels", "too large", bomb(6000, 5000)},
		{"a PNG with less than it says", "whole", bomb(5000, 5000)},
		{"a JPEG bomb", "too large", frame(0xc0, 65_000, 65_000, 0x11)},
		{"a progressive JPEG bomb", "too large", frame(0xc2, 5000, 5000, 0x11, 0x11, 0x11)},
		{"a JPEG without pixels", "whole", frame(0xc0, 0, 0, 0x11)},
		{"an arithmetic JPEG", "whole", frame(0xc9, 10, 10, 0x11)},
		{"a JPEG with a sampling of none", "whole", frame(0xc0, 10, 10, 0x00)},
		{"a WebP of nothing", "whole", []byte("RIFF\x04\x00\x00\x00WEBPVP8 ")},
		{"too many bytes", "too large", make([]byte, MaxSent+1)},
	} {
		_, err := Read(tt.sent)
		if fault.KindOf(err) != fault.Refused || !strings.Contains(fault.Words(err), tt.words) {
			t.Errorf("Read(%s) = %v, %q; want a refusal that says %q", tt.name, err, fault.Words(err), tt.words)
		}
	}
}

// FuzzRead: whatever is sent, Read ends, takes no more memory than it says, and what
// it keeps is a JPEG with pixels and nothing else.
func FuzzRead(f *testing.F) {
	photo, drawing := hidden(f)
	for _, seed := range [][]byte{
		photo, drawing, bomb(50_000, 50_000), bomb(16, 16), frame(0xc2, 64, 64, 0x22, 0x11, 0x11), frame(0xc0, 8, 8, 0x11, 0x11, 0x11, 0x11),
		withSegment(asJPEG(f, paper(9, 5)), 0xe1, exif(6, binary.LittleEndian)), append(drawing[:len(drawing):len(drawing)], photo...),
		[]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"), []byte("\x00\x00\x00\x18ftypheic"), photo[:200],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		if form, err := formatOf(sent); err == nil {
			if s, err := form.look(sent); err == nil && s.check() == nil && s.width*s.height > 1<<20 {
				t.Skip("decoding it would only take long")
			}
		}
		p, err := Read(sent)
		if err != nil {
			if fault.KindOf(err) != fault.Refused {
				t.Fatalf("Read = %v, want a refusal in words", err)
			}
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
		if err != nil || c.Width != p.Width || c.Height != p.Height || max(c.Width, c.Height) > LongestSide || len(p.JPEG) > MaxKept {
			t.Fatalf("kept %d bytes, %d by %d: %v", len(p.JPEG), c.Width, c.Height, err)
		}
		if got := segments(t, p.JPEG); got != "dbc0c4da" {
			t.Fatalf("the photo has the segments %s", got)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	sent := asJPEG(b, paper(4000, 3000))
	for b.Loop() {
		if _, err := Read(sent); err != nil {
			b.Fatal(err)
		}
	}
}
