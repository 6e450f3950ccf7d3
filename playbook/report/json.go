// Package report prints what checking playbooks told: for people, as the
// language's JSON object, and as SARIF for tools that show problems in code.
package report

import (
	"encoding/json"
	"io"

	"roundtable/playbook"
	"roundtable/playbook/diag"
)

type filesJSON struct {
	Files []fileJSON `json:"files"`
}

type fileJSON struct {
	File     string        `json:"file"`
	ID       *string       `json:"id"`
	OK       bool          `json:"ok"`
	Problems []problemJSON `json:"problems"`
	Proved   []string      `json:"proved"`
	Stats    statsJSON     `json:"stats"`
}

type problemJSON struct {
	Level   diag.Level `json:"level"`
	Code    diag.Code  `json:"code"`
	Line    int        `json:"line"`
	Column  int        `json:"column"`
	Rule    *string    `json:"rule"`
	Message string     `json:"message"`
	Trace   *traceJSON `json:"trace"`
	Other   *traceJSON `json:"other"`
}

type traceJSON struct {
	Given map[string]string `json:"given"` // encoding/json sorts the keys
	Walk  []any             `json:"walk"`
}

type startJSON struct {
	Step string `json:"step"`
	Line int    `json:"line"`
	File string `json:"file,omitempty"`
}

type moveJSON struct {
	Choice     int    `json:"choice"`
	ChoiceLine int    `json:"choice_line"`
	Step       string `json:"step"`
	Line       int    `json:"line"`
	File       string `json:"file,omitempty"`
}

type statsJSON struct {
	Steps   int     `json:"steps"`
	Choices int     `json:"choices"`
	Facts   int     `json:"facts"`
	Given   int     `json:"given"`
	States  *string `json:"states"`
	Seconds float64 `json:"seconds"`
}

// JSON writes the reports as the language's definition says.
func JSON(w io.Writer, reports []*playbook.Report) error {
	out := filesJSON{Files: []fileJSON{}}
	for _, r := range reports {
		out.Files = append(out.Files, fileToJSON(r))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func fileToJSON(r *playbook.Report) fileJSON {
	f := fileJSON{File: r.File, ID: orNull(r.ID), OK: r.OK(), Problems: []problemJSON{}, Proved: r.Proved,
		Stats: statsJSON{Steps: r.Stats.Steps, Choices: r.Stats.Choices, Facts: r.Stats.Facts, Given: r.Stats.Given, Seconds: r.Stats.Time.Seconds()}}
	if r.Stats.States != nil {
		s := r.Stats.States.String()
		f.Stats.States = &s
	}
	for _, p := range r.Problems {
		f.Problems = append(f.Problems, problemJSON{
			Level: p.Level, Code: p.Code, Line: max(p.Pos.Line, 1), Column: max(p.Pos.Column, 1),
			Rule: orNull(p.Rule), Message: p.Message, Trace: traceToJSON(p.Trace), Other: traceToJSON(p.Other)})
	}
	return f
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func traceToJSON(t *diag.Trace) *traceJSON {
	if t == nil {
		return nil
	}
	out := &traceJSON{Given: map[string]string{}, Walk: []any{}}
	for _, s := range t.Given {
		out.Given[s.Fact] = s.Value
	}
	for _, m := range t.Walk {
		file := ""
		if m.InPart {
			file = m.File
		}
		if m.Choice < 0 {
			out.Walk = append(out.Walk, startJSON{m.Step, m.Pos.Line, file})
			continue
		}
		out.Walk = append(out.Walk, moveJSON{m.Choice, m.ChoicePos.Line, m.Step, m.Pos.Line, file})
	}
	return out
}
