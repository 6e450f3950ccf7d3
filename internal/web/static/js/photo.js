// Taking a photo of a paper or a thing: on the page for it (/i/{id}/photo), or over the
// step of a walk that this device keeps. The photo is made as large as small print
// needs and written anew here already, so that where and when it was taken is not even
// sent, and so that it fits among what waits on a device. The server does it again.

import { newID, openView } from './own.js';

const one = (selector, from = document) => from.querySelector(selector);

// The sizes and qualities that are tried, the best first, and how many bytes fit into
// a letter of 1 MiB with the event that names the photo.
const sizes = [2000, 1600, 1200];
const qualities = [0.85, 0.75, 0.65, 0.5];
const mostBytes = 900000;

// shrink draws a picture upright onto a canvas, on white, and returns its bytes as a
// JPEG. It throws if the browser cannot read it.
async function shrink(file, canvas) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    for (const size of sizes) {
      const by = Math.min(1, size / Math.max(picture.width, picture.height));
      canvas.width = Math.max(1, Math.round(picture.width * by));
      canvas.height = Math.max(1, Math.round(picture.height * by));
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of qualities) {
        const made = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
        if (made && made.type === 'image/jpeg' && made.size <= mostBytes) return made;
      }
    }
  } finally {
    picture.close();
  }
  throw new Error('it does not fit');
}

// Taking is the form of one photo. It holds the photo until it is kept: whatever goes
// wrong, it can be tried again.
class Taking {
  constructor(form) {
    this.form = form;
    this.says = form.dataset;
    this.file = one('#photo-file');
    this.seen = one('#photo-seen');
    this.shows = one('#photo-shows');
    this.nobody = one('#photo-nobody');
    form.noValidate = true;
    this.file.addEventListener('change', () => this.look());
    this.nobody.addEventListener('change', () => this.problem(''));
    this.clear();
  }

  // clear makes it ready for a photo that was not taken yet.
  clear() {
    this.picture = null;
    this.id = newID(Date.now());
    this.file.value = '';
    this.nobody.checked = false;
    this.seen.hidden = true;
    this.seen.width = this.seen.height = 1;
    this.problem('');
  }

  problem(words) {
    const line = one('#photo-problem');
    line.textContent = words;
    line.hidden = !words;
  }

  // look shows what was taken. It is another photo than the one before, so whether
  // somebody is in it is asked anew.
  look() {
    const file = this.file.files[0];
    if (!file) return this.looked;
    this.picture = null;
    this.id = newID(Date.now());
    this.nobody.checked = false;
    this.problem('');
    this.looked = shrink(file, this.seen).then(
      (made) => {
        this.picture = made;
        this.seen.hidden = false;
      },
      () => {
        this.seen.hidden = true;
        this.problem(this.says.form);
      },
    );
    return this.looked;
  }

  // ready returns the photo once all was said that has to be, else null, and says what
  // is missing.
  async ready() {
    if (!this.picture && this.file.files[0] && !this.looked) this.look(); // it was chosen before this script came
    await this.looked;
    if (!this.picture) {
      if (!this.file.files[0]) this.problem(this.says.first);
      this.file.focus();
      return null;
    }
    if (!this.nobody.checked) {
      this.problem(this.says.untick);
      this.nobody.focus();
      return null;
    }
    this.problem('');
    return this.picture;
  }

  // once does something that takes a while, and not twice at a time.
  async once(work) {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } finally {
      this.busy = false;
    }
  }

  // event is what the walk keeps of the photo.
  event(step, field) {
    const text = this.shows.value.trim();
    return { id: this.id, kind: 'pictured', at: Date.now(), step, ...(field && { field }), ...(text && { text }) };
  }
}

// take asks for a photo over the step of a walk on this device: for a field, or "".
// What is kept is sealed at once, and sent behind that.
let taking;
export function take(screen, field, label) {
  const box = one('#photo-box');
  if (!taking) {
    taking = new Taking(one('#photo'));
    one('#photo-close').addEventListener('click', () => box.close());
    box.addEventListener('close', () => taking.clear());
    taking.form.addEventListener('submit', (event) => {
      event.preventDefault();
      taking.once(() => keep(taking, box));
    });
  }
  taking.clear();
  Object.assign(taking, { screen, field });
  taking.shows.value = '';
  one('#photo-of').textContent = label;
  one('#photo-of').hidden = !label;
  box.showModal();
}

async function keep(of, box) {
  const made = await of.ready();
  const { screen } = of;
  if (!made || !screen.view) return;
  const { step } = screen.walk;
  const event = of.event(step < 0 ? screen.lastStep() : step, of.field);
  screen.doing = (screen.doing || 0) + 1; // it is not kept yet, and the page says so
  screen.set('saving');
  try {
    await screen.add(event, new Uint8Array(await made.arrayBuffer()));
    box.close();
  } catch {
    screen.view = await openView(screen.record, Date.now()); // as it was before
    screen.fold();
    screen.show(false);
    of.problem(of.says.not);
  } finally {
    screen.doing--;
    await screen.tell();
  }
}

// send sends the photo of the page for it. Where that fails and this is a device that
// keeps what waits, the photo is sealed there, and sent once there is a connection.
async function send(of) {
  const made = await of.ready();
  if (!made) return;
  const body = new FormData(of.form);
  body.set('event', of.id);
  body.set('photo', made, 'photo.jpg');
  let answer;
  try {
    if (of.waits) return location.assign(await resend(of));
    answer = await fetch(of.form.action, { method: 'POST', body, credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json' } });
  } catch {
    of.waits = of.waits || (await queue(of, made).catch(() => false));
    return of.problem(of.waits ? of.says.safe : of.says.lost);
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok && told.location) return location.assign(told.location);
  of.problem(answer.status < 500 && told.message ? told.message : of.says.lost);
}

// queue keeps the photo among what waits on an enrolled device.
async function queue(of, made) {
  const { Kept } = await import('./shell.js');
  const kept = await Kept.open();
  const own = await kept.device.own();
  if (!kept.shell || !own || own.case !== of.says.case) return false;
  const { step, field } = of.form.elements;
  const event = of.event(Number(step.value) - 1, field.value);
  await kept.queue.add(kept.shell, of.says.case, event, undefined, new Uint8Array(await made.arrayBuffer()));
  return kept;
}

async function resend(of) {
  await of.waits.queue.flush();
  const { waiting, refused } = await of.waits.queue.counts();
  if (waiting + refused > 0) throw new Error('it waits');
  return one('.up a').href;
}

const form = one('form#photo[data-case]');
if (form) {
  const page = new Taking(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    page.once(() => send(page));
  });
}
