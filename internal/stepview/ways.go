package stepview

import (
	"slices"
	"strings"

	"roundtable/internal/walk"
	"roundtable/internal/web/page"
	"roundtable/playbook/automaton"
)

// ways are the choices that are offered now. Where nobody is asked there is one way
// on, in the words of the first open choice.
func (b *builder) ways() (list []page.Way) {
	state := b.view.Walk.State()
	for _, w := range b.view.Walk.Ways() {
		choice := w.Choice
		if choice == walk.Onward {
			choice = b.program.Open(state)[0]
		}
		list = append(list, b.way(choice, w.Choice, []automaton.State{state}))
	}
	return numbered(list)
}

// shownWays are the choices of a step at which the walk does not stand: all of them,
// since what was or will be open there is not known.
func (b *builder) shownWays() (list []page.Way) {
	for choice := range b.step.Choices {
		list = append(list, b.way(choice, choice, nil))
	}
	return list
}

// fragmentWays are all choices, for script to show those that are open.
func (b *builder) fragmentWays() (list []page.Way) { return b.shownWays() }

// numbered gives the choices that can be pressed their keys.
func numbered(list []page.Way) []page.Way {
	key := 0
	for i := range list {
		if list[i].Off == nil && key < 9 {
			key++
			list[i].Key = key
		}
	}
	return list
}

func (b *builder) way(choice, send int, states []automaton.State) page.Way {
	w := page.Way{Choice: choice, Send: send, Words: b.step.Choices[choice].Label}
	w.Soft = isUnsure(w.Words)
	if c := b.program.Steps[b.at].Choices[choice]; c.Unsent {
		w.Off = b.offPage(w.Words, choice, states, nil)
	}
	return w
}

// isUnsure reports whether a choice is "I am not sure", in the languages that we have.
func isUnsure(label string) bool {
	plain := strings.ToLower(strings.Trim(label, " .…"))
	return slices.ContainsFunc([]string{"i am not sure", "no estoy segur", "no lo sé", "not sure"}, func(begin string) bool { return strings.HasPrefix(plain, begin) })
}

// offPage is the page to which a choice off the record leads, or nil where it ends or
// leads back to a page around it. States are those in which the choice may be taken;
// without any, every way on is shown.
func (b *builder) offPage(title string, choice int, states []automaton.State, around []int) *page.OffPage {
	c := b.program.Steps[b.at].Choices[choice]
	if c.End >= 0 || slices.Contains(around, c.To) || len(around) > maxOffPages {
		return nil
	}
	var next []automaton.State
	for _, s := range states {
		next = append(next, b.program.Step(s, choice))
	}
	o := newBuilder(b.program, b.sheet, c.To, b.place)
	o.off = true
	p := &page.OffPage{Title: title, Card: o.card()}
	around = append(slices.Clone(around), c.To)
	for way := range o.step.Choices {
		if !openIn(o.program, next, way) {
			continue
		}
		to := o.program.Steps[c.To].Choices[way]
		one := page.OffWay{Words: o.step.Choices[way].Label, End: to.End >= 0, Off: o.offPage(o.step.Choices[way].Label, way, next, around)}
		if to.Owner != "" {
			one.Owner = b.names.of(to.Owner)
		}
		p.Ways = append(p.Ways, one)
	}
	return p
}

// maxOffPages bounds how deep pages off the record lie within each other.
const maxOffPages = 20

func openIn(p *automaton.Program, states []automaton.State, choice int) bool {
	if len(states) == 0 {
		return true
	}
	return slices.ContainsFunc(states, func(s automaton.State) bool { return slices.Contains(p.Open(s), choice) })
}
