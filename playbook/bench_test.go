package playbook_test

import (
	"context"
	"testing"

	"roundtable/playbook"
	"roundtable/playbook/resolve"
	"roundtable/playbook/starter"
	"roundtable/playbook/syntax"
)

// BenchmarkCheckShipped goes from the bytes of all shipped files to their
// verdicts, every rule proved. The bar is 50 ms on one core: go test -cpu 1.
func BenchmarkCheckShipped(b *testing.B) {
	n := 0
	for b.Loop() {
		set := playbook.Shipped(resolve.Shelf{})
		n = 0
		for _, r := range playbook.Check(context.Background(), set, playbook.Options{}) {
			n += len(r.Proved)
		}
	}
	b.ReportMetric(float64(n), "rules")
}

// BenchmarkReadShipped is its first part: from bytes to trees.
func BenchmarkReadShipped(b *testing.B) {
	entries, err := starter.Files.ReadDir(".")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, e := range entries {
			src, err := starter.Files.ReadFile(e.Name())
			if err != nil {
				b.Fatal(err)
			}
			syntax.Parse(e.Name(), src)
		}
	}
}

// BenchmarkCompileShipped is its second: from trees to Programs.
func BenchmarkCompileShipped(b *testing.B) {
	set := playbook.Shipped(resolve.Shelf{})
	for b.Loop() {
		lib := &resolve.Library{}
		for _, f := range set.Asked {
			lib.Add(f, nil)
		}
		for _, f := range set.Asked {
			lib.Compile(f)
		}
	}
}
