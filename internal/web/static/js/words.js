// Words that can be read over the telephone, made by the rule of the server's
// package vault/words: consonant, vowel, consonant, vowel, and a consonant that
// checks the other four. Eleven bits choose a word. There is no list to load.

const consonants = 'bdfghklmnprstvwz';
const firstVowels = 'aeio';
const secondVowels = 'au';
const bitsPerWord = 11;

// times multiplies in the field of 16 elements modulo x^4 + x + 1.
function times(a, b) {
  let product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a <<= 1;
    if (a & 16) a ^= 0b10011;
  }
  return product;
}

// word returns the i-th of the 2,048 words.
export function word(i) {
  const first = (i >> 7) & 15, vowel = (i >> 5) & 3, second = (i >> 1) & 15, last = i & 1;
  const check = times(2, first) ^ times(3, vowel) ^ times(4, second) ^ times(5, last);
  return consonants[first] + firstVowels[vowel] + consonants[second] + secondVowels[last] + consonants[check];
}

// wordsOf writes the first bits of some bytes as count words, eleven bits each.
// There must be bits enough; what is left over does not show.
export function wordsOf(bytes, count) {
  const list = [];
  let held = 0, have = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    have += 8;
    if (have < bitsPerWord) continue;
    have -= bitsPerWord;
    list.push(word(held >> have));
    held &= (1 << have) - 1;
    if (list.length === count) break;
  }
  return list;
}
