package browser

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// axeTags are the rules that axe runs, by what they belong to: WCAG 2.0, 2.1 and 2.2
// at levels A and AA, and axe's own advice.
var axeTags = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}

// Violation is a rule of accessibility that a page breaks.
type Violation struct {
	Rule   string      `json:"id"` // axe's name, such as color-contrast
	Impact string      // minor, moderate, serious or critical
	Help   string      // what has to be so
	Nodes  []AxeTarget // where it is not
}

// AxeTarget is an element that breaks a rule.
type AxeTarget struct {
	Selector string
	HTML     string
	Summary  string // what to mend
}

// String returns the violation with its first elements.
func (v Violation) String() string {
	const most = 5
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.Rule, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == most {
			fmt.Fprintf(&b, "\n\tand %d more", len(v.Nodes)-most)
			break
		}
		fmt.Fprintf(&b, "\n\t%s: %s: %s", n.Selector, oneLine(n.HTML), oneLine(n.Summary))
	}
	return b.String()
}

// axeSource is the text of axe-core, read once.
var axeSource = sync.OnceValues(func() (string, error) {
	path, err := packageFile("axe-core/axe.min.js")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
})

// Axe returns the rules of accessibility that the page breaks as it is shown now,
// in the tab's viewport and colours, with every movement at its end. Where axe is
// missing the test is skipped aloud, or fails if Require is "1". Frames are not
// looked into: our pages may have none.
func Axe(t *Tab) []Violation {
	t.tb.Helper()
	broken, _ := axe(t)
	return broken
}

// AxeReview returns what axe could not decide by itself, such as the contrast of
// text on a picture: a person has to look.
func AxeReview(t *Tab) []Violation {
	t.tb.Helper()
	_, unsure := axe(t)
	return unsure
}

func axe(t *Tab) (broken, unsure []Violation) {
	t.tb.Helper()
	source, err := axeSource()
	if err != nil {
		missing(t.tb, "axe-core", err)
	}
	ctx, cancel := t.limit()
	defer cancel()
	if _, err := t.enter(ctx); err != nil {
		t.tb.Fatalf("run axe: %v", err)
	}
	if !t.world.axe {
		if _, err := t.evaluate(ctx, source+"\n;0", false); err != nil {
			t.tb.Fatalf("load axe: %v", err)
		}
		t.world.axe = true
	}
	if t.set.scriptOff {
		// Axe waits for promises, which rest while scripts are off. What the page
		// has in the way of scripts was passed over when it was read, and stays so.
		t.switchScript(false)
		defer t.switchScript(true)
	}
	type findings struct{ Broken, Unsure []Violation }
	f := ask[findings](t, "run axe", `async tags => {
		for (const a of document.getAnimations()) {
			try { a.finish() } catch {} // one that never ends stays
		}
		const result = await axe.run(document, {
			runOnly: {type: "tag", values: tags},
			resultTypes: ["violations", "incomplete"],
			iframes: false,
		});
		// A bar that stays while the page scrolls covers whatever is under it just
		// now. What is large enough once it has been scrolled to is none of it.
		const x = scrollX, y = scrollY;
		for (const r of result.violations.filter(r => r.id === "target-size")) {
			const small = [];
			for (const n of r.nodes) {
				const e = document.querySelector(n.target.flat().join(" "));
				e.scrollIntoView({block: "center", behavior: "instant"});
				const again = await axe.run(e, {runOnly: {type: "rule", values: ["target-size"]}, resultTypes: ["violations"]});
				if (again.violations.length) small.push(n);
			}
			r.nodes = small;
		}
		result.violations = result.violations.filter(r => r.nodes.length);
		for (const r of result.incomplete.filter(r => r.id === "color-contrast")) {
			const covered = [];
			for (const n of r.nodes) {
				const e = document.querySelector(n.target.flat().join(" "));
				let again;
				for (const to of [() => e.scrollIntoView({block: "center", behavior: "instant"}), () => scrollTo({top: document.body.scrollHeight, behavior: "instant"})]) {
					to();
					again = await axe.run(e, {runOnly: {type: "rule", values: ["color-contrast"]}, resultTypes: ["violations", "incomplete"]});
					if (!again.incomplete.length) break;
				}
				result.violations.push(...again.violations);
				if (again.incomplete.length) covered.push(n);
			}
			r.nodes = covered;
		}
		result.incomplete = result.incomplete.filter(r => r.nodes.length);
		scrollTo({left: x, top: y, behavior: "instant"});
		const tell = rules => rules.map(r => ({
			id: r.id, impact: r.impact, help: r.help,
			nodes: r.nodes.map(n => ({selector: n.target.flat().join(" "), html: n.html, summary: n.failureSummary})),
		}));
		return {broken: tell(result.violations), unsure: tell(result.incomplete)};
	}`, axeTags)
	return f.Broken, f.Unsure
}
