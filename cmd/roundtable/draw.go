package main

import (
	"bytes"

	"roundtable/playbook"
	"roundtable/playbook/draw"
)

type drawCmd struct {
	Lang    string `placeholder:"LANG" help:"The language of the words, such as es."`
	Theme   string `enum:"auto,light,dark" default:"auto" help:"Colours: auto follows the reader's own setting."`
	Expand  bool   `help:"Draw the steps of its parts too."`
	Outline bool   `help:"Print the same as an indented list in words, in place of the picture."`
	Output  string `short:"o" placeholder:"FILE" help:"Write there, in place of the standard output."`
	Name    string `arg:"" name:"playbook" help:"The id of a shipped playbook, or a file."`
}

// Help is the manual page's text.
func (drawCmd) Help() string {
	return `Draws the flowchart as SVG. Steps stand in the order of the file, so that an edit moves little. What is wrong is dashed, and the story of a broken rule is drawn along its walk. The picture holds a text alternative; --outline prints it by itself.

Examples:
  roundtable draw officer > officer.svg
  roundtable draw --expand --theme dark -o officer.svg officer.md
  roundtable draw --outline officer`
}

// Run draws.
func (c *drawCmd) Run(e *env) error {
	one, err := openOne(e, c.Name, c.Lang)
	if err != nil {
		return err
	}
	if one.compiled == nil {
		return refuse(e, c.Name, one.problems)
	}
	// The original is checked: a translation has its stories.
	report := playbook.CheckFile(e.ctx, one.set, one.file, playbook.Options{})
	options := draw.Options{Theme: draw.Theme(c.Theme), Problems: report.Problems, Expand: c.Expand}
	write := draw.SVG
	if c.Outline {
		write = draw.Outline
	}
	if c.Output == "" {
		return write(e.stdout, one.compiled, options)
	}
	var picture bytes.Buffer
	if err := write(&picture, one.compiled, options); err != nil {
		return err
	}
	return replaceFile(c.Output, picture.Bytes())
}
