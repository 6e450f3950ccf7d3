//go:build unix

package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestGuard: a program that is killed leaves no server and no folder.
func TestGuard(t *testing.T) {
	Shared(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestGuardChild$")
	cmd.Env = append(os.Environ(), "PGTEST_GUARD_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var folder string
	var pid int
	if _, err := fmt.Fscanln(bufio.NewReader(out), &folder, &pid); err != nil {
		t.Fatal(err)
	}
	if !isAlive(pid) {
		t.Fatalf("the control: the server %d of %s does not run", pid, folder)
	}
	cmd.Process.Kill()
	cmd.Wait()
	end := time.Now().Add(20 * time.Second)
	for _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) || isAlive(pid); _, err = os.Stat(folder) {
		if time.Now().After(end) {
			t.Fatalf("after the program was killed: folder %s: %v; server %d alive: %v", folder, err, pid, isAlive(pid))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestGuardChild(t *testing.T) {
	if os.Getenv("PGTEST_GUARD_CHILD") != "1" {
		return // only TestGuard starts it
	}
	c, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(c.folder, c.server.cmd.Process.Pid)
	select {}
}
