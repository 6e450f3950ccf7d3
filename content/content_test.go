package content

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/handout"
	"roundtable/internal/law"
	"roundtable/internal/policy"
	"roundtable/internal/prose"
	"roundtable/internal/provenance"
	"roundtable/internal/workshop"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

// perScenario is how many points each scenario of the notes has, and whether
// it has a scene (point 0).
var perScenario = []struct {
	last  int
	scene bool
}{{46, true}, {16, true}, {16, true}, {11, true}, {4, true}, {8, true}, {9, true}, {12, false}}

// wantPoints lists the points of the notes, 129 in all.
func wantPoints() []string {
	var points []string
	for i, s := range perScenario {
		for n := range s.last + 1 {
			if n > 0 || s.scene {
				points = append(points, fmt.Sprintf("%d.%d", i+1, n))
			}
		}
	}
	return points
}

func TestEveryPointOfTheNotesHasAPlace(t *testing.T) {
	points, err := SeedPoints()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range points {
		got = append(got, p.Point)
		if len(p.Places) == 0 {
			t.Errorf("point %s (%s) has no place", p.Point, p.Requirement)
		}
	}
	want := wantPoints()
	if len(want) != 129 {
		t.Fatalf("the notes have %d points, want 129", len(want))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the map has the points\n%v\nwant\n%v", got, want)
	}
}

func TestEveryPlaceExists(t *testing.T) {
	shelf := newShelf(t)
	points, err := SeedPoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		for _, place := range p.Places {
			if err := shelf.find(place); err != nil {
				t.Errorf("point %s: %v", p.Point, err)
			}
		}
	}
	statements, err := Sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if err := shelf.find(s.Place); err != nil {
			t.Errorf("source of %q: %v", s.Statement, err)
		}
	}
}

// practised are the points whose own line or way, in the notes, is wrong,
// unkind or unsafe. They are named here by hand, so that a milder word in the
// map does not free a point from being practised.
var practised = strings.Fields("1.3 1.4 1.6 1.44 2.3 2.9 2.10 2.12 3.2 3.9 3.12 3.13 4.3 4.4 4.5 4.6 4.7 4.8 4.11 5.3 5.4 6.7 7.5 7.8")

func TestWhatIsWrongInTheNotesIsPractised(t *testing.T) {
	points, err := SeedPoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if named := slices.Contains(practised, p.Point); named != p.Change.NeedsPractice() {
			t.Errorf("point %s: change = %q, which needs practice: %v, want %v", p.Point, p.Change, p.Change.NeedsPractice(), named)
		}
		inPractice := slices.ContainsFunc(p.Places, func(place string) bool {
			return strings.HasPrefix(place, "playbook/starter/rehearse-") || strings.HasPrefix(place, "internal/workshop/agenda/") && strings.Contains(place, "#card-")
		})
		if p.Change.NeedsPractice() && !inPractice {
			t.Errorf("point %s (%s) is changed (%s) and stands in no rehearsal and on no card", p.Point, p.Requirement, p.Change)
		}
	}
}

func TestEveryReasonHasASource(t *testing.T) {
	statements, err := Sources()
	if err != nil {
		t.Fatal(err)
	}
	sourced := map[string]bool{}
	for _, s := range statements {
		file, _, _ := strings.Cut(s.Place, "#")
		sourced[file] = true
	}
	entries, err := fs.ReadDir(starter.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, e := range entries {
		if strings.Count(e.Name(), ".") > 1 { // a translation: its reasons are its original's
			continue
		}
		data, err := fs.ReadFile(starter.Files, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`(?m)^### Why\b|\((policy|law):`).Match(data) {
			continue
		}
		checked++
		if place := "playbook/starter/" + e.Name(); !sourced[place] {
			t.Errorf("%s gives reasons and has no row in sources.csv", place)
		}
	}
	if checked < 12 {
		t.Errorf("only %d shipped files give reasons; is the test looking at the right ones?", checked)
	}
	for id, clauses := range newShelf(t).policies {
		for _, clause := range clauses {
			if !slices.ContainsFunc(statements, func(s Statement) bool { return s.Place == "policy:"+id+"#"+clause }) {
				t.Errorf("policy:%s#%s has no row in sources.csv", id, clause)
			}
		}
	}
	for _, id := range handout.IDs() {
		if !sourced["handout:"+id] {
			t.Errorf("handout:%s has no row in sources.csv", id)
		}
	}
	for _, topic := range law.Topics() {
		if !sourced["law:"+topic] {
			t.Errorf("law:%s has no row in sources.csv", topic)
		}
	}
	agendas, err := workshop.Agendas()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agendas {
		if !sourced["internal/workshop/agenda/"+a.ID+".md"] {
			t.Errorf("agenda %s has no row in sources.csv", a.ID)
		}
	}
}

// Sources are for readers of the project: none may point to a paper that is
// not in it.
func TestSourcesCanBeFollowed(t *testing.T) {
	statements, err := Sources()
	if err != nil {
		t.Fatal(err)
	}
	inside := regexp.MustCompile(`\bfacts/|(legal-process|policies|seed-map|DECISIONS)\.md|(^|[^/a-z-])(hotlines|mandated-reporting|confidentiality-statutes)\.csv`)
	for _, s := range statements {
		if m := inside.FindString(s.Sources[0]); m != "" {
			t.Errorf("%s: the source %q names %q, which is not part of the project", s.Place, s.Sources[0], m)
		}
	}
}

// shelf knows what places there are.
type shelf struct {
	files    map[string]map[string]bool // file -> slugs of its ## sections
	policies map[string][]string
	laws     []string
	handouts []string
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	policies, err := policy.Starter()
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{files: map[string]map[string]bool{}, policies: policy.Index(policies), laws: law.Topics(), handouts: handout.IDs()}
	entries, err := fs.ReadDir(starter.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(starter.Files, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		s.files["playbook/starter/"+e.Name()] = headings(e.Name(), data)
	}
	agendas, err := workshop.Agendas()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agendas {
		ids := map[string]bool{"aim": true, "ground-rules": true, "statements": true}
		for _, c := range a.Cards {
			ids[c.ID] = true
		}
		for _, p := range a.Parts {
			ids[syntax.Slug(fmt.Sprintf("Part: %s (%d minutes)", p.Title, p.Minutes))] = true
		}
		s.files["internal/workshop/agenda/"+a.ID+".md"] = ids
	}
	return s
}

// headings gives the ids of a playbook's steps. Its front matter is another
// package's affair.
func headings(file string, data []byte) map[string]bool {
	var ignored map[string]any
	text, _ := prose.Parse(file, data, &ignored)
	ids := map[string]bool{}
	for _, s := range text.Sections {
		if s.Level == 2 {
			ids[s.ID] = true
		}
	}
	return ids
}

// find returns an error when there is no such place.
func (s *shelf) find(place string) error {
	scheme, rest, linked := strings.Cut(place, ":")
	switch {
	case linked && scheme == "policy":
		id, clause, _ := strings.Cut(rest, "#")
		if !slices.Contains(s.policies[id], clause) {
			return fmt.Errorf("there is no clause %s", place)
		}
	case linked && scheme == "law":
		if !slices.Contains(s.laws, rest) {
			return fmt.Errorf("there is no topic %s", place)
		}
	case linked && scheme == "handout":
		if !slices.Contains(s.handouts, rest) {
			return fmt.Errorf("there is no handout %s", place)
		}
	default:
		file, id, within := strings.Cut(place, "#")
		ids, ok := s.files[file]
		if !ok {
			return fmt.Errorf("there is no file %s", file)
		}
		if within && !ids[id] {
			return fmt.Errorf("there is no heading #%s in %s", id, file)
		}
	}
	return nil
}

// The test above is worth something only if find finds what is not there.
func TestFindTellsWhatIsMissing(t *testing.T) {
	s := newShelf(t)
	for _, place := range []string{
		"policy:behaviour#odour", "policy:manners#odor", "law:taxes", "handout:menu", "playbook/starter/none.md",
		"playbook/starter/officer.md#no-such-step", "internal/workshop/agenda/avon-room.md#card-none", "README.md",
	} {
		if s.find(place) == nil {
			t.Errorf("find(%q) = nil, want an error", place)
		}
	}
	for _, place := range []string{"policy:behaviour#odor", "law:library-records", "handout:local_help", "internal/workshop/agenda/avon-room.md#ground-rules"} {
		if err := s.find(place); err != nil {
			t.Errorf("find(%q) = %v, want nil", place, err)
		}
	}
}

func TestParseSeedMapTells(t *testing.T) {
	const header = "point,requirement,kind,change,places\n"
	tests := []struct {
		name, row, want string
		points          int
	}{
		{"sound", "1.0,a,scene,keep,law:x; handout:y", "", 1},
		{"no point", "one,a,scene,keep,law:x", "is no point", 0},
		{"leading zero", "1.01,a,scene,keep,law:x", "is no point", 0},
		{"twice", "1.0,a,scene,keep,law:x\n1.0,a,scene,keep,law:x", "has a row already", 1},
		{"kind", "1.0,a,story,keep,law:x", "no kind", 1},
		{"change", "1.0,a,scene,kept,law:x", "correct is used", 1},
		{"place", "1.0,a,scene,keep,somewhere", "is not written as a place", 1},
		{"no place", "1.0,a,scene,keep,", "is not written as a place", 1},
		{"nothing said", "1.0,,scene,keep,law:x", "says nothing", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			points, problems := ParseSeedMap("s.csv", []byte(header+tt.row+"\n"))
			if len(points) != tt.points {
				t.Errorf("ParseSeedMap gave %d points, want %d", len(points), tt.points)
			}
			err := join(problems)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseSeedMap told %v, want %q", err, tt.want)
			}
		})
	}
}

func TestParseSourcesTells(t *testing.T) {
	const header = "place,statement,source,checked,confidence\n"
	tests := []struct{ name, row, want string }{
		{"sound", "law:x,a,b,2026-11,read", ""},
		{"place", "nowhere,a,b,2026-11,read", "not written as a place"},
		{"date", "law:x,a,b,November,read", "not a month"},
		{"no source", "law:x,a,,2026-11,read", "source is empty"},
		{"confidence", "law:x,a,b,2026-11,fine", "unsure is used"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statements, problems := ParseSources("s.csv", []byte(header+tt.row+"\n"))
			err := join(problems)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseSources told %v, want %q", err, tt.want)
			}
			for _, s := range statements {
				if tt.name == "confidence" && s.Confidence != provenance.Unsure {
					t.Errorf("confidence = %q, want unsure", s.Confidence)
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("1.0,a,scene,keep,law:x; handout:y\n"))
	f.Add([]byte("law:x,a,b,2026-11,read\n"))
	f.Fuzz(func(t *testing.T, rows []byte) {
		points, _ := ParseSeedMap("s.csv", append([]byte("point,requirement,kind,change,places\n"), rows...))
		for _, p := range points {
			if !slices.Contains(Changes, p.Change) || !pointForm.MatchString(p.Point) {
				t.Errorf("ParseSeedMap gave %+v", p)
			}
		}
		statements, _ := ParseSources("s.csv", append([]byte("place,statement,source,checked,confidence\n"), rows...))
		for _, s := range statements {
			if !s.Confidence.IsKnown() {
				t.Errorf("ParseSources gave %+v", s)
			}
		}
	})
}
