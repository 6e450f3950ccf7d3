// The desk with script: it keeps what a walk without a network needs, starts walks
// from there, and tells what waits. Without script all of it works by forms.

import { Kept, later, sealing, work } from './shell.js';
import { openView, sealView, newID, startEvent } from './own.js';
import { parsed } from './parsed.js';

const one = (selector) => document.querySelector(selector);
const make = (name, text, attributes = {}) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
const lots = (n) => `${n} ${n === 1 ? 'thing waits' : 'things wait'}`;

if (navigator.serviceWorker && navigator.locks && window.crypto && crypto.subtle) parsed.then(main).catch(() => {});

async function main() {
  const kept = await Kept.open();
  document.addEventListener('submit', (event) => start(kept, event), true);
  if (one('[data-offline-desk]')) fill(kept.shell);
  await running(kept);
  await tell(kept, false);
  addEventListener('online', () => sync(kept));
  navigator.serviceWorker.addEventListener('message', () => tell(kept, true));
  await work();
  await sync(kept);
  await sealing(); // before something is started
}

// sync hears from the server, and sends what waits.
async function sync(kept) {
  try {
    const view = await openView(await kept.device.own(), Date.now());
    if (!(await kept.refresh(view ? [{ hash: view.program, lang: view.lang }] : []))) return;
    document.documentElement.dataset.kept = kept.shell.version;
    await kept.queue.flush();
    await tell(kept, true);
    await askWho(kept);
  } catch {
    await tell(kept, false);
  }
}

// start begins a walk here and now, and shows its first step.
async function start(kept, event) {
  const form = event.target;
  const pressed = event.submitter;
  if (!kept.shell || !pressed || form.getAttribute('action') !== '/desk/start') return;
  if (!navigator.serviceWorker.controller || form.dataset.starting === 'plainly') return;
  const guide = kept.shell.guides.find((g) => g.id === pressed.value);
  if (!guide) return;
  event.preventDefault();
  if (form.dataset.starting) return;
  form.dataset.starting = 'yes';
  try {
    const now = Date.now();
    const id = newID(now);
    const first = startEvent(guide, guide.langs[0], now);
    const view = { case: id, title: guide.title, program: guide.hash, lang: guide.langs[0], events: [first], drafts: {}, told: [] };
    await kept.queue.add(kept.shell, id, first, await sealView(view, undefined, now));
    location.assign(`/i/${id}/${guide.quiet ? 'aside' : 'step/1'}`);
  } catch {
    form.dataset.starting = 'plainly';
    form.requestSubmit(pressed); // the server begins it
  }
}

// fill shows on the page without a network what the device keeps.
function fill(shell) {
  if (!shell) return;
  const guides = make('ul', '', { class: 'tiles' });
  const form = make('form', '', { method: 'post', action: '/desk/start' });
  const quiet = make('p', '', { class: 'mt4' });
  shell.guides.filter((guide) => guide.quiet).forEach((guide) => quiet.append(make('button', guide.title, { class: 'btn tall', type: 'submit', name: 'playbook', value: guide.id })));
  shell.guides.filter((guide) => !guide.quiet).forEach((guide, n) => {
    const button = make('button', '', { class: 'tile', type: 'submit', name: 'playbook', value: guide.id });
    if (n < 9) button.dataset.key = n + 1;
    button.append(make('b', guide.title), make('span', guide.summary));
    const item = make('li');
    item.append(button);
    guides.append(item);
  });
  form.append(guides, quiet);
  one('#guides').append(form);
  one('#guides').hidden = shell.guides.length === 0;
  one('#no-guides').hidden = shell.guides.length > 0;
  const lines = one('#lines');
  for (const line of shell.lines) {
    const item = make('li');
    const who = make('span', '', { class: 'grow' });
    who.append(make('strong', line.name));
    if (line.role && line.role !== line.name) who.append(make('br'), make('span', line.role, { class: 'dim' }));
    const call = make('a', '', { class: 'btn call', href: `tel:${line.dial}` });
    call.append('Call ', make('bdi', line.phone, { class: 'num nowrap' }));
    item.append(who, call);
    lines.append(item);
  }
  lines.hidden = shell.lines.length === 0;
  one('#no-lines').hidden = !lines.hidden;
  const dial = one('.danger-how');
  if (dial && shell.danger) dial.textContent = shell.danger;
  else if (dial) dial.querySelector('strong').textContent = shell.dial;
}

// running shows the walk of this device.
async function running(kept) {
  const record = await kept.device.own();
  const view = await openView(record, Date.now());
  if (record && !view) await kept.device.change({ own: null });
  if (!view || one('main .running:not([hidden])')) return;
  let box = one('#running');
  if (!box) {
    const heading = one('#q');
    if (!heading) return;
    box = make('div', '', { class: 'gc tabbed running' });
    box.append(make('h2', 'Running on this device', { class: 'tab' }), make('p', ''), make('p', '', { class: 'mt2' }));
    box.children[1].append(make('strong', ''));
    box.children[2].append(make('a', 'Go on', { class: 'btn go' }));
    heading.before(box);
  }
  box.querySelector('strong').textContent = view.title;
  box.querySelector('a').href = `/i/${view.case}/step/1`;
  box.hidden = false;
}

// askWho asks who acted in a walk that ended here without a network, once all of it
// has arrived. Whoever goes there is not asked again.
async function askWho(kept) {
  const { waiting, refused } = await kept.queue.counts();
  const where = await kept.device.about('who');
  if (!where || waiting + refused > 0 || one('#ask-who')) return;
  const box = make('div', '', { class: 'notice done', id: 'ask-who', role: 'status' });
  const words = make('p', 'What was done here without a connection has arrived. ');
  const link = make('a', 'Say who was here', { href: where });
  link.addEventListener('click', () => kept.device.change({ about: { who: null } }));
  words.append(link);
  box.append(words);
  (one('#q') || one('h1')).before(box);
}

// tell says what waits, and who will send it.
async function tell(kept, reached) {
  const { waiting, refused } = await kept.queue.counts();
  let box = one('#waits');
  if (!box && waiting + refused > 0) {
    box = make('div', '', { class: 'notice warning', id: 'waits', role: 'status' });
    box.append(make('p'));
    const heading = one('#q') || one('h1');
    heading.before(box);
  }
  if (!box) return;
  box.hidden = waiting + refused === 0;
  if (box.hidden) return;
  const words = box.querySelector('p');
  if (reached && refused > 0) {
    const again = make('button', 'Try again', { class: 'btn', type: 'button' });
    again.addEventListener('click', () => kept.queue.again().then(() => sync(kept)));
    words.replaceChildren(`Could not send ${refused}. It is safe on this device. `, again);
    return;
  }
  const alone = await later();
  words.textContent = `${lots(waiting + refused)} on this device. ` +
    (alone ? 'They are sent by themselves when there is a connection.' : `When there is a connection, open Roundtable to send ${waiting + refused}.`);
}
