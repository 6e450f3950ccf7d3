package demo

import (
	"errors"
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
	"roundtable/internal/notify"
	"roundtable/internal/store"
	"roundtable/internal/store/storetest"
)

// TestLetters: in the demonstration a desk that needs the director sends a letter, which
// leads back to it and says nothing of what happens.
func TestLetters(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := apptest.Empty(t, s)
		var out strings.Builder
		w.Senders = map[notify.Channel]notify.Sender{notify.Mail: NewLetters(&out)}
		w.App = w.Process(t, w.Key)
		guide, err := Fill(t.Context(), w.App, w.Clock.Now, "http://localhost:1234")
		if err != nil {
			t.Fatal(err)
		}
		text := guide.Text("http://127.0.0.1:1234")
		for _, p := range guide.People {
			if !strings.Contains(text, p.Mail) {
				t.Errorf("the guide does not tell of %s: %s", p.Mail, text)
			}
		}
		if err := w.WorkOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		for _, want := range []string{"A letter to director@elm.example: ", "http://localhost:1234/alert/"} {
			if !strings.Contains(got, want) {
				t.Errorf("the letters do not say %q: %s", want, got)
			}
		}
		if strings.Contains(strings.ToLower(got), "officer") {
			t.Errorf("a letter says what happens: %s", got)
		}
	})
}

// TestLetterThatCannotBeWritten is one that was not taken.
func TestLetterThatCannotBeWritten(t *testing.T) {
	r, err := NewLetters(broken{}).Send(t.Context(), notify.Delivery{})
	if err == nil || r.Outcome != notify.Later {
		t.Errorf("Send = %v, %v, want that it is sent again later", r, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no paper") }
