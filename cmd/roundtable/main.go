// Command roundtable is the one program of Roundtable: it checks, draws and
// walks playbooks. Each sub-command's help is its manual.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"time"
	_ "time/tzdata" // so that it works on a bare host

	"github.com/alecthomas/kong"
)

// The exit statuses. What cannot be read wins over what is wrong.
const (
	exitOK    = 0
	exitWrong = 1 // something is an error, or a walk was not finished as asked
	exitUsage = 2 // a path or a flag cannot be read
)

// cli is the command line.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Serve the desk's pages."`
	Check      checkCmd      `cmd:"" help:"Check playbooks and prove their rules."`
	Walk       walkCmd       `cmd:"" help:"Walk a playbook in the terminal, step by step."`
	Draw       drawCmd       `cmd:"" help:"Draw a playbook as a flowchart."`
	Fmt        fmtCmd        `cmd:"" help:"Print playbooks in their canonical form."`
	Program    programCmd    `cmd:"" help:"Print the Program that a playbook compiles to."`
	Explain    explainCmd    `cmd:"" help:"Explain a code of the checker."`
	Ledger     ledgerCmd     `cmd:"" help:"Verify, export and prove the ledger."`
	Backup     backupCmd     `cmd:"" help:"Back up database and keyring, and check the backup."`
	Restore    restoreCmd    `cmd:"" help:"Restore a backup into an empty place."`
	Doctor     doctorCmd     `cmd:"" help:"Find out what is wrong with an installation, and how to mend it."`
	Key        keyCmd        `cmd:"" help:"Make, lock, recover and change the installation's key."`
	Migrate    migrateCmd    `cmd:"" help:"Make a PostgreSQL database ready, as its owner."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
}

// env is what a sub-command may touch: everything that comes from outside.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
	width  int // columns of the terminal, 0 when the output is none
	parser *kong.Kong
}

// errWrong ends a command whose output has said already what is wrong.
var errWrong = errors.New("something is wrong")

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func main() {
	// The program runs for moments and holds little: collecting garbage less
	// often makes a check a quarter faster.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(&env{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now, width: terminalWidth(os.Stdout)}, os.Args[1:])
	stop()
	os.Exit(code)
}

// helped ends a call that only asked for help.
type helped struct{ code int }

// run carries out a command line and returns the exit status.
func run(e *env, args []string) (code int) {
	defer func() {
		if h := recover(); h != nil {
			ended, ok := h.(helped)
			if !ok {
				panic(h)
			}
			code = ended.code
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("roundtable"), kong.Writers(e.stdout, e.stderr),
		kong.Exit(func(code int) { panic(helped{code}) }), // kong calls it for --help
		kong.Description("Playbooks for a library's hard situations: proved, walked, practised."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 92}))
	if err != nil {
		fmt.Fprintln(e.stderr, "roundtable:", err)
		return exitUsage
	}
	e.parser = parser
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(e.stderr, "roundtable: %v\nTry: roundtable --help\n", err)
		return exitUsage
	}
	return exitCode(e, ctx.Run(e))
}

// exitCode tells an error to people, once, and turns it into a status.
func exitCode(e *env, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.As(err, &usage):
		fmt.Fprintln(e.stderr, "roundtable:", err)
		return exitUsage
	}
	fmt.Fprintln(e.stderr, "roundtable:", err)
	return exitWrong
}
