// Package doctor finds what is wrong with an installation, and says how to mend
// each thing in a sentence or two.
//
// It is given facts ([Facts]) and looks at nothing itself, so that each check can
// be tested by values; only [LookAtFolder] and [LookAtFile] ask the operating
// system. What a fact could not be found for is told as not checked, never as
// well. It changes nothing.
package doctor

import (
	"cmp"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Facts are what is known of an installation. A nil pointer means that it was not
// looked at.
type Facts struct {
	Now     time.Time
	Serving bool // a server is running, or should be

	Folder   *Folder // of the data, on SQLite
	Key      *KeyFile
	Keyring  *Keyring
	Copies   *Copies
	Backup   *Backup
	Form     *Form
	Postgres *Postgres
	Ledgers  []Ledger
	Address  *Address
	Cert     *Certificate
	Sending  *Sending
	Library  []Library
}

// Folder is a folder on a disk.
type Folder struct {
	Path        string
	Mode        fs.FileMode
	Ours        bool   // it belongs to who asks, or root asks
	Foreign     string // a file in it that belongs to another user than the folder, "" if none
	Free, Total uint64 // bytes of the disk; Total is 0 if that is not known
	Err         error
}

// KeyFile is the file with the installation's key.
type KeyFile struct {
	Path       string
	Mode       fs.FileMode
	Inside     bool // the data folder
	Credential bool // the system gave it to the service, and minds who reads it
	Err        error
}

// Keyring says whether the keyring opens with the key.
type Keyring struct {
	Err     error
	Keyless int // cases and accounts without a key
	Orphans int // keys of nothing
	Keys    int
}

// Copies are the keyring's copies in a folder.
type Copies struct {
	Path           string
	Count          int
	Newest, Oldest time.Time // by their days
	Err            error
}

// Backup is when the last backup was made and checked; zero if none ever was.
type Backup struct {
	Last time.Time
	Err  error
}

// Form is of which form the database is, and of which it should be.
type Form struct {
	Have, Want int64
	Err        error
}

// Postgres is what a PostgreSQL database says about keeping what was acknowledged
// and about the role that serves; Err is why it was refused.
type Postgres struct{ Err error }

// Ledger is one ledger.
type Ledger struct {
	Name       string
	Last       time.Time // of its last entry that can be read; zero if none
	Checkpoint time.Time // of its last; zero if none
	Problem    string    // what the verifier found, "" if nothing
	Err        error

	Witness   string    // its name, "" if there is none
	Witnessed time.Time // when the witness signed last, by its own clock; zero if never
	Trouble   string    // why it did not sign the newest checkpoint, "" if it did
}

// Sending is how the server reaches people. "" is what is not set up.
type Sending struct {
	Mail    string // the mail server
	MailErr error  // why it does not let us in
	SMS     string // the gateway's host
	SMSErr  error  // why the gateway cannot be used as it is set up
	Push    string // the contact for push services
	PushErr error
}

// Address is the address by which desks reach the server.
type Address struct {
	Origin   string   // "" before set-up
	Off      []string // what is off there, in whole sentences
	Planned  string   // another one that somebody thinks of, "" if none
	Devices  int      // enrolled
	Passkeys int      // that people sign in with
	Err      error
}

// Certificate is the server's certificate.
type Certificate struct {
	Path     string
	From     time.Time
	Until    time.Time
	FitsName bool // it is for the host of the address
	Err      error
}

// Library is one library's people and telephones.
type Library struct {
	Name              string
	Directors, Admins int // for the whole library, with no end set
	InCharge          int // people who can be in charge
	OnDuty            int // branches where somebody is in charge now
	Branches          []Branch
	AdminsOfAll       int // of the installation
}

// Branch is one branch, and whom its playbooks call without there being a number.
type Branch struct {
	Name    string
	Missing []string
}

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK         Level = "ok"
	Notice     Level = "notice"      // it can stay so; know what it means
	Wrong      Level = "wrong"       // mend it
	NotChecked Level = "not-checked" // it could not be looked at
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	What  string `json:"what"`           // a sentence
	Mend  string `json:"mend,omitempty"` // how, in a sentence or two
}

// Examine holds the facts against what an installation needs. The findings stand
// in the order in which one would mend them.
func Examine(f Facts) []Finding {
	e := &examiner{f: f}
	for _, check := range []func(){
		e.folder, e.disk, e.key, e.form, e.postgres, e.keyring, e.copies, e.backup,
		e.clock, e.ledgers, e.checkpoints, e.witnesses, e.address, e.certificate, e.sending, e.libraries,
	} {
		check()
	}
	return e.found
}

// Well reports whether nothing is wrong.
func Well(findings []Finding) bool {
	for _, f := range findings {
		if f.Level == Wrong {
			return false
		}
	}
	return true
}

type examiner struct {
	f     Facts
	found []Finding
}

func (e *examiner) add(check string, level Level, what, mend string) {
	e.found = append(e.found, Finding{check, level, what, mend})
}

func (e *examiner) ok(check, format string, args ...any) {
	e.add(check, OK, fmt.Sprintf(format, args...), "")
}

func (e *examiner) wrong(check, mend, format string, args ...any) {
	e.add(check, Wrong, fmt.Sprintf(format, args...), mend)
}

func (e *examiner) notice(check, mend, format string, args ...any) {
	e.add(check, Notice, fmt.Sprintf(format, args...), mend)
}

// skip tells that something was not looked at, and why.
func (e *examiner) skip(check, format string, args ...any) {
	e.add(check, NotChecked, fmt.Sprintf(format, args...), "")
}

// What the checks ask for.
const (
	leastFree     = 10 // percent of the disk
	copyFresh     = 24 * time.Hour
	backupFresh   = 24 * time.Hour
	runTime       = 2 * time.Hour // how long a daily run may be late
	copyLife      = 30 * 24 * time.Hour
	clockForward  = 24 * time.Hour
	clockBack     = time.Minute
	checkpointDue = 2 * time.Hour
	witnessDue    = 26 * time.Hour
	certificateIn = 21 * 24 * time.Hour
)

func (e *examiner) folder() {
	const check = "data folder"
	d := e.f.Folder
	switch {
	case d == nil:
		return // the data is in a database
	case d.Err != nil:
		e.wrong(check, "Say where the data is with --data, and run this as the user that serves.", "The data folder %s cannot be read: %v.", d.Path, d.Err)
		return
	case d.Mode.Perm()&0o077 != 0:
		e.wrong(check, fmt.Sprintf("Run: chmod 700 %s", d.Path), "Others on this machine can look into the data folder %s (%v).", d.Path, d.Mode.Perm())
	case !d.Ours:
		e.wrong(check, fmt.Sprintf("Run this as the user that serves, or give that user the folder: chown -R USER %s", d.Path), "The data folder %s belongs to another user than the one who asks.", d.Path)
	case d.Foreign != "":
		e.wrong(check, fmt.Sprintf("Give it back to the user that serves: chown -R USER %s", d.Path), "The file %s belongs to another user, so the server may fail to write it.", d.Foreign)
	default:
		e.ok(check, "Only the user that serves can look into %s.", d.Path)
	}
}

func (e *examiner) disk() {
	const check = "disk"
	d := e.f.Folder
	switch {
	case d == nil || d.Err != nil:
		return
	case d.Total == 0:
		e.skip(check, "How much room is left on the disk of %s is not known.", d.Path)
		return
	}
	percent := d.Free / max(d.Total/100, 1)
	if percent < leastFree {
		e.wrong(check, "Make room, or move the data to a larger disk. When the disk is full, nothing more is saved.", "Only %d %% of the disk of %s is free.", percent, d.Path)
		return
	}
	e.ok(check, "%d %% of the disk of %s is free.", min(percent, 100), d.Path)
}

func (e *examiner) key() {
	const check = "installation key"
	k := e.f.Key
	switch {
	case k == nil:
		e.skip(check, "The installation's key was not looked at.")
	case k.Err != nil:
		e.wrong(check, "Put the key back from your copy, or restore it from two recovery shares: roundtable key recover", "The installation's key cannot be used: %v.", k.Err)
	case k.Inside:
		e.wrong(check, "Move it elsewhere and say where with --key.", "The installation's key %s is inside the data folder, so that each copy of the folder can be opened.", k.Path)
	case !k.Credential && k.Mode.Perm()&0o077 != 0:
		e.wrong(check, fmt.Sprintf("Run: chmod 600 %s", k.Path), "Others on this machine can read the installation's key %s (%v).", k.Path, k.Mode.Perm())
	default:
		e.ok(check, "The installation's key is in %s, apart from the data.", k.Path)
	}
}

func (e *examiner) form() {
	const check = "database form"
	f := e.f.Form
	switch {
	case f == nil:
		e.skip(check, "The database's form was not looked at.")
	case f.Err != nil:
		e.wrong(check, "See whether the database can be reached.", "The database cannot be asked of which form it is: %v.", f.Err)
	case f.Have > f.Want:
		e.wrong(check, "Use the newer program.", "The database is of form %d, which is newer than this program (%d).", f.Have, f.Want)
	case f.Have < f.Want:
		mend := "Start roundtable serve of this version: it brings the data to the newest form."
		if e.f.Folder == nil {
			mend = "Run roundtable migrate as the database's owner."
		}
		e.wrong(check, mend, "The database is of form %d and this program needs form %d.", f.Have, f.Want)
	default:
		e.ok(check, "The database is of the form that this program needs (%d).", f.Have)
	}
}

func (e *examiner) postgres() {
	const check = "PostgreSQL"
	switch p := e.f.Postgres; {
	case p == nil:
	case p.Err != nil:
		e.wrong(check, "Change what the sentence names, then start Roundtable again.", "The database is not fit to serve: %v.", p.Err)
	default:
		e.ok(check, "The database keeps what was acknowledged, and the role that serves owns nothing.")
	}
}

func (e *examiner) keyring() {
	const check = "keyring"
	k := e.f.Keyring
	switch {
	case k == nil:
		e.skip(check, "The keyring was not looked at, since the key could not be used.")
	case k.Err != nil:
		e.wrong(check, "Restore the keyring from its newest copy: roundtable restore", "The keyring does not open: %v.", k.Err)
	case k.Keyless > 0:
		e.wrong(check, "Find out what happened to the keyring before the next backup: its newest copy may have them. If cases are being destroyed at this moment, look again in a minute.",
			"%d cases or accounts have no key in the keyring, so nobody can read them.", k.Keyless)
	case k.Orphans > 5 && k.Orphans > k.Keys/20:
		e.wrong(check, "Find the newer database. If an older one was restored on purpose, run roundtable restore as its manual says.",
			"%d of %d keys belong to nothing: the database seems to be older than the keyring.", k.Orphans, k.Keys)
	default:
		e.ok(check, "The keyring opens with the key, and everything has its own.")
	}
}

func (e *examiner) copies() {
	const check = "keyring copies"
	c := e.f.Copies
	switch {
	case c == nil:
		e.skip(check, "The keyring's copies were not looked at; say where they are with --keyring-to.")
	case c.Err != nil:
		e.wrong(check, "See whether the folder is there and can be read.", "The copies of the keyring in %s cannot be looked at: %v.", c.Path, c.Err)
	case c.Count == 0:
		e.wrong(check, "Run roundtable backup once a day.", "There is no copy of the keyring in %s. If the keyring is lost, everything is.", c.Path)
	case e.f.Now.Sub(c.Oldest) >= copyLife+24*time.Hour:
		e.wrong(check, "Run roundtable backup, which removes it, and see why it stopped. Copies elsewhere, such as in another backup program, must go as well.",
			"A copy of the keyring in %s is of %s: it may still open what was destroyed since, and none may live longer than 30 days.", c.Path, c.Oldest.Format(time.DateOnly))
	case e.f.Now.Sub(c.Newest) >= 2*copyFresh+runTime:
		e.wrong(check, "Run roundtable backup once a day, and see why it stopped.", "The newest copy of the keyring in %s is of %s. Cases that were begun since would be lost with the keyring.", c.Path, c.Newest.Format(time.DateOnly))
	default:
		e.ok(check, "The newest copy of the keyring is of %s.", c.Newest.Format(time.DateOnly))
	}
}

func (e *examiner) backup() {
	const check = "backup"
	const mend = "Run roundtable backup once a day, from a timer."
	b := e.f.Backup
	switch {
	case b == nil:
		e.skip(check, "When the last backup was made was not looked at.")
	case b.Err != nil:
		e.skip(check, "When the last backup was made is not known: %v.", b.Err)
	case b.Last.IsZero():
		e.wrong(check, mend, "There has never been a backup that was checked.")
	case e.f.Now.Sub(b.Last) > backupFresh+runTime:
		e.wrong(check, mend+" See why it stopped.", "The last backup that was checked is of %s.", b.Last.UTC().Format(time.DateTime))
	default:
		e.ok(check, "The last backup was made and checked on %s.", b.Last.UTC().Format(time.DateTime))
	}
}

func (e *examiner) clock() {
	const check = "clock"
	var last time.Time
	for _, l := range e.f.Ledgers {
		for _, at := range []time.Time{l.Last, l.Checkpoint} {
			if at.After(last) {
				last = at
			}
		}
	}
	gone := e.f.Now.Sub(last)
	now := e.f.Now.UTC().Format(time.DateTime)
	switch {
	case last.IsZero():
		e.skip(check, "There is no entry in a ledger that the clock could be compared with.")
	case gone < -clockBack:
		e.wrong(check, "Set this machine's clock right, and let it follow a time server. Until then times in the ledger do not rise.",
			"The clock shows %s, which is before the ledger's newest entry of %s.", now, last.UTC().Format(time.DateTime))
	case gone > clockForward && e.f.Serving:
		e.wrong(check, "If the clock is wrong, set it right before anything is destroyed by its date. If the server was off meanwhile, all is well.",
			"The clock shows %s, more than a day after the ledger's newest entry of %s.", now, last.UTC().Format(time.DateTime))
	case gone > clockForward:
		e.notice(check, "If it was not off, set this machine's clock right.", "The clock shows %s, and the ledger's newest entry is of %s: the server was off meanwhile, or the clock is wrong.", now, last.UTC().Format(time.DateTime))
	default:
		e.ok(check, "The clock goes on from the ledger's newest entry.")
	}
}

func (e *examiner) ledgers() {
	const check = "ledger"
	if len(e.f.Ledgers) == 0 {
		e.skip(check, "There is no ledger yet, or none could be read.")
	}
	for _, l := range e.f.Ledgers {
		switch {
		case l.Err != nil:
			e.wrong(check, "See what roundtable ledger verify says.", "The ledger of %s cannot be read: %v.", l.Name, l.Err)
		case l.Problem != "":
			e.wrong(check, "Stop using it as proof. Keep the data as it is, and restore the newest backup whose ledger verifies.", "The ledger of %s is not true: %s", l.Name, l.Problem)
		default:
			e.ok(check, "The ledger of %s verifies, and its stored tree is that of its leaves.", l.Name)
		}
	}
}

func (e *examiner) checkpoints() {
	const check = "checkpoints"
	if !e.f.Serving {
		return
	}
	for _, l := range e.f.Ledgers {
		if l.Err == nil && e.f.Now.Sub(l.Checkpoint) > checkpointDue {
			at := "never"
			if !l.Checkpoint.IsZero() {
				at = l.Checkpoint.UTC().Format(time.DateTime)
			}
			e.wrong(check, "See in the server's log why its hourly work does not run.", "The ledger of %s was signed last: %s. While Roundtable serves it is signed every hour.", l.Name, at)
		}
	}
}

func (e *examiner) witnesses() {
	const check = "witness"
	for _, l := range e.f.Ledgers {
		at := "never"
		if !l.Witnessed.IsZero() {
			at = "on " + l.Witnessed.UTC().Format(time.DateTime)
		}
		switch {
		case l.Err != nil || l.Witness == "":
		case l.Trouble != "":
			e.wrong(check, "The page of the log says what it means and whom to ask.", "The witness %s of the ledger of %s signed last: %s. Now: %s.", l.Witness, l.Name, at, l.Trouble)
		case e.f.Serving && e.f.Now.Sub(l.Witnessed) > witnessDue:
			e.wrong(check, "See in the server's log why its hourly work does not run.", "The witness %s of the ledger of %s signed last: %s. While Roundtable serves it is asked every hour.", l.Witness, l.Name, at)
		default:
			e.ok(check, "The witness %s signed the ledger of %s last: %s.", l.Witness, l.Name, at)
		}
	}
}

func (e *examiner) sending() {
	s := e.f.Sending
	if s == nil {
		e.skip("sending", "How people are reached was not looked at.")
		return
	}
	switch {
	case s.MailErr != nil:
		e.wrong("mail", "Change what the sentence names, in the flags or the file that serve reads too.", "Mail cannot be sent through %s: %v.", cmp.Or(s.Mail, "the mail server"), s.MailErr)
	case s.Mail == "":
		e.notice("mail", "Set a mail server up with --mail-server and --mail-from.", "No mail is set up: alerts, invitations and checkpoints are not mailed.")
	default:
		e.ok("mail", "The mail server %s lets us in. No mail was sent.", s.Mail)
	}
	e.channel("text messages", "--sms-url and --sms-secret-file", s.SMS, s.SMSErr)
	e.channel("pushes", "--push-contact", s.Push, s.PushErr)
}

// channel tells of a way that cannot be tried without sending something.
func (e *examiner) channel(check, flags, via string, err error) {
	switch {
	case err != nil:
		e.wrong(check, "Change what the sentence names, in the flags or the file that serve reads too.", "This way of alerting cannot be used: %v.", err)
	case via == "":
		e.notice(check, "If you want them, set them up with "+flags+".", "This way of alerting is not set up.")
	default:
		e.skip(check, "This way of alerting is set up, through %s. A test call on the phone tree's page shows whether it arrives.", via)
	}
}

func (e *examiner) address() {
	const check = "address"
	a := e.f.Address
	switch {
	case a == nil:
		e.skip(check, "The address was not looked at.")
		return
	case a.Err != nil:
		e.skip(check, "The address is not known: %v.", a.Err)
		return
	case a.Origin == "":
		e.notice(check, "Open Roundtable in a browser and set it up.", "Roundtable is not set up yet, so it has no address.")
		return
	}
	if len(a.Off) == 0 {
		e.ok(check, "Desks reach Roundtable at %s, and everything works there.", a.Origin)
	}
	for _, off := range a.Off {
		e.notice(check, "For all of it, give the server a name with a certificate for TLS.", "At %s: %s", a.Origin, off)
	}
	e.plannedAddress(check)
}

// plannedAddress warns before a name is changed: what hangs on it does not move.
func (e *examiner) plannedAddress(check string) {
	a := e.f.Address
	if a.Planned == "" || a.Planned == a.Origin {
		return
	}
	if a.Devices+a.Passkeys == 0 {
		e.ok(check, "The address can be changed from %s to %s: no device and no passkey hangs on it.", a.Origin, a.Planned)
		return
	}
	e.wrong(check, "Keep the old name working until all devices are enrolled anew and everybody has another way to sign in. What a desk has not sent yet is lost with the old name: see first that nothing waits.",
		"If the address is changed from %s to %s, %d enrolled devices have to be enrolled anew, and %d passkeys stop working.", a.Origin, a.Planned, a.Devices, a.Passkeys)
}

func (e *examiner) certificate() {
	const check = "certificate"
	const mend = "Renew it; the server reads the new file by itself."
	c := e.f.Cert
	switch {
	case c == nil:
	case c.Err != nil:
		e.wrong(check, "Give the file with the server's certificate, in PEM.", "The certificate %s cannot be read: %v.", c.Path, c.Err)
	case e.f.Now.Before(c.From):
		e.wrong(check, "See whether the clock is right.", "The certificate %s begins only on %s.", c.Path, c.From.UTC().Format(time.DateTime))
	case !e.f.Now.Before(c.Until):
		e.wrong(check, mend, "The certificate %s ended on %s: browsers refuse the address.", c.Path, c.Until.UTC().Format(time.DateTime))
	case !c.FitsName:
		e.wrong(check, "Get one for the name that desks use.", "The certificate %s is not for the name that desks use.", c.Path)
	case c.Until.Sub(e.f.Now) < certificateIn:
		e.wrong(check, mend, "The certificate %s ends on %s, in %d days.", c.Path, c.Until.UTC().Format(time.DateOnly), int(c.Until.Sub(e.f.Now).Hours()/24))
	default:
		e.ok(check, "The certificate is good until %s.", c.Until.UTC().Format(time.DateOnly))
	}
}

func (e *examiner) libraries() {
	for _, l := range e.f.Library {
		before := len(e.found)
		if l.Directors == 0 {
			e.wrong("roles", "Let an admin give that role, for the whole library and with no end set.", "%s has no director, so nobody answers for it.", l.Name)
		}
		if l.Admins+l.AdminsOfAll == 0 {
			e.wrong("roles", "Let the director give that role, for the whole library and with no end set.", "%s has no admin, so nobody can mend accounts and devices.", l.Name)
		}
		switch {
		case l.InCharge == 0:
			e.wrong("roles", "Give the role of person in charge to whoever is in charge of a branch.", "%s has nobody who can be in charge, so calls for the person in charge reach nobody.", l.Name)
		case l.OnDuty < len(l.Branches):
			e.notice("roles", "Say on the people page who is in charge now.", "At %d of %d branches of %s nobody is in charge at this moment.", len(l.Branches)-l.OnDuty, len(l.Branches), l.Name)
		}
		for _, b := range l.Branches {
			if len(b.Missing) > 0 {
				e.wrong("numbers", "Add them to the phone tree, for this branch or for all.", "%s, %s: playbooks call these, and there is no number: %s.", l.Name, b.Name, strings.Join(b.Missing, ", "))
			}
		}
		if len(e.found) == before {
			e.ok("roles", "%s has its director, an admin and somebody in charge, and a number for each call.", cmp.Or(l.Name, "The library"))
		}
	}
}
