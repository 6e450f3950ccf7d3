package wording

import "strings"

// Grade is the Flesch–Kincaid grade of an English text: the years of school
// after which it is easily read. It is 0 for a text without words.
// Source: Kincaid and others, Derivation of new readability formulas, 1975.
func Grade(text string) float64 { return grade(measure(text, syllables)) }

func grade(c counts) float64 {
	if c.words == 0 {
		return 0
	}
	return 0.39*float64(c.words)/float64(c.sentences) + 11.8*float64(c.syllables)/float64(c.words) - 15.59
}

// ease is the reading ease of a Spanish text after Fernández Huerta (1959, as
// commonly corrected): over 90 very easy, 60 to 70 normal, under 30 very hard.
func ease(c counts) float64 {
	if c.words == 0 {
		return 100
	}
	return 206.84 - 60*float64(c.syllables)/float64(c.words) - 1.02*float64(c.words)/float64(c.sentences)
}

// syllables estimates the syllables of an English word by its groups of
// vowels, less a silent e at the end.
func syllables(word string) int {
	word = strings.ToLower(strings.Trim(word, "'’-"))
	if strings.Contains(word, "-") {
		n := 0
		for _, part := range strings.Split(word, "-") {
			if part != "" {
				n += syllables(part)
			}
		}
		return max(n, 1)
	}
	if i := strings.IndexAny(word, "'’"); i > 0 {
		word = word[:i] // "patron's" is as long as "patron"
	}
	n, vowel := 0, false
	for _, r := range word {
		is := isVowel(r)
		if is && !vowel {
			n++
		}
		vowel = is
	}
	switch {
	case endsHeard(word, "le") || endsHeard(word, "les"):
		// ta-ble: the e is heard
	case strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "ee"):
		n--
	case strings.HasSuffix(word, "es") && len(word) > 3 && !strings.ContainsRune("aeiouysxzhcg", rune(word[len(word)-3])):
		n--
	case strings.HasSuffix(word, "ed") && len(word) > 3 && !strings.ContainsRune("aeiouytd", rune(word[len(word)-3])):
		n--
	}
	return max(n, 1)
}

func isVowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// endsHeard reports whether a word ends so, after a consonant.
func endsHeard(word, end string) bool {
	before, found := strings.CutSuffix(word, end)
	return found && before != "" && !isVowel(rune(before[len(before)-1]))
}

// spanishSyllables counts the syllables of a Spanish word: in a run of vowels
// each strong one (a, e, o) and each weak one with an accent is a syllable; a
// run of weak ones alone is one.
func spanishSyllables(word string) int {
	letters := []rune(strings.ToLower(word))
	n, inRun, counted := 0, false, false
	end := func() {
		if inRun && !counted {
			n++
		}
		inRun, counted = false, false
	}
	for i, r := range letters {
		switch {
		case isStrong(r):
			n++
			inRun, counted = true, true
		case isWeak(letters, i):
			inRun = true
		default:
			end()
		}
	}
	end()
	return max(n, 1)
}

func isStrong(r rune) bool {
	switch r {
	case 'a', 'e', 'o', 'á', 'é', 'ó', 'í', 'ú':
		return true
	}
	return false
}

// isWeak reports whether letter i is a weak vowel: i, u, ü, or y where no vowel
// follows. The u of que, qui, gue and gui is silent.
func isWeak(letters []rune, i int) bool {
	next, before := ' ', ' '
	if i+1 < len(letters) {
		next = letters[i+1]
	}
	if i > 0 {
		before = letters[i-1]
	}
	switch letters[i] {
	case 'i', 'ü':
		return true
	case 'u':
		return !(strings.ContainsRune("qg", before) && strings.ContainsRune("eiéí", next))
	case 'y':
		return !strings.ContainsRune("aeiouáéíóúü", next)
	}
	return false
}
