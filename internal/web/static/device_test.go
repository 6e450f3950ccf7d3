package static

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runDevice runs testdata/device.mjs over the modules, after change was made to one
// of them, and returns what it says.
func runDevice(t *testing.T, change func(name, text string) string) (string, error) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("ROUNDTABLE_REQUIRE_BROWSER") == "1" {
			t.Fatal("Node is required and is not installed")
		}
		t.Skip("SKIPPED: Node is not here; the queue of a device was not tested")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"package.json": `{"type":"module"}`, "queue.js": "", "own.js": ""} {
		if text == "" {
			text = change(name, string(mustRead("js/"+name)))
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), node, "testdata/device.mjs", dir).CombinedOutput()
	return string(out), err
}

func TestDevice(t *testing.T) {
	out, err := runDevice(t, func(_, text string) string { return text })
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(out, "\n"); n < 8 {
		t.Errorf("%d tests ran, want 8 or more:\n%s", n, out)
	}
}

// TestDeviceFindsMistakes: what is wrong in the modules is found.
func TestDeviceFindsMistakes(t *testing.T) {
	for name, wrong := range map[string]struct{ in, from, to string }{
		"waits are dropped":           {"queue.js", "if (!w || fate === 'wait') continue;", "if (!w) continue;\n if (fate === 'wait') { drop.push(w.order); continue; }"},
		"sent is as good as kept":     {"queue.js", "const receipts = await this.send(list);", "const receipts = await this.send(list).catch(() => list.map((w) => ({ event: w.event, fate: 'kept' })));"},
		"nothing comes before":        {"queue.js", "after: before ? before.event : ''", "after: ''"},
		"a photo holds others up":     {"queue.js", " && !w.photo).pop()", ").pop()"},
		"a photo is never fetched":    {"queue.js", "if (w.photo) w.letter =", "if (!w.photo) w.letter ="},
		"a photo is sent unmarked":    {"queue.js", "await this.try(list.filter((w) => w.photo));", ""},
		"what is sent is removed":     {"queue.js", " && !w.tried);", ");"},
		"two put in at once":          {"queue.js", "return this.locks.request('roundtable queue', async () => {\n      const order", "return (async (name, work) => work())('', async () => {\n      const order"},
		"refused is forgotten":        {"queue.js", "put.set(w.order, refused);", "drop.push(w.order);"},
		"an old view still opens":     {"own.js", "now >= record.until || ", ""},
		"a key that can be taken out": {"own.js", "length: 256 }, false", "length: 256 }, true"},
		"what is not sent is not had": {"own.js", "...own.filter((e) => !have.has(e.id))", ""},
	} {
		t.Run(name, func(t *testing.T) {
			changed := false
			out, err := runDevice(t, func(file, text string) string {
				if file != wrong.in {
					return text
				}
				changed = strings.Contains(text, wrong.from)
				return strings.Replace(text, wrong.from, wrong.to, 1)
			})
			if !changed {
				t.Fatalf("%s has no %q any more", wrong.in, wrong.from)
			}
			if err == nil {
				t.Errorf("nothing is found wrong:\n%s", out)
			}
		})
	}
}

// What of the scripts desk and step pages load, with everything that they import but
// what they import once it is needed. The budget is 25 KB; what lies between is for
// what is to come.
func TestScriptBudget(t *testing.T) {
	const most = 22 << 10
	for _, page := range []string{Desk, TakeOver, Offline} {
		sum := 0
		for _, name := range []string{Script, page, Live} {
			if name != Live || page != Desk {
				sum += len(site[Path(name)].zipped)
			}
		}
		t.Logf("script of a page with %s: %d bytes compressed", page, sum)
		if sum > most {
			t.Errorf("the script of a page with %s is %d bytes compressed, want at most %d", page, sum, most)
		}
	}
}

func TestWorker(t *testing.T) {
	text := string(Worker("v1"))
	if regexp.MustCompile(`(?m)^(import|export) `).MatchString(text) {
		t.Error("the service worker has an import or an export, which a classic script cannot have")
	}
	for _, needed := range []string{"const build = '" + Build() + "'", Path(Style), Path(Offline), "'/offline/walk'", "class Queue", "function openDevice"} {
		if !strings.Contains(text, needed) {
			t.Errorf("the service worker has no %q", needed)
		}
	}
	if strings.Contains(text, Path(Counsel)) {
		t.Error("the service worker keeps the script of counsel's notes")
	}
	if node, err := exec.LookPath("node"); err == nil {
		file := filepath.Join(t.TempDir(), "sw.cjs")
		if err := os.WriteFile(file, Worker("v1"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), node, "--check", file).CombinedOutput(); err != nil {
			t.Errorf("the service worker is no script: %s", out)
		}
	}
}
