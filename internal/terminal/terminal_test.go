package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/walk"
	"roundtable/playbook/resolve"
	"roundtable/playbook/syntax"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func compile(t testing.TB, name string) *resolve.Compiled {
	t.Helper()
	lib := &resolve.Library{}
	var file *syntax.File
	for _, n := range []string{"desk.md", "ring.md", "later.md", "practice.md"} {
		data, err := os.ReadFile(filepath.Join("testdata", n))
		if err != nil {
			t.Fatal(err)
		}
		f, problems := syntax.Parse(n, data)
		lib.Add(f, problems)
		if n == name {
			file = f
		}
	}
	c, problems := lib.Compile(file)
	if c == nil {
		t.Fatalf("Compile(%s) = nil with %v", name, problems)
	}
	return c
}

// clockwork is a clock that moves on by a minute whenever it is read.
func clockwork() func() time.Time {
	now := time.Date(2026, 3, 4, 19, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

func someText(l *syntax.Link) (Text, bool) {
	if l.Kind == syntax.Law {
		return Text{}, false
	}
	return Text{Title: "Papers", Lines: []string{"We read who signed."}, Source: "Source: model policy. Checked November 2026."}, true
}

// play walks with the typed lines and returns what was printed and the transcript.
func play(t testing.TB, file, typed string, more func(*Options)) (screen, transcript string, err error) {
	t.Helper()
	var out, script bytes.Buffer
	o := Options{
		In: strings.NewReader(typed), Out: &out, Compiled: compile(t, file), Now: clockwork(), Text: someText,
		Required: []string{"account"}, Transcript: &script, Version: "test",
	}
	if more != nil {
		more(&o)
	}
	err = Walk(context.Background(), o)
	return out.String(), script.String(), err
}

func TestGolden(t *testing.T) {
	tests := []struct {
		golden, file, typed string
		more                func(*Options)
	}{
		{"whole.txt", "desk.md", "hello there\nthey say so\nn\nt 1\nf due tomorrow\nf due 2026-04-01\nf kind Subpoena\nc r\nw\ns\n9\nthey wait\n\nb\n\nc 2 n\n1\nf account Two officers, *one* van\nf taken a laptop\nf taken a bag\nf taken -\n1\nn All calm\nb\n1\n\n", nil},
		{"practice.txt", "practice.md", "2\n2\n1\n", nil},
		{"narrow.txt", "desk.md", "w\n1\nq\n", func(o *Options) { o.Width, o.Terminal, o.Color = 30, true, true }},
		{"whole.json", "desk.md", "f kind 1\n1\n\n2\n1\n\n", func(o *Options) { o.Form = JSON }},
	}
	for _, test := range tests {
		screen, transcript, err := play(t, test.file, test.typed, test.more)
		if err != nil {
			t.Fatalf("%s: Walk() = %v, want nil", test.golden, err)
		}
		got := screen + "======== transcript\n" + transcript
		golden := filepath.Join("testdata", test.golden)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs (-want +got); run with -update and read it:\n%s", test.golden, diff)
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

func TestNoLineIsTooWide(t *testing.T) {
	typed := "w\n\n1\n\n1\nf account 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\n?\n"
	for _, width := range []int{24, 40, 80} {
		screen, _, err := play(t, "desk.md", typed, func(o *Options) { o.Width, o.Terminal, o.Color = width, true, true })
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(escapes.ReplaceAllString(screen, ""), "\n") {
			if strings.Contains(line, " > ") || strings.Contains(strings.Join(english.help, "\n"), line) {
				continue // a prompt with what was typed; the help's table
			}
			if columns(line) > width {
				t.Errorf("at width %d the line %q has %d columns", width, line, columns(line))
			}
		}
	}
}

func TestAPipeHasNoEscapes(t *testing.T) {
	screen, _, err := play(t, "desk.md", "s\nw\n1\n\n1\nn \x1b[2Jgone\x07\n1\n\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(screen, "\x1b\x07") {
		t.Errorf("the output on a pipe has escape codes: %q", screen)
	}
}

// TestOffTheRecordLeavesNoTrace: whoever opened a page off the record and whoever
// just stopped leave the same bytes.
func TestOffTheRecordLeavesNoTrace(t *testing.T) {
	for _, form := range []Form{Markdown, JSON} {
		with := func(o *Options) { o.Form = form }
		_, stopped, err := play(t, "desk.md", "t 1\nq\n", with)
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{"t 1\n2\n1\n", "t 1\n2\nn a secret\n2\nb\n1\n", "t 1\n2\nq\n", "t 1\n2\n", "t 1\n"} {
			screen, off, err := play(t, "desk.md", typed, with)
			if err != nil {
				t.Fatal(err)
			}
			if off != stopped {
				t.Errorf("after %q the transcript differs from that of a walk that was stopped (-stopped +off):\n%s", typed, cmp.Diff(stopped, off))
			}
			if strings.Contains(typed, "2\n1") && !strings.Contains(screen, "Nothing here is kept") {
				t.Errorf("after %q the page off the record was not shown", typed)
			}
		}
	}
}

func TestBackFromOffTheRecord(t *testing.T) {
	_, stayed, err := play(t, "desk.md", "1\nq\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, back, err := play(t, "desk.md", "2\nb\n1\nq\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if stayed != back {
		t.Errorf("looking at the page and coming back leaves a trace (-stayed +back):\n%s", cmp.Diff(stayed, back))
	}
}

// TestProtectedFacts: at the desk a swap step asks nothing; in a rehearsal it
// asks, and what was answered is in no transcript.
func TestProtectedFacts(t *testing.T) {
	screen, transcript, err := play(t, "desk.md", "1\n\n1\n\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(screen, "look like me") {
		t.Errorf("the desk is asked about a protected fact:\n%s", screen)
	}
	if !strings.Contains(transcript, "Went on.") {
		t.Errorf("the transcript does not tell that the walk went on:\n%s", transcript)
	}
	for _, form := range []Form{Markdown, JSON} {
		with := func(o *Options) { o.Form = form }
		screen, one, err := play(t, "practice.md", "1\n1\n1\n\n", with)
		if err != nil {
			t.Fatal(err)
		}
		_, two, err := play(t, "practice.md", "1\n2\n1\n\n", with)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(screen, "You noticed it.") {
			t.Errorf("the rehearsal gives no feedback:\n%s", screen)
		}
		if one != two {
			t.Errorf("the transcript tells what was answered about a protected fact:\n%s", cmp.Diff(one, two))
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		answers string
		wants   string // a part of the error, "" for none
	}{
		{"1,1,1,1", ""},
		{"They wait\n# a remark\n\nGo on\nNobody answers\n", ""},
		{"1,b,1,1,1", ""},
		{"1,n a note,1,1", ""},
		{"7", `answer 1, "7", does not fit`},
		{"1,1,9", `answer 3, "9", does not fit`},
		{"1,1,I am happy", `answer 3, "I am happy", does not fit`},
		{"b", `answer 1, "b", does not fit`},
		{"t 9", `answer 1, "t 9", does not fit`},
		{"f due never", `answer 1, "f due never", does not fit`},
		{"1,1,1,1,,4", ""}, // Return finishes: what follows is not read
		{"1,1,1,1,4", `answer 5, "4", does not fit`},
		{"2,n x", `answer 2, "n x", does not fit`},
	} {
		_, transcript, err := play(t, "desk.md", "", func(o *Options) { o.Answers = ParseAnswers(test.answers) })
		var wrong *AnswerError
		switch {
		case test.wants == "" && err != nil:
			t.Errorf("Walk(%q) = %v, want nil", test.answers, err)
		case test.wants == "" && transcript == "":
			t.Errorf("Walk(%q) writes no transcript", test.answers)
		case test.wants != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), test.wants) || transcript != ""):
			t.Errorf("Walk(%q) = %v with transcript %q, want an error with %q and none", test.answers, err, transcript, test.wants)
		}
	}
}

func TestGivenFacts(t *testing.T) {
	screen, _, err := play(t, "desk.md", "q\n", nil)
	if err != nil || strings.Contains(screen, "Counsel is on call") {
		t.Errorf("without a value the given fact is not its last, cautious one: %v\n%s", err, screen)
	}
	screen, _, err = play(t, "desk.md", "q\n", func(o *Options) { o.Given = map[string]string{"counsel_on_call": "yes"} })
	if err != nil || !strings.Contains(screen, "Counsel is on call") {
		t.Errorf("with counsel_on_call = yes its choice is not offered: %v\n%s", err, screen)
	}
	for _, given := range []map[string]string{{"counsel_on_call": "maybe"}, {"weather": "fine"}} {
		if _, _, err := play(t, "desk.md", "q\n", func(o *Options) { o.Given = given }); err == nil {
			t.Errorf("Walk(given %v) = nil, want a refusal", given)
		}
	}
}

func TestAWalkThatIsCancelledIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, w, err := os.Pipe() // a terminal at which nobody types
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var transcript bytes.Buffer
	time.AfterFunc(20*time.Millisecond, cancel)
	err = Walk(ctx, Options{In: r, Out: &bytes.Buffer{}, Compiled: compile(t, "desk.md"), Now: clockwork(), Transcript: &transcript})
	if err != nil || !strings.Contains(transcript.String(), "You were at: Take it and thank them") {
		t.Errorf("Walk(cancelled) = %v with %q, want a transcript of a walk that was left", err, transcript.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAFullDiskIsTold(t *testing.T) {
	for _, more := range []func(*Options){
		func(o *Options) { o.Out = full{} },
		func(o *Options) { o.Transcript = full{} },
	} {
		if _, _, err := play(t, "desk.md", "1\n1\n1\n\n", more); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("Walk(to a full disk) = %v, want its error", err)
		}
	}
}

func TestALongLineIsNotLost(t *testing.T) {
	long := strings.Repeat("é", maxLine)
	_, transcript, err := play(t, "desk.md", "n "+long+"\nn\nn\nq\n", func(o *Options) { o.Form = JSON })
	if err != nil {
		t.Fatal(err)
	}
	var read struct{ Events []walk.Event }
	if err := json.Unmarshal([]byte(transcript), &read); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range read.Events {
		n += strings.Count(e.Text, "é")
	}
	if n < maxLine/2 || strings.Contains(transcript, "\ufffd") {
		t.Errorf("of a long note %d letters are kept; want those of its first lines, whole", n)
	}
}

// TestLanguagesSayTheSame holds each language's words against English: none is
// missing, and each takes the same values.
func TestLanguagesSayTheSame(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`)
	e, o := reflect.ValueOf(english), reflect.ValueOf(spanish)
	for i := range e.NumField() {
		name := e.Type().Field(i).Name
		a, b := e.Field(i), o.Field(i)
		switch a.Kind() {
		case reflect.String:
			if a.String() == "" || b.String() == "" {
				t.Errorf("the words %s are missing: %q, %q", name, a.String(), b.String())
			}
			if got, want := verb.FindAllString(b.String(), -1), verb.FindAllString(a.String(), -1); !cmp.Equal(got, want) {
				t.Errorf("the words %s take %v in Spanish, want %v", name, got, want)
			}
		case reflect.Map:
			for _, k := range a.MapKeys() {
				if !b.MapIndex(k).IsValid() {
					t.Errorf("the words %s[%s] are missing in Spanish", name, k)
				}
			}
		case reflect.Slice, reflect.Array:
			if a.Len() != b.Len() {
				t.Errorf("the words %s are %d in Spanish, want %d", name, b.Len(), a.Len())
			}
		}
	}
}

func TestTheTranscriptFoldsAgain(t *testing.T) {
	_, transcript, err := play(t, "desk.md", "t 1\nf due 2026-04-01\n1\nb\n3\n1\nc 1 n\n2\n1\n\n", func(o *Options) { o.Form = JSON })
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Outcome *string
		Events  []walk.Event
	}
	if err := json.Unmarshal([]byte(transcript), &read); err != nil {
		t.Fatal(err)
	}
	c := compile(t, "desk.md")
	plan, err := walk.NewPlan(c.Program)
	if err != nil {
		t.Fatal(err)
	}
	w, err := plan.Fold(read.Events)
	if err != nil {
		t.Fatalf("Fold(the transcript's events) = %v", err)
	}
	outcome, over := w.Outcome()
	if !over || read.Outcome == nil || c.Program.Outcomes[outcome] != *read.Outcome || *read.Outcome != "passed_on" {
		t.Errorf("the folded walk ended with %d, %v; the transcript says %v", outcome, over, read.Outcome)
	}
}

// FuzzWalk types anything: no panic, no hang, and always a transcript whose
// events fold into a walk.
func FuzzWalk(f *testing.F) {
	f.Add("1\n\n1\n1\n", 80)
	f.Add("n\nt\nf\nc\nw\ns\n?\nb\n2\nb\n2\n1\n", 24)
	f.Add("f kind other\nf due -\nc 9\nc x y z\nf taken \x00\xff\n", 0)
	c := compile(f, "desk.md")
	plan, err := walk.NewPlan(c.Program)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string, width int) {
		var out, script bytes.Buffer
		err := Walk(context.Background(), Options{In: strings.NewReader(typed), Out: &out, Compiled: c, Now: clockwork(), Width: width, Transcript: &script, Form: JSON})
		if err != nil {
			t.Fatalf("Walk(%q) = %v, want nil", typed, err)
		}
		var read struct{ Events []walk.Event }
		if err := json.Unmarshal(script.Bytes(), &read); err != nil {
			t.Fatalf("the transcript of %q is no JSON: %v", typed, err)
		}
		if _, err := plan.Fold(read.Events); err != nil {
			t.Fatalf("the transcript of %q does not fold: %v", typed, err)
		}
	})
}
