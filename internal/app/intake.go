package app

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/keyring"
	"roundtable/internal/people"
	"roundtable/internal/photo"
	"roundtable/internal/store"
	"roundtable/internal/vault"
	"roundtable/internal/walk"
)

// Waiting is an event that waits on a device: what the device can still say of it,
// and the event itself in a letter that only the server opens.
type Waiting struct {
	Device people.DeviceID // that made it
	Case   store.CaseID
	Event  walk.EventID
	// Order is its number among all events that the device made, from 1.
	Order uint64
	// After is the event of the device that must be in the case before it; "" if
	// none waits.
	After  walk.EventID
	Letter []byte
}

// The bounds of what is sent at once. The longest event of all, letter and all,
// fits in MaxLetter.
const (
	MaxWaiting = 100
	MaxLetter  = 2 << 20
)

// Fate is what became of an event that was sent.
type Fate string

// The fates. Whatever is kept, doubled or forgotten the device lets go; all else
// it holds on to.
const (
	Kept    Fate = "kept"    // it is in the record now
	Late    Fate = "late"    // it is, now or before, and as a move it came too late and moved nothing
	Doubled Fate = "doubled" // it was in the record already
	Wait    Fate = "wait"    // it cannot be taken yet: send it again later
	Refused Fate = "refused" // it cannot be taken as it is; Words say why
	Forget  Fate = "forget"  // its case was destroyed, or its device revoked, and it will never be taken
)

// Receipt tells what became of one event.
type Receipt struct {
	Event walk.EventID
	Fate  Fate
	Words string // of Refused and Forget, for people
}

// SendWaiting takes events that waited on a device, each once and only once, in
// the order in which the device made them, and tells of each what became of it, in
// that order. They are the device's: whoever is signed in meanwhile has not made
// them. What is refused keeps nothing else back, except that an event waits for the
// one after which the device made it.
//
// The error is for what concerns all of them: that this is no enrolled device, or
// that they are too many. Where the server fails in the middle, what was not
// reached has the fate Wait.
func (a *App) SendWaiting(ctx context.Context, who Who, list []Waiting) ([]Receipt, error) {
	if who.Device == nil {
		return nil, fault.Missing().Because(errors.New("no enrolled device"))
	}
	if len(list) > MaxWaiting {
		return nil, fault.Refuse("That is more than is taken at once.", "Send it in parts.")
	}
	who = Who{Device: who.Device, Library: who.Device.Library, Branch: who.Device.Branch}
	keys, err := a.intakeKeys(ctx, who.Library)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y Waiting) int { return cmp.Compare(x.Order, y.Order) })
	receipts, err := a.takeAllWaiting(ctx, who, keys, list)
	if err != nil {
		return nil, err
	}
	// Only now is it known whether a walk that calls for somebody is over already.
	// Where that fails, all of it is sent again, and asked again.
	if err := a.orderForWaiting(ctx, who, list, receipts); err != nil {
		return nil, err
	}
	return receipts, nil
}

func (a *App) takeAllWaiting(ctx context.Context, who Who, keys []intakeKey, list []Waiting) ([]Receipt, error) {
	receipts := make([]Receipt, 0, len(list))
	for i, w := range list {
		r, err := a.takeWaiting(ctx, who, keys, w)
		if err != nil {
			if i == 0 {
				return nil, err
			}
			a.log.Error("waiting events", "err", err)
			for _, rest := range list[i:] {
				receipts = append(receipts, Receipt{Event: rest.Event, Fate: Wait})
			}
			return receipts, nil
		}
		receipts = append(receipts, r)
	}
	return receipts, nil
}

// orderForWaiting orders the alerts of each walk of which something is in the record
// now, or was already: what was to follow the first time may not have come to pass.
func (a *App) orderForWaiting(ctx context.Context, who Who, list []Waiting, receipts []Receipt) error {
	done := map[store.CaseID]bool{}
	for i, r := range receipts {
		id := list[i].Case
		if done[id] || r.Fate != Kept && r.Fate != Late && r.Fate != Doubled {
			continue
		}
		done[id] = true
		if err := a.orderWaiting(ctx, who, id); err != nil {
			return err
		}
	}
	return nil
}

// takeWaiting takes one event. The error is the server's; all else is a fate.
func (a *App) takeWaiting(ctx context.Context, who Who, keys []intakeKey, w Waiting) (Receipt, error) {
	r := Receipt{Event: w.Event, Fate: Kept}
	e, sent, err := a.openWaiting(ctx, who, keys, w)
	if err == nil && e.Kind == walk.Started {
		err = a.startWaiting(ctx, who, w, e, &r)
	} else if err == nil {
		err = a.addWaiting(ctx, who, w, e, sent, &r)
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		return r, nil
	case ctx.Err() != nil || kind == fault.Internal:
		return r, err
	case errors.Is(err, errGone):
		return Receipt{Event: w.Event, Fate: Forget, Words: fault.Words(err)}, nil
	case errors.Is(err, errNotYet):
		return Receipt{Event: w.Event, Fate: Wait}, nil
	}
	return Receipt{Event: w.Event, Fate: Refused, Words: fault.Words(err)}, nil
}

// What is told of an event that is not taken, to be found again by errors.Is.
var (
	errGone   = errors.New("it will never be taken")
	errNotYet = errors.New("it is sent before what it follows")
)

func destroyed() error {
	return fault.Over("The record of this walk was destroyed.", "Nothing more is kept of it.").Because(errGone)
}

// openWaiting opens a letter: an event, and the picture that came with it if it is
// that of a photo. What it says must be what the device says of it.
func (a *App) openWaiting(ctx context.Context, who Who, keys []intakeKey, w Waiting) (e walk.Event, sent []byte, err error) {
	if w.Device != who.Device.ID {
		return e, nil, a.ofOtherDevice(ctx, who, w.Device)
	}
	if len(w.Letter) > MaxLetter {
		return e, nil, unreadable(vault.ErrTooLarge)
	}
	letter, err := vault.ParseLetter(slices.Clone(w.Letter))
	if err != nil {
		return e, nil, unreadable(err)
	}
	i := slices.IndexFunc(keys, func(k intakeKey) bool { return letter.IsFor(k.print) })
	if i < 0 {
		return e, nil, unreadable(vault.ErrOtherKey)
	}
	text, err := keys[i].key.Open(vault.ForIntake, w.place(who.Library), letter)
	if err != nil {
		return e, nil, unreadable(err)
	}
	defer text.Erase()
	event, picture := splitPhoto(text.Bytes())
	if err := json.Unmarshal(event, &e); err != nil {
		return e, nil, unreadable(err)
	}
	if e.ID != w.Event || e.Seq != 0 || !e.Received.IsZero() || e.Device != "" || e.Who != "" || e.Sum != "" || e.Kind == walk.HandedOver {
		return e, nil, unreadable(errors.New("the event says what its device cannot know"))
	}
	if (e.Kind == walk.Pictured) != (len(picture) > 0) {
		return e, nil, unreadable(errPhotoless)
	}
	return e, slices.Clone(picture), nil
}

// place is what a letter is bound to: a letter of another device, about another
// case, or put at another place in the order does not open.
func (w Waiting) place(library people.LibraryID) vault.Place {
	return vault.Place{Library: string(library), Case: string(w.Case), Field: "waiting " + string(w.Device), Version: w.Order}
}

func unreadable(cause error) error {
	return fault.Refuse("This could not be read, so it was not kept.", "Write it down again.").Because(cause)
}

// ofOtherDevice is told of what another enrolment left in the same browser. What a
// revoked device left is never taken.
func (a *App) ofOtherDevice(ctx context.Context, who Who, id people.DeviceID) error {
	var device people.Device
	err := a.store.Read(ctx, people.Installation, func(tx *store.Tx) (err error) {
		device, err = tx.Device(ctx, id)
		return err
	})
	switch {
	case err == nil && device.Library == who.Library && !device.Works(a.now()):
		return fault.Over("This was typed before the device was taken out of use.", "Nothing more is kept of it.").Because(errGone)
	case unlessMissing(err) != nil:
		return err
	}
	return fault.Refuse("This was typed under another enrolment of this device.", "Write it down again.")
}

// startWaiting begins a walk with its event, in any version of a playbook that the
// library ever adopted.
func (a *App) startWaiting(ctx context.Context, who Who, w Waiting, e walk.Event, r *Receipt) error {
	if _, err := people.ParseID[store.CaseID](string(w.Case)); err != nil {
		return unreadable(err)
	}
	f := StartForm{Playbook: e.Playbook, Branch: who.Branch, Case: w.Case, Event: e.ID, At: e.At, waited: true}
	return a.do(ctx, who, access.StartWalk, who.Library, onBranch(f.Branch), func(ctx context.Context, act *acting) error {
		if _, err := act.Case(ctx, f.Case); err == nil {
			act.quiet, r.Fate = true, Doubled
			return a.mustHaveStarted(ctx, act.Tx, f.Case, f.Event)
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
		program, err := act.Program(ctx, e.Program)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err != nil || program.Playbook != e.Playbook {
			return fault.Clash("This library never had that version of the playbook.", "Start the playbook again from the desk.")
		}
		plan, err := a.plan(ctx, act.Tx, e.Program)
		if err != nil {
			return err
		}
		return a.beginWalk(ctx, act, f, plan, e)
	})
}

// addWaiting adds an event to its walk: as the act that it is, where the walk is
// still the device's, else as one that waited.
func (a *App) addWaiting(ctx context.Context, who Who, w Waiting, e walk.Event, sent []byte, r *Receipt) error {
	act, err := a.actOfWaiting(ctx, who, w, e.Kind)
	if err != nil {
		return err
	}
	var picture photo.Photo
	if e.Kind == walk.Pictured {
		if picture, err = a.readPhoto(ctx, sent); err != nil {
			return err
		}
	}
	var c *caseFile
	return a.do(ctx, who, act, who.Library, a.onCase(w.Case, who, &c), func(ctx context.Context, act *acting) error {
		c.waited = true
		if w.After != "" {
			if _, err := act.CaseEventSeq(ctx, c.ID, string(w.After)); err != nil {
				return notYet(err)
			}
		}
		late, err := a.addEither(ctx, act, c, e, picture)
		if err == nil && act.quiet {
			r.Fate = Doubled
			late, err = a.cameLate(ctx, act.Tx, c, e.ID)
		}
		if late {
			r.Fate = Late
		}
		return err
	})
}

// addEither adds an event to a walk, with the photo that it is of if there is one.
func (a *App) addEither(ctx context.Context, act *acting, c *caseFile, e walk.Event, picture photo.Photo) (late bool, err error) {
	if e.Kind == walk.Pictured {
		return a.keepPhoto(ctx, act, c, e, picture)
	}
	return a.addToWalk(ctx, act, c, e)
}

// cameLate reports whether an event that is there already came too late: its device
// may not have heard of it.
func (a *App) cameLate(ctx context.Context, tx *store.Tx, c *caseFile, id walk.EventID) (bool, error) {
	w, err := a.fold(ctx, tx, c)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(w.Entries(), func(e walk.Entry) bool { return e.ID == id && e.Late }), nil
}

// actOfWaiting says which act adding an event is. An event of a case that is not
// there is late for good if the case was destroyed, and early otherwise if its
// device says that something comes before it.
func (a *App) actOfWaiting(ctx context.Context, who Who, w Waiting, kind walk.Kind) (act access.Act, err error) {
	act, ok := actOf(kind)
	if !ok {
		return act, unreadable(fmt.Errorf("an event of the kind %q is no act of its own", kind))
	}
	err = a.store.Read(ctx, who.Library, func(tx *store.Tx) error {
		c, err := a.openCase(ctx, tx, w.Case)
		if err == nil {
			if !may(who, act, c.subject(tx.Tenant(), who), a.now()) {
				act = access.SendWaiting
			}
			return nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
		gone, err := tx.WasDestroyed(ctx, w.Case)
		if err != nil {
			return err
		}
		if _, err := tx.Case(ctx, w.Case); err == nil { // its key went first
			gone = true
		}
		switch {
		case gone:
			return destroyed()
		case w.After != "":
			return notYet(fault.Missing())
		}
		return fault.Clash("The server does not know this walk.", "Write it down again in a new walk.")
	})
	return act, err
}

// notYet is the error of what is not there yet; any other stays as it is.
func notYet(err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return fault.Clash("Something that was typed before has not arrived yet.", "It will be sent again.").Because(errNotYet)
}

// settingIntake is the public half of the key to which devices seal what waits:
// the base64 of its 65 bytes. The private half is in the keyring.
const settingIntake = "intake.public-key"

// intakeKey is an intake key of a library, opened.
type intakeKey struct {
	print vault.Fingerprint
	key   vault.PrivateKey
}

// intakeKeys opens a library's intake keys. There is one, unless it was replaced:
// what was sealed to one before still opens.
func (a *App) intakeKeys(ctx context.Context, library people.LibraryID) (keys []intakeKey, err error) {
	keys, err = a.intakeKeysOnce(ctx, library)
	if errors.Is(err, vault.ErrOtherKey) { // the library's key was replaced meanwhile
		a.forget(library)
		keys, err = a.intakeKeysOnce(ctx, library)
	}
	return keys, err
}

func (a *App) intakeKeysOnce(ctx context.Context, library people.LibraryID) (keys []intakeKey, err error) {
	t, err := a.tenantOf(ctx, library)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.intake != nil {
		return t.intake, nil
	}
	entries, err := a.ring.List(ctx, string(library))
	if err != nil {
		return nil, ringFault(err)
	}
	for _, entry := range entries {
		if entry.Kind != keyring.Intake {
			continue
		}
		k, err := openIntake(t, library, entry)
		if err != nil {
			return nil, fault.Broken(fmt.Errorf("an intake key: %w", err))
		}
		keys = append(keys, k)
	}
	t.intake = keys
	return keys, nil
}

func openIntake(t *tenant, library people.LibraryID, entry keyring.Entry) (k intakeKey, err error) {
	if k.print, err = vault.ParseFingerprint(entry.ID); err != nil {
		return k, err
	}
	wrapped, err := vault.ParseWrapped(entry.Bytes)
	if err != nil {
		return k, err
	}
	k.key, err = t.key.UnwrapIntake(wrapped, string(library), k.print)
	return k, err
}

// intakePublic returns the public key to which devices of a library seal what
// waits, and makes it if there is none yet. Its private half is durable before
// anybody is told the public one.
func (a *App) intakePublic(ctx context.Context, library people.LibraryID) (public []byte, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) (err error) {
		public, err = readIntake(ctx, tx)
		return err
	})
	if err != nil || public != nil {
		return public, err
	}
	err = a.store.Write(ctx, library, func(tx *store.Tx) (err error) {
		if public, err = readIntake(ctx, tx); err != nil || public != nil {
			return err // another process was quicker
		}
		if public, err = a.makeIntake(ctx, library); err != nil {
			return err
		}
		return tx.PutSetting(ctx, settingIntake, base64.StdEncoding.EncodeToString(public))
	})
	return public, err
}

func readIntake(ctx context.Context, tx *store.Tx) ([]byte, error) {
	text, err := tx.Setting(ctx, settingIntake)
	if err != nil || text == "" {
		return nil, err
	}
	public, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fault.Broken(fmt.Errorf("the intake key: %w", err))
	}
	return public, nil
}

func (a *App) makeIntake(ctx context.Context, library people.LibraryID) ([]byte, error) {
	private, err := vault.NewPrivateKey(a.random)
	if err != nil {
		return nil, fault.Broken(err)
	}
	public, err := private.Public()
	if err != nil {
		return nil, fault.Broken(err)
	}
	for range 2 { // once more if the library's key is being replaced just now
		t, err := a.tenantOf(ctx, library)
		if err != nil {
			return nil, err
		}
		wrapped, err := t.key.WrapIntake(a.random, string(library), private)
		if err != nil {
			return nil, fault.Broken(err)
		}
		slot := keyring.Slot{Kind: keyring.Intake, Library: string(library), ID: public.Fingerprint().String()}
		err = a.ring.Put(ctx, keyring.Entry{Slot: slot, Made: a.now(), Bytes: wrapped.Bytes()})
		a.forget(library)
		if !errors.Is(err, keyring.ErrStaleKey) {
			return public.Bytes(), ringFault(err)
		}
	}
	return nil, fault.Clash("The library's key is being replaced at this moment.", "Try again in a minute.")
}
