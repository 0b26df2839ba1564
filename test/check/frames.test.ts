// How a schedule names the code: the place of an operation, and the calls that led there.
import { Lock } from 'atomics-sync-free';
import { type Body, explore, exploreAsync, type Result, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('frames');

const spinLock = (words: Int32Array): void => {
  while (Atomics.exchange(words, 0, 1) === 1);
};

class Counter {
  constructor(readonly words: Int32Array) {}
  add(): void {
    const before = Atomics.load(this.words, 0);
    Atomics.store(this.words, 0, before + 1);
  }
}

/** Runs a thread alone to its end: what the schedule says of each step. */
function placesOf(body: Body, more: Partial<Scenario<string>> = {}): string[] {
  const scenario: Scenario = { memory: { word: 0 }, threads: [{ name: 'alone', run: body }], ...more };
  return told(explore({ ...scenario, final: () => 'told' }));
}

/** The frames of each step, `function:line:column` or `:line:column`, joined by arrows. */
function told({ failure }: Result): string[] {
  assert.is(failure?.kind, 'final', failure?.reason);
  return (failure?.schedule.steps ?? []).map(({ where }) =>
    where.replaceAll(/(?:(?<=[^←]) )?frames\.test\.[jt]s:/g, ':'),
  );
}

const callers = (place: string | undefined): string[] => (place ?? '').split(' ← ').slice(1);
const lineOf = (place: string): number => Number(/:(\d+):\d+$/.exec(place)?.[1]);

test('a step in a helper names the call of the helper that it was', () => {
  const body: Body = ({ words }) => {
    spinLock(words);
    Atomics.store(words, 0, 0);
    spinLock(words);
  };
  const [first, release, second] = placesOf(body);
  assert.match(first, /^spinLock:\d+:\d+ ← body:\d+:\d+$/);
  assert.is(first.split(' ← ')[0], second.split(' ← ')[0]);
  assert.match(release, /^body:\d+:\d+$/);
  const lines = [first, second].map((place) => lineOf(callers(place)[0]));
  assert.equal(lines, [lineOf(release) - 1, lineOf(release) + 1]);
});

test('threads that are alike are each shown in their own code', () => {
  const one: Body = ({ words }) => void Atomics.add(words, 0, 1);
  const other: Body = ({ words }) => void Atomics.add(words, 0, 1);
  const wrapped =
    (body: Body): Body =>
    (memory, thread) =>
      body(memory, thread);
  const { failure } = explore({ memory: { n: 0 }, threads: [one, other].map(wrapped), final: ({ n }) => n !== 2 });
  const places = failure?.schedule.steps.map(({ where }) => where.split(' ←')[0]) ?? [];
  assert.is(places.length, 2);
  assert.match(places[0], /^one /);
  assert.match(places[1], /^other /);
});

test('two calls on one line are told apart by their columns', () => {
  // biome-ignore format: the calls stand on one line
  const body: Body = ({ words }) => { const counter = new Counter(words); counter.add(); counter.add(); };
  const [first, , second] = placesOf(body);
  assert.match(first, /^Counter\.add:\d+:\d+ ← body:\d+:\d+$/);
  assert.is(lineOf(first), lineOf(second));
  assert.is.not(callers(first)[0], callers(second)[0]);
});

test('a path through several helpers is shown as far as the body, and one of many frames is shortened', () => {
  const down = (words: Int32Array, depth: number): number => {
    if (depth === 0) return Atomics.add(words, 0, 1) + 1;
    return down(words, depth - 1) + 1;
  };
  const body =
    (depth: number): Body =>
    ({ words }) =>
      down(words, depth);
  assert.match(placesOf(body(2))[0], /^(down:\d+:\d+ ← ){3}\S*:\d+:\d+$/);
  const places = placesOf(body(100))[0].split(' ← ');
  assert.is(places.length, 8);
  assert.is(places[5], '…');
  assert.match(places[6], /^down/);
  assert.not.match(places[7], /^down/);
});

test("the callers of a callback are shown up to the event loop, without the explorer's frames", () => {
  const set = (words: Int32Array): void => {
    Atomics.store(words, 0, 1);
  };
  const places = placesOf(({ words }, thread) => {
    [1].forEach(() => {
      set(words);
    });
    const { value } = Atomics.waitAsync(words, 0, 1) as { value: Promise<string> };
    value.then(() => set(words));
    thread.later(() => {
      set(words);
      Atomics.notify(words, 0);
    });
  });
  const counts = places.map((place) => (place === '' ? 0 : place.split(' ← ').length));
  assert.equal(counts, [3, 1, 0, 2, 1, 0, 2]);
  for (const place of places) assert.not.match(place, /\.[jt]s/);
});

test('async callers are shown across an await', async () => {
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  const increment = async (words: Int32Array): Promise<void> => {
    const before = Atomics.load(words, 0);
    await tick();
    Atomics.store(words, 0, before + 1);
  };
  const twice: Body = async ({ words }) => {
    await increment(words);
    await increment(words);
  };
  const places = told(await exploreAsync({ memory: { word: 0 }, threads: [twice], final: () => 'told' }));
  const steps = places.filter((place) => place !== '');
  assert.is(steps.length, 4);
  for (const place of steps) assert.match(place, /^increment:\d+:\d+ ← twice:\d+:\d+$/);
  const lines = steps.map((place) => lineOf(callers(place)[0]));
  assert.equal(lines, [lines[0], lines[0], lines[0] + 1, lines[0] + 1]);
});

test("the package's own frames are left out between those of its user", () => {
  const lock = new Lock();
  const add = (words: Int32Array): void => lock.run(() => void Atomics.add(words, 0, 1));
  const places = placesOf(
    ({ words }) => {
      add(words);
    },
    { objects: { lock } },
  );
  assert.is(places.length, 3);
  for (const place of places) assert.not.match(place, /\.[jt]s|Lock|run:/);
  assert.match(places[0], /^add:\d+:\d+ ← \S*:\d+:\d+$/);
  assert.match(places[1], /^\S*:\d+:\d+ ← add:\d+:\d+ ← \S*:\d+:\d+$/);
});

test('a data race names the callers of both accesses', () => {
  const read = (words: Int32Array): number => words[0] + 0;
  const write = (words: Int32Array): void => {
    words[0] = 1;
  };
  const scenario: Scenario = {
    memory: { word: 0 },
    threads: [({ words }) => read(words) + 1, ({ words }) => write(words)],
  };
  const { failure } = explore(scenario);
  assert.match(failure?.reason ?? '', /reads it plainly \(read \S+ ← .*\), and . writes it plainly \(write \S+ ← .*\)/);
});

test.run();
