// Notes for counsel on a page: counsel makes a key, an author seals a note to it,
// counsel opens what was sealed. What is written leaves this page as a letter
// only (letter.js); the key leaves it as a file only (keyfile.js). Nothing is
// kept: no storage, no cookie, no address; key and open texts are gone when the
// page is left or locked. Whoever changes the scripts that the server sends can
// read what is typed from then on; what was sealed before stays closed.
//
// The page says what there is by attributes. In each root, [data-counsel-plain] is
// what stands there without script: "Call counsel" and the number, never a form.
// The form lies in <template data-counsel-form>, where nothing can send it. The
// script puts it in the page, and hides the plain words, only where it can seal.
//
//	data-counsel="note"     the author's form
//	  data-key              counsel's public key (counsel.Key.Encoded)
//	  data-fingerprint      its fingerprint in hexadecimal digits
//	  data-library, data-case, data-field, data-version
//	                        the note's place (counsel.Place)
//	  data-action           where the letter is posted: the form fields "letter"
//	                        and "fingerprint", and what hidden inputs the form has
//	  data-next             where to go when it is kept (may be missing)
//	  in the template: a form with a textarea [data-counsel-text], which has no
//	  name and must stand where no live refresh reaches
//
//	data-counsel="open"     counsel's page
//	  in the template: a form with an input of type file [data-counsel-file] and
//	  one of type password [data-counsel-passphrase], both without a name
//	  [data-counsel-close]  a hidden button, shown while notes are open
//	  [data-counsel-letter] each note: its letter (counsel.Note.Encoded), and the
//	                        place as above on itself or around it; within it
//	                        [data-counsel-content], where the text is put
//
//	data-counsel="make"     where counsel makes a key
//	  data-action, data-next  as above; the fields "public_key" and "fingerprint"
//	  in the template: a form [data-counsel-step="make"] with [data-counsel-passphrase]
//	  and [data-counsel-again], and perhaps [data-counsel-suggestion] for words to
//	  take; and a form [data-counsel-step="check"] with [data-counsel-save] (an <a>),
//	  [data-counsel-file] and [data-counsel-passphrase]. The key is posted once the
//	  saved file has been opened: a file that was not saved seals nothing.
//
// Anywhere in a template: [data-counsel-said] with role="status", and
// [data-counsel-words] and [data-counsel-groups], where the fingerprint is shown as
// this browser computed it. Each sentence that the script says is in `sentences`;
// a root says it in its own language by data-say-KIND, with {…} kept.
//
// The server answers 201 or 204 once the thing is durable, 409 when counsel has
// another key, anything else when it was not kept; it never answers by a
// redirect, which a script cannot tell from being sent to sign in. The script for
// locking sends the event "roundtable:lock" to the document.

import { LetterError, equal, fingerprint, forCounsel, fromBase64, groups, hex, openLetter, sealLetter, toBase64, words, checkKey } from './letter.js';
import { KeyFileError, isLongEnough, makeKeyFile, maxFile, minPassphrase, openKeyFile, suggestPassphrase } from './keyfile.js';
import { utf8 } from './hpke.js';

// maxText is the longest note in characters. The server knows how large a letter
// that can give, and refuses a larger one.
export const maxText = 20000;

const sentences = {
  about:
    'This file opens notes for counsel in Roundtable. It is locked with a passphrase. Keep two copies, in two places, and keep the passphrase apart from them. If the file or the passphrase is lost, the notes are lost: nobody else can open them, the library and its computers neither. If you found this file, give it to the library’s lawyer.',
  'key-mismatch': 'The key on this page does not fit its fingerprint, so nothing can be sealed here. Call counsel, and tell the person who looks after Roundtable.',
  empty: 'Write your note first.',
  'too-long': 'This is {n} characters too long. Shorten it, or send it as two notes.',
  sealing: 'Sealing and sending.',
  sent: 'Sealed and sent. Only counsel can open it.',
  'not-sent': 'We could not send the note. Your text is still here, on this page only. Try again, or call counsel.',
  'new-key': 'Counsel has a new key since this page was opened, so the note was not kept. Copy your text, open the page again, and compare the seven words with counsel.',
  'choose-file': 'Choose your key file first.',
  file: 'This is not a whole key file. Choose the file that you saved when you made the key, or your second copy of it.',
  newer: 'A later version of Roundtable wrote this file. Open the page again; if it happens again, tell the person who looks after Roundtable.',
  passphrase: 'That passphrase does not open this file. Check for capital letters and spaces, and try again. There is no limit on tries.',
  opening: 'Opening. This takes a few seconds.',
  opened: 'Open: {n} of {all}. They close when you leave this page.',
  closed: 'The notes are closed again.',
  'other-key': 'Sealed to another of your keys. Open it with the file of that key.',
  'does-not-open': 'This note does not open: it was changed, or was moved here from another place. Tell the author, and the person who looks after Roundtable.',
  'short-passphrase': 'Use at least {n} characters. Several words that have nothing to do with each other are good.',
  'not-alike': 'The two passphrases differ. Type them again.',
  making: 'Making the key. This takes a few seconds.',
  made: 'Now save the file {name}, twice, in two places. Then choose it here to check it. If the file is lost, the notes are lost: nobody else can open them.',
  'other-file': 'This file is of another key. Choose {name}, which you have just saved.',
  kept: 'The file opens, and the key is in use. Read the seven words to whoever will write to you.',
  'key-not-kept': 'We could not put the key in use. The file is still good. Try again.',
  trouble: 'Something went wrong here, and not because of you. Open the page again. If it happens again, tell the person who looks after Roundtable.',
};

const widgets = { note: startNote, open: startOpen, make: startMake };

// Forgetting: everything that must not outlive the page.
const forgetting = new Set();
const forgetAll = () => forgetting.forEach((forget) => forget());
addEventListener('pagehide', forgetAll);
document.addEventListener('roundtable:lock', () => forgetting.forEach((forget) => forget.onLock && forget()));

if (globalThis.isSecureContext && globalThis.crypto?.subtle) {
  for (const root of document.querySelectorAll('[data-counsel]')) {
    const start = widgets[root.dataset.counsel];
    if (start) start(root).catch(() => say(root, 'trouble'));
  }
}

// say puts a sentence where the root's status is, for eye and ear.
function say(root, kind, values = {}) {
  let place = root.querySelector('[data-counsel-said]');
  if (!place) {
    place = document.createElement('p');
    place.setAttribute('role', 'status');
    place.setAttribute('data-counsel-said', '');
    root.append(place);
  }
  place.textContent = sentence(root, kind, values);
}

// refuse is say for what then gives nothing.
function refuse(root, kind, values) {
  say(root, kind, values);
  return null;
}

function sentence(root, kind, values = {}) {
  const text = root.getAttribute(`data-say-${kind}`) ?? sentences[kind] ?? sentences.trouble;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// unfold puts the template's form in the page, in place of the plain words.
function unfold(root) {
  const template = root.querySelector('template[data-counsel-form]');
  template.replaceWith(template.content.cloneNode(true));
  for (const form of root.querySelectorAll('form')) guard(form);
  for (const plain of root.querySelectorAll('[data-counsel-plain]')) plain.hidden = true;
}

// guard takes from a form every usual way in which a browser sends or keeps what
// is typed: names, form memory, spelling and writing services.
function guard(form) {
  form.setAttribute('autocomplete', 'off');
  for (const field of form.querySelectorAll('textarea, input:not([type=hidden])')) {
    field.removeAttribute('name');
    field.setAttribute('autocomplete', field.type === 'password' ? 'new-password' : 'off');
    field.setAttribute('autocapitalize', field.type === 'password' ? 'none' : 'sentences');
    field.setAttribute('spellcheck', 'false');
    field.setAttribute('writingsuggestions', 'false');
    field.setAttribute('translate', 'no');
  }
}

// onSubmit runs work for a form, once at a time.
function onSubmit(root, form, work) {
  let busy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await work();
    } catch {
      say(root, 'trouble');
    } finally {
      busy = false;
    }
  });
}

function showFingerprint(root, print) {
  for (const place of root.querySelectorAll('[data-counsel-words]')) place.textContent = words(print).join(' ');
  for (const place of root.querySelectorAll('[data-counsel-groups]')) place.textContent = groups(print);
}

// placeOf reads where a letter belongs, from an element or what is around it.
function placeOf(element) {
  const read = (name) => element.closest(`[data-${name}]`)?.getAttribute(`data-${name}`);
  return { library: read('library'), case: read('case'), field: read('field'), version: read('version') };
}

// post sends form fields and returns the status; 0 when nothing answered.
async function post(root, fields) {
  const body = new URLSearchParams();
  for (const input of root.querySelectorAll('input[type=hidden][name]')) body.append(input.name, input.value);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const how = { method: 'POST', body, redirect: 'manual', credentials: 'same-origin', cache: 'no-store' };
  try {
    return (await fetch(root.dataset.action, how)).status;
  } catch {
    return 0;
  }
}

const isKept = (status) => status === 201 || status === 204;

function goOn(root) {
  if (root.dataset.next) location.assign(root.dataset.next);
}

async function startNote(root) {
  const key = fromBase64(root.dataset.key ?? '');
  const print = key && (await checkKey(key).then(() => fingerprint(key), () => null));
  if (!print || hex(print) !== root.dataset.fingerprint) return say(root, 'key-mismatch');
  unfold(root);
  showFingerprint(root, print);
  const form = root.querySelector('form');
  const text = form.querySelector('[data-counsel-text]');
  forgetting.add(() => (text.value = ''));
  onSubmit(root, form, () => sendNote(root, key, print, text));
}

async function sendNote(root, key, print, text) {
  const written = text.value;
  const over = [...written].length - maxText;
  if (written.trim() === '') return say(root, 'empty');
  if (over > 0) return say(root, 'too-long', { n: over });
  say(root, 'sealing');
  const content = utf8(written);
  const letter = await sealLetter(key, forCounsel, placeOf(root), content);
  content.fill(0);
  const status = await post(root, { letter: toBase64(letter), fingerprint: hex(print) });
  if (!isKept(status)) return say(root, status === 409 ? 'new-key' : 'not-sent');
  if (text.value === written) text.value = ''; // what was typed meanwhile stays
  say(root, 'sent');
  goOn(root);
}

// readKey takes key file and passphrase from a form, and returns the key, or null
// after having said why there is none.
async function readKey(root, form) {
  const file = form.querySelector('[data-counsel-file]').files[0];
  const passphrase = form.querySelector('[data-counsel-passphrase]');
  if (!file) return refuse(root, 'choose-file');
  if (file.size > maxFile) return refuse(root, 'file');
  say(root, 'opening');
  try {
    const key = await openKeyFile(await file.text(), passphrase.value);
    passphrase.value = '';
    return key;
  } catch (error) {
    return refuse(root, error instanceof KeyFileError ? error.kind : 'file');
  }
}

async function startOpen(root) {
  unfold(root);
  const form = root.querySelector('form');
  const closing = root.querySelector('[data-counsel-close]');
  const notes = Array.from(root.querySelectorAll('[data-counsel-letter]'), (element) => {
    const content = element.querySelector('[data-counsel-content]');
    return { element, content, sealed: content.textContent };
  });
  let closings = 0; // what is still being opened when it is closed stays closed
  const close = () => {
    closings++;
    for (const note of notes) note.content.textContent = note.sealed;
    form.reset();
    form.hidden = false;
    closing.hidden = true;
  };
  close.onLock = true;
  forgetting.add(close);
  closing.addEventListener('click', () => {
    close();
    say(root, 'closed');
    form.querySelector('[data-counsel-file]').focus();
  });
  onSubmit(root, form, async () => {
    const started = closings;
    const key = await readKey(root, form);
    if (!key) return;
    const texts = [];
    for (const note of notes) texts.push(await openNote(note.element, key));
    if (started !== closings) return;
    showFingerprint(root, key.fingerprint);
    notes.forEach((note, i) => showNote(root, note.content, texts[i]));
    form.hidden = true;
    closing.hidden = false;
    closing.focus();
    say(root, 'opened', { n: texts.filter((t) => t.text !== undefined).length, all: texts.length });
  });
}

// openNote returns { text } or { kind }. A mark of byte order in front is part of
// the text, and a content that is no text does not open.
async function openNote(element, key) {
  try {
    const letter = fromBase64(element.dataset.counselLetter);
    if (!letter) return { kind: 'does-not-open' };
    const content = await openLetter(key, forCounsel, placeOf(element), letter);
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch (error) {
    return { kind: error instanceof LetterError && error.kind === 'other-key' ? 'other-key' : 'does-not-open' };
  }
}

function showNote(root, place, { text, kind }) {
  place.setAttribute('translate', 'no'); // a browser's translation is another's computer
  place.setAttribute('dir', 'auto');
  place.textContent = text ?? sentence(root, kind);
}

async function startMake(root) {
  unfold(root);
  const first = root.querySelector('[data-counsel-step="make"]');
  const second = root.querySelector('[data-counsel-step="check"]');
  const suggestion = first.querySelector('[data-counsel-suggestion]');
  if (suggestion) suggestion.textContent = suggestPassphrase();
  second.hidden = true;
  let made = null; // the file, until the page is left
  let forgotten = 0;
  const forget = () => {
    forgotten++;
    if (made) URL.revokeObjectURL(made.url);
    made = null;
    first.reset();
    second.reset();
    if (suggestion) suggestion.textContent = '';
    first.hidden = false;
    second.hidden = true;
  };
  forget.onLock = true;
  forgetting.add(forget);
  onSubmit(root, first, async () => {
    const started = forgotten;
    const file = await makeFile(root, first);
    if (!file || started !== forgotten) return;
    made = { ...file, url: URL.createObjectURL(new Blob([file.text], { type: 'application/json' })) };
    first.reset();
    if (suggestion) suggestion.textContent = '';
    first.hidden = true;
    second.hidden = false;
    await offerFile(root, second, made);
  });
  onSubmit(root, second, async () => {
    if (made) await useKey(root, second, made);
  });
}

async function makeFile(root, form) {
  const passphrase = form.querySelector('[data-counsel-passphrase]').value;
  if (!isLongEnough(passphrase)) return refuse(root, 'short-passphrase', { n: minPassphrase });
  if (passphrase !== form.querySelector('[data-counsel-again]').value) return refuse(root, 'not-alike');
  say(root, 'making');
  return makeKeyFile(passphrase, new Date(), sentence(root, 'about'));
}

// offerFile starts the saving once, and leaves the link for a second copy.
async function offerFile(root, form, { url, name, publicKey }) {
  const link = form.querySelector('[data-counsel-save]');
  link.href = url;
  link.download = name;
  link.click();
  link.focus();
  say(root, 'made', { name });
  showFingerprint(root, await fingerprint(publicKey));
}

async function useKey(root, form, made) {
  const key = await readKey(root, form);
  if (!key) return;
  if (!equal(key.publicKey, made.publicKey)) return say(root, 'other-file', { name: made.name });
  const status = await post(root, { public_key: toBase64(key.publicKey), fingerprint: hex(key.fingerprint) });
  if (!isKept(status)) return say(root, 'key-not-kept');
  say(root, 'kept');
  goOn(root);
}
