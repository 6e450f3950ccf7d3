package access

import (
	"fmt"
	"iter"
	"slices"
)

// compiled is the table as it is looked up: for each act, for each variant and
// standing, the relations that allow it.
type compiled struct {
	order []Act
	acts  map[Act]*entry
}

type entry struct {
	kind   Kind
	does   string
	second bool                     // it takes a second person
	cells  [][standings]relationSet // by place in variants
}

func (e *entry) cell(column int, s Standing) relationSet { return e.cells[column][s] }

var table = compile(rules)

func compile(rules []rule) *compiled {
	t := &compiled{acts: map[Act]*entry{}}
	for _, r := range rules {
		e := &entry{kind: r.kind, does: r.does, second: second[r.act] != "", cells: make([][standings]relationSet, len(variants))}
		for _, g := range r.may {
			for v := range variants {
				for s := range standings {
					if g.on.has(v) && g.who.has(s) {
						e.cells[v][s] |= g.as
					}
				}
			}
		}
		t.order = append(t.order, r.act)
		t.acts[r.act] = e
	}
	return t
}

// check returns each mistake in a table's form: a cell that allows what cannot
// be, or that says again what another cell gives already. So each cell that
// passes can be seen in an answer of May.
func (t *compiled) check() (problems []string) {
	if len(t.order) != len(t.acts) {
		problems = append(problems, "an act stands in the table twice")
	}
	for _, act := range t.order {
		e := t.acts[act]
		for v := range variants {
			for s := range standings {
				if why := e.wrong(v, s); why != "" {
					problems = append(problems, fmt.Sprintf("%s, %s, %s: %s", act, variants[v], s, why))
				}
			}
		}
	}
	return problems
}

// possible returns the relations that somebody of a standing can have to what
// the act is done to.
func (e *entry) possible(s Standing) relationSet {
	may := possible(e.kind, s)
	if e.second && s >= Member && may != 0 {
		may |= tied(Proposer)
	}
	return may
}

// wrong says what is wrong with a cell.
func (e *entry) wrong(v int, s Standing) string {
	cell := e.cells[v][s]
	may := e.possible(s)
	if !e.kind.variants().has(v) {
		may = 0
	}
	if beyond := cell &^ may; beyond != 0 {
		return "cannot be: " + beyond.String()
	}
	if again := cell & e.implied(v, s); again != 0 {
		return "said twice: " + again.String()
	}
	return ""
}

// implied returns the relations with which a cell's standing may do the act
// anyway, by the cells that also apply to whoever has it.
func (e *entry) implied(v int, s Standing) relationSet {
	var below relationSet
	if s != Stranger {
		below |= spread(e.cells[v][Stranger])
	}
	if s > Member {
		below |= spread(e.cells[v][Member])
	}
	if s >= Member {
		below |= spread(e.cells[v][AtDevice]) & tied(OwnDevice, PastDevice)
	}
	if !s.everElsewhere(e.kind) && e.cells[v][s].has(None) {
		below |= spread(tied(None)) &^ tied(None)
	}
	return below
}

// spread adds to a cell with None the relations that come with it.
func spread(cell relationSet) relationSet {
	if cell.has(None) {
		return cell | (1<<relations-1)&^tied(Self, Proposer)
	}
	return cell
}

// everElsewhere reports whether somebody can have the standing at one branch
// and have to do with a subject at another. For all others a relation beside
// None says nothing.
func (s Standing) everElsewhere(k Kind) bool {
	if k == Shared || k == Installation {
		return false
	}
	return s == AtDevice || s >= Desk && s != Auditor && s != Board && s != Admin
}

// Row is one cell of the table.
type Row struct {
	Act      Act
	Kind     Kind
	Class    Class
	Sealed   bool
	Standing Standing
	Relation Relation
}

// Rows goes through every cell that there can be, in the order of the table, and
// tells whether the table itself allows it. An actor may be allowed by another
// cell as well; that is May's to say.
func Rows() iter.Seq2[Row, bool] { return table.rows() }

func (t *compiled) rows() iter.Seq2[Row, bool] {
	return func(yield func(Row, bool) bool) {
		for _, act := range t.order {
			if !t.acts[act].rows(act, yield) {
				return
			}
		}
	}
}

func (e *entry) rows(act Act, yield func(Row, bool) bool) bool {
	for v, variant := range variants {
		if !e.kind.variants().has(v) {
			continue
		}
		for s := range standings {
			for r := range relations {
				row := Row{act, e.kind, variant.class, variant.sealed, s, r}
				if e.possible(s).has(r) && !yield(row, e.cells[v][s].has(r)) {
					return false
				}
			}
		}
	}
	return true
}

// Acts lists every act, in the order of the table.
func Acts() []Act { return slices.Clone(table.order) }

// Kind returns what the act is done to, and Nowhere if it is no act.
func (a Act) Kind() Kind {
	if e := table.acts[a]; e != nil {
		return e.kind
	}
	return Nowhere
}
