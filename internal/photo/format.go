package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"

	"golang.org/x/image/webp"
)

// format is a kind of picture: how to learn its size without decoding it, and how to
// decode it.
type format struct {
	look   func(sent []byte) (size, error)
	decode func(r *bytes.Reader) (image.Image, error)
}

var (
	jpegFormat = format{lookAtJPEG, decodeJPEG}
	pngFormat  = format{lookAtPNG, decodePNG}
	webpFormat = format{lookAtWebP, decodeWebP}
)

// formatOf tells a picture's format by its first bytes, and by nothing that whoever
// sent it says. What else may hang behind is never looked at.
func formatOf(sent []byte) (format, error) {
	switch {
	case len(sent) > MaxSent:
		return format{}, tooLarge(fmt.Errorf("%d bytes", len(sent)))
	case bytes.HasPrefix(sent, []byte("\xff\xd8\xff")):
		return jpegFormat, nil
	case bytes.HasPrefix(sent, []byte("\x89PNG\r\n\x1a\n")):
		return pngFormat, nil
	case len(sent) >= 12 && string(sent[:4]) == "RIFF" && string(sent[8:12]) == "WEBP":
		return webpFormat, nil
	case len(sent) >= 12 && string(sent[4:8]) == "ftyp":
		return format{}, isHEIC() // or AVIF, or a film: of the same box format
	}
	return format{}, noPicture()
}

// size is what a picture says of itself.
type size struct {
	width, height int
	memory        int64 // that decoding takes, about, in bytes
	turned        int   // EXIF's orientation; 0 is not said
}

// check refuses what would take too much to decode.
func (s size) check() error {
	switch {
	case s.width < 1 || s.height < 1:
		return torn(fmt.Errorf("a picture of %d by %d", s.width, s.height))
	case s.width > maxSide || s.height > maxSide || s.width*s.height > MaxPixels || s.memory > maxMemory:
		return tooLarge(fmt.Errorf("%d by %d pixels, about %d bytes", s.width, s.height, s.memory))
	}
	return nil
}

func lookAtPNG(sent []byte) (size, error) {
	c, err := png.DecodeConfig(bytes.NewReader(sent))
	if err != nil {
		return size{}, err
	}
	deep := int64(4)
	if depth := sent[24]; depth == 16 { // IHDR's bit depth; DecodeConfig has read it
		deep = 8
	}
	return size{width: c.Width, height: c.Height, memory: int64(c.Width) * int64(c.Height) * deep}, nil
}

func lookAtWebP(sent []byte) (size, error) {
	c, err := webp.DecodeConfig(bytes.NewReader(sent))
	if err != nil {
		return size{}, err
	}
	return size{width: c.Width, height: c.Height, memory: int64(c.Width) * int64(c.Height) * 6}, nil
}

var errNoJPEG = errors.New("not a whole JPEG")

// lookAtJPEG reads a JPEG's segments (ITU-T T.81, annex B) up to its first scan.
func lookAtJPEG(sent []byte) (s size, err error) {
	for at := 2; ; {
		marker, segment, next, err := segmentAt(sent, at)
		if err != nil {
			return s, err
		}
		at = next
		switch {
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			if s.width != 0 {
				return s, errors.New("a JPEG with two frames")
			}
			if err := s.readFrame(marker, segment); err != nil {
				return s, err
			}
		case marker >= 0xc3 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return s, fmt.Errorf("a JPEG of the kind %#x", marker)
		case marker == 0xe1 && s.turned == 0:
			s.turned = orientation(segment)
		case marker == 0xda && s.width == 0:
			return s, errors.New("a JPEG whose scan comes before its frame")
		case marker == 0xda:
			return s, nil
		case marker == 0xd9:
			return s, errNoJPEG
		}
	}
}

// segmentAt returns the segment at a place, without its marker and length, and where
// the next one begins.
func segmentAt(sent []byte, at int) (marker byte, segment []byte, next int, err error) {
	if at+1 >= len(sent) || sent[at] != 0xff {
		return 0, nil, 0, errNoJPEG
	}
	for at+1 < len(sent) && sent[at+1] == 0xff { // filling
		at++
	}
	if at+1 >= len(sent) {
		return 0, nil, 0, errNoJPEG
	}
	marker, at = sent[at+1], at+2
	if marker == 0x01 || marker >= 0xd0 && marker <= 0xd9 {
		return marker, nil, at, nil
	}
	if at+2 > len(sent) {
		return 0, nil, 0, errNoJPEG
	}
	n := int(binary.BigEndian.Uint16(sent[at:]))
	if n < 2 || at+n > len(sent) {
		return 0, nil, 0, errNoJPEG
	}
	return marker, sent[at+2 : at+n], at + n, nil
}

// readFrame reads a frame's size and how much memory its samples take: one byte each,
// and four more of their coefficients where the frame is progressive.
func (s *size) readFrame(marker byte, segment []byte) error {
	if len(segment) < 6 {
		return errNoJPEG
	}
	s.height, s.width = int(binary.BigEndian.Uint16(segment[1:])), int(binary.BigEndian.Uint16(segment[3:]))
	n := int(segment[5])
	if n < 1 || n > 4 || len(segment) < 6+3*n {
		return errNoJPEG
	}
	var samples, most int64
	for i := range n {
		h, v := int64(segment[7+3*i]>>4), int64(segment[7+3*i]&15)
		if h < 1 || h > 4 || v < 1 || v > 4 {
			return errNoJPEG
		}
		samples, most = samples+h*v, max(most, h*v)
	}
	each := int64(1)
	if marker == 0xc2 {
		each += 4
	}
	s.memory = int64(s.width) * int64(s.height) * samples / most * each
	if n == 4 { // it is turned from print colours once more
		s.memory += int64(s.width) * int64(s.height) * 4
	}
	return nil
}

// orientation reads how the camera was held from the EXIF of a JPEG (CIPA DC-008): the
// tag 0x0112 of the first directory; 0 if it is not said. Nothing else of it is read.
func orientation(segment []byte) int {
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == 3 {
			if n := int(order.Uint16(entries[8:])); n >= 1 && n <= 8 {
				return n
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
