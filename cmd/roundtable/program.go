package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"roundtable/playbook/diag"
)

type programCmd struct {
	Text bool   `help:"Print it as text, a line for each choice, in place of JSON."`
	Hash bool   `help:"Print only the Program's hash, which walks are pinned to."`
	Name string `arg:"" name:"playbook" help:"The id of a shipped playbook, or a file."`
}

// Help is the manual page's text.
func (programCmd) Help() string {
	return `The Program is the small table that is proved, walked and kept in the browser: steps, choices with their guards, facts with their values. It has no words and no positions, so a translation has the very same Program. Its JSON form is described in docs/program.md.

Examples:
  roundtable program officer
  roundtable program --text our-playbooks/officer.md`
}

// Run prints the Program.
func (c *programCmd) Run(e *env) error {
	one, err := openOne(e, c.Name, "")
	if err != nil {
		return err
	}
	if one.compiled == nil || diag.HasErrors(one.problems) {
		return refuse(e, c.Name, one.problems)
	}
	switch {
	case c.Hash:
		_, err = fmt.Fprintln(e.stdout, one.compiled.Program.Hash())
	case c.Text:
		_, err = one.compiled.Program.WriteTo(e.stdout)
	default:
		err = writeIndented(e, one.compiled.Program)
	}
	return err
}

func writeIndented(e *env, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = out.WriteTo(e.stdout)
	return err
}
