// Package lookup finds guides by plain words: those of their titles, summaries and
// headings, common words for the same things, and words that are mistyped.
//
// It keeps no index and remembers nothing of what was looked for.
package lookup

import (
	"slices"
	"strings"
	"unicode"
)

// Text is what is known of one thing that can be found.
type Text struct {
	ID   string
	Near []string // its title and summary: what is found here counts most
	Far  []string // what stands further inside, such as headings
}

// maxWords and maxWord bound what is looked for; people type a few words.
const (
	maxWords = 12
	maxWord  = 40
)

// Find returns the ids of what fits the words, the best first; those that fit alike
// stay in order. Nothing typed finds everything, in order. A word that fits nothing
// keeps no thing from being found by the others.
func Find(typed string, list []Text) (ids []string) {
	looked := words(typed)
	looked = looked[:min(len(looked), maxWords)]
	type hit struct {
		id    string
		score int
	}
	var hits []hit
	for _, t := range list {
		near, far := wordsOf(t.Near), wordsOf(t.Far)
		score := 0
		for _, w := range looked {
			score += scoreOf(w, near, far)
		}
		if score > 0 || len(looked) == 0 {
			hits = append(hits, hit{t.ID, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	// Where something fits well, what only fits a mistyped word far inside is noise.
	for _, h := range hits {
		if h.score*4 >= hits[0].score {
			ids = append(ids, h.id)
		}
	}
	return ids
}

// scoreOf is how well a word fits: itself or its beginning, another word for the
// same, or itself mistyped.
func scoreOf(w string, near, far []string) int {
	best := 0
	try := func(word string, weight int) {
		best = max(best, weight*fits(word, near), weight*fits(word, far)/3)
	}
	try(w, 3)
	for _, other := range alike(w) {
		try(other, 2)
	}
	return best
}

// fits is 8 for a word that is there, 6 for one that begins a word there, 3 for one
// that is there but for a slip, and 0 otherwise.
func fits(w string, have []string) int {
	best := 0
	for _, h := range have {
		switch {
		case stem(h) == stem(w):
			return 8
		case len(w) >= 3 && strings.HasPrefix(h, w):
			best = max(best, 6)
		case slips(w, h) <= allowed(w):
			best = max(best, 3)
		}
	}
	return best
}

// allowed is how many slips a word of that length may have.
func allowed(w string) int {
	switch n := len([]rune(w)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// stem takes off the endings that make no other word of it.
func stem(w string) string {
	for _, ending := range []string{"ing", "ed", "es", "s"} {
		if cut, ok := strings.CutSuffix(w, ending); ok && len(cut) >= 3 {
			return cut
		}
	}
	return w
}

func wordsOf(texts []string) (list []string) {
	for _, t := range texts {
		list = append(list, words(t)...)
	}
	return list
}

// words cuts a text into its words, in small letters and without accents' absence
// mattering less: letters and digits make words, everything else parts them.
func words(text string) (list []string) {
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w = plain(w); len(w) <= maxWord && !slices.Contains(empty, w) {
			list = append(list, w)
		}
	}
	return list
}

// empty are words that say nothing of what somebody looks for.
var empty = []string{"a", "an", "the", "is", "are", "was", "of", "to", "in", "on", "at", "for", "and", "or", "my", "me", "i", "we", "our", "you", "they", "there", "it", "with", "what", "do", "here", "has", "have", "el", "la", "los", "las", "un", "una", "de", "en", "y", "o", "que", "hay", "es"}

// plain writes a word without accents, as many people type it.
func plain(w string) string {
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune(accented, r); i >= 0 {
			return []rune(unaccented)[len([]rune(accented[:i]))]
		}
		return r
	}, w)
}

const (
	accented   = "áàâäãéèêëíìîïóòôöõúùûüñç"
	unaccented = "aaaaaeeeeiiiiooooouuuunc"
)

// slips counts the letters that are missing, too many, wrong or swapped between two
// words (the distance of Damerau and Levenshtein, adjacent swaps counted once). More
// than two are not counted further.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 || len(x) > maxWord || len(y) > maxWord {
		return 3
	}
	var rows [3][]int
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, now, before
	}
	return min(rows[1][len(y)], 3)
}

// alike returns other words for the same thing.
func alike(w string) (list []string) {
	for _, group := range groups {
		if slices.ContainsFunc(group, func(g string) bool { return stem(g) == stem(w) || slips(w, g) <= min(1, allowed(w)) }) {
			list = append(list, group...)
		}
	}
	return list
}

// groups are words that people use for the same thing at a desk. The first ones are
// those that guides use.
var groups = [][]string{
	{"officer", "police", "cop", "sheriff", "ice", "fbi", "agent", "immigration", "badge", "warrant", "subpoena", "raid", "deportation", "marshal", "policia", "agente", "migra", "inmigracion", "oficial"},
	{"paper", "warrant", "subpoena", "order", "letter", "judge", "court", "orden", "papel", "juez"},
	{"smell", "odor", "hygiene", "dirty", "stink", "homeless", "unhoused", "bathing", "olor", "higiene", "huele"},
	{"complaint", "complain", "complains", "patron", "queja", "quejas"},
	{"screen", "computer", "porn", "pornography", "internet", "website", "browsing", "naked", "images", "sees", "pantalla", "computadora"},
	{"politics", "political", "baited", "filming", "film", "auditor", "camera", "argue", "fight", "views", "provoke", "youtube", "recording", "video", "politica", "grabando", "provocar"},
	{"child", "kid", "minor", "son", "daughter", "teen", "student", "nino", "nina", "menor", "hijo", "hija"},
	{"parent", "mother", "father", "mom", "dad", "guardian", "family", "madre", "padre", "mama", "papa"},
	{"records", "record", "account", "checkouts", "borrowed", "loans", "books", "history", "card", "read", "registros", "cuenta", "libros", "prestamos"},
	{"room", "meeting", "booking", "reservation", "group", "event", "reserve", "sala", "reunion", "grupo"},
	{"hurt", "abuse", "beaten", "violence", "domestic", "bruise", "injury", "danger", "threat", "afraid", "trafficking", "help", "private", "maltrato", "violencia", "golpes", "miedo", "ayuda"},
	{"leave", "ban", "trespass", "remove", "eject", "expel", "irse", "echar"},
}
