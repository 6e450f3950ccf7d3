package page

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roundtable/internal/fault"
)

const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)><!-- </style></textarea></title> & {{.}} 1`

// TestInjection fills every string of every page with markup. The page must have
// the same elements and attributes as with plain words in the same places.
func TestInjection(t *testing.T) {
	for _, e := range Gallery() {
		plain := skeleton(parse(t, render(t, filled(e.Page, "plain 1"))))
		wild := skeleton(parse(t, render(t, filled(e.Page, hostile))))
		if plain != wild {
			t.Errorf("%s: markup in a string changes the page: %s", e.Name, firstDifference(plain, wild))
		}
	}
}

// TestScriptAddresses: no string that comes in can make an address that runs.
func TestScriptAddresses(t *testing.T) {
	for _, text := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"} {
		for _, e := range Gallery() {
			parse(t, render(t, filled(e.Page, text))).each(func(n *node) {
				for _, name := range []string{"href", "action", "src", "formaction"} {
					scheme, _, _ := strings.Cut(strings.ToLower(n.attr[name]), ":")
					if slices.Contains([]string{"javascript", "data", "vbscript"}, scheme) {
						t.Errorf("%s: <%s %s=%q>", e.Name, n.name, name, n.attr[name])
					}
				}
			})
		}
	}
}

// TestInjectionIsSeen is the control: what is not escaped must be noticed.
func TestInjectionIsSeen(t *testing.T) {
	plain := skeleton(parse(t, []byte("<p>plain</p>")))
	wild := skeleton(parse(t, []byte("<p><b>wild</b></p>")))
	if plain == wild {
		t.Error("skeleton() does not see an element more")
	}
}

// filled returns a copy of the page with the text in every string that is not
// empty, however deep.
func filled(p Page, text string) Page {
	v := reflect.ValueOf(p)
	made := reflect.New(v.Type()).Elem()
	fill(made, v, text)
	return made.Interface().(Page)
}

func fill(to, from reflect.Value, text string) {
	to.Set(from)
	switch from.Kind() {
	case reflect.String:
		if from.Len() > 0 {
			to.SetString(text)
		}
	case reflect.Struct:
		if from.Type().PkgPath() == "time" {
			return
		}
		for i := range from.NumField() {
			fill(to.Field(i), from.Field(i), text)
		}
	case reflect.Slice:
		if from.IsNil() {
			return
		}
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			fill(to.Index(i), from.Index(i), text)
		}
	case reflect.Pointer:
		if from.IsNil() {
			return
		}
		to.Set(reflect.New(from.Type().Elem()))
		fill(to.Elem(), from.Elem(), text)
	case reflect.Map, reflect.Interface, reflect.Func, reflect.Chan:
		panic(fmt.Sprintf("a page has a %s, which this test cannot fill", from.Kind()))
	}
}

// skeleton is a page's elements and the names of their attributes.
func skeleton(doc *node) string {
	var b strings.Builder
	doc.each(func(n *node) {
		var names []string
		for name := range n.attr {
			names = append(names, name)
		}
		slices.Sort(names)
		fmt.Fprintln(&b, n.name, names)
	})
	return b.String()
}

func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("element %d is %q, want %q", i, right[i], left[i])
		}
	}
	return fmt.Sprintf("%d elements, want %d", len(right), len(left))
}

// TestFormFields holds the tags of the form structs against the inputs on pages.
func TestFormFields(t *testing.T) {
	shown := map[string]map[string]bool{} // by type of form
	unnamed := map[string]bool{}          // fields without a short name, by type of form
	untyped := map[string]bool{}          // fields that nobody types, likewise
	for _, e := range Gallery() {
		form := reflect.ValueOf(e.Page).FieldByName("Form")
		if !form.IsValid() || form.Type() == reflect.TypeFor[Form]() {
			continue
		}
		names := shown[form.Type().Name()]
		if names == nil {
			names = map[string]bool{}
			shown[form.Type().Name()] = names
		}
		leads := map[string]bool{} // where the summary of problems can lead
		for _, n := range parse(t, render(t, e.Page)).all("input", "select", "textarea") {
			names[n.attr["name"]], leads[n.attr["id"]] = true, true
			if n.attr["type"] == "hidden" {
				untyped[form.Type().Name()+" "+n.attr["name"]] = true
			}
		}
		for _, n := range parse(t, render(t, e.Page)).all("button") { // words that a button sends
			if name := n.attr["name"]; name != "" && !names[name] {
				names[name], untyped[form.Type().Name()+" "+name] = true, true
			}
		}
		tagged := map[string]bool{"secret": true, "next": true, "": true} // of the lock over the page
		for _, field := range reflect.VisibleFields(form.Type()) {
			name := field.Tag.Get("form")
			if name == "" {
				continue
			}
			tagged[name] = true
			if name != "next" && label(name) == "" {
				unnamed[form.Type().Name()+" "+name] = true
			}
		}
		for _, f := range form.FieldByName("Problems").Interface().([]fault.Field) {
			if !tagged[f.Name] && !(leads["f-"+f.Name] && label(f.Name) != "") {
				t.Errorf("%s: a problem names the field %q, which the form has not", e.Name, f.Name)
			}
		}
	}
	for name := range unnamed {
		if !untyped[name] {
			t.Errorf("%s: a field has no short name for the summary", name)
		}
	}
	if len(shown) < 15 {
		t.Fatalf("found %d forms in the gallery, want all of them", len(shown))
	}
	for _, e := range Gallery() {
		form := reflect.ValueOf(e.Page).FieldByName("Form")
		if !form.IsValid() {
			continue
		}
		for _, field := range reflect.VisibleFields(form.Type()) {
			if name := field.Tag.Get("form"); name != "" && !shown[form.Type().Name()][name] {
				t.Errorf("%s: no page shows an input for the field %q", form.Type().Name(), name)
			}
		}
	}
}
