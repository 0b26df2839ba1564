// What holds for the async waits of every primitive: they keep the process alive, end at once on abort, and leave nothing
// behind.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Arena, Barrier } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { eachCell } from '#dist/core/memory/cells.js';
import { suite } from '../support/suite.js';
import { waits } from './waits.js';

const test = suite('async waits');
const ALONE = fileURLToPath(new URL('./wait-alone.js', import.meta.url));

/** What a process printed that did nothing but wait; a wait that keeps it from ending fails after 20 s. */
async function alone(name: string, order: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [ALONE, name, order], { timeout: 20_000 });
  return stdout.trim();
}

/** How many waits the engine keeps in the arena's lists; wakes them. */
function armed(arena: Arena): number {
  let count = 0;
  eachCell(arena.words, (index, gates) => {
    for (let gate = index + 1; gate <= index + gates; gate++) count += Atomics.notify(arena.words, gate);
  });
  return count;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    return `${await promise}, and no rejection`;
  } catch (reason) {
    return reason;
  }
}

/** Until tasks that need no other agent have gone as far as they can. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

for (const [name, make] of Object.entries(waits)) {
  test(`${name}: a wait keeps the process alive until it ends`, async () => {
    assert.is(await alone(name, 'freed'), 'waited');
  });

  test(`${name}: a wait whose time was up lets the process end`, async () => {
    assert.match(await alone(name, 'timed out'), /^(false|ERR_TIMEOUT|ERR_BROKEN_BARRIER)$/);
  });

  test(`${name}: an aborted wait lets the process end`, async () => {
    assert.is(await alone(name, 'aborted'), 'aborted');
  });

  // Those of a Condition are read with its lock held, so what is called back could not wait for it again.
  if (name !== 'Condition') {
    test(`${name}: a wait whose options call back lets the process end`, async () => {
      assert.is(await alone(name, 'called back'), 'over');
    });
  }

  test(`${name}: an aborted wait is rejected with the signal's reason`, async () => {
    const { wait } = make(new Arena());
    const abort = new AbortController();
    const aborted = rejection(wait({ signal: abort.signal }));
    const reason = new Error('changed my mind');
    abort.abort(reason);
    assert.is(await aborted, reason);
    assert.is(await rejection(wait({ signal: abort.signal })), reason);
  });

  test(`${name}: a wait with timeout 0 is over before the event loop's next turn`, async () => {
    let over = false;
    const end = () => {
      over = true;
    };
    make(new Arena()).wait({ timeout: 0 }).then(end, end);
    for (let i = 0; i < 50; i++) await undefined;
    assert.ok(over);
  });

  // A Barrier breaks instead.
  if (name === 'Barrier') continue;

  test(`${name}: an aborted wait at the head of others leaves them their turn`, async () => {
    const { wait, free } = make(new Arena());
    const abort = new AbortController();
    const aborted = rejection(wait({ signal: abort.signal }));
    const next = wait();
    await settled();
    abort.abort();
    await aborted;
    free();
    await next;
  });

  test(`${name}: a wait that is freed and aborted at once ends one way, and the other way for nobody`, async () => {
    const { wait, free } = make(new Arena());
    const abort = new AbortController();
    const either = wait({ signal: abort.signal }).then(
      () => 'had',
      () => 'aborted',
    );
    const next = wait();
    await settled();
    free();
    abort.abort();
    if ((await either) === 'had') free();
    await next;
  });

  test(`${name}: a thousand waits whose time was up leave none in the engine, and no queue`, async () => {
    const arena = new Arena({ byteLength: 1 << 20 });
    const { wait } = make(arena);
    for (let round = 0; round < 20; round++) {
      await Promise.allSettled(Array.from({ length: 50 }, () => wait({ timeout: 0.01 })));
    }
    assert.is(armed(arena), 0);
    assert.is(arena.member.queues.size, 0);
  });
}

test('Barrier: an aborted wait breaks it for the others', async () => {
  const barrier = new Barrier(3);
  const abort = new AbortController();
  const aborted = rejection(barrier.waitAsync({ signal: abort.signal }));
  const other = rejection(barrier.waitAsync());
  abort.abort('aborted');
  assert.is(await aborted, 'aborted');
  assert.is(((await other) as Error).name, 'BrokenBarrierError');
  assert.ok(barrier.broken);
});

test('Barrier: a thousand waits whose time was up leave none in the engine, and no queue', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  for (let round = 0; round < 1000; round++) {
    await rejection(barrier.waitAsync({ timeout: 0.01 }));
    barrier.reset();
  }
  assert.is(armed(barrier.arena), 0);
  assert.is(barrier.arena.member.queues.size, 0);
});

test.run();
