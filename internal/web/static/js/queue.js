// The queue of what waits on a device. An event is sealed to the library's intake key
// the moment it is made: the device can send it and not read it. A letter leaves the
// queue only by what the server says of it.

// The most that is sent at once, in letters and in bytes.
const mostLetters = 50;
const mostBytes = 1 << 20;

// Queue works on a Device. seal(order, id, event) makes a letter's bytes, send(list)
// brings letters to the server and returns its receipts, and locks is the browser's
// navigator.locks: one tab at a time puts in, and one sends. isCut() says whether there
// is certainly no way to the server: then no letter leaves the device, not even in vain.
export class Queue {
  constructor({ device, seal, send, locks, isCut = async () => false }) {
    Object.assign(this, { device, seal, send, locks, isCut });
  }

  // add seals an event and keeps it, together with the view that has it already. A
  // picture belongs to the event of a photo: nothing waits for that one.
  add(at, id, event, own, picture) {
    return this.locks.request('roundtable queue', async () => {
      const order = await this.device.nextOrder();
      const [letter, waiting] = await Promise.all([this.seal(order, id, event, picture), this.device.letters()]);
      const before = waiting.filter((w) => w.case === id && !w.refused && !w.photo).pop();
      const made = { order, device: at.device, case: id, event: event.id, after: before ? before.event : '', ...(picture ? { photo: letter.length, picture: letter } : { letter }) };
      await this.device.change({ put: [made], own });
    });
  }

  // counts says how much waits, and how much of it the server has refused.
  async counts() {
    const all = await this.device.letters();
    const refused = all.filter((w) => w.refused).length;
    return { waiting: all.length - refused, refused };
  }

  // flush sends what waits. It returns what the server said: which walks moved on
  // without this device (late), which are gone for good (gone), and what it refused,
  // in its words. It throws when the server was not reached.
  flush() {
    return this.locks.request('roundtable send', async () => {
      const told = { late: new Set(), gone: new Set(), kept: new Set(), refused: [] };
      for (;;) {
        const list = some(await this.device.letters());
        if (list.length === 0) return told;
        if (await this.isCut()) throw new Error('no network');
        await this.try(list.filter((w) => w.photo));
        for (const w of list) if (w.photo) w.letter = await this.device.picture(w.order);
        const receipts = await this.send(list);
        const moved = await this.locks.request('roundtable queue', async () => {
          const change = settle(await this.device.letters(), receipts, told);
          await this.device.change(change);
          return change.drop.length + change.put.length;
        });
        if (moved === 0) return told;
      }
    });
  }

  // try keeps that photos are about to be sent: from then on the server may have them.
  async try(photos) {
    const fresh = photos.filter((w) => !w.tried);
    if (fresh.length > 0) await this.device.change({ put: fresh.map((w) => ({ ...w, tried: true })) });
  }

  // remove takes a photo out of the queue, together with a view that has it no more. It
  // returns false, and changes nothing, where the server may have it already.
  remove(event, own) {
    return this.locks.request('roundtable send', { ifAvailable: true }, (sending) => sending && this.locks.request('roundtable queue', async () => {
      const found = (await this.device.letters()).find((w) => w.event === event && w.photo && !w.tried);
      if (!found) return false;
      await this.device.change({ drop: [found.order], own });
      return true;
    })).then(Boolean);
  }

  // again lets what was refused be tried once more.
  async again() {
    const all = await this.device.letters();
    await this.device.change({ put: all.filter((w) => w.refused).map((w) => ({ ...w, refused: '' })) });
  }
}

// some takes from the front of the queue as much as is sent at once; photos when there
// is nothing else.
export function some(letters) {
  const list = [];
  let bytes = 0;
  const ready = letters.filter((w) => !w.refused);
  for (const w of [...ready.filter((w) => !w.photo), ...ready.filter((w) => w.photo)]) {
    bytes += w.photo || w.letter.length;
    if (list.length === mostLetters || (list.length > 0 && bytes > mostBytes)) break;
    list.push(w);
  }
  return list;
}

// settle says what receipts change in a queue. Whoever waited for something that was
// refused waits for what that one waited for.
export function settle(letters, receipts, told) {
  const left = new Map(letters.map((w) => [w.event, w]));
  const drop = [];
  const put = new Map();
  for (const { event, fate, words } of receipts) {
    const w = left.get(event);
    if (!w || fate === 'wait') continue;
    if (fate === 'refused') {
      const refused = { ...w, refused: words || 'refused' };
      left.set(event, refused);
      put.set(w.order, refused);
      told.refused.push(refused.refused);
      for (const later of [...left.values()].filter((x) => x.after === event)) {
        const moved = { ...later, after: w.after };
        left.set(later.event, moved);
        put.set(later.order, moved);
      }
      continue;
    }
    if (!['kept', 'late', 'doubled', 'forget'].includes(fate)) continue;
    left.delete(event);
    put.delete(w.order);
    drop.push(w.order);
    if (fate === 'forget') told.gone.add(w.case);
    else told.kept.add(w.case);
    if (fate === 'late') told.late.add(w.case);
  }
  return { put: [...put.values()], drop };
}

// Answered means that the server was reached and took nothing. isNotIn says that it
// does not know this device, or no more.
export class Answered extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.isNotIn = status === 401 || status === 403 || status === 404;
  }
}

// post brings letters to the server.
export async function post(list) {
  const answer = await fetch('/shell/send', {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'error',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({ letters: list.map((w) => ({ device: w.device, case: w.case, event: w.event, order: w.order, after: w.after, letter: text64(w.letter) })) }),
  });
  if (!answer.ok) throw new Answered(answer.status);
  return (await answer.json()).receipts;
}

// isCut asks the server for nothing where the browser says that there is no network: it
// says so too on a computer that is its own server.
export async function isCut() {
  return navigator.onLine === false && fetch('/shell/send', { method: 'HEAD', cache: 'no-store', redirect: 'manual' }).then(() => false, () => true);
}

// text64 is RFC 4648's URL alphabet without filling.
function text64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
