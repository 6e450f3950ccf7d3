package web

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/web/page"
	"roundtable/ledger"
)

// logPage is how many entries of the log stand on one page.
const logPage = 100

// showAudit shows the log's last checkpoint to everybody who works here, so that
// many can keep it elsewhere, and the entries to the auditor.
func showAudit(ctx context.Context, a *ask) error {
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	c, err := a.app().Checkpoint(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	p := page.Audit{Size: c.Size, Origin: c.Origin, PublicKey: c.PublicKey, Checkpoint: c.Note, Witness: c.Witness.Name, MayChange: c.MayChange}
	for _, s := range c.Cosigned {
		p.Cosigned = append(p.Cosigned, page.Cosigned{Name: s.Witness, At: s.At.In(h.zone)})
	}
	if words := c.Witness.Trouble.Words(); words != "" {
		p.Trouble, p.Since = strings.ToUpper(words[:1])+words[1:]+".", c.Witness.Since.In(h.zone)
	}
	if !c.Witness.Seen.IsZero() {
		p.Seen = c.Witness.Seen.In(h.zone)
	}
	if !c.Signed.IsZero() {
		p.Signed = c.Signed.In(h.zone)
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	if !a.may(access.ReadLedger) {
		p.Closed = true
		return a.show(http.StatusOK, p)
	}
	before, _ := strconv.ParseInt(a.query("before"), 10, 64) // anything else shows the newest
	entries, err := a.app().ReadLog(ctx, a.who, a.who.Library, before, logPage)
	if err != nil {
		return err
	}
	for _, e := range entries {
		leaf := page.Leaf{
			Number: e.Number, At: e.At.In(h.zone), Kind: strings.ReplaceAll(string(e.Kind), "-", " "), Who: string(e.Actor),
			Refused: e.Kind == "refused", Filler: e.Kind == ledger.Filler,
		}
		if len(e.Objects) > 0 {
			leaf.Object = string(e.Objects[0])
		}
		p.Entries = append(p.Entries, leaf)
	}
	if n := len(entries); n == logPage && entries[n-1].Number > 0 {
		p.More.Older = "/manage/audit?before=" + strconv.FormatInt(entries[n-1].Number, 10)
	}
	if before > 0 {
		p.More.Newer = "/manage/audit"
	}
	p.Export = "/manage/audit/export"
	return a.show(http.StatusOK, p)
}

func showWitness(ctx context.Context, a *ask) error {
	if err := a.enter(access.ChangeWitness); err != nil {
		return err
	}
	var p page.Witness
	c, err := a.fillWitness(ctx, &p)
	if err != nil {
		return err
	}
	p.Form.URL, p.Form.Key = c.Witness.URL, c.Witness.Key
	return a.show(http.StatusOK, p)
}

func (a *ask) fillWitness(ctx context.Context, p *page.Witness) (app.Checkpoint, error) {
	c, err := a.app().Checkpoint(ctx, a.who, a.who.Library)
	if err != nil {
		return c, err
	}
	p.Origin, p.PublicKey = c.Origin, c.PublicKey
	p.Frame, err = a.frame(ctx)
	return c, err
}

func postWitness(ctx context.Context, a *ask) error {
	library, err := a.library()
	if err != nil {
		return err
	}
	var p page.Witness
	err = a.read(&p.Form)
	if err == nil {
		err = a.app().ChangeWitness(ctx, a.who, library, app.WitnessForm{URL: p.Form.URL, Key: p.Form.Key})
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		_, err := a.fillWitness(ctx, &p)
		return p, err
	}, "/manage/audit")
}

// exportAudit sends the whole log as a file. Its first byte leaves when all that
// could be refused was asked, and it is never whole in memory.
func exportAudit(ctx context.Context, a *ask) error {
	out := &download{a: a, name: "roundtable-log.txt"}
	buffered := bufio.NewWriterSize(out, 64<<10)
	if err := a.app().ExportLog(ctx, a.who, a.who.Library, buffered); err != nil {
		if out.begun {
			panic(http.ErrAbortHandler) // nobody may take a part of it for the whole
		}
		return err
	}
	return buffered.Flush()
}

// download is a file that is sent as it is written.
type download struct {
	a     *ask
	name  string
	begun bool
}

func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.a.w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		d.a.w.WriteHeader(http.StatusOK)
	}
	return d.a.w.Write(p)
}
