package playbook

import (
	"context"
	"errors"
	"io"

	"roundtable/playbook/syntax"
)

// Why is to say on which facts an outcome depends.
func Why(ctx context.Context, w io.Writer, set *Set, f *syntax.File, outcome string) (bool, error) {
	return false, errors.New("not yet")
}
