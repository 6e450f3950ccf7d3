// Pages that show what happens as it happens. A page is told that something has
// changed, and never what: it then fetches itself again and changes the parts that
// differ. What is being typed is in none of them.
//
// A page says how fresh it is by what was heard, and nothing else. Every twenty
// seconds the server gives a sign of life; a connection that is silent for longer is
// given up. Connecting is tried for ever, and at once when a device wakes.

import { parsed, rest } from './parsed.js';

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const silent = 30000; // a connection without a sign of life for so long is dead
const slept = 5000; // a clock that jumps by more was asleep

// fetchPage asks for a page as a document. It rejects what is no page of ours: then
// whoever looks is signed out, locked, or no longer let in.
const fetchPage = (address) => new Promise((resolve, reject) => {
  const asked = new XMLHttpRequest();
  asked.open('GET', address);
  asked.responseType = 'document';
  asked.timeout = 10000;
  asked.onload = () => (asked.status === 200 && asked.response ? resolve(asked.response) : reject(Object.assign(new Error('answered'), { status: asked.status })));
  asked.onerror = asked.ontimeout = () => reject(new Error('not reached'));
  asked.send();
});

// post sends a form and reports whether it was taken: the answer leads elsewhere.
const post = async (address, values) => {
  const body = new URLSearchParams(values);
  const answer = await fetch(address, { method: 'POST', body, credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'text/html' } });
  if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(`status ${answer.status}`);
};

// Page is what both kinds of page have in common: signals, and fetching again.
class Page {
  constructor(events) {
    this.events = events;
    this.id = ''; // of the last signal
    this.heard = 0; // when the server was heard last
    this.open = false; // the connection stands
    this.out = false; // whoever looks is not let in
    this.seen = Date.now(); // the last tick
    this.failed = 0; // so many attempts in a row to connect
  }

  begin() {
    for (const type of ['online', 'pageshow', 'focus']) addEventListener(type, () => this.wake());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.wake());
    setInterval(() => this.tick(), 1000);
    this.listen();
  }

  // wake looks again at once, over a new connection unless the old one has just been
  // heard of.
  wake() {
    const heard = Date.now() - this.heard < 1500;
    if (!heard) this.refresh();
    if (!heard || this.retry) this.again();
  }

  // again connects anew. A device that wakes says so several times, and may have no
  // network yet: what failed before it slept makes nobody wait now.
  again() {
    this.failed = 0;
    if (this.stop) this.stop.abort();
    if (this.retry) this.retry();
  }

  tick() {
    const now = Date.now();
    const gap = now - this.seen;
    this.seen = now;
    if (gap > slept) this.wake();
    else if (this.open && now - this.heard > silent) this.again();
    else if (this.open && this.unsure && !this.out && !this.busy) this.refresh();
    this.show(now);
  }

  async listen() {
    for (; ; this.failed++) {
      try {
        await this.connect();
      } catch { /* tried again */ }
      this.open = false;
      this.show(Date.now());
      await new Promise((go) => {
        this.retry = go;
        setTimeout(go, this.out ? 15000 : Math.min(10000, 250 * 2 ** Math.min(this.failed, 6)) * (0.75 + Math.random() / 2));
      });
      this.retry = null;
    }
  }

  // connect reads signals until the connection ends. Each sign of life counts as heard.
  async connect() {
    const address = this.events();
    if (!address) return;
    const stop = new AbortController();
    this.stop = stop;
    const { signal } = stop;
    const patience = setTimeout(() => stop.abort(), 10000);
    const headers = { Accept: 'text/event-stream', ...(this.id && { 'Last-Event-ID': this.id }) };
    const answer = await fetch(address, { headers, signal, cache: 'no-store', credentials: 'same-origin', redirect: 'manual' });
    clearTimeout(patience);
    if (!answer.ok) {
      this.out = answer.status < 500 && answer.status !== 429; // also when the answer leads to signing in
      throw new Error(`status ${answer.status}`);
    }
    const blind = !this.id && !address.includes('after='); // nothing tells what happened before
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let first = true; ; first = false) {
      const { done, value } = await reader.read();
      if (done) return;
      Object.assign(this, { heard: Date.now(), open: true, out: false, failed: 0 });
      const lines = (text + value).split('\n');
      text = lines.pop();
      const ids = lines.filter((line) => line.startsWith('id: '));
      if (ids.length > 0) this.id = ids.pop().slice(4);
      // What happened while nobody listened is told by a signal, if the page has a mark.
      if (lines.some((line) => line.startsWith('event: changed')) || (first && (this.unsure || blind))) this.refresh();
      this.show(this.heard);
    }
  }

  // refresh fetches again, once at a time, and once more if it was asked to meanwhile.
  async refresh() {
    if (this.busy) {
      this.more = true;
      return;
    }
    this.busy = true;
    try {
      await this.fetchAgain();
      this.heard = Date.now();
      this.unsure = false;
    } catch (failed) {
      this.unsure = true;
      if (failed.status >= 400 && failed.status < 500) this.out = true;
    }
    this.busy = false;
    if (!this.more) return;
    this.more = false;
    this.refresh();
  }
}

const words = (seconds) => (seconds < 1 ? 'just now' : seconds < 90 ? `${seconds} second${seconds === 1 ? '' : 's'} ago` : seconds < 5400 ? `${Math.round(seconds / 60)} minutes ago` : `${Math.round(seconds / 3600)} hours ago`);

// Live is a page of its own: a case, an alert, what happens now.
class Live extends Page {
  constructor(root) {
    super(() => this.root.dataset.events);
    this.root = root;
    this.came = Date.now();
    this.skew = Date.now() - Date.parse(root.dataset.at);
    this.heard = Date.now();
    const more = one('[data-new]', root);
    if (more) {
      this.below = 0;
      more.addEventListener('click', () => {
        one('#live-log').scrollIntoView({ block: 'start' });
        this.fresh(0);
      });
      addEventListener('scroll', () => this.isAtTop() && this.fresh(0), { passive: true });
    }
    for (const link of all('[data-reload]', root)) link.hidden = true;
    this.begin();
    this.show(Date.now());
    this.tellRead();
  }

  isAtTop() {
    return one('#live-log', this.root).getBoundingClientRect().top >= 0;
  }

  async fetchAgain() {
    const doc = await fetchPage(this.root.dataset.live);
    const next = one('[data-live]', doc);
    if (!next) throw Object.assign(new Error('another page'), { status: 401 });
    this.skew = Date.now() - Date.parse(next.dataset.at);
    for (const name of ['ended', 'read']) {
      if (next.dataset[name] === undefined) delete this.root.dataset[name];
      else this.root.dataset[name] = next.dataset[name];
    }
    for (const part of all('[data-part]', next)) this.change(document.getElementById(part.id), part);
    this.out = false;
    this.show(Date.now());
  }

  // change takes over a part that differs. Whoever reads on below what is new stays
  // where they are, and the focus stays on the same button.
  change(old, part) {
    if (!old || this.told(old) === this.told(part)) return;
    const log = part.id === 'live-log';
    const lines = log ? all('li', old) : [];
    const anchor = lines.find((line) => line.getBoundingClientRect().top >= 0);
    const top = anchor && anchor.getBoundingClientRect().top;
    const had = new Set(lines.map((line) => line.textContent));
    const added = log ? all('li', part).filter((line) => !had.has(line.textContent)) : [];
    const focus = old.contains(document.activeElement) && document.activeElement.textContent;
    const below = log && !this.isAtTop();
    old.replaceChildren(...[...part.childNodes].map((node) => document.importNode(node, true)));
    if (focus) {
      const same = all('a, button', old).find((at) => at.textContent === focus);
      if (same) same.focus({ preventScroll: true });
    }
    if (added.length === 0) return;
    if (one('[data-said]', this.root)) one('[data-said]', this.root).textContent = one('li > span:last-child', old).textContent;
    if (!below) return;
    const same = anchor && all('li', old).find((line) => line.textContent === anchor.textContent);
    if (same) scrollBy(0, same.getBoundingClientRect().top - top);
    this.fresh(this.below + added.length);
  }

  // told is what a part says, without what this script writes into it.
  told(part) {
    const copy = part.cloneNode(true);
    for (const ago of all('[data-ago]', copy)) ago.textContent = '';
    return copy.innerHTML;
  }

  fresh(count) {
    this.below = count;
    const more = one('[data-new]', this.root);
    more.hidden = count === 0;
    more.textContent = `${count} new`;
  }

  // show says how fresh the page is: by what was heard, and nothing else.
  show(now) {
    if (!this.root) return;
    for (const ago of all('[data-ago]', this.root)) {
      const text = `, ${words(Math.max(0, Math.round((now - this.skew - Date.parse(ago.dataset.ago)) / 1000)))}`;
      if (ago.textContent !== text) ago.textContent = text;
    }
    const pill = one('[data-pill]', this.root);
    if (!pill) return;
    const since = Math.max(0, Math.round((now - this.heard) / 1000));
    let state = 'lost';
    let text = `Not live. Last heard ${words(since)}`;
    if (this.root.dataset.ended !== undefined) [state, text] = ['ended', 'Ended'];
    else if (this.out) text = `Not live. Last heard ${words(since)}. Open this page again.`;
    else if (this.open && !this.unsure && since < 23) [state, text] = ['now', 'Live'];
    else if (since < 3) [state, text] = ['', 'Catching up'];
    if (pill.dataset.state === state && pill.lastChild.textContent === text) return;
    pill.dataset.state = state;
    pill.className = `pill ${{ now: 'now', lost: 'ochre' }[state] || ''}`;
    pill.replaceChildren(text);
    for (const link of all('[data-reload]', this.root)) link.hidden = state !== 'lost';
  }

  tick() {
    super.tick();
    this.tellRead();
  }

  // tellRead says that the page was opened, once it is in view, until that is kept.
  async tellRead() {
    const to = this.root && this.root.dataset.read;
    if (!to || document.visibilityState !== 'visible' || this.telling) return;
    this.telling = true;
    try {
      await post(to, {});
      delete this.root.dataset.read;
      await this.refresh();
    } catch {
      await new Promise((go) => { setTimeout(go, 3000); });
    }
    this.telling = false;
  }
}

// Outside is the part of a step that shows what others do. The step itself is the
// desk's own, with a network or without.
class Outside extends Page {
  constructor(box) {
    super(() => this.address('events'));
    this.box = box;
    this.unsure = true;
    box.addEventListener('click', (event) => {
      const button = event.target.closest('[name=line]');
      if (!button) return;
      event.preventDefault();
      this.tell(button.value);
    });
    // The server knows nothing of a walk that begins here until it has arrived.
    this.reached = Boolean(box.dataset.events);
    addEventListener('offline', () => { this.reached = false; });
    document.addEventListener('roundtable:sent', () => {
      this.reached = true;
      if (this.open) return;
      this.refresh();
      this.again();
    });
    this.watch = new IntersectionObserver((seen) => this.look(seen), { threshold: 0.5 });
    this.watchLines();
    this.begin();
  }

  // address is '' where there is nothing to ask: also where the browser says that there is
  // no network, and nothing has arrived since.
  address(what) {
    const found = /^\/i\/([^/]+)\//.exec(location.pathname);
    if (!this.box || !found || (navigator.onLine === false && !this.reached)) return '';
    return what === 'events' ? this.box.dataset.events || `/events?case=${found[1]}` : `/i/${found[1]}/outside`;
  }

  async fetchAgain() {
    const address = this.address('part');
    if (!address) throw new Error('nothing to ask');
    const doc = await fetchPage(address);
    const next = one('#outside', doc);
    if (!next) throw new Error('another page');
    document.body.dataset.told = next.dataset.told;
    document.dispatchEvent(new Event('roundtable:told'));
    clearTimeout(this.later);
    if (next.dataset.again) this.later = setTimeout(() => this.refresh(), next.dataset.again * 1000);
    if (next.innerHTML === this.box.innerHTML) return;
    this.box.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    this.watchLines();
  }

  // watchLines keeps a new line in view for a while, also once it was seen.
  watchLines() {
    if (this.box.dataset.again && !this.later) this.later = setTimeout(() => this.refresh(), this.box.dataset.again * 1000);
    for (const button of all('[name=line]', this.box)) {
      this.box.classList.add('fresh');
      clearTimeout(this.stays);
      this.stays = setTimeout(() => this.box.classList.remove('fresh'), 20000);
      this.watch.observe(button.closest('.line-in'));
    }
  }

  // look tells which lines are before somebody's eyes.
  look(seen) {
    for (const { isIntersecting, target } of seen) {
      const button = isIntersecting && document.visibilityState === 'visible' && one('[name=line]', target);
      if (button) setTimeout(() => document.visibilityState === 'visible' && button.isConnected && this.tell(button.value), 700);
    }
  }

  async tell(line) {
    const to = this.address('part');
    if (!to) return;
    try {
      await post(to.replace(/outside$/, 'seen'), { line });
      await this.refresh();
    } catch { /* it is told when it is seen again */ }
  }

  wake() {
    super.wake();
    if (document.visibilityState === 'visible' && this.box) this.watchLines();
  }

  show() {}
}

function begin() {
  const root = one('[data-live]');
  const box = one('[data-outside]');
  if (root) new Live(root);
  else if (box) rest().then(() => new Outside(box));
}

parsed.then(begin);
