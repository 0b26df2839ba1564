// The critical section: work that cannot be sped up, and touches no memory.
//
// It is WebAssembly because threads share its machine code, so that it is equally fast in all of them. Each thread compiles a
// JavaScript function for itself: with 32 threads and sections of 1 ms, none has enough turns for that in a window, and a
// section took five times as long as alone, which looked like a fault of fair locks.

/** Instructions, by the names of the text format. */
const [LOOP, IF, END, BR] = [0x03, 0x04, 0x0b, 0x0c];
const [LOCAL_GET, LOCAL_SET] = [0x20, 0x21];
const [I32_CONST, I32_ADD, I32_SUB, I32_MUL] = [0x41, 0x6a, 0x6b, 0x6c];
const [I32, VOID] = [0x7f, 0x40];
const [TURNS, X] = [0, 1];

/** @returns {number[]} a signed number as LEB128 */
function leb(value) {
  const last = value >= -64 && value < 64;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

const section = (id, ...bytes) => [id, bytes.length, ...bytes];

// while (turns !== 0) { x = x * 1664525 + 1013904223; turns -= 1 } return x
const body = [
  ...[0, LOOP, VOID, LOCAL_GET, TURNS, IF, VOID],
  ...[LOCAL_GET, X, I32_CONST, ...leb(1_664_525), I32_MUL, I32_CONST, ...leb(1_013_904_223), I32_ADD, LOCAL_SET, X],
  ...[LOCAL_GET, TURNS, I32_CONST, ...leb(1), I32_SUB, LOCAL_SET, TURNS, BR, 1, END, END],
  ...[LOCAL_GET, X, END],
];
const program = [
  ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
  ...section(1, 1, 0x60, 2, I32, I32, 1, I32),
  ...section(3, 1, 0),
  ...section(7, 1, 4, ...Buffer.from('work'), 0, 0),
  ...section(10, 1, body.length, ...body),
];

/**
 * @type {(turns: number, seed: number) => number} returns a value that depends on every turn, so that none is optimized away
 */
export const { work } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(program))).exports;

/** @returns {number} how many turns take 1 µs, on a processor that is not shared at the moment */
export function turnsPerMicrosecond() {
  const turns = 200_000;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0, x = 1; i < 50; i++) {
    const start = performance.now();
    x = work(turns, x);
    const took = performance.now() - start;
    if (x !== 0.5) best = Math.min(best, took);
  }
  return turns / (best * 1000);
}
