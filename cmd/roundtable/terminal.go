package main

import (
	"os"

	"golang.org/x/term"
)

// terminalWidth is the number of columns of the terminal, or 0 when the file
// is none.
func terminalWidth(f *os.File) int {
	if !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}
