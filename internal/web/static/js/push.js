// Makes this browser one that takes alerts, from a form of the page:
//
//	<form data-push="PUBLIC KEY" action="/…" data-say="an-id"
//	      data-failed="What to say when it did not work"
//	      data-denied="What to say when the browser does not allow it" hidden>
//	<p id="an-id" role="status"></p>
//	<p data-push-cannot hidden>What to say where a browser cannot do it at all.</p>
//
// The form's fields are posted with what the browser gives as its subscription; the
// answer is {"location": "/where/to/go"}, or {"message": "A sentence."} where it is a
// refusal.

import { work } from './shell.js';

const patience = 20000; // milliseconds that the server may take to answer

// Told is an error whose message was written for people.
class Told extends Error {}

// toBytes reads base64url without padding.
function toBytes(text) {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

// subscription returns this browser's subscription under a key. One under another key
// takes no alerts of this server any more, and is given up.
async function subscription(key) {
  const { pushManager } = await ready();
  const old = await pushManager.getSubscription();
  if (old && same(new Uint8Array(old.options.applicationServerKey || []), key)) return old;
  if (old) await old.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

// ready waits for the service worker, which is told of pushes.
async function ready() {
  await work();
  return navigator.serviceWorker.ready;
}

async function add(form) {
  if ((await Notification.requestPermission()) !== 'granted') throw new Told(form.dataset.denied);
  const given = await subscription(toBytes(form.dataset.push));
  const body = new URLSearchParams(new FormData(form));
  body.set('subscription', JSON.stringify(given.toJSON()));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(form.action, {
      method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: stop.signal,
    });
    const json = await answer.json();
    if (!answer.ok) throw typeof json.message === 'string' ? new Told(json.message) : new Error(`the server answers ${answer.status}`);
    const url = new URL(json.location, location.href);
    if (url.origin !== location.origin) throw new Error('the way on leads elsewhere');
    return url.href;
  } finally {
    clearTimeout(timer);
  }
}

async function submit(event) {
  event.preventDefault();
  const form = event.currentTarget, say = document.getElementById(form.dataset.say);
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  if (say) say.textContent = '';
  try {
    location.assign(await add(form));
  } catch (problem) {
    if (say) say.textContent = problem instanceof Told ? problem.message : form.dataset.failed;
  } finally {
    form.removeAttribute('aria-busy');
  }
}

// isPossible reports whether this browser takes pushes at this address.
const isPossible = () => window.isSecureContext && !!navigator.serviceWorker && 'PushManager' in window && 'Notification' in window;

for (const form of document.querySelectorAll('form[data-push]')) {
  if (isPossible()) {
    form.addEventListener('submit', submit);
    form.hidden = false;
  } else {
    for (const p of document.querySelectorAll('[data-push-cannot]')) p.hidden = false;
  }
}
