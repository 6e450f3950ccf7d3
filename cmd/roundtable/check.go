package main

import (
	"fmt"
	"strings"

	"roundtable/playbook"
	"roundtable/playbook/diag"
	"roundtable/playbook/report"
)

type checkCmd struct {
	JSON   bool     `name:"json" xor:"format" help:"Print one JSON object, as docs/playbook.md defines it."`
	SARIF  bool     `name:"sarif" xor:"format" help:"Print a SARIF 2.1.0 log, for editors and code hosts."`
	Count  bool     `help:"Count the reachable states exactly."`
	Advice bool     `help:"Show advice on wording, not only how much there is."`
	Proved bool     `help:"Print each rule that holds on every path."`
	Stats  bool     `help:"Print a line of figures for each file."`
	Why    string   `placeholder:"OUTCOME" help:"Say on which facts it depends whether a walk ends with OUTCOME, and on nothing else."`
	Paths  []string `arg:"" optional:"" name:"path" help:"Files and folders; the shipped playbooks when none is named."`
}

// Help is the manual page's text.
func (checkCmd) Help() string {
	return `Every problem is told with its file, line and column, and with what was probably meant. A broken rule is told as a story: the shortest walk that breaks it, in the playbook's own words.

A folder stands for every .md file below it but README.md. Beside a file that is named by itself, the parts that it uses are read from its folder.

The exit status is 0 when nothing is an error, 1 when something is, 2 when a path or a flag cannot be read. Advice on wording never changes it.

Examples:
  roundtable check
  roundtable check our-playbooks
  roundtable check --proved officer.md
  roundtable check --count --stats officer.md
  roundtable check --why produced officer.md`
}

// Run checks.
func (c *checkCmd) Run(e *env) error {
	set, ok, err := load(e, c.Paths)
	if err != nil {
		return err
	}
	if ok && len(set.Asked) == 0 {
		fmt.Fprintf(e.stderr, "roundtable: there is no playbook, a file that ends in .md, in %s\n", strings.Join(c.Paths, " or "))
	}
	if c.Why != "" {
		return c.why(e, set, ok)
	}
	reports := playbook.Check(e.ctx, set, playbook.Options{Count: c.Count, Today: e.now(), Now: e.now})
	switch {
	case c.JSON:
		err = report.JSON(e.stdout, reports)
	case c.SARIF:
		err = report.SARIF(e.stdout, reports)
	default:
		err = report.Text(e.stdout, reports, report.TextOptions{Advice: c.Advice, Stats: c.Stats, Proved: c.Proved})
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return c.verdict(reports, ok)
}

func (c *checkCmd) verdict(reports []*playbook.Report, readAll bool) error {
	if !readAll {
		return usageError{fmt.Errorf("not everything could be read; what could be was checked")}
	}
	for _, r := range reports {
		if !r.OK() {
			return errWrong
		}
	}
	return nil
}

// why says on which facts an outcome depends, for each file that has it.
func (c *checkCmd) why(e *env, set *playbook.Set, readAll bool) error {
	found := false
	for _, f := range set.Asked {
		if f.IsTranslation() {
			continue // it is its original's automaton
		}
		d, problems := playbook.Why(e.ctx, set, f, c.Why)
		switch {
		case d != nil:
			found = true
			if err := report.Why(e.stdout, d); err != nil {
				return err
			}
		case diag.HasErrors(problems):
			fmt.Fprintf(e.stderr, "roundtable: %v\n", refuse(e, f.Name, problems))
			readAll = false
		}
	}
	if !found {
		return usageError{fmt.Errorf("no walk of these playbooks ends with %q", c.Why)}
	}
	return c.verdict(nil, readAll)
}
