package diag

// Nearest returns the candidate that was probably meant by word: the one with
// the smallest edit distance, provided that it is near enough to be a slip of
// the pen. It returns "" when nothing is near.
func Nearest(word string, candidates []string) string {
	best, bestDistance := "", 0
	for _, candidate := range candidates {
		d := distance([]rune(word), []rune(candidate))
		shorter := min(len([]rune(word)), len([]rune(candidate)))
		limit := min(shorter/3+1, shorter-1) // of one letter nothing is near
		if d <= max(limit, 0) && (best == "" || d < bestDistance) {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// DidYouMean is the hint that follows "there is no X": the nearest candidate
// where there is one, nothing otherwise.
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "; did you mean \"" + near + "\"?"
	}
	return ""
}

// distance counts the single-character edits between a and b, a swap of
// neighbours being one edit (optimal string alignment).
func distance(a, b []rune) int {
	const farAway = 64 // names are short; a long word is never a near miss
	if len(a) > farAway || len(b) > farAway {
		if string(a) == string(b) {
			return 0
		}
		return farAway
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
