package web

import (
	"context"

	"roundtable/internal/access"
	"roundtable/internal/web/page"
)

// showAudit says how the log is read until it can be read here. It shows no empty
// list: the log is not empty.
func showAudit(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadLedger); err != nil {
		return err
	}
	return a.showManageWith(ctx, page.Notice{
		Text: "The log is kept, and cannot be changed unseen. Reading it on this page comes with a later version of Roundtable. Whoever looks after the server can check it now, with “roundtable ledger verify”.",
	})
}
