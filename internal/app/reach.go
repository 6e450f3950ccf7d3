package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/push"
	"roundtable/internal/sms"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// Where a person's alerts go is one value, sealed under the person's key. Until they
// say otherwise, e-mail goes to the address of their account.

// fieldWays is where the value is sealed.
const fieldWays = "alert_ways.sealed"

// MaxBrowsers is how many browsers a person can have alerts sent to.
const MaxBrowsers = 10

// ways is where a person's alerts go, as it is kept.
type ways struct {
	NoMail bool      `json:"no_mail,omitempty"` // no e-mail, whatever the address
	Mail   string    `json:"mail,omitempty"`    // "" for the account's own
	SMS    string    `json:"sms,omitempty"`
	Push   []pushWay `json:"push,omitempty"` // in the order in which they came
	Lost   []lostWay `json:"lost,omitempty"` // what was taken off since it was there no more
	sealed store.AlertWays
}

type pushWay struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Made    int64  `json:"made"` // milliseconds
	Address string `json:"address"`
}

type lostWay struct {
	Channel notify.Channel `json:"channel"`
	Name    string         `json:"name,omitempty"` // of a browser
	At      int64          `json:"at"`             // milliseconds
}

// channels lists the channels by which the person is to be told, own being the mail
// address of their account.
func (w ways) channels(own string) (list []notify.Channel) {
	for _, ch := range notify.Channels {
		if len(w.addresses(ch, own)) > 0 {
			list = append(list, ch)
		}
	}
	return list
}

// addresses lists where messages of a channel go. Every browser gets a push.
func (w ways) addresses(ch notify.Channel, own string) (list []notify.Address) {
	add := func(text string) {
		if text != "" {
			list = append(list, notify.NewAddress(text))
		}
	}
	switch ch {
	case notify.Mail:
		if !w.NoMail {
			add(w.mail(own))
		}
	case notify.SMS:
		add(w.SMS)
	case notify.Push:
		for _, p := range w.Push {
			add(p.Address)
		}
	}
	return list
}

func (w ways) mail(own string) string {
	if w.Mail != "" {
		return w.Mail
	}
	return own
}

// waysOf opens where a person's alerts go.
func (a *App) waysOf(ctx context.Context, tx *store.Tx, acc account) (w ways, err error) {
	w.sealed, err = tx.AlertWays(ctx, acc.Person)
	if err != nil {
		w.sealed.Person = acc.Person
		return w, unlessMissing(err)
	}
	clear, err := unseal(acc.key, people.Installation, string(acc.Person), fieldWays, w.sealed.Version, w.sealed.Sealed)
	if err != nil {
		return w, err
	}
	if json.Unmarshal(clear, &w) != nil {
		return w, fault.Broken(errors.New("where alerts go is not in the form in which it was written")) // the cause would show it
	}
	return w, nil
}

// putWays seals and keeps where a person's alerts go.
func (a *App) putWays(ctx context.Context, tx *store.Tx, acc account, w ways) error {
	text, err := json.Marshal(w)
	if err != nil {
		return fault.Broken(err)
	}
	row := w.sealed
	row.Version++
	if row.Sealed, err = a.seal(acc.key, people.Installation, string(acc.Person), fieldWays, row.Version, text); err != nil {
		return err
	}
	return tx.PutAlertWays(ctx, row)
}

// hasChannel reports whether this server has a sender for a channel.
func (a *App) hasChannel(ch notify.Channel) bool {
	_, ok := a.alarms.channels[ch]
	return ok
}

// personOf finds whose pseudonym of a library it is: fault.Missing if that is not
// known any more.
func (a *App) personOf(ctx context.Context, tx *store.Tx, library people.LibraryID, name people.Pseudonym) (account, error) {
	sealed, err := tx.Pseudonyms(ctx, library)
	if err != nil {
		return account{}, err
	}
	for id := range sealed {
		known, err := a.pseudonym(ctx, tx, id, library)
		if err != nil {
			return account{}, err
		}
		if known == name {
			return a.openAccount(ctx, tx, id)
		}
	}
	return account{}, fault.Missing()
}

// addressesOf returns where messages of a channel go for somebody at a library, none
// if they cannot be reached by it. It reads the installation and must not be called
// within a transaction: one that waits for another may wait for ever.
func (a *App) addressesOf(ctx context.Context, library people.LibraryID, person people.Pseudonym, ch notify.Channel) (list []notify.Address, err error) {
	err = a.store.Read(ctx, people.Installation, func(tx *store.Tx) error {
		acc, err := a.personOf(ctx, tx, library, person)
		if err != nil || acc.hasLeft(a.now()) {
			return unlessMissing(err)
		}
		w, err := a.waysOf(ctx, tx, acc)
		list = w.addresses(ch, acc.card.Mail)
		return err
	})
	return list, err
}

// goneKind is the kind of the entry that an address was taken off, since whoever
// carries messages says that it is there no more. It tells which channel, and no
// address.
const goneKind ledger.Kind = "alert-address-gone"

// forgetAddress takes an address off that is there no more. The person is told on
// their own page. It must not be called within a transaction.
func (a *App) forgetAddress(ctx context.Context, library people.LibraryID, person people.Pseudonym, ch notify.Channel, address notify.Address) error {
	id, err := a.actID()
	if err != nil {
		return err
	}
	var libraries []people.LibraryID
	err = a.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		acc, err := a.personOf(ctx, tx, library, person)
		if err != nil {
			return unlessMissing(err)
		}
		w, err := a.waysOf(ctx, tx, acc)
		if err != nil || !w.lose(ch, acc.card.Mail, address, a.now()) {
			return err
		}
		if err := a.putWays(ctx, tx, acc, w); err != nil {
			return err
		}
		libraries, err = a.crewMoved(ctx, tx, access.SubscribeAlerts, access.Subject{Library: library, Account: acc.Person})
		if err != nil {
			return err
		}
		object, err := a.objectOf(ctx, tx, acc.Person, people.Installation)
		if err != nil {
			return err
		}
		return a.enter(ctx, tx, goneKind, &acting{now: a.now(), id: id, object: object, contents: []byte(ch)})
	})
	if err != nil {
		return err
	}
	a.tellCrews(ctx, libraries)
	return nil
}

// maxLost is how many losses are kept to be told.
const maxLost = 10

// lose takes an address off. It reports whether it was there.
func (w *ways) lose(ch notify.Channel, own string, address notify.Address, now time.Time) bool {
	lost := lostWay{Channel: ch, At: now.UnixMilli()}
	text := address.Reveal()
	switch {
	case text == "":
		return false
	case ch == notify.Mail && !w.NoMail && w.mail(own) == text:
		w.NoMail = true
	case ch == notify.SMS && w.SMS == text:
		w.SMS = ""
	case ch == notify.Push:
		i := slices.IndexFunc(w.Push, func(p pushWay) bool { return p.Address == text })
		if i < 0 {
			return false
		}
		lost.Name = w.Push[i].Name
		w.Push = slices.Delete(w.Push, i, i+1)
	default:
		return false
	}
	w.Lost = append(w.Lost, lost)
	w.Lost = w.Lost[max(0, len(w.Lost)-maxLost):]
	return true
}

// AlertWays is where the alerts of whoever asks go, for their own page.
type AlertWays struct {
	Mail     bool   // by e-mail
	MailTo   string // another address than the account's; "" for that
	Own      string // the account's mail address, "" if it has none
	Number   string // for text messages, "" for none
	Browsers []AlertBrowser
	Lost     []LostWay
	// Has says which channels this server has at all.
	Has map[notify.Channel]bool
	// WhyNoPush says in whole sentences why no browser can be added here; "" if one
	// can.
	WhyNoPush string
	PushKey   string // the public key under which browsers subscribe; "" where none can
}

// AlertBrowser is a browser that gets pushes.
type AlertBrowser struct {
	ID   string
	Name string
	Made time.Time
}

// LostWay is an address that was taken off, since it was there no more.
type LostWay struct {
	Channel notify.Channel
	Name    string // of a browser
	At      time.Time
}

// MyAlertWays returns where the alerts of whoever asks go.
func (a *App) MyAlertWays(ctx context.Context, who Who) (view AlertWays, err error) {
	key, why, err := a.pushKey(ctx)
	if err != nil {
		return view, err
	}
	view.PushKey, view.WhyNoPush = key, why
	view.Has = map[notify.Channel]bool{}
	for _, ch := range notify.Channels {
		view.Has[ch] = a.hasChannel(ch)
	}
	err = a.look(ctx, who, access.SubscribeAlerts, people.Installation, a.onSelf(who), func(ctx context.Context, tx *store.Tx, _ time.Time) error {
		acc, err := a.openAccount(ctx, tx, who.Person)
		if err != nil {
			return err
		}
		w, err := a.waysOf(ctx, tx, acc)
		view.Own, view.Mail, view.MailTo, view.Number = acc.card.Mail, !w.NoMail && w.mail(acc.card.Mail) != "", w.Mail, w.SMS
		for _, p := range w.Push {
			view.Browsers = append(view.Browsers, AlertBrowser{p.ID, p.Name, time.UnixMilli(p.Made).UTC()})
		}
		for _, l := range w.Lost {
			view.Lost = append(view.Lost, LostWay{l.Channel, l.Name, time.UnixMilli(l.At).UTC()})
		}
		return err
	})
	return view, err
}

// changeWays is the act by which whoever asks says where their alerts go.
func (a *App) changeWays(ctx context.Context, who Who, change func(acc account, w *ways, now time.Time) error) error {
	return a.do(ctx, who, access.SubscribeAlerts, people.Installation, a.onSelf(who), func(ctx context.Context, act *acting) error {
		acc, err := a.openAccount(ctx, act.Tx, who.Person)
		if err != nil {
			return err
		}
		w, err := a.waysOf(ctx, act.Tx, acc)
		if err != nil {
			return err
		}
		if err := change(acc, &w, act.now); err != nil {
			return err
		}
		return a.putWays(ctx, act.Tx, acc, w)
	})
}

// AlertWaysForm is what is typed about mail and text messages.
type AlertWaysForm struct {
	Mail   bool   // by e-mail
	MailTo string // "" for the account's own address
	Number string // "" for no text messages; as people write it
}

// SetAlertWays says by which mail and which number whoever asks is told. An Invalid
// fault is about the fields "mail", "number".
func (a *App) SetAlertWays(ctx context.Context, who Who, form AlertWaysForm) error {
	form.MailTo, form.Number = strings.TrimSpace(form.MailTo), plainNumber(form.Number)
	return a.changeWays(ctx, who, func(acc account, w *ways, _ time.Time) error {
		var problems fault.Fields
		switch {
		case form.MailTo != "" && !people.IsMail(form.MailTo):
			problems.Add("mail", "Write an address such as name@library.example, or leave this empty.")
		case form.Mail && form.MailTo == "" && acc.card.Mail == "":
			problems.Add("mail", "Your account has no mail address. Write one here.")
		}
		if form.Number != "" && !sms.IsNumber(form.Number) {
			problems.Add("number", "Write the number with + and the country first, such as +1 555 010 0123.")
		}
		if err := problems.Err(); err != nil {
			return err
		}
		w.NoMail, w.Mail, w.SMS = !form.Mail, form.MailTo, form.Number
		if form.MailTo == acc.card.Mail {
			w.Mail = "" // it goes along when the account's changes
		}
		w.Lost = slices.DeleteFunc(w.Lost, func(l lostWay) bool {
			return l.Channel == notify.Mail && form.Mail || l.Channel == notify.SMS && form.Number != ""
		})
		return nil
	})
}

// plainNumber is a telephone number without what people write between its digits.
func plainNumber(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\u00a0-./()", r) {
			return -1
		}
		return r
	}, text)
}

// AddAlertBrowser has a browser of whoever asks told by push, under a name by which
// they know it. subscription is what the browser gives as JSON. The same browser
// again takes the place of what it was.
func (a *App) AddAlertBrowser(ctx context.Context, who Who, name string, subscription []byte) error {
	sub, err := push.FromBrowser(subscription)
	if err != nil {
		return fault.Refuse("This browser gave no address to which alerts can go.", "Try again, or use another browser.")
	}
	_, why, err := a.pushKey(ctx)
	switch {
	case err != nil:
		return err
	case why != "":
		return fault.Refuse(why, "Choose e-mail or text messages.")
	case !a.allowsPush(sub):
		return fault.Refuse("This browser's push service is not one that we know.", "Use another browser, or e-mail.")
	}
	id, err := newID[string](a, a.now())
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	return a.changeWays(ctx, who, func(_ account, w *ways, now time.Time) error {
		var problems fault.Fields
		addLine(&problems, "name", name, 1, 60)
		if err := problems.Err(); err != nil {
			return err
		}
		address := sub.Address().Reveal()
		w.Push = slices.DeleteFunc(w.Push, func(p pushWay) bool { return p.Address == address })
		if len(w.Push) >= MaxBrowsers {
			return fault.Refuse(fmt.Sprintf("Alerts go to %d browsers already.", MaxBrowsers), "Remove one that you do not use, then add this one.")
		}
		w.Push = append(w.Push, pushWay{id, name, now.UnixMilli(), address})
		w.Lost = slices.DeleteFunc(w.Lost, func(l lostWay) bool { return l.Channel == notify.Push })
		return nil
	})
}

// allowsPush reports whether pushes to a subscription would be sent, as far as the
// sender can tell. It must not be called within a transaction.
func (a *App) allowsPush(sub push.Subscription) bool {
	if c, ok := a.alarms.channels[notify.Push]; ok {
		if s, ok := c.Sender.(interface{ Allows(push.Subscription) bool }); ok {
			return s.Allows(sub)
		}
	}
	return true
}

// RemoveAlertBrowser takes a browser off.
func (a *App) RemoveAlertBrowser(ctx context.Context, who Who, id string) error {
	return a.changeWays(ctx, who, func(_ account, w *ways, _ time.Time) error {
		i := slices.IndexFunc(w.Push, func(p pushWay) bool { return p.ID == id })
		if i < 0 {
			return fault.Over("This browser was removed already.", "Look at the list again.")
		}
		w.Push = slices.Delete(w.Push, i, i+1)
		return nil
	})
}
