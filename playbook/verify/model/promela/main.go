// Command promela writes one of the models that the checker is measured on, as
// Promela, so that SPIN can be asked about it. ../../spin.sh runs both.
//
//	promela questionnaire 8
//	promela plain 10000 400
//	promela sections 40 50
//	promela hiddenbit 12
package main

import (
	"fmt"
	"os"
	"strconv"

	"roundtable/playbook/verify/model"
)

func main() {
	c, err := build(os.Args[1:])
	if err == nil {
		err = model.WritePromela(os.Stdout, c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "promela:", err)
		os.Exit(2)
	}
}

// build makes the model that the arguments name.
func build(args []string) (*model.Case, error) {
	wants := map[string]int{"questionnaire": 1, "plain": 2, "sections": 2, "hiddenbit": 1}
	if len(args) == 0 || wants[args[0]] != len(args)-1 {
		return nil, fmt.Errorf("want: questionnaire K | plain STEPS FACTS | sections SECTIONS STEPS | hiddenbit N")
	}
	var n []int
	for _, a := range args[1:] {
		i, err := strconv.Atoi(a)
		if err != nil || i < 2 || i > 100_000 {
			return nil, fmt.Errorf("%q: want a number from 2 to 100000", a)
		}
		n = append(n, i)
	}
	switch args[0] {
	case "questionnaire":
		return model.Questionnaire(n[0]), nil
	case "plain":
		if n[1] > n[0] {
			return nil, fmt.Errorf("plain needs at least as many steps as facts")
		}
		return model.Plain(n[0], n[1]), nil
	case "sections":
		if n[1] < 20 {
			return nil, fmt.Errorf("a section needs at least 20 steps")
		}
		return model.Sections(n[0], n[1]), nil
	}
	return model.HiddenBit(n[0]), nil
}
