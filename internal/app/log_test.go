package app

import (
	"bytes"
	"testing"

	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
	"roundtable/ledger"
)

func TestReadLog(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		ctx := t.Context()
		for range 3 {
			_, err := b.StartWalk(ctx, b.atDesk(), StartForm{Playbook: "officer"})
			must(t, err)
		}
		auditor := b.as(t, people.Auditor)
		first, err := b.ReadLog(ctx, auditor, b.library, 0, 2) // of a start, and of what was shown next
		must(t, err)
		rest, err := b.ReadLog(ctx, auditor, b.library, first[1].Number, 100)
		must(t, err)
		if len(first) != 2 || first[0].Number != first[1].Number+1 || first[0].Kind != "read-walk" || first[1].Kind != "start-walk" || len(rest) == 0 || rest[0].Number != first[1].Number-1 {
			t.Errorf("ReadLog = %+v, then %+v", first, rest)
		}
		c, err := b.Checkpoint(ctx, b.as(t, people.Director), b.library)
		must(t, err)
		if c.Note == "" || c.Size < 3 {
			t.Errorf("Checkpoint = %+v", c)
		}
		var file bytes.Buffer
		must(t, b.ExportLog(ctx, auditor, b.library, &file))
		r, err := ledger.Verify(&file, c.PublicKey, ledger.Options{Kept: [][]byte{[]byte(c.Note)}})
		must(t, err)
		if !r.OK() || r.Leaves < c.Size {
			t.Errorf("the export does not verify: %s", r)
		}
		for _, role := range []people.Role{people.Director, people.Admin, people.Desk, people.Board} {
			if err := b.ExportLog(ctx, b.as(t, role), b.library, &file); fault.KindOf(err) != fault.Refused {
				t.Errorf("%s: ExportLog = %v, want it refused", role, err)
			}
			if _, err := b.ReadLog(ctx, b.as(t, role), b.library, 0, 10); fault.KindOf(err) != fault.Refused {
				t.Errorf("%s: ReadLog = %v, want it refused", role, err)
			}
		}
	})
}
