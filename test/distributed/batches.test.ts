// What a program leaves on the server of batches that it gives up, and keeps there of those that it awaits, with a fake server.
import * as assert from 'uvu/assert';
import { Batches, type Way } from '#dist/bullmq/batches.js';
import { fetchCarried, namesIn } from '#dist/bullmq/queue.js';
import type { Server } from '#dist/distributed/server.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('batches of a program');

const names = namesIn('n');
const JOB = 's-1';
const PARTS = [names.parts(JOB, 'arguments'), names.parts(JOB, 'result')];
const LARGE = new Uint8Array(1_000_001);

/** A server that notes what it is asked for, and a queue; each waits where it is told to. */
function fake() {
  const asked: string[] = [];
  const passing = new Map<string, Promise<unknown>>();
  const note = async (...words: readonly unknown[]): Promise<unknown> => {
    asked.push(words.join(' '));
    await passing.get(String(words[0]));
    if (words[0] === 'HMGET') return [1, 2, JSON.stringify({ parts: PARTS[1] }), null];
    return words[0] === 'PUBSUB' ? ['', 1] : null;
  };
  const server = {
    label: 'fake',
    command: note,
    commands: (list: readonly (readonly unknown[])[]) => Promise.all(list.map((each) => note(...each))),
    run: (_: string, __: unknown, [, number]: readonly number[]) => note('append').then(() => number + 1),
    bytes: () => Promise.resolve([]),
  };
  const queue = {
    addBulk: (jobs: readonly { opts: { jobId: string } }[]) => note('add', ...jobs.map(({ opts }) => opts.jobId)),
    remove: (id: string) => note('remove', id),
  };
  const way = { server, queue, names, session: 's' } as unknown as Way;
  return {
    asked,
    batches: new Batches(way, { done: () => {}, failed: () => {} }),
    /** @returns a function that lets commands of that name pass, which wait until then */
    hold(name: string): () => void {
      let pass = (): void => {};
      passing.set(name, new Promise<void>((resolve) => (pass = resolve)));
      return pass;
    },
  };
}

const batch = (bytes: Uint8Array) => ({ id: 1, bytes, retries: 0, patience: 60_000 });

test('a batch that is given up while it is being added is removed once it is there', async () => {
  const { asked, batches, hold } = fake();
  const pass = hold('append');
  batches.submit(batch(LARGE));
  await until(() => asked.includes('append'), { what: 'its arguments are sent' });
  batches.cancel(1);
  await until(() => asked.includes(`UNLINK ${PARTS.join(' ')}`), { what: 'it has been given up' });
  pass();
  await until(() => asked.includes(`add ${JOB}`), { what: 'it is added' });
  const isRemoved = (what: string) => asked.lastIndexOf(what) > asked.indexOf(`add ${JOB}`);
  await until(() => isRemoved(`remove ${JOB}`) && isRemoved(`UNLINK ${PARTS.join(' ')}`), { what: 'it is removed' });
});

test('a batch that is given up while its outcome is being fetched leaves no part of it', async () => {
  const { asked, batches, hold } = fake();
  batches.submit(batch(new Uint8Array(1)));
  await until(() => asked.includes(`add ${JOB}`), { what: 'it is added' });
  const pass = hold('HMGET');
  batches.hear(JOB);
  await until(() => asked.some((each) => each.startsWith('HMGET')), { what: 'its outcome is asked for' });
  batches.cancel(1);
  pass();
  await until(() => asked.some((each) => each.startsWith('UNLINK') && each.includes(PARTS[1])), {
    what: 'the parts of its result are removed',
  });
});

test('the arguments of a batch last for as long as it is awaited', async () => {
  const { asked, batches } = fake();
  batches.submit(batch(LARGE));
  await until(() => asked.includes(`add ${JOB}`), { what: 'it is added' });
  asked.length = 0;
  await batches.sweep();
  assert.ok(asked.includes(`EXPIRE ${PARTS[0]} 3600`));
});

test('large values are fetched in several commands, each of which has its own time limit', async () => {
  const all = Array.from({ length: 9 }, (_, at) => new Uint8Array([at]));
  let most = 0;
  const server = {
    bytes: async (_: string, __: string, first: number, last: number) => {
      const some = all.slice(first, last < 0 ? undefined : last + 1);
      most = Math.max(most, some.length);
      return some;
    },
  } as unknown as Server;
  assert.equal([...(await fetchCarried(server, { parts: 'key' }))], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(most <= 4);
});

test.run();
