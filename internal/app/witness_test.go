package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/app/apptest"
	"roundtable/internal/fault"
	"roundtable/internal/outbound"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

// witnessed is an installation whose library has a witness.
func witnessed(t *testing.T, s *store.Store) (*apptest.World, *apptest.Witness) {
	t.Helper()
	w := apptest.New(t, s)
	nextHour(t, w)
	c, err := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
	must(t, err)
	witness := apptest.StartWitness(t, c.PublicKey, w.Clock.Now)
	w.Calls = witness.Client()
	w.App = w.Process(t, w.Key)
	must(t, w.ChangeWitness(t.Context(), w.A.As(t, people.Director), w.A.ID, app.WitnessForm{URL: witness.URL + "/", Key: witness.Key}))
	return w, witness
}

// nextHour lets an hour pass in which something happened, and does what is due.
func nextHour(t *testing.T, w *apptest.World) app.Checkpoint {
	t.Helper()
	mailTo(t, w, "")
	w.Clock.Move(time.Hour)
	w.WorkOnce(t.Context()) // what a witness makes fail is told by the checkpoint
	c, err := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
	must(t, err)
	return c
}

// TestWitness: each hour's checkpoint is signed by an honest witness, and whoever
// verifies the log sees it.
func TestWitness(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w, witness := witnessed(t, s)
		must(t, w.WorkOnce(ctx)) // the newest is shown at once
		c, err := w.Checkpoint(ctx, w.A.AtDesk(t), w.A.ID)
		must(t, err)
		if len(c.Cosigned) != 1 || c.Witness.Name != "witness.county.example/w1" || c.Witness.Trouble != "" || c.MayChange {
			t.Fatalf("at the desk the checkpoint is %+v, want it witnessed, and nothing to change", c)
		}
		for range 3 {
			c := nextHour(t, w)
			if len(c.Cosigned) != 1 || !c.Cosigned[0].At.Equal(w.Clock.Now().Truncate(time.Second)) || !c.MayChange {
				t.Fatalf("after an hour the checkpoint is %+v, want it witnessed now", c)
			}
		}
		asked := witness.Asked()
		must(t, w.WorkOnce(ctx))
		if asked != 4 || witness.Asked() != asked {
			t.Errorf("the witness was asked %d times and then %d, want 4: once for each checkpoint", asked, witness.Asked()-asked)
		}
		var file bytes.Buffer
		must(t, w.Store.Read(ctx, w.A.ID, func(tx *store.Tx) error { return ledger.Export(ctx, &file, c.Origin, tx.Ledger()) }))
		report, err := ledger.Verify(&file, c.PublicKey, ledger.Options{Witnesses: []string{witness.Key}})
		must(t, err)
		if !report.OK() || len(report.Cosigned) != 1 || report.Cosigned[0].Size != report.Leaves {
			t.Errorf("the verifier says %s, want the witness at the newest checkpoint", report)
		}
		// Nobody but a director names a witness.
		form := app.WitnessForm{URL: witness.URL, Key: witness.Key}
		wants(t, "an admin names a witness", w.ChangeWitness(ctx, w.A.As(t, people.Admin), w.A.ID, form), fault.Refused)
		wantsField(t, "a witness without TLS", w.ChangeWitness(ctx, w.A.As(t, people.Director), w.A.ID, app.WitnessForm{URL: "http://w.example", Key: "x"}), "url", "key")
		wantsField(t, "half a witness", w.ChangeWitness(ctx, w.A.As(t, people.Director), w.A.ID, app.WitnessForm{Key: witness.Key}), "url")
		wantsField(t, "the log's own key", w.ChangeWitness(ctx, w.A.As(t, people.Director), w.A.ID, app.WitnessForm{URL: witness.URL, Key: c.PublicKey}), "key")
		must(t, w.ChangeWitness(ctx, w.A.As(t, people.Director), w.A.ID, app.WitnessForm{}))
		if c := nextHour(t, w); c.Witness.Name != "" || len(c.Cosigned) != 0 || witness.Asked() != asked {
			t.Errorf("without a witness the checkpoint is %+v", c)
		}
	})
}

// TestWitnessThatFails: whatever a witness answers, the log stays as it was, the page
// knows what is wrong, and an hour later all is well again.
func TestWitnessThatFails(t *testing.T) {
	w, witness := witnessed(t, storetest.SQLite(t))
	nextHour(t, w)
	status := func(code int) func(http.ResponseWriter, apptest.Answer) bool {
		return func(out http.ResponseWriter, _ apptest.Answer) bool {
			apptest.Answer{Code: code}.Write(out)
			return true
		}
	}
	says := func(code int, kind, body string) func(http.ResponseWriter, apptest.Answer) bool {
		return func(out http.ResponseWriter, _ apptest.Answer) bool {
			apptest.Answer{Code: code, Kind: kind, Body: body}.Write(out)
			return true
		}
	}
	size := func(n string) func(http.ResponseWriter, apptest.Answer) bool {
		return says(http.StatusConflict, "text/x.tlog.size", n)
	}
	for _, c := range []struct {
		name string
		say  func(http.ResponseWriter, apptest.Answer) bool
		want app.WitnessTrouble
	}{
		{"does not know the log", status(404), app.WitnessNewLog},
		{"knows another key", status(403), app.WitnessOtherKey},
		{"did not understand", status(400), app.WitnessRefuses},
		{"wants a password", status(401), app.WitnessRefuses},
		{"did not see it grow", status(422), app.WitnessDiffers},
		{"is not ready", status(503), app.WitnessAway},
		{"has too much to do", status(429), app.WitnessAway},
		{"leads elsewhere", status(302), app.WitnessSetUp},
		{"a conflict without a size", status(409), app.WitnessRefuses},
		{"a size that is none", size("many\n"), app.WitnessRefuses},
		{"a size that is not the one way to write it", size("+16\n"), app.WitnessRefuses},
		{"a size that does not end", size("16"), app.WitnessRefuses},
		{"a size below nothing", size("-16\n"), app.WitnessRefuses},
		{"a longer log", size("1000000\n"), app.WitnessSawMore},
		{"a shorter log, again and again", size("1\n"), app.WitnessContradict},
		{"nothing", says(200, "", ""), app.WitnessFalse},
		{"anything", says(200, "text/plain", "signed, yours"), app.WitnessFalse},
		{"more than can be read", says(200, "text/plain", strings.Repeat("— x\n", 1<<14)), app.WitnessFalse},
		{"a signature of another checkpoint", says(200, "text/plain", witness.Sign("x\n1\ny\n", w.Clock.Now())), app.WitnessFalse},
		{"its signature twice", func(out http.ResponseWriter, a apptest.Answer) bool {
			a.Body += a.Body
			a.Write(out)
			return true
		}, app.WitnessFalse},
		{"hangs up", func(http.ResponseWriter, apptest.Answer) bool { panic(http.ErrAbortHandler) }, app.WitnessAway},
	} {
		witness.Say = c.say
		before, _ := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
		got := nextHour(t, w)
		if got.Witness.Trouble != c.want || got.Witness.Since.IsZero() || len(got.Cosigned) != 0 || got.Note == before.Note {
			t.Errorf("%s: the checkpoint is %+v, want it signed by us alone, and %q", c.name, got, c.want)
		}
		if got.Witness.Trouble.Words() == "" {
			t.Errorf("%s: %q has no words", c.name, got.Witness.Trouble)
		}
		witness.Say = nil
		if got = nextHour(t, w); got.Witness.Trouble != "" || len(got.Cosigned) != 1 {
			t.Errorf("an hour after %q the checkpoint is %+v, want it witnessed", c.name, got)
		}
	}
	if strings.Contains(w.Log.String(), "127.0.0.1") {
		t.Error("the log tells the witness's address")
	}
}

// TestWitnessTellsSize: a witness that has forgotten, or was asked by somebody else,
// tells from where it wants the proof, and gets it.
func TestWitnessTellsSize(t *testing.T) {
	w, witness := witnessed(t, storetest.SQLite(t))
	nextHour(t, w)
	witness.Forget()
	asked := witness.Asked()
	if c := nextHour(t, w); len(c.Cosigned) != 1 || witness.Asked() != asked+2 {
		t.Errorf("a witness that has forgotten: %+v after %d questions, want it witnessed after 2", c.Witness, witness.Asked()-asked)
	}
	// Here it is we who know nothing: the same witness is named anew.
	must(t, w.ChangeWitness(t.Context(), w.A.As(t, people.Director), w.A.ID, app.WitnessForm{}))
	must(t, w.ChangeWitness(t.Context(), w.A.As(t, people.Director), w.A.ID, app.WitnessForm{URL: witness.URL, Key: witness.Key}))
	if c := nextHour(t, w); len(c.Cosigned) != 1 {
		t.Errorf("named anew: %+v, want it witnessed", c.Witness)
	}
}

// TestWitnessSignsMore: signatures of other keys beside its own are left out.
func TestWitnessSignsMore(t *testing.T) {
	w, witness := witnessed(t, storetest.SQLite(t))
	witness.Say = func(out http.ResponseWriter, a apptest.Answer) bool {
		a.Body = "— witness.county.example/w1 AAAAAAAAAAAAAAAAAAAAAAAA\n— stranger.example AAAAAAAAAAAAAAAAAAAAAAAA\n" + a.Body + "not a line\n"
		a.Write(out)
		return true
	}
	c := nextHour(t, w)
	if len(c.Cosigned) != 1 || strings.Contains(c.Note, "stranger") || strings.Count(c.Note, "\n— ") != 2 {
		t.Errorf("the checkpoint is %q, want our signature and the witness's", c.Note)
	}
}

// TestWitnessOfAnotherTime: a signature for another day is no proof of when.
func TestWitnessOfAnotherTime(t *testing.T) {
	for _, by := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
		w, witness := witnessed(t, storetest.SQLite(t))
		c, err := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
		must(t, err)
		text, _, _ := strings.Cut(c.Note, "\n\n")
		witness.Say = func(out http.ResponseWriter, _ apptest.Answer) bool {
			apptest.Answer{Code: 200, Body: witness.Sign(text+"\n", w.Clock.Now().Add(by))}.Write(out)
			return true
		}
		must(t, w.WorkOnce(t.Context()))
		if c, err = w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID); err != nil || c.Witness.Trouble != app.WitnessClock || len(c.Cosigned) != 0 {
			t.Errorf("signed for %v later: %+v, %v, want the clock in doubt", by, c.Witness, err)
		}
	}
}

// TestWitnessOfOlderLog: a log that was cut back to an earlier state is not what the
// witness saw, and it says so. This is what a witness is for.
func TestWitnessOfOlderLog(t *testing.T) {
	s := storetest.SQLite(t)
	w, witness := witnessed(t, s)
	nextHour(t, w)
	// It saw two more checkpoints that this library does not have any more.
	witness.Say = func(out http.ResponseWriter, a apptest.Answer) bool {
		apptest.Answer{Code: http.StatusConflict, Kind: "text/x.tlog.size", Body: "4096\n"}.Write(out)
		return true
	}
	if c := nextHour(t, w); c.Witness.Trouble != app.WitnessSawMore || len(c.Cosigned) != 0 {
		t.Errorf("a witness that saw more: %+v", c.Witness)
	}
}

// TestWitnessAtHome: by default nobody is called at an address that is not public,
// nor where the certificate does not hold.
func TestWitnessAtHome(t *testing.T) {
	for name, calls := range map[string]*http.Client{"a private address": nil, "a stranger's certificate": outbound.New(outbound.Options{Private: true})} {
		w, witness := witnessed(t, storetest.SQLite(t))
		w.Calls = calls
		w.App = w.Process(t, w.Key)
		if c := nextHour(t, w); c.Witness.Trouble != app.WitnessSetUp || witness.Asked() != 0 {
			t.Errorf("%s: %+v after %d questions, want none asked", name, c.Witness, witness.Asked())
		}
	}
}

// TestWitnessIsSlow: a checkpoint is signed and pages are answered while a witness
// keeps us waiting; what it says too late for one checkpoint is not put under
// another.
func TestWitnessIsSlow(t *testing.T) {
	w, witness := witnessed(t, storetest.SQLite(t))
	nextHour(t, w)
	held, release := make(chan bool), make(chan bool)
	witness.Say = func(out http.ResponseWriter, a apptest.Answer) bool {
		held <- true
		<-release
		return false
	}
	w.Clock.Move(time.Hour)
	done := make(chan error)
	go func() { done <- w.WorkOnce(t.Context()) }()
	<-held
	witness.Say = nil
	if _, err := w.Directory(t.Context(), w.A.As(t, people.Director), w.A.ID); err != nil {
		t.Errorf("Directory while a witness is slow: %v", err)
	}
	w.Clock.Move(time.Hour)
	other := w.Process(t, w.Key)
	must(t, other.WorkOnce(t.Context())) // another process signs the next one, and has it witnessed
	c, err := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
	must(t, err)
	release <- true
	must(t, <-done)
	after, err := w.Checkpoint(t.Context(), w.A.As(t, people.Director), w.A.ID)
	must(t, err)
	if after.Note != c.Note {
		t.Errorf("a late answer changed the newest checkpoint from %q to %q", c.Note, after.Note)
	}
	if c := nextHour(t, w); len(c.Cosigned) != 1 || c.Witness.Trouble != "" {
		t.Errorf("afterwards the checkpoint is %+v, want it witnessed", c.Witness)
	}
}

// FuzzWitness lets a witness answer anything: no answer but its signature of this
// checkpoint is ever kept.
func FuzzWitness(f *testing.F) {
	for _, s := range []struct {
		code int
		kind string
		body string
	}{{200, "", "— witness.county.example/w1 AAAA\n"}, {409, "text/x.tlog.size", "16\n"}, {409, "text/x.tlog.size;x", "9223372036854775808\n"}, {422, "\x00", ""}} {
		f.Add(s.code, s.kind, s.body)
	}
	f.Fuzz(func(t *testing.T, code int, kind, body string) {
		trouble, lines := app.JudgeWitness(t, code, kind, body)
		if trouble == "" || len(lines) > 0 {
			t.Errorf("an answer of %d, %q, %q is kept as %q", code, kind, body, lines)
		}
	})
}
