package static

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pushed runs the service worker with a browser of wood, sends it a push and presses
// what it shows, and prints what it does.
const pushed = `
import { readFileSync } from 'node:fs';
const listeners = {}, done = [];
globalThis.self = globalThis;
globalThis.addEventListener = (kind, f) => { listeners[kind] = f; };
globalThis.registration = { showNotification: async (title, options) => done.push('show ' + title + ' ' + JSON.stringify(options)) };
globalThis.clients = { openWindow: async (to) => done.push('open ' + to) };
(0, eval)(readFileSync(process.argv[2], 'utf8'));
const waits = [], waitUntil = (p) => waits.push(p);
for (const data of [null, { text: () => 'canary', json: () => ({ title: 'canary' }) }]) listeners.push({ data, waitUntil });
listeners.notificationclick({ notification: { close: () => done.push('close'), data: 'canary' }, waitUntil });
await Promise.all(waits);
console.log(done.join('\n'));
`

// TestPushed: whatever is in a push, the same words are shown, and pressing them opens
// the one page that knows what there is.
func TestPushed(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("ROUNDTABLE_REQUIRE_BROWSER") == "1" {
			t.Fatal("Node is required and is not installed")
		}
		t.Skip("SKIPPED: Node is not here; what a push shows was not tested")
	}
	dir := t.TempDir()
	script, worker := filepath.Join(dir, "pushed.mjs"), filepath.Join(dir, "sw.js")
	for file, text := range map[string][]byte{script: []byte(pushed), worker: Worker("v1")} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), node, script, worker).CombinedOutput()
	const shown = `show Roundtable: the desk needs you. {"tag":"alert","renotify":true,"requireInteraction":true}` + "\n"
	if want := shown + shown + "close\nopen /alert\n"; err != nil || string(out) != want {
		t.Errorf("the worker does, %v:\n%s\nwant:\n%s", err, out, want)
	}
}
