/** Partial-order reduction and symmetry: they must leave out states, but nothing that can be said of a program. */
import { type Body, explore, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { Peers } from '#dist/check/peers.js';
import { type Random, randomFrom } from '#dist/check/random.js';
import type { Result } from '#dist/check/result.js';
import { explored } from '#dist/check/search.js';
import { withSimulation } from '#dist/check/simulation.js';
import { suite } from '../support/suite.js';

const test = suite('reduction');

const PROGRAMS = Number(process.env.REDUCTION_PROGRAMS ?? 120);
const WORDS = 4;
const KINDS = [
  'load',
  'store',
  'write',
  'add',
  'compareExchange',
  'wait',
  'waitAsync',
  'notify',
  'choose',
  'step',
  'later',
  'joinDead',
];

type Instruction = readonly [kind: string, word: number, a: number, b: number];
type Name = 'w0' | 'w1' | 'w2' | 'w3';
type Ghost = 'seen0' | 'seen1' | 'seen2' | 'sum';

function instructions(random: Random, dies: boolean): Instruction[] {
  const kinds = dies ? KINDS : KINDS.slice(0, -1);
  return Array.from({ length: 1 + random(4) }, () => {
    return [kinds[random(kinds.length)], random(WORDS), random(2), random(2)] as const;
  });
}

/** Runs instructions; what they give becomes a ghost at the end. */
const bodyOf =
  (program: readonly Instruction[], index: number): Body<Name, Ghost> =>
  ({ words }, thread) => {
    let seen = 1;
    const see = (result: unknown) => {
      seen = (seen * 31 + (typeof result === 'number' ? result : String(result).length)) | 0;
      thread.ghost.set(`seen${index}` as Ghost, seen);
    };
    for (const [kind, word, a, b] of program) {
      if (kind === 'load') see(Atomics.load(words, word));
      else if (kind === 'store') Atomics.store(words, word, a);
      else if (kind === 'write') words[word] = a;
      else if (kind === 'add') see(Atomics.add(words, word, 1));
      else if (kind === 'compareExchange') see(Atomics.compareExchange(words, word, a, b));
      else if (kind === 'wait') see(Atomics.wait(words, word, a, b === 0 ? 10 : undefined));
      else if (kind === 'notify') see(Atomics.notify(words, word, 1 + a));
      else if (kind === 'choose') see(thread.choose(2));
      else if (kind === 'joinDead') see(thread.joinDead());
      else if (kind === 'later') thread.later(() => see(Atomics.add(words, word, 1)));
      else if (kind === 'waitAsync') {
        const { async, value } = Atomics.waitAsync(words, word, a, 10);
        if (async) value.then((how) => see(Atomics.load(words, word) + how.length));
      } else thread.step();
      thread.ghost.add('sum', word + 1);
    }
  };

const whileFree = ({ w0 }: { readonly w0: number }): boolean => w0 === 0;

/** @param copies - How many more threads are copies of the first. */
function randomScenario(random: Random, copies: number): Scenario<Name, Ghost> {
  const kills = random(4) === 0 ? 1 : 0;
  const threads = Array.from({ length: 2 + random(2) }, (_, index) => {
    const program = instructions(random, kills > 0);
    const killable = random(2) === 0 ? true : random(2) === 0 ? false : whileFree;
    return { run: bodyOf(program, index), killable };
  });
  for (let each = 0; each < copies; each++) threads.unshift({ ...threads[0] });
  if (threads.length > 3) threads.pop();
  const [one, other, limit] = [`w${random(WORDS)}` as Name, `w${random(WORDS)}` as Name, 2 + random(3)];
  const bound = random(3) === 0 ? { preemptionBound: random(3) } : {};
  return {
    memory: { w0: 0, w1: 0, w2: 0, w3: 0 },
    maxStates: 30_000,
    ghosts: { seen0: 0, seen1: 0, seen2: 0, sum: 0 },
    threads,
    kills,
    ...bound,
    plain: ['w0', 'w1', 'w2', 'w3'],
    memoryModel: random(4) === 0 ? 'tso' : 'sc',
    ...(random(2) === 0 ? {} : { invariant: (values) => values[one] + values[other] < limit }),
    outcome: (values) => Object.values(values).join(),
  };
}

/** Its verdict, and its outcomes where it does not fail. */
function findings({ verdict, outcomes }: Result): unknown {
  return verdict === 'failed' ? verdict : [verdict, [...outcomes.keys()].sort()];
}

/** How many states of random programs a search with some of the reductions has, and how many the whole search. */
function compared(
  copies: number,
  reductionsOf: (scenario: Scenario<string, string>) => Parameters<typeof explored>[2],
): readonly [states: number, all: number] {
  const random = randomFrom(Number(process.env.REDUCTION_SEED ?? 11));
  let [states, all] = [0, 0];
  for (let each = 0; each < PROGRAMS; each++) {
    const scenario = randomScenario(random, copies) as unknown as Scenario<string, string>;
    const [reduced, whole] = withSimulation(false, () => [
      explored(scenario, {}, reductionsOf(scenario)),
      explored(scenario, {}, { reduces: false }),
    ]);
    // A program that is too large for the whole search says nothing about the reduced one.
    if (whole.verdict === 'incomplete') continue;
    assert.equal(findings(reduced), findings(whole), `program ${each}: ${reduced}\n${whole}`);
    if (whole.verdict !== 'ok') continue;
    states += reduced.states;
    all += whole.states;
  }
  return [states, all];
}

test('finds what the whole search finds, in random programs', () => {
  const [states, all] = compared(0, () => ({ reduces: true }));
  assert.ok(states < 0.8 * all, `${states} of ${all} states`);
});

test(
  'finds what the whole search finds by the symmetry of equal threads, in random programs',
  () => {
    const [states, all] = compared(1, (scenario) => ({ reduces: false, peers: Peers.of(scenario) }));
    assert.ok(states < 0.8 * all, `${states} of ${all} states`);
    const [fewer] = compared(1, (scenario) => ({ reduces: true, peers: Peers.of(scenario) }));
    assert.ok(fewer < 0.8 * states, `${fewer} of ${states} states`);
  },
  { limit: 240_000 },
);

test('steps that have nothing to do with each other are explored in one order', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const memory = Object.fromEntries(names.map((name) => [name, 0]));
  const threads = names.map(
    (name): Body =>
      ({ words, at }) => {
        for (let each = 0; each < 5; each++) Atomics.add(words, at[name], 1);
      },
  );
  const scenario: Scenario = { memory, threads, final: ({ a, f }) => a === 5 && f === 5 };
  const result = explore(scenario);
  assert.is(result.verdict, 'ok');
  assert.ok(result.states < 100, String(result));
  assert.is(explore(scenario, { reduction: false }).states, 6 ** 6);
});

test('a failure still has a shortest schedule, also where the reduced search meets it at once', () => {
  const waking: Body = ({ words, at }) => {
    Atomics.store(words, at.other, 0);
    Atomics.notify(words, at.word, 2);
    Atomics.notify(words, at.word, 2);
    Atomics.load(words, at.other);
  };
  const choosing: Body = ({ words, at }, thread) => {
    for (let each = 0; each < 5; each++) thread.choose(2);
    Atomics.store(words, at.word, 1);
  };
  const sleeping: Body = ({ words, at }) => {
    for (let each = 0; each < 2; each++) {
      for (let seen = -1, read = 0; seen !== read; ) {
        read = Atomics.load(words, at.word);
        seen = Atomics.compareExchange(words, at.word, read, read + 1);
      }
      Atomics.wait(words, at.word, 2);
    }
  };
  const scenario: Scenario = { memory: { word: 0, other: 0 }, threads: [waking, choosing, sleeping] };
  const [reduced, whole] = [explore(scenario), explore(scenario, { reduction: false })];
  assert.is(reduced.failure?.kind, 'deadlock');
  assert.is(reduced.failure?.schedule.steps.length, whole.failure?.schedule.steps.length);
});

test('a failure still has a shortest schedule', () => {
  const busy: Body = ({ words, at }) => {
    for (let each = 0; each < 40; each++) Atomics.add(words, at.busy, 1);
  };
  const lost: Body = ({ words, at }) => {
    for (let each = 0; each < 3; each++) Atomics.store(words, at.count, Atomics.load(words, at.count) + 1);
  };
  const scenario: Scenario = {
    memory: { busy: 0, idle: 0, count: 0 },
    threads: [busy, ({ words, at }) => void Atomics.load(words, at.idle), lost, lost],
    invariant: ({ count }) => count < 6 || 'counted far',
  };
  const [reduced, whole] = [explore(scenario), explore(scenario, { reduction: false })];
  assert.is(reduced.verdict, 'failed');
  assert.is(reduced.failure?.schedule.steps.length, whole.failure?.schedule.steps.length);
});

test.run();
