// Package house holds the plan of the house: which package may import which
// (imports.txt), and the test that keeps the code to it. It has no code.
package house
