package store

import (
	"context"
	"time"

	"roundtable/internal/people"
)

// Account is a person as the installation keeps them: who they are is sealed.
type Account struct {
	Person  people.PersonID
	MailTag string // a keyed tag of the mail address, "" if there is none
	Sealed  []byte // under the person's key, by the caller
	Version uint64 // which writing of Sealed
	Made    time.Time
	Left    time.Time // zero while the person works here
}

const accountColumns = `person_id, COALESCE(mail_tag, ''), sealed, version, made, left_at`

var (
	accountAdd    = sqlOf(`INSERT INTO accounts (library_id, person_id, mail_tag, sealed, version, made, left_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	accountPut    = sqlOf(`UPDATE accounts SET mail_tag = $3, sealed = $4, version = $5, left_at = $6 WHERE library_id = $1 AND person_id = $2`)
	accountGet    = sqlOf(`SELECT ` + accountColumns + ` FROM accounts WHERE library_id = $1 AND person_id = $2`)
	accountByMail = sqlOf(`SELECT ` + accountColumns + ` FROM accounts WHERE library_id = $1 AND mail_tag = $2`)
	accountList   = sqlOf(`SELECT ` + accountColumns + ` FROM accounts WHERE library_id = $1 ORDER BY person_id`)
	accountsAt    = sqlOf(`SELECT ` + accountColumns + ` FROM accounts WHERE library_id = $1 AND person_id IN
		(SELECT person_id FROM memberships WHERE library_id = $1 AND of_library = $2) ORDER BY person_id`)
)

// orNull lets many rows have no tag although tags are unique.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// AddAccount adds an account. ErrDuplicate if the mail address has one.
func (t *Tx) AddAccount(ctx context.Context, a Account) error {
	return duplicate(t.one(ctx, accountAdd, a.Person, orNull(a.MailTag), whole(a.Sealed), int64(a.Version), millis(a.Made), millis(a.Left)))
}

// PutAccount changes an account. ErrDuplicate if the mail address is another's.
func (t *Tx) PutAccount(ctx context.Context, a Account) error {
	return duplicate(t.one(ctx, accountPut, a.Person, orNull(a.MailTag), whole(a.Sealed), int64(a.Version), millis(a.Left)))
}

// Account returns a person's account.
func (t *Tx) Account(ctx context.Context, id people.PersonID) (Account, error) {
	return first(ctx, t, accountGet, readAccount, id)
}

// AccountByMail returns the account with a mail address, by its tag.
func (t *Tx) AccountByMail(ctx context.Context, tag string) (Account, error) {
	return first(ctx, t, accountByMail, readAccount, tag)
}

// Accounts lists the accounts of all who have, or had, a role at a library; of
// the whole installation for people.Installation.
func (t *Tx) Accounts(ctx context.Context, library people.LibraryID) ([]Account, error) {
	if library == people.Installation {
		return all(ctx, t, accountList, readAccount)
	}
	return all(ctx, t, accountsAt, readAccount, library)
}

func readAccount(scan scanner) (a Account, err error) {
	var version, made, left int64
	err = scan(&a.Person, &a.MailTag, &a.Sealed, &version, &made, &left)
	a.Version, a.Made, a.Left = uint64(version), at(made), at(left)
	return a, err
}

// Credential is something that a person proves with who they are.
type Credential struct {
	ID      string
	Person  people.PersonID
	Kind    string // what it is; app's
	Lookup  string // a digest or keyed tag by which it is found, "" if by its person
	Sealed  []byte // under the person's key, by the caller
	Version uint64 // which writing of Sealed
	Made    time.Time
	Used    time.Time // when it last let somebody in; zero if never
}

const credentialColumns = `id, person_id, kind, COALESCE(lookup, ''), sealed, version, made, used`

var (
	credentialAdd  = sqlOf(`INSERT INTO credentials (library_id, id, person_id, kind, lookup, sealed, version, made, used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	credentialPut  = sqlOf(`UPDATE credentials SET sealed = $3, version = $4, used = $5 WHERE library_id = $1 AND id = $2`)
	credentialDel  = sqlOf(`DELETE FROM credentials WHERE library_id = $1 AND id = $2`)
	credentialTag  = sqlOf(`UPDATE credentials SET lookup = $3 WHERE library_id = $1 AND id = $2`)
	credentialDrop = sqlOf(`DELETE FROM credentials WHERE library_id = $1 AND person_id = $2 AND kind = $3`)
	credentialNone = sqlOf(`DELETE FROM credentials WHERE library_id = $1 AND person_id = $2`)
	credentialKind = sqlOf(`SELECT ` + credentialColumns + ` FROM credentials WHERE library_id = $1 AND kind = $2 ORDER BY id`)
	credentialFind = sqlOf(`SELECT ` + credentialColumns + ` FROM credentials WHERE library_id = $1 AND kind = $2 AND lookup = $3`)
	credentialList = sqlOf(`SELECT ` + credentialColumns + ` FROM credentials WHERE library_id = $1 AND person_id = $2 ORDER BY made, id`)
)

// AddCredential adds a credential. ErrDuplicate if its lookup is another's.
func (t *Tx) AddCredential(ctx context.Context, c Credential) error {
	return duplicate(t.one(ctx, credentialAdd, c.ID, c.Person, c.Kind, orNull(c.Lookup), whole(c.Sealed), int64(c.Version), millis(c.Made), millis(c.Used)))
}

// PutCredential changes what a credential holds and when it was used.
func (t *Tx) PutCredential(ctx context.Context, c Credential) error {
	return t.one(ctx, credentialPut, c.ID, whole(c.Sealed), int64(c.Version), millis(c.Used))
}

// DeleteCredential takes a credential away. One that is not there is no error.
func (t *Tx) DeleteCredential(ctx context.Context, id string) error {
	_, err := t.exec(ctx, credentialDel, id)
	return err
}

// DeleteCredentials takes away a person's credentials of a kind, all for "".
func (t *Tx) DeleteCredentials(ctx context.Context, person people.PersonID, kind string) error {
	if kind == "" {
		_, err := t.exec(ctx, credentialNone, person)
		return err
	}
	_, err := t.exec(ctx, credentialDrop, person, kind)
	return err
}

// PutLookup changes by what a credential is found. ErrDuplicate if the lookup is
// another's.
func (t *Tx) PutLookup(ctx context.Context, id, lookup string) error {
	return duplicate(t.one(ctx, credentialTag, id, orNull(lookup)))
}

// CredentialsOfKind lists everybody's credentials of a kind.
func (t *Tx) CredentialsOfKind(ctx context.Context, kind string) ([]Credential, error) {
	return all(ctx, t, credentialKind, readCredential, kind)
}

// CredentialBy returns the credential of a kind with a lookup.
func (t *Tx) CredentialBy(ctx context.Context, kind, lookup string) (Credential, error) {
	return first(ctx, t, credentialFind, readCredential, kind, lookup)
}

// Credentials lists a person's credentials in the order of their making.
func (t *Tx) Credentials(ctx context.Context, person people.PersonID) ([]Credential, error) {
	return all(ctx, t, credentialList, readCredential, person)
}

func readCredential(scan scanner) (c Credential, err error) {
	var version, made, used int64
	err = scan(&c.ID, &c.Person, &c.Kind, &c.Lookup, &c.Sealed, &version, &made, &used)
	c.Version, c.Made, c.Used = uint64(version), at(made), at(used)
	return c, err
}

var (
	pseudonymAdd  = sqlOf(`INSERT INTO pseudonyms (library_id, person_id, of_library, sealed) VALUES ($1, $2, $3, $4)`)
	pseudonymGet  = sqlOf(`SELECT sealed FROM pseudonyms WHERE library_id = $1 AND person_id = $2 AND of_library = $3`)
	pseudonymsOf  = sqlOf(`SELECT person_id, sealed FROM pseudonyms WHERE library_id = $1 AND of_library = $2 ORDER BY person_id`)
	pseudonymDrop = sqlOf(`DELETE FROM pseudonyms WHERE library_id = $1 AND person_id = $2`)
)

// AddPseudonym keeps under which name a person stands at a library, sealed.
// ErrDuplicate if there is one.
func (t *Tx) AddPseudonym(ctx context.Context, person people.PersonID, library people.LibraryID, sealed []byte) error {
	return duplicate(t.one(ctx, pseudonymAdd, person, library, sealed))
}

// Pseudonym returns a person's sealed pseudonym at a library.
func (t *Tx) Pseudonym(ctx context.Context, person people.PersonID, library people.LibraryID) ([]byte, error) {
	return first(ctx, t, pseudonymGet, readBytes, person, library)
}

// Pseudonyms returns the sealed pseudonyms of everybody at a library.
func (t *Tx) Pseudonyms(ctx context.Context, library people.LibraryID) (map[people.PersonID][]byte, error) {
	type row struct {
		person people.PersonID
		sealed []byte
	}
	rows, err := all(ctx, t, pseudonymsOf, func(scan scanner) (r row, err error) {
		err = scan(&r.person, &r.sealed)
		return r, err
	}, library)
	if err != nil {
		return nil, err
	}
	found := make(map[people.PersonID][]byte, len(rows))
	for _, r := range rows {
		found[r.person] = r.sealed
	}
	return found, nil
}

// DropPseudonyms deletes what leads from a person to their pseudonyms.
func (t *Tx) DropPseudonyms(ctx context.Context, person people.PersonID) error {
	_, err := t.exec(ctx, pseudonymDrop, person)
	return err
}
