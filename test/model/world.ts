/**
 * Primitives under the explorer: an arena made with real Atomics is the first contents of a scenario's memory; each
 * thread of the scenario is an agent with a slot of its own and live objects of its own over that memory.
 *
 * The threads run the shipped passes by the shipped `turn`, the body of the blocking driver's loop; what the driver adds
 * is a clock, and here the explorer chooses what the clock says.
 */
import { type Region, region, type Thread } from 'atomics-sync-free/check';
import { Joined } from '#dist/core/agents.js';
import { Arena } from '#dist/core/arena.js';
import { DEADLOCK, DONE, FAILED, setSpinLimit, turn } from '#dist/core/block.js';
import { LIFE, slotIndex } from '#dist/core/layout.js';
import { agentId, OWNER_SHIFT } from '#dist/core/owner.js';
import { LAST, type Pass, STARVED } from '#dist/core/pass.js';
import { Place, type SharedObject } from '#dist/core/shared-object.js';

setSpinLimit(0);

/** The slot of the first simulated agent; the test itself has slot 0. */
const FIRST_SLOT = 1;
const LIVE = 1;

/** The id of the simulated agent that runs the n-th thread. */
export const agentOf = (thread: number): number => agentId(FIRST_SLOT + thread, 1);
export const ownerWordOf = (thread: number): number => agentOf(thread) << OWNER_SHIFT;

/** An arena whose primitives a scenario uses. */
export class World {
  readonly arena: Arena;
  readonly #names: Record<number, string> = {};
  readonly #plain = new Set<number>();

  constructor(agents: number) {
    this.arena = new Arena({ byteLength: 4096, agents: agents + FIRST_SLOT });
    for (let i = 0; i < agents; i++) {
      this.arena.words[slotIndex(FIRST_SLOT + i) + LIFE] = (1 << 2) | LIVE;
      this.#names[slotIndex(FIRST_SLOT + i) + LIFE] = `life of ${i}`;
    }
  }

  /** Names the words of a cell, by their offsets; names that end in `!` are those the code may read plainly. */
  name(cell: number, words: Readonly<Record<number, string>>): void {
    for (const [offset, name] of Object.entries(words)) {
      const at = cell + Number(offset);
      this.#names[at] = name.replace('!', '');
      if (name.endsWith('!')) this.#plain.add(at);
    }
  }

  /** The arena as the scenario's memory. The header is written once, before there is anybody to race with. */
  get memory(): Region {
    const header = slotIndex(0);
    return region(this.arena.words, {
      name: 'arena',
      names: this.#names,
      plain: (index) => index < header || this.#plain.has(index),
    });
  }

  /** The arena as the agent of the n-th thread sees it. */
  arenaOf(thread: number, words: Int32Array): Arena {
    return new Arena(new Joined(words, agentOf(thread)));
  }

  /** The agent's own live object of a primitive. */
  static attach<T extends SharedObject>(make: new (place: Place) => T, of: T, arena: Arena): T {
    return new make(new Place(arena, of.cell));
  }
}

/** What the explorer decides about a blocking wait besides its interleaving. */
export interface Waiting {
  /** Whether the wait has a limit, which may be over at any time. */
  readonly timed?: boolean;
  /** Whether the waiter may become starving. */
  readonly starves?: boolean;
}

/**
 * The blocking driver under the explorer's clock.
 *
 * @returns whether the thing was had
 */
export function blockIn(
  thread: Thread<never> | Thread,
  pass: Pass,
  words: Int32Array,
  cell: number,
  me: number,
  gate: number,
  { timed = false, starves = false }: Waiting = {},
  initial = 0,
): boolean {
  for (let state = initial; ; ) {
    thread.mark(state);
    if (starves && (state & STARVED) === 0 && thread.choose(2) === 1) state |= STARVED;
    if (timed && thread.choose(2) === 1) state |= LAST;
    state = turn(pass, words, cell, me, gate, state, timed ? 1000 : Number.POSITIVE_INFINITY);
    if (state === DONE) return true;
    if (state === FAILED) return false;
    if (state === DEADLOCK) throw new Error('deadlock with a task of the same agent');
  }
}
