package keyring

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// cluster is a throw-away PostgreSQL on this machine's loopback.
type cluster struct {
	folder string // its data
	parent string
	port   int

	command  func(program string, args ...string) *exec.Cmd
	postgres string
	server   *exec.Cmd
}

// getCluster starts the cluster when the first test needs it: fuzzing, whose
// workers are programs of their own, never does.
var getCluster = sync.OnceValues(startCluster)

// started is the cluster that TestMain stops; nil if none was started.
var started *cluster

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		started.stop()
	}
	os.Exit(code)
}

// needCluster skips a test aloud where there is no PostgreSQL, and fails it where
// ROUNDTABLE_REQUIRE_POSTGRES=1 says that there must be one.
func needCluster(t testing.TB) *cluster {
	t.Helper()
	c, err := getCluster()
	switch {
	case err == nil:
		return c
	case os.Getenv("ROUNDTABLE_REQUIRE_POSTGRES") == "1":
		t.Fatalf("PostgreSQL is required and cannot be started: %v", err)
	}
	t.Skipf("NOT TESTED: PostgreSQL cannot be started: %v", err)
	return nil
}

func startCluster() (*cluster, error) {
	initdb, err := findProgram("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := findProgram("postgres")
	if err != nil {
		return nil, err
	}
	parent, err := os.MkdirTemp("", "keyring-cluster-")
	if err != nil {
		return nil, err
	}
	c := &cluster{parent: parent, folder: filepath.Join(parent, "data")}
	if err := c.start(initdb, postgres); err != nil {
		c.stop()
		return nil, err
	}
	started = c
	return c, nil
}

func findProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("%s is not installed (apt-get install postgresql)", name)
	}
	return found[len(found)-1], nil
}

func (c *cluster) start(initdb, postgres string) error {
	attr, err := asServer(c.parent)
	if err != nil {
		return err
	}
	if c.port, err = freePort(); err != nil {
		return err
	}
	c.command = func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.SysProcAttr = c.parent, attr
		cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+c.parent)
		return cmd
	}
	c.postgres = postgres
	out, err := c.command(initdb, "-D", c.folder, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "--wal-segsize=1").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := c.serve(); err != nil {
		return err
	}
	return c.query("postgres", `CREATE ROLE keeper LOGIN; GRANT pg_checkpoint TO keeper`)
}

// serve starts the server and waits until it answers.
func (c *cluster) serve() error {
	c.server = c.command(c.postgres, "-D", c.folder, "-p", fmt.Sprint(c.port), "-k", "",
		"-c", "listen_addresses=127.0.0.1", "-c", "wal_recycle=off", "-c", "autovacuum=off", "-c", "wal_level=replica",
		"-c", "min_wal_size=2MB", "-c", "max_wal_size=64MB", "-c", "shared_buffers=16MB", "-c", "max_connections=40")
	log, err := os.Create(filepath.Join(c.parent, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		c.server = nil
		return err
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := c.query("postgres", `SELECT 1`)
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			said, _ := os.ReadFile(filepath.Join(c.parent, "log"))
			return fmt.Errorf("the server does not answer: %w: %s", err, said)
		}
	}
}

// crash stops the server at once, with nothing put in order.
func (c *cluster) crash(t *testing.T) {
	t.Helper()
	if err := c.server.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	c.server.Wait()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (c *cluster) url(role, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", role, c.port, database)
}

// exec runs statements as superuser.
func (c *cluster) exec(t testing.TB, database, statements string) {
	t.Helper()
	if err := c.query(database, statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

func (c *cluster) query(database, statements string) error {
	db, err := sql.Open("pgx", c.url("postgres", database))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statements)
	return err
}

func (c *cluster) stop() {
	if c.server != nil {
		c.server.Process.Signal(os.Interrupt) // a fast shutdown
		c.server.Wait()
	}
	os.RemoveAll(c.parent)
}
