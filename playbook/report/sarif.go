package report

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/explain"
)

// The part of SARIF 2.1.0 (OASIS) that we write.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string       `json:"id"`
	ShortDescription sarifMessage `json:"shortDescription"`
	FullDescription  sarifMessage `json:"fullDescription"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
	CodeFlows []sarifCodeFlow `json:"codeFlows,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
	Message  *sarifMessage `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

type sarifCodeFlow struct {
	ThreadFlows []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	Locations []sarifFlowStep `json:"locations"`
}

type sarifFlowStep struct {
	Location sarifLocation `json:"location"`
}

// SARIF writes the reports as a SARIF log: a story is a code flow.
func SARIF(w io.Writer, reports []*playbook.Report) error {
	run := sarifRun{Tool: sarifTool{Driver: sarifDriver{Name: "roundtable"}}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	for _, code := range diag.Codes {
		e, _ := explain.Of(code)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(code), sarifMessage{e.Short}, sarifMessage{e.Meaning}})
	}
	for _, r := range reports {
		for _, p := range r.Problems {
			run.Results = append(run.Results, problemToSARIF(p))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func problemToSARIF(p diag.Problem) sarifResult {
	level := string(p.Level)
	if p.Level == diag.Advice {
		level = "note"
	}
	r := sarifResult{RuleID: string(p.Code), Level: level, Message: sarifMessage{p.Message}, Locations: []sarifLocation{location(p.File, p.Pos, "")}}
	for _, t := range []*diag.Trace{p.Trace, p.Other} {
		if t == nil {
			continue
		}
		var flow sarifThreadFlow
		for _, m := range t.Walk {
			flow.Locations = append(flow.Locations, sarifFlowStep{location(m.File, m.Pos, m.Heading)})
		}
		r.CodeFlows = append(r.CodeFlows, sarifCodeFlow{[]sarifThreadFlow{flow}})
	}
	return r
}

func location(file string, pos diag.Position, message string) sarifLocation {
	l := sarifLocation{Physical: sarifPhysical{sarifArtifact{fileURI(file)}, sarifRegion{max(pos.Line, 1), max(pos.Column, 1)}}}
	if message != "" {
		l.Message = &sarifMessage{message}
	}
	return l
}

// fileURI writes a path as a relative URI reference, as SARIF wants it.
func fileURI(file string) string {
	parts := strings.Split(file, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
