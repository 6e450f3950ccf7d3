// The recorder: what officers do is taken down by taps, each kept at once, while the
// walk stays where it stands. It lies over the step of a walk that this device keeps,
// with a network or without one; on the server's own page of it (/i/{id}/aside) it
// spares loading the page again. Without script each button is a form.

import { openView } from './own.js';
import { parsed } from './parsed.js';
import { steady } from './steady.js';

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

const put = (words, text) => words.replace('%s', text);

// record opens the recorder over the walk of a screen (offline.js).
export const record = (screen) => new Recorder(screen);

class Recorder {
  constructor(screen) {
    this.screen = screen;
    this.box = one('#aside');
    this.says = this.box.dataset;
    this.before = Promise.resolve();
    screen.form.classList.add('is-aside');
    this.box.hidden = false;
    for (const input of all('.line input', this.box)) input.value = screen.view.drafts[input.name] || '';
    this.fillCalls();
    history.replaceState(null, '', `/i/${screen.view.case}/aside`);
    this.show();
    this.tell('');
    scrollTo(0, 0);
    one('#aside-h').focus();
  }

  // fillCalls gives the buttons of the dock their numbers: two of those who have one.
  fillCalls() {
    let shown = 0;
    for (const call of all('#aside-dock a')) {
      const line = this.screen.kept.shell.lines.find((l) => l.line === call.dataset.call && l.dial);
      call.hidden = !line || shown > 1;
      if (call.hidden) continue;
      shown++;
      call.href = `tel:${line.dial}`;
      const number = document.createElement('bdi');
      number.textContent = line.phone;
      one('small', call).replaceChildren(number);
    }
    one('#aside-dock').hidden = shown === 0;
  }

  // leaving is the choice by which the walk ends now because they left, or -1.
  get leaving() {
    const { walk, program } = this.screen;
    if (walk.record === 'demand') return -1;
    const way = walk.ways().find(({ choice, unsent }) => {
      const end = choice < 0 || unsent ? undefined : program.steps[walk.step].choices[choice].end;
      return end !== undefined && program.outcomes[end] === 'they_left';
    });
    return way ? way.choice : -1;
  }

  get shown() {
    return one('[data-screen]:not([hidden])', this.box);
  }

  // show draws what was taken down, the newest first.
  show() {
    const { walk } = this.screen;
    const watch = this.leaving >= 0;
    for (const part of all('[data-screen]', this.box)) part.hidden = (part.dataset.screen === 'watch') !== watch;
    one('#aside-h').textContent = watch ? this.says.watch : this.says.act;
    one('#aside-lead').textContent = watch ? this.says.watchlead : this.says.actlead;
    this.taken = walk.entries.filter((e) => e.kind === 'observed').reverse();
    one('#aside-log').replaceChildren(...this.taken.map((e) => this.line(e)));
    const standing = this.taken.filter((e) => !walk.corrected.has(e.id));
    const undo = one('[name=undo]', this.box);
    undo.hidden = standing.length === 0;
    undo.value = standing.length > 0 ? standing[0].id : '';
    const objected = standing.find((e) => e.sight === 'objected');
    one('#aside-say').hidden = Boolean(objected);
    one('#aside-said').hidden = !objected;
    one('#aside-said span').textContent = objected ? put(this.says.said, this.screen.clock(objected.at)) : '';
  }

  line(e) {
    const item = document.createElement('li');
    const time = document.createElement('time');
    const words = document.createElement('span');
    time.dateTime = new Date(e.at).toISOString();
    time.textContent = this.screen.clock(e.at);
    words.textContent = this.words(e);
    item.append(time, ' ', words);
    const back = this.screen.walk.corrected.get(e.id);
    if (back === undefined) return item;
    item.className = 'back';
    const small = document.createElement('small');
    small.textContent = put(this.says.back, this.screen.clock(back));
    item.append(' ', small);
    return item;
  }

  // words are those of the button by which it is taken down, with the line.
  words(e) {
    if (e.sight === 'objected') return this.says.objection;
    if (e.sight === 'how many') return `${this.says.many}: ${e.text}`;
    const name = CSS.escape(e.sight);
    const from = e.text ? one(`label[for="${one(`[name="t.${name}"]`, this.box).id}"]`) : one(`[name=code][value="${name}"]`, this.box);
    return e.text ? `${from.textContent}: ${e.text}` : from.textContent;
  }

  tell(text) {
    one('#aside-kept').textContent = text;
  }

  // press does what a button says, one after the other: what a line has is kept once.
  press(button) {
    const { name, value } = button;
    if (!steady(button)) return undefined;
    const turn = this.before.then(() => this.act(name, value));
    this.before = turn.catch(() => {});
    return turn;
  }

  // act keeps before it tells.
  async act(name, value) {
    if (!this.screen.recorder) return; // it was left meanwhile
    try {
      for (const input of all('.line input', this.shown)) await this.keepLine(input);
      if (name === 'leave') return this.leave();
      const leaving = value === 'gone' && name === 'code' ? this.leaving : -1;
      if (name === 'undo') await this.add({ kind: 'corrected', of: value });
      else if (name === 'many') await this.observe('how many', value);
      else if (name === 'code') await this.observe(value);
      const { walk } = this.screen;
      if (leaving < 0) return;
      await this.add({ kind: 'chose', step: walk.step, follows: walk.head, choice: leaving });
      this.leave();
    } catch (failed) {
      this.tell('');
      this.screen.view = await openView(this.screen.record, Date.now()); // as it was before
      this.screen.fold();
      this.show();
      throw failed;
    }
  }

  async keepLine(input) {
    const text = input.value.trim();
    if (!text) return;
    delete this.screen.view.drafts[input.name];
    await this.observe(input.name.slice(2), text);
    input.value = '';
  }

  observe(sight, text) {
    const { walk } = this.screen;
    return this.add({ kind: 'observed', step: walk.step < 0 ? this.screen.lastStep() : walk.step, sight, ...(text && { text }) });
  }

  async add(event) {
    await this.screen.add(event);
    const at = this.screen.clock(Date.now());
    if (event.kind === 'observed') this.tell(`${put(this.says.kept, at)}: ${this.words(event)}`);
    const back = event.kind === 'corrected' && this.taken.find((e) => e.id === event.of);
    if (back) this.tell(`${this.words(back)}, ${put(this.says.back, at)}`);
  }

  leave() {
    const { screen } = this;
    this.box.hidden = true;
    one('#aside-dock').hidden = true;
    screen.form.classList.remove('is-aside');
    screen.recorder = null;
    screen.show(true);
  }
}

// The server's page: what is pressed is sent, one after the other, and the parts that
// tell what was kept are taken from the answer.
let form;
let queue = Promise.resolve();

const send = (body) => new Promise((resolve, reject) => {
  const asked = new XMLHttpRequest();
  asked.open('POST', form.action);
  asked.responseType = 'document';
  asked.timeout = 15000;
  asked.onload = () => resolve(asked);
  asked.onerror = asked.ontimeout = () => reject(new Error('not reached'));
  asked.send(body);
});

async function take(button) {
  const problem = one('#problems');
  const sent = all('.line input', form).map((input) => [input, input.value]);
  const body = new URLSearchParams(new FormData(form));
  body.append(button.name, button.value);
  let asked;
  try {
    asked = await send(body);
  } catch {
    one('p', problem).textContent = one('#aside').dataset.lost;
    problem.hidden = false;
    one('#aside-kept').textContent = '';
    return;
  }
  const next = asked.response && one('form[data-aside]', asked.response);
  if (!next) return location.assign(asked.responseURL);
  one('[name=event]', form).value = one('[name=event]', next).value;
  one('[name=follows]', form).value = one('[name=follows]', next).value;
  one('p', problem).textContent = one('#problems p', next).textContent;
  problem.hidden = one('#problems', next).hidden;
  if (asked.status >= 400) return problem.focus();
  for (const [input, value] of sent) if (input.value === value) input.value = '';
  const mode = (from) => one('[data-screen]', from).dataset.screen;
  const parts = ['#aside-log', '#aside-undo', ...(mode(form) === mode(next) ? ['#aside-said'] : ['#aside-screen', '#aside-h', '#aside-lead'])];
  for (const part of parts) {
    const from = one(part, next);
    if (from) one(part, form).replaceChildren(...[...from.childNodes].map((node) => document.importNode(node, true)));
  }
  for (const part of ['#aside-say', '#aside-said']) if (one(part, form) && one(part, next)) one(part, form).hidden = one(part, next).hidden;
  one('#aside-kept').textContent = one('#aside-kept', next).textContent;
}

parsed.then(() => {
  form = one('form[data-aside]');
  if (!form) return;
  form.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (!button || button.name === 'leave') return; // this leads elsewhere
    event.preventDefault();
    if (steady(button)) queue = queue.then(() => take(button)).catch(() => {});
  });
});

