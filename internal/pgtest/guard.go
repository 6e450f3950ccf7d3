package pgtest

import (
	"fmt"
	"io"
	"os/exec"
)

// guard is a process that outlives a test program by a moment. It holds the
// reading end of a pipe whose other end only the program has: however the
// program ends, the pipe closes, and the guard stops the server and removes the
// folder. No server is left behind by a test that was killed.
type guard struct {
	cmd *exec.Cmd
	to  io.WriteCloser
}

// watchScript reads the server's process id, line by line the latest ("0": no
// server runs), until the pipe closes.
const watchScript = `
pid=0
while read -r line; do pid=$line; done
if [ "$pid" -gt 0 ]; then
	kill -QUIT "$pid" 2>/dev/null
	n=0
	while kill -0 "$pid" 2>/dev/null && [ "$n" -lt 50 ]; do sleep 0.1; n=$((n+1)); done
	kill -KILL "$pid" 2>/dev/null
fi
cd / && rm -rf -- "$1"
`

// startGuard starts the guard of a folder. command prepares programs that may
// send signals to the server.
func startGuard(command func(string, ...string) *exec.Cmd, folder string) (*guard, error) {
	cmd := command("/bin/sh", "-c", watchScript, "pgtest-guard", folder)
	to, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	return &guard{cmd, to}, nil
}

// watch tells the guard which process the server is; 0 if none.
func (g *guard) watch(pid int) error {
	_, err := fmt.Fprintln(g.to, pid)
	return err
}

// end lets the guard do its work, and waits for it.
func (g *guard) end() error {
	g.to.Close()
	return g.cmd.Wait()
}
