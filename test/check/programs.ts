/** Random programs for the explorer, and what one line of them does. */
import type { Body, Scenario } from 'atomics-sync-free/check';

/** `await`: goes on once the word is not `a`. */
export interface Line {
  readonly kind: 'read' | 'write' | 'load' | 'store' | 'add' | 'compareExchange' | 'await';
  readonly word: number;
  readonly a: number;
}

export type Program = readonly (readonly Line[])[];

/** The most lines that a thread has. */
const LINES = 3;

/** The same numbers for the same seed (Park and Miller 1988). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 0x7fffffff;
    return state % below;
  };
}

/** A program of two or three threads with up to three lines each; or of two with three lines. */
export function programFrom(seed: number, kinds: readonly Line['kind'][], twoOfThree = false): Program {
  const random = numbersFrom(seed);
  return Array.from({ length: twoOfThree ? 2 : 2 + random(2) }, () =>
    Array.from({ length: twoOfThree ? LINES : 1 + random(LINES) }, () => ({
      kind: kinds[random(kinds.length)],
      word: random(2),
      a: random(3),
    })),
  );
}

/** What a line makes of the value that it finds, and whether it writes. */
export function perform({ kind, a }: Line, old: number): { readonly value: number; readonly writes: boolean } {
  switch (kind) {
    case 'write':
    case 'store':
      return { value: a, writes: true };
    case 'add':
      return { value: old + a, writes: true };
    case 'compareExchange':
      return { value: old === a ? a + 1 : old, writes: old === a };
    default:
      return { value: old, writes: false };
  }
}

/** Runs a line, and returns what it gives. */
export function run(words: Int32Array, { kind, word, a }: Line): number {
  if (kind === 'read') return words[word];
  if (kind === 'write') {
    words[word] = a;
    return a;
  }
  if (kind === 'load') return Atomics.load(words, word);
  if (kind === 'store') return Atomics.store(words, word, a);
  if (kind === 'add') return Atomics.add(words, word, a);
  if (kind === 'compareExchange') return Atomics.compareExchange(words, word, a, a + 1);
  let seen = Atomics.load(words, word);
  while (seen === a) seen = Atomics.load(words, word);
  return seen;
}

/** Where the result of a line is in the list of all. */
export const placeOf = (thread: number, line: number): number => thread * LINES + line;

/** The outcome of a program of which some threads never end. */
export const STUCK = 'stuck';

/**
 * All outcomes of a program, by plain recursion over its interleavings, which shares nothing with the explorer: what the words hold
 * at the end, and what was seen. `STUCK` alone where some threads never end.
 *
 * @param nothing - What was seen before the first line.
 * @param see - Adds to it what a line of a thread gives.
 * @param look - Told what the words hold at each point.
 */
export function outcomesOf<Seen>(
  program: Program,
  nothing: Seen,
  see: (seen: Seen, thread: number, line: number, value: number) => Seen,
  look: (words: readonly number[]) => void = () => {},
): string[] {
  const outcomes = new Set<string>();
  const visit = (at: readonly number[], words: readonly number[], seen: Seen): void => {
    look(words);
    let moved = false;
    program.forEach((lines, thread) => {
      const line = lines[at[thread]];
      if (line === undefined) return;
      const { kind, word, a } = line;
      const old = words[word];
      if (kind === 'await' && old === a) return;
      moved = true;
      visit(
        at.with(thread, at[thread] + 1),
        words.with(word, perform(line, old).value),
        see(seen, thread, at[thread], kind === 'store' ? a : old),
      );
    });
    if (moved) return;
    outcomes.add(at.every((line, thread) => line === program[thread].length) ? `${words} ${seen}` : STUCK);
  };
  visit(
    program.map(() => 0),
    [0, 0],
    nothing,
  );
  return outcomes.has(STUCK) ? [STUCK] : [...outcomes].sort();
}

/** The explorer's scenario of a program; an outcome is what the words hold at the end and what each line gave. */
export function scenarioOf(program: Program): Scenario<'x' | 'y', string> {
  const names = Array.from({ length: 3 * LINES }, (_, at) => `r${at}`);
  const body = (lines: readonly Line[], thread: number): Body<'x' | 'y', string> => {
    return ({ words }, { ghost }) => {
      lines.forEach((line, at) => {
        ghost.set(names[placeOf(thread, at)], run(words, line));
      });
    };
  };
  return {
    memory: { x: 0, y: 0 },
    ghosts: Object.fromEntries(names.map((name) => [name, 0])),
    threads: program.map(body),
    outcome: (values) => `${[values.x, values.y]} ${names.map((name) => values[name as 'x'])}`,
  };
}
