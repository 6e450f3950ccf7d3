// Letters: what this browser seals and the server cannot open (a note for
// counsel), or only the server can (an event that waits on a device). The form is
// that of the server's package vault; its DESIGN.md describes it.
//
//	letter = 01 · first 8 bytes of the key's fingerprint · enc (65) · ciphertext and tag
//	info   = L("roundtable sealed field v1") · L(purpose) · L(library) · L(case) · L(field) · version (8)
//	plain  = length (4) · content · zeros up to the padded size
//
// L(x) is x behind its length in four bytes; numbers are big-endian. A letter
// opens with its recipient's key, for its purpose and in its place, and otherwise
// not. Its size tells only which of a few sizes the content was padded to.

import { concat, encSize, importPublicKey, open, seal, tagSize, utf8 } from './hpke.js';
import { wordsOf } from './words.js';

const none = new Uint8Array(0);
const format = 1;
const nameSize = 8;
const headerSize = 1 + nameSize;
const overhead = headerSize + encSize + tagSize;

// The purposes that a browser seals for. Their text is part of what is sealed.
export const forCounsel = 'roundtable counsel note v1';
export const forIntake = 'roundtable waiting event v1';

// The largest content in bytes, and the steps of padding.
export const maxContent = 16 * 2 ** 20;
const smallestPadded = 256;
const largestStep = 2 ** 20;
const lengthBytes = 4;

// LetterError says by its kind why a letter was not made or did not open:
//
//	open       it was changed, or is for another purpose or place; which, cannot be known
//	format     it is not in a form that we write
//	other-key  it says that it is for another key
//	key        the key is not one
//	place      library, case, field and version are not all named
//	too-large  the content is over maxContent
export class LetterError extends Error {
  constructor(kind) {
    super(kind);
    this.name = 'LetterError';
    this.kind = kind;
  }
}

// sealLetter seals bytes to a public key (65 bytes) for a purpose and a place,
// which is { library, case, field, version }. It returns the letter's bytes.
export async function sealLetter(publicKey, purpose, place, content) {
  const bound = bind(purpose, place);
  if (content.length > maxContent) throw new LetterError('too-large');
  await checkKey(publicKey);
  const name = (await fingerprint(publicKey)).subarray(0, nameSize);
  const padded = pad(content);
  try {
    const { enc, box } = await seal(publicKey, bound, none, padded);
    return concat(Uint8Array.of(format), name, enc, box);
  } finally {
    padded.fill(0);
  }
}

// openLetter opens a letter with a key, which is { privateKey, publicKey }: a
// CryptoKey for deriveBits and 65 bytes. It returns the content's bytes.
export async function openLetter(key, purpose, place, letter) {
  const bound = bind(purpose, place);
  if (letter.length < overhead || letter[0] !== format || !isPaddedSize(letter.length - overhead)) {
    throw new LetterError('format');
  }
  const enc = letter.slice(headerSize, headerSize + encSize);
  await importPublicKey(enc).catch(() => {
    throw new LetterError('format');
  });
  const name = (await fingerprint(key.publicKey)).subarray(0, nameSize);
  if (!equal(name, letter.subarray(1, headerSize))) throw new LetterError('other-key');
  let padded;
  try {
    padded = await open(key, bound, none, enc, letter.subarray(headerSize + encSize));
  } catch {
    throw new LetterError('open');
  }
  return unpad(padded);
}

// checkKey fails unless the bytes are a point on the curve.
export async function checkKey(publicKey) {
  if (publicKey.length !== encSize) throw new LetterError('key');
  await importPublicKey(publicKey).catch(() => {
    throw new LetterError('key');
  });
}

// bind is HPKE's info: what a letter is bound to.
function bind(purpose, place) {
  const names = [place.library, place.case, place.field].map((name) => utf8(name ?? ''));
  if (names.some((name) => name.length === 0 || name.length > 255)) throw new LetterError('place');
  const parts = [utf8('roundtable sealed field v1'), utf8(purpose), ...names];
  return concat(...parts.flatMap((part) => [fourBytes(part.length), part]), eightBytes(place.version));
}

function fourBytes(n) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

// The version comes as a number or as digits; over 2^53 only digits are exact.
function eightBytes(version) {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(String(version))) throw new LetterError('place');
  const n = BigInt(version);
  if (n >= 2n ** 64n) throw new LetterError('place');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, n);
  return bytes;
}

// paddedSize: powers of two up to 1 MiB, then multiples of 1 MiB.
export function paddedSize(n) {
  const need = n + lengthBytes;
  if (need > largestStep) return Math.ceil(need / largestStep) * largestStep;
  let size = smallestPadded;
  while (size < need) size *= 2;
  return size;
}

function isPaddedSize(n) {
  return n >= smallestPadded && n <= maxContent + largestStep && paddedSize(n - lengthBytes) === n;
}

function pad(content) {
  const padded = new Uint8Array(paddedSize(content.length));
  padded.set(fourBytes(content.length));
  padded.set(content, lengthBytes);
  return padded;
}

// unpad refuses whatever pad cannot have written.
function unpad(padded) {
  const n = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (n > maxContent || paddedSize(n) !== padded.length) throw new LetterError('format');
  if (padded.subarray(lengthBytes + n).some((byte) => byte !== 0)) throw new LetterError('format');
  return padded.slice(lengthBytes, lengthBytes + n);
}

// fingerprint returns the 32 bytes that name a public key.
export async function fingerprint(publicKey) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey));
}

// hex, groups and words write a fingerprint: whole, to be read from a page, and
// to be read over the telephone.
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const groups = (print) => hex(print.subarray(0, 16)).match(/.{4}/g).join(' ');
export const words = (print) => wordsOf(print.subarray(0, 10), 7);

export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

// toBase64 and fromBase64 are RFC 4648's URL alphabet without filling. fromBase64
// takes only what toBase64 writes, and returns null for anything else.
export function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function fromBase64(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}
