package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long a server may take to start or to stop. Starting after a
// kill includes the recovery of its journal.
const patience = 60 * time.Second

// base are the settings of every cluster: small, and quiet towards the outside.
// fsync and its like stay as PostgreSQL ships them: on.
var base = map[string]string{
	"listen_addresses":        "",
	"unix_socket_permissions": "0700",
	"shared_buffers":          "16MB",
	"max_connections":         "100",
	"max_wal_size":            "256MB",
	"max_wal_senders":         "4",
	"log_line_prefix":         "%m [%p] %u@%d ",
	"timezone":                "UTC",
}

// Cluster is a running PostgreSQL. Its methods may be called at once, except
// that Kill, Restart and Close wait for each other.
type Cluster struct {
	folder   string // all that it has: data, socket, log
	attr     *syscall.SysProcAttr
	programs programs
	settings map[string]string
	guard    *guard
	counter  atomic.Int64 // of databases

	mu     sync.Mutex // guards server and closed
	server *server    // nil while stopped
	closed bool
}

// server is one run of PostgreSQL's main process.
type server struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
	err   error         // how it ended; to be read after ended
}

// programs are the paths of PostgreSQL's programs.
type programs struct{ initdb, postgres string }

// ErrStopped means that a cluster does not run.
var ErrStopped = errors.New("the PostgreSQL cluster is stopped")

// Open makes an empty cluster and starts it. Whoever has no test to end it calls
// Close; if the program ends without, the guard does what Close does.
func Open(o Options) (*Cluster, error) {
	p, err := findPrograms()
	if err != nil {
		return nil, err
	}
	folder, err := makeFolder()
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, programs: p, settings: map[string]string{}}
	for _, from := range []map[string]string{base, o.Settings} {
		for name, value := range from {
			c.settings[name] = value
		}
	}
	if err := c.open(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) open() (err error) {
	if c.attr, err = apart(c.folder); err != nil {
		return err
	}
	if c.guard, err = startGuard(c.command, c.folder); err != nil {
		return err
	}
	// Nothing of the making has to outlive a power cut; the server syncs what it
	// finds when it starts.
	initdb := c.command(c.programs.initdb, "-D", c.Data(), "-U", Superuser, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return c.Restart()
}

// makeFolder makes the cluster's folder. The socket's path may have about 100
// bytes; a temporary folder with a longer name is not used.
func makeFolder() (string, error) {
	const room = 60
	under := os.TempDir()
	if len(under) > room {
		under = "/tmp"
	}
	return os.MkdirTemp(under, "pgtest-")
}

// findPrograms looks on the path, then where Debian keeps them: the newest.
func findPrograms() (programs, error) {
	initdb, err1 := exec.LookPath("initdb")
	postgres, err2 := exec.LookPath("postgres")
	if err1 == nil && err2 == nil {
		return programs{initdb, postgres}, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return programs{}, errors.New("it is not installed (apt-get install postgresql)")
	}
	newest := slices.MaxFunc(found, func(a, b string) int {
		return majorVersion(a) - majorVersion(b)
	})
	return programs{filepath.Join(filepath.Dir(newest), "initdb"), newest}, nil
}

// majorVersion is the number in a path like /usr/lib/postgresql/15/bin/postgres.
func majorVersion(path string) int {
	var version int
	fmt.Sscan(filepath.Base(filepath.Dir(filepath.Dir(path))), &version)
	return version
}

// command prepares a program that runs in the cluster's folder, never as root,
// and in a session of its own: what is typed at the test's terminal does not
// reach it.
func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.SysProcAttr = c.folder, c.attr
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+c.folder)
	return cmd
}

// Data returns the folder with the cluster's files.
func (c *Cluster) Data() string { return filepath.Join(c.folder, "data") }

// Restart starts the server, after stopping it in good order if it runs, and
// waits until it answers. After a Kill that means: until it has recovered.
func (c *Cluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrStopped
	}
	if err := c.stop(); err != nil {
		return err
	}
	if err := c.serve(); err != nil {
		return err
	}
	if err := c.awaitAnswer(); err != nil {
		return errors.Join(err, fmt.Errorf("it said: %s", c.logFrom(0)))
	}
	return nil
}

func (c *Cluster) serve() error {
	log, err := os.OpenFile(c.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", c.Data(), "-k", c.folder}
	for name, value := range c.settings {
		args = append(args, "-c", name+"="+value)
	}
	s := &server{cmd: c.command(c.programs.postgres, args...), ended: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	c.server = s
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	return c.guard.watch(s.cmd.Process.Pid)
}

func (c *Cluster) awaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.query(ctx, "postgres", `SELECT 1`)
		if err == nil {
			return nil
		}
		select {
		case <-c.server.ended:
			return fmt.Errorf("the server ended: %v", c.server.err)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-tick.C:
		}
	}
}

// Kill ends the server and all its helpers at once, with nothing put in order,
// and returns when none is left. What was written but not synced survives, as the
// system lives on: this is a crash of PostgreSQL, not a power cut.
func (c *Cluster) Kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return ErrStopped
	}
	err := killAll(c.server.cmd.Process)
	return errors.Join(err, c.awaitEnd())
}

// Quit makes the server end itself at once, without a checkpoint (PostgreSQL's
// "immediate" shutdown): what an operator does in need. Restart recovers.
func (c *Cluster) Quit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return ErrStopped
	}
	err := signalImmediate(c.server.cmd.Process)
	return errors.Join(err, c.awaitEnd())
}

// stop stops the server in good order, if it runs.
func (c *Cluster) stop() error {
	if c.server == nil {
		return nil
	}
	err := c.server.cmd.Process.Signal(os.Interrupt) // PostgreSQL's "fast" shutdown
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return errors.Join(err, c.awaitEnd())
}

func (c *Cluster) awaitEnd() error {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-c.server.ended:
	case <-late.C:
		killAll(c.server.cmd.Process)
		<-c.server.ended
	}
	c.server = nil
	return c.guard.watch(0)
}

// Close stops the server and removes the cluster's folder. Closing again does
// nothing.
func (c *Cluster) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	err := c.stop()
	if c.guard != nil {
		err = errors.Join(err, c.guard.end())
	}
	return errors.Join(err, os.RemoveAll(c.folder))
}

func (c *Cluster) logPath() string { return filepath.Join(c.folder, "log") }

func (c *Cluster) logSize() int64 {
	info, err := os.Stat(c.logPath())
	if err != nil {
		return 0
	}
	return info.Size()
}

// logFrom returns what the server has said from a place in its log on, at most
// the last 8 kB of it.
func (c *Cluster) logFrom(from int64) string {
	const most = 8 << 10
	f, err := os.Open(c.logPath())
	if err != nil {
		return ""
	}
	defer f.Close()
	if size := c.logSize(); size-from > most {
		from = size - most
	}
	text := make([]byte, most)
	n, _ := f.ReadAt(text, from)
	return strings.TrimSpace(string(text[:n]))
}
