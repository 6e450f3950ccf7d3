package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is the server's own certificate, read from files that somebody else
// renews. It may be used by many connections at once.
type Certificate struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	mu    sync.Mutex // guards what follows
	cert  *tls.Certificate
	state [2]fileState
	asked time.Time
}

// fileState tells whether a file was written anew.
type fileState struct {
	changed time.Time
	size    int64
}

// OpenCertificate reads a certificate and its key, in PEM.
func OpenCertificate(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, now: now, log: log}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the files again, as when the operator says so (SIGHUP). If they
// cannot be used, what was read before is used on.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reload()
}

func (c *Certificate) reload() error {
	state, err := c.look()
	if err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	c.cert, c.state = &cert, state
	return nil
}

func (c *Certificate) look() (state [2]fileState, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return state, fmt.Errorf("read the certificate: %w", err)
		}
		state[i] = fileState{info.ModTime(), info.Size()}
	}
	return state, nil
}

// Config returns the configuration for a server: TLS 1.2 and newer, as browsers
// from 2015 on speak.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

// get returns the certificate for a connection, and looks now and then whether the
// files have changed.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.asked); age < 0 || age >= certCheck {
		c.asked = now
		state, err := c.look()
		if err == nil && state != c.state {
			err = c.reload()
		}
		if err != nil {
			c.log.Error("certificate", "err", err)
		}
	}
	if c.cert == nil {
		return nil, errors.New("there is no certificate")
	}
	return c.cert, nil
}
