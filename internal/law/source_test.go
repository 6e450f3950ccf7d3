package law

// This file holds our reading against the sources' own words. The sources are
// two tables (testdata), made by people who read the statutes and lists. The
// rules by which a source's words become a closed value stand here in full,
// and every row of every table goes through them.

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"roundtable/internal/provenance"
)

// rule says what becomes of the words that match it. The first that matches
// counts; words that match none are outside our domain and become unsure.
type rule struct {
	words *regexp.Regexp
	value string
}

func read(rules []rule, words string) string {
	for _, r := range rules {
		if r.words.MatchString(words) {
			return r.value
		}
	}
	return "unsure"
}

// "yes (if liable)" and "yes (qualified)" match none of these on purpose: the
// condition is not one that a desk can check.
var parentRules = []rule{
	{regexp.MustCompile(`^silent$`), "silent"},
	{regexp.MustCompile(`^yes$`), "yes"},
	{regexp.MustCompile(`^yes \(limited\)$`), "limited"},
	{regexp.MustCompile(`^age limit \d+( \(limited\))?$`), "limited"},
	{regexp.MustCompile(`^no$`), "no"},
}

// "no (but …)" matches none of these: a duty that reaches everyone in some
// cases is neither everyone nor listed.
var childRules = []rule{
	{regexp.MustCompile(`^yes$`), "everyone"},
	{regexp.MustCompile(`^no$`), "listed"},
}

// "yes (age 60+)", "yes (adult likely to …)", "no / limited" and "partly: …"
// match none of these: the page at the desk cannot tell who is meant.
var adultRules = []rule{
	{regexp.MustCompile(`^yes$`), "everyone"},
	{regexp.MustCompile(`^no( \([a-z ]+\))?$`), "listed"},
}

var confidenceRules = []rule{
	{regexp.MustCompile(`^read in source$`), "read"},
	{regexp.MustCompile(`^read in source \(`), "partly"},
	{regexp.MustCompile(`^well-known`), "well-known"},
}

func sourceRows(t *testing.T, file string) map[string]map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows[row["jurisdiction"]] = row
	}
	return rows
}

// held checks one statement: that the source's words are kept as they are, and
// that value and confidence follow from them by the rules.
func held(t *testing.T, st Statement, rules []rule, words, confidenceWords, confidence string) {
	t.Helper()
	if st.ValueWords != words {
		t.Errorf("%s, %s: the source's words = %q, want %q", st.Topic, st.Jurisdiction, st.ValueWords, words)
	}
	if st.ConfidenceWords != confidenceWords {
		t.Errorf("%s, %s: the source's words on how sure = %q, want %q", st.Topic, st.Jurisdiction, st.ConfidenceWords, confidenceWords)
	}
	want := read(rules, words)
	if confidenceWords == "unsure" {
		want = "unsure" // a value of which the source itself is unsure is no value
	}
	if rules == nil {
		want = ""
	}
	if st.Value != want {
		t.Errorf("%s, %s: value = %q, want %q for the words %q (%q)", st.Topic, st.Jurisdiction, st.Value, want, words, confidenceWords)
	}
	if want == "unsure" {
		confidence = "unsure"
	}
	if st.Confidence != provenance.Confidence(confidence) {
		t.Errorf("%s, %s: confidence = %q, want %q for the words %q", st.Topic, st.Jurisdiction, st.Confidence, confidence, confidenceWords)
	}
}

func TestLibraryRecordsAndParentAccessFollowTheSource(t *testing.T) {
	rows := sourceRows(t, "confidentiality-statutes.csv")
	if len(rows) != len(Jurisdictions()) {
		t.Errorf("the source has %d places and the data %d", len(rows), len(Jurisdictions()))
	}
	for j, row := range rows {
		records, _ := Text("library-records", j)
		held(t, records, nil, "", row["confidence"], read(confidenceRules, row["confidence"]))

		parents, _ := Text("parent-access", j)
		confidence := read(confidenceRules, row["confidence"])
		if strings.Contains(row["confidence"], "parent") { // "(parent point: unsure)", "unsure (parent rule)"
			confidence = "unsure"
		}
		held(t, parents, parentRules, row["parent_access"], row["confidence"], confidence)
		for _, st := range []Statement{records, parents} {
			sameSource(t, st, row["citation"], row["source"])
		}
		if age := regexp.MustCompile(`^age limit (\d+)`).FindStringSubmatch(row["parent_access"]); age != nil && !strings.Contains(parents.Text, age[1]) {
			t.Errorf("parent-access, %s: %q does not name the age %s", j, parents.Text, age[1])
		}
	}
}

func TestReportingFollowsTheSource(t *testing.T) {
	rows := sourceRows(t, "mandated-reporting.csv")
	for _, j := range Jurisdictions() {
		child, _ := Text("child-abuse-report", j)
		adult, _ := Text("adult-abuse-report", j)
		row, ok := rows[j]
		if !ok {
			for _, st := range []Statement{child, adult} {
				held(t, st, childRules, "", "", "unsure")
			}
			continue
		}
		confidence := read(confidenceRules, row["confidence"])
		if strings.Contains(row["confidence"], "well-known (child)") {
			confidence = "well-known"
		}
		held(t, child, childRules, row["every_adult_must_report_child_abuse"], row["confidence"], confidence)
		held(t, adult, adultRules, row["every_adult_must_report_abuse_of_vulnerable_adult"], row["adult_confidence"], read(confidenceRules, row["adult_confidence"]))
		if child.Citation != row["citation"] {
			t.Errorf("child-abuse-report, %s: citation = %q, want %q", j, child.Citation, row["citation"])
		}
		sameLine(t, child, row)
	}
}

// sameLine checks that a state's line has exactly the numbers of the source.
func sameLine(t *testing.T, st Statement, row map[string]string) {
	t.Helper()
	number := regexp.MustCompile(`\d{3}-\d{3}-\d{4}`)
	got, want := number.FindAllString(st.Line.Number, -1), number.FindAllString(row["child_abuse_report_line"], -1)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s: line = %q, want the numbers of %q", st.Jurisdiction, st.Line.Number, row["child_abuse_report_line"])
	}
	if len(want) == 0 && !strings.HasPrefix(st.Line.Number, "No statewide line. Call ") {
		t.Errorf("%s: line = %q, want it to say that there is none and whom to call", st.Jurisdiction, st.Line.Number)
	}
	if c := provenance.Confidence(read(confidenceRules, row["line_confidence"])); st.Line.Confidence != c {
		t.Errorf("%s: line's confidence = %q, want %q for %q", st.Jurisdiction, st.Line.Confidence, c, row["line_confidence"])
	}
}

func sameSource(t *testing.T, st Statement, citation, source string) {
	t.Helper()
	if st.Citation != citation {
		t.Errorf("%s, %s: citation = %q, want %q", st.Topic, st.Jurisdiction, st.Citation, citation)
	}
	if len(st.Sources) != 1 || st.Sources[0] != source && source != "" {
		t.Errorf("%s, %s: sources = %q, want %q", st.Topic, st.Jurisdiction, st.Sources, source)
	}
}

// The places where every adult must report a child's abuse are few and matter
// most, so they are named here once more, by hand.
func TestWhereEveryAdultReportsAChild(t *testing.T) {
	want := "Delaware Florida Idaho Indiana Kentucky Maryland Mississippi Nebraska New Hampshire New Jersey New Mexico North Carolina Oklahoma Rhode Island Tennessee Texas Utah Wyoming"
	var got []string
	for _, j := range Jurisdictions() {
		if row, _ := Row(j); row["child_reporter"] == "everyone" {
			got = append(got, j)
		}
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("every adult reports in %s; want %s", s, want)
	}
	if st, _ := Text("child-abuse-report", "Pennsylvania"); !strings.Contains(st.Text, "Public library staff who have direct contact with children") {
		t.Errorf("Pennsylvania: %q does not say that library staff are named", st.Text)
	}
}

// Our texts are our own: none repeats a long run of the source's words.
func TestTextsAreInOurOwnWords(t *testing.T) {
	const run = 8
	words := func(s string) []string {
		return regexp.MustCompile(`[\p{L}\p{N}'-]+`).FindAllString(strings.ToLower(s), -1)
	}
	for _, file := range []string{"confidentiality-statutes.csv", "mandated-reporting.csv"} {
		for j, row := range sourceRows(t, file) {
			for _, topic := range Topics() {
				st, _ := Text(topic, j)
				ours := words(st.Text)
				for _, cell := range row {
					theirs := " " + strings.Join(words(cell), " ") + " "
					for i := range max(len(ours)-run+1, 0) {
						if s := strings.Join(ours[i:i+run], " "); strings.Contains(theirs, " "+s+" ") {
							t.Errorf("%s, %s: %q stands in the source word for word", topic, j, s)
							break
						}
					}
				}
			}
		}
	}
}
