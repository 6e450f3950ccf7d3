// Package words writes bytes as words that can be read aloud, written down and
// typed again, and tells which word was mistyped.
//
// The 2,048 words are made by a rule, not taken from a language: people who use
// them speak many. A word is consonant, vowel, consonant, vowel, consonant; eleven
// bits choose the first four letters, and the last one is a check on them. So
// every mistake of one letter, and every exchange of two consonants or of the two
// vowels, gives something that is not a word, and is told at its place.
//
//	bits      10..7       6..5    4..1        0       check
//	letter    consonant   vowel   consonant   vowel   consonant
//	          of 16       aeio    of 16       au      of 16
//
// It keeps no secrets and knows none.
package words

import (
	"fmt"
	"strings"
)

const (
	consonants   = "bdfghklmnprstvwz"
	firstVowels  = "aeio"
	secondVowels = "au"

	bitsPerWord = 11
	// Count is how many words there are.
	Count = 1 << bitsPerWord
	// Length is how many letters each has.
	Length = 5
)

// Word returns the i-th word, 0 <= i < Count; other numbers wrap round.
func Word(i int) string {
	first, vowel, second, last := i>>7&15, i>>5&3, i>>1&15, i&1
	return string([]byte{
		consonants[first], firstVowels[vowel], consonants[second], secondVowels[last],
		consonants[check(first, vowel, second, last)],
	})
}

// check is a sum in the field of 16 elements. The four weights are different
// and none is 1, so that a changed letter always changes the sum, and so does an
// exchange of two different consonants, the check itself included. Exchanged
// vowels show without it: "e", "i", "o" stand only in front, "u" only behind.
func check(first, vowel, second, last int) int {
	return times(2, first) ^ times(3, vowel) ^ times(4, second) ^ times(5, last)
}

// times multiplies in the field of 16 elements modulo x^4 + x + 1.
func times(a, b int) int {
	product := 0
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			product ^= a
		}
		a <<= 1
		if a&16 != 0 {
			a ^= 0b10011
		}
	}
	return product
}

// Index returns the number of a word in small letters.
func Index(word string) (int, bool) {
	if len(word) != Length {
		return 0, false
	}
	first, second := strings.IndexByte(consonants, word[0]), strings.IndexByte(consonants, word[2])
	vowel, last := strings.IndexByte(firstVowels, word[1]), strings.IndexByte(secondVowels, word[3])
	if first < 0 || second < 0 || vowel < 0 || last < 0 {
		return 0, false
	}
	i := first<<7 | vowel<<5 | second<<1 | last
	return i, Word(i) == word
}

// Encode returns b as words, eleven bits each, the last one filled up with zeros.
func Encode(b []byte) []string {
	var out []string
	held, have := 0, 0
	for _, c := range b {
		held, have = held<<8|int(c), have+8
		for have >= bitsPerWord {
			have -= bitsPerWord
			out = append(out, Word(held>>have))
			held &= 1<<have - 1
		}
	}
	if have > 0 {
		out = append(out, Word(held<<(bitsPerWord-have)))
	}
	return out
}

// CountFor returns how many words n bytes take.
func CountFor(n int) int { return (8*n + bitsPerWord - 1) / bitsPerWord }

// Decode reads n bytes from words in any case. A word that is not one is told
// with its number and the words that were probably meant.
func Decode(list []string, n int) ([]byte, error) {
	if want := CountFor(n); len(list) != want {
		return nil, fmt.Errorf("there are %d words here and there should be %d", len(list), want)
	}
	out := make([]byte, 0, n+1)
	held, have := 0, 0
	for at, word := range list {
		i, ok := Index(strings.ToLower(word))
		if !ok {
			return nil, &WordError{Number: at + 1, Word: word, Near: Near(strings.ToLower(word))}
		}
		held, have = held<<bitsPerWord|i, have+bitsPerWord
		for have >= 8 {
			have -= 8
			out = append(out, byte(held>>have))
			held &= 1<<have - 1
		}
	}
	if held != 0 || len(out) > n && out[n] != 0 {
		return nil, fmt.Errorf("the last word, %q, cannot stand there", list[len(list)-1])
	}
	return out[:n], nil
}

// WordError is a word that is not one.
type WordError struct {
	Number int // counted from 1
	Word   string
	Near   []string // what may have been meant, sorted, at most maxNear
}

// Error says which word is wrong and what it may have been.
func (e *WordError) Error() string {
	shown := []rune(e.Word)
	if len(shown) > 12 {
		shown = append(shown[:12], '…')
	}
	said := fmt.Sprintf("word %d, %q, is mistyped", e.Number, string(shown))
	if len(e.Near) == 0 {
		return said
	}
	return said + "; perhaps it is " + strings.Join(e.Near, " or ")
}

const maxNear = 4

// Near returns the words that differ from one in a single letter, in order; at
// most four.
func Near(word string) []string {
	var near []string
	if len(word) != Length {
		return nil
	}
	for i := range Count {
		if w := Word(i); differ(w, word) == 1 {
			if near = append(near, w); len(near) == maxNear {
				break
			}
		}
	}
	return near
}

func differ(a, b string) int {
	n := 0
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
