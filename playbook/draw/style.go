package draw

import (
	"fmt"
	"strings"
)

// palette is the colours of a theme, by name.
type palette struct {
	paper, card, ink, ink2, edge, line, lamp, lampTint, brick, brickTint string
	onStory                                                              string
	story                                                                [6]string
}

var lightColours = palette{
	paper: "#f5f1e8", card: "#fffdf8", ink: "#18222d", ink2: "#46505c", edge: "#857b68", line: "#d9d0bd",
	lamp: "#0f5a4a", lampTint: "#dfebe3", brick: "#a2321c", brickTint: "#fae5dc", onStory: "#ffffff",
	story: [6]string{"#a2321c", "#1f5fa8", "#7a4b00", "#43306b", "#0f5a4a", "#8a4309"},
}

var darkColours = palette{
	paper: "#12171c", card: "#1b2229", ink: "#f3eee4", ink2: "#bfc5ca", edge: "#7f8b97", line: "#35404b",
	lamp: "#86d6ba", lampTint: "#17342d", brick: "#ffa48d", brickTint: "#3b1d15", onStory: "#12171c",
	story: [6]string{"#ffa48d", "#7db4f2", "#f0c15a", "#e6ddf7", "#86d6ba", "#f2a065"},
}

// Stylesheet is the rules that a page needs around a picture whose theme is
// Unstyled. They follow the reader's setting.
func Stylesheet() string { return stylesheet(Auto) }

func stylesheet(t Theme) string {
	switch t {
	case Light:
		return fixed + colours(lightColours) + forced
	case Dark:
		return fixed + colours(darkColours) + forced
	}
	return fixed + colours(lightColours) + "@media (prefers-color-scheme:dark){" + colours(darkColours) + "}\n" + forced
}

// fixed is what does not depend on the colours.
const fixed = `.flow text{font-family:"Segoe UI Variable Text","Segoe UI",Roboto,"Helvetica Neue","Noto Sans",system-ui,sans-serif;font-size:13px}
.flow .t{font-size:26px;font-weight:650}.flow .g{font-size:17px;font-weight:650}.flow .h{font-size:15px;font-weight:600}
.flow .d{font-weight:600}.flow .m{font-size:12px}.flow .k{font-size:11px;font-weight:600}
.flow .w{fill:none;stroke-width:1.5}.flow .halo{fill:none;stroke-width:7}.flow .off{stroke-dasharray:1.5 4;stroke-linecap:round}
.flow .n{stroke-width:1.5}.flow .ask{stroke-width:2}.flow .fin{stroke-width:3}.flow .in{fill:none;stroke-width:1}.flow .bad{stroke-width:2;stroke-dasharray:6 4}
.flow .s{fill:none;stroke-width:3.5;stroke-linejoin:round}.flow .frame{fill:none;stroke-width:1.5;stroke-dasharray:2 5;stroke-linecap:round}
`

func colours(p palette) string {
	var b strings.Builder
	rule := func(selector, format string, args ...any) {
		fmt.Fprintf(&b, ".flow %s{%s}", selector, fmt.Sprintf(format, args...))
	}
	rule(".page", "fill:%s", p.paper)
	rule("text", "fill:%s", p.ink)
	rule("text.m,.flow text.k", "fill:%s", p.ink2)
	rule(".w", "stroke:%s", p.ink2)
	rule(".a", "fill:%s", p.ink2)
	rule(".halo", "stroke:%s", p.paper)
	rule(".frame", "stroke:%s", p.edge)
	rule(".n", "fill:%s;stroke:%s", p.card, p.edge)
	rule(".ask", "fill:%s;stroke:%s", p.lampTint, p.lamp)
	rule(".call", "fill:%s;stroke:%s", p.ink, p.ink)
	rule("text.on,.flow text.m.on", "fill:%s", p.paper)
	rule(".in", "fill:none;stroke:%s", p.edge)
	rule(".fin", "fill:%s;stroke:%s", p.paper, p.ink)
	rule(".good", "fill:%s;stroke:%s", p.lampTint, p.lamp)
	rule(".chip", "fill:%s;stroke:%s", p.card, p.line)
	rule(".n.bad", "fill:%s;stroke:%s", p.brickTint, p.brick)
	rule(".w.bad", "stroke:%s", p.brick)
	rule(".a.bad", "fill:%s;stroke:none", p.brick)
	rule("text.bad", "fill:%s", p.brick)
	for i, colour := range p.story {
		rule(fmt.Sprintf(".s%d", i), "stroke:%s", colour)
		rule(fmt.Sprintf(".f%d", i), "fill:%s;stroke:%s", colour, p.paper)
	}
	rule("text.os", "fill:%s", p.onStory)
	b.WriteString("\n")
	return b.String()
}

// forced keeps every line and box visible where the system chooses the colours.
const forced = `@media (forced-colors:active){.flow .page,.flow .n,.flow .chip{fill:Canvas;stroke:CanvasText}.flow text{fill:CanvasText}.flow .call{fill:Highlight}.flow text.on,.flow text.os{fill:HighlightText}.flow .w,.flow .in,.flow .frame,.flow .s{stroke:CanvasText}.flow .halo{stroke:Canvas}.flow .a{fill:CanvasText}.flow [class*=" f"]{fill:Highlight}}
`
