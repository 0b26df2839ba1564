import * as assert from 'uvu/assert';
import type { CrewData, Order } from './crew.worker.js';
import { suite } from './suite.js';
import { Crew, type CrewOptions, until } from './workers.js';

const test = suite('Crew');
const WORKER = new URL('./crew.worker.js', import.meta.url);

async function start<Result>(order: Order, options: CrewOptions = {}) {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const workerData: CrewData = { order, memory };
  return { crew: await Crew.start<Result>(WORKER, { ...options, workerData }), memory };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('collects the results in the order of the workers', async () => {
  const { crew, memory } = await start<number>('add', { count: 4 });
  assert.equal(await crew.done(), [0, 1, 2, 3]);
  assert.is(Atomics.load(memory, 0), 4000);
});

test('speaks with one worker, by kind of message', async () => {
  const { crew } = await start<string>('answer', { count: 2 });
  const [, second] = crew.members;
  assert.is(await second.next('question'), 1);
  second.tell('answer', '42');
  assert.is(await second.result(), '42 to 1');
  assert.is(await second.next('other'), 'unread');
});

test('has the workers running while the test blocks its thread', async () => {
  const { memory } = await start('add');
  let seen = 0;
  while (seen < 1000) {
    Atomics.wait(memory, 0, seen, 1);
    seen = Atomics.load(memory, 0);
  }
  assert.is(seen, 1000);
});

test("hands on a worker's error with its stack", async () => {
  const { crew } = await start('throw');
  const error = await failure(crew.done());
  assert.instance(error, RangeError);
  assert.is(error.message, 'worker 0 of crew.worker.js: out of cheese');
  assert.match(error.stack ?? '', /crew\.worker\.js:\d+/);
  assert.is(await crew.members[0].failure(), error);
});

test('refuses to call an end without an error a failure', async () => {
  const { crew } = await start('end');
  const { message } = await failure(crew.members[0].failure());
  assert.is(message, "worker 0 of crew.worker.js (the last it told was 'result') threw nothing");
});

test('names the workers that gave no result in time, and what they told last', async () => {
  const { crew } = await start('sleep unless first', { count: 3 });
  await Promise.all(crew.members.slice(1).map((member) => member.next('asleep')));
  await until(() => crew.members[0].ended);
  const { message } = await failure(crew.done(50));
  assert.is(
    message,
    "no 'result' within 50 ms from worker 1 of crew.worker.js (the last it told was 'asleep'), " +
      "worker 2 of crew.worker.js (the last it told was 'asleep')",
  );
});

test('says that a worker ended without a result', async () => {
  const { crew } = await start('exit');
  const { message } = await failure(crew.done());
  assert.is(message, "worker 0 of crew.worker.js (the last it told was 'ready') ended with code 3");
});

test('lets a worker end by itself when its work is done', async () => {
  const { crew } = await start('end');
  await until(() => crew.members[0].ended);
  assert.equal(await crew.done(), ['ended']);
});

test('leaves terminated workers out of the results', async () => {
  const { crew } = await start<string>('sleep unless first', { count: 2 });
  await crew.members[1].next('asleep');
  await crew.members[1].terminate();
  assert.ok(crew.members[1].ended);
  assert.equal(await crew.done(), ['awake']);
});

let sleeper: Crew | undefined;
test('is left asleep by one test …', async () => {
  sleeper = (await start('sleep')).crew;
  await sleeper.members[0].next('asleep');
  assert.not(sleeper.members[0].ended);
});

test('… and has ended before the next one', () => {
  assert.ok(sleeper?.members[0].ended);
});

test('until() waits for a condition, and names it when the time is over', async () => {
  let asked = 0;
  assert.is(await until(() => ++asked === 3 && 'now'), 'now');
  const { message } = await failure(until(() => false, { ms: 5, what: 'the moon is blue' }));
  assert.is(message, 'not so within 5 ms: the moon is blue');
});

test.run();
