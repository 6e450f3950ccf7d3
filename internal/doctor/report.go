package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

var marks = map[Level]string{OK: "ok", Notice: "NOTE", Wrong: "WRONG", NotChecked: "not checked"}

// Text writes findings for people, one after another.
func Text(w io.Writer, findings []Finding) error {
	var b strings.Builder
	count := map[Level]int{}
	for _, f := range findings {
		count[f.Level]++
		fmt.Fprintf(&b, "%-11s %s: %s\n", marks[f.Level], f.Check, f.What)
		if f.Mend != "" {
			fmt.Fprintf(&b, "%-11s %s\n", "", f.Mend)
		}
	}
	switch n := count[Wrong]; {
	case n == 1:
		b.WriteString("\n1 thing is wrong.\n")
	case n > 1:
		fmt.Fprintf(&b, "\n%d things are wrong.\n", n)
	case count[NotChecked] > 0:
		fmt.Fprintf(&b, "\nNothing is wrong in what was checked; %d could not be.\n", count[NotChecked])
	default:
		b.WriteString("\nNothing is wrong.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes findings as one object: {"ok": …, "findings": [{"check", "level",
// "what", "mend"}]}.
func JSON(w io.Writer, findings []Finding) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		OK       bool      `json:"ok"`
		Findings []Finding `json:"findings"`
	}{Well(findings), append([]Finding{}, findings...)})
}
