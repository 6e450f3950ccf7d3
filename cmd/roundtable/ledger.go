package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"roundtable/internal/app"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// ledgerCmd is about the ledger: what cannot be rewritten unnoticed.
type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Find out whether a ledger was changed, cut or written anew."`
	Export ledgerExportCmd `cmd:"" help:"Write a ledger to a file that anybody can verify."`
	Prove  ledgerProveCmd  `cmd:"" help:"Make a proof that one entry is in a ledger."`
	Proof  ledgerProofCmd  `cmd:"" help:"Check such a proof."`
}

// dataFlags say where data is, for commands that need no key.
type dataFlags struct {
	Config   string `placeholder:"FILE" env:"ROUNDTABLE_CONFIG" help:"Read data and database from a YAML file."`
	Data     string `placeholder:"FOLDER" env:"ROUNDTABLE_DATA" help:"The folder with the data; roundtable-data in this folder when nothing is said."`
	Database string `placeholder:"URL" env:"ROUNDTABLE_DATABASE" help:"The PostgreSQL database with the data, as the role that serves."`
}

func (d dataFlags) open(ctx context.Context) (*store.Store, error) {
	p := place{Config: d.Config, Data: d.Data, Database: d.Database}
	return p.openData(ctx)
}

// settingLedgerKey is where a tenant keeps its ledger's public key.
const settingLedgerKey = "ledger.public-key"

type ledgerVerifyCmd struct {
	dataFlags  `embed:""`
	File       string   `arg:"" optional:"" help:"An exported ledger, instead of the data: nothing else is needed then but its public key."`
	Key        string   `placeholder:"PUBLIC" help:"The ledger's public key, as it stands on printed records: the text or a file that holds it."`
	Checkpoint []string `placeholder:"FILE" help:"A file that holds one checkpoint or several, kept elsewhere, such as a saved mail. May be given more than once."`
	Witness    []string `placeholder:"PUBLIC" help:"The public key of a witness, beside the one that the data names. May be given more than once."`
	Library    string   `placeholder:"ID" help:"One library's ledger, or installation. All of them when nothing is said."`
}

// Help is the manual page's text.
func (ledgerVerifyCmd) Help() string {
	return `Finds any change, removal, addition, move or cut before the last signed checkpoint, from the ledger and its public key alone. That a ledger was cut back to an earlier state, or written anew by whoever holds its signing key, is found only with a checkpoint that was kept elsewhere: in a mail, on a printed record, by a witness. The report says which of the two was proved.

Without --key the public key is taken from the data itself, and the report says so: whoever can write there could have changed both.

In the data, the hashes of the stored tree are checked too. Nothing is changed, and the server may be running.

The exit status is 0 when all is well, 1 when something is wrong, 2 when something cannot be read.

Examples:
  roundtable ledger verify
  roundtable ledger verify --data /srv/roundtable --checkpoint november.eml
  roundtable ledger verify ledger.txt --key key.txt`
}

// Run verifies.
func (c *ledgerVerifyCmd) Run(e *env) error {
	kept, err := readAll(c.Checkpoint)
	if err != nil {
		return err
	}
	key, err := keyText(c.Key)
	if err != nil {
		return err
	}
	if c.File != "" {
		return c.verifyFile(e, key, kept)
	}
	s, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return c.verifyStore(e, s, key, kept)
}

func (c *ledgerVerifyCmd) verifyFile(e *env, key string, kept [][]byte) error {
	switch {
	case key == "":
		return usageError{errors.New("a file is verified against the ledger's public key: give it with --key")}
	case c.Data != "" || c.Database != "" || c.Library != "":
		return usageError{errors.New("verify a file, or what is in --data or --database; not both at once")}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	report, err := ledger.Verify(f, key, ledger.Options{Kept: kept, Witnesses: c.Witness})
	if err != nil {
		return usageError{err}
	}
	fmt.Fprint(e.stdout, report)
	return wrongUnless(report.OK())
}

func wrongUnless(ok bool) error {
	if ok {
		return nil
	}
	return errWrong
}

// verifyStore verifies the ledgers of the data. A checkpoint that was kept
// elsewhere is held against the ledger whose name it bears.
func (c *ledgerVerifyCmd) verifyStore(e *env, s *store.Store, key string, kept [][]byte) error {
	ids, err := tenantsOf(e.ctx, s, c.Library)
	if err != nil {
		return err
	}
	if key != "" && len(ids) > 1 {
		return usageError{errors.New("a public key is of one ledger: say which with --library")}
	}
	good, used := true, make([]bool, len(kept))
	for i, id := range ids {
		var of [][]byte
		for k, text := range kept {
			if len(ids) == 1 || mentions(text, id) {
				of, used[k] = append(of, text), true
			}
		}
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		ok, err := c.verifyOne(e, s, id, key, of)
		if err != nil {
			return err
		}
		good = good && ok
	}
	for k, ok := range used {
		if !ok {
			fmt.Fprintf(e.stdout, "\nWRONG. %s has no checkpoint of any of these ledgers.\n", c.Checkpoint[k])
			good = false
		}
	}
	return wrongUnless(good)
}

// mentions reports whether a text holds a line that is a ledger's name, as each of
// its checkpoints begins.
func mentions(text []byte, id people.LibraryID) bool {
	for line := range bytes.Lines(text) {
		if string(bytes.TrimRight(line, "\r\n")) == app.Origin(id) {
			return true
		}
	}
	return false
}

func (c *ledgerVerifyCmd) verifyOne(e *env, s *store.Store, id people.LibraryID, key string, kept [][]byte) (good bool, err error) {
	err = s.Read(e.ctx, id, func(t *store.Tx) error {
		given := key != ""
		if !given {
			if key, err = t.Setting(e.ctx, settingLedgerKey); err != nil {
				return err
			}
		}
		settings, err := t.Settings(e.ctx)
		if err != nil {
			return err
		}
		witnesses := c.Witness
		named := app.WitnessOf(settings)
		if named.Name != "" && !slices.Contains(witnesses, named.Key) {
			witnesses = append(slices.Clone(witnesses), named.Key)
		}
		report, err := verifyLedger(e.ctx, t, key, ledger.Options{Kept: kept, Witnesses: witnesses})
		if err != nil {
			return usageError{err}
		}
		fmt.Fprint(e.stdout, report)
		if !given {
			fmt.Fprintf(e.stdout, "The public key was taken from the data itself: %s\nCompare it with the one on a printed record; whoever can write to the data could have changed both.\n", key)
		}
		if len(witnesses) > len(c.Witness) {
			fmt.Fprintf(e.stdout, "The public key of the witness %s was taken from the data itself: %s\nCompare it with the one that its keeper gives.\n", named.Name, named.Key)
		}
		good = report.OK()
		if !good {
			return nil
		}
		if err := ledger.CheckStored(e.ctx, t.Ledger()); err != nil {
			fmt.Fprintf(e.stdout, "WRONG. %v\n", err)
			good = false
			return nil
		}
		fmt.Fprintln(e.stdout, "The stored tree is that of its leaves.")
		return nil
	})
	return good, err
}

// verifyLedger exports a ledger to the verifier.
func verifyLedger(ctx context.Context, t *store.Tx, key string, o ledger.Options) (*ledger.Report, error) {
	r, w := io.Pipe()
	var report *ledger.Report
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		report, err = ledger.Verify(r, key, o)
		r.CloseWithError(errEnough) // it may have stopped before the end
	}()
	exported := ledger.Export(ctx, w, app.Origin(t.Tenant()), t.Ledger())
	w.CloseWithError(exported)
	<-done
	if exported != nil && !errors.Is(exported, errEnough) {
		return nil, exported
	}
	return report, err
}

var errEnough = errors.New("the verifier has seen enough")

// tenantsOf lists the installation and its libraries, or the one that is named.
func tenantsOf(ctx context.Context, s *store.Store, name string) ([]people.LibraryID, error) {
	var ids []people.LibraryID
	err := s.Snapshots(ctx, func(t *store.Tx) error {
		if name == "" || string(t.Tenant()) == name {
			ids = append(ids, t.Tenant())
		}
		return nil
	})
	if err == nil && len(ids) == 0 {
		err = usageError{fmt.Errorf("there is no library %q here; roundtable ledger verify names all", name)}
	}
	return ids, err
}

// oneTenant finds the library that is meant when none is named: the only one.
func oneTenant(ctx context.Context, s *store.Store, name string) (people.LibraryID, error) {
	ids, err := tenantsOf(ctx, s, name)
	if err != nil {
		return "", err
	}
	if len(ids) == 2 {
		ids = ids[1:] // the first is the installation
	}
	if len(ids) > 1 {
		var names []string
		for _, id := range ids {
			names = append(names, string(id))
		}
		return "", usageError{fmt.Errorf("there is more than one ledger here; say which with --library: %s", strings.Join(names, ", "))}
	}
	return ids[0], nil
}

// keyText reads a public key that is given as text or as a file.
func keyText(given string) (string, error) {
	if given == "" || strings.Contains(given, "+") {
		return given, nil
	}
	text, err := readSmall(given, maxKept)
	if err != nil {
		return "", usageError{err}
	}
	return strings.TrimSpace(string(text)), nil
}

// maxKept bounds a file of checkpoints, such as a mail with a year of them.
const maxKept = 64 << 20

func readAll(paths []string) ([][]byte, error) {
	var texts [][]byte
	for _, path := range paths {
		text, err := readSmall(path, maxKept)
		if err != nil {
			return nil, usageError{err}
		}
		texts = append(texts, keptText(text))
	}
	return texts, nil
}

type ledgerExportCmd struct {
	dataFlags `embed:""`
	Library   string `placeholder:"ID" help:"Whose ledger: a library's id, or installation. The only library's when nothing is said."`
	Out       string `short:"o" placeholder:"FILE" help:"Where to; the output when nothing is said."`
	PublicKey bool   `help:"Print the ledger's public key, and no ledger."`
}

// Help is the manual page's text.
func (ledgerExportCmd) Help() string {
	return `Writes a whole ledger in the form that docs/verifier reads: entries, hashes and signed checkpoints, and nothing of what the entries are about. The server may be running.

An exported ledger has another use: a restore from an older backup goes on with it, and repeats the destructions that it knows of.

Examples:
  roundtable ledger export -o ledger.txt
  roundtable ledger export --public-key > key.txt
  roundtable ledger verify ledger.txt --key key.txt`
}

// Run exports.
func (c *ledgerExportCmd) Run(e *env) error {
	s, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	id, err := oneTenant(e.ctx, s, c.Library)
	if err != nil {
		return err
	}
	return s.Read(e.ctx, id, func(t *store.Tx) error {
		if c.PublicKey {
			key, err := t.Setting(e.ctx, settingLedgerKey)
			if err == nil {
				_, err = fmt.Fprintln(e.stdout, key)
			}
			return err
		}
		if c.Out == "" {
			return ledger.Export(e.ctx, e.stdout, app.Origin(id), t.Ledger())
		}
		return writeFile(c.Out, func(w io.Writer) error { return ledger.Export(e.ctx, w, app.Origin(id), t.Ledger()) })
	})
}

// writeFile writes a new file in pieces; what fails leaves none.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return cannotWrite(name, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return cannotWrite(name, errors.Join(err, os.Remove(name)))
	}
	return nil
}

type ledgerProveCmd struct {
	dataFlags `embed:""`
	Number    int64  `arg:"" help:"The entry's number, as the ledger shows it."`
	Library   string `placeholder:"ID" help:"Whose ledger: a library's id, or installation. The only library's when nothing is said."`
	Out       string `short:"o" placeholder:"FILE" help:"Where to; the output when nothing is said."`
}

// Help is the manual page's text.
func (ledgerProveCmd) Help() string {
	return `Makes a proof that one entry is in the ledger that the newest checkpoint signs. Whoever has the proof and the ledger's public key can check it with roundtable ledger proof, and learns nothing of any other entry.

Example:
  roundtable ledger prove 42 -o entry-42.proof`
}

// Run proves.
func (c *ledgerProveCmd) Run(e *env) error {
	s, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	id, err := oneTenant(e.ctx, s, c.Library)
	if err != nil {
		return err
	}
	var proof []byte
	err = s.Read(e.ctx, id, func(t *store.Tx) error {
		proof, err = prove(e.ctx, t, c.Number)
		return err
	})
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = e.stdout.Write(proof)
		return err
	}
	return replaceFile(c.Out, proof)
}

func prove(ctx context.Context, t *store.Tx, n int64) ([]byte, error) {
	key, err := t.Setting(ctx, settingLedgerKey)
	if err != nil {
		return nil, err
	}
	signed, err := t.Ledger().LastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	if signed == nil {
		return nil, errors.New("this ledger has no checkpoint yet, so nothing can be proved; one is signed every hour")
	}
	checkpoint, _, err := ledger.OpenCheckpoint(signed, key)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= checkpoint.Size {
		return nil, usageError{fmt.Errorf("the newest checkpoint signs %d entries, numbered from 0; entry %d is not among them", checkpoint.Size, n)}
	}
	leaves, err := t.Ledger().Leaves(ctx, n, 1)
	if err != nil {
		return nil, err
	}
	if len(leaves) == 0 {
		return nil, fmt.Errorf("entry %d is not there, although a checkpoint signs it: verify the ledger", n)
	}
	return ledger.Prove(ctx, t.Ledger(), n, leaves[0], signed, key)
}

type ledgerProofCmd struct {
	File string `arg:"" help:"The proof."`
	Key  string `required:"" placeholder:"PUBLIC" help:"The ledger's public key: the text or a file that holds it."`
}

// Help is the manual page's text.
func (ledgerProofCmd) Help() string {
	return `Checks a proof that roundtable ledger prove has made, and shows its entry. No data is needed.

The exit status is 0 when the proof holds, 1 when it does not, 2 when something cannot be read.

Example:
  roundtable ledger proof entry-42.proof --key key.txt`
}

// Run checks.
func (c *ledgerProofCmd) Run(e *env) error {
	key, err := keyText(c.Key)
	if err != nil {
		return err
	}
	text, err := readSmall(c.File, 1<<20)
	if err != nil {
		return usageError{err}
	}
	p, err := ledger.CheckProof(text, key)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Proved: entry %d is in the ledger %s, among the %d that were signed on %s.\n", p.Number, p.Checkpoint.Origin, p.Checkpoint.Size, p.Checkpoint.At.Format("2 January 2006 15:04:05 UTC"))
	if p.Leaf.Text == "" {
		fmt.Fprintln(e.stdout, "Its text was dropped with age; its hash is "+p.Leaf.Hash.String()+".")
		return nil
	}
	fmt.Fprintln(e.stdout, p.Leaf.Text)
	return nil
}
