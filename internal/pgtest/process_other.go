//go:build !unix

package pgtest

import (
	"errors"
	"os"
	"syscall"
)

var errNotHere = errors.New("clusters for tests are started on Unix only")

func apart(string) (*syscall.SysProcAttr, error) { return nil, errNotHere }
func signalImmediate(*os.Process) error          { return errNotHere }
func killAll(*os.Process) error                  { return errNotHere }
