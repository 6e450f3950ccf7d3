package automaton

// Op is the operator of an Expr.
type Op uint8

// The operators.
const (
	True    Op = iota
	False      // never holds
	And        // every one of Args
	Or         // at least one of Args
	Not        // not Args[0]
	FactIn     // the value of Fact is within In
	At         // the walk stands at one of Where (step numbers)
	Ended      // the walk has ended
	Outcome    // the walk has ended with one of Where (outcome numbers)
)

// Expr is an expression over states, as rules use it. It is a tree; a nil
// *Expr stands for True.
type Expr struct {
	Op    Op
	Args  []*Expr
	Fact  int
	In    Set
	Where []int // ascending
}

// Eval reports whether the expression holds in the state.
func (e *Expr) Eval(p *Program, s State) bool {
	if e == nil {
		return true
	}
	switch e.Op {
	case True:
		return true
	case And:
		for _, a := range e.Args {
			if !a.Eval(p, s) {
				return false
			}
		}
		return true
	case Or:
		for _, a := range e.Args {
			if a.Eval(p, s) {
				return true
			}
		}
		return false
	case Not:
		return !e.Args[0].Eval(p, s)
	case FactIn:
		return e.In.Has(int(s.Values[e.Fact]))
	case At:
		return contains(e.Where, s.Where)
	case Ended:
		return s.Where >= len(p.Steps)
	case Outcome:
		return s.Where >= len(p.Steps) && contains(e.Where, s.Where-len(p.Steps))
	}
	return false
}

func contains(sorted []int, x int) bool {
	for _, y := range sorted {
		if y >= x {
			return y == x
		}
	}
	return false
}

// RuleKind is the form of a rule's sentence.
type RuleKind uint8

// The forms. The letters are those of the language's definition.
const (
	Never         RuleKind = iota // never E [unless F]
	Before                        // E before F
	LeadsTo                       // E leads to F
	EveryEnd                      // every end has E
	EveryPathEnds                 // every path ends
	StaysPossible                 // E stays possible [if F]
	NeutralAbout                  // neutral about Fact
	Keeps                         // a part's `needs`: E holds whenever choice (Step, Choice) is taken
)

// Rule is a sentence that must hold on every path.
type Rule struct {
	Kind RuleKind
	E, F *Expr // F is nil where the sentence has none
	Fact int   // NeutralAbout

	// Keeps: E must hold, over the values after the choice's assignments and
	// before the entered step's links are made true, whenever the choice is
	// taken. E has no At, Ended or Outcome.
	Step, Choice int
}
