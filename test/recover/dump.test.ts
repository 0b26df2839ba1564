import { Arena, dumpAgents, RLock, RWLock, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { noteStack } from '#dist/recover/stacks.js';
import { suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { DumpData } from './dump.worker.js';

const test = suite('dumpAgents');
const WORKER = new URL('./dump.worker.js', import.meta.url);

/** What is seen of a worker that waits for what this agent holds; its wait is over then. */
async function seen(timeout: number, stacks = false, arena = new Arena()) {
  const [mine, wanted] = ['mine', 'wanted'].map((name) => new RLock({ arena, name }));
  const table = new RWLock({ arena });
  const before = Date.now();
  wanted.acquire();
  const workerData: DumpData = { shared: share({ mine, table, wanted }), timeout, stacks };
  const crew = await Crew.start<boolean>(WORKER, { workerData });
  let dump = dumpAgents(arena);
  await until(() => {
    dump = dumpAgents(arena);
    return dump.agents.some(({ waitsFor }) => waitsFor !== undefined && (!stacks || waitsFor.stack !== undefined));
  });
  wanted.release();
  assert.equal(await crew.done(), [true]);
  const after = dumpAgents(arena);
  return { arena, before, dump, after };
}

test('shows what each agent holds and waits for, since when, and who has that; and nothing of it once it is over', async () => {
  const { arena, before, dump, after } = await seen(Number.POSITIVE_INFINITY);
  assert.is(dump.agents.length, 2);
  const [me, other] = dump.agents;
  assert.is(me.agentId, arena.agentId);
  assert.is(me.waitsFor, undefined);
  assert.equal(me.holds, [other.waitsFor?.what]);
  assert.match(String(other.waitsFor?.what), /^RLock#\d+ \(wanted\)$/);
  assert.equal(other.waitsFor?.heldBy, [arena.agentId]);
  assert.not(other.waitsFor?.timed);
  assert.is(other.holds.length, 2);
  assert.match(other.holds.join(), /^RLock#\d+ \(mine\),RWLock#\d+$/);
  const since = other.waitsFor?.since.getTime() ?? 0;
  assert.ok(since > before - 1000 && since < Date.now() + 1000, String(since));
  assert.match(
    String(dump),
    /^agent \S+ \(thread 0\)\n {2}holds RLock#\d+ \(wanted\)\n {2}is not blocked\nagent \S+ \(thread \d+\)\n {2}holds .*\n {2}waits for RLock#\d+ \(wanted\), held by agent \S+ \(thread 0\), since \S+Z\nNone of the others can go on unless agent \S+ \(thread 0\) lets them\.$/,
  );
  assert.ok(after.agents.every(({ holds, waitsFor }) => holds.length === 0 && waitsFor === undefined));
});

test('a name stays in its line, whatever it contains', () => {
  const arena = new Arena();
  const lock = new RLock({ arena, name: 'a\nb\u001b[31m\u202e\u2028\ud800 "é" 😀' });
  lock.acquire();
  const [{ holds }] = dumpAgents(arena).agents;
  assert.equal(holds, [String.raw`RLock#0 (a\u000ab\u001b[31m\u202e\u2028\ud800 "é" 😀)`]);
  lock.release();
});

test('distinguishes a wait that ends by itself from one that does not', async () => {
  const { dump } = await seen(60_000);
  assert.ok(dump.agents[1].waitsFor?.timed);
  assert.match(String(dump), 'for a limited time');
});

test('there is a standstill when all agents but the one that asks are blocked, and no wait ends by itself', async () => {
  assert.not(dumpAgents(new Arena()).standstill, 'nobody else');
  const { dump, after } = await seen(Number.POSITIVE_INFINITY);
  assert.ok(dump.standstill);
  assert.not(after.standstill);
  const { dump: timed } = await seen(60_000);
  assert.not(timed.standstill);
  assert.not.match(String(timed), 'can go on');
});

test('shows where an agent waits that was asked to note it, without the lines of this package', async () => {
  const { dump } = await seen(60_000, true);
  const [, other] = dump.agents;
  assert.match(String(other.waitsFor?.stack), /dump\.worker\.js/);
  assert.not.match(String(other.waitsFor?.stack), /\/(modules|dist)\/(core|sync|recover|chunks)\//);
  assert.match(String(dump), /for a limited time\n {4}at .*dump\.worker\.js/);
  const { dump: without } = await seen(60_000);
  assert.is(without.agents[1].waitsFor?.stack, undefined);
});

test('the room for the stacks of an agent serves another when it has died', async () => {
  const { arena } = await seen(60_000, true);
  const sizes: number[] = [];
  for (let i = 0; i < 2; i++) {
    const free = arena.bytesFree;
    const { dump } = await seen(60_000, true, arena);
    assert.match(String(dump.agents[1].waitsFor?.stack), /dump\.worker\.js/);
    sizes.push(free - arena.bytesFree);
  }
  assert.ok(Math.max(...sizes) < 2048, sizes.join());
});

test('stacks leave half of an arena for what it was made for', () => {
  const arena = new Arena({ byteLength: 16_384, agents: 8 });
  const { words } = arena as unknown as { readonly words: Int32Array };
  while (arena.bytesFree > 8192 + 1024) new RLock({ arena });
  const free = arena.bytesFree;
  noteStack(words, arena.agentId, 1);
  assert.is(arena.bytesFree, free);
});

test('refuses what is not an arena', () => {
  assert.throws(() => dumpAgents({} as Arena), /arena must be an Arena/);
});

test('a name has 1 to 100 characters, and is shown in full', () => {
  for (const length of [0, 101])
    assert.throws(
      () => new RLock({ name: 'x'.repeat(length) }),
      new RegExp(`name must have 1 to 100 characters, not ${length}$`),
    );
  assert.throws(() => new RLock({ name: 1 as unknown as string }), /name must be a string/);
  const arena = new Arena();
  const names = ['x', 'Zürich ☃ x'.padEnd(99, '!'), 'y'.repeat(100)];
  for (const name of names) new RLock({ arena, name }).acquire();
  const { holds } = dumpAgents(arena).agents[0];
  assert.equal(holds.map((held) => /\((.*)\)$/.exec(held)?.[1]).sort(), [...names].sort());
});

test.run();
