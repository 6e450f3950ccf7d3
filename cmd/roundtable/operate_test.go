package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/ledger"
)

// TestOperate runs testdata/operate/*.txtar: an installation in a folder, as whoever
// looks after it meets it. Beside the commands of TestScripts there are
//
//	installation FOLDER   set one up, with its key where it is looked for; its
//	                      recovery shares go to share-1.txt to share-3.txt
//	walks FOLDER N        begin so many walks there
//	destroy FOLDER        destroy every case there
//	sign FOLDER FILE      sign checkpoints, and write the library's to a file
//	break FOLDER FROM TO  change a text in the library's database
//	only GLOB NAME        give the one file that fits another name
//	mailserver FILE       start a mail server that knows the user roundtable by the
//	                      password canary-password; $MAIL is where, its certificate
//	                      goes to a file
func TestOperate(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/operate",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":       status,
			"installation": scripted(1, func(ts *testscript.TestScript, in *installation, _ []string) { in.setUp(ts) }),
			"walks": scripted(2, func(ts *testscript.TestScript, in *installation, args []string) {
				n, err := strconv.Atoi(args[0])
				ts.Check(err)
				ts.Check(in.walks(n))
			}),
			"destroy": scripted(1, func(ts *testscript.TestScript, in *installation, _ []string) { ts.Check(in.destroy()) }),
			"sign": scripted(2, func(ts *testscript.TestScript, in *installation, args []string) {
				note, err := in.sign()
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), note, 0o600))
			}),
			"break": scripted(3, func(ts *testscript.TestScript, in *installation, args []string) {
				ts.Check(in.change(args[0], args[1]))
			}),
			"mailserver": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) != 1 {
					ts.Fatalf("usage: mailserver FILE")
				}
				ts.Setenv("MAIL", fmt.Sprintf("127.0.0.1:%d", mailAt(t, ts.MkAbs(args[0])).Port()))
			},
			"only": func(ts *testscript.TestScript, _ bool, args []string) {
				found, err := filepath.Glob(ts.MkAbs(args[0]))
				ts.Check(err)
				if len(found) != 1 {
					ts.Fatalf("%s: %v, want one file", args[0], found)
				}
				ts.Check(os.Rename(found[0], ts.MkAbs(args[1])))
			},
		},
	})
}

func scripted(n int, do func(*testscript.TestScript, *installation, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != n {
			ts.Fatalf("this takes %d words", n)
		}
		in, err := openInstallation(place{Data: ts.MkAbs(args[0]), Key: filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "roundtable", keyName)})
		ts.Check(err)
		defer func() { ts.Check(in.close()) }()
		do(ts, in, args[1:])
	}
}

// installation is one as its server has it.
type installation struct {
	place
	ctx   context.Context
	store *store.Store
	ring  keyring.Keyring
	key   vault.InstallationKey
	app   *app.App
	now   time.Time
}

func openInstallation(p place) (*installation, error) {
	in := &installation{place: p, ctx: context.Background(), now: time.Now()}
	var err error
	// A process that another script is just starting holds, until it has started,
	// what this one had open, the keyring's lock among it.
	for range 100 {
		in.store, in.ring, in.key, err = in.openOrMake(in.ctx, io.Discard)
		if !errors.Is(err, keyring.ErrInUse) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	hub, err := newHub(in.key, in.clock)
	if err != nil {
		return nil, err
	}
	if in.app, err = newApp(in.store, in.ring, in.key, hub, in.clock, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	return in, in.app.Bootstrap(in.ctx)
}

func (in *installation) clock() time.Time { return in.now }

func (in *installation) close() error {
	if err := in.ring.Close(); err != nil {
		return err
	}
	return in.store.Close()
}

func (in *installation) setUp(ts *testscript.TestScript) {
	done, err := in.found()
	ts.Check(err)
	for _, share := range done.Shares {
		ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("share-%d.txt", share.Holder)), []byte(strings.Join(share.Words, " ")+"\n"), 0o600))
	}
}

func (in *installation) found() (app.Done, error) {
	code, err := in.app.OfferSetUp(in.ctx)
	if err != nil {
		return app.Done{}, err
	}
	return in.app.SetUp(in.ctx, code, apptest.SetUpForm())
}

// library is the only one.
func (in *installation) library() (id people.LibraryID, branch people.BranchID, err error) {
	if id, err = oneTenant(in.ctx, in.store, ""); err != nil {
		return id, branch, err
	}
	err = in.store.Read(in.ctx, id, func(t *store.Tx) error {
		branches, err := t.Branches(in.ctx)
		if err == nil {
			branch = branches[0].ID
		}
		return err
	})
	return id, branch, err
}

func (in *installation) walks(n int) error {
	library, branch, err := in.library()
	if err != nil {
		return err
	}
	device, err := people.NewID[people.DeviceID](in.now, rand.Reader)
	if err != nil {
		return err
	}
	who := app.Who{Device: &people.Device{ID: device, Library: library, Branch: branch, Name: "Desk", Enrolled: in.now.Add(-time.Hour)}, Library: library, Branch: branch}
	for range n {
		if _, err := in.app.StartWalk(in.ctx, who, app.StartForm{Playbook: "officer"}); err != nil {
			return err
		}
	}
	return nil
}

func (in *installation) cases() (library people.LibraryID, ids []store.CaseID, err error) {
	if library, _, err = in.library(); err != nil {
		return library, nil, err
	}
	err = in.store.Read(in.ctx, library, func(t *store.Tx) error {
		ids, err = t.CaseIDs(in.ctx)
		return err
	})
	return library, ids, err
}

func (in *installation) destroy() error {
	library, ids, err := in.cases()
	if err != nil {
		return err
	}
	return in.app.Destroy(in.ctx, library, "retention", ids...)
}

// sign signs checkpoints as the server does each hour.
func (in *installation) sign() (note []byte, err error) {
	library, _, err := in.library()
	if err != nil {
		return nil, err
	}
	last := func(t *store.Tx) error {
		key, err := t.Setting(in.ctx, settingLedgerKey)
		if err != nil {
			return err
		}
		if note, err = t.Ledger().LastCheckpoint(in.ctx); err != nil {
			return err
		}
		c, _, err := ledger.OpenCheckpoint(note, key)
		in.now = c.At.Add(time.Hour)
		return err
	}
	if err := in.store.Read(in.ctx, library, last); err != nil {
		return nil, err
	}
	if err := in.app.WorkOnce(in.ctx); err != nil {
		return nil, err
	}
	err = in.store.Read(in.ctx, library, last)
	in.now = in.now.Add(-time.Hour)
	return note, err
}

// change changes a text of the ledger behind everybody's back.
func (in *installation) change(from, to string) error {
	library, _, err := in.library()
	if err != nil {
		return err
	}
	path := filepath.Join(in.Data, "libraries", string(library)+".db")
	for _, name := range []string{path, path + "-wal"} {
		if err := in.store.Close(); err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil && bytes.Contains(text, []byte(from)) {
			return os.WriteFile(name, bytes.Replace(text, []byte(from), []byte(to), 1), 0o600)
		}
	}
	return fmt.Errorf("there is no %q in the library's database", from)
}

// called runs a command in this process.
func called(t *testing.T, now time.Time, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(&env{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, now: func() time.Time { return now }}, args)
	return code, stdout.String(), stderr.String()
}

func wantCall(t *testing.T, now time.Time, code int, want string, args ...string) (out string) {
	t.Helper()
	got, out, said := called(t, now, args...)
	if got != code || !strings.Contains(out+said, want) {
		t.Fatalf("roundtable %s = %d\n%s%s\nwant %d and %q", strings.Join(args, " "), got, out, said, code, want)
	}
	return out
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOperatePostgres is the life of an installation on PostgreSQL: made ready,
// set up, verified, backed up, moved to a folder and back, with the keyring on a
// cluster of its own.
func TestOperatePostgres(t *testing.T) {
	cluster, keys := pgtest.Shared(t), pgtest.SharedForgetful(t)
	owner := cluster.Database(t)
	cluster.Role(t, storetest.Role)
	data, err := pgtest.As(owner, storetest.Role)
	fine(t, err)
	name, err := pgtest.DatabaseOf(owner)
	fine(t, err)
	now := time.Now()
	wantCall(t, now, 1, "of form 0 and this program needs form", "doctor", "--database", data, "--keyring", data, "--key", "none")
	wantCall(t, now, 0, "is of form", "migrate", "--database", owner, "--role", storetest.Role)
	wantCall(t, now, 0, "already", "migrate", "--database", owner, "--role", storetest.Role)
	wantCall(t, now, 1, "", "migrate", "--database", owner, "--role", "nobody_of_that_name")

	ringURL := keys.URL(pgtest.Superuser, ringDatabase(t, keys))
	p := place{Database: data, Keyring: ringURL, Key: filepath.Join(t.TempDir(), "key")}
	// The keyring may not be on the cluster of the data, whatever that is called.
	same := p
	same.Keyring = cluster.URL(pgtest.Superuser, name)
	if _, err := openInstallation(same); err == nil || !strings.Contains(err.Error(), "same PostgreSQL cluster") {
		t.Fatalf("open with both on one cluster: %v, want a refusal", err)
	}
	in, err := openInstallation(p)
	fine(t, err)
	_, err = in.found()
	fine(t, err)
	fine(t, in.walks(3))
	_, err = in.sign()
	fine(t, err)
	fine(t, in.close())
	now = in.now

	wantCall(t, now, 0, "The stored tree is that of its leaves", "ledger", "verify", "--database", data)
	at := []string{"--database", data, "--keyring", ringURL, "--key", p.Key}
	to, ringTo := t.TempDir(), t.TempDir()
	wantCall(t, now, 0, "5 cases and accounts opened", append([]string{"backup", "--to", to, "--keyring-to", ringTo}, at...)...)
	archive := onlyFile(t, to)
	wantCall(t, now, 1, "there is data already", append([]string{"restore", "--keep-keyring", archive}, at...)...)

	// To a folder.
	folder := filepath.Join(t.TempDir(), "data")
	wantCall(t, now, 0, "Restored: what was there", "restore", "--data", folder, "--key", p.Key, "--keyring-from", ringTo, archive)
	wantCall(t, now, 0, "Proved by the file", "ledger", "verify", "--data", folder)
	to2, ringTo2 := t.TempDir(), t.TempDir()
	wantCall(t, now, 0, "5 cases and accounts opened", "backup", "--data", folder, "--key", p.Key, "--to", to2, "--keyring-to", ringTo2)

	// And back, beside a new keyring.
	back := storetest.Database(t)
	newRing := keys.URL(pgtest.Superuser, ringDatabase(t, keys))
	wantCall(t, now, 0, "Restored: what was there", "restore", "--database", back, "--keyring", newRing, "--key", p.Key, "--keyring-from", ringTo2, onlyFile(t, to2))
	again := place{Database: back, Keyring: newRing, Key: p.Key}
	in, err = openInstallation(again)
	fine(t, err)
	_, ids, err := in.cases()
	fine(t, err)
	if len(ids) != 3 {
		t.Errorf("after two moves there are %d cases, want 3", len(ids))
	}
	next := filepath.Join(t.TempDir(), "next")
	wantCall(t, now, 0, "is in", "key", "new", next)
	wantCall(t, now, 2, "stop all servers first", "key", "rotate", "--database", back, "--keyring", newRing, "--key", p.Key, next)
	fine(t, in.close())
	wantCall(t, now, 0, "is under the key", "key", "rotate", "--database", back, "--keyring", newRing, "--key", p.Key, next)
	wantCall(t, now, 0, "under this key already", "key", "rotate", "--database", back, "--keyring", newRing, "--key", p.Key, next)
	p.Key = next
	out := wantCall(t, now, 1, "", "doctor", "--database", back, "--keyring", newRing, "--key", p.Key)
	for _, want := range []string{"ok          PostgreSQL", "ok          keyring:", "ok          ledger:", "ok          database form"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor says\n%s\nwant %q in it", out, want)
		}
	}
}

// ringDatabase makes a database for a keyring on its cluster.
func ringDatabase(t *testing.T, c *pgtest.Cluster) string {
	t.Helper()
	name, err := pgtest.DatabaseOf(c.Database(t))
	fine(t, err)
	return name
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	fine(t, err)
	if len(entries) != 1 {
		t.Fatalf("%s holds %v, want one file", dir, entries)
	}
	return filepath.Join(dir, entries[0].Name())
}

// A backup is made while the server has the keyring open.
func TestBackupBeside(t *testing.T) {
	p := place{Data: filepath.Join(t.TempDir(), "data"), Key: filepath.Join(t.TempDir(), "key")}
	in, err := openInstallation(p)
	fine(t, err)
	_, err = in.found()
	fine(t, err)
	fine(t, in.walks(2))
	to, ringTo := t.TempDir(), t.TempDir()
	wantCall(t, in.now, 0, "Checked by restoring it", "backup", "--data", p.Data, "--key", p.Key, "--to", to, "--keyring-to", ringTo)
	wantCall(t, in.now, 1, "The last backup was made and checked", "doctor", "--data", p.Data, "--key", p.Key, "--json")
	if _, _, _, err := p.open(t.Context()); err == nil {
		t.Error("a second process opens the keyring as its owner")
	}
	fine(t, in.walks(1)) // the server goes on
	fine(t, in.close())
}
