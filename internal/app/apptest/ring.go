package apptest

import (
	"context"
	"sync"

	"roundtable/internal/keyring"
	"roundtable/internal/vault"
)

// Ring is a keyring that can be told to fail.
type Ring struct {
	keyring.Keyring

	mu    sync.Mutex // guards fail and after
	fail  func(call string) error
	after func(call string)
}

// After has a function called after each call, by the name of the method.
func (r *Ring) After(tell func(call string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after = tell
}

func (r *Ring) done(call string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.after != nil {
		r.after(call)
	}
}

// Fail has a function asked before each call, by the name of the method; what it
// returns is what the call returns. Nil lets everything through.
func (r *Ring) Fail(ask func(call string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = ask
}

func (r *Ring) ask(call string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail == nil {
		return nil
	}
	return r.fail(call)
}

// Get implements keyring.Keyring.
func (r *Ring) Get(ctx context.Context, slot keyring.Slot) (keyring.Entry, error) {
	if err := r.ask("Get"); err != nil {
		return keyring.Entry{}, err
	}
	defer r.done("Get")
	return r.Keyring.Get(ctx, slot)
}

// Put implements keyring.Keyring.
func (r *Ring) Put(ctx context.Context, entry keyring.Entry) error {
	if err := r.ask("Put"); err != nil {
		return err
	}
	defer r.done("Put")
	return r.Keyring.Put(ctx, entry)
}

// Destroy implements keyring.Keyring.
func (r *Ring) Destroy(ctx context.Context, slots ...keyring.Slot) error {
	if err := r.ask("Destroy"); err != nil {
		return err
	}
	defer r.done("Destroy")
	return r.Keyring.Destroy(ctx, slots...)
}

// List implements keyring.Keyring.
func (r *Ring) List(ctx context.Context, library string) ([]keyring.Entry, error) {
	if err := r.ask("List"); err != nil {
		return nil, err
	}
	defer r.done("List")
	return r.Keyring.List(ctx, library)
}

// Update implements keyring.Keyring.
func (r *Ring) Update(ctx context.Context, box vault.Box, change func([]keyring.Entry) ([]keyring.Entry, error)) error {
	if err := r.ask("Update"); err != nil {
		return err
	}
	defer r.done("Update")
	return r.Keyring.Update(ctx, box, change)
}
