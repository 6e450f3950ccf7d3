package terminal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/walk"
)

// write fills a field: `f FIELD TEXT`. An inventory and photos get a line more
// each time; anything else is replaced. `-` empties.
func (s *session) write(at int, rest string) error {
	list := s.fieldsOf(at)
	if len(list) == 0 {
		return s.refuse("%s", s.words.noFields)
	}
	which, text, _ := strings.Cut(rest, " ")
	text = strings.TrimSpace(text)
	var names []string
	for _, f := range list {
		names = append(names, f.Name)
	}
	i := slices.IndexFunc(list, func(f fieldOf) bool { return strings.EqualFold(f.Name, which) })
	if n, err := strconv.Atoi(which); i < 0 && err == nil && n >= 1 && n <= len(list) {
		i = n - 1
	}
	switch {
	case i < 0 && which == "", i >= 0 && text == "":
		return s.refuse(s.words.whichField, strings.Join(names, ", "))
	case i < 0 && len(list) == 1: // the only field need not be named
		i, text = 0, rest
	case i < 0:
		s.unclear(rest)
		return s.refuse(s.words.noSuchField, short(which), strings.Join(names, ", "))
	}
	return s.fill(at, list[i], text)
}

func (s *session) fill(at int, f fieldOf, text string) error {
	if text == "-" {
		return s.empty(at, f)
	}
	value, problem := s.read(f, text)
	if problem != "" {
		s.unclear(text)
		return s.refuse("%s", problem)
	}
	e := walk.Event{Kind: walk.Recorded, Step: at, Field: f.Name, Value: value}
	rows := s.rows(f.Name)
	if f.Type == "inventory" || f.Type == "photo" {
		e.Row = fmt.Sprint("r", s.ids+1)
	}
	if !s.apply(e) {
		return nil
	}
	if e.Row != "" {
		s.notice(s.words.fieldRow, len(rows)+1, f.Name, short(value))
	} else {
		s.notice(s.words.fieldKept, f.Name, s.value(f, value))
	}
	return nil
}

// empty empties a field, or takes the last line of one that has several.
func (s *session) empty(at int, f fieldOf) error {
	rows := s.rows(f.Name)
	if len(rows) == 0 {
		s.notice(s.words.fieldEmpty, f.Name)
		return nil
	}
	if s.apply(walk.Event{Kind: walk.Recorded, Step: at, Field: f.Name, Row: rows[len(rows)-1].Row}) && len(rows) == 1 {
		s.notice(s.words.fieldEmpty, f.Name)
	}
	return nil
}

func (s *session) rows(field string) []walk.Cell {
	return slices.DeleteFunc(s.walk.Cells(), func(c walk.Cell) bool { return c.Field != field })
}

// read turns what was typed into a field's value, or says what is wrong with it.
func (s *session) read(f fieldOf, text string) (value, problem string) {
	value = text
	today := s.o.Now()
	switch f.Type {
	case "date":
		if isWord(text, "today", "hoy") {
			value = today.Format(time.DateOnly)
		}
	case "time":
		if isWord(text, "now", "ahora") {
			value = clock(today)
		}
	case "choice":
		value = option(f.link.Options, text)
	}
	if walk.FieldProblem(&f.Field, value) == "" {
		return value, ""
	}
	if f.Type == "choice" {
		return "", fmt.Sprintf(s.words.badField["choice"], short(text), strings.Join(f.link.Options, ", "))
	}
	return "", fmt.Sprintf(s.words.badField[f.Type], short(text))
}

func isWord(text string, words ...string) bool {
	return slices.Contains(words, strings.ToLower(text))
}

// option is the number of the option that a text names, as a value; "" for none.
func option(options []string, text string) string {
	for i, o := range options {
		if plain(o) == plain(text) {
			return strconv.Itoa(i)
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(options) {
		return strconv.Itoa(n - 1)
	}
	return ""
}
