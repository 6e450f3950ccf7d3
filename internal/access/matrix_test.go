package access

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/matrix.txt; read the diff")

const legend = `# What May answers, for every act, class, standing and relation, asked by
# somebody who has just that standing and that relation. It is kept apart from
# the table so that no cell of the table can change unseen.
#
# + allowed   - refused   . hidden, as if it were not there   (blank: cannot be)
# A row's columns are the relations to the subject, in this order:
#   none, walker, author, assigned, owner, told, own device, past device, bearer, self, proposer
# The first group is asked at the subject's branch, the second at another one.
`

var signs = map[Decision]byte{Allowed: '+', Refused: '-', Hidden: '.'}

// line is what May answers to one standing, as the matrix writes it.
func line(t *compiled, e *entry, act Act, v int, s Standing) string {
	groups := [2][]byte{bytes.Repeat([]byte{' '}, int(relations)), bytes.Repeat([]byte{' '}, int(relations))}
	for r := range relations {
		if !e.possible(s).has(r) {
			continue
		}
		for _, p := range probes(Row{act, e.kind, variants[v].class, variants[v].sealed, s, r}) {
			at := 0
			if p.elsewhere {
				at = 1
			}
			groups[at][r] = signs[p.ask(t)]
		}
	}
	return string(groups[0]) + " | " + string(groups[1])
}

// matrix writes all of it. Standings that are answered alike share a row.
func matrix(t *compiled) string {
	var b strings.Builder
	b.WriteString(legend)
	for _, act := range t.order {
		e := t.acts[act]
		for v := range variants {
			if !e.kind.variants().has(v) {
				continue
			}
			fmt.Fprintf(&b, "\n%s (%s) %s\n", act, e.kind, variants[v])
			alike := map[string][]string{}
			for s := range standings {
				if e.possible(s) != 0 {
					l := line(t, e, act, v, s)
					alike[l] = append(alike[l], s.String())
				}
			}
			lines := slices.SortedFunc(maps.Keys(alike), func(a, b string) int {
				return cmp.Or(strings.Count(b, "+")-strings.Count(a, "+"), cmp.Compare(a, b))
			})
			for _, l := range lines {
				fmt.Fprintf(&b, "  %s | %s\n", l, strings.Join(alike[l], " "))
			}
		}
	}
	return b.String()
}

// TestMatrix holds every answer of May against the rows on file.
func TestMatrix(t *testing.T) {
	const file = "testdata/matrix.txt"
	got := matrix(table)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: May answers\n%s\nwant\n%s\n(if it was meant: go test -update, and read the diff)", file, i+1, g[i], w[i])
		}
	}
	t.Fatalf("May has %d lines of answers, %s has %d", len(g), file, len(w))
}

// TestTableForm: the table says nothing twice and nothing that cannot be.
func TestTableForm(t *testing.T) {
	for _, problem := range table.check() {
		t.Error(problem)
	}
	for _, r := range rules {
		if r.does == "" || len(r.may) == 0 || strings.Trim(string(r.act), "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("rule %q %q is not whole", r.act, r.does)
		}
	}
	for k := Installation; k <= Device; k++ {
		if know := known[k]; table.acts[know] == nil {
			t.Errorf("no act says who may know of a %s", k)
		}
	}
}

// TestTableFormFindsMistakes is the control: tables with mistakes do not pass.
func TestTableFormFindsMistakes(t *testing.T) {
	for name, bad := range map[string][]rule{
		"cannot be, relation":  {{ReadCase, Case, "x", []grant{{incident, device, tied(Author)}}}},
		"cannot be, variant":   {{ReadCase, Case, "x", []grant{{plain, director, anyhow}}}},
		"cannot be, standing":  {{ChangeInstallation, Installation, "x", on(director, anyhow)}},
		"stranger and desk":    {{ReadCase, Case, "x", []grant{{incident, strangers, anyhow}, {incident, setOf(Desk), tied(Owner)}}}},
		"member and desk":      {{ReadCase, Case, "x", []grant{{incident, members | setOf(Desk), tied(Owner)}}}},
		"device and desk":      {{ReadCase, Case, "x", []grant{{incident, device | setOf(Desk), tied(OwnDevice)}}}},
		"a role of no branch":  {{ReadCase, Case, "x", []grant{{incident, admin, led}}}},
		"the same act twice":   {{ReadCase, Case, "x", readers}, {ReadCase, Case, "x", readers}},
		"a member, and anyhow": {{ReadCase, Case, "x", []grant{{incident, members, led}}}},
	} {
		if got := compile(bad).check(); len(got) == 0 {
			t.Errorf("%s: check finds nothing", name)
		}
	}
}

// TestMutation flips each cell of the table, one at a time, and wants the tests
// to fail: the form's, or the matrix's. It also tells how many the promises of
// promise_test.go find by themselves, which know nothing of the matrix.
func TestMutation(t *testing.T) {
	rows, byPromise := 0, 0
	for row := range Rows() {
		rows++
		v, _ := columnOf(Subject{Kind: row.Kind, Class: row.Class, Sealed: row.Sealed})
		mutant := flip(row, v)
		if len(brokenPromises(mutant, []Row{row})) > 0 {
			byPromise++
		}
		if mutant.acts[row.Act].wrong(v, row.Standing) == "" && sameAnswers(mutant, row) {
			t.Errorf("flipping %v is seen by no test", row)
		}
	}
	t.Logf("%d cells; by themselves the promises see %d flips (%d %%)", rows, byPromise, 100*byPromise/rows)
	if rows < 37_000 {
		t.Errorf("there are %d cells; the test has lost some of them", rows)
	}
}

// sameAnswers reports whether the questions that show a row are answered as the
// matrix has it, which TestMatrix has found to be what the table answers.
func sameAnswers(mutant *compiled, row Row) bool {
	for _, p := range probes(row) {
		if p.ask(mutant) != p.ask(table) {
			return false
		}
	}
	return true
}

// flip returns a table that differs in one cell. Only the entry that changes is
// copied.
func flip(row Row, v int) *compiled {
	m := &compiled{order: table.order, acts: maps.Clone(table.acts)}
	e := *m.acts[row.Act]
	e.cells = slices.Clone(e.cells)
	e.cells[v][row.Standing] ^= tied(row.Relation)
	m.acts[row.Act] = &e
	return m
}
