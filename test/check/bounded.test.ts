// Livelocks within a preemption bound: a schedule that is left out may end a loop, so one is reported only where none was.
import { type Body, explore, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { type Random, randomFrom } from '#dist/check/random.js';
import { suite } from '../support/suite.js';

const test = suite('livelocks within a bound');

type Name = 'x' | 'y';
const NAMES: readonly Name[] = ['x', 'y'];
/** More than any of the programs can have. */
const WIDE = 12;
const PROGRAMS = 200;

const waitsFor =
  (name: Name, wanted: number): Body<Name> =>
  ({ words, at }) => {
    while (Atomics.load(words, at[name]) !== wanted);
  };

test('a spin that nobody ends is found however few preemptions there may be', () => {
  const threads = [waitsFor('x', 1)];
  const { failure } = explore({ memory: { x: 0, y: 0 }, threads, preemptionBound: 0 });
  assert.is(failure?.kind, 'livelock');
});

test('a spin that another thread ends is no livelock, though without a preemption that thread gets no turn', () => {
  const setter: Body<Name> = ({ words, at }) => {
    Atomics.store(words, at.y, 1);
    while (Atomics.load(words, at.y) !== 2);
    Atomics.store(words, at.x, 1);
  };
  const other: Body<Name> = ({ words, at }) => {
    waitsFor('y', 1)({ words, at } as never, undefined as never);
    Atomics.store(words, at.y, 2);
  };
  for (const preemptionBound of [0, 1, 2]) {
    const scenario = { memory: { x: 0, y: 0 }, threads: [waitsFor('x', 1), setter, other], preemptionBound };
    assert.is(explore(scenario).verdict, 'ok');
  }
});

/** A thread of some stores and spins. */
function randomThread(random: Random): Body<Name> {
  const steps = Array.from({ length: 1 + random(3) }, () => [random(2), NAMES[random(2)], random(2)] as const);
  return ({ words, at }) => {
    for (const [kind, name, value] of steps) {
      if (kind === 0) Atomics.store(words, at[name], value);
      else while (Atomics.load(words, at[name]) !== value);
    }
  };
}

test('what is found within a bound is found without it, and a wide bound finds everything', () => {
  const random = randomFrom(7);
  let [found, narrow] = [0, 0];
  for (let each = 0; each < PROGRAMS; each++) {
    const threads = Array.from({ length: 2 + random(2) }, () => randomThread(random));
    const scenario: Scenario<Name> = { memory: { x: 0, y: 0 }, threads };
    const { verdict } = explore(scenario);
    if (verdict === 'failed') found++;
    for (const preemptionBound of [0, 1]) {
      const within = explore({ ...scenario, preemptionBound });
      if (within.verdict !== 'failed') continue;
      narrow++;
      assert.is(verdict, 'failed', `program ${each}: ${within}`);
    }
    assert.is(explore({ ...scenario, preemptionBound: WIDE }).verdict, verdict, `program ${each}`);
  }
  assert.ok(found > PROGRAMS / 10 && narrow > found / 2, `${found} of them fail, ${narrow} within a bound`);
});

test.run();
