package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
	"roundtable/internal/fault"
)

// The bounds. A phone's picture has 12 to 25 million pixels and 3 to 8 MB.
const (
	// MaxSent is the largest file that is read, in bytes.
	MaxSent = 16 << 20
	// MaxPixels is the most pixels of a picture that is decoded.
	MaxPixels = 26_000_000
	// maxSide is the longest side of a picture that is decoded, in pixels.
	maxSide = 16_384
	// maxMemory is the most memory that decoding may take, in bytes, as the picture's
	// head lets it be known.
	maxMemory = 160 << 20
	// LongestSide is the longest side of what is kept, in pixels: over 160 in an inch
	// of a page of paper, at which small print can be read.
	LongestSide = 2000
	// MaxKept is the largest photo that is kept, in bytes.
	MaxKept = 1 << 20
)

// qualities are those in which a photo is tried to be written, the best first.
var qualities = []int{85, 75, 65, 55, 45, 35}

// Photo is a photo as it is kept.
type Photo struct {
	JPEG   []byte
	Width  int // in pixels
	Height int
}

// Sum is the SHA-256 of the photo as it is kept, in hexadecimal digits.
func (p Photo) Sum() string {
	sum := sha256.Sum256(p.JPEG)
	return hex.EncodeToString(sum[:])
}

// Read takes in a picture as it was sent. What is wrong with it is a Refused fault
// whose words say what to do.
func Read(sent []byte) (Photo, error) {
	f, err := formatOf(sent)
	if err != nil {
		return Photo{}, err
	}
	size, err := f.look(sent)
	if err != nil {
		return Photo{}, torn(err)
	}
	if err := size.check(); err != nil {
		return Photo{}, err
	}
	picture, err := f.decode(bytes.NewReader(sent))
	if err != nil {
		return Photo{}, torn(err)
	}
	b := picture.Bounds()
	if b.Dx() != size.width || b.Dy() != size.height {
		return Photo{}, torn(fmt.Errorf("the picture is %v, and says that it is %d by %d", b, size.width, size.height))
	}
	return write(turn(scale(picture), size.turned))
}

// write writes a picture as a JPEG in the best quality that fits.
func write(picture image.Image) (Photo, error) {
	p := Photo{Width: picture.Bounds().Dx(), Height: picture.Bounds().Dy()}
	for _, quality := range qualities {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
			return Photo{}, fault.Broken(fmt.Errorf("write a photo: %w", err))
		}
		if b.Len() <= MaxKept {
			p.JPEG = b.Bytes()
			return p, nil
		}
	}
	return Photo{}, tooLarge(fmt.Errorf("over %d bytes at the lowest quality", MaxKept))
}

// turn turns a picture as the camera says that it was held: one of EXIF's
// orientations, from 1 to 8 (CIPA DC-008, tag 0x0112).
func turn(from *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return from
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	tw, th := w, h
	if orientation >= 5 {
		tw, th = h, w
	}
	to := image.NewRGBA(image.Rect(0, 0, tw, th))
	for y := range th {
		for x := range tw {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(to.Pix[to.PixOffset(x, y):][:4], from.Pix[from.PixOffset(sx, sy):][:4])
		}
	}
	return to
}

// decodePNG decodes a PNG.
func decodePNG(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }

func decodeJPEG(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }

func decodeWebP(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) }

// What is told of a picture that is not taken.

func torn(cause error) error {
	return fault.Refuse("The photo did not arrive whole, so it was not kept.", "Send it again, or take it again.").Because(cause)
}

func tooLarge(cause error) error {
	return fault.Refuse("The photo is too large to be kept.", "Take it again with fewer pixels, or from further away.").Because(cause)
}

func isHEIC() error {
	return fault.Refuse("This is a HEIC picture, which cannot be kept here.",
		"Take the photo from this page. Or set the phone's camera to JPEG: on an iPhone that is Settings, Camera, Formats, Most Compatible.")
}

func noPicture() error {
	return fault.Refuse("This is no photo that can be kept here.", "Send a JPEG or PNG picture.")
}
