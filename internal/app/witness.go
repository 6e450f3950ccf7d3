package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/fault"
	"roundtable/internal/outbound"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// A witness is somebody elsewhere who is shown each checkpoint with a proof that the
// log has only grown since the one before, and who signs that it saw so (C2SP
// tlog-witness). It learns sizes and hashes, and nothing that happened.
//
// What it answers is believed as far as its signature goes. Whatever else it says
// moves nothing here: at most it is asked once more from the size that it names.

// The settings of a library about its witness. None is a secret.
const (
	settingWitnessURL  = "witness.url"
	settingWitnessKey  = "witness.key"
	settingWitnessSize = "witness.size" // of the newest checkpoint that it signed
	settingWitnessSeen = "witness.seen" // when it did, by its own clock
	settingTrouble     = "witness.trouble"
	settingTroubled    = "witness.troubled" // since when
)

const jobWitness = "witness"

func init() { jobKinds[jobWitness] = (*App).askWitness }

// WitnessTrouble is why a witness has not signed the newest checkpoint.
type WitnessTrouble string

// The troubles. The last four speak of the log or of the witness itself, and
// somebody should find out which.
const (
	WitnessAway       WitnessTrouble = "away"        // it cannot be reached, or is not ready
	WitnessSetUp      WitnessTrouble = "set-up"      // the address is wrong, or its certificate
	WitnessNewLog     WitnessTrouble = "new-log"     // it does not know this log
	WitnessOtherKey   WitnessTrouble = "other-key"   // it knows the log under another key
	WitnessRefuses    WitnessTrouble = "refuses"     // it says no without saying why
	WitnessFalse      WitnessTrouble = "false"       // its answer is not its signature
	WitnessClock      WitnessTrouble = "clock"       // it signed for another time
	WitnessDiffers    WitnessTrouble = "differs"     // it says that it saw another log
	WitnessSawMore    WitnessTrouble = "saw-more"    // it says that it saw a longer log
	WitnessContradict WitnessTrouble = "contradicts" // it contradicts itself
)

// Words says what it means, in a sentence without its full stop; "" for none.
func (t WitnessTrouble) Words() string {
	return map[WitnessTrouble]string{
		WitnessAway:       "it cannot be reached, or is not ready; it is asked again",
		WitnessSetUp:      "its address is wrong, or its certificate does not hold",
		WitnessNewLog:     "it does not know this log; give its keeper the name and the public key of the log",
		WitnessOtherKey:   "it knows this log under another public key",
		WitnessRefuses:    "it says no without saying why; ask its keeper",
		WitnessFalse:      "what it answers is not its signature; its public key may be another one",
		WitnessClock:      "it signs for another time; its clock or the one of this server is wrong",
		WitnessDiffers:    "it says that it saw another log than this one; find out why before you trust either",
		WitnessSawMore:    "it says that it saw a longer log than this one; find out whether an older backup was restored here",
		WitnessContradict: "it contradicts itself; ask its keeper",
	}[t]
}

// Witness is the witness of a library's log.
type Witness struct {
	Name string // as its key says; "" if there is none
	URL  string
	Key  string
	Seen time.Time // when it signed last, by its own clock; zero if it never did
	// Trouble is why it has not signed the newest checkpoint, "" if it has or was not
	// asked yet; Since is when that began.
	Trouble WitnessTrouble
	Since   time.Time
}

// WitnessForm is what is typed about a witness. Both empty is none.
type WitnessForm struct {
	URL string // an https address, under which add-checkpoint is called
	Key string // its public key, as C2SP writes it: NAME+12345678+BAAA…
}

func (f WitnessForm) check() error {
	var problems fault.Fields
	if f == (WitnessForm{}) {
		return nil
	}
	if u, err := outbound.ParseURL(f.URL); err != nil || u.RawQuery != "" {
		problems.Add("url", "Write the witness’s address with https, such as https://witness.example.")
	}
	if _, err := ledger.WitnessName(f.Key); err != nil {
		problems.Add("key", "Copy the witness’s public key: one line, such as witness.example+12345678+BAAA….")
	}
	return problems.Err()
}

// ChangeWitness sets who witnesses a library's log, or that nobody does. The newest
// checkpoint is shown to the new one at once.
func (a *App) ChangeWitness(ctx context.Context, who Who, library people.LibraryID, form WitnessForm) error {
	form = WitnessForm{strings.TrimRight(strings.TrimSpace(form.URL), "/"), strings.TrimSpace(form.Key)}
	return a.do(ctx, who, access.ChangeWitness, library, onLibrary(library, access.Library), func(ctx context.Context, act *acting) error {
		if err := form.check(); err != nil {
			return err
		}
		was, err := act.Setting(ctx, settingWitnessKey)
		if err != nil {
			return err
		}
		put := map[string]string{settingWitnessURL: form.URL, settingWitnessKey: form.Key, settingTrouble: "", settingTroubled: ""}
		if was != form.Key { // another witness has seen nothing yet
			put[settingWitnessSize], put[settingWitnessSeen] = "", ""
		}
		if err := putSettings(ctx, act.Tx, put); err != nil {
			return err
		}
		act.topics = []string{topicPlaces}
		if form.Key == "" {
			return act.DropJob(ctx, jobWitness, "")
		}
		return a.armWitness(ctx, act.Tx, act.now)
	})
}

func putSettings(ctx context.Context, tx *store.Tx, values map[string]string) error {
	for name, value := range values {
		if err := tx.PutSetting(ctx, name, value); err != nil {
			return err
		}
	}
	return nil
}

// armWitness has the newest checkpoint shown to the witness, if there is one.
func (a *App) armWitness(ctx context.Context, tx *store.Tx, due time.Time) error {
	key, err := tx.Setting(ctx, settingWitnessKey)
	if err != nil || key == "" {
		return err
	}
	return a.arm(ctx, tx, jobWitness, "", due)
}

// WitnessOf reads a library's witness from its settings.
func WitnessOf(settings map[string]string) Witness {
	w := Witness{URL: settings[settingWitnessURL], Key: settings[settingWitnessKey], Trouble: WitnessTrouble(settings[settingTrouble])}
	w.Name, _ = ledger.WitnessName(w.Key)
	w.Seen, _ = time.Parse(time.RFC3339, settings[settingWitnessSeen])
	w.Since, _ = time.Parse(time.RFC3339, settings[settingTroubled])
	return w
}

// witnessKeys are the keys by which cosignatures of a library's log are checked.
func witnessKeys(settings map[string]string) []string {
	if key := settings[settingWitnessKey]; key != "" {
		return []string{key}
	}
	return nil
}

// inquiry is what a witness is asked.
type inquiry struct {
	url, key string // of the witness
	logKey   string
	old      int64 // how many leaves it has seen, as far as we know
	signed   []byte
	c        ledger.Checkpoint
	body     []byte
}

// Limits on a witness's clock: a signature for another time is no proof of when.
const witnessSlack = 24 * time.Hour

// askWitness shows the newest checkpoint to the witness and keeps its signature.
func (a *App) askWitness(ctx context.Context, library people.LibraryID, _ store.Job) error {
	q, err := a.inquire(ctx, library, -1)
	if err != nil || q.body == nil {
		return err
	}
	said := a.call(ctx, q)
	if said.again {
		next, err := a.inquire(ctx, library, said.size)
		if err != nil || next.body == nil {
			return err
		}
		q = next
		if said = a.call(ctx, q); said.again { // it told another size a moment ago
			said = testimony{trouble: WitnessContradict}
		}
	}
	if err := a.keepTestimony(ctx, library, q, said); err != nil {
		return err
	}
	if said.trouble == WitnessAway {
		return fmt.Errorf("the witness has not signed: %w", said.cause)
	}
	if said.cause != nil {
		a.log.Warn("witness", "trouble", string(said.trouble), "err", said.cause)
	}
	return nil
}

// inquire prepares what to ask. There is nothing to ask (no body) without a witness,
// without a checkpoint, or if it has signed the newest. old is the size from which
// the witness wants the proof, -1 for what we remember.
func (a *App) inquire(ctx context.Context, library people.LibraryID, old int64) (q inquiry, err error) {
	err = a.store.Read(ctx, library, func(tx *store.Tx) error {
		settings, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		q = inquiry{url: settings[settingWitnessURL], key: settings[settingWitnessKey], logKey: settings[settingLedgerKey], old: old}
		if q.key == "" {
			return nil
		}
		if q.signed, err = tx.Ledger().LastCheckpoint(ctx); err != nil || q.signed == nil {
			return err
		}
		var seen []ledger.Cosignature
		if q.c, seen, err = ledger.OpenCheckpoint(q.signed, q.logKey, q.key); err != nil {
			return fault.Broken(err)
		}
		if len(seen) > 0 || q.c.Size == 0 { // of an empty log there is nothing to see
			return nil
		}
		if q.old < 0 {
			if q.old, err = strconv.ParseInt(settings[settingWitnessSize], 10, 64); err != nil || q.old < 0 || q.old > q.c.Size {
				q.old = 0 // then it tells
			}
		}
		if q.body, err = ledger.WitnessRequest(ctx, tx.Ledger(), q.old, q.signed, q.logKey); err != nil {
			return fault.Broken(err)
		}
		return nil
	})
	return q, err
}

// testimony is what a witness answered.
type testimony struct {
	lines   []byte // its signature, checked
	at      time.Time
	again   bool  // ask again, with a proof from size
	size    int64 // how many leaves it says that it has seen
	trouble WitnessTrouble
	cause   error // for the log; names no address
}

// call asks a witness once.
func (a *App) call(ctx context.Context, q inquiry) testimony {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.url+"/add-checkpoint", bytes.NewReader(q.body))
	if err != nil {
		return testimony{trouble: WitnessSetUp, cause: errors.New("the address cannot be called")}
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	r.Header.Set("User-Agent", "Roundtable")
	answer, err := a.calls.Do(r)
	if err != nil {
		why := outbound.Explain(err)
		if why.Setup {
			return testimony{trouble: WitnessSetUp, cause: errors.New(why.Words)}
		}
		return testimony{trouble: WitnessAway, cause: errors.New(why.Words)}
	}
	return q.judge(answer.StatusCode, answer.Header.Get("Content-Type"), outbound.Read(answer), a.now())
}

// judge judges an answer.
func (q inquiry) judge(code int, kind string, body []byte, now time.Time) testimony {
	cause := fmt.Errorf("it answers with the status %d", code)
	switch {
	case code == http.StatusOK:
		return q.judgeLines(body, now)
	case code == http.StatusConflict:
		return q.judgeSize(kind, body)
	case code == http.StatusUnprocessableEntity:
		return testimony{trouble: WitnessDiffers, cause: cause}
	case code == http.StatusForbidden:
		return testimony{trouble: WitnessOtherKey, cause: cause}
	case code == http.StatusNotFound:
		return testimony{trouble: WitnessNewLog, cause: cause}
	case code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests || code >= 500:
		return testimony{trouble: WitnessAway, cause: cause}
	case code >= 300 && code < 400:
		return testimony{trouble: WitnessSetUp, cause: cause}
	}
	return testimony{trouble: WitnessRefuses, cause: cause}
}

// judgeSize judges the answer that the proof begins at another size than the
// witness's.
func (q inquiry) judgeSize(kind string, body []byte) testimony {
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != "text/x.tlog.size" {
		if q.old == q.c.Size {
			return testimony{trouble: WitnessDiffers, cause: errors.New("it saw other leaves of the same number")}
		}
		return testimony{trouble: WitnessRefuses, cause: errors.New("it wants a proof from another size and does not tell which")}
	}
	text, ended := strings.CutSuffix(string(body), "\n")
	size, err := strconv.ParseInt(text, 10, 64)
	switch {
	case !ended || err != nil || size < 0 || strconv.FormatInt(size, 10) != text:
		return testimony{trouble: WitnessRefuses, cause: errors.New("it tells a size that is none")}
	case size > q.c.Size:
		return testimony{trouble: WitnessSawMore, cause: fmt.Errorf("it saw %d leaves, and here are %d", size, q.c.Size)}
	case size == q.old && size == q.c.Size:
		return testimony{trouble: WitnessDiffers, cause: errors.New("it saw other leaves of the same number")}
	case size == q.old:
		return testimony{trouble: WitnessContradict, cause: errors.New("it refuses the size that it tells")}
	}
	return testimony{again: true, size: size}
}

// judgeLines checks the signatures that a witness answers with. Those of keys that
// are not its own are left out, as the protocol has it.
func (q inquiry) judgeLines(body []byte, now time.Time) testimony {
	lines := signaturesOf(body, q.key)
	joined, err := ledger.AddCosignatures(q.signed, lines, q.logKey, q.key)
	if err != nil {
		return testimony{trouble: WitnessFalse, cause: errors.New("its answer is not its signature of this checkpoint")}
	}
	_, seen, err := ledger.OpenCheckpoint(joined, q.logKey, q.key)
	if err != nil || len(seen) != 1 {
		return testimony{trouble: WitnessFalse, cause: errors.New("its answer is not one signature of this checkpoint")}
	}
	at := seen[0].At
	if at.Before(q.c.At.Add(-witnessSlack)) || at.After(now.Add(witnessSlack)) {
		return testimony{trouble: WitnessClock, cause: errors.New("it signed for another time")}
	}
	return testimony{lines: lines, at: at}
}

// signaturesOf returns the signature lines of a key.
func signaturesOf(body []byte, key string) (lines []byte) {
	name, rest, _ := strings.Cut(key, "+")
	hash, _, _ := strings.Cut(rest, "+")
	want, err := strconv.ParseUint(hash, 16, 32)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(body)) {
		encoded, ok := strings.CutPrefix(line, "— "+name+" ")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, "\n"))
		if ok && err == nil && len(raw) > 4 && binary.BigEndian.Uint32(raw) == uint32(want) {
			lines = append(lines, line...)
		}
	}
	return lines
}

// keepTestimony keeps what a witness said: its signature under the checkpoint, if
// that is still the newest, or the trouble. A witness that was changed meanwhile has
// nothing to say.
func (a *App) keepTestimony(ctx context.Context, library people.LibraryID, q inquiry, said testimony) error {
	now := a.now()
	err := a.store.Write(ctx, library, func(tx *store.Tx) error {
		settings, err := tx.Settings(ctx)
		if err != nil || settings[settingWitnessKey] != q.key || settings[settingWitnessURL] != q.url {
			return err
		}
		if said.trouble != "" {
			if settings[settingTrouble] == string(said.trouble) {
				return nil
			}
			return putSettings(ctx, tx, map[string]string{settingTrouble: string(said.trouble), settingTroubled: now.Format(time.RFC3339)})
		}
		if err := cosign(ctx, tx, q, said.lines); err != nil {
			return err
		}
		return putSettings(ctx, tx, map[string]string{
			settingWitnessSize: strconv.FormatInt(q.c.Size, 10), settingWitnessSeen: said.at.Format(time.RFC3339), settingTrouble: "", settingTroubled: "",
		})
	})
	if err == nil {
		a.tell(topicsOf(library, []string{topicPlaces}))
	}
	return err
}

// cosign puts a witness's signature under the newest checkpoint, if it is of that.
func cosign(ctx context.Context, tx *store.Tx, q inquiry, lines []byte) error {
	last, err := tx.Ledger().LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	c, seen, err := ledger.OpenCheckpoint(last, q.logKey, q.key)
	if err != nil {
		return fault.Broken(err)
	}
	if c.ID() != q.c.ID() || len(seen) > 0 {
		return nil
	}
	joined, err := ledger.AddCosignatures(last, lines, q.logKey, q.key)
	if err != nil {
		return fault.Broken(err)
	}
	return tx.Ledger().Cosign(ctx, c.Size, joined)
}
