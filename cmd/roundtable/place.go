package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/vault"
)

// place says where an installation is kept and what opens it. Commands that need
// one have it among their flags. A flag wins over the environment, and that over
// the configuration file.
type place struct {
	Config         string `placeholder:"FILE" env:"ROUNDTABLE_CONFIG" help:"Read the flags of serve from a YAML file; its keys are their names."`
	Data           string `placeholder:"FOLDER" env:"ROUNDTABLE_DATA" help:"The folder with the data; roundtable-data in this folder when nothing is said."`
	Database       string `placeholder:"URL" env:"ROUNDTABLE_DATABASE" help:"The PostgreSQL database with the data, instead of a folder."`
	Keyring        string `placeholder:"URL" env:"ROUNDTABLE_KEYRING" help:"Beside --database: the keyring's PostgreSQL database, on a cluster of its own."`
	Key            string `placeholder:"FILE" env:"ROUNDTABLE_KEY" help:"The installation's key. Else the system credential roundtable-key, else roundtable/installation.key in your configuration folder."`
	PassphraseFile string `placeholder:"FILE" env:"ROUNDTABLE_PASSPHRASE_FILE" help:"The passphrase of a locked key. Else the system credential roundtable-passphrase."`
}

const (
	defaultData          = "roundtable-data"
	keyName              = "installation.key"
	credentialKey        = "roundtable-key"
	credentialPassphrase = "roundtable-passphrase"
)

// configFile is what a configuration file may say: all flags of serve, by their
// names. Other commands take from it what they have too. What it does not know is
// refused, so that nothing is mistyped unnoticed.
type configFile struct {
	Data           string `yaml:"data"`
	Database       string `yaml:"database"`
	Keyring        string `yaml:"keyring"`
	Key            string `yaml:"key"`
	PassphraseFile string `yaml:"passphrase-file"`

	Addr  string   `yaml:"addr"`
	Name  []string `yaml:"name"`
	Cert  string   `yaml:"cert"`
	Priv  string   `yaml:"cert-key"`
	Proxy []string `yaml:"proxy"`

	MailServer       string `yaml:"mail-server"`
	MailFrom         string `yaml:"mail-from"`
	MailTLS          string `yaml:"mail-tls"`
	MailUser         string `yaml:"mail-user"`
	MailPasswordFile string `yaml:"mail-password-file"`
	SMSURL           string `yaml:"sms-url"`
	SMSSecretFile    string `yaml:"sms-secret-file"`
	SMSReceiptFile   string `yaml:"sms-receipt-file"`
	PushContact      string `yaml:"push-contact"`
	CA               string `yaml:"ca"`
	Private          bool   `yaml:"call-private"`
}

// maxConfig bounds the configuration file.
const maxConfig = 1 << 20

// settle completes the flags from the configuration file, and refuses what does
// not go together. Doing it again changes nothing.
func (p *place) settle() error {
	if err := p.settleData(); err != nil {
		return err
	}
	switch {
	case p.Database != "" && p.Keyring == "":
		return usageError{errors.New("beside a database the keyring needs a database of its own, on another cluster: say which with --keyring URL")}
	case p.Database == "" && p.Keyring != "":
		return usageError{errors.New("beside a folder the keyring is a file in that folder; --keyring goes with --database only")}
	}
	return nil
}

// settleData is settle for commands that need no key and no keyring.
func (p *place) settleData() error {
	if err := p.readConfig(); err != nil {
		return usageError{err}
	}
	if p.Database != "" && p.Data != "" {
		return usageError{errors.New("the data is in a folder (--data) or in a database (--database), not in both")}
	}
	if p.Database == "" && p.Data == "" {
		p.Data = defaultData
	}
	return nil
}

// openData opens the store alone, of an installation that is there.
func (p *place) openData(ctx context.Context) (*store.Store, error) {
	if err := p.settleData(); err != nil {
		return nil, err
	}
	if err := p.mustExist(ctx); err != nil {
		return nil, err
	}
	return p.openStore(ctx)
}

// readConfig takes from the configuration file where the installation is.
func (p *place) readConfig() error {
	c, beside, err := p.config()
	if err != nil {
		return err
	}
	if p.Database == "" && p.Data == "" {
		p.Data, p.Database = beside(c.Data), c.Database
	}
	if p.Data == "" {
		p.Keyring = cmp.Or(p.Keyring, c.Keyring)
	}
	p.Key = cmp.Or(p.Key, beside(c.Key))
	p.PassphraseFile = cmp.Or(p.PassphraseFile, beside(c.PassphraseFile))
	return nil
}

// config reads the configuration file, if one is named. beside is what a path in it
// stands for: it starts from the file's folder.
func (p *place) config() (c configFile, beside func(string) string, err error) {
	beside = func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(filepath.Dir(p.Config), path)
	}
	if p.Config == "" {
		return c, beside, nil
	}
	text, err := readSmall(p.Config, maxConfig)
	if err != nil {
		return c, beside, err
	}
	if err := yaml.Load(text, &c, yaml.WithKnownFields()); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return c, beside, fmt.Errorf("%s: %w", p.Config, err)
	}
	return c, beside, nil
}

// inTemp puts everything in a new folder that remove takes away: for showing
// Roundtable to somebody, with nothing that stays.
func (p *place) inTemp() (remove func() error, err error) {
	dir, err := os.MkdirTemp("", "roundtable-demo-")
	if err != nil {
		return nil, err
	}
	*p = place{Data: filepath.Join(dir, "data"), Key: filepath.Join(dir, keyName)}
	return func() error { return os.RemoveAll(dir) }, nil
}

// keyringFolder is where the keyring's file is, beside a folder of data.
func (p *place) keyringFolder() string { return filepath.Join(p.Data, "keyring") }

// exists reports whether there is an installation in the data folder. A database
// is asked when it is opened.
func (p *place) exists() (bool, error) {
	_, err := os.Stat(filepath.Join(p.Data, "installation.db"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// open opens an installation that is there, as the one process that has its
// keyring when it is in a folder. The caller closes store and keyring.
func (p *place) open(ctx context.Context) (*store.Store, keyring.Keyring, vault.InstallationKey, error) {
	return p.openAs(ctx, func(box vault.Box) (keyring.Keyring, error) {
		return keyring.OpenFile(p.keyringFolder(), rand.Reader, box)
	})
}

// openBeside opens an installation that another process may be serving. The
// keyring of a folder can only be looked at.
func (p *place) openBeside(ctx context.Context) (*store.Store, keyring.Keyring, vault.InstallationKey, error) {
	return p.openAs(ctx, func(box vault.Box) (keyring.Keyring, error) {
		return keyring.ViewFile(p.keyringFolder(), box)
	})
}

func (p *place) openAs(ctx context.Context, file func(vault.Box) (keyring.Keyring, error)) (_ *store.Store, _ keyring.Keyring, key vault.InstallationKey, err error) {
	if err := p.settle(); err != nil {
		return nil, nil, key, err
	}
	if err := p.mustExist(ctx); err != nil {
		return nil, nil, key, err
	}
	if key, err = p.installationKey(); err != nil {
		return nil, nil, key, err
	}
	ring, err := p.openKeyring(ctx, key, file)
	if err != nil {
		return nil, nil, key, err
	}
	s, err := p.openStore(ctx)
	if err != nil {
		return nil, nil, key, errors.Join(err, ring.Close())
	}
	return s, ring, key, nil
}

// mustExist refuses a folder without an installation, so that a mistyped name
// makes none, and one of another form than this program's, so that looking at it
// beside an older or newer one that serves changes nothing.
func (p *place) mustExist(ctx context.Context) error {
	if p.Database != "" {
		return nil
	}
	there, err := p.exists()
	if err != nil {
		return usageError{err}
	}
	if !there {
		return usageError{fmt.Errorf("there is no installation in %s; say where it is with --data, or begin one with roundtable serve", p.Data)}
	}
	form, err := store.FormOfSQLite(ctx, p.Data)
	if err != nil {
		return err
	}
	if form != store.Form() {
		return fmt.Errorf("the data in %s is of form %d and this program works with form %d: start roundtable serve of this version once, or use the version that serves there", p.Data, form, store.Form())
	}
	return nil
}

func (p *place) openStore(ctx context.Context) (*store.Store, error) {
	if p.Database != "" {
		return store.OpenPostgres(ctx, p.Database)
	}
	return store.OpenSQLite(ctx, store.SQLite{Folder: p.Data})
}

func (p *place) openKeyring(ctx context.Context, key vault.InstallationKey, file func(vault.Box) (keyring.Keyring, error)) (keyring.Keyring, error) {
	box, err := keyring.StorageBox(key)
	if err != nil {
		return nil, err
	}
	if p.Database == "" {
		return orNil(file(box))
	}
	if err := p.checkClusters(ctx); err != nil {
		return nil, err
	}
	return orNil(keyring.OpenPostgres(ctx, p.Keyring, rand.Reader, box))
}

// orNil keeps a nil *T from becoming an interface that is not nil.
func orNil[T keyring.Keyring](ring T, err error) (keyring.Keyring, error) {
	if err != nil {
		return nil, err
	}
	return ring, nil
}

// checkClusters refuses a keyring on the cluster of the data: in the journal and
// the backups of that one a destroyed key lives on.
func (p *place) checkClusters(ctx context.Context) error {
	data, err := store.ClusterOf(ctx, p.Database)
	if err != nil {
		return err
	}
	ring, err := store.ClusterOf(ctx, p.Keyring)
	if err != nil {
		return err
	}
	if data == ring {
		return usageError{errors.New("the keyring's database is on the same PostgreSQL cluster as the data. Its journal and its backups would keep keys that were destroyed, so that nothing would ever be deleted. Give the keyring a cluster of its own")}
	}
	return nil
}

// openOrMake is open for the program that serves: where there is nothing yet it
// begins an installation, with a key if none is given, and says what that means.
// It never makes a keyring or a key where data is already: without the right ones
// nothing in it opens.
func (p *place) openOrMake(ctx context.Context, say io.Writer) (*store.Store, keyring.Keyring, vault.InstallationKey, error) {
	var none vault.InstallationKey
	if err := p.settle(); err != nil {
		return nil, nil, none, err
	}
	if p.Database == "" {
		return p.openOrMakeFolder(ctx, say)
	}
	return p.openOrMakePostgres(ctx, say)
}

func (p *place) openOrMakeFolder(ctx context.Context, say io.Writer) (*store.Store, keyring.Keyring, vault.InstallationKey, error) {
	there, err := p.exists()
	if err != nil {
		return nil, nil, vault.InstallationKey{}, usageError{err}
	}
	key, err := p.keyOrNew(there, say)
	if err != nil {
		return nil, nil, key, err
	}
	box, err := keyring.StorageBox(key)
	if err != nil {
		return nil, nil, key, err
	}
	ring, err := orNil(keyring.OpenFile(p.keyringFolder(), rand.Reader, box))
	if !there && (errors.Is(err, keyring.ErrMissing) || errors.Is(err, fs.ErrNotExist)) {
		if err := os.MkdirAll(p.keyringFolder(), 0o700); err != nil {
			return nil, nil, key, usageError{err}
		}
		ring, err = orNil(keyring.CreateFile(p.keyringFolder(), rand.Reader, box))
	}
	if err != nil {
		return nil, nil, key, err
	}
	s, err := p.openStore(ctx)
	if err != nil {
		return nil, nil, key, errors.Join(err, ring.Close())
	}
	return s, ring, key, nil
}

func (p *place) openOrMakePostgres(ctx context.Context, say io.Writer) (*store.Store, keyring.Keyring, vault.InstallationKey, error) {
	s, err := p.openStore(ctx)
	if err != nil {
		return nil, nil, vault.InstallationKey{}, err
	}
	ring, key, err := p.ringBeside(ctx, s, say)
	if err != nil {
		return nil, nil, key, errors.Join(err, s.Close())
	}
	return s, ring, key, nil
}

func (p *place) ringBeside(ctx context.Context, s *store.Store, say io.Writer) (keyring.Keyring, vault.InstallationKey, error) {
	there, err := hasTenants(ctx, s)
	if err != nil {
		return nil, vault.InstallationKey{}, err
	}
	key, err := p.keyOrNew(there, say)
	if err != nil {
		return nil, key, err
	}
	if err := p.checkClusters(ctx); err != nil {
		return nil, key, err
	}
	box, err := keyring.StorageBox(key)
	if err != nil {
		return nil, key, err
	}
	ring, err := orNil(keyring.OpenPostgres(ctx, p.Keyring, rand.Reader, box))
	if !there && errors.Is(err, keyring.ErrMissing) {
		ring, err = orNil(keyring.CreatePostgres(ctx, p.Keyring, rand.Reader, box))
	}
	return ring, key, err
}

// hasTenants reports whether anything was ever begun in a database.
func hasTenants(ctx context.Context, s *store.Store) (bool, error) {
	err := s.Read(ctx, people.Installation, func(tx *store.Tx) error {
		_, err := tx.Ledger().Size(ctx)
		return err
	})
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return false, nil
	}
	return err == nil, err
}

// keyFile returns where the installation's key is, or would be made.
func (p *place) keyFile() (string, error) {
	if p.Key != "" {
		return p.Key, nil
	}
	if path, ok := credential(credentialKey); ok {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("there is no place for the installation's key (%w); say where it is with --key FILE", err)
	}
	return filepath.Join(dir, "roundtable", keyName), nil
}

// credential finds a credential that systemd gave this service.
func credential(name string) (string, bool) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return "", false
	}
	path := filepath.Join(dir, name)
	_, err := os.Stat(path)
	return path, err == nil
}

// installationKey reads the installation's key.
func (p *place) installationKey() (vault.InstallationKey, error) {
	path, err := p.keyFile()
	if err != nil {
		return vault.InstallationKey{}, usageError{err}
	}
	if err := p.keepApart(path); err != nil {
		return vault.InstallationKey{}, usageError{err}
	}
	return p.readKey(path)
}

func (p *place) readKey(path string) (vault.InstallationKey, error) {
	text, err := readSmall(path, vault.MaxKeyText)
	if err != nil {
		return vault.InstallationKey{}, usageError{fmt.Errorf("the installation's key cannot be read: %w; without it nothing opens. Two of the three recovery shares restore it", err)}
	}
	defer clear(text)
	key, err := p.parseKey(text)
	if err != nil {
		return key, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return key, nil
}

func (p *place) parseKey(text []byte) (vault.InstallationKey, error) {
	if !vault.IsLocked(text) {
		return vault.ParseInstallationKey(text)
	}
	passphrase, err := p.passphrase()
	if err != nil {
		return vault.InstallationKey{}, err
	}
	defer passphrase.Erase()
	return vault.Unlock(text, passphrase)
}

// passphrase reads the passphrase of a locked key: a file's text without the
// line's end. It is never a flag or a variable itself, which others could see.
func (p *place) passphrase() (vault.Clear, error) {
	path := p.PassphraseFile
	if path == "" {
		given, ok := credential(credentialPassphrase)
		if !ok {
			return vault.Clear{}, errors.New("this key is locked; say in which file its passphrase is with --passphrase-file")
		}
		path = given
	}
	text, err := readSmall(path, vault.MaxKeyText)
	if err != nil {
		return vault.Clear{}, fmt.Errorf("read the passphrase: %w", err)
	}
	return vault.ClearBytes(bytes.TrimRight(text, "\r\n")), nil
}

// keepApart refuses a key inside the data folder: whoever takes a copy of that
// folder would have what opens it.
func (p *place) keepApart(path string) error {
	if p.Data == "" {
		return nil
	}
	inside, err := isInside(path, p.Data)
	if err != nil {
		return err
	}
	if inside {
		return fmt.Errorf("the installation's key %s is inside the data folder, so that each copy of the folder could be opened by whoever has it. Move the key elsewhere and say where with --key", path)
	}
	return nil
}

// isInside reports whether a file is, or would be, in a folder or below it,
// whatever links lead there.
func isInside(file, folder string) (bool, error) {
	at, err := realPath(file)
	if err != nil {
		return false, err
	}
	in, err := realPath(folder)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(in, at)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// realPath follows links as far as the path exists.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return "", err
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

// keyOrNew reads the installation's key. If there is none and there is no data
// yet, it makes one and says so.
func (p *place) keyOrNew(there bool, say io.Writer) (vault.InstallationKey, error) {
	path, err := p.keyFile()
	if err != nil {
		return vault.InstallationKey{}, usageError{err}
	}
	if err := p.keepApart(path); err != nil {
		return vault.InstallationKey{}, usageError{err}
	}
	if _, err := os.Stat(path); there || !errors.Is(err, fs.ErrNotExist) {
		return p.readKey(path)
	}
	key, err := vault.NewInstallationKey(rand.Reader)
	if err != nil {
		return key, err
	}
	text, err := key.Reveal()
	if err != nil {
		return key, err
	}
	if err := writeKeyFile(path, text); err != nil {
		return key, err
	}
	fmt.Fprintf(say, `Roundtable made a key for this installation and keeps it in
  %s
Everything that people write is locked with it. Whoever has both this key and the
data can read all of it; without the key nobody can, and nobody can make it anew.
So keep a copy of the file in a safe place, away from the data and its backups.
`, path)
	return key, nil
}

// writeKeyFile writes a key to a new file that only its owner may read. It never
// overwrites one.
func writeKeyFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return cannotWrite(path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return cannotWrite(path, err)
	}
	_, err = fmt.Fprintf(f, "# The key of a Roundtable installation. Keep a copy in a safe place, away from\n# the data and its backups. Whoever has it and the data can read everything.\n%s\n", text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return cannotWrite(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// readSmall reads a file of at most so many bytes.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return text, err
}
