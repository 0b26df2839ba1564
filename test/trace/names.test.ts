import { Arena, dumpAgents, Event, Lock } from 'atomics-sync-free';
import { Pool, Process } from 'atomics-sync-free/multiprocessing';
import { isMain, Thread } from 'atomics-sync-free/threading';
import { start, stop } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { hold, renamed, useTraced } from './names.tasks.js';

const test = suite('names of agents');

/** What the agent of this name holds, once one has it. */
async function heldBy(arena: Arena, name: string): Promise<readonly string[]> {
  let held: readonly string[] | undefined;
  await until(() => {
    const dump = dumpAgents(arena);
    held = dump.agents.find((agent) => agent.name === name && agent.holds.length > 0)?.holds;
    return (
      held !== undefined && new RegExp(`^agent \\S+ \\(${name}, thread \\d+\\)\n {2}holds`, 'm').test(String(dump))
    );
  });
  return held ?? [];
}

const things = () => {
  const arena = new Arena();
  return { arena, lock: new Lock({ arena, name: 'accounts' }), end: new Event({ arena }) };
};

test('a dump calls threads, processes and pool workers what they are called', async () => {
  const { arena, lock, end } = things();
  const thread = new Thread({ target: hold, args: [lock, end], name: 'shop' });
  thread.start();
  assert.equal(await heldBy(arena, 'shop'), ['Lock#0 (accounts)']);
  end.set();
  await thread.joinAsync();
  end.clear();
  const process = new Process({ target: hold, args: [lock, end], name: 'bank' });
  process.start();
  assert.equal(await heldBy(arena, 'bank'), ['Lock#0 (accounts)']);
  end.set();
  await process.joinAsync();
  end.clear();
  const pool = new Pool(1);
  const applied = pool.applyAsync(hold, [lock, end]);
  assert.equal(await heldBy(arena, 'Pool-1-worker-1'), ['Lock#0 (accounts)']);
  end.set();
  await applied;
  pool.close();
  await pool.joinAsync();
});

test('a thread that changes its name has the new one from then on, and one that reuses the worker of another has its own', async () => {
  const { arena, lock, end } = things();
  const one = new Thread({ target: renamed, args: [lock, end, 'other'], name: 'first' });
  one.start();
  await heldBy(arena, 'other');
  end.set();
  await one.joinAsync();
  end.clear();
  const two = new Thread({ target: hold, args: [lock, end], name: 'second' });
  two.start();
  await heldBy(arena, 'second');
  end.set();
  await two.joinAsync();
});

test('a trace gives each event’s agent the name it had then, even for threads that have had one worker', async () => {
  const arena = new Arena({ byteLength: 2 ** 21 });
  const lock = new Lock({ arena, name: 'accounts' });
  start({ arena });
  for (const name of ['red', 'green']) {
    const thread = new Thread({ target: useTraced, args: [arena, lock, undefined], name });
    thread.start();
    await thread.joinAsync();
  }
  const named = new Thread({ target: useTraced, args: [arena, lock, 'blue'], name: 'not that' });
  named.start();
  await named.joinAsync();
  const { agents, events } = stop();
  const seen = (who: string) =>
    events.filter(({ agent, primitive }) => agents[agent].name === who && primitive.includes('accounts'));
  for (const who of ['red', 'green', 'blue']) {
    assert.equal(
      seen(who).map(({ event }) => event),
      ['acquire', 'release'],
      who,
    );
  }
  assert.equal(agents.map(({ name }) => name).sort(), ['blue', 'green', 'main', 'red']);
});

if (isMain) test.run();
