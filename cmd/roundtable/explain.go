package main

import (
	"fmt"

	"roundtable/playbook/diag"
	"roundtable/playbook/explain"
)

type explainCmd struct {
	Code string `arg:"" optional:"" help:"A code that check prints in brackets; all codes, a line each, when none is named."`
}

// Help is the manual page's text.
func (explainCmd) Help() string {
	return `Says what a code means, how to mend it, and shows the smallest playbook that brings it about.

Examples:
  roundtable explain
  roundtable explain rule-broken`
}

// Run explains.
func (c *explainCmd) Run(e *env) error {
	if c.Code == "" {
		for _, code := range diag.Codes {
			entry, _ := explain.Of(code)
			fmt.Fprintf(e.stdout, "%-20s %-8s %s\n", code, code.Level(), entry.Short)
		}
		return nil
	}
	entry, ok := explain.Of(diag.Code(c.Code))
	if !ok {
		var codes []string
		for _, code := range diag.Codes {
			codes = append(codes, string(code))
		}
		return usageError{fmt.Errorf("there is no code %q%s; roundtable explain lists them", c.Code, diag.DidYouMean(c.Code, codes))}
	}
	return entry.Write(e.stdout)
}
