package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/mail/mailtest"
)

// notInFile are flags of serve that a configuration file does not have: the one that
// names it, and the one that has its own data.
var notInFile = []string{"help", "config", "demo"}

// serveFlags lists the flags of serve by name.
func serveFlags(t *testing.T) map[string]*kong.Flag {
	t.Helper()
	parser, err := kong.New(&cli{})
	fine(t, err)
	flags := map[string]*kong.Flag{}
	for _, node := range parser.Model.Children {
		for _, flag := range node.Flags {
			if node.Name == "serve" {
				flags[flag.Name] = flag
			}
		}
	}
	return flags
}

// TestConfigHasAllFlags: each flag of serve can stand in the file, under its name,
// and can be said in the environment; the file knows nothing else.
func TestConfigHasAllFlags(t *testing.T) {
	flags := serveFlags(t)
	var inFile []string
	of := reflect.TypeFor[configFile]()
	for i := range of.NumField() {
		inFile = append(inFile, of.Field(i).Tag.Get("yaml"))
	}
	if len(flags) < 20 {
		t.Fatalf("serve has the flags %v, want all of them", flags)
	}
	for name, flag := range flags {
		if slices.Contains(notInFile, name) {
			continue
		}
		if !slices.Contains(inFile, name) {
			t.Errorf("--%s cannot stand in the configuration file", name)
		}
		if want := "ROUNDTABLE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); len(flag.Envs) != 1 || flag.Envs[0] != want {
			t.Errorf("--%s is %v in the environment, want %s", name, flag.Envs, want)
		}
		inFile = slices.DeleteFunc(inFile, func(n string) bool { return n == name })
	}
	if len(inFile) > 0 {
		t.Errorf("the configuration file has %v, which are no flags of serve", inFile)
	}
}

// TestConfigFills: what stands in the file counts, a flag wins over it, and a path
// starts from the file's folder.
func TestConfigFills(t *testing.T) {
	dir := t.TempDir()
	paths := []string{"data", "key", "passphrase-file", "cert", "cert-key", "mail-password-file", "sms-secret-file", "sms-receipt-file", "ca"}
	for name, flag := range serveFlags(t) {
		if slices.Contains(notInFile, name) {
			continue
		}
		text := name + ": from-file\n"
		kind := flag.Target.Kind()
		switch kind {
		case reflect.Slice:
			text = name + ": [from-file]\n"
		case reflect.Bool:
			text = name + ": true\n"
		}
		switch name {
		case "database":
			text += "keyring: also\n"
		case "keyring":
			text += "database: also\n"
		}
		file := filepath.Join(dir, name+".yaml")
		fine(t, os.WriteFile(file, []byte(text), 0o600))
		parse := func(args ...string) reflect.Value {
			var c cli
			parser, err := kong.New(&c)
			fine(t, err)
			_, err = parser.Parse(append([]string{"serve", "--config", file}, args...))
			fine(t, err)
			fine(t, c.Serve.settleAll())
			fine(t, c.Serve.settle())
			for _, flag := range parser.Model.Children[0].Flags {
				if flag.Name == name {
					return flag.Target
				}
			}
			t.Fatalf("there is no --%s", name)
			return reflect.Value{}
		}
		want := "from-file"
		if slices.Contains(paths, name) {
			want = filepath.Join(dir, "from-file")
		}
		if kind == reflect.Bool {
			if !parse().Bool() {
				t.Errorf("%s in the file counts for nothing", name)
			}
			continue
		}
		if got := fmt.Sprint(parse().Interface()); strings.Trim(got, "[]") != want {
			t.Errorf("with %q in the file --%s is %q, want %q", text, name, got, want)
		}
		if name == "keyring" || name == "database" {
			continue // they go together
		}
		if got := fmt.Sprint(parse("--" + name + "=said").Interface()); strings.Trim(got, "[]") != "said" {
			t.Errorf("--%s=said is %q with %q in the file, want the flag", name, got, text)
		}
	}
}

// formOf is the form with which settings stay as they are but for who keeps the
// checkpoints.
func formOf(s app.Settings, mail string) app.SettingsForm {
	l := s.Library
	return app.SettingsForm{Library: app.LibraryForm{Name: l.Name, Place: l.Place, TimeZone: l.TimeZone, Host: l.Host}, Website: s.Website, Mail: mail}
}

// mailAt starts a mail server with TLS, and keeps its certificate in a file.
func mailAt(t *testing.T, file string) *mailtest.Server {
	t.Helper()
	cert, _ := mailtest.Certificate(t, "127.0.0.1", time.Now().AddDate(0, 1, 0))
	fine(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600))
	return mailtest.Start(t, &mailtest.Server{Cert: cert, Implicit: true, Auth: "roundtable canary-password"})
}

// TestServeSends: a server that is set up by its file alone mails the invitation
// that waits, and a checkpoint that ledger verify takes as the mail has it.
func TestServeSends(t *testing.T) {
	dir := t.TempDir()
	server := mailAt(t, filepath.Join(dir, "ca.pem"))
	p := place{Data: filepath.Join(dir, "data"), Key: filepath.Join(dir, "key")}
	in, err := openInstallation(p)
	fine(t, err)
	done, err := in.found()
	fine(t, err)
	library, _, err := in.library()
	fine(t, err)
	settings, err := in.app.Settings(t.Context(), done.Who, library)
	fine(t, err)
	fine(t, in.app.ChangeSettings(t.Context(), done.Who, library, formOf(settings, "log@county.example")))
	fine(t, in.close())
	fine(t, os.WriteFile(filepath.Join(dir, "password"), []byte("canary-password\n"), 0o600))
	config := filepath.Join(dir, "roundtable.yaml")
	fine(t, os.WriteFile(config, []byte(fmt.Sprintf("data: data\nkey: key\naddr: 127.0.0.1:0\nmail-server: 127.0.0.1:%d\nmail-from: roundtable@elm.example\nmail-tls: implicit\nmail-user: roundtable\nmail-password-file: password\nca: ca.pem\n", server.Port())), 0o600))

	ctx, stop := context.WithCancel(t.Context())
	var out, said apptest.Text
	ended := make(chan int)
	go func() {
		ended <- run(&env{ctx: ctx, stdin: strings.NewReader(""), stdout: &out, stderr: &said, now: time.Now}, []string{"serve", "--config", config})
	}()
	deadline := time.Now().Add(30 * time.Second)
	for len(server.Letters()) < 2 && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Fatalf("serve = %d\n%s%s", code, out.String(), said.String())
	}
	letters := server.Letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters came, want an invitation and a checkpoint\n%s", len(letters), said.String())
	}
	slices.SortFunc(letters, func(a, b mailtest.Letter) int { return strings.Compare(a.To, b.To) })
	body, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(letters[0].Body)))
	fine(t, err)
	if !strings.Contains(letters[0].To, "amir@elm.example") || !strings.Contains(string(body), "https://desk.elm.example/invite/"+done.Other.Secret) || !letters[0].TLS {
		t.Errorf("the first letter goes to %s: %q", letters[0].To, body)
	}
	if strings.Contains(said.String(), "canary") || strings.Contains(said.String(), "elm.example") {
		t.Errorf("the log tells an address or the password: %s", said.String())
	}
	kept := filepath.Join(dir, "kept.eml")
	fine(t, os.WriteFile(kept, []byte(letters[1].Raw), 0o600))
	wantCall(t, time.Now(), 0, "Proved by a checkpoint kept elsewhere", "ledger", "verify", "--config", config, "--library", string(library), "--checkpoint", kept)
	// The same in a file of several mails, as mail programs keep them.
	mbox := filepath.Join(dir, "mbox")
	fine(t, os.WriteFile(mbox, []byte("From x Wed Nov 25 12:00:00 2026\r\n"+letters[0].Raw+"\r\nFrom y Wed Nov 25 12:00:00 2026\r\n"+letters[1].Raw), 0o600))
	wantCall(t, time.Now(), 0, "Proved by a checkpoint kept elsewhere", "ledger", "verify", "--config", config, "--library", string(library), "--checkpoint", mbox)
}

// TestKeptTexts: what a mail was wrapped in for its way is undone; what is no mail
// stays as it is.
func TestKeptTexts(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a checkpoint", "roundtable/x\n1\n", "roundtable/x\n1\n"},
		{"quoted-printable", "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E2=80=94 x =\r\ny\r\n", "— x y\r\n"},
		{"base64", "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n4oCUIHggeQo=\r\n", "— x y\n"},
		{"as it is", "From: a@b.example\r\n\r\n— x y\r\n", "— x y\r\n"},
		{"forwarded in parts", "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=Q\r\n\r\n--Q\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--Q\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n4oCUIHggeQo=\r\n--Q--\r\n", "— x y\n"},
		{"a mail in a mail", "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=Q\r\n\r\n--Q\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n4oCUIHggeQo=\r\n\r\n--Q--\r\n", "— x y\n"},
		{"several in one file", "From a\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n4oCUIHggeQo=\n\nFrom b\nFrom: c@d.example\n\nz\n", "z\n"},
	} {
		if got := string(keptText([]byte(c.in))); !strings.Contains(got, c.want) {
			t.Errorf("%s: keptText = %q, want %q in it", c.name, got, c.want)
		}
	}
}

func FuzzKeptText(f *testing.F) {
	f.Add([]byte("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=Q\r\n\r\n--Q\r\n\r\nx\r\n--Q--\r\n"))
	f.Add([]byte("From a\n\nFrom b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if got := keptText(text); len(got) > 3*len(text)+64 {
			t.Errorf("keptText of %d bytes has %d", len(text), len(got))
		}
	})
}

// TestVerifyWitness: whoever verifies the data is told what its witness has seen.
func TestVerifyWitness(t *testing.T) {
	p := place{Data: filepath.Join(t.TempDir(), "data"), Key: filepath.Join(t.TempDir(), "key")}
	in, err := openInstallation(p)
	fine(t, err)
	done, err := in.found()
	fine(t, err)
	c, err := in.app.Checkpoint(t.Context(), done.Who, done.Library)
	fine(t, err)
	witness := apptest.StartWitness(t, c.PublicKey, in.clock)
	hub, err := newHub(in.key, in.clock)
	fine(t, err)
	defer hub.Close()
	in.app, err = newAppOf(app.Options{Store: in.store, Ring: in.ring, Key: in.key, Live: hub, Now: in.clock, Log: slog.New(slog.DiscardHandler), Calls: witness.Client()})
	fine(t, err)
	fine(t, in.app.ChangeWitness(t.Context(), done.Who, done.Library, app.WitnessForm{URL: witness.URL, Key: witness.Key}))
	fine(t, in.walks(1))
	_, err = in.sign()
	fine(t, err)
	library := string(done.Library)
	out := wantCall(t, in.now, 0, "Seen by the witness witness.county.example/w1 on ", "ledger", "verify", "--data", p.Data, "--library", library)
	if !strings.Contains(out, "The public key of the witness witness.county.example/w1 was taken from the data itself: "+witness.Key) || strings.Contains(out, "Not checked") {
		t.Errorf("ledger verify says\n%s\nwant that the key of the witness is the data's", out)
	}
	out = wantCall(t, in.now, 0, "Seen by the witness", "ledger", "verify", "--data", p.Data, "--library", library, "--witness", witness.Key)
	if strings.Contains(out, "of the witness witness.county.example/w1 was taken") {
		t.Errorf("given the key of the witness, ledger verify says\n%s", out)
	}
	wantCall(t, in.now, 1, "The witness witness.county.example/w1 signed the ledger of Elm Street Library last: on ", "doctor", "--data", p.Data, "--key", p.Key)
	fine(t, in.close())
}
