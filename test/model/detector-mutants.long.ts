// Each rule of the deadlock detector has a mutant, which a scenario of the checker or a test of the rules must catch.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { compiled, Nursery } from './nursery.js';

/** A rule, the compiled module that has it, and what a mutant makes of it. */
const mutants: readonly (readonly [rule: string, file: string, from: string, to: string])[] = [
  ['a wait with a time-out is no edge', 'recover/cycle', '&& !wait.ends', ''],
  ['a wait is looked for in all arenas', 'recover/cycle', '[words, ...arenas]', '[words]'],
  ['the dead hold nothing', 'recover/cycle', '!isLive(last.words, holder)', 'false'],
  ['a circle ends where it began', 'recover/cycle', 'identity === first.identity', 'seen.has(identity)'],
  ['all are still in the same waits', 'recover/cycle', 'waitOf(words, agent)?.wait === wait.wait', 'true'],
  ['another wait makes another circle', 'recover/cycle', ' && wait.wait === same.wait.wait', ''],
  ['another arena does, too', 'recover/cycle', 'words === same.words &&', ''],
  ['two looks find the same', 'recover/detector', 'areSame(circle, before) &&', ''],
  ['there are two', 'recover/detector', 'circle === undefined || before === undefined', 'circle === undefined'],
  ['and no look between them finds less', 'recover/detector', 'this.#seen = circle;', 'this.#seen = circle ?? before;'],
  ['it stands after the second', 'recover/detector', '&& stands(circle)', ''],
  ['the first look is after 50 ms', 'recover/detector', 'FIRST_LOOK = 50', 'FIRST_LOOK = 10'],
  ['the next when it has waited twice as long', 'recover/detector', 'this.#nextLook *= 2', 'this.#nextLook += 10'],
  ['a wait has looks of its own', 'recover/detector', 'if (words !== this.#words || wait.wait', 'if (wait.wait'],
  ['and at its own times', 'recover/detector', 'this.#nextLook = FIRST_LOOK;\n', '\n'],
  ['who waits for a limited time does not look', 'recover/detector', 'if (wait.ends)', 'if (false)'],
  ['the last that began to wait acts', 'recover/detector', 'later > 0', 'later < 0'],
  ['of two in the same ms one acts', 'recover/detector', 'later === 0 && step.identity > last.identity', 'later === 0'],
  ['the others do not', 'recover/detector', 'last === me ?', 'true ?'],
  ['a Lock may be released by anybody', 'recover/detector', '!isLock(words, cell) ||', 'true ||'],
  ['unless it was made to throw', 'recover/detector', 'throwsOnDeadlock(words, owner)', 'false'],
  ['who waits for a GIL cannot give up', 'recover/detector', '!isGIL(words, wait.cell)', 'true'],
  ['one of them reports', 'recover/detector', '|| lastOf(circle) !== me', ''],
  ['once', 'recover/detector', '|| this.#reported', ''],
  ['nothing is said of who waits for a sign', 'recover/detector', 'circle.length === 1 ||', ''],
  ['who is named holds what the one before waits for', 'recover/deadlock', '(i + things.length - 1)', '(i + 1)'],
  ['a writer holds an RWLock', 'recover/holders', 'if (slot >= 0)', 'if (false)'],
  ['readers hold it', 'recover/holders', '(word & HOLDERS) === 0', 'true'],
  [
    'a party of before a reset holds up nobody',
    'core/memory/records',
    'Atomics.load(words, record + LINK) === deaths && ',
    '',
  ],
  ['only those whose actions others wait for', 'core/memory/records', '=== deaths && accept(record)', '=== deaths'],
  ['as long as they read', 'recover/holders', '|| countInRecord(words, record) === 0', ''],
];

const test = suite('a mutant of the detector is caught');
/** How long one may be hunted, in ms. */
const LIMIT = { limit: 300_000 };
const nursery = new Nursery();
test.after(() => nursery.close());

test('the detector itself passes', async () => {
  const file = 'recover/cycle.js';
  assert.ok(await nursery.passes({ file, text: compiled(file) }, 'recover', 'detector.test.js'));
});

for (const [rule, module, from, to] of mutants) {
  test(
    rule,
    async () => {
      const file = `${module}.js`;
      const text = compiled(file);
      assert.is(text.split(from).length, 2, `${from} is not there once`);
      const mutant = { file, text: text.replace(from, () => to) };
      const isCaught =
        !(await nursery.passes(mutant, 'recover', 'detector.test.js')) ||
        (await nursery.hunt(mutant, ['deadlocks'])) !== undefined;
      assert.ok(isCaught, 'it was not caught');
    },
    LIMIT,
  );
}

test.run();
