// A step page that the server made works by itself. Where its walk is this device's, the
// device keeps what a walk without a network needs, takes the walk over, and shows the
// page again from what it keeps (offline.js).

import { Kept, work } from './shell.js';
import { fetchView, sealView } from './own.js';
import { parsed, rest } from './parsed.js';

if (navigator.serviceWorker && navigator.locks && window.crypto && crypto.subtle) parsed.then(rest).then(takeOver).catch(() => {});

// takeOver makes the walk of this page the device's own. Who walks at no enrolled device
// keeps nothing, and what is being typed on the page stays.
async function takeOver() {
  if (!('enrolled' in document.body.dataset)) return;
  const form = document.querySelector('form#walk[data-walk]');
  const id = form && form.dataset.walk.split('/').pop();
  await work();
  const kept = await Kept.open();
  if (!kept.shell) await kept.refresh([]);
  await kept.queue.flush();
  if (!id || !kept.shell || !navigator.serviceWorker.controller || (history.state && history.state.taken)) return;
  const view = await fetchView(id);
  if (!view || [...form.querySelectorAll('textarea, input:not([type=hidden])')].some((field) => field.value !== field.defaultValue)) return;
  await kept.device.change({ own: await sealView(view, undefined, Date.now()) });
  history.replaceState({ taken: true }, '');
  location.reload();
}
