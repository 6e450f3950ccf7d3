// What an enrolled device keeps to walk without a network, in the browser's caches:
// one cache for each version, whole or not at all.

import { openDevice } from './device.js';
import { Queue, isCut, post } from './queue.js';

// What seals is loaded when it is needed, or before by whoever expects that.
export const sealing = () => import('./letter.js');

const prefix = 'shell-';
const editionsOf = (guide) => [`/shell/programs/${guide.hash}`, ...guide.langs.map((lang) => `/shell/fragments/${guide.hash}/${lang}`)];

// Kept is this device: its store, its queue, and its shell (null if it has none).
export class Kept {
  static async open() {
    const kept = new Kept();
    kept.device = await openDevice(indexedDB);
    kept.queue = new Queue({ device: kept.device, send: post, locks: navigator.locks, isCut, seal: (...about) => kept.seal(...about) });
    await kept.load();
    return kept;
  }

  // load takes the shell from the cache. One whose lease is over is forgotten.
  async load() {
    this.shell = null;
    const about = await this.device.about('shell');
    if (!about) return;
    if (Math.abs(Date.now() - about.at) > about.lease * 1000) {
      await dropCaches('');
      return;
    }
    const found = await (await caches.open(prefix + about.version)).match('/shell');
    this.shell = found ? await found.json() : null;
  }

  // refresh hears from the server what there is to keep, and keeps it. It returns
  // false if this is no enrolled device, and throws if the server was not reached.
  // also lists what a walk under way still needs: {hash, lang}.
  async refresh(also) {
    const tag = this.shell ? `"${this.shell.version}"` : '';
    const answer = await fetch('/shell', { credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json', ...(tag && { 'If-None-Match': tag }) } });
    if (answer.status === 304) {
      await this.note(this.shell);
      return true;
    }
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
      await this.revoked();
      return false;
    }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const shell = await answer.clone().json();
    const cache = await caches.open(prefix + shell.version);
    const wanted = new Set(shell.guides.flatMap(editionsOf));
    for (const { hash, lang } of also) [`/shell/programs/${hash}`, `/shell/fragments/${hash}/${lang}`].forEach((url) => wanted.add(url));
    for (const url of wanted) {
      const part = await fetch(url, { credentials: 'same-origin', redirect: 'error' });
      if (!part.ok) throw new Error(`status ${part.status}`);
      await cache.put(url, part);
    }
    await cache.put('/shell', answer);
    await this.note(shell);
    await dropCaches(prefix + shell.version);
    this.shell = shell;
    return true;
  }

  note(shell) {
    return this.device.change({ about: { shell: { version: shell.version, lease: shell.lease, at: Date.now() } } });
  }

  // revoked forgets what a device has no right to any more. What was typed stays
  // sealed: only the server opens it.
  async revoked() {
    this.shell = null;
    await this.device.change({ own: null, about: { shell: null } });
    await dropCaches('');
  }

  // seal seals an event, with the picture that belongs to it if it is that of a photo,
  // behind a zero byte.
  async seal(order, id, event, picture) {
    const { sealLetter, forIntake, fromBase64 } = await sealing();
    const { intake, library, device } = this.shell;
    const place = { library, case: id, field: `waiting ${device}`, version: order };
    const text = new TextEncoder().encode(JSON.stringify(event));
    const content = new Uint8Array(text.length + (picture ? picture.length + 1 : 0));
    content.set(text);
    if (picture) content.set(picture, text.length + 1);
    return sealLetter(fromBase64(intake), forIntake, place, content);
  }

  // program and steps are of an edition: its Program, and some of its steps, by number
  // from 1, as a document.
  async program(hash) {
    const url = `/shell/programs/${hash}`;
    const found = (await caches.match(url)) || (await fetch(url, { credentials: 'same-origin' }));
    if (!found.ok) throw new Error(`status ${found.status}`);
    return found.json();
  }

  // A document is asked for in this way because it needs no text turned into markup.
  steps(hash, lang, numbers) {
    return new Promise((resolve, reject) => {
      const asked = new XMLHttpRequest();
      asked.open('GET', `/shell/fragments/${hash}/${lang}?steps=${numbers}`);
      asked.responseType = 'document';
      asked.onload = () => (asked.status === 200 && asked.response ? resolve(asked.response) : reject(new Error(`status ${asked.status}`)));
      asked.onerror = () => reject(new Error('not reached'));
      asked.send();
    });
  }
}

async function dropCaches(but) {
  for (const name of await caches.keys()) if (name.startsWith(prefix) && name !== but) await caches.delete(name);
}

// work starts the service worker. Its address is the only one that may be made into
// a script here, where a browser asks for that.
export async function work() {
  const policy = window.trustedTypes && trustedTypes.createPolicy('worker', { createScriptURL: () => '/sw.js' });
  const registration = await navigator.serviceWorker.register(policy ? policy.createScriptURL('') : '/sw.js');
  return registration;
}

// later asks the browser to send what waits, also when this page is closed by then.
// It returns false where the browser has no such thing.
export async function later() {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration || !registration.sync) return false;
  return registration.sync.register('letters').then(() => true, () => false);
}
