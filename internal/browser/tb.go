package browser

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// TB is what this package asks of a test. *testing.T, *testing.B and *testing.F
// have it; a program that is no test uses Run.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any) // does not return
	Skipf(format string, args ...any)  // does not return
	Cleanup(func())
}

// ErrSkipped is in the error of Run when the body said that it has to be skipped,
// as Start does where there is no browser.
var ErrSkipped = errors.New("skipped")

// Run runs body outside of a test, as a program that takes screenshots needs it,
// and returns what body reported with Errorf, Fatalf or Skipf as one error. What
// it logs goes to log. Cleanups have run when Run returns, in reverse order.
func Run(log io.Writer, body func(TB)) error {
	s := &script{log: log}
	s.call(func() { body(s) })
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		s.call(f)
	}
	if s.panicked != nil {
		panic(s.panicked)
	}
	if len(s.faults) > 0 {
		return errors.New(strings.Join(s.faults, "\n"))
	}
	return s.skipped
}

// script is the TB of Run. Only one goroutine at a time uses it.
type script struct {
	log      io.Writer
	faults   []string
	skipped  error
	cleanups []func()
	panicked any
}

// call runs f on a goroutine of its own, because Fatalf ends the goroutine it is
// called on, and waits for it.
func (s *script) call(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil && s.panicked == nil {
				s.panicked = p
			}
		}()
		f()
	}()
	<-done
}

func (s *script) Helper()          {}
func (s *script) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *script) Logf(format string, args ...any) { fmt.Fprintf(s.log, format+"\n", args...) }

func (s *script) Errorf(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *script) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

func (s *script) Skipf(format string, args ...any) {
	s.skipped = fmt.Errorf("%w: %s", ErrSkipped, fmt.Sprintf(format, args...))
	runtime.Goexit()
}
