package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"roundtable/internal/law"
	"roundtable/internal/terminal"
	"roundtable/playbook"
	"roundtable/playbook/automaton"
	"roundtable/playbook/diag"
	"roundtable/playbook/resolve"
)

type walkCmd struct {
	Lang       string            `placeholder:"LANG" help:"The language of the words, such as es."`
	State      string            `placeholder:"PLACE" help:"The state or territory whose law holds, such as Connecticut."`
	Given      map[string]string `placeholder:"FACT=VALUE" help:"What is known of the library; what is not has the cautious value."`
	Answers    string            `placeholder:"LIST" help:"Answers to take before asking, such as 1,2,b,3, or @FILE with one a line."`
	Transcript string            `placeholder:"FILE" help:"Write the transcript there, in place of the end of the output."`
	Format     string            `enum:"markdown,json" default:"markdown" help:"The transcript's form: markdown or json."`
	Width      int               `placeholder:"COLUMNS" help:"Columns of the page; the terminal's, or 80."`
	Plain      bool              `help:"No colours, and nothing is cleared."`
	Name       string            `arg:"" name:"playbook" help:"The id of a shipped playbook, or a file."`
}

// Help is the manual page's text.
func (walkCmd) Help() string {
	return `Leads through a playbook, one step a screen. Type the number of a choice; b goes back, n writes a note, ? shows what else can be typed. At the end it says who has it now and what comes next, and writes a transcript. Nothing is kept anywhere else.

A fact of the place that is not told by --state or --given has its last value, which is the cautious one. With --answers a walk is replayed; the exit status is 1 when an answer does not fit.

Examples:
  roundtable walk officer
  roundtable walk --state Connecticut minor-records
  roundtable walk --lang es hygiene
  roundtable walk --answers 1,1,2 --transcript walk.md officer`
}

// Run walks.
func (c *walkCmd) Run(e *env) error {
	one, err := openOne(e, c.Name, c.Lang)
	if err != nil {
		return err
	}
	compiled := one.compiled
	if compiled == nil || diag.HasErrors(one.problems) {
		return refuse(e, c.Name, one.problems)
	}
	if report := playbook.CheckFile(e.ctx, one.set, one.file, playbook.Options{}); !report.OK() {
		fmt.Fprintf(e.stderr, "roundtable: %s has mistakes that roundtable check tells; walk it with care.\n", c.Name)
	}
	o, err := c.options(e, compiled)
	if err != nil {
		return err
	}
	if c.Transcript == "" {
		return terminal.Walk(e.ctx, o)
	}
	if err := canWrite(c.Transcript); err != nil {
		return err
	}
	var transcript bytes.Buffer
	o.Transcript = &transcript
	err = terminal.Walk(e.ctx, o)
	if transcript.Len() == 0 {
		return err
	}
	if failed := replaceFile(c.Transcript, transcript.Bytes()); failed != nil {
		// The walk was walked: its transcript is not to be lost.
		_, _ = e.stdout.Write(transcript.Bytes())
		err = errors.Join(err, failed)
	}
	return err
}

func (c *walkCmd) options(e *env, compiled *resolve.Compiled) (terminal.Options, error) {
	place, err := c.place()
	if err != nil {
		return terminal.Options{}, err
	}
	given, err := c.given(compiled, place)
	if err != nil {
		return terminal.Options{}, err
	}
	answers, err := c.answers()
	if err != nil {
		return terminal.Options{}, err
	}
	texts, err := newTexts(place, compiled.File.Front.Lang.Text)
	if err != nil {
		return terminal.Options{}, err
	}
	screen := e.width > 0 && !c.Plain
	width := c.Width
	if width <= 0 {
		width = e.width
	}
	return terminal.Options{
		In: e.stdin, Out: e.stdout, Compiled: compiled, Now: e.now, Text: texts.of,
		Given: given, Required: requiredFields(compiled), Answers: answers,
		Width: width, Terminal: screen, Color: screen && os.Getenv("NO_COLOR") == "",
		Form: terminal.Form(c.Format), Version: version(),
	}, nil
}

// place finds the jurisdiction that --state names, in any case of letters.
func (c *walkCmd) place() (string, error) {
	if c.State == "" {
		return "", nil
	}
	places := law.Jurisdictions()
	for _, p := range places {
		if strings.EqualFold(p, c.State) {
			return p, nil
		}
	}
	return "", usageError{fmt.Errorf("there is no law data for %q%s", c.State, diag.DidYouMean(c.State, places))}
}

// given says what is known of the library: what the law of the place answers,
// then what was told, which wins.
func (c *walkCmd) given(compiled *resolve.Compiled, place string) (map[string]string, error) {
	given := map[string]string{}
	if row, ok := law.Row(place); ok {
		for _, p := range compiled.Places {
			for _, d := range p.File.Front.Given {
				if value := row[d.Law]; d.Law != "" && value != "" {
					given[d.Name.Text] = value
				}
			}
		}
	}
	known := map[string][]string{}
	for _, f := range compiled.Program.Facts {
		if f.Kind == automaton.Given {
			known[f.Name] = f.Values
		}
	}
	for fact, value := range c.Given {
		values, ok := known[fact]
		switch {
		case !ok:
			return nil, usageError{fmt.Errorf("nothing is given by the name %q here%s", fact, diag.DidYouMean(fact, slices.Sorted(maps.Keys(known))))}
		case !slices.Contains(values, value):
			return nil, usageError{fmt.Errorf("%q has no value %q; its values are %s", fact, value, strings.Join(values, ", "))}
		}
		given[fact] = value
	}
	return given, nil
}

func (c *walkCmd) answers() ([]string, error) {
	text := c.Answers
	if name, ok := strings.CutPrefix(text, "@"); ok {
		f, err := os.Open(name)
		if err != nil {
			return nil, usageError{err}
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, 1<<20))
		if err != nil {
			return nil, usageError{err}
		}
		text = string(data)
	}
	return terminal.ParseAnswers(text), nil
}

// requiredFields lists the fields that `every end has recorded …` rules name.
func requiredFields(compiled *resolve.Compiled) []string {
	var fields []string
	var visit func(e *automaton.Expr)
	visit = func(e *automaton.Expr) {
		switch e.Op {
		case automaton.And, automaton.Or:
			for _, arg := range e.Args {
				visit(arg)
			}
		case automaton.FactIn:
			if f := compiled.Program.Facts[e.Fact]; f.Kind == automaton.Recorded && !slices.Contains(fields, f.Name) {
				fields = append(fields, f.Name)
			}
		}
	}
	for _, r := range compiled.Rules {
		if r.Kind == automaton.EveryEnd {
			visit(r.E)
		}
	}
	return fields
}
