// The GIL's protocol under the explorer: agents that take it, come to checkpoints, and drop it.
import { Arena } from 'atomics-sync-free';
import { explore, type Result, region, type Thread } from 'atomics-sync-free/check';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { agentId, OWNER_SHIFT, slotOf } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import * as protocol from '#dist/gil/protocol.js';

export type Protocol = typeof protocol;
const NAMES = ['', 'FREED', 'SWITCHED', 'WORD', 'LAST_HOLDER', 'FORCED', 'INTERVAL', 'ASKER'];
const GHOSTS = { inside: 1, holder: 1, forced0: 0, forced1: 0, forced2: 0 } as const;
/** The geometry of an arena is written once, before all else, and read plainly. */
const HEADER_WORDS = 16;
/**
 * The model's clock counts time-outs, and each count would make a new state. It stands still at 1 ms, because adding so
 * little to that changes nothing.
 */
const INTERVAL = 2 ** -60;
type Ghost = keyof typeof GHOSTS;

export interface Options {
  /** How many checkpoints each agent comes to while it holds the GIL; as many numbers as agents. */
  readonly checkpoints?: readonly number[];
  readonly timeouts?: boolean;
  readonly kills?: number;
  /** Only the schedules with so few preemptions; all by default. */
  readonly preemptions?: number;
}

export const gil = new GIL({ arena: new Arena({ agents: 4, byteLength: 1024 }) });
export const { cell } = gil;
/** An arena with so many more agents, the first of which holds its GIL. */
export function image(agents: number): { words: Int32Array; ids: number[] } {
  const words = gil.arena.words.slice();
  const ids = Array.from({ length: agents }, (_, i) => agentId(i + 1, 1));
  for (const id of ids) words[slotIndex(slotOf(id)) + LIFE] = (1 << 2) | 1;
  words[cell + protocol.WORD] = ids[0] << OWNER_SHIFT;
  words[cell + protocol.LAST_HOLDER] = ids[0];
  return { words, ids };
}

/** Agents, the first of which has the GIL, that take it, come to checkpoints, and drop it. */
export function model(
  p: Protocol,
  { checkpoints = [1, 1], timeouts = true, kills = 0, preemptions }: Options = {},
): Result {
  const agents = checkpoints.length;
  const { words: arena, ids } = image(agents);
  const word = cell + p.WORD;

  const agent = (index: number) => (words: Int32Array, thread: Thread<Ghost>) => {
    const member = new Member(words, ids[index]);
    const waits = p.waitsFor(gil, member, cell);
    const take = (place: number): void => {
      thread.mark(`take ${place}`);
      if (!p.takeFree(words, cell, member.ownerWord)) {
        for (let state = 0; state !== p.TAKEN; state = p.takeTurn(waits, state, INTERVAL)) {
          thread.mark(`${place} ${state}`);
        }
      }
      thread.ghost.add('inside', 1);
      thread.ghost.set('holder', index + 1);
      for (let other = 0; other < agents; other++) {
        if (other !== index) thread.ghost.set(`forced${other}` as Ghost, 0);
      }
    };
    const leave = (place: number): void => {
      thread.ghost.add('inside', -1);
      thread.ghost.set('holder', 0);
      const forced = p.drop(words, cell);
      thread.mark(`left ${place} ${forced}`);
      if (forced) p.awaitSwitch(waits);
      thread.mark(`switched ${place}`);
    };
    if (timeouts) Atomics.wait(words, 0, Atomics.load(words, 0), 1);
    if (index > 0) take(0);
    for (let i = 1; i <= checkpoints[index]; i++) {
      thread.mark(`at ${i}`);
      if ((Atomics.load(words, word) & p.ASKED) === 0) continue;
      thread.ghost.set(`forced${index}` as Ghost, 1);
      leave(i);
      take(i);
    }
    thread.mark('done');
    Atomics.load(words, word);
    leave(0);
  };
  /** Retires the dead agent, whose GIL passes on. */
  const reaper = (words: Int32Array, thread: Thread<Ghost>): void => {
    const dead = ids[thread.joinDead()];
    retireFrom(words, dead, 0);
  };
  const bodies = [...ids.map((_, index) => agent(index)), ...(kills > 0 ? [reaper] : [])];

  return explore<string, Ghost>({
    memory: region(arena, { names: (index) => NAMES[index - cell], plain: (index) => index < HEADER_WORDS }),
    ghosts: GHOSTS,
    threads: bodies.map(
      (run) =>
        ({ words }, thread) =>
          run(words, thread),
    ),
    timeouts,
    kills,
    invariant: ({ inside, holder, ...forced }) => {
      if (kills > 0) return true;
      if (inside > 1) return 'two agents hold the GIL';
      return (
        holder === 0 || forced[`forced${holder - 1}`] === 0 || `agent ${holder - 1} has it back after a forced drop`
      );
    },
    final: (_, view) => view.word(word) === 0 || 'the GIL is not free in the end',
    ...(preemptions !== undefined && { preemptionBound: preemptions }),
    maxStates: 2_000_000,
  });
}

/** Asserts that nothing can go wrong. */
export const ok = (result: Result): void => assert.is(result.verdict, 'ok', result.toString());
