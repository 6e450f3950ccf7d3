package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/provider"
	"roundtable/internal/signin"
	"roundtable/internal/store"
)

// ProviderPath is where browsers come back to from the provider, at our address.
const ProviderPath = "/signin/provider/back"

// The settings of the provider. Its secret is sealed, as a secret.
const (
	settingProviderName   = "provider.name"
	settingProviderIssuer = "provider.issuer"
	settingProviderClient = "provider.client"
)

// ProviderStart says what somebody goes to the provider for. The zero value signs
// in.
type ProviderStart struct {
	Link       bool   // links it with the account of who is signed in
	Invitation string // accepts the invitation with this secret
}

// ProviderForm is the provider of an installation.
type ProviderForm struct {
	Name         string // as people call it
	Issuer       string
	ClientID     string
	ClientSecret string // "" keeps the one that there is; it is never shown again
}

// errand is what is kept while somebody is at the provider.
type errand struct {
	Pending    []byte        `json:"pending"`
	Link       bool          `json:"link,omitempty"`
	Invitation signin.Digest `json:"invitation,omitempty"`
}

// openProvider returns the provider of the installation: nil if it has none.
func (a *App) openProvider(ctx context.Context) (*provider.Provider, error) {
	c, err := a.providerConfig(ctx)
	if err != nil || c.Issuer == "" {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.elsewhere != nil && a.elsewhereIs == c {
		return a.elsewhere, nil
	}
	made, err := provider.New(c, nil)
	if err != nil {
		return nil, fault.Broken(err)
	}
	a.elsewhere, a.elsewhereIs = made, c
	return made, nil
}

func (a *App) providerConfig(ctx context.Context) (c provider.Config, err error) {
	address, err := a.Address(ctx)
	if err != nil {
		return c, err
	}
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		settings, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		c = provider.Config{
			Issuer: settings[settingProviderIssuer], ClientID: settings[settingProviderClient],
			Name: settings[settingProviderName], Redirect: address.Origin + ProviderPath,
		}
		if c.Issuer == "" {
			return nil
		}
		c.ClientSecret, err = a.readSecret(ctx, tx, fieldProvider)
		return err
	})
	return c, err
}

// readSecret returns a secret of the program, "" if there is none.
func (a *App) readSecret(ctx context.Context, tx *store.Tx, name string) (string, error) {
	sealed, version, err := tx.Secret(ctx, name)
	if err != nil {
		return "", unlessMissing(err)
	}
	own, err := a.tenantOf(ctx, tx.Tenant())
	if err != nil {
		return "", err
	}
	clear, err := unseal(own.own, tx.Tenant(), ownKey, name, version, sealed)
	return string(clear), err
}

func (a *App) writeSecret(ctx context.Context, tx *store.Tx, name, value string) error {
	_, version, err := tx.Secret(ctx, name)
	if err = unlessMissing(err); err != nil {
		return err
	}
	own, err := a.tenantOf(ctx, tx.Tenant())
	if err != nil {
		return err
	}
	sealed, err := a.seal(own.own, tx.Tenant(), ownKey, name, version+1, []byte(value))
	if err != nil {
		return err
	}
	return tx.PutSecret(ctx, name, sealed, version+1)
}

// Provider returns what people call the provider by which they may sign in, "" if
// there is none.
func (a *App) Provider(ctx context.Context) (name string, err error) {
	p, err := a.openProvider(ctx)
	if err != nil || p == nil {
		return "", err
	}
	return p.Name(), nil
}

func noProvider() error {
	return fault.Refuse("Nobody signs in through somebody else here.", "Sign in another way.")
}

// BeginProvider returns the address at the provider to send the browser to, and a
// token for a cookie, by which FinishProvider finds what was begun.
func (a *App) BeginProvider(ctx context.Context, who Who, place netip.Addr, start ProviderStart) (address, keep string, err error) {
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return "", "", err
	}
	p, err := a.openProvider(ctx)
	switch {
	case err != nil:
		return "", "", err
	case p == nil:
		return "", "", noProvider()
	case start.Link && who.Person == "":
		return "", "", signInFirst()
	}
	var e errand
	var person people.PersonID
	if start.Link {
		e.Link, person = true, who.Person
	} else if start.Invitation != "" {
		found, err := a.findInvitation(ctx, place, start.Invitation)
		if err != nil {
			return "", "", err
		}
		e.Invitation = found.ticket.Digest
	}
	address, pending, err := p.Begin(ctx, person, a.random, a.now())
	if err != nil {
		return "", "", err
	}
	if e.Pending, err = pending.Marshal(); err != nil {
		return "", "", fault.Broken(err)
	}
	keep, err = a.keepErrand(ctx, person, e)
	return address, keep, err
}

func (a *App) keepErrand(ctx context.Context, person people.PersonID, e errand) (string, error) {
	content, err := json.Marshal(e)
	if err != nil {
		return "", fault.Broken(err)
	}
	ticket, token, err := signin.NewLink(forProvider, provider.Life, a.now(), a.random)
	if err != nil {
		return "", fault.Broken(err)
	}
	return token, a.keepTicket(ctx, store.Ticket{Ticket: ticket, Person: person}, content)
}

func (a *App) takeErrand(ctx context.Context, keep string) (e errand, pending provider.Pending, err error) {
	digest, err := signin.TokenDigest(forProvider, keep)
	if err != nil {
		return e, pending, notAsked(fault.Missing().Because(err))
	}
	_, content, err := a.takeTicket(ctx, digest, forProvider)
	if err != nil {
		return e, pending, notAsked(err)
	}
	if json.Unmarshal(content, &e) != nil {
		return e, pending, fault.Broken(errors.New("what was kept for a provider is not what it should be"))
	}
	if pending, err = provider.ParsePending(e.Pending); err != nil {
		return e, pending, fault.Broken(err)
	}
	return e, pending, nil
}

// FinishProvider does what BeginProvider began, with the query with which the
// browser came back. The session that it returns is a new one, except after
// linking, when there is none.
func (a *App) FinishProvider(ctx context.Context, who Who, place netip.Addr, keep string, query url.Values) (SignedIn, error) {
	if err := a.allowFrom(signin.SignInFromPlace, place); err != nil {
		return SignedIn{}, err
	}
	e, pending, err := a.takeErrand(ctx, keep)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := a.openProvider(ctx)
	switch {
	case err != nil:
		return SignedIn{}, err
	case p == nil:
		return SignedIn{}, noProvider()
	}
	var person people.PersonID
	if e.Link {
		person = who.Person
	}
	id, err := p.Finish(ctx, &pending, person, query, a.now())
	if err != nil {
		return SignedIn{}, err
	}
	tag, err := a.tag(providerTags, id.Issuer+"\x00"+id.Subject)
	if err != nil {
		return SignedIn{}, err
	}
	link := identity{tag, p.Name(), id.Issuer + "\x00" + id.Subject}
	switch {
	case e.Link:
		return SignedIn{Who: who}, a.changeSignIn(ctx, who, func(ctx context.Context, act *acting, c account, _ []store.Credential) error {
			return a.addIdentity(ctx, act, c, link)
		})
	case e.Invitation != "":
		return a.acceptElsewhere(ctx, who, e.Invitation, link)
	}
	return a.arriveFrom(ctx, who, link)
}

// identity is who somebody is at the provider.
type identity struct {
	tag  string // by which it is found
	name string // the provider's
	what string // what the tag is of, so that it can be made anew under another key
}

// kept is an identity as a credential holds it.
func (i identity) kept() []byte { return []byte(i.name + "\x00" + i.what) }

func (a *App) addIdentity(ctx context.Context, act *acting, c account, i identity) error {
	err := a.addCredential(ctx, act, c.key, c.Person, credProvider, i.tag, i.kept())
	if errors.Is(err, store.ErrDuplicate) {
		return fault.Refuse("Your account at "+i.name+" is linked with an account here already.", "Sign in with it.").Because(err)
	}
	return err
}

func (a *App) acceptElsewhere(ctx context.Context, who Who, digest signin.Digest, i identity) (SignedIn, error) {
	found, err := a.readInvitation(ctx, digest)
	if err != nil {
		return SignedIn{}, err
	}
	return a.accept(ctx, who, found, func(ctx context.Context, act *acting, c account) error {
		return a.addIdentity(ctx, act, c, i)
	})
}

func (a *App) arriveFrom(ctx context.Context, who Who, i identity) (SignedIn, error) {
	notLinked := fault.Refuse("Your account at "+i.name+" is not linked with an account here.",
		"Sign in another way, then link it on your own page.")
	var one store.Credential
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		one, err = tx.CredentialBy(ctx, credProvider, i.tag)
		return err
	})
	if err != nil {
		if err = unlessMissing(err); err == nil {
			err = notLinked
		}
		return SignedIn{}, err
	}
	return a.arrive(ctx, who, one.Person, signin.ByProvider, func(ctx context.Context, act *acting) error {
		now, err := act.CredentialBy(ctx, credProvider, i.tag)
		if err != nil || now.Person != one.Person {
			if err = unlessMissing(err); err == nil {
				err = notLinked
			}
			return err
		}
		now.Used = act.now
		return act.PutCredential(ctx, now)
	})
}

// ReadProvider returns the provider of the installation, without its secret.
func (a *App) ReadProvider(ctx context.Context, who Who) (f ProviderForm, err error) {
	err = a.look(ctx, who, access.ReadInstallation, people.Installation, installation, readSettings(func(s map[string]string) {
		f = ProviderForm{Name: s[settingProviderName], Issuer: s[settingProviderIssuer], ClientID: s[settingProviderClient]}
	}))
	return f, err
}

// ChangeProvider sets by which provider people may sign in.
func (a *App) ChangeProvider(ctx context.Context, who Who, f ProviderForm) error {
	f = ProviderForm{strings.TrimSpace(f.Name), strings.TrimSpace(f.Issuer), strings.TrimSpace(f.ClientID), strings.TrimSpace(f.ClientSecret)}
	address, err := a.Address(ctx)
	if err != nil {
		return err
	}
	return a.do(ctx, who, access.ChangeInstallation, people.Installation, installation, func(ctx context.Context, act *acting) error {
		if err := f.check(address); err != nil {
			return err
		}
		if f.ClientSecret != "" {
			if err := a.writeSecret(ctx, act.Tx, fieldProvider, f.ClientSecret); err != nil {
				return err
			}
		}
		return a.putProvider(ctx, act, f)
	})
}

func (f ProviderForm) check(at Address) error {
	var problems fault.Fields
	for _, p := range []struct{ name, value, words string }{
		{"name", f.Name, "Write what people call it, such as Elm County."},
		{"issuer", f.Issuer, "Write the address that the provider gives as its issuer."},
		{"client", f.ClientID, "Write the client id that the provider gave you."},
	} {
		if p.value == "" {
			problems.Add(p.name, p.words)
		}
	}
	if err := problems.Err(); err != nil {
		return err
	}
	c := provider.Config{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: f.ClientSecret, Name: f.Name, Redirect: at.Origin + ProviderPath}
	if _, err := provider.New(c, nil); err != nil {
		return fault.Refuse("Nobody could sign in by this provider.",
			"Its issuer is an address with https, and so is the address of this server. Name and client id fit in one short line each.").Because(err)
	}
	return nil
}

func (a *App) putProvider(ctx context.Context, act *acting, f ProviderForm) error {
	for name, value := range map[string]string{
		settingProviderName: f.Name, settingProviderIssuer: f.Issuer, settingProviderClient: f.ClientID,
	} {
		if err := act.PutSetting(ctx, name, value); err != nil {
			return err
		}
	}
	return nil
}

// RemoveProvider takes the provider away. Whoever signed in by it only needs
// another way; links stay, for when it comes back.
func (a *App) RemoveProvider(ctx context.Context, who Who) error {
	return a.do(ctx, who, access.ChangeInstallation, people.Installation, installation, func(ctx context.Context, act *acting) error {
		if err := a.writeSecret(ctx, act.Tx, fieldProvider, ""); err != nil {
			return err
		}
		return a.putProvider(ctx, act, ProviderForm{})
	})
}
