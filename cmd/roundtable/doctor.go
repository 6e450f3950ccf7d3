package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/doctor"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/ledger"
	"roundtable/playbook/automaton"
)

type doctorCmd struct {
	place     `embed:""`
	sending   `embed:""`
	KeyringTo string `placeholder:"FOLDER" help:"Where the keyring's copies are."`
	Serving   bool   `help:"A server should be running: see whether its hourly work is done."`
	Address   string `placeholder:"URL" help:"An address that you think of changing to: see what hangs on the one of now."`
	Cert      string `placeholder:"FILE" env:"ROUNDTABLE_CERT" help:"The server's certificate, in PEM."`
	JSON      bool   `name:"json" help:"Print one JSON object."`
}

// Help is the manual page's text.
func (doctorCmd) Help() string {
	return `Looks at everything that an installation needs and says, of each thing that is wrong, how to mend it: who may read the data and the key, room on the disk, the keyring and its copies, backups, the database, the clock, the ledgers, the address, the certificate, roles and telephone numbers. It signs in at the mail server, if one is set up. It changes nothing, sends nothing, and may run beside the server, as the user that serves.

What could not be looked at is told as not checked.

With --json it prints {"ok": …, "findings": [{"check", "level", "what", "mend"}]}; a level is ok, notice, wrong or not-checked.

The exit status is 0 when nothing is wrong, and 1 when something is.

Examples:
  roundtable doctor --keyring-to /elsewhere/roundtable-keyring --serving
  roundtable doctor --address https://desk.library.example`
}

// Run examines.
func (c *doctorCmd) Run(e *env) error {
	if err := c.settle(); err != nil {
		return err
	}
	file, beside, err := c.config()
	if err != nil {
		return usageError{err}
	}
	c.Cert = cmp.Or(c.Cert, beside(file.Cert))
	c.sending.fill(file, beside)
	if c.Address != "" {
		at, err := app.CheckAddress(c.Address)
		if err != nil {
			return usageError{fmt.Errorf("%s is not an address such as https://desk.library.example", c.Address)}
		}
		c.Address = at.Origin
	}
	findings := doctor.Examine(c.look(e))
	write := doctor.Text
	if c.JSON {
		write = doctor.JSON
	}
	if err := write(e.stdout, findings); err != nil {
		return err
	}
	return wrongUnless(doctor.Well(findings))
}

// look gathers facts. What fails is a fact too.
func (c *doctorCmd) look(e *env) doctor.Facts {
	f := doctor.Facts{Now: e.now(), Serving: c.Serving, Form: &doctor.Form{Want: store.Form()}}
	if c.Database == "" {
		f.Folder = doctor.LookAtFolder(c.Data)
		f.Form.Have, f.Form.Err = store.FormOfSQLite(e.ctx, c.Data)
		if errors.Is(f.Form.Err, fs.ErrNotExist) {
			f.Form.Err = fmt.Errorf("there is no installation in %s", c.Data)
		}
	} else {
		f.Form.Have, f.Form.Err = store.FormOfPostgres(e.ctx, c.Database)
	}
	if c.KeyringTo != "" {
		f.Copies = lookAtCopies(c.KeyringTo)
	}
	f.Sending = c.lookAtSending(e)
	key, keyFact := c.lookAtKey()
	f.Key = keyFact
	if f.Form.Err != nil || f.Form.Have != f.Form.Want {
		return f
	}
	s, err := c.openStore(e.ctx)
	if c.Database != "" {
		f.Postgres = &doctor.Postgres{Err: err}
	}
	if err != nil {
		f.Form.Err = err
		return f
	}
	defer s.Close()
	c.lookAtData(e.ctx, &f, s)
	if keyFact.Err == nil {
		c.lookAtKeyring(e, &f, s, key)
	}
	return f
}

// lookAtSending tries the mail server; the other ways cannot be tried without
// sending something.
func (c *doctorCmd) lookAtSending(e *env) *doctor.Sending {
	found := &doctor.Sending{Mail: c.MailServer, Push: c.PushContact}
	m, err := c.mailer(e.now)
	if found.MailErr = err; err == nil && m != nil {
		_, found.MailErr = m.Check(e.ctx)
	}
	_, found.SMSErr = c.gateway()
	if u, err := url.Parse(c.SMSURL); err == nil {
		found.SMS = u.Host // what stands behind it may be a secret
	}
	found.PushErr = c.checkPush()
	return found
}

func (c *doctorCmd) lookAtKey() (key vault.InstallationKey, k *doctor.KeyFile) {
	k = &doctor.KeyFile{}
	if k.Path, k.Err = c.keyFile(); k.Err != nil {
		return key, k
	}
	given, ok := credential(credentialKey)
	k.Credential = ok && given == k.Path
	if c.Data != "" {
		if k.Inside, k.Err = isInside(k.Path, c.Data); k.Err != nil {
			return key, k
		}
	}
	if k.Mode, k.Err = doctor.LookAtFile(k.Path); k.Err != nil {
		k.Err = fmt.Errorf("%s: %w", k.Path, k.Err)
		return key, k
	}
	key, k.Err = c.readKey(k.Path)
	return key, k
}

func lookAtCopies(path string) *doctor.Copies {
	found := &doctor.Copies{Path: path}
	days, err := keyring.CopyDays(path)
	if err != nil {
		found.Err = err
		return found
	}
	if found.Count = len(days); found.Count > 0 {
		found.Oldest, found.Newest = days[0], days[len(days)-1]
	}
	return found
}

// lookAtData looks at what can be seen without keys.
func (c *doctorCmd) lookAtData(ctx context.Context, f *doctor.Facts, s *store.Store) {
	names := map[people.LibraryID]string{people.Installation: "the installation"}
	var libraries []store.Library
	var adminsOfAll int
	err := s.Read(ctx, people.Installation, func(t *store.Tx) (err error) {
		if libraries, err = t.Libraries(ctx); err != nil {
			return err
		}
		all, err := t.MembershipsAt(ctx, people.Installation)
		adminsOfAll = count(all, people.Admin, people.Installation, f.Now)
		return err
	})
	if err != nil {
		f.Ledgers = append(f.Ledgers, doctor.Ledger{Name: names[people.Installation], Err: err})
		return
	}
	ids := []people.LibraryID{people.Installation}
	for _, l := range libraries {
		names[l.ID] = l.Name
		if l.Ready {
			ids = append(ids, l.ID)
		}
	}
	for _, id := range ids {
		f.Ledgers = append(f.Ledgers, lookAtLedger(ctx, s, id, names[id]))
	}
	for _, l := range libraries {
		if !l.Ready {
			continue
		}
		of, err := lookAtLibrary(ctx, s, l, f.Now)
		if err != nil {
			f.Ledgers = append(f.Ledgers, doctor.Ledger{Name: l.Name, Err: err})
			continue
		}
		of.AdminsOfAll = adminsOfAll
		f.Library = append(f.Library, of)
	}
}

func lookAtLedger(ctx context.Context, s *store.Store, id people.LibraryID, name string) doctor.Ledger {
	l := doctor.Ledger{Name: name}
	l.Err = s.Read(ctx, id, func(t *store.Tx) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		key := settings[settingLedgerKey]
		w := app.WitnessOf(settings)
		l.Witness, l.Witnessed, l.Trouble = w.Name, w.Seen, w.Trouble.Words()
		size, err := t.Ledger().Size(ctx)
		if err != nil {
			return err
		}
		newest, err := t.Ledger().Newest(ctx, size, 1)
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			if entry, err := ledger.ParseEntry(newest[0].Text); err == nil {
				l.Last = entry.At
			}
		}
		report, err := verifyLedger(ctx, t, key, ledger.Options{})
		if err != nil {
			return err
		}
		l.Checkpoint = report.ProvedAt
		if !report.OK() {
			l.Problem = report.Problems[0].String()
		} else if err := ledger.CheckStored(ctx, t.Ledger()); err != nil {
			l.Problem = err.Error()
		}
		return nil
	})
	return l
}

func count(all []people.Membership, role people.Role, library people.LibraryID, now time.Time) int {
	n := 0
	for _, m := range all {
		if m.Role == role && m.Until.IsZero() && m.Covers(library, "") && m.Holds(now) {
			n++
		}
	}
	return n
}

func lookAtLibrary(ctx context.Context, s *store.Store, l store.Library, now time.Time) (of doctor.Library, err error) {
	of.Name = l.Name
	err = s.Read(ctx, people.Installation, func(t *store.Tx) error {
		all, err := t.MembershipsAt(ctx, l.ID)
		of.Directors, of.Admins = count(all, people.Director, l.ID, now), count(all, people.Admin, l.ID, now)
		for _, m := range all {
			if m.Role == people.InCharge && m.Holds(now) {
				of.InCharge++
			}
		}
		return err
	})
	if err != nil {
		return of, err
	}
	err = s.Read(ctx, l.ID, func(t *store.Tx) error { return lookAtBranches(ctx, t, now, &of) })
	return of, err
}

func lookAtBranches(ctx context.Context, t *store.Tx, now time.Time, of *doctor.Library) error {
	called, err := calledLines(ctx, t)
	if err != nil {
		return err
	}
	branches, err := t.Branches(ctx)
	if err != nil {
		return err
	}
	lines, err := t.PhoneLines(ctx)
	if err != nil {
		return err
	}
	duties, err := t.Duties(ctx, now)
	if err != nil {
		return err
	}
	for _, b := range branches {
		if !b.Closed.IsZero() {
			continue
		}
		branch := doctor.Branch{Name: b.Name}
		for _, name := range called {
			if !slices.ContainsFunc(lines, func(l store.PhoneLine) bool {
				return l.Line == name && l.Number != "" && (l.Branch == "" || l.Branch == b.ID)
			}) {
				branch.Missing = append(branch.Missing, name)
			}
		}
		of.Branches = append(of.Branches, branch)
		if slices.ContainsFunc(duties, func(d store.Duty) bool { return d.Branch == b.ID && d.Role == people.InCharge }) {
			of.OnDuty++
		}
	}
	return nil
}

// emergency is the line that each page offers by itself.
const emergency = "emergency"

// calledLines lists whom the playbooks in use call.
func calledLines(ctx context.Context, t *store.Tx) ([]string, error) {
	adoptions, err := t.Adoptions(ctx)
	if err != nil {
		return nil, err
	}
	var called []string
	for _, a := range adoptions {
		if !a.Retired.IsZero() {
			continue
		}
		stored, err := t.Program(ctx, a.Hash)
		if err != nil {
			return nil, err
		}
		var p automaton.Program
		if err := json.Unmarshal(stored.JSON, &p); err != nil {
			return nil, fmt.Errorf("the playbook %s: %w", a.Playbook, err)
		}
		for _, fact := range p.Facts {
			if fact.Kind == automaton.Called && fact.Name != emergency && !slices.Contains(called, fact.Name) {
				called = append(called, fact.Name)
			}
		}
	}
	slices.Sort(called)
	return called, nil
}

// lookAtKeyring looks at what needs keys.
func (c *doctorCmd) lookAtKeyring(e *env, f *doctor.Facts, s *store.Store, key vault.InstallationKey) {
	f.Keyring = &doctor.Keyring{}
	ring, err := c.openKeyring(e.ctx, key, func(box vault.Box) (keyring.Keyring, error) { return keyring.ViewFile(c.keyringFolder(), box) })
	if err != nil {
		f.Keyring.Err = err
		return
	}
	defer ring.Close()
	err = withApp(e, s, ring, key, func(a *app.App) error {
		c.lookAtKeys(e.ctx, f, s, a)
		f.Backup = &doctor.Backup{}
		f.Backup.Last, f.Backup.Err = a.LastBackup(e.ctx)
		f.Address = c.lookAtAddress(e.ctx, s, a)
		if c.Cert != "" {
			f.Cert = lookAtCertificate(c.Cert, f.Address.Origin)
		}
		return nil
	})
	if err != nil {
		f.Keyring.Err = err
	}
}

func (c *doctorCmd) lookAtKeys(ctx context.Context, f *doctor.Facts, s *store.Store, a *app.App) {
	ids, err := tenantsOf(ctx, s, "")
	if err != nil {
		f.Keyring.Err = err
		return
	}
	for _, id := range ids {
		keyless, err := a.Keyless(ctx, id)
		if err == nil {
			var orphans, keys int
			orphans, keys, err = a.CountOrphans(ctx, id)
			f.Keyring.Orphans, f.Keyring.Keys = f.Keyring.Orphans+orphans, f.Keyring.Keys+keys
		}
		if err != nil {
			f.Keyring.Err = err
			return
		}
		f.Keyring.Keyless += keyless
	}
}

// passkeys is the kind of credential that hangs on the address.
const passkeys = "passkey"

func (c *doctorCmd) lookAtAddress(ctx context.Context, s *store.Store, a *app.App) *doctor.Address {
	at, err := a.Address(ctx)
	found := &doctor.Address{Origin: at.Origin, Off: at.Off, Planned: c.Address, Err: err}
	if err != nil || c.Address == "" {
		return found
	}
	found.Err = s.Read(ctx, people.Installation, func(t *store.Tx) error {
		keys, err := t.CredentialsOfKind(ctx, passkeys)
		if err != nil {
			return err
		}
		found.Passkeys = len(keys)
		libraries, err := t.Libraries(ctx)
		for _, l := range libraries {
			devices, err := t.Devices(ctx, l.ID)
			if err != nil {
				return err
			}
			for _, d := range devices {
				if d.Revoked.IsZero() {
					found.Devices++
				}
			}
		}
		return err
	})
	return found
}

func lookAtCertificate(path, origin string) *doctor.Certificate {
	found := &doctor.Certificate{Path: path}
	text, err := readSmall(path, 1<<20)
	if err != nil {
		found.Err = err
		return found
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		found.Err = errors.New("it holds no certificate")
		return found
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		found.Err = err
		return found
	}
	found.From, found.Until, found.FitsName = certificate.NotBefore, certificate.NotAfter, true
	if u, err := url.Parse(origin); err == nil && u.Hostname() != "" {
		found.FitsName = certificate.VerifyHostname(strings.Trim(u.Hostname(), "[]")) == nil
	}
	return found
}
