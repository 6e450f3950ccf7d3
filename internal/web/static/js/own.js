// The view of this device's own running walk, for its own screen: at most one, sealed
// under a key that the browser does not give out, gone when the walk ends, is handed
// over or locked, and after twelve hours.

const life = 12 * 60 * 60 * 1000;

// sealView makes what is kept of a view. It goes on under the key of the record before
// it if that is the same walk's.
export async function sealView(view, before, now) {
  const old = before && before.case === view.case ? before : undefined;
  const key = old ? old.key : await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(JSON.stringify(view)));
  return { case: view.case, lang: view.lang, until: now + life, rev: (old ? old.rev : 0) + 1, key, iv, box: new Uint8Array(box) };
}

// openView opens a record; null if there is none, or its time is over.
export async function openView(record, now) {
  if (!record || now >= record.until || record.until > now + 2 * life) return null;
  try {
    const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: record.iv }, record.key, record.box);
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    return null; // a key and a box that do not fit are as none
  }
}

// newID makes an id as the server's NewID does: a UUID of version 7.
export function newID(now) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0, ms = now; i < 6; i++, ms = Math.floor(ms / 256)) bytes[5 - i] = ms % 256;
  bytes[6] = (bytes[6] & 15) | 0x70;
  bytes[8] = (bytes[8] & 63) | 0x80;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + b.toString(16).padStart(2, '0')).join('');
}

// startEvent is the first event of a walk of a guide in a language.
export const startEvent = (guide, lang, now) => ({
  id: newID(now), kind: 'started', at: now, playbook: guide.id, program: guide.hash, lang, given: guide.given,
});

// merge makes a view's events anew after another screen went on: what the server has,
// then what this device has done that is not there yet.
export function merge(own, theirs) {
  const have = new Set(theirs.map((e) => e.id));
  return [...theirs, ...own.filter((e) => !have.has(e.id))];
}

// fetchView asks the server for a walk of this device; null if it has none such.
export async function fetchView(id) {
  const answer = await fetch(`/shell/walk/${id}`, { credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json' } });
  if (answer.status >= 400 && answer.status < 500) return null;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const { title, program, lang, events } = await answer.json();
  return { case: id, title, program, lang, events, drafts: {}, told: [] };
}
