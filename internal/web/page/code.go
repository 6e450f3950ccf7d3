package page

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// Code is a QR code: rows of modules, true for dark, without the quiet zone.
type Code [][]bool

// QR returns the code of a text, at level M. Upper-case letters, digits and
// -./:$%*+ and spaces make the smallest one.
func QR(text string) (Code, error) {
	made, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	c := make(Code, made.Size)
	for y := range c {
		c[y] = make([]bool, made.Size)
		for x := range c[y] {
			c[y][x] = made.Black(x, y)
		}
	}
	return c, nil
}

// quiet is the white around a code, without which some readers do not find it.
const quiet = 4

// Side returns how many modules the drawing is wide, quiet zone included.
func (c Code) Side() int { return len(c) + 2*quiet }

// Path returns the dark modules as the path of an SVG: one rectangle for each run
// of modules in a row.
func (c Code) Path() string {
	var b strings.Builder
	for y, row := range c {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			start := x
			for x < len(row) && row[x] {
				x++
			}
			run := strconv.Itoa(x - start)
			b.WriteString("M" + strconv.Itoa(start+quiet) + " " + strconv.Itoa(y+quiet) + "h" + run + "v1h-" + run + "z")
		}
	}
	return b.String()
}
