/** Scenarios of Lock and RLock. */
import { Lock, RLock } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { retireFrom } from '#dist/core/agents.js';
import { ownerOf } from '#dist/core/owner.js';
import { afterRelease, GATE, WORD } from '#dist/sync/mutex.js';
import { Aborter } from './event-loop.js';
import { type Agent, type AgentOptions, agentOf, type Model, times, WHILE, World } from './world.js';

type Ghost = 'inside' | 'had' | 'missed';
type User = (world: World<Ghost>, lock: Lock | RLock) => void;

const COUNT = WORD + 1;

/** The critical section: a ghost changes with the operation before it, so there is one between the two changes. */
function visit({ thread, words }: Agent<Ghost>, lock: { cell: number }, release: () => void): void {
  thread.ghost.add('inside', 1);
  thread.ghost.add('had', 1);
  Atomics.load(words, lock.cell + WORD);
  thread.ghost.add('inside', -1);
  release();
}

const attached = (agent: Agent<Ghost>, lock: Lock | RLock): Lock | RLock =>
  lock instanceof RLock ? agent.attach(RLock, lock) : agent.attach(Lock, lock);

/** Acquires and releases, so many times; an RLock twice each. */
const thread =
  (rounds: number, options: AgentOptions<Ghost> & { timed?: boolean } = {}): User =>
  (world, lock) =>
    world.agent({ name: 'thread', ...options }, (agent) => {
      const mine = attached(agent, lock);
      return times(rounds, () => {
        if (!mine.acquire(options.timed ? WHILE : Number.POSITIVE_INFINITY)) return agent.thread.ghost.add('missed', 1);
        if (mine instanceof RLock) mine.acquire();
        visit(agent, lock, () => {
          if (mine instanceof RLock) mine.release();
          mine.release();
        });
      });
    });

const tries =
  (options: AgentOptions<Ghost> = {}): User =>
  (world, lock) =>
    world.agent({ name: 'trier', ...options }, (agent) => {
      const mine = attached(agent, lock);
      return [
        () => {
          if (!mine.tryAcquire()) return agent.thread.ghost.add('missed', 1);
          visit(agent, lock, () => mine.release());
        },
      ];
    });

interface TaskOptions extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  readonly aborts?: boolean;
  /** Lets time pass while it waits, so that it starves. */
  readonly grows?: boolean;
}

/** So many async tasks of one agent, all at once. */
const tasks =
  (count: number, { timed = false, aborts = false, grows = false, ...options }: TaskOptions = {}): User =>
  (world, lock) =>
    world.agent({ name: 'tasks', ...options }, (agent) => {
      const mine = attached(agent, lock);
      const one = () => {
        const aborter = aborts ? new Aborter() : undefined;
        const wait = {
          ...(timed ? { timeout: WHILE } : {}),
          ...(aborter === undefined ? {} : { signal: aborter.signal }),
        };
        const missed = () => agent.thread.ghost.add('missed', 1);
        if (mine instanceof RLock) {
          mine.holdAsync(wait).then((hold) => {
            const again = hold.hold();
            visit(agent, lock, () => {
              again.release();
              hold.release();
            });
          }, missed);
        } else {
          mine.acquireAsync(wait).then((got) => (got ? visit(agent, lock, () => mine.release()) : missed()), missed);
        }
        if (aborter !== undefined) agent.thread.later(() => aborter.abort());
      };
      return [
        () => {
          for (let i = 0; i < count; i++) one();
          if (grows) agent.thread.later(() => {}, 5);
        },
      ];
    });

/** Retires the dead agent, and hands on what it held: that is not retire's business, but the others wait for it. */
const reaper: User = (world, lock) =>
  world.other('reaper', ({ words }, own) => {
    const dead = agentOf(own.joinDead());
    retireFrom(words, dead);
    if (ownerOf(Atomics.load(words, lock.cell + WORD)) !== dead) return;
    if (lock instanceof RLock) Atomics.store(words, lock.cell + COUNT, 0);
    const old = Atomics.exchange(words, lock.cell + WORD, 0);
    own.ghost.set('inside', 0);
    afterRelease(words, lock.cell, old);
  });

function scenario(make: (world: World<Ghost>) => Lock | RLock, users: readonly User[]): Scenario<string, Ghost> {
  const world = new World<Ghost>(users.length);
  const lock = make(world);
  const plain = lock instanceof RLock ? '!' : '';
  world.name(lock.cell, { [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: `word${plain}` });
  if (lock instanceof RLock) world.name(lock.cell, { [COUNT]: 'count!' });
  for (const user of users) user(world, lock);
  return world.scenario({
    ghosts: { inside: 0, had: 0, missed: 0 },
    invariant: ({ inside }) => (inside as number) <= 1 || 'two are inside',
    final: ({ word }) => ownerOf(word as number) === 0 || 'it is held at the end',
    kills: users.includes(reaper) ? 1 : 0,
  });
}

const NEVER = { killable: false } as const;
const STARVES = { starves: true } as const;
const TIMED = { timed: true } as const;

const quick = true;
const programs: readonly (readonly [name: string, users: readonly User[], quick?: boolean])[] = [
  ['2 threads × 2', [thread(2), thread(2)], quick],
  ['3 threads × 1, one looks', [thread(1, { looks: true }), thread(1), thread(1)], quick],
  ['3 threads × 2', [thread(2), thread(2), thread(2)]],
  ['4 threads × 1', [thread(1), thread(1), thread(1), thread(1)]],
  ['2 starving × 2', [thread(2, STARVES), thread(2, STARVES)], quick],
  ['2 starving, 1 thread', [thread(1, STARVES), thread(1, STARVES), thread(1)], quick],
  ['1 starving × 2, 2 threads × 2', [thread(2, STARVES), thread(2), thread(2)]],
  ['1 timed, 2 threads', [thread(1, TIMED), thread(1), thread(1)], quick],
  ['2 timed, 1 thread', [thread(1, TIMED), thread(1, TIMED), thread(1)], quick],
  ['1 starving timed, 1 starving, 1 thread', [thread(1, { ...TIMED, ...STARVES }), thread(1, STARVES), thread(1)]],
  ['1 trier, 2 starving', [tries(), thread(1, STARVES), thread(1, STARVES)], quick],
  ['1 task, 2 threads', [tasks(1), thread(1), thread(1)], quick],
  ['2 tasks of two agents, 1 thread', [tasks(1), tasks(1), thread(1)], quick],
  ['3 × 2 tasks', [tasks(2), tasks(2), tasks(2)]],
  ['2 tasks of one agent, one aborted; 1 thread × 2', [tasks(2, { aborts: true }), thread(2)], quick],
  ['2 timed tasks of one agent, 1 thread', [tasks(2, TIMED), thread(1)]],
  ['1 starving task, 2 starving threads', [tasks(1, { grows: true }), thread(1, STARVES), thread(1, STARVES)]],
  ['1 starving timed task, 1 task, 1 thread', [tasks(1, { grows: true, timed: true }), tasks(1), thread(1)]],
  ['1 of 2 threads × 1 dies', [thread(1), thread(1, NEVER), reaper], quick],
  ['1 of 3 threads × 1 dies', [thread(1), thread(1, NEVER), thread(1, NEVER), reaper]],
  ['1 starving of 2 threads dies', [thread(1, STARVES), thread(1, { ...NEVER, ...STARVES }), reaper]],
  ['1 task dies, 2 threads', [tasks(1), thread(1, NEVER), thread(1, NEVER), reaper]],
  ['1 thread dies, 1 task, 1 thread', [thread(1), tasks(1, NEVER), thread(1, NEVER), reaper]],
];

export const locks: readonly Model[] = programs.flatMap(([name, users, small = false]) => [
  { primitive: 'Lock', name, quick: small, make: () => scenario(({ arena }) => new Lock({ arena }), users) },
  { primitive: 'RLock', name, quick: small, make: () => scenario(({ arena }) => new RLock({ arena }), users) },
]);
