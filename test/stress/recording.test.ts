import { catalogue, type Recording, recordOutcome, type StressTest, selectTests } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import * as races from './fixtures/races.fixture.js';

const test = suite('recording');

const SECONDS = 40;
const pick = (name: string): StressTest => selectTests(catalogue, [name])[0];

async function recordingOf(race: StressTest, result: string): Promise<Recording> {
  const recording = await recordOutcome(race, result, { seconds: SECONDS });
  assert.ok(recording, `${race.name}: no iteration ended with ${result}`);
  return recording as Recording;
}
const textsOf = ({ steps }: Recording, actor: number): string[] =>
  steps.flatMap((step) => (step.actor === actor ? [step.text] : []));

/** What each access ought to have seen if the recorded order is the one in which they happened. */
function assertConsistent({ steps }: Recording, words: Readonly<Record<string, number>>): void {
  const memory: Record<string, number> = { ...words };
  for (const { text, order } of steps) {
    const [, kind, word, value] = /^(read|load|write|store)[ (](\w+)[^-\d]+(-?\d+)\)?$/.exec(text) ?? [];
    if (kind === 'read' || kind === 'load') assert.is(Number(value), memory[word], `${order}: ${text}`);
    else if (kind !== undefined) memory[word] = Number(value);
  }
}

test('a lost update shows both reads before either write, in the order in which they happened', async () => {
  const race = pick('lost-update/unprotected');
  const recording = await recordingOf(race, 'lost');
  assert.equal([recording.result, recording.actors, recording.steps.length], ['lost', 2, 4]);
  for (const actor of [0, 1]) assert.equal(textsOf(recording, actor), ['read counter → 0', 'write counter ← 1']);
  assert.match(recording.steps[1].text, /^read/);
  assertConsistent(recording, race.words);
});

test('order and time of all steps go together, and every access saw what was written before it', async () => {
  const race = pick('torn-read/atomics');
  for (const result of ['0 0', '1 1', '1 0']) {
    const recording = await recordingOf(race, result);
    recording.steps.forEach((step, at) => {
      const before = recording.steps[at - 1];
      if (before) assert.ok(before.order < step.order && before.at <= step.at);
    });
    assertConsistent(recording, race.words);
  }
});

test('calls to a primitive have an end, which comes after what they had to wait for', async () => {
  const recording = await recordingOf(pick('if-for-while/while'), 'one each');
  const calls = recording.steps.filter(({ text }) => text.startsWith('condition.'));
  assert.ok(calls.length > 0);
  const inside = new Set<number>();
  const moments = calls.flatMap(({ actor, text, order, end }) => {
    assert.ok(end && end.order > order, text);
    const gets = text === 'condition.acquire()' || text.startsWith('condition.wait');
    const gives = text === 'condition.release()' || text.startsWith('condition.wait');
    return [
      ...(gives ? [{ order, actor, enters: false }] : []),
      ...(gets ? [{ order: end?.order ?? 0, actor, enters: true }] : []),
    ];
  });
  for (const { actor, enters } of moments.sort((one, other) => one.order - other.order)) {
    if (!enters) inside.delete(actor);
    else assert.equal([...inside.add(actor)], [actor], 'the lock was held by one at a time');
  }
});

test('in a hang the calls that never returned have no end', async () => {
  const { steps } = await recordingOf(pick('deadlock/opposite-order'), 'hang');
  for (const actor of [0, 1]) {
    const own = steps.filter((step) => step.actor === actor);
    assert.match(own[0].end?.text ?? '', /true/);
    assert.is(own.length, 2);
    assert.is(own[1].end, undefined);
  }
});

test('an error that a primitive throws is recorded', async () => {
  const { steps } = await recordingOf(pick('over-release/rlock'), 'refused');
  assert.ok(steps.some(({ end }) => /^throws RLock#\d+ /.test(end?.text ?? '')));
});

test('the record of an iteration that ends in an error ends there', async () => {
  const { result, steps } = await recordingOf(races.throwsLate, 'error: broken on purpose');
  assert.is(result, 'error: broken on purpose');
  assert.equal(
    steps.map(({ actor, text, end }) => [actor, text, end]),
    [
      [0, 'read counter → 0', undefined],
      [0, 'write counter ← 1', undefined],
    ],
  );
});

test('an iteration in which nothing can be recorded is still found', async () => {
  assert.equal((await recordingOf(pick('gil/add'), 'exact')).steps, []);
});

test('a row that stands for many results is recorded by its name', async () => {
  assert.is((await recordingOf(races.gathered, '/^\\d+ played$/')).result, '/^\\d+ played$/');
});

test('looking again and again is one step, and an endless iteration is cut off', async () => {
  const { steps } = await recordingOf(races.looksLong, 'over');
  assert.is(steps.filter(({ text }) => text === 'load(bed) → 0').length, 1);
  assert.is(steps[0].end?.text, 'again, 1000 ×');
  assert.is(steps.length, 200);
});

test('what does not come in time, or is no longer wanted, is not recorded', async () => {
  assert.is(await recordOutcome(races.steady, 'hang', { seconds: 0.3 }), undefined);
  assert.is(await recordOutcome(races.steady, '5 played', { seconds: 0.3 }), undefined);
  assert.is(await recordOutcome(races.steady, '2 played', { signal: AbortSignal.abort() }), undefined);
});

test('options that recordOutcome does not know, or out of range, are refused', async () => {
  for (const [options, message] of [
    [{ second: 1 }, "recordOutcome has no option 'second'; did you mean 'seconds'?"],
    [null, 'options must be an object'],
    [{ seconds: 0 }, 'seconds must be above 0 and at most 2000000, not 0'],
    [{ seconds: Number.NaN }, 'seconds must be above 0 and at most 2000000, not NaN'],
    [{ seconds: 2 ** 31 }, 'seconds must be above 0 and at most 2000000, not 2147483648'],
    [{ signal: 1 }, 'signal must be an AbortSignal'],
  ] as const) {
    const error = await recordOutcome(races.steady, '2 played', options as never).catch((reason: unknown) => reason);
    assert.match(String(error), message);
  }
});

test.run();
