package vault

import (
	"crypto/rand"
	"fmt"
	"testing"
)

func BenchmarkSeal(b *testing.B) {
	key := caseKey()
	for _, size := range []int{200, 4 << 10, 1 << 20} {
		content := ClearBytes(make([]byte, size))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				must(key.Seal(rand.Reader, here, content))
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	key := caseKey()
	for _, size := range []int{200, 4 << 10, 1 << 20} {
		value := must(key.Seal(rand.Reader, here, ClearBytes(make([]byte, size))))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				must(key.Open(here, value))
			}
		})
	}
}

func BenchmarkUnwrapCase(b *testing.B) {
	library := must(NewLibraryKey(rand.Reader))
	wrapped := must(library.WrapCase(rand.Reader, here.Library, here.Case, caseKey()))
	for b.Loop() {
		must(library.UnwrapCase(wrapped, here.Library, here.Case))
	}
}

func BenchmarkLetter(b *testing.B) {
	private := must(NewPrivateKey(rand.Reader))
	public := must(private.Public())
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			must(public.Seal(ForIntake, here, NewClear("x")))
		}
	})
	letter := must(public.Seal(ForIntake, here, NewClear("x")))
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			must(private.Open(ForIntake, here, letter))
		}
	})
}

func BenchmarkUnlock(b *testing.B) {
	text := []byte(must(must(NewInstallationKey(rand.Reader)).Lock(rand.Reader, NewClear("four words are enough"))))
	for b.Loop() {
		must(Unlock(text, NewClear("four words are enough")))
	}
}
