package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"roundtable/playbook"
	"roundtable/playbook/diag"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is the manual page's text.
func (completionCmd) Help() string {
	return `Prints a script that makes the shell complete sub-commands, flags, the ids of shipped playbooks, and files.

Examples:
  source <(roundtable completion bash)
  roundtable completion fish > ~/.config/fish/completions/roundtable.fish`
}

// completion is what a shell may complete after one sub-command.
type completion struct {
	name, help string
	flags      []*kong.Flag
	words      []string // what its argument may be, beside a file
}

// Run prints the script.
func (c *completionCmd) Run(e *env) error {
	set, _, err := load(e, nil)
	if err != nil {
		return err
	}
	var commands []completion
	for _, node := range e.parser.Model.Leaves(true) {
		one := completion{name: node.Name, help: node.Help, flags: node.Flags}
		for _, p := range node.Positional {
			one.words = append(one.words, argumentWords(set, p)...)
		}
		commands = append(commands, one)
	}
	write := map[string]func(io.Writer, []completion) error{"bash": bash, "zsh": zsh, "fish": fish}[c.Shell]
	return write(e.stdout, commands)
}

// argumentWords lists the words that an argument may be.
func argumentWords(set *playbook.Set, p *kong.Positional) (words []string) {
	switch {
	case p.Enum != "":
		return strings.Split(p.Enum, ",")
	case p.Name == "code":
		for _, code := range diag.Codes {
			words = append(words, string(code))
		}
	case p.Name == "playbook":
		for _, f := range set.Asked {
			if !f.IsTranslation() {
				words = append(words, f.Front.ID.Text)
			}
		}
	}
	return words
}

func flagWords(c completion) string {
	words := []string{"--help"}
	for _, f := range c.flags {
		if f.Name != "help" {
			words = append(words, "--"+f.Name)
		}
	}
	return strings.Join(words, " ")
}

func bash(w io.Writer, commands []completion) error {
	var b strings.Builder
	b.WriteString("_roundtable() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words=\"")
	for i, c := range commands {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(c.name)
	}
	b.WriteString("\"\n  else\n    case ${COMP_WORDS[1]} in\n")
	for _, c := range commands {
		words := append([]string{flagWords(c)}, c.words...)
		fmt.Fprintf(&b, "      %s) words=\"%s\" ;;\n", c.name, strings.Join(words, " "))
	}
	b.WriteString("    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _roundtable roundtable\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// zsh can run bash's completion as it is.
func zsh(w io.Writer, commands []completion) error {
	if _, err := io.WriteString(w, "autoload -U +X bashcompinit && bashcompinit\n"); err != nil {
		return err
	}
	return bash(w, commands)
}

func fish(w io.Writer, commands []completion) error {
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&b, "complete -c roundtable -n __fish_use_subcommand -f -a %s -d %s\n", c.name, fishQuote(c.help))
		for _, f := range c.flags {
			fmt.Fprintf(&b, "complete -c roundtable -n '__fish_seen_subcommand_from %s' -l %s -d %s\n", c.name, f.Name, fishQuote(f.Help))
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&b, "complete -c roundtable -n '__fish_seen_subcommand_from %s' -a '%s'\n", c.name, strings.Join(c.words, " "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
