package web

import (
	"context"

	"roundtable/internal/access"
	"roundtable/internal/fault"
)

func showAudit(ctx context.Context, a *ask) error {
	if err := a.enter(access.ReadLedger); err != nil {
		return err
	}
	return fault.Over("x", "y")
}
