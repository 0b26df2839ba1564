// The rules by which deadlocks are found, one by one: of agents that stand in an arena without running, so that nothing changes
// but what a test changes.
import { Arena, Barrier, type DeadlockError, Lock, RLock, RWLock } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { GATE } from '#dist/core/memory/cells.js';
import { JoinedArena } from '#dist/core/memory/joined-arena.js';
import { Member } from '#dist/core/memory/member.js';
import { agentId, exclusiveWordOf, HOLDERS_SHIFT, ownerWordOf } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { CLAIM, LIFE } from '#dist/core/memory/slots.js';
import { forgetWait, noteWait } from '#dist/core/memory/waits.js';
import { Place } from '#dist/core/share/place.js';
import { now, setClock } from '#dist/core/wait/clock.js';
import type { Deadlock } from '#dist/recover/deadlock.js';
import { Detector } from '#dist/recover/detector.js';
import { DEATH_ADDS, DEATH_KEEPS, DEATH_SETS } from '#dist/sync/barrier-word.js';
import { WORD } from '#dist/sync/mutex.js';
import { WORD as RW_WORD } from '#dist/sync/rwmutex.js';
import { suite } from '../support/suite.js';

const test = suite('the rules of the detector');

// The tests say which wait began last, however long they take.
const moment = now();
setClock(() => moment);

/** Where the state of a barrier stands in its cell. */
const BARRIER_WORD = 3;

/** Beyond the slots that this agent may take. */
const FIRST = 4;
const LIVE = 1;
const DEAD = 2;

interface Held {
  readonly cell: number;
}

/** An arena with agents a, b, c … in it. */
class Scene {
  readonly arena = new Arena({ agents: 16 });
  readonly words = (this.arena as unknown as { words: Int32Array }).words;
  readonly detector = new Detector();
  readonly reported: Deadlock[] = [];

  constructor() {
    this.detector.report = (deadlock) => void this.reported.push(deadlock);
    for (let i = 0; i < 4; i++) {
      this.words[slotIndex(FIRST + i) + CLAIM] = 100 + i;
      this.live(i, LIVE);
    }
  }

  live(agent: number, state: number): void {
    this.words[slotIndex(FIRST + agent) + LIFE] = (1 << 2) | state;
  }

  id(agent: number): number {
    return agentId(FIRST + agent, 1);
  }

  rlock = (name = 'x'): RLock => new RLock({ arena: this.arena, name });

  hold(agent: number, what: Held): void {
    this.words[what.cell + WORD] = ownerWordOf(this.id(agent));
  }

  write(agent: number, what: Held): void {
    this.words[what.cell + RW_WORD] = exclusiveWordOf(this.id(agent));
  }

  read(agent: number, { cell }: Held): void {
    new RWLock(new Place(new JoinedArena(new Member(this.words, this.id(agent))), cell)).acquireRead();
  }

  /** An agent begins to wait, and has for so many ms. */
  wait(agent: number, what: Held, { ends = false, waited = 100 } = {}): void {
    noteWait({ words: this.words, agent: this.id(agent) }, what.cell, what.cell + GATE, ends, waited);
  }

  wakes(agent: number): void {
    forgetWait({ words: this.words, agent: this.id(agent) });
  }

  look(agent = 0, arenas: readonly Int32Array[] = []): readonly unknown[] | undefined {
    return this.detector.look(arenas, this.words, this.id(agent));
  }

  /** What the detector of an agent says when its wait has lasted so long. */
  lasts(waited: number, agent = 0): DeadlockError | undefined {
    const member = { words: this.words, agent: this.id(agent) } as never;
    return this.detector.lasts({ member }, waited) as DeadlockError | undefined;
  }
}

/** Two agents, each of which waits for what the other one holds. */
function pair(make: (scene: Scene) => Held & object, scene = new Scene()): Scene & { one: Held; other: Held } {
  const [one, other] = [make(scene), make(scene)];
  scene.hold(0, one);
  scene.hold(1, other);
  scene.wait(0, other, { waited: 100 });
  scene.wait(1, one, { waited: 200 });
  return Object.assign(scene, { one, other });
}

const rlocks = (scene: Scene): RLock => scene.rlock();

test('one look finds no deadlock, two that see the same do', () => {
  const scene = pair(rlocks);
  assert.is(scene.look(), undefined);
  assert.is(scene.look()?.length, 2);
});

test('two looks find none if one agent has been in another wait in between', () => {
  const scene = pair(rlocks);
  scene.look();
  scene.wakes(1);
  scene.wait(1, scene.one);
  assert.is(scene.look(), undefined);
  assert.ok(scene.look());
});

test('three looks find none if the one in the middle sees no circle', () => {
  const scene = pair(rlocks);
  scene.look();
  scene.hold(2, scene.one);
  assert.is(scene.look(), undefined);
  scene.hold(0, scene.one);
  assert.is(scene.look(), undefined);
});

test('a circle of three is found, beginning with the one that looks', () => {
  const scene = new Scene();
  const locks = [0, 1, 2].map(() => scene.rlock());
  for (const [i, lock] of locks.entries()) {
    scene.hold(i, lock);
    scene.wait(i, locks[(i + 1) % 3]);
  }
  scene.look(1);
  assert.equal(
    scene.look(1)?.map((step) => (step as { agent: number }).agent),
    [1, 2, 0].map((agent) => scene.id(agent)),
  );
});

test('an agent that waits for one in a circle is not in it', () => {
  const scene = pair(rlocks);
  const more = scene.rlock();
  scene.hold(0, more);
  for (const what of [scene.one, more]) {
    scene.wait(2, what);
    scene.look(2);
    assert.is(scene.look(2), undefined);
    scene.wakes(2);
  }
});

test('a circle is none if an agent in it has gone on during the look', () => {
  const scene = pair(rlocks);
  let steps = 0;
  const arenas: readonly Int32Array[] = Object.assign([], {
    // Whenever the next agent is looked at.
    [Symbol.iterator]: () => {
      if (++steps === 4) scene.wakes(0);
      return [].values();
    },
  });
  scene.look(0, arenas);
  assert.is(scene.look(0, arenas), undefined);
  assert.is(steps, 4);
});

test('a wait with a time-out makes no circle', () => {
  const scene = pair(rlocks);
  scene.wakes(1);
  scene.wait(1, scene.one, { ends: true });
  scene.look();
  assert.is(scene.look(), undefined);
});

test('an agent that has died makes no circle', () => {
  const scene = pair(rlocks);
  scene.live(1, DEAD);
  scene.look();
  assert.is(scene.look(), undefined);
});

test('a wait that is over makes no circle', () => {
  const scene = pair(rlocks);
  scene.wakes(1);
  scene.look();
  assert.is(scene.look(), undefined);
});

test('a writer of an RWLock holds it', () => {
  const scene = new Scene();
  const table = new RWLock({ arena: scene.arena });
  const lock = scene.rlock();
  scene.hold(0, lock);
  scene.write(1, table);
  scene.wait(0, table);
  scene.wait(1, lock);
  scene.look();
  assert.is(scene.look()?.length, 2);
});

test('an agent is the same in two arenas, and a circle may go through both', () => {
  const [here, there] = [new Scene(), new Scene()];
  const [one, other] = [here.rlock(), there.rlock()];
  here.hold(0, one);
  there.hold(1, other);
  there.wait(0, other);
  here.wait(1, one);
  there.look(0, [here.words]);
  assert.is(there.look(0, [here.words])?.length, 2);
  assert.is(new Detector().look([], there.words, there.id(0)), undefined);
});

test('two circles whose waits have the same numbers in different arenas are not the same', () => {
  const [here, there] = [pair(rlocks), pair(rlocks)];
  here.look(0, [there.words]);
  // From now on the other one waits there.
  here.wakes(1);
  assert.is(here.look(0, [there.words]), undefined);
  assert.is(here.look(0, [there.words])?.length, 2);
});

test('an agent looks first after 50 ms, and whenever it has waited twice as long', () => {
  const scene = pair(rlocks);
  assert.is(scene.lasts(49), undefined);
  assert.is(scene.lasts(50), undefined);
  assert.is(scene.lasts(99), undefined);
  assert.is(scene.lasts(100)?.agents.length, 2);
});

test('a wait after another is looked at from its own beginning', () => {
  const scene = pair(rlocks);
  scene.lasts(60);
  scene.wakes(0);
  scene.wait(0, scene.other);
  assert.is(scene.lasts(60), undefined);
  assert.ok(scene.lasts(100));
});

test('what was seen of a wait does not count for one of the same number in another arena', () => {
  const [here, there] = [pair(rlocks), pair(rlocks)];
  const { detector } = here;
  here.lasts(60);
  const member = { words: there.words, agent: there.id(0) } as never;
  assert.is(detector.lasts({ member }, 60), undefined);
  assert.ok(detector.lasts({ member }, 110));
});

test('a wait with a time-out is never looked at', () => {
  const scene = pair(rlocks);
  scene.wakes(0);
  scene.wait(0, scene.other, { ends: true });
  assert.is(scene.lasts(60), undefined);
  assert.is(scene.lasts(120), undefined);
});

test('the one that began to wait last gets the error, and no other', () => {
  for (const [agent, thrown] of [
    [0, true],
    [1, false],
  ] as const) {
    const scene = pair(rlocks);
    scene.lasts(60, agent);
    assert.is(scene.lasts(120, agent) !== undefined, thrown, `agent ${agent}`);
  }
});

test('of two that began in the same ms one gets the error, the same for both', () => {
  const thrown = [0, 1].map((agent) => {
    const scene = new Scene();
    const [one, other] = [scene.rlock(), scene.rlock()];
    scene.hold(0, one);
    scene.hold(1, other);
    scene.wait(0, other);
    scene.wait(1, one);
    const since = slotIndex(FIRST) + 10;
    scene.words[slotIndex(FIRST + 1) + 10] = scene.words[since];
    scene.lasts(60, agent);
    return scene.lasts(120, agent) !== undefined;
  });
  assert.is(thrown.filter(Boolean).length, 1, thrown.join());
});

test('a circle through a Lock is reported once, by the one that began to wait last, and nobody is thrown it', () => {
  const scene = pair(({ arena }) => new Lock({ arena, name: 'l' }));
  for (const waited of [60, 120, 240]) assert.is(scene.lasts(waited, 0), undefined);
  assert.is(scene.reported.length, 1);
  const other = pair(({ arena }) => new Lock({ arena, name: 'l' }));
  for (const waited of [60, 120, 240]) assert.is(other.lasts(waited, 1), undefined);
  assert.is(other.reported.length, 0);
});

test('a circle is thrown when all Locks in it are made so, and reported when one is not', () => {
  const closed = pair(({ arena }) => new Lock({ arena, deadlocks: 'throw' }));
  closed.lasts(60);
  assert.ok(closed.lasts(120));
  let made = 0;
  const mixed = pair(({ arena }) => new Lock({ arena, deadlocks: made++ === 0 ? 'throw' : 'report' }));
  mixed.lasts(60);
  assert.is(mixed.lasts(120), undefined);
  assert.is(mixed.reported.length, 1);
});

for (const order of [
  [1, 2],
  [2, 1],
]) {
  test(`a circle in which the agent throws is found beside one through a Lock (readers: ${order})`, () => {
    const scene = new Scene();
    const [lock, rlock, table] = [new Lock({ arena: scene.arena }), scene.rlock(), new RWLock({ arena: scene.arena })];
    scene.hold(0, lock);
    scene.hold(0, rlock);
    for (const reader of order) scene.read(reader, table);
    scene.wait(1, lock, { waited: 300 });
    scene.wait(2, rlock, { waited: 200 });
    scene.wait(0, table, { waited: 100 });
    scene.lasts(60, 0);
    assert.equal(
      scene.lasts(120, 0)?.agents.map(({ agentId }) => agentId),
      [0, 2].map((agent) => scene.id(agent)),
    );
  });
}

test('an agent that waits for a GIL does not give up its wait; of the others the last one does', () => {
  const scene = new Scene();
  const [lock, gil] = [scene.rlock(), new GIL({ arena: scene.arena })];
  const owner = (gil as unknown as Held).cell + GATE + ((scene.words[(gil as unknown as Held).cell] >> 6) & 7);
  scene.hold(0, lock);
  scene.words[owner] = ownerWordOf(scene.id(1));
  scene.wait(0, gil as unknown as Held, { waited: 100 });
  scene.wait(1, lock, { waited: 200 });
  scene.lasts(60, 0);
  assert.is(scene.lasts(120, 0), undefined);
  const seen = new Detector();
  scene.detector.report = seen.report;
  Object.assign(scene, { detector: seen });
  scene.lasts(60, 1);
  assert.ok(scene.lasts(120, 1));
});

test('an agent that waits for what it holds itself gets the error if only it may release that; else it may wait for a signal', () => {
  for (const deadlocks of ['throw', 'report'] as const) {
    const scene = new Scene();
    const lock = new Lock({ arena: scene.arena, name: 'mine', deadlocks });
    scene.hold(0, lock);
    scene.wait(0, lock);
    scene.lasts(60);
    const error = scene.lasts(120);
    assert.is(scene.reported.length, 0);
    assert.is(error !== undefined, deadlocks === 'throw');
    if (error !== undefined)
      assert.match(error.message, /^agent 4\.1 \(thread 99\) waits for Lock#0 \(mine\), which it holds itself$/);
  }
});

test('the message says for each agent what it holds and waits for, and so does the data', () => {
  const scene = new Scene();
  const locks = ['one', 'two', 'three'].map((name) => scene.rlock(name));
  for (const [i, lock] of locks.entries()) {
    scene.hold(i, lock);
    scene.wait(i, locks[(i + 1) % 3], { waited: 100 * (i + 1) });
  }
  scene.lasts(60);
  const error = scene.lasts(120);
  const told = [
    { holds: 'RLock#0 (one)', waitsFor: 'RLock#2 (two)', thread: 99 },
    { holds: 'RLock#2 (two)', waitsFor: 'RLock#4 (three)', thread: 100 },
    { holds: 'RLock#4 (three)', waitsFor: 'RLock#0 (one)', thread: 101 },
  ];
  const texts = told.map(
    ({ holds, waitsFor, thread }, i) =>
      `agent ${FIRST + i}.1 (thread ${thread}) holds ${holds} and waits for ${waitsFor}`,
  );
  assert.is(error?.message, `3 agents wait for each other, and none can go on: ${texts.join('; ')}`);
  assert.equal(
    error?.agents.map(({ holds, waitsFor, thread }) => ({ holds, waitsFor, thread })),
    told,
  );
  const [me, , last] = error?.agents ?? [];
  assert.ok(me.since.getTime() > last.since.getTime());
});

test('a reader of an RWLock keeps its writer waiting, but only as long as it reads', () => {
  const scene = new Scene();
  const table = new RWLock({ arena: scene.arena });
  const lock = scene.rlock();
  // This agent reads, in the place of agent 0, and waits for what agent 1 holds.
  const { words } = scene;
  const me = scene.arena.agentId;
  table.acquireRead();
  scene.hold(1, lock);
  noteWait({ words, agent: me }, lock.cell, lock.cell + GATE, false, 100);
  scene.wait(1, table);
  scene.detector.look([], words, me);
  assert.is(scene.detector.look([], words, me)?.length, 2);
  table.releaseRead();
  // Somebody else reads still.
  words[table.cell + RW_WORD] += 1 << HOLDERS_SHIFT;
  assert.is(scene.detector.look([], words, me), undefined);
  forgetWait({ words, agent: me });
});

test('an agent that waits for a party to leave a Barrier waits for its agent, unless a death has emptied the Barrier meanwhile', async () => {
  const scene = new Scene();
  const { words } = scene;
  const lock = scene.rlock();
  const barrier = new Barrier(1, { arena: scene.arena });
  const { agentId: me } = scene.arena;
  // A task of this agent is still to leave, in the place of agent 0, which waits for what agent 1 holds.
  const pass = barrier.waitAsync().catch((error: Error) => error.name);
  scene.hold(1, lock);
  noteWait({ words, agent: me }, lock.cell, lock.cell + GATE, false, 100);
  const comes = { words, agent: scene.id(1) };
  // A wait for others to come is a wait for nobody in particular.
  noteWait(comes, barrier.cell, barrier.cell + GATE, false, 100);
  scene.detector.look([], words, me);
  assert.is(scene.detector.look([], words, me), undefined);
  forgetWait(comes);
  noteWait(comes, barrier.cell, -(barrier.cell + GATE), false, 100);
  scene.detector.look([], words, me);
  assert.is(scene.detector.look([], words, me)?.length, 2);
  const word = barrier.cell + BARRIER_WORD;
  words[word] = ((words[word] & DEATH_KEEPS) | DEATH_SETS) + DEATH_ADDS;
  scene.detector.look([], words, me);
  assert.is(scene.detector.look([], words, me), undefined);
  forgetWait({ words, agent: me });
  assert.is(await pass, 'BrokenBarrierError');
});

test.run();
