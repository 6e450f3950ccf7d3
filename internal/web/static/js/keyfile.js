// Counsel's key as a file. The private half leaves the browser only inside such a
// file, under a passphrase; the server never sees it. The file is JSON:
//
//	about        what this is, for whoever finds it
//	format       "roundtable counsel key"
//	version      1
//	fingerprint  SHA-256 of the public key, 64 hexadecimal digits
//	words        the fingerprint as seven words
//	public_key   the point's 65 bytes
//	made         when, RFC 3339 in UTC
//	kdf          { name: "PBKDF2-SHA256", iterations, salt (16 bytes) }
//	cipher       { name: "AES-256-GCM", nonce (12 bytes) }
//	sealed_key   the private key as a JSON Web Key (RFC 7517), encrypted
//
// Bytes are base64url without filling. The additional data are
//
//	L("roundtable counsel key file v1") · L(public key) · L(made) · L(salt) · iterations (4)
//
// as in letter.js, so a file with any of these changed opens no more. The
// passphrase is taken in composed form (NFC), each kind of space as a space.

import { concat, encSize, exportPublicKey, generateKeyPair, utf8 } from './hpke.js';
import { checkKey, equal, fingerprint, fromBase64, hex, openLetter, sealLetter, toBase64, words } from './letter.js';
import { wordsOf } from './words.js';

export const minPassphrase = 16; // characters; the file can be guessed at by whoever has it
export const maxFile = 16384; // bytes
const iterations = 600_000;
const fewestIterations = 600_000; // none that we write has fewer
const mostIterations = 10_000_000; // some seconds: a file cannot stop the page
const format = 'roundtable counsel key';
const saltSize = 16;
const nonceSize = 12;

// KeyFileError says by its kind why a file does not open:
//
//	file        it is not a key file, or was cut or changed
//	newer       a later Roundtable wrote it
//	passphrase  the passphrase is another one (or what it protects was changed)
export class KeyFileError extends Error {
  constructor(kind) {
    super(kind);
    this.name = 'KeyFileError';
    this.kind = kind;
  }
}

// suggestPassphrase draws six words: 66 random bits, which the iterations make
// as costly to guess as 85.
export function suggestPassphrase() {
  return wordsOf(crypto.getRandomValues(new Uint8Array(9)), 6).join(' ');
}

const normal = (passphrase) => passphrase.replace(/\p{Zs}/gu, ' ').normalize('NFC');

// isLongEnough reports whether a passphrase may protect a key.
export function isLongEnough(passphrase) {
  return [...normal(passphrase)].length >= minPassphrase && new Set(normal(passphrase)).size >= 6;
}

async function fileKey(passphrase, salt, rounds, usage) {
  const secret = await crypto.subtle.importKey('raw', utf8(normal(passphrase)), 'PBKDF2', false, ['deriveKey']);
  const kdf = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(kdf, secret, { name: 'AES-GCM', length: 256 }, false, [usage]);
}

function cipher(nonce, publicKey, made, salt, rounds) {
  const parts = [utf8('roundtable counsel key file v1'), publicKey, utf8(made), salt];
  const bytes = new Uint8Array(4);
  const number = (n) => (new DataView(bytes.buffer).setUint32(0, n), bytes.slice());
  const aad = concat(...parts.flatMap((part) => [number(part.length), part]), number(rounds));
  return { name: 'AES-GCM', iv: nonce, additionalData: aad };
}

// makeKeyFile makes a key, and the file that is the only place where it is kept:
// { text, name, publicKey }. The key itself is not returned: it is used after the
// file has been read back, so that a file that was not saved shows at once.
export async function makeKeyFile(passphrase, now, about) {
  const pair = await generateKeyPair(true);
  const publicKey = await exportPublicKey(pair.publicKey);
  const print = await fingerprint(publicKey);
  const salt = crypto.getRandomValues(new Uint8Array(saltSize));
  const nonce = crypto.getRandomValues(new Uint8Array(nonceSize));
  const made = now.toISOString();
  const key = await fileKey(passphrase, salt, iterations, 'wrapKey');
  const sealed = await crypto.subtle.wrapKey('jwk', pair.privateKey, key, cipher(nonce, publicKey, made, salt, iterations));
  const file = {
    about,
    format,
    version: 1,
    fingerprint: hex(print),
    words: words(print).join(' '),
    public_key: toBase64(publicKey),
    made,
    kdf: { name: 'PBKDF2-SHA256', iterations, salt: toBase64(salt) },
    cipher: { name: 'AES-256-GCM', nonce: toBase64(nonce) },
    sealed_key: toBase64(new Uint8Array(sealed)),
  };
  return { text: JSON.stringify(file, null, 2) + '\n', name: `counsel-key-${words(print)[0]}.json`, publicKey };
}

// openKeyFile returns { privateKey, publicKey, fingerprint }. The private key can
// be used and cannot be taken out: its bytes never pass through this script.
export async function openKeyFile(text, passphrase) {
  const file = await parse(text);
  const key = await fileKey(passphrase, file.salt, file.iterations, 'unwrapKey');
  const params = cipher(file.nonce, file.publicKey, file.made, file.salt, file.iterations);
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  let privateKey;
  try {
    privateKey = await crypto.subtle.unwrapKey('jwk', file.sealedKey, key, params, curve, false, ['deriveBits']);
  } catch {
    throw new KeyFileError('passphrase');
  }
  const opened = { privateKey, publicKey: file.publicKey, fingerprint: file.fingerprint };
  await checkPair(opened);
  return opened;
}

// parse reads the file's outside. It needs no passphrase.
async function parse(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new KeyFileError('file');
  }
  if (file?.format !== format) throw new KeyFileError('file');
  if (file.version !== 1) throw new KeyFileError(file.version > 1 ? 'newer' : 'file');
  const read = {
    publicKey: bytes(file.public_key, encSize),
    made: typeof file.made === 'string' ? file.made : '',
    salt: bytes(file.kdf?.salt, saltSize),
    nonce: bytes(file.cipher?.nonce, nonceSize),
    sealedKey: bytes(file.sealed_key),
    iterations: file.kdf?.iterations,
  };
  const known = file.kdf.name === 'PBKDF2-SHA256' && file.cipher.name === 'AES-256-GCM';
  if (!known || !Number.isInteger(read.iterations)) throw new KeyFileError('file');
  if (read.iterations < fewestIterations || read.iterations > mostIterations) throw new KeyFileError('file');
  await checkKey(read.publicKey).catch(() => {
    throw new KeyFileError('file');
  });
  read.fingerprint = await fingerprint(read.publicKey);
  if (file.fingerprint !== hex(read.fingerprint)) throw new KeyFileError('file');
  return read;
}

function bytes(text, size) {
  const read = typeof text === 'string' ? fromBase64(text) : null;
  if (!read || (size !== undefined && read.length !== size)) throw new KeyFileError('file');
  return read;
}

// checkPair makes sure that what is sealed to the public half opens here.
async function checkPair(key) {
  const place = { library: 'here', case: 'here', field: 'here', version: 1 };
  const probe = crypto.getRandomValues(new Uint8Array(16));
  const purpose = 'roundtable counsel key check v1';
  const back = await openLetter(key, purpose, place, await sealLetter(key.publicKey, purpose, place, probe)).catch(() => {
    throw new KeyFileError('file');
  });
  if (!equal(back, probe)) throw new KeyFileError('file');
}
