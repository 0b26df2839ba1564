/** SHA-256 (FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2) for pages, whose own implementation only returns promises. */

const BLOCK = 64;

/** The first 32 bits of the fractional part of a root of each of the first primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count);
  for (let found = 0, n = 2; found < count; n++) {
    if (isPrime(n)) words[found++] = (root(n) % 1) * 2 ** 32;
  }
  return words;
}

function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
}

const K = fractions(64, Math.cbrt);
const INITIAL = fractions(8, Math.sqrt);

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** @returns the 32 bytes of the sha-256 of all parts, one after the other */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const state = Int32Array.from(INITIAL);
  const rest = new Uint8Array(2 * BLOCK);
  let held = 0;
  let total = 0;
  for (const part of parts) {
    total += part.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK - held, part.length);
      rest.set(part.subarray(0, at), held);
      held += at;
      if (held < BLOCK) continue;
      absorb(state, rest, 0);
    }
    for (; at + BLOCK <= part.length; at += BLOCK) absorb(state, part, at);
    held = part.length - at;
    rest.set(part.subarray(at));
  }
  // A bit 1, zeros, and the length in bits make the last block or two.
  const end = held < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  rest.fill(0, held);
  rest[held] = 0x80;
  const view = new DataView(rest.buffer);
  view.setUint32(end - 8, Math.floor(total / 2 ** 29));
  view.setUint32(end - 4, total << 3);
  for (let at = 0; at < end; at += BLOCK) absorb(state, rest, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => void digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

const schedule = new Int32Array(64);

/** Works one block into the state. */
function absorb(state: Int32Array, bytes: Uint8Array, from: number): void {
  for (let i = 0; i < 16; i++) {
    const at = from + 4 * i;
    schedule[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const [near, far] = [schedule[i - 2], schedule[i - 15]];
    const sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    schedule[i] = sigma1 + schedule[i - 7] + sigma0 + schedule[i - 16];
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const one = (h + sum1 + choice + K[i] + schedule[i]) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + sum0 + majority) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] += word;
  });
}
