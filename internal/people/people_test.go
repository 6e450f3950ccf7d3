package people

import (
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roundtable/internal/fault"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// wrong returns the names of the fields that a check found fault with.
func wrong(t *testing.T, err error) string {
	t.Helper()
	if err != nil && fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v is not of the kind invalid", err)
	}
	var list []string
	for _, f := range fault.FieldsOf(err) {
		if f.Message == "" || !strings.HasSuffix(f.Message, ".") {
			t.Errorf("message of field %s = %q, want a sentence", f.Name, f.Message)
		}
		list = append(list, f.Name)
	}
	return strings.Join(list, " ")
}

func TestPersonCheck(t *testing.T) {
	good := Person{ID: "a", Name: "Ana María Núñez", Initials: "AN", Mail: "ana@library.example"}
	for _, c := range []struct {
		name   string
		change func(*Person)
		want   string
	}{
		{"good", func(p *Person) {}, ""},
		{"no mail", func(p *Person) { p.Mail = "" }, ""},
		{"Arabic", func(p *Person) { p.Name = "ليلى"; p.Initials = "ل" }, ""},
		{"a joiner in a Persian name", func(p *Person) { p.Name = "نیک\u200cنام" }, ""},
		{"longest", func(p *Person) { p.Name = strings.Repeat("é", MaxName) }, ""},
		{"too long", func(p *Person) { p.Name = strings.Repeat("e", MaxName+1) }, "name"},
		{"empty", func(p *Person) { *p = Person{} }, "name initials"},
		{"blank", func(p *Person) { p.Name = " \t" }, "name"},
		{"space at the end", func(p *Person) { p.Name = "Ana " }, "name"},
		{"two lines", func(p *Person) { p.Name = "Ana\nMaría" }, "name"},
		{"turned writing", func(p *Person) { p.Name = "Ana\u202eMaría" }, "name"},
		{"line separator", func(p *Person) { p.Name = "Ana\u2028María" }, "name"},
		{"no text", func(p *Person) { p.Name = "Ana\xff" }, "name"},
		{"initials with a space", func(p *Person) { p.Initials = "A N" }, "initials"},
		{"initials too long", func(p *Person) { p.Initials = "ANNAM" }, "initials"},
		{"mail with a name", func(p *Person) { p.Mail = "Ana <ana@library.example>" }, "mail"},
		{"two mails", func(p *Person) { p.Mail = "a@b.example,c@d.example" }, "mail"},
		{"head of a letter", func(p *Person) { p.Mail = "a@b.example\r\nBcc: x@y.example" }, "mail"},
		{"no domain", func(p *Person) { p.Mail = "ana" }, "mail"},
		{"mail too long", func(p *Person) { p.Mail = strings.Repeat("a", 255) + "@b.example" }, "mail"},
	} {
		p := good
		c.change(&p)
		if got := wrong(t, p.Check()); got != c.want {
			t.Errorf("%s: Check() finds fault with %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzIsMail(f *testing.F) {
	for _, s := range []string{"ana@library.example", "Ana <a@b>", "a@b\r\nBcc: c@d", `"a b"@c.example`, "a@[127.0.0.1]", "ñ@ñ.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !IsMail(text) {
			return
		}
		if strings.ContainsAny(text, "\r\n\x00 <>,;\"") || strings.Count(text, "@") < 1 || len(text) > MaxMail {
			t.Errorf("IsMail(%q) = true, want false", text)
		}
		list, err := mail.ParseAddressList(text)
		if err != nil || len(list) != 1 || list[0].Address != text {
			t.Errorf("IsMail(%q) = true, but it reads as %v, %v", text, list, err)
		}
	})
}

func TestHasLeft(t *testing.T) {
	for _, c := range []struct {
		left time.Time
		want bool
	}{
		{time.Time{}, false}, {noon.Add(1), false}, {noon, true}, {noon.Add(-day), true},
	} {
		if got := (Person{Left: c.left}).HasLeft(noon); got != c.want {
			t.Errorf("HasLeft with Left %v = %v, want %v", c.left, got, c.want)
		}
	}
}

func TestDeviceWorks(t *testing.T) {
	good := Device{ID: "d", Library: "l", Branch: "b", Enrolled: noon.Add(-day)}
	for _, c := range []struct {
		name   string
		change func(*Device)
		want   bool
	}{
		{"good", func(d *Device) {}, true},
		{"enrolled now", func(d *Device) { d.Enrolled = noon }, true},
		{"enrolled later", func(d *Device) { d.Enrolled = noon.Add(1) }, false},
		{"never enrolled", func(d *Device) { d.Enrolled = time.Time{} }, false},
		{"revoked later", func(d *Device) { d.Revoked = noon.Add(1) }, true},
		{"revoked now", func(d *Device) { d.Revoked = noon }, false},
		{"no id", func(d *Device) { d.ID = "" }, false},
		{"no library", func(d *Device) { d.Library = "" }, false},
		{"no branch", func(d *Device) { d.Branch = "" }, false},
	} {
		d := good
		c.change(&d)
		if got := d.Works(noon); got != c.want {
			t.Errorf("%s: Works = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRoles(t *testing.T) {
	trusted, titles := "", map[string]bool{}
	for _, r := range Roles {
		if !r.IsRole() || titles[r.Titled()] || r.Titled() == "nobody" {
			t.Errorf("role %q: IsRole %v, Titled %q", r, r.IsRole(), r.Titled())
		}
		titles[r.Titled()] = true
		if r.Trusted() {
			trusted += r.String() + " "
		}
	}
	if want := "in_charge director counsel safety_lead "; trusted != want {
		t.Errorf("trusted roles are %q, want %q", trusted, want)
	}
	if len(Roles) != 10 {
		t.Errorf("there are %d roles, want 10", len(Roles))
	}
	for _, r := range []Role{"", "supervisor", "author", "Desk", "desk "} {
		if r.IsRole() || r.Trusted() || r.Titled() != "nobody" {
			t.Errorf("%q counts as a role", r)
		}
	}
}

func TestMembershipCheck(t *testing.T) {
	good := Membership{Person: "p", Library: "l", Role: Desk, From: noon}
	for _, c := range []struct {
		name   string
		change func(*Membership)
		want   string
	}{
		{"good", func(m *Membership) {}, ""},
		{"at a branch", func(m *Membership) { m.Branch = "b" }, ""},
		{"nothing", func(m *Membership) { *m = Membership{} }, "person library role from"},
		{"no role", func(m *Membership) { m.Role = "author" }, "role"},
		{"auditor of a branch", func(m *Membership) { m.Role, m.Branch = Auditor, "b" }, "branch"},
		{"board of a branch", func(m *Membership) { m.Role, m.Branch = Board, "b" }, "branch"},
		{"admin of a branch", func(m *Membership) { m.Role, m.Branch = Admin, "b" }, "branch"},
		{"ends as it begins", func(m *Membership) { m.Until = noon }, "until"},
		{"ends after it begins", func(m *Membership) { m.Until = noon.Add(1) }, ""},
		{"from outside", func(m *Membership) { m.Role, m.Outside, m.Until = Counsel, true, noon.Add(day) }, ""},
		{"from outside for ever", func(m *Membership) { m.Role, m.Outside = Counsel, true }, "until"},
		{"from outside for a year", func(m *Membership) { m.Role, m.Outside, m.Until = Counsel, true, noon.Add(MaxOutside) }, ""},
		{"from outside for longer", func(m *Membership) { m.Role, m.Outside, m.Until = Counsel, true, noon.Add(MaxOutside+1) }, "until"},
		{"director from outside", func(m *Membership) { m.Role, m.Outside, m.Until = Director, true, noon.Add(day) }, "role"},
		{"admin of the installation", func(m *Membership) { m.Library, m.Role = Installation, Admin }, ""},
		{"auditor of the installation", func(m *Membership) { m.Library, m.Role = Installation, Auditor }, ""},
		{"director of the installation", func(m *Membership) { m.Library, m.Role = Installation, Director }, "role"},
		{"branch of the installation", func(m *Membership) { m.Library, m.Role, m.Branch = Installation, Admin, "b" }, "branch"},
	} {
		m := good
		c.change(&m)
		got := wrong(t, m.Check())
		if got != c.want {
			t.Errorf("%s: Check() finds fault with %q, want %q", c.name, got, c.want)
		}
		if holds := m.Holds(noon); holds != (got == "") {
			t.Errorf("%s: Holds = %v, want %v", c.name, holds, got == "")
		}
	}
}

func TestMembershipHolds(t *testing.T) {
	m := Membership{Person: "p", Library: "l", Role: Counsel, Outside: true, From: noon, Until: noon.Add(day)}
	for _, c := range []struct {
		at   time.Time
		want bool
	}{
		{time.Time{}, false}, {noon.Add(-1), false}, {noon, true}, {noon.Add(day - 1), true}, {noon.Add(day), false},
	} {
		if got := m.Holds(c.at); got != c.want {
			t.Errorf("Holds(%v) = %v, want %v", c.at, got, c.want)
		}
	}
	if m.Until = (time.Time{}); m.Holds(noon.Add(day)) {
		t.Error("counsel from outside with no end is let in")
	}
}

func TestMembershipEnd(t *testing.T) {
	open := Membership{Person: "p", Library: "l", Role: Desk, From: noon}
	rapid.Check(t, func(t *rapid.T) {
		m := open
		m.Until = noon.Add(time.Duration(rapid.Int64Range(1, 100).Draw(t, "until")))
		if rapid.Bool().Draw(t, "no end") {
			m.Until = time.Time{}
		}
		end := noon.Add(time.Duration(rapid.Int64Range(-50, 150).Draw(t, "end")))
		at := noon.Add(time.Duration(rapid.Int64Range(-60, 200).Draw(t, "at")))
		want := m.Holds(at) && at.Before(end)
		if got := m.End(end).Holds(at); got != want {
			t.Errorf("End(%v) of %v, Holds(%v) = %v, want %v", end, m, at, got, want)
		}
	})
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		branch, asked BranchID
		library       LibraryID
		want          bool
	}{
		{"", "", "l", true}, {"", "b", "l", true}, {"b", "b", "l", true},
		{"b", "", "l", false}, {"b", "c", "l", false}, {"", "", "other", false}, {"b", "b", "other", false},
	} {
		m := Membership{Person: "p", Library: "l", Branch: c.branch, Role: Desk, From: noon}
		if got := m.Covers(c.library, c.asked); got != c.want {
			t.Errorf("membership of branch %q covers %q of %q = %v, want %v", c.branch, c.asked, c.library, got, c.want)
		}
	}
}

func TestCheckTogether(t *testing.T) {
	auditor := Membership{Person: "p", Library: "l", Role: Auditor, From: noon}
	for _, c := range []struct {
		name  string
		other Membership
		want  bool
	}{
		{"another person", Membership{Person: "q", Library: "l", Role: Desk, From: noon}, true},
		{"another library", Membership{Person: "p", Library: "m", Role: Desk, From: noon}, true},
		{"the same role twice", Membership{Person: "p", Library: "l", Role: Auditor, From: noon}, true},
		{"desk as well", Membership{Person: "p", Library: "l", Role: Desk, From: noon}, false},
		{"desk at a branch, later", Membership{Person: "p", Library: "l", Branch: "b", Role: Desk, From: noon.Add(day)}, false},
		{"desk that is over", Membership{Person: "p", Library: "l", Role: Desk, From: noon.Add(-day), Until: noon}, true},
		{"desk that ends later", Membership{Person: "p", Library: "l", Role: Desk, From: noon.Add(-day), Until: noon.Add(1)}, false},
	} {
		for _, all := range [][]Membership{{auditor, c.other}, {c.other, auditor}} {
			if err := CheckTogether(all, noon); (err == nil) != c.want {
				t.Errorf("%s: CheckTogether = %v, want nil: %v", c.name, err, c.want)
			}
		}
	}
}

func TestCheckEnough(t *testing.T) {
	director := Membership{Person: "p", Library: "l", Role: Director, From: noon}
	admin := Membership{Person: "q", Library: "l", Role: Admin, From: noon}
	for _, c := range []struct {
		name   string
		change func(d, a *Membership)
		want   bool
	}{
		{"both", func(d, a *Membership) {}, true},
		{"one person", func(d, a *Membership) { a.Person = d.Person }, true},
		{"the director has left", func(d, a *Membership) { *d = d.End(noon) }, false},
		{"the director will leave", func(d, a *Membership) { *d = d.End(noon.Add(day)) }, false},
		{"the director is of a branch", func(d, a *Membership) { d.Branch = "b" }, false},
		{"the admin is of another library", func(d, a *Membership) { a.Library = "m" }, false},
		{"the admin comes later", func(d, a *Membership) { a.From = noon.Add(1) }, false},
	} {
		d, a := director, admin
		c.change(&d, &a)
		err := CheckEnough([]Membership{d, a}, "l", noon)
		if (err == nil) != c.want || err != nil && fault.KindOf(err) != fault.Refused {
			t.Errorf("%s: CheckEnough = %v, want nil: %v", c.name, err, c.want)
		}
	}
	admin.Library = Installation
	if err := CheckEnough([]Membership{admin}, Installation, noon); err != nil {
		t.Errorf("CheckEnough of an installation with an admin = %v, want nil", err)
	}
	if err := CheckEnough(nil, Installation, noon); err == nil {
		t.Error("CheckEnough of an installation without an admin = nil, want a refusal")
	}
}

func TestTogetherIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Membership
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			m := Membership{Person: "p", Library: "l", Role: rapid.SampledFrom(Roles).Draw(t, "role"),
				From: noon.Add(time.Duration(rapid.Int64Range(-9, 9).Draw(t, "from")))}
			m.Until = m.From.Add(time.Duration(rapid.Int64Range(1, 9).Draw(t, "for")))
			all = append(all, m)
		}
		// The oracle tries every instant.
		want := true
		for at := int64(0); at < 20; at++ {
			auditor, other := false, false
			for _, m := range all {
				if m.Holds(noon.Add(time.Duration(at))) {
					auditor = auditor || m.Role == Auditor
					other = other || m.Role != Auditor
				}
			}
			want = want && !(auditor && other)
		}
		if got := CheckTogether(all, noon) == nil; got != want {
			t.Errorf("CheckTogether(%v) is content: %v, want %v", all, got, want)
		}
		slices.Reverse(all)
		if got := CheckTogether(all, noon) == nil; got != want {
			t.Errorf("CheckTogether of the reverse is content: %v, want %v", got, want)
		}
	})
}
