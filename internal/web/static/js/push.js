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
import { post, sendWith, toBytes, Told, wayOn } from './submit.js';

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
  return wayOn(await post(form.action, body));
}

// isPossible reports whether this browser takes pushes at this address.
const isPossible = () => window.isSecureContext && !!navigator.serviceWorker && 'PushManager' in window && 'Notification' in window;

for (const form of document.querySelectorAll('form[data-push]')) {
  if (isPossible()) {
    sendWith(form, add);
  } else {
    for (const p of document.querySelectorAll('[data-push-cannot]')) p.hidden = false;
  }
}
