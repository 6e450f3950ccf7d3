package stepview

import (
	"slices"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/playbook/automaton"
)

// The recorder: what officers do is taken down by taps, at any step of a walk in which
// officers may act.

// What each of its two screens offers, in order. What is folded away on the second
// makes the walk one of a demand, and the first is shown then.
var (
	actingTaps   = []walk.Sight{walk.StaffArea, walk.Searching, walk.Computers, walk.Taking, walk.Questioning, walk.Holding, walk.Arrived, walk.Gone}
	actingLines  = []walk.Sight{walk.Took, walk.TheySaid, walk.WeSaid, walk.Badge, walk.Agency}
	watchTaps    = []walk.Sight{walk.Standing, walk.Walking, walk.AtDoor, walk.Questioning, walk.Arrived, walk.Gone}
	watchActing  = []walk.Sight{walk.StaffArea, walk.Searching, walk.Computers, walk.Taking, walk.Holding}
	watchLines   = []walk.Sight{walk.Agency, walk.Where, walk.Doing, walk.Badge, walk.TheySaid}
	counts       = []string{"1", "2", "3", "4", "5", "6+"}
	recorderFor  = []string{"director", "counsel"} // who is called on
	recorderElse = "in_charge"                     // where neither has a number
)

// IsTap reports whether a code is one that the recorder takes down by a press alone.
func IsTap(s walk.Sight) bool { return slices.Contains(walk.Sights, s) && !s.HasLine() }

// SightWords says what was taken down, in a language: "They are searching", "They
// took: a computer".
func SightWords(s walk.Sight, line, lang string) string {
	words := sightWords[base(lang) == "es"][s]
	if line != "" {
		return words + ": " + line
	}
	return words
}

var sightWords = map[bool]map[walk.Sight]string{
	false: {
		walk.StaffArea: "They came in behind the desk", walk.Searching: "They are searching", walk.Computers: "They are at a computer", walk.Taking: "They are taking something",
		walk.Holding: "They are holding somebody", walk.Questioning: "They are questioning somebody", walk.Standing: "They stand or sit", walk.Walking: "They walk about",
		walk.AtDoor: "They stand at a door", walk.Arrived: "More of them came in", walk.Gone: "They left", walk.Objected: "I said that I do not consent",
		walk.Took: "What they took", walk.TheySaid: "What they said", walk.WeSaid: "What we said", walk.HowMany: "How many", walk.Badge: "Badge or name",
		walk.Agency: "Agency", walk.Where: "Where they are", walk.Doing: "What else they do",
	},
	true: {
		walk.StaffArea: "Entraron detrás del mostrador", walk.Searching: "Están buscando", walk.Computers: "Están en una computadora", walk.Taking: "Se están llevando algo",
		walk.Holding: "Retienen a alguien", walk.Questioning: "Hacen preguntas a alguien", walk.Standing: "Están de pie o sentados", walk.Walking: "Caminan por la sala",
		walk.AtDoor: "Están junto a una puerta", walk.Arrived: "Entraron más", walk.Gone: "Se fueron", walk.Objected: "Dije que no doy mi consentimiento",
		walk.Took: "Qué se llevaron", walk.TheySaid: "Qué dijeron", walk.WeSaid: "Qué dijimos", walk.HowMany: "Cuántos", walk.Badge: "Placa o nombre",
		walk.Agency: "Agencia", walk.Where: "Dónde están", walk.Doing: "Qué más hacen",
	},
}

var lineHints = map[bool]map[walk.Sight]string{
	false: {walk.Took: "Which thing, and if it is the original or a copy. No patron’s name.", walk.Agency: "As it stands on a badge, a vest or a car.", walk.Where: "A room or a place, such as “by the entrance”."},
	true:  {walk.Took: "Qué cosa, y si es el original o una copia. Sin nombres del público.", walk.Agency: "Como se lee en una placa, un chaleco o un auto.", walk.Where: "Una sala o un lugar, como «junto a la entrada»."},
}

func presses(list []walk.Sight, lang string) (taps []page.Tap) {
	for _, s := range list {
		taps = append(taps, page.Tap{Code: string(s), Words: SightWords(s, "", lang), Hint: lineHints[base(lang) == "es"][s]})
	}
	return taps
}

// KeptRecorder is the recorder of the page that a device keeps: script fills in the
// rest.
func KeptRecorder(lang string) page.Recorder {
	r := page.Recorder{
		Words: page.WordsIn(lang), Counts: counts,
		SaidWords: SightWords(walk.Objected, "", lang), ManyWords: SightWords(walk.HowMany, "", lang),
		Acting:   page.Taps{Presses: presses(actingTaps, lang), Lines: presses(actingLines, lang)},
		Watching: page.Taps{Presses: presses(watchTaps, lang), More: presses(watchActing, lang), Lines: presses(watchLines, lang)},
	}
	for _, role := range append(slices.Clone(recorderFor), recorderElse) {
		r.Calls = append(r.Calls, page.Callee{Role: role, Who: rolesIn(lang).of(role)})
	}
	return r
}

// Recorder is the recorder of a walk.
func (v View) Recorder() page.Recorder {
	lang := v.Sheet.Lang
	r := KeptRecorder(lang)
	r.Post = v.Href + "/aside" + v.Query
	_, r.Watch = v.Walk.Leaving()
	r.Calls = v.recorderCalls()
	for _, o := range slices.Backward(v.Walk.Observations()) {
		t := page.TakenDown{ID: string(o.ID), Sight: string(o.Sight), At: o.At.In(v.Zone), Words: SightWords(o.Sight, o.Text, lang)}
		if !o.Back.IsZero() {
			t.Back = o.Back.In(v.Zone)
		} else if o.Sight == walk.Objected {
			r.Objected = t.At
		}
		r.Taken = append(r.Taken, t)
	}
	return r
}

// recorderCalls is whom to go on calling: who has a number.
func (v View) recorderCalls() (list []page.Callee) {
	for _, role := range append(slices.Clone(recorderFor), recorderElse) {
		c := page.Callee{Role: role, Who: rolesIn(v.Sheet.Lang).of(role), Lines: v.contacts(role)}
		if c.Phone() != "" && len(list) < len(recorderFor) {
			list = append(list, c)
		}
	}
	return list
}

// AsideHref is the address of the recorder.
func (v View) AsideHref() string { return v.Href + "/aside" + v.Query }

// watches reports whether a step is one at which officers are here and have asked for
// nothing: a choice ends the walk because they left.
func watches(p *automaton.Program, at int) bool {
	return slices.ContainsFunc(p.Steps[at].Choices, func(c automaton.Choice) bool { return c.End >= 0 && p.Outcomes[c.End] == walk.TheyLeft })
}
