package static

import (
	"strings"
	"testing"
)

func TestShrink(t *testing.T) {
	tests := []struct{ css, want string }{
		{"", ""},
		{"a { b : c ; }\n", "a{b :c}"},
		{"a{b:c;;}d{e:f}", "a{b:c}d{e:f}"},
		{"a  b ,  c>d{}", "a b,c>d{}"},
		{"/* x { */a/* y */b{c:d}", "a b{c:d}"},
		{"a{width:calc(1px  +  2px)}", "a{width:calc(1px + 2px)}"},
		{`a{content:"  /* no */ ; \" }"; b:'x  y'}`, `a{content:"  /* no */ ; \" }";b:'x  y'}`},
		{"@media (max-width: 1px) { a { b: c; } }", "@media (max-width:1px){a{b:c}}"},
		{"a :hover{}", "a :hover{}"},
		{"a{b:c", "a{b:c"},
		{"a /* never closed", "a"},
		{`a{b:"never closed`, `a{b:"never closed`},
	}
	for _, test := range tests {
		if got := shrink(test.css); got != test.want {
			t.Errorf("shrink(%q) = %q, want %q", test.css, got, test.want)
		}
	}
}

// FuzzShrink: what is shrunk already stays as it is, and nothing grows.
func FuzzShrink(f *testing.F) {
	for _, name := range wholeStyle {
		f.Add(string(mustRead("css/" + name + ".css")))
	}
	f.Add(`a{b:"\`)
	f.Add("/**/;;}{")
	f.Fuzz(func(t *testing.T, css string) {
		once := shrink(css)
		if len(once) > len(css) {
			t.Errorf("shrink(%q) = %q, which is longer", css, once)
		}
		if strings.ContainsAny(css, `/"'`) {
			return // taking out a comment can leave what looks like another
		}
		if twice := shrink(once); twice != once {
			t.Errorf("shrink(shrink(%q)) = %q, want %q", css, twice, once)
		}
	})
}

func TestShrinkScript(t *testing.T) {
	const js = "// What it is.\n\nconst a = 'b // c'; // why\n  // d\n  f(`x`);\n"
	if got, want := string(shrinkScript([]byte(js))), "const a = 'b // c'; // why\nf(`x`);\n"; got != want {
		t.Errorf("shrinkScript(%q) = %q, want %q", js, got, want)
	}
}

// TestScriptsCanBeShrunk: no string and no comment goes over the end of a line.
func TestScriptsCanBeShrunk(t *testing.T) {
	modules, err := files.ReadDir("js")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		name := module.Name()
		for n, line := range strings.Split(string(mustRead("js/"+name)), "\n") {
			if strings.Count(line, "`")%2 != 0 || strings.HasSuffix(line, "\\") || strings.Contains(line, "/*") && !strings.Contains(line, "*/") {
				t.Errorf("%s:%d: something goes on in the next line: %s", name, n+1, line)
			}
		}
	}
}
