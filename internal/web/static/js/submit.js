// What the scripts that send a form themselves share: the form waits for its answer,
// is not sent twice, and says what went wrong.

const patience = 20000; // milliseconds that the server may take to answer

// Told is an error whose message was written for people.
export class Told extends Error {}

// toBytes reads base64url, with or without padding.
export function toBytes(text) {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

// post sends a body and returns the JSON that comes back. A redirect is none: it
// leads to a page, for instance since the session has ended.
export async function post(url, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const headers = { Accept: 'application/json' };
    if (typeof body === 'string') headers['Content-Type'] = 'application/json';
    const answer = await fetch(url, {
      method: 'POST', body, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: stop.signal,
    });
    const json = await answer.json();
    if (answer.ok) return json;
    if (typeof json.message === 'string') throw new Told(json.message);
    throw new Error(`the server answers ${answer.status}`);
  } finally {
    clearTimeout(timer);
  }
}

// wayOn is where an answer leads, which is never to another server.
export function wayOn({ location: to }) {
  const url = new URL(to, location.href);
  if (url.origin !== location.origin) throw new Error('the way on leads elsewhere');
  return url.href;
}

// sendWith shows a form and has it sent by a function that is given it and returns
// where to go. What went wrong is said in the element that data-say names: the message
// of an error that is Told, else the words of data-failed.
export function sendWith(form, send) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const say = document.getElementById(form.dataset.say);
    if (form.getAttribute('aria-busy') === 'true') return;
    form.setAttribute('aria-busy', 'true');
    if (say) say.textContent = '';
    try {
      location.assign(await send(form));
    } catch (problem) {
      if (say) say.textContent = problem instanceof Told ? problem.message : form.dataset.failed;
    } finally {
      form.removeAttribute('aria-busy');
    }
  });
  form.hidden = false;
}
