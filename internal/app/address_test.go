package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roundtable/internal/app"
)

func TestCheckAddress(t *testing.T) {
	for _, c := range []struct {
		typed, origin    string
		secure, passkeys bool
		off              int
	}{
		{"https://desk.library.example", "https://desk.library.example", true, true, 0},
		{" https://Desk.Library.Example:443/ ", "https://desk.library.example", true, true, 0},
		{"https://desk.library.example:8443", "https://desk.library.example:8443", true, true, 0},
		{"https://192.0.2.7", "https://192.0.2.7", true, false, 1},
		{"https://[2001:db8::7]:8443", "https://[2001:db8::7]:8443", true, false, 1},
		{"http://desk.library.example", "http://desk.library.example", false, false, 5},
		{"http://10.0.0.7:8080", "http://10.0.0.7:8080", false, false, 5},
		{"http://localhost:8080", "http://localhost:8080", true, true, 1},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080", true, false, 2},
	} {
		at, err := app.CheckAddress(c.typed)
		if err != nil || at.Origin != c.origin || at.Secure != c.secure || at.Passkeys != c.passkeys || len(at.Off) != c.off {
			t.Errorf("CheckAddress(%q) = %+v, %v, want %+v", c.typed, at, err, c)
		}
	}
	for _, typed := range []string{
		"", "desk.library.example", "ftp://desk.example", "https://", "https://desk.example/path", "https://desk.example?x", "https://desk.example#x",
		"https://ana@desk.example", "https://desk.example:0", "https://desk.example:99999", "https://desk.example:", "https://-desk.example",
		"https://desk..example", "https://desk_a.example", "https://bücherei.example", "https://1.2.3", "https://[fe80::1%25eth0]", "javascript:alert(1)",
		"https://" + strings.Repeat("a", 300) + ".example", "https://desk.example\x00", "https://desk.exa\nmple",
	} {
		at, err := app.CheckAddress(typed)
		wantsField(t, "CheckAddress("+typed+")", err, "address")
		if at.Origin != "" {
			t.Errorf("CheckAddress(%q) = %+v beside an error", typed, at)
		}
	}
}

// What is an address once is the same one when it is typed as it is shown.
func FuzzCheckAddress(f *testing.F) {
	for _, s := range []string{"https://desk.library.example", "http://[::1]:80/", "https://A.b:8443", "https://1.2.3.4:443"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		at, err := app.CheckAddress(typed)
		if err != nil {
			return
		}
		again, err := app.CheckAddress(at.Origin)
		if diff := cmp.Diff(at, again); err != nil || diff != "" {
			t.Errorf("CheckAddress(%q) is not the same again: %v\n%s", typed, err, diff)
		}
	})
}
