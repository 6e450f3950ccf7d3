package counsel

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"roundtable/internal/vault"
)

// log is lines that several goroutines write down.
type log struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

// story is the server of the browser's tests: this package, with pages as
// counsel.js wants them. It writes down all that it is sent.
type story struct {
	t           *testing.T
	url         string
	sent        log
	pages       *template.Template
	key         Key
	note        Note
	fingerprint string // what the note's page says, instead of the key's own

	mu     sync.Mutex // guards status
	status int        // what to answer to the next notes; 0 is to keep them
}

// policy is the one of the product, and stricter: scripts may not write markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const noteID = NoteID("0193631f-0000-7000-8000-00000000000a")

func newStory(t *testing.T) *story {
	t.Helper()
	s := &story{t: t, pages: must(template.ParseFiles(filepath.Join("testdata", "pages.html")))}
	mux := http.NewServeMux()
	mux.Handle("GET /js/", http.StripPrefix("/js/", http.FileServer(http.Dir(scripts))))
	mux.HandleFunc("GET /{page}", s.show)
	mux.HandleFunc("POST /make", s.takeKey)
	mux.HandleFunc("POST /note", s.takeNote)
	mux.HandleFunc("GET /control", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>x</title><form><textarea id=kept></textarea></form>")
	})
	mux.HandleFunc("POST /control", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(s.record(mux))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *story) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxForm))
		if err != nil {
			s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		s.sent.add(fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

// letterOnPage is a letter as a page shows it.
type letterOnPage struct {
	Letter string
	Place  vault.Place
}

func (s *story) show(w http.ResponseWriter, r *http.Request) {
	at := Place("library-1", "case-1", noteID)
	fingerprint := s.fingerprint
	if fingerprint == "" {
		fingerprint = s.key.Fingerprint().String()
	}
	var text bytes.Buffer
	page := r.PathValue("page")
	err := s.pages.ExecuteTemplate(&text, page, map[string]any{
		"Title": "Story", "Key": s.key.Encoded(), "Fingerprint": fingerprint, "Place": at, "Note": noteID, "Letters": s.letters(at),
	})
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(text.Bytes())
}

// letters are the note, one to another key, and the note where it does not belong.
func (s *story) letters(at vault.Place) []letterOnPage {
	if s.note.ID == "" {
		return nil
	}
	other := must(newPair(s.t, bytes.Repeat([]byte{9}, 32)).public.Seal(vault.ForCounsel, at, vault.NewClear("x")))
	moved := at
	moved.Version++
	return []letterOnPage{{s.note.Encoded(), at}, {encode(other.Bytes()), at}, {s.note.Encoded(), moved}}
}

func (s *story) takeKey(w http.ResponseWriter, r *http.Request) {
	key, err := NewKey(lawyer, r.PostFormValue("public_key"), r.PostFormValue("fingerprint"), noon)
	if err != nil {
		s.t.Errorf("NewKey of what the browser sent: %v", err)
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	s.key = key
	w.WriteHeader(http.StatusCreated)
}

func (s *story) answerWith(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *story) takeNote(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	status := s.status
	s.mu.Unlock()
	if status != 0 {
		w.Header().Set("Location", "/after")
		w.WriteHeader(status)
		return
	}
	id := NoteID(r.PostFormValue("note"))
	note, err := NewNote(id, s.key, r.PostFormValue("letter"), "p-author", noon)
	if err != nil || id != noteID || r.PostFormValue("fingerprint") != s.key.Fingerprint().String() || len(r.PostForm) != 3 {
		s.t.Errorf("NewNote of what the browser sent, with %d fields: %v", len(r.PostForm), err)
	}
	s.note = note
	w.WriteHeader(http.StatusNoContent)
}

// secret is something that is looked for where it must not be.
type secret struct {
	name  string
	bytes []byte
}

func (s *story) secrets(file string) []secret {
	scalar := keyInFile(s.t, file)
	return []secret{{"text", []byte(told)}, {"passphrase", []byte("lantern copper")}, {"private key", scalar}}
}

// in says in which encoding the secret is in some bytes, or "".
func (s secret) in(hay []byte) string {
	for name, needle := range s.needles() {
		if bytes.Contains(hay, needle) {
			return "as " + name
		}
	}
	return ""
}

func (s secret) needles() map[string][]byte {
	needles := map[string][]byte{
		"it is": s.bytes, "hexadecimal digits": []byte(hex.EncodeToString(s.bytes)),
		"capital digits": []byte(strings.ToUpper(hex.EncodeToString(s.bytes))),
	}
	var wide []byte
	for _, unit := range utf16.Encode([]rune(string(s.bytes))) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	if s.name != "private key" { // bytes that are no text have no UTF-16
		needles["UTF-16"] = wide
		needles["UTF-16, the other way round"] = append([]byte{0}, wide[:len(wide)-1]...)
		needles["form fields"] = []byte(strings.ReplaceAll(string(s.bytes), " ", "+"))
		needles["an address"] = []byte(strings.ReplaceAll(string(s.bytes), " ", "%20"))
	}
	// Where it stands in a longer value moves its letters; the first and last of
	// each are its neighbours' too.
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), s.bytes...))
		core := strings.TrimRight(text, "=")
		core = core[(shift*8+5)/6 : len(core)-1]
		needles[fmt.Sprintf("base64, moved by %d", shift)] = []byte(core)
		needles[fmt.Sprintf("base64url, moved by %d", shift)] = []byte(strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	return needles
}

// inFolder returns the files that have the secret in them, and how.
func (s secret) inFolder(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if where := s.in(b); where != "" {
			found = append(found, strings.TrimPrefix(path, dir)+" "+where)
		}
		return nil
	})
	if err != nil || files < 20 {
		t.Errorf("only %d files of the browser's profile were read: %v", files, err)
	}
	return found
}

// TestSecretIsFound: the search finds a secret in each encoding, and only there.
func TestSecretIsFound(t *testing.T) {
	s := secret{"text", []byte(told)}
	for _, text := range []string{told, "x" + hex.EncodeToString([]byte("a"+told+"b")), "7\x00Q\x004\x00Z\x00"} {
		if s.in([]byte(text)) == "" {
			t.Errorf("%q is not found in %q", told, text)
		}
	}
	for shift := range 6 {
		text := strings.Repeat("ö", 2)[:shift%4] + strings.Repeat("~", shift) + told + "?~ö"
		for _, encoded := range []string{base64.StdEncoding.EncodeToString([]byte(text)), encode([]byte(text))} {
			if s.in([]byte(encoded)) == "" {
				t.Errorf("%q is not found in %q, which is %q", told, encoded, text)
			}
		}
	}
	if got := s.in([]byte("7Q4 Z 7q4z N1E0")); got != "" {
		t.Errorf("%q is found where it is not, %s", told, got)
	}
}
