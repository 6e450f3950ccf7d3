// HPKE (RFC 9180), single messages in base mode, with the suite DHKEM(P-256,
// HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Everything is WebCrypto's; this file
// only puts the pieces in the order of the RFC, and its names are the RFC's.
//
// WebCrypto exists only where the address is secure (https, or this machine).
// Points that are not on the curve are refused by importKey, as the RFC's
// section 7.1.4 wants; tests hold Node and Chromium to that.

const curve = { name: 'ECDH', namedCurve: 'P-256' };
const hash = { name: 'HMAC', hash: 'SHA-256' };
const none = new Uint8Array(0);

// Sizes in bytes.
export const encSize = 65; // an uncompressed point
export const tagSize = 16; // of AES-GCM
const hashSize = 32;
const keySize = 32;
const nonceSize = 12;

export const utf8 = (text) => new TextEncoder().encode(text);

// concat joins byte arrays.
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const twoBytes = (n) => Uint8Array.of(n >> 8, n & 255);

const version = utf8('HPKE-v1');
const kemSuite = concat(utf8('KEM'), twoBytes(0x0010));
const suite = concat(utf8('HPKE'), twoBytes(0x0010), twoBytes(0x0001), twoBytes(0x0002));

async function hmac(key, data) {
  const imported = await crypto.subtle.importKey('raw', key, hash, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

// An empty salt is HMAC's key of zeros: browsers refuse a key of no bytes.
async function labeledExtract(id, salt, label, ikm) {
  const key = salt.length > 0 ? salt : new Uint8Array(hashSize);
  return hmac(key, concat(version, id, utf8(label), ikm));
}

// One block of HKDF is enough: nothing here is longer than a hash.
async function labeledExpand(id, prk, label, info, length) {
  const block = await hmac(prk, concat(twoBytes(length), version, id, utf8(label), info, Uint8Array.of(1)));
  return block.slice(0, length);
}

// generateKeyPair makes a key pair; extractable says whether its private half
// can ever be taken out of the browser's hands.
export function generateKeyPair(extractable) {
  return crypto.subtle.generateKey(curve, extractable, ['deriveBits']);
}

// importPublicKey takes the bytes of an uncompressed point, and fails on others.
export function importPublicKey(bytes) {
  return crypto.subtle.importKey('raw', bytes, curve, true, []);
}

// exportPublicKey gives the 65 bytes of the point.
export async function exportPublicKey(key) {
  return new Uint8Array(await crypto.subtle.exportKey('raw', key));
}

async function sharedSecret(privateKey, publicKey, kemContext) {
  const dh = await crypto.subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, 256);
  const prk = await labeledExtract(kemSuite, none, 'eae_prk', new Uint8Array(dh));
  return labeledExpand(kemSuite, prk, 'shared_secret', kemContext, hashSize);
}

// encap makes a shared secret with the holder of a public key (65 bytes), and
// enc, from which that holder makes it too. Only tests give an ephemeral key:
// one that is used twice gives everything away.
export async function encap(publicKey, ephemeral) {
  const recipient = await importPublicKey(publicKey);
  const own = ephemeral ?? (await generateKeyPair(false));
  const enc = await exportPublicKey(own.publicKey);
  return { enc, secret: await sharedSecret(own.privateKey, recipient, concat(enc, publicKey)) };
}

// decap is the recipient's side. The recipient is { privateKey, publicKey }: a
// CryptoKey and the 65 bytes of its public half.
export async function decap(enc, recipient) {
  const sender = await importPublicKey(enc);
  return sharedSecret(recipient.privateKey, sender, concat(enc, recipient.publicKey));
}

// keySchedule makes key and nonce of the first message, and the exporter's secret.
export async function keySchedule(secret, info) {
  const ids = await labeledExtract(suite, none, 'psk_id_hash', none);
  const context = concat(Uint8Array.of(0), ids, await labeledExtract(suite, none, 'info_hash', info));
  const prk = await labeledExtract(suite, secret, 'secret', none);
  return {
    key: await labeledExpand(suite, prk, 'key', context, keySize),
    nonce: await labeledExpand(suite, prk, 'base_nonce', context, nonceSize),
    exporter: await labeledExpand(suite, prk, 'exp', context, hashSize),
  };
}

// exported is the RFC's Export, for at most 32 bytes.
export function exported(exporter, context, length) {
  return labeledExpand(suite, exporter, 'sec', context, length);
}

// encrypt and decrypt are the suite's AEAD.
export async function encrypt(key, nonce, aad, plain) {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, aes, plain));
}

export async function decrypt(key, nonce, aad, box) {
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, aes, box));
}

// seal returns enc and ciphertext of one message to a public key (65 bytes).
export async function seal(publicKey, info, aad, plain, ephemeral) {
  const { enc, secret } = await encap(publicKey, ephemeral);
  const { key, nonce } = await keySchedule(secret, info);
  return { enc, box: await encrypt(key, nonce, aad, plain) };
}

// open is the inverse of seal; it fails on whatever seal did not make so.
export async function open(recipient, info, aad, enc, box) {
  const { key, nonce } = await keySchedule(await decap(enc, recipient), info);
  return decrypt(key, nonce, aad, box);
}
