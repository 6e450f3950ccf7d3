package trust

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"filippo.io/age"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/backup"
	"roundtable/internal/keyring"
	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/pgtest"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// hunted is an installation in which a canary went through every field that is
// sealed, with all places in which one could be left.
type hunted struct {
	*land
	h       *hunter
	control *hunter // knows what stands in the clear on purpose
	log     *hunter // knows what may stand in no log of the program
	dice    *mathrand.Rand
	ring    *apptest.Ring

	ringFolder             string // of the keyring's file, on SQLite
	ringCluster            *pgtest.Cluster
	to, copies, scratch    string
	temp                   string
	program                *apptest.Text // the program's log
	answers                [][]byte      // what others than whom it concerns were answered
	passwordAnswers        [][]byte      // what whoever typed a password was answered
	director, helper       app.Who
	branch                 people.BranchID
	library                people.LibraryID
	cases                  []store.CaseID
	password               string
	mail                   string
	archives               []string
	fieldsWritten, answerN int
}

// P4, P3: a canary through every sealed field, on both databases: not one lies in
// the clear anywhere, while it lives and after it was deleted. The control, which
// is kept in the clear, is found in every place by the same hunter.
func TestResidue(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { residue(t, false) })
	t.Run("postgres", func(t *testing.T) { residue(t, true) })
}

func residue(t *testing.T, postgres bool) {
	x := newHunted(t, postgres)
	x.setUp(t)
	x.people(t)
	x.factors(t)
	x.walks(t)
	x.counsels(t)
	x.devices(t)
	x.keys(t)
	x.serve(t)
	x.backUp(t)
	x.plantControls(t)
	size := x.huntAll(t, "while all is alive", true)
	x.noRowLinks(t)
	x.deleteAll(t)
	size += x.huntAll(t, "after all was deleted", false)
	must(t, x.Store.Close())
	size += x.huntAll(t, "after the program ended", false)
	promise(t, "T12", "P3 P4", "%s: 0 of %d canaries (%d needles in nine encodings) in %d MB of files, journals, logs and pages; the control is found in each place",
		x.kind(), len(x.h.names), x.h.needles, size>>20)
}

func newHunted(t *testing.T, postgres bool) *hunted {
	t.Helper()
	x := &hunted{land: &land{World: &apptest.World{Clock: &apptest.Clock{}}}, h: newHunter(), control: newHunter(), log: newHunter(), dice: mathrand.New(mathrand.NewPCG(12, 0)), program: &apptest.Text{}}
	for x.Clock.Now().Before(apptest.Start) { // a time.Duration reaches 292 years
		x.Clock.Move(apptest.Start.Sub(x.Clock.Now()))
	}
	x.to, x.copies, x.scratch = t.TempDir(), t.TempDir(), t.TempDir()
	x.Key = got[vault.InstallationKey](t)(vault.NewInstallationKey(rand.Reader))
	box := got[vault.Box](t)(keyring.StorageBox(x.Key))
	var ring keyring.Keyring
	if postgres {
		x.url = storetest.Database(t)
		name := got[string](t)(pgtest.DatabaseOf(x.url))
		pgtest.Shared(t).Exec(t, "postgres", "ALTER DATABASE "+name+" SET log_statement = 'all'")
		x.Store = got[*store.Store](t)(store.OpenPostgres(t.Context(), x.url))
		x.ringCluster = pgtest.SharedForgetful(t)
		address := x.ringCluster.Database(t)
		owner, database := got[string](t)(pgtest.RoleOf(address)), got[string](t)(pgtest.DatabaseOf(address))
		x.ringCluster.Exec(t, database, "GRANT pg_checkpoint TO "+owner+"; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "+owner)
		ring = got[*keyring.Postgres](t)(keyring.CreatePostgres(t.Context(), address, rand.Reader, box))
	} else {
		x.folder, x.ringFolder = t.TempDir(), t.TempDir()
		x.Store = got[*store.Store](t)(store.OpenSQLite(t.Context(), store.SQLite{Folder: x.folder}))
		ring = got[*keyring.File](t)(keyring.CreateFile(x.ringFolder, rand.Reader, box))
	}
	t.Cleanup(func() { ring.Close(); x.Store.Close() })
	x.ring = &apptest.Ring{Keyring: ring}
	x.Ring = x.ring
	x.temp = t.TempDir()
	t.Setenv("TMPDIR", x.temp)
	hub := got[*live.Hub](t)(live.NewHub(rand.Reader, x.Clock.Now, live.Options{}))
	t.Cleanup(hub.Close)
	x.App = got[*app.App](t)(app.New(app.Options{
		Store: x.Store, Ring: x.ring, Key: x.Key, Live: hub, Now: x.Clock.Now, Random: rand.Reader, Log: x.logger(), Hashers: 2,
	}))
	must(t, x.Bootstrap(t.Context()))
	return x
}

func (x *hunted) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(x.program, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// letters draws small letters: so many that nothing else has them by chance.
func (x *hunted) letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "bcdfghjklmnpqrstvwxz"[x.dice.IntN(20)]
	}
	return string(b)
}

// text makes a canary that is a text, with letters that encodings change.
func (x *hunted) text(name string) string {
	secret := x.letters(14) + ` é<b>&"` + "字' " + x.letters(14)
	x.h.add(name, secret)
	return secret
}

// rare are letters that stand in no file of ours.
var rare = []rune("𠜎𠜱𠝹𠱓𠱸𠲖𠳏𠳕𠴕𠵼𠵿𠸎𠸏𠹷𠺝𠺢𠻗𠻹𠻺𠼭𠼮𠽌𠾴𠾼𠿪𡁜𡁯𡁵𡁶𡁻𡃁𡃉𡇙𢃇𢞵𢫕𢭃𢯊𢱑𢱕")

func (x *hunted) initials(name string) string {
	var text string
	for range people.MaxInitials {
		text += string(rare[x.dice.IntN(len(rare))])
	}
	x.h.add(name, text)
	return text
}

func (x *hunted) person(name string) app.PersonForm {
	mail := x.letters(14) + "@" + x.letters(12) + ".example"
	x.h.add(name+"'s mail", mail)
	return app.PersonForm{Name: x.text(name + "'s name"), Initials: x.initials(name + "'s initials"), Mail: mail}
}

// code adds a code from paper, with and without what groups it.
func (x *hunted) code(name, code string) string {
	x.h.add(name, code)
	x.h.add(name, strings.ReplaceAll(code, "-", ""))
	x.h.add(name, strings.ToLower(strings.ReplaceAll(code, "-", "")))
	return code
}

// token adds a token of a link or cookie, as text and as the bytes that it is.
func (x *hunted) token(t *testing.T, name, token string) string {
	t.Helper()
	x.h.add(name, token)
	x.h.add(name+", its bytes", string(got[[]byte](t)(base64.RawURLEncoding.DecodeString(token))))
	return token
}

// setUp sets up: set-up code, two people, password, shares, the first invitation.
func (x *hunted) setUp(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	code := x.code("the set-up code", got[string](t)(x.OfferSetUp(ctx)))
	x.password = x.text("a password")
	you := x.person("the director")
	x.mail = you.Mail
	branch := "Branch " + x.letters(20)
	x.control.add("the branch's name", branch)
	done := got[app.Done](t)(x.SetUp(ctx, code, app.SetUpForm{
		Address: "https://desk.library.example", Library: app.LibraryForm{Name: "Elm Street Library", Place: "Connecticut", TimeZone: "America/New_York"},
		Branch: app.BranchForm{Name: branch, TimeZone: "America/New_York"}, You: you, Other: x.person("the admin"),
		Role: people.Director, Password: x.password, How: app.ByMail,
	}))
	x.director, x.library, x.branch = done.Who, done.Library, done.Branch
	x.token(t, "a session's token", done.Token)
	x.token(t, "an invitation's token", done.Other.Secret)
	for _, share := range done.Shares {
		x.h.add("a recovery share's words", strings.Join(share.Words, " "))
		x.h.add("a recovery share's code", share.QR)
	}
	website := "https://" + x.letters(30) + ".example"
	x.control.add("a setting", website)
	must(t, x.ChangeSettings(ctx, x.director, x.library, app.SettingsForm{
		Library: app.LibraryForm{Name: "Elm Street Library", Place: "Connecticut", TimeZone: "America/New_York"}, Website: website,
	}))
}

// people invites somebody by slip, who accepts, and has a change of name.
func (x *hunted) people(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	form := x.person("somebody invited")
	made := got[app.Invitation](t)(x.InvitePerson(ctx, x.director, x.library, app.InvitationForm{Person: form, Role: app.RoleForm{Role: people.InCharge}, How: app.OnSlip}))
	x.code("an invitation's code", made.Secret)
	in := got[app.SignedIn](t)(x.AcceptInvitation(ctx, app.Who{}, x.Place(), made.Secret, x.text("somebody's password")))
	x.token(t, "somebody's token", in.Token)
	x.helper = in.Who
	must(t, x.ChangeAccount(ctx, x.director, x.library, x.helper.Person, x.person("somebody, changed")))
	_, err := x.GiveRole(ctx, x.director, x.library, x.helper.Person, app.RoleForm{Role: people.RoomOfficer})
	must(t, err)
	must(t, x.SetPassword(ctx, x.director, x.password, x.text("a new password")))
	x.password = x.text("a newer password")
	reset := got[app.Invitation](t)(x.ResetSignIn(ctx, x.director, x.library, x.helper.Person, app.ByMail))
	x.token(t, "a token to sign in anew", reset.Secret)
	in = got[app.SignedIn](t)(x.AcceptInvitation(ctx, app.Who{}, x.Place(), reset.Secret, x.password))
	x.token(t, "somebody's next token", in.Token)
	x.helper = in.Who
	x.mail = got[app.Account](t)(x.MyAccount(ctx, x.helper)).Mail
}

// factors sets every factor: PIN, one-time codes, recovery codes, passkeys, provider.
func (x *hunted) factors(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	pin := "83920174"
	x.h.add("a PIN", pin)
	must(t, x.SetPIN(ctx, x.director, pin))
	offer := got[app.CodesOffer](t)(x.OfferCodes(ctx, x.director))
	x.h.add("a one-time seed", offer.Text)
	seed := got[[]byte](t)(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(offer.Text))
	x.h.add("a one-time seed's bytes", string(seed))
	must(t, x.ConfirmCodes(ctx, x.director, totp(seed, x.Clock.Now())))
	for _, code := range got[[]string](t)(x.NewRecoveryCodes(ctx, x.director)) {
		x.code("a recovery code", code)
	}
	makePasskey(t, x.App, x.director, x.text("a passkey's name"))
	id := makePasskey(t, x.App, x.director, "Phone")
	must(t, x.RenamePasskey(ctx, x.director, id, x.text("a passkey's new name")))
	must(t, x.ChangeProvider(ctx, x.director, app.ProviderForm{
		Name: "Elm County", Issuer: "https://login.county.example", ClientID: "roundtable", ClientSecret: x.text("the provider's secret"),
	}))
}

// totp is the one-time code of a moment (RFC 6238).
func totp(seed []byte, at time.Time) string {
	mac := hmac.New(sha1.New, seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// devices enrols a device and hands a walk over to another one.
func (x *hunted) devices(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	desk, other := x.enrol(t), x.enrol(t)
	id := got[store.CaseID](t)(x.StartWalk(ctx, desk, app.StartForm{Playbook: "officer"}))
	x.cases = append(x.cases, id)
	code := x.code("a hand-over code", got[app.HandOverOffer](t)(x.OfferHandOver(ctx, desk, id)).Code)
	_, err := x.TakeHandedOver(ctx, other, x.Place(), code)
	must(t, err)
	x.waiting(t, desk)
}

func (x *hunted) enrol(t *testing.T) app.Who {
	t.Helper()
	ctx := t.Context()
	offer := got[app.DeviceOffer](t)(x.OfferEnrol(ctx, x.director, x.library, x.branch, "Desk"))
	x.code("an enrolment code", offer.Code)
	device, token, err := x.Enrol(ctx, app.Who{}, x.Place(), offer.Code, "")
	must(t, err)
	x.token(t, "a device's token", token)
	return app.Who{Device: &device, Library: device.Library, Branch: device.Branch}
}

// waiting sends an event that waited on a device, sealed to the intake key.
func (x *hunted) waiting(t *testing.T, desk app.Who) {
	t.Helper()
	ctx := t.Context()
	shell := got[app.Shell](t)(x.Shell(ctx, desk))
	public := got[vault.PublicKey](t)(vault.ParsePublicKey(shell.Intake))
	id := got[store.CaseID](t)(x.StartWalk(ctx, desk, app.StartForm{Playbook: "hygiene"}))
	x.cases = append(x.cases, id)
	e := walk.Event{ID: walk.EventID(x.id(t)), Kind: walk.Noted, At: x.Clock.Now(), Text: x.text("a note that waited")}
	content := got[[]byte](t)(json.Marshal(e))
	place := vault.Place{Library: string(x.library), Case: string(id), Field: "waiting " + string(desk.Device.ID), Version: 1}
	letter := got[vault.Letter](t)(public.Seal(vault.ForIntake, place, vault.ClearBytes(content)))
	receipts := got[[]app.Receipt](t)(x.SendWaiting(ctx, desk, []app.Waiting{{Device: desk.Device.ID, Case: id, Event: e.ID, Order: 1, Letter: letter.Bytes()}}))
	if receipts[0].Fate != app.Kept {
		t.Fatalf("the event that waited: %+v", receipts[0])
	}
}

// walks walks through playbooks and writes a canary into each field that takes one.
func (x *hunted) walks(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	desk := x.enrol(t)
	for _, s := range got[[]app.Situation](t)(x.Situations(ctx, desk, "en")) {
		id := got[store.CaseID](t)(x.StartWalk(ctx, desk, app.StartForm{Playbook: s.Playbook}))
		x.cases = append(x.cases, id)
		x.note(t, desk, id, "a note about "+s.Playbook)
		x.photo(t, desk, id, s.Playbook)
		must(t, x.SayWho(ctx, desk, id, x.initials("who acted in "+s.Playbook)))
		for range times(14, 60) {
			if !x.step(t, desk, id) {
				break
			}
		}
	}
	if x.fieldsWritten < 3 {
		t.Errorf("only %d fields of steps were written", x.fieldsWritten)
	}
}

func (x *hunted) note(t *testing.T, who app.Who, id store.CaseID, name string) {
	t.Helper()
	_, err := x.Record(t.Context(), who, id, walk.Event{Kind: walk.Noted, Text: x.text(name)})
	must(t, err)
}

// step writes into the fields of the step and takes one of its ways; false at the end.
func (x *hunted) step(t *testing.T, desk app.Who, id store.CaseID) bool {
	t.Helper()
	ctx := t.Context()
	v := got[app.WalkView](t)(x.ReadWalk(ctx, desk, id, ""))
	step, standing := v.Walk.Step()
	ways := slices.DeleteFunc(v.Walk.Ways(), func(w walk.Way) bool { return w.Unsent })
	if v.Walk.Over() || !standing || len(ways) == 0 {
		return false
	}
	for _, field := range v.Walk.Plan().Program.Steps[step].Fields {
		value := x.text("a field's value")
		if _, err := x.Record(ctx, desk, id, walk.Event{Kind: walk.Recorded, Step: step, Field: field.Name, Value: value}); err == nil {
			x.fieldsWritten++
		}
	}
	way := ways[x.dice.IntN(len(ways))]
	_, err := x.Record(ctx, desk, id, walk.Event{Kind: walk.Chose, Step: step, Choice: way.Choice, Follows: v.Walk.Head()})
	must(t, err)
	return true
}

// counsels writes a note for counsel, which the server gets sealed only.
func (x *hunted) counsels(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	made := got[app.Invitation](t)(x.InvitePerson(ctx, x.director, x.library, app.InvitationForm{Person: x.person("counsel"), Role: app.RoleForm{Role: people.Counsel}, How: app.OnSlip}))
	x.code("counsel's code", made.Secret)
	in := got[app.SignedIn](t)(x.AcceptInvitation(ctx, app.Who{}, x.Place(), made.Secret, x.text("counsel's password")))
	private := got[vault.PrivateKey](t)(vault.NewPrivateKey(rand.Reader))
	x.h.add("counsel's private key", string(keyBytes(unsafe.Pointer(&private))))
	public := got[vault.PublicKey](t)(private.Public())
	must(t, x.ChangeCounselKey(ctx, in.Who, base64.RawURLEncoding.EncodeToString(public.Bytes()), public.Fingerprint().String()))
	about := x.cases[0]
	form := got[app.CounselForm](t)(x.OfferCounselNote(ctx, x.director, about))
	letter := got[vault.Letter](t)(form.To.Public.Seal(vault.ForCounsel, form.Place, vault.NewClear(x.text("a note for counsel"))))
	must(t, x.WriteCounselNote(ctx, x.director, about, form.Note, form.To.Fingerprint().String(), base64.RawURLEncoding.EncodeToString(letter.Bytes())))
}

// keyBytes reads the bytes of a key of package vault, which shows them to nobody: a
// key is a function that returns a label and the bytes. If that changes, the check
// below fails.
func keyBytes(key unsafe.Pointer) []byte {
	type hidden struct {
		_     string // its label
		bytes []byte
	}
	read := *(*func() *hidden)(key)
	return bytes.Clone(read().bytes)
}

// keys adds the keys themselves.
func (x *hunted) keys(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	text := got[string](t)(x.Key.Reveal())
	x.h.add("the installation's key as text", text)
	raw := keyBytes(unsafe.Pointer(&x.Key))
	body := got[[]byte](t)(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimPrefix(text, "ROUNDTABLE-KEY-1-")))
	if !bytes.Equal(raw, body[:32]) {
		t.Fatal("the bytes of a key are not where they are looked for")
	}
	x.h.add("the installation's key", string(raw))
	for _, library := range []people.LibraryID{people.Installation, x.library} {
		entry := got[keyring.Entry](t)(x.ring.Get(ctx, keyring.Slot{Kind: keyring.Library, Library: string(library)}))
		above := got[vault.LibraryKey](t)(x.Key.UnwrapLibrary(got[vault.Wrapped](t)(vault.ParseWrapped(entry.Bytes)), string(library)))
		x.h.add("a library's key", string(keyBytes(unsafe.Pointer(&above))))
		for _, e := range got[[]keyring.Entry](t)(x.ring.List(ctx, string(library))) {
			switch w, _ := vault.ParseWrapped(e.Bytes); e.Kind {
			case keyring.Case:
				key := got[vault.CaseKey](t)(above.UnwrapCase(w, string(library), e.ID))
				both := keyBytes(unsafe.Pointer(&key))
				x.h.add("a case's key", string(both[:32]))
				x.h.add("a case's key for commitments", string(both[32:]))
			case keyring.Intake:
				key := got[vault.PrivateKey](t)(above.UnwrapIntake(w, string(library), got[vault.Fingerprint](t)(vault.ParseFingerprint(e.ID))))
				x.h.add("an intake key", string(keyBytes(unsafe.Pointer(&key))))
			}
		}
		x.h.add("the key that signs checkpoints", x.stolenText(t, library))
	}
}

// backUp makes a backup, and opens it.
func (x *hunted) backUp(t *testing.T) {
	t.Helper()
	taken := got[backup.Taken](t)(backup.Take(t.Context(), backup.Options{
		Store: x.Store, Ring: x.ring, Key: x.Key, To: x.to, KeyringTo: x.copies, Scratch: x.scratch, Now: x.Clock.Now, Random: rand.Reader,
	}))
	x.archives = append(x.archives, taken.File)
}

// opened returns what is within a file that is sealed to the installation's key.
func opened(t *testing.T, path string, with age.Identity) []byte {
	t.Helper()
	f := got[*os.File](t)(os.Open(path))
	defer f.Close()
	return got[[]byte](t)(io.ReadAll(got[io.Reader](t)(age.Decrypt(f, with))))
}

// plantControls puts the control where the program itself writes nothing in the
// clear, as a mistake would: into the keyring's place, the temporary folder, a log.
func (x *hunted) plantControls(t *testing.T) {
	t.Helper()
	secret := x.letters(30)
	x.control.add("planted", secret)
	x.logger().Info("request", "planted", secret)
	must(t, os.WriteFile(filepath.Join(x.temp, "planted"), []byte(base64.StdEncoding.EncodeToString([]byte("x"+secret))), 0o600))
	must(t, os.WriteFile(filepath.Join(x.copies, "planted"), []byte(secret), 0o600))
	if x.url == "" {
		must(t, os.WriteFile(filepath.Join(x.ringFolder, "planted"), []byte(secret), 0o600))
	} else {
		x.ringCluster.Exec(t, "postgres", "CREATE TABLE planted_"+x.letters(8)+" AS SELECT '"+secret+"' AS x; CHECKPOINT")
	}
}

// places lists where residue could be, each with a look at it.
func (x *hunted) places(t *testing.T) map[string]func(*hunter) ([]finding, int64) {
	t.Helper()
	folder := func(place, path string) func(*hunter) ([]finding, int64) {
		return func(h *hunter) ([]finding, int64) { return h.huntFolder(t, place, path) }
	}
	bytesOf := func(place string, data []byte) func(*hunter) ([]finding, int64) {
		return func(h *hunter) ([]finding, int64) { return h.hunt(place, data), int64(len(data)) }
	}
	places := map[string]func(*hunter) ([]finding, int64){
		"the folder of the keyring's copies": folder("copies", x.copies),
		"the temporary folder":               folder("temp", x.temp),
		"the program's log":                  bytesOf("log", []byte(x.program.String())),
	}
	if x.url == "" {
		places["the data folder"] = folder("data", x.folder)
		places["the keyring's folder"] = folder("keyring", x.ringFolder)
	} else {
		shared := pgtest.Shared(t)
		shared.Exec(t, "postgres", "CHECKPOINT")
		data := shared.Data()
		places["PostgreSQL's tables"] = folder("base", filepath.Join(data, "base"))
		places["PostgreSQL's journal"] = folder("pg_wal", filepath.Join(data, "pg_wal"))
		places["all else of PostgreSQL's folder"] = func(h *hunter) (found []finding, size int64) {
			for _, e := range got[[]os.DirEntry](t)(os.ReadDir(data)) {
				if e.IsDir() && e.Name() != "base" && e.Name() != "pg_wal" {
					more, n := h.huntFolder(t, e.Name(), filepath.Join(data, e.Name()))
					found, size = append(found, more...), size+n
				}
			}
			return found, size
		}
		places["PostgreSQL's log"] = bytesOf("log", got[[]byte](t)(os.ReadFile(filepath.Join(filepath.Dir(data), "log"))))
		places["the keyring's cluster"] = folder("keyring", x.ringCluster.Data())
		places["the keyring's cluster's log"] = bytesOf("keyring log", got[[]byte](t)(os.ReadFile(filepath.Join(filepath.Dir(x.ringCluster.Data()), "log"))))
	}
	places["the folder of backups"] = folder("backups", x.to)
	places["the folder in which backups are checked"] = folder("scratch", x.scratch)
	for _, path := range x.archives {
		places["within a backup"] = bytesOf("within a backup", opened(t, path, got[age.Identity](t)(backup.WithKey(x.Key))))
	}
	for _, e := range got[[]os.DirEntry](t)(os.ReadDir(x.copies)) {
		if strings.HasSuffix(e.Name(), ".age") {
			places["within a copy of the keyring"] = bytesOf("within a copy", opened(t, filepath.Join(x.copies, e.Name()), got[age.Identity](t)(keyring.WithKey(x.Key))))
		}
	}
	places["what others are answered"] = bytesOf("answers", bytes.Join(x.answers, []byte("\n")))
	return places
}

// noControl are places in which nothing is in the clear even of what need not be
// sealed: what is there is encrypted as a whole, or gone.
var noControl = []string{
	"the folder of backups", "the folder in which backups are checked", "within a copy of the keyring", "what others are answered",
	"all else of PostgreSQL's folder", "the keyring's cluster's log",
}

// huntAll hunts everywhere.
func (x *hunted) huntAll(t *testing.T, when string, controls bool) (size int64) {
	t.Helper()
	places := x.places(t)
	for place, look := range places {
		found, n := look(x.h)
		size += n
		told := map[string]bool{}
		for _, f := range found {
			if key := f.canary + f.encoding; !told[key] {
				t.Errorf("%s: %s lies in %s (%s), as %s", when, f.canary, place, f.place, f.encoding)
				told[key] = true
			}
		}
		if controls && !slices.Contains(noControl, place) {
			if hit, _ := look(x.control); len(hit) == 0 {
				t.Errorf("the control is not found in %s: this test finds nothing there", place)
			}
		}
	}
	for _, f := range x.log.hunt("log", []byte(x.program.String())) {
		t.Errorf("%s: %s stands in the program's log", when, f.canary)
	}
	passwords := newHunter()
	for _, name := range []string{"a password that was mistyped", "a newer password", "a PIN"} {
		passwords.add(name, x.h.secrets[name])
	}
	for _, body := range x.passwordAnswers {
		for _, f := range passwords.hunt("a page", body) {
			t.Errorf("a page shows %s again", f.canary)
		}
	}
	return size
}

// noRowLinks fails when a row has the id of a person and a name under which they
// stand in a library: only what is sealed under the person's key may join the two.
func (x *hunted) noRowLinks(t *testing.T) {
	t.Helper()
	pairs := map[string]string{string(x.helper.Person): string(x.helper.Pseudonym), string(x.director.Person): string(x.director.Pseudonym)}
	rows, seen := 0, map[string]bool{}
	for _, tenant := range []people.LibraryID{people.Installation, x.library} {
		db := x.raw(t, tenant)
		for table, list := range x.dumpAll(t, db, tenant) {
			for _, row := range list {
				text := fmt.Sprintf("%s", row)
				rows++
				for person, pseudonym := range pairs {
					hasPerson, hasName := strings.Contains(text, person), strings.Contains(text, pseudonym)
					seen["person"], seen["name"] = seen["person"] || hasPerson, seen["name"] || hasName
					if hasPerson && hasName {
						t.Errorf("a row of %s has a person's id and their pseudonym", table)
					}
				}
			}
		}
		db.Close()
	}
	if rows < 100 || !seen["person"] || !seen["name"] {
		t.Errorf("%d rows, ids seen %v: this test finds nothing", rows, seen)
	}
}

// deleteAll deletes everything that can be: sessions, factors, people, cases.
func (x *hunted) deleteAll(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, x.RemovePIN(ctx, x.director))
	must(t, x.RemoveCodes(ctx, x.director))
	must(t, x.RemoveProvider(ctx, x.director))
	must(t, x.RemovePerson(ctx, x.director, x.library, x.helper.Person))
	must(t, x.Destroy(ctx, x.library, "retention", x.cases...))
	must(t, x.EndSessionsOfAll(ctx, x.director))
	for range 32 {
		x.Clock.Move(23 * time.Hour)
		must(t, x.WorkOnce(ctx))
	}
	must(t, x.Store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		row, err := tx.Account(ctx, x.helper.Person)
		if err == nil && len(row.Sealed) > 0 {
			err = errors.New("the person who left is not forgotten")
		}
		return err
	}))
}
