// Runs the browser's modules in Node for the tests in Go: one request a line on
// standard input, one answer a line on standard output. The folder of the
// modules is the first argument.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.js`));
const [hpke, letter, words, keyfile] = await Promise.all(['hpke', 'letter', 'words', 'keyfile'].map(load));

const unhex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'base64url'));
const text = (b) => Buffer.from(b).toString('base64url');
const curve = { name: 'ECDH', namedCurve: 'P-256' };
const importPrivate = (jwk) => crypto.subtle.importKey('jwk', jwk, curve, false, ['deriveBits']);

async function keyOf({ jwk, key }) {
  return { privateKey: await importPrivate(jwk), publicKey: bytes(key) };
}

// nonceAt is RFC 9180's ComputeNonce; our letters need only message 0.
function nonceAt(nonce, i) {
  const at = nonce.slice();
  at[at.length - 1] ^= i;
  return at;
}

const acts = {
  async vector({ vector: v, jwk, ephemeral }) {
    const recipient = { privateKey: await importPrivate(jwk), publicKey: unhex(v.pkRm) };
    const point = Buffer.concat([Buffer.of(4), bytes(ephemeral.x), bytes(ephemeral.y)]);
    const pair = { privateKey: await importPrivate(ephemeral), publicKey: await hpke.importPublicKey(point) };
    const info = unhex(v.info);
    const { enc, secret } = await hpke.encap(recipient.publicKey, pair);
    const same = letter.equal(secret, await hpke.decap(unhex(v.enc), recipient));
    const schedule = await hpke.keySchedule(secret, info);
    const first = v.encryptions[0];
    const whole = await hpke.seal(recipient.publicKey, info, unhex(first.aad), unhex(first.pt), pair);
    const boxes = [], plains = [], exports = [];
    for (const [i, e] of v.encryptions.entries()) {
      const nonce = nonceAt(schedule.nonce, i);
      boxes.push(letter.hex(await hpke.encrypt(schedule.key, nonce, unhex(e.aad), unhex(e.pt))));
      plains.push(letter.hex(await hpke.decrypt(schedule.key, nonce, unhex(e.aad), unhex(e.ct))));
    }
    for (const e of v.exports) {
      exports.push(letter.hex(await hpke.exported(schedule.exporter, unhex(e.exporter_context), e.L)));
    }
    const opened = await hpke.open(recipient, info, unhex(first.aad), unhex(v.enc), unhex(first.ct));
    return { enc: letter.hex(enc), same, box: letter.hex(whole.box), opened: letter.hex(opened), boxes, plains, exports };
  },

  async seal({ key, purpose, place, content }) {
    return { letter: text(await letter.sealLetter(bytes(key), purpose, place, bytes(content))) };
  },

  async open(request) {
    const content = await letter.openLetter(await keyOf(request), request.purpose, request.place, bytes(request.letter));
    return { content: text(content) };
  },

  async name({ key }) {
    const print = await letter.fingerprint(bytes(key));
    return { hex: letter.hex(print), groups: letter.groups(print), words: letter.words(print) };
  },

  words: async () => ({ words: Array.from({ length: 2048 }, (_, i) => words.word(i)) }),
  sizes: async ({ sizes }) => ({ sizes: sizes.map(letter.paddedSize) }),
  base64: async ({ content }) => {
    const read = letter.fromBase64(content);
    return read ? { content: letter.toBase64(read) } : { kind: 'refused' };
  },
  constants: async () => ({
    counsel: letter.forCounsel, intake: letter.forIntake, most: letter.maxContent,
  }),

  async makeFile({ passphrase, now, about }) {
    const made = await keyfile.makeKeyFile(passphrase, new Date(now), about);
    return { text: made.text, name: made.name, key: text(made.publicKey) };
  },

  async openFile({ text: file, passphrase, purpose, place, letter: sealed }) {
    const key = await keyfile.openKeyFile(file, passphrase);
    const out = await crypto.subtle.exportKey('jwk', key.privateKey).then(() => 'taken out', (e) => e.name);
    const content = await letter.openLetter(key, purpose, place, bytes(sealed));
    return { content: text(content), hex: letter.hex(key.fingerprint), out };
  },

  passphrases: async ({ list }) => ({
    long: list.map(keyfile.isLongEnough), suggested: Array.from({ length: 20 }, keyfile.suggestPassphrase),
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = await acts[request.act](request);
  } catch (e) {
    answer = e.kind ? { kind: e.kind } : { fault: String(e.stack ?? e) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
