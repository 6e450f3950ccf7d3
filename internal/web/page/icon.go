package page

import (
	"html/template"
	"maps"
	"slices"
)

// shapes are the icons: what stands inside an SVG of 24 units, drawn with lines.
var shapes = map[string]template.HTML{
	"phone":    `<path d="M6.5 3.5h3L11 7.7 9 9.3A12 12 0 0 0 14.7 15l1.6-2 4.2 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"/>`,
	"tick":     `<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
	"badge":    `<path d="M12 2.8c2.4 1.5 4.7 2 7.2 2v6.4c0 4.6-2.9 8-7.2 10-4.3-2-7.2-5.4-7.2-10V4.8c2.5 0 4.8-.5 7.2-2z"/><circle cx="12" cy="10.3" r="2.3"/><path d="M8.3 16c.6-1.7 2-2.6 3.7-2.6s3.1.9 3.7 2.6"/>`,
	"talk":     `<path d="M3.5 5.5h11V13H8.2L5 15.7V13H3.5z"/><path d="M17.5 9.5h3V17H19v2.7L15.8 17H10.5v-1"/>`,
	"book":     `<path d="M5 4.5A1.5 1.5 0 0 1 6.5 3H19v14.5H6.5A1.5 1.5 0 0 0 5 19z"/><path d="M5 19a2 2 0 0 0 2 2h12v-3.5"/><rect x="9.3" y="8.5" width="5.4" height="4.6" rx=".8"/><path d="M10.3 8.5V7.3a1.7 1.7 0 0 1 3.4 0v1.2"/>`,
	"hand":     `<path d="M12 8.3c-1-1.7-3.9-1.8-4.7.3-.8 2.3 2 4.3 4.7 6 2.7-1.7 5.5-3.7 4.7-6-.8-2.1-3.7-2-4.7-.3z"/><path d="M3 14.5c1.5 0 2.5.8 3.5 2 1.3 1.6 3 2.5 5.5 2.5s4.2-.9 5.5-2.5c1-1.2 2-2 3.5-2"/>`,
	"room":     `<path d="M4 20.5h16M6 20.5v-16a1 1 0 0 1 1-1h8v17"/><path d="M15 5.5h3v15"/><path d="M12 12h.01"/>`,
	"calm":     `<path d="M4 5h16v11h-8.5L7 20v-4H4z"/><path d="M8.5 10.5h7"/>`,
	"find":     `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
	"clock":    `<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.2 2"/>`,
	"back":     `<path d="m14.5 5-7 7 7 7"/>`,
	"next":     `<path d="m9.5 5 7 7-7 7"/>`,
	"fork":     `<path d="M12 20v-6L6 8V4M12 14l6-6V4"/>`,
	"camera":   `<path d="M4 7.5h3.5l1.5-2h6l1.5 2H20v11H4z"/><circle cx="12" cy="12.8" r="3.3"/>`,
	"big":      `<path d="M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5"/>`,
	"note":     `<path d="M5 19.5 6 15 16 5l3.5 3.5-10 10z"/><path d="m14 7 3.5 3.5"/>`,
	"say":      `<path d="M4 5h16v11h-8.5L7 20v-4H4z"/>`,
	"bell":     `<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z"/><path d="M10 20.5h4"/>`,
	"start":    `<circle cx="12" cy="12" r="4"/>`,
	"lock":     `<rect x="5.5" y="10.5" width="13" height="9.5" rx="1.5"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>`,
	"people":   `<circle cx="9" cy="8" r="3.3"/><path d="M3 19.5c.4-3.3 2.8-5.5 6-5.5s5.6 2.2 6 5.5"/><path d="M15.5 4.9a3.3 3.3 0 0 1 0 6.2M17.5 14.5c2 .7 3.2 2.5 3.5 5"/>`,
	"branch":   `<path d="M4 20.5h16M5.5 20.5V10L12 4.5l6.5 5.5v10.5"/><path d="M10 20.5V14h4v6.5"/>`,
	"device":   `<rect x="3.5" y="4.5" width="17" height="11.5" rx="1.5"/><path d="M9 20h6M12 16v4"/>`,
	"tree":     `<circle cx="12" cy="5" r="2.2"/><circle cx="5.5" cy="18.5" r="2.2"/><circle cx="12" cy="18.5" r="2.2"/><circle cx="18.5" cy="18.5" r="2.2"/><path d="M12 7.2v9.1M5.5 16.3V12h13v4.3"/>`,
	"chart":    `<path d="M4 20.5h16"/><path d="M6.5 20.5v-6M12 20.5V5M17.5 20.5v-9.5"/>`,
	"keep":     `<path d="M4 5.5h16v4H4zM5.5 9.5v10h13v-10M10 13h4"/>`,
	"settings": `<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
	"log":      `<path d="M6 3.5h9l3 3v14H6z"/><path d="M9 10h6M9 13.5h6M9 17h3.5"/>`,
	"policy":   `<path d="M12 4v16.5M7 20.5h10M5 7h14"/><path d="M5 7l-2.5 6h5zM19 7l-2.5 6h5z"/>`,
	"key":      `<circle cx="8" cy="15.5" r="4"/><path d="m11 12.5 8-8M16 7.5l2.5 2.5"/>`,
	"print":    `<path d="M7 8.5v-5h10v5M7 16.5H4v-8h16v8h-3"/><path d="M7 13.5h10v7H7z"/>`,
	"leave":    `<path d="M10 4H5v16h5M9.5 12H20M16 8l4 4-4 4"/>`,
	"look":     `<path d="M12 4 21 19.5H3z"/><path d="M12 10v4.5M12 17h.01"/>`,
	"told":     `<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.5h.01"/>`,
	"cloud":    `<path d="M7 18.5a4 4 0 0 1-.5-8A5.5 5.5 0 0 1 17 9.5a4.5 4.5 0 0 1 .5 9z"/><path d="m4 4 16 16"/>`,
	"new":      `<path d="M12 5v14M5 12h14"/>`,
	"download": `<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 20h15"/>`,
}

// Icons returns the names of the icons, sorted.
func Icons() []string { return slices.Sorted(maps.Keys(shapes)) }

// icon draws an icon for the eye only: words beside it say the same. A name that
// is not there draws nothing.
func icon(name string, class ...string) template.HTML {
	shape, ok := shapes[name]
	if !ok {
		return ""
	}
	classes := "i"
	if len(class) > 0 && slices.Contains([]string{"flip", "sml"}, class[0]) {
		classes += " " + class[0]
	}
	return template.HTML(`<svg class="`+classes+`" viewBox="0 0 24 24" aria-hidden="true" focusable="false">`) + shape + `</svg>`
}
