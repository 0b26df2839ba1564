/** Texts in shared memory: UTF-16 units, two per word. */

/** @returns how many words a text takes */
export const wordsOfText = (text: string): number => Math.ceil(text.length / 2);

/** Writes a text, beginning at a word. */
export function writeText(words: Int32Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i += 2) {
    Atomics.store(words, at + i / 2, text.charCodeAt(i) | ((text.charCodeAt(i + 1) || 0) << 16));
  }
}

/** @returns the text of this many units that begins at a word */
export function readText(words: Int32Array, at: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    text += String.fromCharCode((Atomics.load(words, at + (i >> 1)) >>> ((i & 1) * 16)) & 0xffff);
  }
  return text;
}
