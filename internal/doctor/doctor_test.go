package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// well are the facts of an installation in which all is well.
func well() Facts {
	return Facts{
		Now: now, Serving: true,
		Folder:  &Folder{Path: "data", Mode: os.ModeDir | 0o700, Ours: true, Free: 50, Total: 100},
		Key:     &KeyFile{Path: "key", Mode: 0o600},
		Keyring: &Keyring{Keys: 100, Orphans: 2},
		Copies:  &Copies{Path: "copies", Count: 1, Newest: now.Truncate(24 * time.Hour), Oldest: now.Truncate(24 * time.Hour)},
		Backup:  &Backup{Last: now.Add(-10 * time.Hour)},
		Form:    &Form{Have: 3, Want: 3},
		Ledgers: []Ledger{
			{Name: "the installation", Last: now.Add(-time.Hour), Checkpoint: now.Add(-30 * time.Minute)},
			{Name: "Elm Street", Last: now.Add(-time.Minute), Checkpoint: now.Add(-30 * time.Minute)},
		},
		Address: &Address{Origin: "https://desk.example"},
		Cert:    &Certificate{Path: "cert", From: now.Add(-time.Hour), Until: now.Add(80 * 24 * time.Hour), FitsName: true},
		Sending: &Sending{Mail: "mail.example:465", SMS: "sms.example", Push: "it@elm.example"},
		Library: []Library{{Name: "Elm Street", Directors: 1, Admins: 1, InCharge: 3, OnDuty: 1, Branches: []Branch{{Name: "Main"}}}},
	}
}

// Each row breaks one thing; exactly that is found, with a way to mend it.
func TestExamine(t *testing.T) {
	if found := Examine(well()); !Well(found) || len(found) < 12 {
		t.Fatalf("Examine where all is well = %v", found)
	}
	failed := errors.New("it failed")
	day := 24 * time.Hour
	for _, c := range []struct {
		name  string
		spoil func(*Facts)
		level Level
		check string
		want  string // in the sentence
	}{
		{"no folder", func(f *Facts) { f.Folder.Err = failed }, Wrong, "data folder", "cannot be read: it failed"},
		{"open to others", func(f *Facts) { f.Folder.Mode = os.ModeDir | 0o750 }, Wrong, "data folder", "Others on this machine"},
		{"another's", func(f *Facts) { f.Folder.Ours = false }, Wrong, "data folder", "another user"},
		{"a file is another's", func(f *Facts) { f.Folder.Foreign = "data/x.db" }, Wrong, "data folder", "data/x.db"},
		{"9 % free", func(f *Facts) { f.Folder.Free = 9 }, Wrong, "disk", "Only 9 %"},
		{"10 % free", func(f *Facts) { f.Folder.Free = 10 }, OK, "disk", "10 %"},
		{"a tiny disk", func(f *Facts) { f.Folder.Free, f.Folder.Total = 50, 60 }, OK, "disk", "% of the disk"},
		{"room not known", func(f *Facts) { f.Folder.Total = 0 }, NotChecked, "disk", "not known"},
		{"no key", func(f *Facts) { f.Key.Err = failed }, Wrong, "installation key", "it failed"},
		{"key in the data", func(f *Facts) { f.Key.Inside = true }, Wrong, "installation key", "inside the data folder"},
		{"key open to others", func(f *Facts) { f.Key.Mode = 0o604 }, Wrong, "installation key", "can read"},
		{"a credential's mode", func(f *Facts) { f.Key.Mode, f.Key.Credential = 0o440, true }, OK, "installation key", "apart"},
		{"key not looked at", func(f *Facts) { f.Key = nil }, NotChecked, "installation key", "not looked at"},
		{"keyring closed", func(f *Facts) { f.Keyring.Err = failed }, Wrong, "keyring", "does not open"},
		{"lost keys", func(f *Facts) { f.Keyring.Keyless = 1 }, Wrong, "keyring", "no key"},
		{"many orphans", func(f *Facts) { f.Keyring.Orphans = 6 }, Wrong, "keyring", "older than the keyring"},
		{"many of many", func(f *Facts) { f.Keyring.Orphans, f.Keyring.Keys = 6, 1000 }, OK, "keyring", "opens"},
		{"keyring not looked at", func(f *Facts) { f.Keyring = nil }, NotChecked, "keyring", "not looked at"},
		{"no copies folder", func(f *Facts) { f.Copies.Err = failed }, Wrong, "keyring copies", "it failed"},
		{"no copy", func(f *Facts) { f.Copies.Count = 0 }, Wrong, "keyring copies", "no copy"},
		{"an old copy too", func(f *Facts) { f.Copies.Oldest = now.Add(-32 * day) }, Wrong, "keyring copies", "30 days"},
		{"a stale copy", func(f *Facts) { f.Copies.Newest = now.Truncate(day).Add(-2 * day) }, Wrong, "keyring copies", "2026-11-23"},
		{"yesterday's copy", func(f *Facts) { f.Copies.Newest = now.Truncate(day).Add(-day) }, OK, "keyring copies", "2026-11-24"},
		{"copies not looked at", func(f *Facts) { f.Copies = nil }, NotChecked, "keyring copies", "--keyring-to"},
		{"no backup", func(f *Facts) { f.Backup.Last = time.Time{} }, Wrong, "backup", "never"},
		{"an old backup", func(f *Facts) { f.Backup.Last = now.Add(-27 * time.Hour) }, Wrong, "backup", "2026-11-24 09:00:00"},
		{"backup not known", func(f *Facts) { f.Backup.Err = failed }, NotChecked, "backup", "it failed"},
		{"older form", func(f *Facts) { f.Form.Have = 2 }, Wrong, "database form", "form 2"},
		{"newer form", func(f *Facts) { f.Form.Have = 4 }, Wrong, "database form", "newer than this program"},
		{"form not known", func(f *Facts) { f.Form.Err = failed }, Wrong, "database form", "it failed"},
		{"unfit PostgreSQL", func(f *Facts) { f.Postgres = &Postgres{failed} }, Wrong, "PostgreSQL", "it failed"},
		{"fit PostgreSQL", func(f *Facts) { f.Postgres = &Postgres{} }, OK, "PostgreSQL", "owns nothing"},
		{"clock set back", func(f *Facts) { f.Ledgers[1].Last = now.Add(2 * time.Minute) }, Wrong, "clock", "before"},
		{"clock a little behind", func(f *Facts) { f.Ledgers[1].Last = now.Add(30 * time.Second) }, OK, "clock", "goes on"},
		{"off for days", func(f *Facts) { old(f, 26*time.Hour); f.Serving = false }, Notice, "clock", "off meanwhile"},
		{"no ledger", func(f *Facts) { f.Ledgers = nil }, NotChecked, "clock", "no entry"},
		{"an untrue ledger", func(f *Facts) { f.Ledgers[1].Problem = "Leaf 7: changed" }, Wrong, "ledger", "Leaf 7"},
		{"a ledger that cannot be read", func(f *Facts) { f.Ledgers[1].Err = failed }, Wrong, "ledger", "it failed"},
		{"not signed", func(f *Facts) { f.Ledgers[1].Checkpoint = now.Add(-3 * time.Hour) }, Wrong, "checkpoints", "2026-11-25 09:00:00"},
		{"never signed", func(f *Facts) { f.Ledgers[1].Checkpoint = time.Time{} }, Wrong, "checkpoints", "never"},
		{"a witness", func(f *Facts) { f.Ledgers[1].Witness, f.Ledgers[1].Witnessed = "county", now.Add(-time.Hour) }, OK, "witness", "2026-11-25 11:00:00"},
		{"a witness that says no", func(f *Facts) { f.Ledgers[1].Witness, f.Ledgers[1].Trouble = "county", "it saw more" }, Wrong, "witness", "never. Now: it saw more"},
		{"a witness that nobody asks", func(f *Facts) { f.Ledgers[1].Witness, f.Ledgers[1].Witnessed = "county", now.Add(-27*time.Hour) }, Wrong, "witness", "every hour"},
		{"a witness, and nothing serves", func(f *Facts) {
			f.Ledgers[1].Witness, f.Ledgers[1].Witnessed, f.Serving = "county", now.Add(-27*time.Hour), false
		}, OK, "witness", "2026-11-24"},
		{"no mail", func(f *Facts) { f.Sending.Mail = "" }, Notice, "mail", "No mail is set up"},
		{"mail that does not go", func(f *Facts) { f.Sending.MailErr = failed }, Wrong, "mail", "mail.example:465: it failed"},
		{"mail that is set up wrongly", func(f *Facts) { f.Sending.Mail, f.Sending.MailErr = "", failed }, Wrong, "mail", "the mail server: it failed"},
		{"no text messages", func(f *Facts) { f.Sending.SMS = "" }, Notice, "text messages", "not set up"},
		{"text messages set up wrongly", func(f *Facts) { f.Sending.SMSErr = failed }, Wrong, "text messages", "it failed"},
		{"text messages", func(f *Facts) {}, NotChecked, "text messages", "sms.example"},
		{"no pushes", func(f *Facts) { f.Sending.Push = "" }, Notice, "pushes", "not set up"},
		{"sending not looked at", func(f *Facts) { f.Sending = nil }, NotChecked, "sending", "not looked at"},
		{"no address", func(f *Facts) { f.Address.Origin = "" }, Notice, "address", "not set up"},
		{"things off", func(f *Facts) { f.Address.Off = []string{"Passkeys are off."} }, Notice, "address", "Passkeys are off."},
		{"address not known", func(f *Facts) { f.Address.Err = failed }, NotChecked, "address", "it failed"},
		{"a new name", func(f *Facts) { f.Address.Planned, f.Address.Devices, f.Address.Passkeys = "https://new", 3, 2 }, Wrong, "address", "3 enrolled devices"},
		{"a new name, nothing hangs on it", func(f *Facts) { f.Address.Planned = "https://new" }, OK, "address", "can be changed"},
		{"the same name", func(f *Facts) { f.Address.Planned, f.Address.Devices = "https://desk.example", 3 }, OK, "address", "everything works"},
		{"certificate ends soon", func(f *Facts) { f.Cert.Until = now.Add(20 * day) }, Wrong, "certificate", "in 20 days"},
		{"certificate ended", func(f *Facts) { f.Cert.Until = now }, Wrong, "certificate", "ended"},
		{"certificate not begun", func(f *Facts) { f.Cert.From = now.Add(time.Hour) }, Wrong, "certificate", "begins only"},
		{"another's certificate", func(f *Facts) { f.Cert.FitsName = false }, Wrong, "certificate", "not for the name"},
		{"no certificate", func(f *Facts) { f.Cert.Err = failed }, Wrong, "certificate", "it failed"},
		{"no director", func(f *Facts) { f.Library[0].Directors = 0 }, Wrong, "roles", "no director"},
		{"no admin", func(f *Facts) { f.Library[0].Admins = 0 }, Wrong, "roles", "no admin"},
		{"the installation's admin", func(f *Facts) { f.Library[0].Admins, f.Library[0].AdminsOfAll = 0, 1 }, OK, "roles", "an admin"},
		{"nobody in charge", func(f *Facts) { f.Library[0].InCharge = 0 }, Wrong, "roles", "nobody who can be in charge"},
		{"nobody in charge now", func(f *Facts) { f.Library[0].OnDuty = 0 }, Notice, "roles", "1 of 1 branches"},
		{"no number", func(f *Facts) { f.Library[0].Branches[0].Missing = []string{"counsel", "police"} }, Wrong, "numbers", "counsel, police"},
	} {
		f := well()
		c.spoil(&f)
		found := Examine(f)
		var wrong []Finding
		hit := false
		for _, one := range found {
			if one.Level == Wrong {
				wrong = append(wrong, one)
			}
			hit = hit || one.Level == c.level && one.Check == c.check && strings.Contains(one.What, c.want)
			if (one.Level == Wrong || one.Level == Notice) && one.Mend == "" || strings.Contains(one.What, "\n") || !strings.HasSuffix(strings.TrimSpace(one.What), ".") && one.Check != "ledger" {
				t.Errorf("%s: %+v is no sentence with a way to mend it", c.name, one)
			}
		}
		if !hit {
			t.Errorf("%s: Examine = %v, want a %s of %s with %q", c.name, found, c.level, c.check, c.want)
		}
		if want := map[bool]int{true: 1}[c.level == Wrong]; len(wrong) != want {
			t.Errorf("%s: wrong are %v, want %d", c.name, wrong, want)
		}
	}
}

func old(f *Facts, by time.Duration) {
	for i := range f.Ledgers {
		f.Ledgers[i].Last, f.Ledgers[i].Checkpoint = now.Add(-by), now.Add(-by)
	}
}

// While it serves, a clock that jumped shows twice: nothing was signed either.
func TestClockForward(t *testing.T) {
	f := well()
	old(&f, 26*time.Hour)
	var checks []string
	for _, one := range Examine(f) {
		if one.Level == Wrong {
			checks = append(checks, one.Check)
		}
	}
	if got := strings.Join(checks, " "); got != "clock checkpoints checkpoints" {
		t.Errorf("wrong are %q, want the clock and both checkpoints", got)
	}
}

func TestReports(t *testing.T) {
	for _, c := range []struct {
		found []Finding
		last  string
		ok    bool
	}{
		{nil, "Nothing is wrong.", true},
		{[]Finding{{"a", OK, "It is well.", ""}}, "Nothing is wrong.", true},
		{[]Finding{{"a", NotChecked, "It was not there.", ""}}, "Nothing is wrong in what was checked; 1 could not be.", true},
		{[]Finding{{"a", Wrong, "It is <bad>.", "Mend it."}}, "1 thing is wrong.", false},
		{[]Finding{{"a", Wrong, "It is bad.", "Mend it."}, {"b", Wrong, "It too.", "Mend it."}}, "2 things are wrong.", false},
	} {
		var text, object bytes.Buffer
		if err := errors.Join(Text(&text, c.found), JSON(&object, c.found)); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(text.String(), "\n"+c.last+"\n") {
			t.Errorf("Text = %q, want it to end with %q", text.String(), c.last)
		}
		var back struct {
			OK       bool
			Findings []Finding
		}
		if err := json.Unmarshal(object.Bytes(), &back); err != nil || back.OK != c.ok || len(back.Findings) != len(c.found) || back.Findings == nil {
			t.Errorf("JSON = %s, %v; want ok %v and %d findings", object.String(), err, c.ok, len(c.found))
		}
	}
}

func TestLookAtFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if d := LookAtFolder(dir); d.Err == nil {
		t.Errorf("LookAtFolder of no folder = %+v, want an error", d)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := LookAtFolder(dir)
	if d.Err != nil || d.Mode.Perm() != 0o700 || !d.Ours || d.Foreign != "" || d.Total == 0 || d.Free > d.Total {
		t.Errorf("LookAtFolder = %+v, want 0700, ours, and some room", d)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(dir, "x"), 4711, 4711); err != nil {
			t.Fatal(err)
		}
		if d := LookAtFolder(dir); d.Foreign != filepath.Join(dir, "x") {
			t.Errorf("LookAtFolder with another's file = %+v, want that file", d)
		}
	} else {
		t.Log("NOT TESTED: a file of another user, which only root can make")
	}
	if mode, err := LookAtFile(filepath.Join(dir, "x")); err != nil || mode.Perm() != 0o600 {
		t.Errorf("LookAtFile = %v, %v, want 0600", mode, err)
	}
}
