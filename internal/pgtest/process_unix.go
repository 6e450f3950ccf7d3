//go:build unix

package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// apart tells how to start a cluster's programs: in a session of their own, and
// as the user "postgres" where we are root, since PostgreSQL refuses to run as
// root. That user is given the folder.
func apart(folder string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(folder, int(uid), int(gid))
}

func signalImmediate(p *os.Process) error { return p.Signal(syscall.SIGQUIT) }

// killAll kills a server's main process and its children. The main process is
// stopped first, so that it starts no new ones meanwhile. Each child has a
// session of its own: a signal to a group would miss them.
func killAll(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(p.Pid)
	err = errors.Join(err, p.Kill())
	for _, pid := range children {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return errors.Join(err, awaitGone(children))
}

func awaitGone(pids []int) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, pid := range pids {
		for isAlive(pid) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("process %d does not end", pid)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	return nil
}

// isAlive tells whether a process still holds anything: one that has ended but
// that nobody has asked about yet does not.
func isAlive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		state, _ := stateAndParent(stat)
		return state != 'Z' && state != 'X'
	}
	return syscall.Kill(pid, 0) == nil
}

// childrenOf lists a process's children, from /proc or else from ps.
func childrenOf(parent int) ([]int, error) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	if len(stats) == 0 {
		return childrenByPS(parent)
	}
	var children []int
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended while we looked
		}
		if _, p := stateAndParent(stat); p == parent {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return nil, err
			}
			children = append(children, pid)
		}
	}
	return children, nil
}

func childrenByPS(parent int) ([]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=").Output()
	if err != nil {
		return nil, err
	}
	var children []int
	for line := range bytes.Lines(out) {
		var pid, ppid int
		if n, _ := fmt.Sscan(string(line), &pid, &ppid); n == 2 && ppid == parent {
			children = append(children, pid)
		}
	}
	return children, nil
}

// stateAndParent reads the third and the fourth field of a line of proc(5)'s
// stat. The second is the program's name in brackets and may contain anything.
func stateAndParent(stat []byte) (state byte, parent int) {
	after := bytes.LastIndexByte(stat, ')') + 1
	fields := bytes.Fields(stat[after:])
	if len(fields) < 2 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(string(fields[1]))
	return fields[0][0], parent
}
