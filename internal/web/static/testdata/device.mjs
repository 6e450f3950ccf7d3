// Holds the modules of a device against a store, a lock and a server made for the
// purpose. The folder of the modules comes as an argument. It ends with status 1 at
// the first thing that is wrong.

import assert from 'node:assert/strict';

const folder = process.argv[2];
const { Queue, Answered, settle, some } = await import(`${folder}/queue.js`);
const { merge, newID, openView, sealView, startEvent } = await import(`${folder}/own.js`);

// Store is a device's store in memory.
class Store {
  constructor() {
    this.rows = new Map();
    this.facts = {};
    this.pictures = new Map();
    this.view = undefined;
  }
  async letters() { return [...this.rows.values()].sort((a, b) => a.order - b.order).map((w) => ({ ...w })); }
  async picture(order) { return this.pictures.get(order); }
  async own() { return this.view; }
  async about(name) { return this.facts[name]; }
  async nextOrder() { return (this.facts.order = (this.facts.order || 0) + 1); }
  async change({ put = [], drop = [], own, about = {} }) {
    for (const { picture, ...w } of put) {
      this.rows.set(w.order, { ...w });
      if (picture) this.pictures.set(w.order, picture);
    }
    for (const order of drop) {
      this.rows.delete(order);
      this.pictures.delete(order);
    }
    if (own !== undefined) this.view = own === null ? undefined : own;
    Object.assign(this.facts, about);
  }
}

// locks lets one hold a name at a time, in the order of asking.
function locks() {
  const held = new Map();
  return {
    request(name, ...how) {
      const [options, work] = how.length > 1 ? how : [{}, how[0]];
      if (options.ifAvailable && held.has(name)) return Promise.resolve(work(null));
      const before = held.get(name) || Promise.resolve();
      const mine = before.then(() => work({}), () => work({}));
      const end = mine.catch(() => {}).then(() => held.get(name) === end && held.delete(name));
      held.set(name, end);
      return mine;
    },
  };
}

function dice(seed) {
  let s = seed >>> 0;
  return (n) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 2 ** 32) * n);
  };
}

// Server keeps each event once, after the one that comes before it.
class Server {
  constructor(roll) {
    this.roll = roll;
    this.has = new Map();
    this.kept = [];
    this.destroyed = new Set();
    this.refuses = new Set();
    this.broken = true;
  }
  async send(list) {
    const luck = this.broken ? this.roll(6) : 5;
    await new Promise((done) => setTimeout(done, 0));
    if (luck === 0) throw new TypeError('not reached');
    if (luck === 1) throw new Answered(500);
    const receipts = list.map((w) => ({ event: w.event, fate: this.take(w), words: 'no' }));
    if (luck === 2) throw new TypeError('the answer was lost');
    if (luck === 3 && receipts.length > 1) receipts.pop();
    return receipts;
  }
  take(w) {
    if (this.destroyed.has(w.case)) return 'forget';
    if (this.has.has(w.event)) return 'doubled';
    if (this.refuses.has(w.event)) return 'refused';
    if (w.after && !this.has.has(w.after)) return 'wait';
    this.has.set(w.event, w);
    this.kept.push(w);
    return this.roll(5) === 0 ? 'late' : 'kept';
  }
}

const tests = {
  async 'nothing is lost or doubled, and the order stays'() {
    for (let seed = 1; seed <= 120; seed++) {
      const roll = dice(seed);
      const device = new Store();
      const shared = locks();
      const server = new Server(roll);
      const seal = async (order, id, event, picture) => new TextEncoder().encode(JSON.stringify({ order, id, event, picture }));
      const tabs = [0, 1].map(() => new Queue({ device, seal, locks: shared, send: (list) => server.send(list) }));
      const made = [];
      const work = [];
      for (let i = 0; i < 40; i++) {
        const tab = tabs[roll(2)];
        if (roll(3) > 0) {
          const event = { id: `e${seed}-${i}` };
          const id = `case${roll(2)}`;
          if (roll(12) === 0) server.refuses.add(event.id);
          made.push({ id, event: event.id });
          work.push(tab.add({ device: 'd' }, id, event, undefined, roll(6) === 0 ? 'a photo' : undefined));
        } else {
          work.push(tab.flush().catch(() => {}));
        }
        if (roll(4) === 0) await Promise.all(work);
      }
      await Promise.all(work);
      server.broken = false;
      await tabs[0].flush();
      const left = await tabs[0].counts();
      assert.equal(left.waiting, 0, `run ${seed}: ${left.waiting} still wait`);
      assert.equal(left.refused, server.refuses.size, `run ${seed}: what was refused is held`);
      const want = (id) => made.filter((m) => m.id === id && !server.refuses.has(m.event)).map((m) => m.event).sort();
      for (const id of ['case0', 'case1']) {
        const kept = server.kept.filter((w) => w.case === id);
        assert.deepEqual(kept.map((w) => w.event).sort(), want(id), `run ${seed}: each event once`);
        const orders = kept.filter((w) => !w.photo).map((w) => w.order); // photos hold nothing up
        assert.deepEqual(orders, orders.slice().sort((a, b) => a - b), `run ${seed}: in order`);
        for (const w of kept) assert.equal(JSON.parse(new TextDecoder().decode(w.letter)).event.id, w.event);
      }
      server.refuses.clear();
      await tabs[1].again();
      await tabs[1].flush();
      assert.equal(device.pictures.size, 0, `run ${seed}: a photo is left behind`);
      assert.ok(server.kept.every((w) => Boolean(w.photo) === (JSON.parse(new TextDecoder().decode(w.letter)).picture === 'a photo')));
      assert.equal(server.kept.length, made.length, `run ${seed}: what was refused is taken the second time`);
    }
  },

  async 'each letter says what comes before it in its walk'() {
    const device = new Store();
    const shared = locks();
    const seal = async (order) => {
      await new Promise((done) => setTimeout(done, 3 - order));
      return new Uint8Array(3);
    };
    const [one, two] = [0, 1].map(() => new Queue({ device, locks: shared, seal, send: null }));
    await Promise.all([one.add({ device: 'd' }, 'c', { id: 'a' }), two.add({ device: 'd' }, 'c', { id: 'b' }), one.add({ device: 'd' }, 'other', { id: 'x' })]);
    const letters = await device.letters();
    assert.deepEqual(letters.map((w) => [w.order, w.event, w.after]), [[1, 'a', ''], [2, 'b', 'a'], [3, 'x', '']]);
  },

  async 'a photo that never left is removed, and one that may have arrived is not'() {
    const device = new Store();
    let arrive;
    const server = { send: () => new Promise((done, fail) => { arrive = { done, fail }; }) };
    const queue = new Queue({ device, locks: locks(), seal: async () => new Uint8Array(3), send: () => server.send() });
    const waiting = async () => [(await device.letters()).map((w) => w.event).join(' '), device.pictures.size, device.view];
    for (const [event, picture] of [['a'], ['photo', 'p'], ['b'], ['other', 'p']]) await queue.add({ device: 'd' }, 'case', { id: event }, 'before', picture);
    assert.equal(await queue.remove('a', 'after'), false, 'what is no photo is not removed');
    assert.deepEqual(await waiting(), ['a photo b other', 2, 'before']);
    assert.equal(await queue.remove('photo', 'after'), true);
    assert.deepEqual(await waiting(), ['a b other', 1, 'after']);
    assert.equal(await queue.remove('photo', 'again'), false, 'what is gone is not removed again');
    const sending = queue.flush();
    while (!arrive) await new Promise((done) => setTimeout(done, 0));
    assert.equal(await queue.remove('other', 'while it is sent'), false);
    arrive.done([{ event: 'a', fate: 'kept' }, { event: 'b', fate: 'kept' }]);
    for (const first = arrive; arrive === first;) await new Promise((done) => setTimeout(done, 0));
    arrive.fail(new TypeError('the answer was lost'));
    await assert.rejects(sending);
    assert.equal(await queue.remove('other', 'once it was sent'), false, 'the server may have it');
    assert.deepEqual(await waiting(), ['other', 1, 'after']);
  },

  async 'a photo waits for nothing but the start, and nothing waits for it'() {
    const device = new Store();
    const seal = async () => new Uint8Array(700000);
    const queue = new Queue({ device, locks: locks(), seal, send: null });
    for (const [event, picture] of [['a'], ['photo', 'p'], ['b'], ['other', 'p'], ['c']]) await queue.add({ device: 'd' }, 'case', { id: event }, undefined, picture);
    const letters = await device.letters();
    assert.deepEqual(letters.map((w) => [w.event, w.after]), [['a', ''], ['photo', 'a'], ['b', 'a'], ['other', 'b'], ['c', 'b']]);
    assert.deepEqual(letters.map((w) => Boolean(w.letter)), [true, false, true, false, true]);
    assert.deepEqual(some(letters).map((w) => w.event), ['a']);
    assert.deepEqual(some(letters.filter((w) => w.photo)).map((w) => w.event), ['photo']);
    assert.deepEqual(some(letters.map((w) => ({ ...w, letter: new Uint8Array(9), photo: w.photo && 9 }))).map((w) => w.event), ['a', 'b', 'c', 'photo', 'other']);
  },

  async 'what was destroyed is forgotten'() {
    const server = new Server(dice(1));
    server.broken = false;
    const queue = new Queue({ device: new Store(), locks: locks(), seal: async () => new Uint8Array(3), send: (list) => server.send(list) });
    await queue.add({ device: 'd' }, 'gone', { id: 'a' });
    await queue.add({ device: 'd' }, 'gone', { id: 'b' });
    server.destroyed.add('gone');
    const told = await queue.flush();
    assert.deepEqual([...told.gone], ['gone']);
    assert.deepEqual(await queue.counts(), { waiting: 0, refused: 0 });
    assert.equal(server.kept.length, 0);
  },

  async 'an event and the view that has it are kept together'() {
    const device = new Store();
    const queue = new Queue({ device, locks: locks(), seal: async () => { throw new Error('no key'); }, send: null });
    await assert.rejects(queue.add({ device: 'd' }, 'c', { id: 'a' }, { case: 'c' }));
    assert.equal(device.view, undefined);
    assert.equal(device.rows.size, 0);
  },

  'what is sent at once is bounded'() {
    const letters = Array.from({ length: 200 }, (_, i) => ({ order: i, letter: new Uint8Array(1 << 10) }));
    assert.equal(some(letters).length, 50);
    const large = letters.map((w) => ({ ...w, letter: new Uint8Array(1 << 19) }));
    assert.equal(some(large).length, 2);
    assert.equal(some([{ order: 1, letter: new Uint8Array(1 << 21) }]).length, 1);
    assert.equal(some(letters.map((w) => ({ ...w, refused: 'no' }))).length, 0);
  },

  'who waits for what was refused waits no more'() {
    const told = () => ({ late: new Set(), gone: new Set(), kept: new Set(), refused: [] });
    const letters = [{ order: 1, event: 'a', after: 'z' }, { order: 2, event: 'b', after: 'a' }, { order: 3, event: 'c', after: 'b' }];
    const { put, drop } = settle(letters, [{ event: 'a', fate: 'refused', words: 'no' }, { event: 'b', fate: 'wait' }], told());
    assert.deepEqual(drop, []);
    assert.deepEqual(put, [{ order: 1, event: 'a', after: 'z', refused: 'no' }, { order: 2, event: 'b', after: 'z' }]);
    const strange = settle(letters, [{ event: 'a', fate: 'eaten' }, { event: 'q', fate: 'kept' }], told());
    assert.deepEqual(strange, { put: [], drop: [] });
  },

  async 'a view opens for twelve hours, under a key that cannot be taken out'() {
    const now = 1_800_000_000_000;
    const view = { case: 'c', lang: 'es', events: [{ id: 'x', text: 'two officers' }] };
    const first = await sealView(view, undefined, now);
    const second = await sealView(view, first, now);
    assert.deepEqual([first.rev, second.rev, first.key === second.key], [1, 2, true]);
    assert.equal(first.key.extractable, false);
    assert.notDeepEqual(first.iv, second.iv);
    assert.ok(!Buffer.from(second.box).includes('officers'));
    assert.deepEqual(await openView(second, now), view);
    assert.equal(await openView(second, now + 12 * 3600 * 1000), null);
    assert.equal(await openView(second, now - 48 * 3600 * 1000), null, 'a clock that was put back keeps nothing longer');
    assert.equal(await openView({ ...second, box: first.box }, now), null);
    assert.equal(await openView(undefined, now), null);
    const other = await sealView({ ...view, case: 'd' }, second, now);
    assert.notEqual(other.key, second.key);
  },

  'ids are as the server makes them'() {
    const now = 1_764_100_000_123;
    const id = newID(now);
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(parseInt(id.replaceAll('-', '').slice(0, 12), 16), now);
    assert.notEqual(newID(now), id);
    assert.deepEqual(Object.keys(startEvent({ id: 'g', hash: 'h', given: {} }, 'en', now)), ['id', 'kind', 'at', 'playbook', 'program', 'lang', 'given']);
  },

  'a view that joins has everything once'() {
    const e = (id) => ({ id });
    assert.deepEqual(merge([e('a'), e('b'), e('c')], [e('a'), e('x'), e('b')]).map((x) => x.id), ['a', 'x', 'b', 'c']);
  },
};

for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
  } catch (failed) {
    console.error(`${name}: ${failed.message}`);
    process.exit(1);
  }
  console.log(name);
}
