// Package walk is one playbook being walked. A walk is its events; what it
// stands at, what is ticked and written, which alerts it has ordered, all of
// it is found by folding the events over one automaton.Program, in the order
// in which they arrived.
//
// Nothing here has a clock, a database or a network: times and ids come in as
// values. The package does not send alerts, it says which the walk has ordered;
// and it holds no words of the playbook, which stand beside the Program.
//
// Three promises are kept here and nowhere else, so that no page can forget
// them:
//
//   - No event can say what a protected fact's value is. Where every choice of
//     a step gives a protected fact a value, the event says only that the walk
//     went on; a given fact that is protected is not written at the start.
//   - No event can say that a choice off the record was taken, or that anything
//     was done on a step behind one.
//   - Nothing that was typed is dropped. A move that came too late moves
//     nothing, and is kept.
package walk
