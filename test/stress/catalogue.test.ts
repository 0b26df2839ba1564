// The races by which the package shows what it prevents. Here each is played for a moment, by workers that stay for all of
// them; `npm run stress` plays each for longer, by workers of its own.
import { setTimeout } from 'node:timers/promises';
import {
  Arena,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  share,
} from 'atomics-sync-free';
import { catalogue, type StressTest, subjectOf, type TestReport } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { headOf } from '#dist/cli/explain.js';
import { buildReport } from '#dist/stress/report.js';
import { buildStage, tallyOf, Word } from '#dist/stress/stage.js';
import { processors } from '#host';
import { suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { Engagement, Seen } from './company.worker.js';

const test = suite('stress catalogue');

const races = new Map<string, typeof catalogue>();
for (const each of catalogue) {
  const race = each.name.split('/')[0];
  races.set(race, [...(races.get(race) ?? []), each]);
}

test('names are unique, and made of race and variant', () => {
  assert.is(new Set(catalogue.map(({ name }) => name)).size, catalogue.length);
  for (const { name } of catalogue) assert.match(name, /^[a-z]+(-[a-z]+)*\/[a-z]+(-[a-z]+)*$/);
});

test('every race has a form in which it is possible and one in which it is forbidden', () => {
  for (const [race, variants] of races) {
    const expected = (expectation: string): boolean =>
      variants.some(({ outcomes }) => outcomes.some((outcome) => outcome.expectation === expectation));
    assert.ok(expected('INTERESTING'), `${race} has no broken form`);
    assert.ok(expected('FORBIDDEN'), `${race} has no repaired form`);
  }
});

test('every test can see something right', () => {
  for (const { name, outcomes } of catalogue) {
    assert.ok(
      outcomes.some(({ expectation }) => expectation === 'ACCEPTABLE'),
      name,
    );
  }
});

test('every test has a subject, and every primitive is one', () => {
  const subjects = new Set(catalogue.map(subjectOf));
  assert.not.ok(subjects.has('other'));
  for (const primitive of [Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock]) {
    assert.ok(subjects.has(primitive.name), primitive.name);
  }
});

test('every race’s module explains it, and shows a run with every outcome of every variant', async () => {
  for (const test of catalogue) {
    const head = (await headOf(test)) ?? '';
    const variant = test.name.split('/')[1];
    const row = head.split('\n').find((line) => line.startsWith(`    ${variant} `)) ?? '';
    for (const { result } of test.outcomes) {
      assert.match(row, new RegExp(`(^| · | {2})${result} [\\d,]+( · |$)`), `${test.name}: ${result}`);
    }
  }
});

const actorsOf = ({ everyonePlaysOne, actors }: StressTest): number => (everyonePlaysOne ? 2 : actors.length);
/** How long each is played, in ms. */
const MOMENT = 10;
/** Iterations of a batch: few, so that its end comes soon. */
const CAPACITY = 64;

const WORKER = new URL('./company.worker.js', import.meta.url);
const MOST = Math.max(...catalogue.map(actorsOf));

let company: Crew | undefined;
test.after(dismiss);

/** Ends the workers; those of a race that went wrong may hang. */
async function dismiss(): Promise<void> {
  const ended = company?.end();
  company = undefined;
  await ended;
}

/** Plays a test for a moment. */
async function see(test: StressTest): Promise<TestReport> {
  company ??= await Crew.start(WORKER, { count: MOST, outlivesTest: true });
  const actors = actorsOf(test);
  const cast = company.members.slice(0, actors);
  const stage = buildStage(test, actors, Math.min(test.batch ?? CAPACITY, CAPACITY));
  const primitives = share(test.primitives?.(new Arena({ agents: actors + 1 })) ?? {});
  const { module, name } = test;
  for (const [actor, member] of cast.entries()) {
    const part = { module, test: name, primitives, stage, actor, actors, roomy: actors <= processors() };
    member.tell('part', part satisfies Engagement);
  }
  await Promise.all(cast.map((member) => member.next('plays')));
  await setTimeout(MOMENT);
  // On a busy machine they may not have begun.
  await until(() => stage.tally[tallyOf(0).walked] > 0);
  Atomics.store(stage.control, Word.stop, 1);
  const seen = (await Promise.all(cast.map((member) => member.next<Seen>('seen')))).flat();
  const samples = new Map<string, number>();
  for (const [result, count] of seen) samples.set(result, (samples.get(result) ?? 0) + count);
  return buildReport(test, { samples, walked: 0, overlapped: 0 }, actors, MOMENT / 1_000);
}

/** A worker that may hang, or throw, would not be there for the next test. */
const mayStop = ({ outcomes }: StressTest): boolean =>
  outcomes.some(({ result, expectation }) => /^(hang|error)/.test(String(result)) && expectation !== 'FORBIDDEN');

for (const [race, variants] of races) {
  const played = variants.filter((variant) => !mayStop(variant));

  test(`nothing forbidden is seen in ${race}`, async () => {
    assert.ok(played.some(({ outcomes }) => outcomes.some(({ expectation }) => expectation === 'FORBIDDEN')));
    for (const variant of played) {
      const { name, verdict, reason } = await see(variant).catch(async (error: unknown) => {
        await dismiss();
        throw error;
      });
      assert.is.not(verdict, 'FAILED', `${name}: ${reason}`);
    }
  });
}

test.run();
