package page

import (
	"embed"
	"html/template"
	"time"
)

//go:embed template
var files embed.FS

// templates is all templates, parsed once. A name that a template misspells is
// found here or by the test that executes each of them.
var templates = template.Must(template.New("").Option("missingkey=error").Funcs(functions).ParseFS(files, "template/*.html"))

// functions are what templates may call besides the methods of what they show.
var functions = template.FuncMap{
	"shell":    newShell,
	"icon":     icon,
	"hint":     hint,
	"auto":     auto,
	"mode":     mode,
	"optional": optional,
	"short":    short,
	"most":     most,
	"rows":     rows,
	"spell":    spell,
	"hash":     fromAddress,
	"day":      day,
	"clock":    func(t time.Time) string { return t.Format("15:04") },
	"seconds":  func(t time.Time) string { return t.Format("15:04:05") },
	"date":     func(t time.Time) string { return t.Format(time.DateOnly) },
	"rfc":      func(t time.Time) string { return t.Format(time.RFC3339) },
	"count":    count,
	"label":    label,
	"starts":   starts,
	"next":     func(i int) int { return i + 1 },
	"part":     part,
	"only":     only,
	"screen":   screenOf,
}

// day writes a day in words: "Tuesday 4 March 2026".
func day(t time.Time) string { return t.Format("Monday 2 January 2006") }
