package signin

import (
	"strings"
	"unicode"
)

// Which passwords are too easy.
//
// Lists of stolen passwords are long and mostly made of few things: a word from a
// small stock, somebody's name, a year, a run along the keyboard, something
// repeated, put one after the other, with digits for letters and a sign at the
// end. So instead of a list there is that stock (stock.go, written for this
// purpose) and a measure: the least number of pieces that a password can be cut
// into. A word of the stock, a run, a repetition or a year is one piece; every
// other character is one too; and what has only three characters counts as two
// pieces, since it may well be chance. "Summer2024!" is three pieces,
// "Password123456" two; a password of twelve drawn letters is about twelve, and
// four words that are not in the stock are some twenty. Fewer than seven is too
// easy: whoever tries such combinations in their order comes by before long.
//
// The cut is found by dynamic programming over at most MaxPassword characters,
// with every rule applied at every place.

const fewestPieces = 7

// IsEasy reports whether a password is among the first that others would try.
func IsEasy(password string, about ...string) bool {
	return pieces(fold(password), wordsAbout(about)) < fewestPieces
}

// fold returns the password's characters as they are compared, one string each:
// small letters, without accents.
func fold(text string) []string {
	var list []string
	for _, r := range strings.ToLower(Normal(text)) {
		list = append(list, plain(r))
	}
	return list
}

// plain takes the accent off a letter of the stock's languages.
func plain(r rune) string {
	switch {
	case strings.ContainsRune("áàâäãå", r):
		return "a"
	case strings.ContainsRune("éèêë", r):
		return "e"
	case strings.ContainsRune("íìîï", r):
		return "i"
	case strings.ContainsRune("óòôöõ", r):
		return "o"
	case strings.ContainsRune("úùûü", r):
		return "u"
	case r == 'ñ':
		return "n"
	case r == 'ç':
		return "c"
	}
	return string(r)
}

// wordsAbout cuts what is known of a person into words of three letters or more.
func wordsAbout(about []string) map[string]bool {
	words := map[string]bool{}
	for _, text := range about {
		folded := strings.Join(fold(text), "")
		for _, w := range strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if n := len([]rune(w)); n >= 3 && n <= longestWord {
				words[w] = true
			}
		}
	}
	return words
}

// pieces is the least number of pieces of the essay above.
func pieces(chars []string, about map[string]bool) int {
	chars = chars[:min(len(chars), MaxPassword)]
	least := make([]int, len(chars)+1)
	for end := 1; end <= len(chars); end++ {
		least[end] = least[end-1] + 1
		for start := end - 3; start >= max(0, end-longestPiece); start-- {
			price := 1
			if end-start == 3 {
				price = 2
			}
			if least[start]+price < least[end] && isPiece(chars[start:end], about) {
				least[end] = least[start] + price
			}
		}
		// A repetition costs what is repeated, and one.
		for size := 1; 2*size <= end; size++ {
			if n := repeats(chars[:end], size); n > 0 {
				least[end] = min(least[end], least[end-n]+1)
			}
		}
	}
	return least[len(chars)]
}

// repeats returns how many characters at the end only repeat, in whole blocks of
// a size, the block before them.
func repeats(chars []string, size int) (n int) {
	for end := len(chars); end >= 2*size; end -= size {
		for i := end - size; i < end; i++ {
			if chars[i] != chars[i-size] {
				return n
			}
		}
		n += size
	}
	return n
}

func isPiece(chars []string, about map[string]bool) bool {
	text := strings.Join(chars, "")
	return isRun(chars) || isYear(text) || isWord(chars, about)
}

// isRun reports whether the characters follow each other in the alphabet, in
// counting, or along a row or a column of a keyboard, in either direction.
func isRun(chars []string) bool {
	if len(chars) < 3 {
		return false
	}
	text := strings.Join(chars, "")
	for _, row := range rows {
		if strings.Contains(row, text) {
			return true
		}
	}
	return false
}

// rows are the runs, each also backwards. Keyboards are English, German, French
// and Spanish ones.
var rows = bothWays(
	"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "1234567890-=",
	"qwertyuiop[]", "qwertzuiop", "azertyuiop", "asdfghjkl;'", "qsdfghjklm", "zxcvbnm,./", "yxcvbnm", "wxcvbn",
	"!@#$%^&*()_+", "!\"§$%&/()=",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmik", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
	"qawsedrftgyhujikolp", "147258369", "2580", "159753", "741852963", "123654789",
)

func bothWays(list ...string) (both []string) {
	for _, s := range list {
		back := []rune(s)
		for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
			back[i], back[j] = back[j], back[i]
		}
		both = append(both, s, string(back))
	}
	return both
}

// isYear reports whether the text is a year of the last or this century, or a day
// as people write it in digits.
func isYear(text string) bool {
	if strings.Trim(text, "0123456789") != "" {
		return false
	}
	switch len(text) {
	case 4:
		return text[:2] == "19" || text[:2] == "20" || isDay(text[:2], text[2:])
	case 6:
		return isDay(text[:2], text[2:4]) || isDay(text[2:4], text[4:])
	case 8:
		return isDay(text[:2], text[2:4]) && isYear(text[4:]) || isYear(text[:4]) && isDay(text[4:6], text[6:])
	}
	return false
}

// isDay reports whether two numbers are a day and a month, in either order.
func isDay(a, b string) bool {
	day := func(s string) bool { return s >= "01" && s <= "31" }
	month := func(s string) bool { return s >= "01" && s <= "12" }
	return day(a) && month(b) || month(a) && day(b)
}

// isWord reports whether the characters are a word of the stock or about the
// person: as it is, backwards, or with signs that stand for letters.
func isWord(chars []string, about map[string]bool) bool {
	if len(chars) < 3 || len(chars) > longestWord {
		return false
	}
	known := func(s string) bool { return stock[s] || about[s] }
	for _, table := range disguises {
		forth, back := "", ""
		for i := range chars {
			forth += undisguise(table, chars[i])
			back += undisguise(table, chars[len(chars)-1-i])
		}
		if known(forth) || known(back) {
			return true
		}
	}
	return false
}

func undisguise(table map[string]string, char string) string {
	if letter, ok := table[char]; ok {
		return letter
	}
	return char
}

// disguises says which signs stand for letters. One and the exclamation mark
// stand for two, so there are two tables; the first disguises nothing.
var disguises = []map[string]string{
	{},
	{"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "i", "+": "t", "€": "e", "(": "c"},
	{"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "l", "|": "l", "6": "g", "2": "z"},
}

// No word is longer than the one, no run is looked for that is longer than the other.
const (
	longestWord  = 24
	longestPiece = 40
)
