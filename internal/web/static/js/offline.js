// A walk on a device that keeps what it needs, with a network or without one. What is
// done becomes an event, is sealed and kept at once, and is shown from what the device
// keeps; it is sent behind that. The page is the server's /offline/walk.

import { Walk, open } from './walk.js';
import { Kept, later, sealing } from './shell.js';
import { Answered } from './queue.js';
import { fetchView, merge, newID, openView, sealView } from './own.js';
import { parsed, rest } from './parsed.js';
import { steady } from './steady.js';

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
let says; // the words of the page
const put = (words, ...texts) => texts.reduce((text, one) => text.replace(/%[sdn]/, () => one), words);

// clock writes a time of day as it is in a time zone, that of the branch: a browser may
// stand in another one, or know no such name.
function clock(ms, timeZone) {
  const as = (zone) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
  try {
    return as(timeZone || undefined);
  } catch {
    return as();
  }
}

// What the device keeps is read while the page is still being made.
if (navigator.serviceWorker && navigator.locks && window.crypto && crypto.subtle) Kept.open().then((kept) => new Screen(kept).begin()).catch(() => {});

// Screen is the page and the walk on it.
class Screen {
  constructor(kept) {
    this.kept = kept;
    this.state = 'saved'; // saved, saving, here, unsent
    this.savedAt = 0;
  }

  async begin() {
    const page = parsed.then(() => this.answer());
    const asked = /^\/i\/([^/]+)\//.exec(location.pathname);
    const found = await this.load(asked && asked[1]);
    if (found) await this.open();
    await page;
    one('#main').classList.remove('later');
    if (!found) return this.leaveOut();
    this.savedAt = this.walk.entries[this.walk.entries.length - 1].at;
    this.show(false);
    this.listen();
    if (location.pathname.endsWith('/aside') && one('#card [name=aside]')) await this.aside();
    await this.tell();
    sealing().catch(() => {}); // before something is pressed
    await this.sync();
  }

  // answer begins to answer whoever presses something.
  answer() {
    says = one('#says').dataset;
    this.form = one('#walk');
    this.form.addEventListener('submit', (event) => this.press(event), true);
  }

  // load takes the view that is kept, or the server's. It reports whether there is one
  // of the case that is asked for.
  async load(asked) {
    this.record = await this.kept.device.own();
    this.view = await openView(this.record, Date.now());
    if (this.view && asked && this.view.case !== asked) this.view = null;
    if (!this.view && asked) {
      this.view = await fetchView(asked).catch(() => null);
      if (this.view) this.record = await this.keep();
    }
    return this.view !== null && this.kept.shell !== null;
  }

  // open makes the walk from its events, with its words.
  async open() {
    this.program = await this.kept.program(this.view.program);
    this.steps = new Map();
    this.zone = this.kept.shell.zone;
    this.fold();
    await this.need();
  }

  // need has the steps at hand that the page is about to show: where the walk stands,
  // where going back leads, those whose alerts are told, and others that are named.
  async need(...others) {
    const { step, before, alerts } = this.walk;
    const wanted = new Set([step < 0 ? this.lastStep() : step, before, ...alerts.map((a) => a.step), ...others]);
    const missing = [...wanted].filter((at) => at < this.program.steps.length && !this.steps.has(at));
    if (missing.length === 0) return;
    const some = await this.kept.steps(this.view.program, this.view.lang, missing.map((at) => at + 1));
    for (const at of missing) this.steps.set(at, some);
  }

  // ahead has the steps at hand to which the choices of this one lead.
  async ahead(at) {
    await rest();
    const next = (this.program.steps[at].choices || []).filter((choice) => choice.end === undefined).map((choice) => choice.to);
    this.need(...next).catch(() => {}); // then once it is chosen
  }

  fold() {
    const [first, ...rest] = this.view.events;
    this.walk = new Walk(this.program, first);
    for (const event of rest) this.walk.apply(event);
  }

  async keep() {
    const record = await sealView(this.view, this.record, Date.now());
    await this.kept.device.change({ own: record });
    return record;
  }

  leaveOut() {
    this.view = null;
    if (history.state && history.state.taken) history.replaceState(null, '');
  }

  listen() {
    this.form.addEventListener('input', (event) => this.draft(event.target));
    this.form.addEventListener('change', (event) => this.leaveField(event.target));
    this.form.addEventListener('click', (event) => this.click(event));
    one('#big-close').addEventListener('click', () => one('#big').close());
    addEventListener('online', () => this.sync());
    document.addEventListener('roundtable:told', () => this.hear());
    addEventListener('offline', () => this.tell());
    addEventListener('pagehide', () => this.saveDraft());
    this.channel = new BroadcastChannel('roundtable walk');
    this.channel.onmessage = () => this.again();
    navigator.serviceWorker.addEventListener('message', ({ data }) => this.sentFor(data));
    setInterval(() => this.tick(), 1000);
    setInterval(() => this.state !== 'saved' && this.sync(), 15000);
  }

  // again shows what another tab of this device has done.
  async again() {
    const record = await this.kept.device.own();
    if (!record) return this.gone('/desk');
    if (this.record && record.case === this.record.case && record.rev <= this.record.rev) return;
    const view = await openView(record, Date.now());
    if (!view || !this.view || view.case !== this.view.case) return;
    const stood = this.walk.head;
    Object.assign(this, { record, view });
    this.fold();
    await this.need();
    this.show(stood !== this.walk.head);
    await this.tell();
  }

  // press is what a button does.
  press(event) {
    event.preventDefault();
    const button = event.submitter;
    if (!this.view || !button) return;
    if (this.recorder) this.during(() => this.recorder.press(button));
    else if (button.name === 'aside') this.aside();
    else if (button.name === 'photo') this.photo(button.value);
    else if (button.name === 'unphoto') this.unphoto(button);
    else this.during(() => this.act(button));
  }

  // photo opens the form of a photo over the step, for a field of it or for none.
  async photo(field) {
    const at = field && one(`#f-${CSS.escape(field)}`);
    try {
      (await import('./photo.js')).take(this, field, at ? put(says.photoof, at.textContent) : '');
    } catch {
      this.problem(says.network);
    }
  }

  // unphoto removes a photo, once it was asked for twice. One that never left this device
  // is gone from it for good; the server's is removed on the server's page for it.
  async unphoto(button) {
    if (!steady(button)) return;
    const item = button.closest('li');
    if (button.dataset.sure === undefined) {
      button.dataset.sure = '';
      button.textContent = says.photoawaydo;
      button.removeAttribute('aria-label');
      button.classList.add('danger-btn');
      one('[role=status]', item).textContent = says.photoawaylead;
      return;
    }
    const id = button.value;
    const { case: of, lang } = this.view;
    let gone = false;
    await this.during(async () => { gone = await this.dropPhoto(id); });
    if (gone) return one('#photos summary').focus();
    if (await this.reach()) location.assign(`/i/${of}/files/${id}/remove?lang=${lang}`);
    else this.problem(says.network);
  }

  // dropPhoto takes a photo that was never sent out of the walk and out of the queue, and
  // reports whether it was one.
  dropPhoto(id) {
    return this.kept.queue.locks.request('roundtable walk', async () => {
      await this.catchUp();
      const view = { ...this.view, events: this.view.events.filter((e) => e.id !== id) };
      const record = await sealView(view, this.record, Date.now());
      if (!(await this.kept.queue.remove(id, record))) return false;
      Object.assign(this, { view, record });
      this.fold();
      this.show(false);
      this.channel.postMessage(record.rev);
      return true;
    });
  }

  // aside opens the recorder over the step, once what was typed there is kept.
  async aside() {
    try {
      const { record } = await import('./aside.js');
      await this.during(() => this.saveFields(null));
      this.recorder = record(this);
    } catch {
      this.problem(says.network);
    }
  }

  // during does something that is not kept until it is done, and says so.
  async during(work) {
    this.doing = (this.doing || 0) + 1;
    this.set('saving');
    try {
      await work();
    } catch {
      this.problem(says.lost);
    }
    this.ending = false;
    this.doing--;
    await this.tell();
  }

  async act(button) {
    const { name, value } = button;
    const step = this.walk.step;
    if (name === 'do' && value === 'again') return this.tryAgain();
    if (name === 'choice') performance.mark('tap');
    if (!(await this.saveFields(button))) return;
    if (name === 'do' && (value === 'stop' || value === 'end')) {
      this.ending = true;
      await this.saveNote();
    }
    const follows = this.walk.head;
    switch (name === 'do' ? value : name) {
      case 'choice':
        return this.add({ kind: 'chose', step, follows, ...(Number(value) >= 0 && { choice: Number(value) }) });
      case 'back':
        return this.add({ kind: 'went back', step: this.walk.before, follows });
      case 'item':
        return this.add({ kind: 'ticked', step, item: Number(value) - 1, ...(this.walk.ticks.get(`${step}/${value - 1}`) && { undone: true }) });
      case 'saying':
        return this.add({ kind: 'said', step, item: Number(value) - 1, ...(this.walk.said.get(`${step}/${value - 1}`) && { undone: true }) });
      case 'call': {
        const at = value.indexOf(' ');
        return this.add({ kind: 'called', step, role: value.slice(0, at), result: value.slice(at + 1) });
      }
      case 'note':
        return this.note();
      case 'stop':
        return this.end({ kind: 'ended', step, follows });
      case 'end':
        return this.end({ kind: 'ended', step: 0, outcome: this.walk.outcome, follows });
    }
  }

  // note keeps what was typed as a note of the step.
  async note() {
    if (await this.saveNote()) one('#note').open = false;
    else one('#note-text').focus();
  }

  // saveNote makes an event of a note that was typed, and reports whether there is one.
  async saveNote() {
    const field = one('#note-text');
    if (!field.value.trim()) return false;
    const step = Math.max(0, this.walk.step < 0 ? this.lastStep() : this.walk.step);
    delete this.view.drafts.note;
    await this.add({ kind: 'noted', step, text: field.value });
    field.value = '';
    return true;
  }

  lastStep() {
    return this.walk.path[this.walk.path.length - 2].state.where;
  }

  // add makes an event, shows what it does, and keeps it before it is done.
  add(what, picture) {
    return this.kept.queue.locks.request('roundtable walk', async () => {
      await this.catchUp();
      const event = { id: newID(Date.now()), at: Date.now(), ...what };
      const stood = this.walk.head;
      this.walk.apply(event); // throws if it cannot be
      this.view.events.push(event);
      await this.need();
      this.show(stood !== this.walk.head);
      const record = await sealView(this.view, this.record, Date.now());
      await this.kept.queue.add(this.kept.shell, this.view.case, event, record, picture);
      this.record = record;
      this.channel.postMessage(record.rev);
      this.sync();
    });
  }

  // catchUp takes over what another tab did meanwhile.
  async catchUp() {
    const record = await this.kept.device.own();
    if (record && this.record && record.case === this.record.case && record.rev > this.record.rev) {
      this.view = await openView(record, Date.now());
      this.record = record;
      this.fold();
    }
  }

  // end ends the walk on this device. With a network the server asks what remains to
  // be asked; what ends is gone from here in any case.
  async end(event) {
    const { case: id } = this.view;
    const known = await this.reach();
    const nobody = this.walk.record === 'abuse'; // is asked about what is not kept
    await this.add(event);
    this.view = null;
    await this.kept.device.change({ own: null });
    this.channel.postMessage(0);
    const sent = known && (await this.reach());
    const who = nobody ? '' : `/i/${id}/who${event.outcome === undefined ? '?done=left' : ''}`;
    if (who && !sent) await this.kept.device.change({ about: { who } }); // the desk asks once it has arrived
    location.assign((sent && who) || '/desk');
  }

  // reach sends what waits, and reports whether all of it arrived.
  async reach() {
    try {
      await this.flush();
    } catch {
      return false;
    }
    const { waiting, refused } = await this.kept.queue.counts();
    return waiting + refused === 0;
  }

  async flush() {
    await this.heed(await this.kept.queue.flush());
  }

  // heed does what the server says of walks whose letters were sent.
  async heed({ gone, late }) {
    if (!this.view) return;
    if (gone.has(this.view.case)) return this.gone('/desk');
    if (late.has(this.view.case)) await this.join();
  }

  // sentFor heeds what the service worker was told, which may have been quicker than
  // this page: the queue is empty then, and says nothing any more.
  sentFor({ gone, late }) {
    this.syncing = (this.syncing || Promise.resolve()).then(() => this.heed({ gone: new Set(gone), late: new Set(late) })).catch(() => {});
    return this.sync();
  }

  // sync sends what waits and says how that went. One at a time is enough.
  sync() {
    this.syncing = (this.syncing || Promise.resolve()).then(() => this.syncOnce()).catch(() => {});
    return this.syncing;
  }

  async syncOnce() {
    try {
      await this.flush();
      this.reached = true;
      document.dispatchEvent(new Event('roundtable:sent'));
    } catch (failed) {
      this.reached = false;
      this.barred = failed instanceof Answered;
      if (this.barred && failed.isNotIn && !(await this.kept.refresh([]).catch(() => true))) return this.gone('/desk');
      await later();
    }
    await this.tell();
    if (this.reached) await this.toEnd();
  }

  // toEnd goes to the server's page of the end, once the walk has come to one and all of
  // it has arrived. This device's view ends with that. What led to the end may be shown
  // already and not yet be kept: that is waited for. A note that is being typed stays.
  toEnd() {
    return this.kept.queue.locks.request('roundtable walk', async () => {
      if (!this.view || this.walk.step >= 0 || this.walk.closed || this.ending || one('#note-text').value.trim()) return;
      const { waiting, refused } = await this.kept.queue.counts();
      if (waiting + refused > 0) return;
      const { case: id } = this.view;
      await this.kept.device.change({ own: null });
      this.view = null;
      location.assign(`/i/${id}/end`);
    });
  }

  // join goes to where the walk is, after another screen moved it first. What was done
  // here meanwhile is kept, and told.
  async join() {
    const theirs = await fetchView(this.view.case);
    if (!theirs) return this.gone(`/desk`, says.handed);
    const mine = this.walk;
    this.view.events = merge(this.view.events, theirs.events.map(({ seq, received, device, who, ...event }) => event));
    this.fold();
    this.record = await this.keep();
    const moves = this.walk.entries.filter((e) => e.late && !this.view.told.includes(e.id));
    await this.need(...moves.map((e) => e.step));
    this.view.told.push(...moves.map((e) => e.id));
    const chosen = moves.map((e) => this.choiceWords(e)).filter(Boolean).map((words) => put(says.moved, words));
    this.show(mine.head !== this.walk.head);
    one('#late p').textContent = [...chosen, says.joined].join(' ');
    one('#late').hidden = false;
  }

  choiceWords(event) {
    const way = event.kind === 'chose' && one(`[data-step="${event.step + 1}"] [data-choice="${event.choice || 0}"] .choice span`, this.steps.get(event.step));
    return way ? way.firstChild.textContent : '';
  }

  // gone leaves a walk that is this device's no more.
  async gone(to, words) {
    await this.kept.device.change({ own: null });
    this.view = null;
    if (words) {
      this.problem(words);
      for (const hide of ['#aside', '#aside-dock', '#step-end', '#dock', '#back', '#hand']) one(hide).hidden = true;
      one('#card').replaceChildren();
      return;
    }
    location.replace(to);
  }

  async tryAgain() {
    await this.kept.queue.again();
    await this.sync();
  }

  // set says how safe the last thing is that was done: to the eye at once, and to who
  // listens once it has stayed so for a while.
  set(state) {
    this.state = state;
    this.say({ saved: `${says.saved} ${this.clock(this.savedAt)}.`, saving: `${says.saving}.`, here: `${says.here}.` }[state]);
  }

  clock(ms) {
    return clock(ms, this.zone);
  }

  say(text) {
    one('#saved').className = `save ${{ here: 'kept', unsent: 'unsent' }[this.state] || ''}`;
    const [seen, heard] = all('#saved > span');
    if (seen.textContent === text) return;
    seen.textContent = text;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => { heard.textContent = text; }, 1500);
  }

  async tell() {
    const { waiting, refused } = await this.kept.queue.counts();
    if (this.doing) return;
    const unsent = refused + (this.reached === false && this.barred ? waiting : 0);
    one('#again').hidden = unsent === 0;
    if (unsent > 0) {
      this.state = 'unsent';
      this.say(`${put(says.unsent, unsent)}:`);
    } else if (waiting > 0) {
      this.set('here');
    } else {
      if (this.state !== 'saved') this.savedAt = Date.now();
      this.set('saved');
    }
  }

  problem(words) {
    one('#problem p').textContent = words;
    one('#problem').hidden = false;
    one('#problem').focus();
  }

  // draft keeps what is being typed, so that a reload finds it; leaveField makes an
  // event of it.
  draft(field) {
    if (!this.view) return;
    this.view.drafts[field.id === 'note-text' ? 'note' : field.name] = field.value;
    clearTimeout(this.drafting);
    this.drafting = setTimeout(() => this.saveDraft(), 250);
  }

  async saveDraft() {
    clearTimeout(this.drafting);
    await this.kept.queue.locks.request('roundtable walk', async () => {
      if (this.view) this.record = await this.keep();
    });
  }

  async leaveField(field) {
    if (this.view && field.name.startsWith('f.')) await this.during(() => this.saveFields(null));
  }

  // saveFields makes events of what was written and differs from what stands. It
  // returns false if something cannot stand where it was written, and goes there.
  async saveFields(button) {
    const step = this.walk.step;
    for (const input of all('#card [name^="f."]')) {
      const [, field, row = ''] = input.name.split('.');
      const box = input.closest('[data-field]');
      const value = input.value.trim() === '' ? '' : input.value;
      const stands = this.walk.cells.get(`${field}/${row}`);
      if (value === (stands ? stands.value : '') || (row === 'new' && value === '')) continue;
      if (box.dataset.type === 'number' && !/^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(value) && value !== '') {
        mark(input, says.number);
        if (button && ['choice', 'do'].includes(button.name) && button.value !== 'field') input.focus();
        if (button) return false;
        continue;
      }
      mark(input, '');
      delete this.view.drafts[input.name];
      const at = row === 'new' ? newID(Date.now()) : row;
      if (row === 'new') this.nextRow(box, input, at);
      await this.add({ kind: 'recorded', step, field, ...(at && { row: at }), value });
    }
    return true;
  }

  async click(event) {
    const link = event.target.closest('a');
    if (!link || !this.view) return;
    if (link.classList.contains('big-words')) {
      event.preventDefault();
      one('#big blockquote').textContent = one('.words', link.closest('[data-saying]')).textContent;
      one('#big').showModal();
    } else if (link.id === 'hand') {
      event.preventDefault();
      if (!(await this.reach())) return this.problem(says.network);
      await this.kept.device.change({ own: null }); // until it is known whether it is handed over
      location.assign(link.href);
    } else if (link.protocol === 'tel:') {
      const role = link.dataset.call || (link.closest('[data-role]') || { dataset: {} }).dataset.role;
      if (role) await this.during(() => this.add({ kind: 'called', step: Math.max(0, this.walk.step), role, result: 'opened' }));
    }
  }

  // show draws where the walk stands. moved says that it is another place than before.
  show(moved) {
    const at = this.walk.step;
    one('#title').textContent = this.view.title;
    one('#late').hidden = one('#late').hidden || moved;
    one('#problem').hidden = true;
    for (const shown of ['#step-end', '#hand']) one(shown).hidden = false;
    one('#back').hidden = !this.walk.canGoBack;
    one('#to-desk').hidden = this.walk.canGoBack;
    one('#hand').href = `/i/${this.view.case}/hand-over`;
    one('#stop').hidden = at < 0;
    this.showProgress(at);
    if (this.walk.canGoBack) one('#back span').textContent = put(says.back, this.heading(this.walk.before));
    if (this.view.drafts.note) one('#note-text').value = this.view.drafts.note;
    this.showAlerts();
    one('#end').hidden = at >= 0;
    if (at < 0) this.showEnd();
    else if (moved || one('#card').dataset.step !== String(at + 1)) this.showStep(at);
    else this.refresh(at);
    this.showPhotos();
    if (this.recorder) return this.recorder.show();
    if (!moved) return;
    const heading = one('#card h1');
    scrollTo(0, 0);
    heading.tabIndex = -1;
    heading.focus();
    history.replaceState(null, '', at < 0 ? location.pathname : `/i/${this.view.case}/step/${at + 1}`);
    if (performance.getEntriesByName('tap').length > 0) performance.measure('next step', 'tap');
    performance.clearMarks('tap');
  }

  // showPhotos says how many photos there are, and lists them, and those of each field.
  showPhotos() {
    const { photos } = this.walk;
    const line = one('#photos');
    line.hidden = photos.length === 0;
    one('span', line).textContent = put(photos.length === 1 ? says.photos1 : says.photos, photos.length);
    const words = (e, n) => `${put(says.photo, n + 1)}, ${this.clock(e.at)}${e.text ? `: ${e.text}` : ''}`;
    const listed = one('ul', line);
    if (listed.dataset.of !== photos.map((e) => e.id).join(' ')) {
      listed.dataset.of = photos.map((e) => e.id).join(' ');
      listed.replaceChildren(...photos.map((e, n) => {
        const item = document.createElement('li');
        const button = document.createElement('button');
        const sure = document.createElement('p');
        Object.assign(button, { className: 'btn', type: 'submit', name: 'unphoto', value: e.id, textContent: says.photoaway });
        button.setAttribute('aria-label', `${says.photoaway}: ${put(says.photo, n + 1)}`);
        sure.setAttribute('role', 'status');
        item.append(words(e, n), ' ', button, sure);
        return item;
      }));
    }
    for (const list of all('#card .shots')) {
      const { field } = list.closest('[data-field]').dataset;
      list.replaceChildren(...photos.flatMap((e, n) => {
        if (e.field !== field) return [];
        const item = document.createElement('li');
        item.textContent = words(e, n);
        return [item];
      }));
    }
  }

  card(at) {
    return one(`[data-step="${at + 1}"]`, this.steps.get(at));
  }

  heading(at) {
    return one('h1', this.card(at)).textContent;
  }

  showStep(at) {
    const card = document.importNode(this.card(at), true);
    card.id = 'card';
    this.fillWays(card);
    this.fillMarks(card, at);
    this.fillFields(card);
    this.fillCalls(card, at);
    one('#card').replaceWith(card);
    document.title = [this.heading(at), this.view.title].join(' – ');
    this.tick();
    this.ahead(at);
  }

  // refresh changes the step in place: whoever is about to press something finds it
  // where it was.
  refresh(at) {
    this.fillMarks(one('#card'), at);
    this.fillCalls(one('#card'), at);
  }

  // fillWays leaves the choices that are open. Where nobody is asked, the first open
  // one stands for all.
  fillWays(card) {
    const ways = this.walk.ways();
    const swap = ways.length > 0 && ways[0].choice < 0;
    const offered = swap ? open(this.program, this.walk.state) : ways.map((way) => way.choice);
    const items = all('[data-choice]', card);
    items.forEach((item) => {
      const choice = Number(item.dataset.choice);
      if (swap ? choice !== offered[0] : !offered.includes(choice)) item.remove();
      else if (swap && one('button.choice', item)) one('button.choice', item).value = '-1';
    });
    const buttons = all('[data-choice] > button.choice', card);
    buttons.forEach((button, n) => {
      if (n < 9) button.dataset.key = n + 1;
    });
    if (buttons.length !== 1 || all('[data-choice]', card).length !== 1) return;
    const words = one('span', buttons[0]);
    const small = document.createElement('small');
    small.textContent = words.firstChild.textContent;
    words.replaceChildren(says.next, small);
    buttons[0].classList.add('one');
    one('.pick legend', card).textContent = says.then;
  }

  fillMarks(card, at) {
    for (const item of all('[data-tick]', card)) {
      const ticked = Boolean(this.walk.ticks.get(`${at}/${item.dataset.tick - 1}`));
      const box = one('.box', item);
      box.setAttribute('aria-pressed', ticked);
      if (one('.vh', box)) one('.vh', box).textContent = ticked ? says.untick : says.tick;
    }
    for (const saying of all('[data-saying]', card)) {
      const button = one('.said', saying);
      if (button) button.setAttribute('aria-pressed', Boolean(this.walk.said.get(`${at}/${saying.dataset.saying - 1}`)));
    }
  }

  // fillFields writes into fields what stands in them, or what was being typed. A field
  // with rows gets one for each that is filled.
  fillFields(card) {
    for (const box of all('[data-field]', card)) {
      const cells = [...this.walk.cells.values()].filter((c) => c.field === box.dataset.field && c.value !== '');
      const fresh = one('[name$=".new"]', box);
      for (const cell of cells) {
        const input = fresh ? one('[name$=".new"]', box) : one('[name^="f."]', box);
        if (fresh) this.nextRow(box, input, cell.row);
        if (input) input.value = cell.value;
        if (!fresh) break;
      }
      for (const input of all('[name^="f."]', box)) {
        const draft = this.view.drafts[input.name];
        if (draft !== undefined) input.value = draft;
      }
    }
  }

  // nextRow makes the empty row of a field one of its own, and puts a new one behind.
  nextRow(box, input, row) {
    const label = one(`label[for="${CSS.escape(input.id)}"]`, box);
    const number = all('[name^="f."]', box).length;
    const fresh = input.cloneNode();
    const words = label.cloneNode(true);
    fresh.value = '';
    fresh.id = words.htmlFor = `${input.id.replace(/-r\d+$/, '')}-r${number}`;
    input.name = input.name.replace(/new$/, row);
    label.textContent = label.textContent.replace(says.rownew, put(says.row, number));
    input.after(words, fresh);
  }

  // fillCalls puts whom an alert was ordered for first: nothing was sent yet.
  fillCalls(card, at) {
    const list = one('#calls ul', card);
    const dock = one('#dock');
    dock.hidden = false;
    for (const made of list ? all('[data-made]', list) : []) made.remove();
    for (const alert of this.untold().filter((a) => a.step === at).reverse()) {
      const item = list && one(`[data-role="${CSS.escape(alert.role)}"]`, list);
      if (!item) continue;
      const pill = document.createElement('span');
      pill.className = 'pill ochre';
      pill.textContent = says.unalerted;
      const made = document.createElement('span');
      made.dataset.made = '';
      made.append(' ', pill);
      one('p', item).append(made);
      if (list.firstElementChild !== item) list.prepend(item);
    }
    for (const item of list ? all('[data-role]', list) : []) {
      const last = this.walk.entries.filter((e) => e.kind === 'called' && e.role === item.dataset.role).pop();
      const how = last && { reached: says.reached, 'no answer': says.noanswer, 'left message': says.message }[last.result];
      if (!how) continue;
      const line = document.createElement('p');
      line.className = 'dim';
      line.dataset.made = '';
      line.textContent = put(says.last, this.clock(last.at)) + how;
      one('[role=group]', item).before(line);
    }
    const first = list && one('[data-role]', list);
    const call = one('#dock-call');
    call.hidden = !first;
    if (!first) return;
    const number = one('a[href^="tel:"]', first);
    call.href = number ? number.href : '#calls';
    call.dataset.call = first.dataset.role;
    const words = one('span', call);
    words.textContent = put(says.call, one('b', first).textContent);
    if (number) {
      const small = document.createElement('small');
      small.className = 'num';
      small.append(...[...number.childNodes].map((node) => node.cloneNode(true)));
      words.append(small);
    }
  }

  // showProgress says how far the walk has come and about how far it may go, as the
  // server's page does (page.Words.Progress, page.Step.Pips).
  showProgress(at) {
    const [pips, words] = one('#where').children;
    const number = this.walk.path.length;
    const more = at < 0 ? 0 : Number(this.card(at).dataset.more || 0);
    const come = Math.min(number, 8);
    one('#where').hidden = at < 0;
    words.textContent = put(more > 1 ? says.stepn : more === 1 ? says.step1 : says.step, number, more);
    pips.replaceChildren(...Array.from({ length: come + Math.min(more, 4) }, (_, n) => {
      const pip = document.createElement('i');
      if (n < come) pip.className = n + 1 < come ? 'd' : 'n';
      return pip;
    }));
  }

  // hear takes over what the server has told of alerts.
  hear() {
    if (!this.view) return;
    this.showAlerts();
    if (this.walk.step >= 0) this.fillCalls(one('#card'), this.walk.step);
  }

  // untold are the alerts of which the server has told nothing here (live.js).
  untold() {
    const told = (document.body.dataset.told || '').split(' ');
    return this.walk.alerts.filter((a) => {
      const at = told.indexOf(a.role);
      if (at >= 0) told.splice(at, 1);
      return at < 0;
    });
  }

  showAlerts() {
    const names = [...new Set(this.untold().map((a) => this.roleName(a.role)))];
    one('#alerted').hidden = names.length === 0;
    one('#alerted span').textContent = put(says.alert, names.join(', '));
  }

  roleName(role) {
    const from = [...this.steps.values()].find((some) => one(`[data-role="${CSS.escape(role)}"] b`, some));
    const words = from && one(`[data-role="${CSS.escape(role)}"] b`, from);
    return words ? words.textContent : role.replaceAll('_', ' ');
  }

  // showEnd is how the walk came to its end. What the server asks then waits for it.
  showEnd() {
    const last = this.walk.path[this.walk.path.length - 1];
    const from = this.lastStep();
    const end = this.walk.end();
    const choice = this.program.steps[from].choices.indexOf(end);
    const kept = one(`[data-end="${from + 1}/${choice < 0 ? last.way : choice}"]`, this.steps.get(from));
    const [how, owner] = kept ? all('p', kept).map((p) => p.textContent) : ['', ''];
    one('#end-how').textContent = how;
    one('#end-owner').textContent = owner;
    one('#end-lines').replaceChildren(...(kept ? all('li', kept).map((li) => document.importNode(li, true)) : []));
    const card = document.createElement('article');
    Object.assign(card, { id: 'card', className: 'card' });
    const heading = document.createElement('h1');
    heading.textContent = says.end;
    card.append(heading);
    one('#card').replaceWith(card);
    const abuse = this.walk.record === 'abuse';
    one('#end-lead').textContent = abuse ? says.abuse : says.finish;
    one('#end [value="end"]').hidden = abuse;
    one('#dock').hidden = true;
  }

  // tick says how long timers still run. They run from when the walk came to its step,
  // so that a reload does not begin them anew.
  tick() {
    if (!this.view || this.walk.step < 0) return;
    const came = this.walk.entries.find((e) => e.id === this.walk.head);
    for (const timer of all('#card [data-timer]')) {
      const words = one('[role=timer]', timer);
      timer.dataset.length = timer.dataset.length || words.textContent;
      const left = came.at + timer.dataset.timer * 1000 - Date.now();
      const text = left <= 0 ? put(says.over, timer.dataset.length) : left < 60000 ? says.minute : put(says.left, Math.ceil(left / 60000));
      if (words.textContent !== text) words.textContent = text;
    }
  }
}

// mark says at a field what is wrong with it, or that nothing is.
function mark(input, words) {
  const box = input.closest('[data-field]');
  const id = `${input.id}-problem`;
  let line = document.getElementById(id);
  box.classList.toggle('bad', words !== '');
  if (!words) {
    if (line) line.remove();
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
    return;
  }
  if (!line) {
    line = document.createElement('p');
    line.className = 'msg';
    line.id = id;
    input.before(line);
  }
  line.textContent = words;
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
}
