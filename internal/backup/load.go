package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/ledger"
)

// loading loads an archive into an empty place.
type loading struct {
	ctx    context.Context
	begin  func(form int64) (*store.Loader, error)
	opened func(at time.Time) error                   // told first; may refuse
	entry  func(people.LibraryID, ledger.Entry) error // told of each entry that can be read
	to     *store.Loader
	id     people.LibraryID
	order  []people.LibraryID
	ends   map[people.LibraryID]ledgerLine
	text   int // which column is the text of a leaf, -1 in other tables
}

// load reads an archive into the place that begin opens. When it returns an error
// nothing of it stays there. Otherwise the caller commits l.to, or abandons it.
func (l *loading) load(archive io.Reader, with age.Identity) (s Summary, err error) {
	l.ends = map[people.LibraryID]ledgerLine{}
	defer func() {
		if err != nil && l.to != nil {
			err = errors.Join(err, l.to.Abandon())
		}
	}()
	plain, err := age.Decrypt(archive, with)
	if none := new(age.NoIdentityMatchError); errors.As(err, &none) {
		return s, errors.New("the key or the shares given are not those that this backup was written for")
	} else if err != nil {
		return s, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if s, err = read(plain, l); err != nil {
		return s, fmt.Errorf("read the backup: %w", err)
	}
	return s, nil
}

func (l *loading) head(at time.Time, form int64) (err error) {
	if l.opened != nil {
		if err := l.opened(at); err != nil {
			return err
		}
	}
	l.to, err = l.begin(form)
	return err
}

func (l *loading) tenant(id people.LibraryID) error {
	l.id, l.order = id, append(l.order, id)
	return l.to.Tenant(l.ctx, id)
}

func (l *loading) table(t store.Table) error {
	l.text = -1
	if t.Name == "ledger_leaves" {
		for i, c := range t.Columns {
			if c.Name == "entry" {
				l.text = i
			}
		}
	}
	return l.to.Table(l.ctx, t)
}

func (l *loading) row(_ store.Table, values []any) error {
	if err := l.to.Row(l.ctx, values); err != nil {
		return err
	}
	if l.entry == nil || l.text < 0 {
		return nil
	}
	text, _ := values[l.text].(string)
	if text == "" {
		return nil
	}
	e, err := ledger.ParseEntry(text)
	if err != nil {
		return fmt.Errorf("%w: an entry of the ledger: %w", ErrDamaged, err)
	}
	return l.entry(l.id, e)
}

func (l *loading) ledger(id people.LibraryID, end ledgerLine) error {
	l.ends[id] = end
	return nil
}

// LedgerError means that what was restored has a ledger that is not true.
type LedgerError struct {
	Library people.LibraryID
	Report  *ledger.Report
}

// Error says what the verifier found.
func (e *LedgerError) Error() string {
	return fmt.Sprintf("the ledger of %s does not verify:\n%s", e.Library, e.Report)
}

// verify holds a tenant's ledger, as it stands in a database, against its key and
// the newest checkpoint, which both come from beside its rows. A tenant that was
// begun only has neither.
func verify(ctx context.Context, s *store.Store, id people.LibraryID, end ledgerLine) error {
	if end.Key == "" {
		return nil
	}
	var kept [][]byte
	if end.Checkpoint != "" {
		kept = [][]byte{[]byte(end.Checkpoint)}
	}
	return s.Read(ctx, id, func(t *store.Tx) error {
		report, err := verifyTx(ctx, t, end.Key, kept)
		if err != nil {
			return err
		}
		if !report.OK() || report.Leaves != end.Leaves {
			return &LedgerError{id, report}
		}
		return ledger.CheckStored(ctx, t.Ledger())
	})
}

// verifyTx exports a ledger to the verifier.
func verifyTx(ctx context.Context, t *store.Tx, key string, kept [][]byte) (*ledger.Report, error) {
	r, w := io.Pipe()
	var report *ledger.Report
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		report, err = ledger.Verify(r, key, ledger.Options{Kept: kept})
		r.CloseWithError(errStopped) // it may have stopped before the end
	}()
	exported := ledger.Export(ctx, w, originOf(t.Tenant()), t.Ledger())
	w.CloseWithError(exported)
	<-done
	if exported != nil && !errors.Is(exported, errStopped) {
		return nil, exported
	}
	return report, err
}

var errStopped = errors.New("the verifier has seen enough")

// checkAll checks every tenant of what was loaded.
func checkAll(ctx context.Context, s *store.Store, l *loading) error {
	for _, id := range l.order {
		problems, err := s.CheckIntegrity(ctx, id)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return fmt.Errorf("the database of %s is damaged: %q", id, problems)
		}
		if err := verify(ctx, s, id, l.ends[id]); err != nil {
			return err
		}
	}
	return nil
}
