package draw

import "strings"

// words are the few words of the picture itself, in one language.
type words struct {
	flowchart  string // of TITLE
	start      string
	part       string
	facts      string // a numbered list: the facts decide
	nobody     string // a swap step: nobody is asked
	offRecord  string
	otherwise  string
	when       string // before a condition
	nowhere    string
	end        string
	nowWith    string
	opens      string
	stepsOf    string // before a part's title, over its frame
	key        string // heading of the key
	keyDo      string
	keyAsk     string
	keyCall    string
	keyPart    string
	keyEnd     string
	keyProblem string
	story      string
	more       string // what the numbers on a story's marks mean
}

var english = words{
	flowchart: "Flowchart of", start: "Start", part: "Part", facts: "the facts decide", nobody: "nobody is asked",
	offRecord: "off the record", otherwise: "otherwise", when: "if", nowhere: "nowhere", end: "End",
	nowWith: "now with", opens: "open next", stepsOf: "Inside the part",
	key: "Key", keyDo: "do this", keyAsk: "several ways on", keyCall: "call someone", keyPart: "a part of its own", keyEnd: "end", keyProblem: "problem",
	story: "Story", more: "follow the numbers",
}

var spanish = words{
	flowchart: "Diagrama de", start: "Inicio", part: "Parte", facts: "deciden los hechos", nobody: "no se pregunta a nadie",
	offRecord: "sin registro", otherwise: "si no", when: "si", nowhere: "a ninguna parte", end: "Fin",
	nowWith: "ahora lo lleva", opens: "abrir después", stepsOf: "Dentro de la parte",
	key: "Clave", keyDo: "haga esto", keyAsk: "varios caminos", keyCall: "llame a alguien", keyPart: "una parte aparte", keyEnd: "fin", keyProblem: "problema",
	story: "Historia", more: "siga los números",
}

// wordsIn gives the words in a language, or in English.
func wordsIn(lang string) words {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "es" {
		return spanish
	}
	return english
}

// isRightToLeft reports whether a language is written from right to left.
func isRightToLeft(lang string) bool {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "ar", "fa", "he", "ps", "ur", "yi":
		return true
	}
	return false
}

// name turns a name of the language (`with_counsel`) into words.
func name(s string) string { return strings.ReplaceAll(s, "_", " ") }
