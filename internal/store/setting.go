package store

import (
	"context"
	"errors"

	"roundtable/internal/fault"
)

// ErrDuplicate is the cause of a fault when a row is there already.
var ErrDuplicate = errors.New("there is one already")

func duplicate(err error) error {
	if err != nil && isDuplicate(err) {
		return fault.Clash("Somebody was quicker: this is there already.", "Look at the page again.").Because(errors.Join(ErrDuplicate, err))
	}
	return err
}

var (
	settingPut  = sqlOf(`INSERT INTO settings (library_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (library_id, name) DO UPDATE SET value = excluded.value`)
	settingGet  = sqlOf(`SELECT value FROM settings WHERE library_id = $1 AND name = $2`)
	settingList = sqlOf(`SELECT name, value FROM settings WHERE library_id = $1 ORDER BY name`)
	secretPut   = sqlOf(`INSERT INTO secrets (library_id, name, sealed, version) VALUES ($1, $2, $3, $4) ON CONFLICT (library_id, name) DO UPDATE SET sealed = excluded.sealed, version = excluded.version`)
	secretGet   = sqlOf(`SELECT sealed, version FROM secrets WHERE library_id = $1 AND name = $2`)
)

// PutSetting keeps a setting. Settings never speak of a person.
func (t *Tx) PutSetting(ctx context.Context, name, value string) error {
	_, err := t.exec(ctx, settingPut, name, value)
	return err
}

// Setting returns a setting, "" if it was never made.
func (t *Tx) Setting(ctx context.Context, name string) (string, error) {
	v, err := first(ctx, t, settingGet, text[string], name)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return v, err
}

// Settings returns all settings.
func (t *Tx) Settings(ctx context.Context) (map[string]string, error) {
	type row struct{ name, value string }
	rows, err := all(ctx, t, settingList, func(scan scanner) (r row, err error) {
		err = scan(&r.name, &r.value)
		return r, err
	})
	found := make(map[string]string, len(rows))
	for _, r := range rows {
		found[r.name] = r.value
	}
	return found, err
}

// PutSecret keeps a secret of the program, sealed by the caller.
func (t *Tx) PutSecret(ctx context.Context, name string, sealed []byte, version uint64) error {
	_, err := t.exec(ctx, secretPut, name, sealed, int64(version))
	return err
}

// Secret returns a sealed secret.
func (t *Tx) Secret(ctx context.Context, name string) (sealed []byte, version uint64, err error) {
	type row struct {
		sealed  []byte
		version int64
	}
	r, err := first(ctx, t, secretGet, func(scan scanner) (r row, err error) {
		err = scan(&r.sealed, &r.version)
		return r, err
	}, name)
	return r.sealed, uint64(r.version), err
}
