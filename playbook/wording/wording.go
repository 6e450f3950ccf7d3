// Package wording gives advice on the words and the size of a playbook: is
// there an "I am not sure", is it easy to read, does it use a word that judges
// a person. It is advice: it never keeps a playbook from being used.
package wording

import (
	"strings"
	"time"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// The bounds of the advice. A page of the desk is read by somebody under
// stress; beyond these, people were found to lose the thread.
const (
	maxChoices      = 5   // choices of one step
	maxHeadingWords = 8   // words of a heading
	maxSayWords     = 15  // words of a sentence to be said aloud
	maxSaySeconds   = 12  // seconds that one thing to say takes
	wordsPerSecond  = 2.5 // calm speech
	maxGrade        = 6.0 // Flesch–Kincaid grade of a step
	minEase         = 65  // Fernández Huerta ease of a step in Spanish
	fewWords        = 12  // below this a step's grade says nothing
	maxSteps        = 40  // steps of one playbook
)

// Check gives advice on a file. original is the file that a translation
// translates, which says what kind of file it is and which facts are protected;
// of any other file, it is the file itself. It may be nil when there is none.
// today is the date for past-review; the zero time leaves that out.
func Check(f, original *syntax.File, today time.Time) []diag.Problem {
	if original == nil {
		original = f
	}
	c := checker{file: f, original: original, lang: f.Front.Lang.Text}
	c.loadedScene()
	for _, s := range f.Steps {
		c.choices(s)
		c.lines(s)
		text := stepText(s)
		c.reading(s, text)
		c.loadedStep(s, text)
	}
	if len(f.Steps) > maxSteps {
		c.tell(f.Front.Pos, diag.LongPlaybook, "this has %d steps; over %d, think of moving some into a part", len(f.Steps), maxSteps)
	}
	c.review(today)
	return c.problems
}

type checker struct {
	file     *syntax.File
	original *syntax.File
	lang     string
	problems []diag.Problem
}

func (c *checker) isEnglish() bool   { return c.lang == "" || c.isIn("en") }
func (c *checker) isSpanish() bool   { return c.isIn("es") }
func (c *checker) isRehearsal() bool { return c.original.Front.Kind == syntax.Rehearsal }

// isIn reports whether the file is in a language, wherever it is spoken.
func (c *checker) isIn(lang string) bool {
	primary, _, _ := strings.Cut(c.lang, "-")
	return strings.EqualFold(primary, lang)
}

func (c *checker) tell(pos diag.Position, code diag.Code, format string, args ...any) {
	c.problems = append(c.problems, diag.New(c.file.Name, pos, code, format, args...))
}

func (c *checker) choices(s *syntax.Step) {
	if s.Next == nil || s.Next.Ordered {
		return
	}
	n := len(s.Next.Choices)
	if n > maxChoices {
		c.tell(s.Next.Pos, diag.TooManyChoices, "there are %d choices; more than %d are hard to take in, so split the step", n, maxChoices)
	}
	if n < 2 || c.isRehearsal() || c.isSwap(s) {
		return
	}
	words := "I am not sure"
	switch {
	case c.isSpanish():
		words = "No estoy seguro"
	case !c.isEnglish():
		return // nobody told us how that is said
	}
	for _, choice := range s.Next.Choices {
		if isUnsure(syntax.PlainText(choice.Label)) {
			return
		}
	}
	c.tell(s.Next.Pos, diag.NoUnsure, "a person who does not know has no choice to take; end the list with %q", words)
}

// isSwap reports whether every choice gives one protected fact a value: such a
// step asks nobody anything.
func (c *checker) isSwap(s *syntax.Step) bool {
	for _, p := range c.original.Front.Protected {
		all := true
		for _, choice := range s.Next.Choices {
			sets := false
			for _, a := range choice.Assigns {
				sets = sets || a.Fact.Text == p.Text
			}
			all = all && sets
		}
		if all {
			return true
		}
	}
	return false
}

func isUnsure(label string) bool {
	label = strings.ToLower(label)
	for _, words := range []string{"not sure", "unsure", "i do not know", "i don't know", "no estoy segur", "no lo sé", "no sé"} {
		if strings.Contains(label, words) {
			return true
		}
	}
	return false
}

// lines tells headings and things to say that are too long.
func (c *checker) lines(s *syntax.Step) {
	if n := len(strings.Fields(syntax.PlainText(s.Heading))); n > maxHeadingWords {
		c.tell(s.Pos, diag.LongLine, "the heading has %d words; up to %d are read at a glance", n, maxHeadingWords)
	}
	for _, section := range s.Sections {
		if section.Kind != syntax.Say {
			continue
		}
		for _, quote := range section.Blocks {
			c.say(quote)
		}
	}
}

func (c *checker) say(quote syntax.Block) {
	text := blockText([]syntax.Block{quote})
	longest := 0
	eachSentence(text, func(sentence string) { longest = max(longest, wordCount(sentence)) })
	if longest > maxSayWords {
		c.tell(quote.Pos, diag.LongLine, "a sentence to say has %d words; up to %d can be said in one breath", longest, maxSayWords)
		return
	}
	if seconds := float64(wordCount(text)) / wordsPerSecond; seconds > maxSaySeconds {
		c.tell(quote.Pos, diag.LongLine, "this takes about %.0f seconds to say; nobody listens longer than %d", seconds, maxSaySeconds)
	}
}

// reading tells steps that are hard to read.
func (c *checker) reading(s *syntax.Step, text string) {
	switch {
	case c.isEnglish():
		n := measure(text, syllables)
		if g := grade(n); n.words >= fewWords && g > maxGrade {
			c.tell(s.Pos, diag.HardToRead, "this step reads at grade %.1f; aim at 5 and stay under %.0f: shorter sentences, shorter words", g, maxGrade)
		}
	case c.isSpanish():
		n := measure(text, spanishSyllables)
		if e := ease(n); n.words >= fewWords && e < minEase {
			c.tell(s.Pos, diag.HardToRead, "this step's reading ease is %.0f (Fernández Huerta); stay over %d: shorter sentences, shorter words", e, minEase)
		}
	}
}

// review tells a date of review that has passed. On the day itself there is
// still time.
func (c *checker) review(today time.Time) {
	name := c.file.Front.Review
	due, err := time.Parse(time.DateOnly, name.Text)
	if err != nil || today.IsZero() || today.Format(time.DateOnly) <= due.Format(time.DateOnly) {
		return
	}
	c.tell(name.Pos, diag.PastReview, "somebody should have read this again by %s", due.Format("2 January 2006"))
}
