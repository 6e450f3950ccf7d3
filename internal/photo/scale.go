package photo

import (
	"image"
	"image/color"
	"image/draw"
)

// scale makes a picture smaller where it is larger than what is kept, each pixel the
// mean of those that it stands for, and puts it on white where it lets something
// through. It takes the memory of what it makes and of two rows.
func scale(from image.Image) *image.RGBA {
	b := from.Bounds()
	w, h := fit(b.Dx(), b.Dy())
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	row := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	sums := make([]uint64, 3*w)  // of the row that is being made
	means := make([]uint32, 3*w) // of one row of the picture, times its width
	at := 0                      // the row that is being made
	for y := range b.Dy() {
		draw.Draw(row, row.Rect, white, image.Point{}, draw.Src)
		draw.Draw(row, row.Rect, from, image.Pt(b.Min.X, b.Min.Y+y), draw.Over)
		narrow(means, row.Pix, w, b.Dx())
		// In units of which a row of the picture has h and one that is made b.Dy().
		for begin, end := y*h, (y+1)*h; begin < end; {
			next := min(end, (at+1)*b.Dy())
			for i, mean := range means {
				sums[i] += uint64(mean) * uint64(next-begin)
			}
			if begin = next; begin == (at+1)*b.Dy() {
				finish(to.Pix[at*to.Stride:], sums, uint64(b.Dx())*uint64(b.Dy()))
				clear(sums)
				at++
			}
		}
	}
	return to
}

var white = image.NewUniform(color.White)

// narrow sums the pixels of a row up to w of them, each times the part of it that
// belongs there: the sum of the parts is the row's own width.
func narrow(sums []uint32, pix []byte, w, width int) {
	clear(sums)
	at := 0
	for x := range width {
		p := pix[4*x : 4*x+3 : 4*x+3]
		for begin, end := x*w, (x+1)*w; begin < end; {
			next := min(end, (at+1)*width)
			part, s := uint32(next-begin), sums[3*at:3*at+3:3*at+3]
			s[0] += part * uint32(p[0])
			s[1] += part * uint32(p[1])
			s[2] += part * uint32(p[2])
			if begin = next; begin == (at+1)*width {
				at++
			}
		}
	}
}

// finish writes a row's means from its sums.
func finish(pix []byte, sums []uint64, whole uint64) {
	for x := range len(sums) / 3 {
		for c := range 3 {
			pix[4*x+c] = byte((sums[3*x+c] + whole/2) / whole)
		}
		pix[4*x+3] = 0xff
	}
}

// fit returns the size of what is kept of a picture of a size.
func fit(w, h int) (int, int) {
	long := max(w, h)
	if long <= LongestSide {
		return w, h
	}
	part := func(n int) int { return max(1, (n*LongestSide+long/2)/long) }
	return part(w), part(h)
}
