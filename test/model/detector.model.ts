/**
 * Scenarios of the deadlock detector: agents come and go while one looks, and no look is of a single moment. What they do may
 * seem to be a circle to a single look; two looks find none where there is none, and none that has gone.
 *
 * Each agent notes its waits from their beginning, whereas a real one does so once they have lasted: here the detector has
 * more to be deceived by.
 */
import { RLock } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { GATE } from '#dist/core/memory/cells.js';
import { countBehind } from '#dist/core/memory/death.js';
import { ownerOf } from '#dist/core/memory/owner.js';
import { forgetWait, noteWait } from '#dist/core/memory/waits.js';
import { Detector } from '#dist/recover/detector.js';
import { WORD } from '#dist/sync/mutex.js';
import { type Agent, agentOf, type Listing, type Model, modelOf, World } from './world.js';

type Ghost = 'found';
type Steps = readonly (readonly ['take' | 'leave', 0 | 1])[];

/** Takes a lock, and shows others that it waits. */
function take({ arena }: Agent<Ghost>, lock: RLock): void {
  noteWait(arena.member, lock.cell, lock.cell + GATE, false, 0);
  lock.acquire();
  forgetWait(arena.member);
}

function walker(world: World<Ghost>, locks: readonly RLock[], steps: Steps): void {
  world.agent({ name: 'walker' }, (agent) => {
    const mine = locks.map((lock) => agent.attach(RLock, lock));
    return steps.map(([what, which]) => () => {
      if (what === 'take') take(agent, mine[which]);
      else mine[which].release();
    });
  });
}

interface Program extends Listing {
  readonly walkers: readonly Steps[];
}

const programs: readonly Program[] = [
  {
    name: 'one takes both, the other one after the other: it looks like a circle',
    walkers: [
      [
        ['take', 0],
        ['take', 1],
        ['leave', 1],
        ['leave', 0],
      ],
      [
        ['take', 1],
        ['leave', 1],
        ['take', 0],
        ['leave', 0],
      ],
    ],
    bound: 3,
  },
];

function scenario({ walkers }: Program): Scenario<string, string> {
  const world = new World<Ghost>(walkers.length + 1);
  const { arena } = world;
  const locks = [0, 1].map((which) => {
    const lock = new RLock({ arena });
    world.name(lock.cell, {
      [GATE]: `threads ${which}`,
      [GATE + 1]: `tasks ${which}`,
      [WORD]: `word ${which}!`,
      [countBehind(WORD)]: `count ${which}!`,
    });
    return lock;
  });
  for (const steps of walkers) walker(world, locks, steps);
  world.agent({ name: 'looker' }, ({ words, thread }) => [
    () => {
      const detector = new Detector();
      for (let look = 0; look < 2; look++) {
        const circle = detector.look([], words, agentOf(0));
        // Only an agent itself looks for a circle of one: others may see it hold already what it has waited for.
        if (circle !== undefined && circle.length > 1) thread.ghost.add('found', 1);
      }
    },
  ]);
  return world.scenario({
    ghosts: { found: 0 },
    invariant: ({ found }) => found === 0 || 'a circle is found where there is none',
    final: (values) => [0, 1].every((which) => ownerOf(values[`word ${which}`]) === 0) || 'a lock is held at the end',
  });
}

export const detectors: readonly Model[] = programs.map((program) =>
  modelOf('deadlocks', program, () => scenario(program)),
);
