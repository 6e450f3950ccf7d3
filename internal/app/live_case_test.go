package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/internal/walk"
)

// named is somebody with a role who has an account, so that they are called by name.
func (b *bench) named(t testing.TB, role people.Role, name string) Who {
	t.Helper()
	who := b.as(t, role)
	ctx := t.Context()
	must(t, b.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
		act := &acting{Tx: tx, now: b.now}
		if _, err := b.enrolPerson(ctx, act, who.Person, PersonForm{Name: name, Initials: strings.ToUpper(name[:2])}, "", who.Memberships[0]); err != nil {
			return err
		}
		var err error
		who.Pseudonym, err = b.pseudonym(ctx, tx, who.Person, b.library)
		return err
	}))
	return who
}

func TestLineToTheDesk(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk, director := t.Context(), b.atDesk(), b.named(t, people.Director, "Dana Dorsey")
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		before, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)

		b.now = b.now.Add(time.Minute)
		event := walk.EventID(mustID(t, b))
		must(t, b.SendLine(ctx, director, id, event, "  You are doing well. "))
		must(t, b.SendLine(ctx, director, id, event, "You are doing well.")) // pressed twice
		sentAt := b.now

		o, err := b.Outside(ctx, desk, id)
		must(t, err)
		if len(o.Lines) != 1 || o.Lines[0].Text != "You are doing well." || o.Lines[0].Name != "Dana Dorsey" || o.Lines[0].Role != people.Director ||
			!o.Lines[0].At.Equal(sentAt) || !o.Lines[0].Seen.IsZero() || o.Lines[0].Mine || o.MayLine || o.MayCharge {
			t.Fatalf("the desk sees %+v, want one line of Dana's that is not seen", o)
		}
		after, err := b.ReadWalk(ctx, desk, id, "")
		must(t, err)
		if after.Walk.Head() != before.Walk.Head() {
			t.Error("a line to the desk moved the walk")
		}

		b.now = b.now.Add(time.Second)
		if err := b.SeeLine(ctx, director, id, o.Lines[0].ID); fault.KindOf(err) != fault.Refused {
			t.Errorf("SeeLine(the sender) = %v, want a refusal: only the desk says what it has seen", err)
		}
		if err := b.SeeLine(ctx, desk, id, walk.EventID(mustID(t, b))); fault.KindOf(err) != fault.NotFound {
			t.Errorf("SeeLine(no line) = %v, want not found", err)
		}
		must(t, b.SeeLine(ctx, desk, id, o.Lines[0].ID))
		seenAt := b.now
		b.now = b.now.Add(time.Hour)
		must(t, b.SeeLine(ctx, desk, id, o.Lines[0].ID))
		if o, err = b.Outside(ctx, director, id); err != nil || !o.Lines[0].Seen.Equal(seenAt) || !o.Lines[0].Mine || !o.MayLine || !o.MayCharge {
			t.Errorf("the director sees %+v, %v; want it seen at %s", o, err, seenAt)
		}
		kinds := b.kinds(t)
		if n := count(kinds, "send-line"); n != 1 {
			t.Errorf("%d entries of send-line, want 1", n)
		}
		if n := count(kinds, "enter-step"); n != 1 {
			t.Errorf("%d entries of enter-step, want 1: the line was seen once", n)
		}
		ties := b.tiesOf(t, id)
		if slices.Contains(ties.People[store.Author], director.Pseudonym) {
			t.Error("a line to the desk made its sender an author of the case")
		}
	})
}

func TestLinesRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk, director := t.Context(), b.atDesk(), b.as(t, people.Director)
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		for _, tt := range []struct {
			name string
			who  Who
			text string
			want fault.Kind
		}{
			{"the desk to itself", desk, "Hello.", fault.Refused},
			{"an auditor", b.as(t, people.Auditor), "Hello.", fault.NotFound},
			{"somebody at the desk's role who was not told", b.as(t, people.Desk), "Hello.", fault.NotFound},
			{"nothing", director, "  ", fault.Invalid},
			{"too much", director, strings.Repeat("é", walk.MaxLine+1), fault.Invalid},
			{"what cannot be shown", director, "a\u202eb", fault.Invalid},
			{"two lines", director, "a\nb", fault.Invalid},
		} {
			if err := b.SendLine(ctx, tt.who, id, "", tt.text); fault.KindOf(err) != tt.want || err == nil {
				t.Errorf("SendLine(%s) = %v, want %v", tt.name, err, tt.want)
			}
		}
		must(t, b.SendLine(ctx, director, id, "", strings.Repeat("é", walk.MaxLine)))
		for !b.step(t, desk, id) {
		}
		v, err := b.ReadCase(ctx, director, id, "")
		must(t, err)
		if v.Running {
			t.Fatal("the walk goes on, so the test tries nothing")
		}
		if err := b.SendLine(ctx, director, id, "", "Hello."); fault.KindOf(err) != fault.Closed {
			t.Errorf("SendLine(after the end) = %v, want that it is over", err)
		}
	})
}

func TestTakeCharge(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		dana, imani := b.named(t, people.Director, "Dana Dorsey"), b.named(t, people.InCharge, "Imani Okafor")
		id, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		if err := b.TakeCharge(ctx, desk, id); fault.KindOf(err) != fault.Refused {
			t.Errorf("TakeCharge(the desk) = %v, want a refusal", err)
		}
		at := b.now
		must(t, b.TakeCharge(ctx, dana, id))
		b.now = b.now.Add(time.Minute)
		must(t, b.TakeCharge(ctx, dana, id)) // again: nothing changes
		err = b.TakeCharge(ctx, imani, id)
		if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Words(err), "Dana Dorsey") || !strings.Contains(fault.Words(err), at.In(zone("America/New_York")).Format("15:04")) {
			t.Errorf("TakeCharge(second) = %q, %v; want a conflict that says who has it, and since when", fault.Words(err), err)
		}
		for _, who := range []Who{desk, imani, dana} {
			o, err := b.Outside(ctx, who, id)
			must(t, err)
			if c := o.Charge; c == nil || c.Name != "Dana Dorsey" || c.Role != people.Director || !c.At.Equal(at) || c.Mine != (who.Person == dana.Person) || o.MayCharge {
				t.Errorf("Outside(%s) has the charge %+v, may %v; want Dana's since %s", who.Person, c, o.MayCharge, at)
			}
		}
		if n := count(b.kinds(t), "take-charge"); n != 1 {
			t.Errorf("%d entries of take-charge, want 1", n)
		}
	})
}

// What is happening: at every branch and library where somebody may see it, and
// nowhere else; a sealed case only for who may know of it.
func TestHappeningEverywhere(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx, desk := t.Context(), b.atDesk()
		harbor := people.BranchID(mustID(t, b))
		must(t, b.store.Write(ctx, b.library, func(tx *store.Tx) error {
			return tx.AddBranch(ctx, store.Branch{ID: harbor, Name: "Harbor", TimeZone: "America/New_York", Position: 1})
		}))
		elsewhere := people.LibraryID(mustID(t, b))
		must(t, b.makeTenant(ctx, elsewhere))
		other := people.BranchID(mustID(t, b))
		must(t, b.store.Write(ctx, people.Installation, func(tx *store.Tx) error {
			return tx.AddLibrary(ctx, store.Library{ID: elsewhere, Name: "Oak Street Library", Made: b.now, Ready: true})
		}))
		must(t, b.store.Write(ctx, elsewhere, func(tx *store.Tx) error {
			return tx.AddBranch(ctx, store.Branch{ID: other, Name: "Oak", TimeZone: "America/New_York"})
		}))
		must(t, b.adoptShipped(ctx, elsewhere))

		director := b.as(t, people.Director)
		both := b.as(t, people.Director)
		both.Memberships = append(both.Memberships, people.Membership{ID: "n", Person: both.Person, Library: elsewhere, Branch: other, Role: people.InCharge, From: b.now.Add(-time.Hour)})
		atHarbor := b.as(t, people.InCharge)
		atHarbor.Branch, atHarbor.Memberships[0].Branch = harbor, harbor
		auditor := b.as(t, people.Auditor)
		see := func(who Who) string {
			t.Helper()
			list, err := b.HappeningEverywhere(ctx, who)
			must(t, err)
			var said []string
			for _, l := range list {
				for _, at := range l.Branches {
					var titles []string
					for _, c := range at.Cases {
						titles = append(titles, c.Title)
					}
					said = append(said, l.Library.Name+"/"+at.Branch.Name+": "+strings.Join(titles, ", "))
				}
			}
			return strings.Join(said, "; ")
		}
		if got, want := see(director), "Elm Street Library/Main: ; Elm Street Library/Harbor: "; got != want {
			t.Errorf("while nothing happens the director sees %q, want %q", got, want)
		}
		_, err := b.StartWalk(ctx, desk, StartForm{Playbook: "officer"})
		must(t, err)
		_, err = b.StartWalk(ctx, desk, StartForm{Playbook: "suspected-abuse"})
		must(t, err)
		oak := people.Device{ID: people.DeviceID(mustID(t, b)), Library: elsewhere, Branch: other, Name: "Oak desk", Enrolled: b.now}
		_, err = b.StartWalk(ctx, Who{Device: &oak, Library: elsewhere, Branch: other}, StartForm{Playbook: "baiting"})
		must(t, err)
		officer, baited := b.title(t, "officer"), b.title(t, "baiting")
		for _, tt := range []struct {
			name string
			who  Who
			want string
		}{
			{"the director", director, "Elm Street Library/Main: " + officer + "; Elm Street Library/Harbor: "},
			{"somebody of both libraries", both, "Elm Street Library/Main: " + officer + "; Elm Street Library/Harbor: ; Oak Street Library/Oak: " + baited},
			{"whoever is in charge of the other branch", atHarbor, "Elm Street Library/Harbor: "},
			{"the safety lead", b.as(t, people.SafetyLead), "Elm Street Library/Main: " + b.title(t, "suspected-abuse") + "; Elm Street Library/Harbor: "},
		} {
			if got := see(tt.who); got != tt.want {
				t.Errorf("%s sees %q, want %q", tt.name, got, tt.want)
			}
		}
		if _, err := b.HappeningEverywhere(ctx, auditor); err == nil {
			t.Error("HappeningEverywhere(an auditor) = nil error, want one")
		}
		if got := b.HappeningLibraries(both); len(got) != 2 {
			t.Errorf("HappeningLibraries(of both) = %v, want both", got)
		}
		if got := b.HappeningLibraries(auditor); len(got) != 0 {
			t.Errorf("HappeningLibraries(an auditor) = %v, want none", got)
		}
	})
}

func (b *bench) title(t testing.TB, playbook string) string {
	t.Helper()
	list, err := b.Situations(t.Context(), b.atDesk(), "en")
	must(t, err)
	for _, s := range list {
		if s.Playbook == playbook {
			return s.Title
		}
	}
	t.Fatalf("there is no playbook %s", playbook)
	return ""
}

func mustID(t testing.TB, b *bench) string {
	t.Helper()
	id, err := newID[string](b.App, b.now)
	must(t, err)
	return id
}

func (b *bench) tiesOf(t testing.TB, id store.CaseID) (ties store.Ties) {
	t.Helper()
	must(t, b.store.Read(t.Context(), b.library, func(tx *store.Tx) (err error) {
		ties, err = tx.Ties(t.Context(), id)
		return err
	}))
	return ties
}

func count(list []string, of string) (n int) {
	for _, s := range list {
		if s == of {
			n++
		}
	}
	return n
}
