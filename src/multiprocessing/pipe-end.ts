/**
 * One end of a pipe in shared memory: the rings that it receives from and sends into, and whether it is open.
 *
 * ```text
 * cell  0     descriptor
 *       1     IN      the cell of the ring from which it receives, or 0   \ written once
 *       2     OUT     the cell of the ring into which it sends, or 0      /
 *       3     OPEN    whether it is open: see ring/ends.ts
 *       4..6  undo    what the death of an agent that has it open does to OPEN
 * ```
 *
 * An end is open as long as some live object of it is, in any agent. Each live object has a record through which the
 * death of its agent has the effect of `close`; every waiter at a ring then looks again.
 */
import { SyncError } from '../core/errors.js';
import { allocate, type Kind } from '../core/memory/cells.js';
import { PIPE_CODE } from '../core/memory/codes.js';
import type { Member } from '../core/memory/member.js';
import { ENTITLED, putRecord, setState, setUndo, takeRecord, UNDO_WORDS } from '../core/memory/records.js';
import type { Leaving } from '../core/memory/ways.js';
import type { Place } from '../core/share/place.js';
import type { Subject } from '../core/wait/wait.js';
import { ARRIVED, isOpen, isUnderWay, leaving, ON_WAY, ONCE } from './ring/ends.js';
import { makeRing, memoryOf, Ring } from './ring/ring.js';
import { Segments } from './ring/segments.js';
import { ENDS, RING_CELL } from './ring/sides.js';
import { gatesOf, wakeAll } from './ring/wakes.js';

const IN = 1;
const OUT = 2;
const OPEN = 3;
/** How many words its cell has. */
export const END_WORDS = OPEN + 1 + UNDO_WORDS;

const RING: Kind = { ...RING_CELL, name: 'ring of a pipe', code: PIPE_CODE };

/** Makes a new cell an end of a pipe. */
export function makeEnd(words: Int32Array, cell: number): void {
  setUndo(words, cell + OPEN, -1, 0, -ONCE);
}

/**
 * Makes the ring of one direction of a new pipe.
 *
 * @param receiver the cell of the end that receives
 * @param sender the cell of the end that sends
 * @param limit the most bytes of the ring's memory
 * @returns the memory
 */
export function makeDirection(words: Int32Array, receiver: number, sender: number, limit: number): SharedArrayBuffer {
  const ring = allocate(words, RING);
  if (ring === 0) throw new SyncError('ERR_ARENA_FULL', 'no room for a pipe in this arena');
  const memory = makeRing(words, ring, 0, limit);
  Atomics.store(words, ring + ENDS, receiver + OPEN);
  Atomics.store(words, ring + ENDS + 1, sender + OPEN);
  Atomics.store(words, receiver + IN, ring);
  Atomics.store(words, sender + OUT, ring);
  return memory;
}

/** The memories that a handle brought for the rings of an end, the one it receives from first. */
export function memoriesOf(place: Place, cell: number): SharedArrayBuffer[] {
  const { words } = place.arena;
  const rings = [words[cell + IN], words[cell + OUT]].filter((ring) => ring !== 0);
  return rings.map((ring, i) => memoryOf(place, ring, i));
}

/** An end as one live object sees it, open until that closes it. */
export class PipeEnd {
  /** The ring that it receives from, and the ring that it sends into, if any. */
  readonly in: Ring | undefined;
  readonly out: Ring | undefined;
  readonly #member: Member;
  readonly #cell: number;
  /** Undefined once it is closed. */
  #close: (() => void) | undefined;

  /**
   * @param subject what waits are for
   * @param memories of the ring that it receives from and of the ring that it sends into, as far as they exist
   */
  constructor(subject: Subject, member: Member, cell: number, memories: readonly SharedArrayBuffer[]) {
    const { words } = member;
    const [receives, sends] = [words[cell + IN], words[cell + OUT]];
    const ring = (at: number, memory: SharedArrayBuffer): Ring => new Ring(subject, member, at, new Segments(memory));
    if (receives !== 0) this.in = ring(receives, memories[0]);
    if (sends !== 0) this.out = ring(sends, memories[receives === 0 ? 0 : 1]);
    this.#member = member;
    this.#cell = cell;
    this.#close = open(member, cell);
  }

  get memories(): SharedArrayBuffer[] {
    return [this.in, this.out].flatMap((ring) => (ring === undefined ? [] : [ring.memory]));
  }

  get isClosed(): boolean {
    return this.#close === undefined;
  }

  /** Whether no agent has it open any more, and it is on its way to none. */
  get isGone(): boolean {
    return this.isClosed && !isOpen(Atomics.load(this.#member.words, this.#cell + OPEN));
  }

  /** Marks it as on its way to another agent. @returns how, unless it already was */
  leaves(): Leaving | undefined {
    const member = this.#member;
    const cell = this.#cell;
    const { words } = member;
    const at = cell + OPEN;
    for (;;) {
      const word = Atomics.load(words, at);
      const next = leaving(word);
      if (Atomics.compareExchange(words, at, word, next) !== word) continue;
      if (isUnderWay(word)) return undefined;
      const gates = ringsOf(words, cell).flatMap((ring) => gatesOf(words, ring));
      const keep = (): (() => void) => open(member, cell);
      return { way: { words, at, mask: ON_WAY, during: next & ON_WAY, arrived: ARRIVED, gates }, keep };
    }
  }

  /** Marks it as arrived at this agent. */
  arrives(): void {
    Atomics.or(this.#member.words, this.#cell + OPEN, ARRIVED);
  }

  close(): void {
    const close = this.#close;
    if (close === undefined) return;
    this.#close = undefined;
    close();
    // Drops what nobody has received, in either direction.
    this.in?.consumer.discard();
    this.out?.consumer.discard();
  }
}

/** Opens an end for an agent. @returns what closes it, to be called once */
function open(member: Member, cell: number): () => void {
  const { words } = member;
  // Takes the opening back if the agent dies.
  const record = takeRecord(member, cell + OPEN);
  Atomics.add(words, cell + OPEN, ONCE);
  setState(words, record, ENTITLED);
  return () => {
    putRecord(member, record);
    const left = Atomics.sub(words, cell + OPEN, ONCE) - ONCE;
    if (!isOpen(left)) for (const ring of ringsOf(words, cell)) wakeAll(member, ring);
  };
}

/** The cells of the rings of an end. */
const ringsOf = (words: Int32Array, cell: number): number[] =>
  [IN, OUT].map((word) => words[cell + word]).filter((ring) => ring !== 0);
