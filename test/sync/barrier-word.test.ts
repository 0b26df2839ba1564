// The transitions of a barrier's word, one row each, as the table in sync/barrier-word.ts has them.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ASYNC, BLOCKED } from '#dist/core/memory/owner.js';
import {
  abort,
  arrive,
  BROKEN,
  countOf,
  DEATH_ADDS,
  DEATH_KEEPS,
  DEATH_SETS,
  DRAINING,
  EVIDENCE,
  endFilling,
  epochOf,
  FILLING,
  giveUp,
  isFilling,
  isOpen,
  leave,
  MAX_PARTIES,
  phaseOf,
  RESETTING,
  reset,
  type Transition,
} from '#dist/sync/barrier-word.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';

const test = suite('barrier word');

const PHASES = { FILLING, DRAINING, RESETTING, BROKEN } as const;
type Phase = keyof typeof PHASES;
type State = readonly [phase: Phase, count: number];

const PARTIES = 3;
const EPOCH = 5;

const wordOf = (phase: Phase, count: number, epoch = EPOCH, evidence = 0): number =>
  (epoch << 18) | (count << 4) | PHASES[phase] | evidence;
const stateOf = (word: number): State => {
  const found = (Object.keys(PHASES) as Phase[]).find((phase) => PHASES[phase] === phaseOf(word));
  return [found ?? 'FILLING', countOf(word)];
};

const TABLE: readonly (readonly [what: string, transition: Transition, from: State, to: State | undefined])[] = [
  ['the first arrives', arrive(PARTIES), ['FILLING', 0], ['FILLING', 1]],
  ['the last arrives', arrive(PARTIES), ['FILLING', 2], ['FILLING', 3]],
  ['one too many arrives', arrive(PARTIES), ['FILLING', 3], undefined],
  ['one arrives while others leave', arrive(PARTIES), ['DRAINING', 2], undefined],
  ['one arrives while others leave after a reset', arrive(PARTIES), ['RESETTING', 1], undefined],
  ['one arrives at a broken one', arrive(PARTIES), ['BROKEN', 0], undefined],

  ['the action has run', endFilling(EPOCH, DRAINING), ['FILLING', 3], ['DRAINING', 3]],
  ['the action has failed', endFilling(EPOCH, BROKEN), ['FILLING', 3], ['BROKEN', 3]],
  ['the action has run, and it was broken meanwhile', endFilling(EPOCH, DRAINING), ['BROKEN', 3], undefined],
  ['the action has run, and it was reset meanwhile', endFilling(EPOCH, DRAINING), ['RESETTING', 3], undefined],
  ['the action has run, and one has died meanwhile', endFilling(EPOCH - 1, DRAINING), ['FILLING', 3], undefined],

  ['one of two gives up', giveUp(EPOCH, PARTIES), ['FILLING', 2], ['BROKEN', 2]],
  ['one gives up when all have arrived', giveUp(EPOCH, PARTIES), ['FILLING', 3], undefined],
  ['one gives up when it is broken', giveUp(EPOCH, PARTIES), ['BROKEN', 2], undefined],
  ['one gives up when others leave', giveUp(EPOCH, PARTIES), ['DRAINING', 2], undefined],
  ['one gives up that was counted before a death', giveUp(EPOCH - 1, PARTIES), ['FILLING', 1], undefined],

  ['one of three leaves', leave(EPOCH), ['DRAINING', 3], ['DRAINING', 2]],
  ['the last leaves', leave(EPOCH), ['DRAINING', 1], ['FILLING', 0]],
  ['one of two leaves after a reset', leave(EPOCH), ['RESETTING', 2], ['RESETTING', 1]],
  ['the last leaves after a reset', leave(EPOCH), ['RESETTING', 1], ['FILLING', 0]],
  ['one leaves a broken one', leave(EPOCH), ['BROKEN', 2], ['BROKEN', 1]],
  ['the last leaves a broken one', leave(EPOCH), ['BROKEN', 1], ['BROKEN', 0]],
  ['one leaves that was counted before a death', leave(EPOCH - 1), ['BROKEN', 1], undefined],

  ['it is broken while parties arrive', abort, ['FILLING', 2], ['BROKEN', 2]],
  ['it is broken when empty', abort, ['FILLING', 0], ['BROKEN', 0]],
  ['it is broken while parties leave', abort, ['DRAINING', 2], ['BROKEN', 2]],
  ['it is broken while parties leave after a reset', abort, ['RESETTING', 2], ['BROKEN', 2]],
  ['it is broken twice', abort, ['BROKEN', 2], undefined],

  ['an empty one is reset', reset(PARTIES), ['FILLING', 0], undefined],
  ['it is reset while parties arrive', reset(PARTIES), ['FILLING', 2], ['RESETTING', 2]],
  ['it is reset when all have arrived', reset(PARTIES), ['FILLING', 3], undefined],
  ['it is reset while parties leave', reset(PARTIES), ['DRAINING', 2], undefined],
  ['it is reset twice', reset(PARTIES), ['RESETTING', 2], undefined],
  ['a broken one is reset that all have left', reset(PARTIES), ['BROKEN', 0], ['FILLING', 0]],
  ['a broken one is reset that not all have left', reset(PARTIES), ['BROKEN', 3], ['RESETTING', 3]],
];

for (const [what, transition, from, to] of TABLE) {
  test(`${what}: ${from.join(' ')} → ${to?.join(' ') ?? 'as it was'}`, () => {
    const next = transition(wordOf(...from));
    assert.equal(next === undefined ? undefined : stateOf(next), to);
    if (next !== undefined) assert.is(epochOf(next), EPOCH);
  });
}

test('the evidence of waiters is taken out by a change of phase, and by nothing else', () => {
  for (const [what, transition, [phase, count]] of TABLE) {
    for (const evidence of [BLOCKED, ASYNC, EVIDENCE]) {
      const next = transition(wordOf(phase, count, EPOCH, evidence));
      if (next === undefined) continue;
      const changed = phaseOf(next) !== PHASES[phase];
      assert.is(next & EVIDENCE, changed ? 0 : evidence, what);
    }
  }
});

test('every word gives back what was put into it, and has 30 bits', () =>
  holds(
    fc.record({
      phase: fc.constantFrom<Phase>('FILLING', 'DRAINING', 'RESETTING', 'BROKEN'),
      count: fc.nat(MAX_PARTIES),
      epoch: fc.nat(2 ** 12 - 1),
      evidence: fc.constantFrom(0, BLOCKED, ASYNC, EVIDENCE),
    }),
    ({ phase, count, epoch, evidence }) => {
      const word = wordOf(phase, count, epoch, evidence);
      assert.ok(word >= 0 && word < 2 ** 30);
      assert.equal([...stateOf(word), epochOf(word), word & EVIDENCE], [phase, count, epoch, evidence]);
      assert.is(isFilling(word, epoch), phase === 'FILLING');
      assert.not(isFilling(word, epoch + 1));
      assert.is(isOpen(word, PARTIES), phase === 'FILLING' && count < PARTIES);
    },
  ));

function after(word: number, transition: Transition): number {
  const next = transition(word);
  if (next === undefined) throw new Error(`nothing to change in ${stateOf(word)}`);
  return next;
}

test('all the parties that fit into a word arrive and leave', () => {
  let word = wordOf('FILLING', 0);
  for (let i = 0; i < MAX_PARTIES; i++) word = after(word, arrive(MAX_PARTIES));
  assert.is(arrive(MAX_PARTIES)(word), undefined);
  word = after(word, endFilling(EPOCH, DRAINING));
  for (let i = 0; i < MAX_PARTIES; i++) word = after(word, leave(EPOCH));
  assert.is(word, wordOf('FILLING', 0));
});

test('a death leaves it broken and empty in the next epoch, after the 2048th in the first again', () =>
  holds(
    fc.record({
      phase: fc.constantFrom<Phase>('FILLING', 'DRAINING', 'RESETTING', 'BROKEN'),
      count: fc.nat(MAX_PARTIES),
      epoch: fc.oneof(fc.nat(2 ** 11), fc.constantFrom(2 ** 11 - 1, 2 ** 11)),
    }),
    ({ phase, count, epoch }) => {
      const word = wordOf(phase, count, epoch, EVIDENCE);
      const next = ((word & DEATH_KEEPS) | DEATH_SETS) + DEATH_ADDS;
      assert.equal(stateOf(next), ['BROKEN', 0]);
      assert.is(epochOf(next), (epoch % 2 ** 11) + 1);
      assert.is(next & EVIDENCE, 0);
    },
  ));

test.run();
