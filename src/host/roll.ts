/**
 * The roll: what is running, in memory that all agents of a program share. The agent that starts a worker enters it; an
 * agent that knows that it has ended strikes it off, which wakes those that wait for its end.
 *
 * ```text
 * word 0   LAST_IDENT   how many idents were assigned; from 2³⁰ on, its last 30 bits, below two that are not both 0
 *      1   LAST_NAME    the number of the last generated name
 *      2   BELL         gate of agents that wait for the first of several to be struck off
 *      3   BEATS        \ whether the spawner is alive: life.ts
 *      4   PULSE        /
 *
 * then, for each place:
 * word 0   gate of blocked agents    \  changed, then notified, when the entry is struck off
 *      1   gate of tasks             /
 *      2   CLAIM    0, or the ident that owns the place: writing it into an empty place takes the place
 *      3   IDENT    0, or the ident of the entry: written last on entry, and cleared first
 *      4   FLAGS    DAEMON, LEAVING, PROCESS
 *      5   LENGTH   the number of characters of the name
 *      6   PID      0, or the process id of the child process that the worker keeps
 *      7   WITHIN   the ident of the process that a thread is part of, or that started a process
 *      8   PENDING  0, or the ident of the entry: clearing it decides whether it begins or is given up. Not a flag, because
 *                   the agent that comes second may find another entry here, which it must leave as it is
 *      9 … 63       the characters, two in a word
 * ```
 *
 * An ident is reused after 2³⁰ others, and never while an entry has it. So it shows whether a place still holds the same entry.
 */
import { SyncError } from '../core/errors.js';
import { Member } from '../core/memory/member.js';
import { checkSharedMemory } from '../core/memory/shared-memory.js';
import { BUSY, GOT, LOOK, SLEEP } from '../core/wait/pass.js';
import { Patience } from '../core/wait/patience.js';
import { learnWhetherBlockingIsAllowed } from '../core/wait/sleep.js';
import { Waiting } from '../core/wait/waiting.js';
import { blockLooking } from './life.js';

const LAST_IDENT = 0;
const LAST_NAME = 1;
const BELL = 2;
const HEADER = 32;

const GATE = 0;
const TASK_GATE = 1;
const CLAIM = 2;
const IDENT = 3;
const FLAGS = 4;
const LENGTH = 5;
const PID = 6;
const WITHIN = 7;
const PENDING = 8;
const NAME = 9;
const PLACE = 64;

const DAEMON = 1;
const LEAVING = 2;
const PROCESS = 4;

/** The ident of the agent in which the program began: it creates the roll, and is its first entry. */
export const MAIN_IDENT = 1;

/** The number of idents, counted from 1. */
const IDENTS = 2 ** 30;

/** Untouched pages of memory cost nothing. */
const PLACES = 8192;
/** The number of characters of a name that are kept. */
export const NAME_CHARACTERS = (PLACE - NAME) * 2;

/** An entry's position. */
export interface Entry {
  readonly ident: number;
  /** The index of the place's first word. */
  readonly place: number;
}

/** What is known of an entry. */
export interface Listed extends Entry {
  readonly name: string;
  readonly daemon: boolean;
  /** Whether it is a process or a pool worker rather than a thread. */
  readonly process?: boolean;
  /** The ident of the process that a thread is part of, or that started a process. */
  readonly within?: number;
}

/** An agent that blocks for a change of the roll checks on the spawner, which may have to make that change. */
class RollWait extends Waiting {
  override block(timeout: number, initial = 0): boolean {
    return blockLooking((part) => super.block(part, initial), timeout);
  }
}

function newBuffer(): SharedArrayBuffer {
  checkSharedMemory();
  return new SharedArrayBuffer((HEADER + PLACES * PLACE) * 4);
}

export class Roll {
  /** Typed for older compilers, in which Int32Array is not generic. */
  readonly words: Int32Array & { readonly buffer: SharedArrayBuffer };
  readonly #characters: Uint16Array;
  /** For this agent's waits; nothing else of a member is meaningful here. */
  readonly #member: Member;
  /** Shared by all waits for ends: threads that do little end soon, one after another. */
  readonly #patience = new Patience();

  /**
   * @param buffer the memory of an existing roll; a new one by default
   * @throws SyncError `ERR_NO_SHARED_MEMORY` where there is none
   */
  constructor(buffer = newBuffer()) {
    this.words = new Int32Array(buffer);
    this.#characters = new Uint16Array(buffer);
    this.#member = new Member(this.words, 1);
    learnWhetherBlockingIsAllowed();
  }

  /** @returns the number for the next generated name */
  nextNumber(): number {
    return (Atomics.add(this.words, LAST_NAME, 1) + 1) >>> 0;
  }

  /**
   * Adds an entry.
   *
   * @param traits.pending whether `begin` has yet to decide that it begins
   * @param traits.process whether it is a process or a pool worker rather than a thread
   * @param traits.within the ident of the process that it is part of, or that starts it
   * @throws SyncError `ERR_LIMIT` when there is no free place
   */
  enter(
    name: string,
    traits: { daemon?: boolean; pending?: boolean; process?: boolean; within?: number | undefined } = {},
  ): Entry {
    const { words } = this;
    const { daemon = false, pending = false, process = false, within = MAIN_IDENT } = traits;
    const ident = this.#newIdent();
    for (let place = HEADER; place < words.length; place += PLACE) {
      if (Atomics.compareExchange(words, place + CLAIM, 0, ident) !== 0) continue;
      const entry = { ident, place };
      this.rename(entry, name);
      Atomics.store(words, place + FLAGS, (daemon ? DAEMON : 0) | (process ? PROCESS : 0));
      Atomics.store(words, place + PID, 0);
      Atomics.store(words, place + WITHIN, within);
      Atomics.store(words, place + PENDING, pending ? ident : 0);
      Atomics.store(words, place + IDENT, ident);
      return entry;
    }
    throw new SyncError(
      'ERR_LIMIT',
      `${PLACES} threads, processes and the like are running; join some before you start more`,
    );
  }

  /** @returns an unused ident: once idents are reused, it checks whether one is still in use */
  #newIdent(): number {
    const { words } = this;
    for (;;) {
      const given = Atomics.add(words, LAST_IDENT, 1);
      const ident = (given & (IDENTS - 1)) + 1;
      const round = given >>> 30;
      if (round === 0) return ident;
      // Later rounds must remain distinguishable from the first.
      if (round === 3) Atomics.compareExchange(words, LAST_IDENT, given + 1, given + 1 - IDENTS);
      if (!this.#isGiven(ident)) return ident;
    }
  }

  #isGiven(ident: number): boolean {
    const { words } = this;
    for (let place = HEADER; place < words.length; place += PLACE)
      if (Atomics.load(words, place + CLAIM) === ident) return true;
    return false;
  }

  /** Renames an entry. */
  rename({ place }: Entry, name: string): void {
    const length = Math.min(name.length, NAME_CHARACTERS);
    for (let i = 0; i < length; i++) this.#characters[(place + NAME) * 2 + i] = name.charCodeAt(i);
    Atomics.store(this.words, place + LENGTH, length);
  }

  /** @returns whether the caller is the one to decide what happens to a pending entry */
  begin({ ident, place }: Entry): boolean {
    return Atomics.compareExchange(this.words, place + PENDING, ident, 0) === ident;
  }

  /** Records that an entry will no longer ask what happened to others. */
  leave({ place }: Entry): void {
    Atomics.or(this.words, place + FLAGS, LEAVING);
  }

  /** Whether an entry is still on the roll, and may ask what happened to others. */
  attends(entry: Entry): boolean {
    return (Atomics.load(this.words, entry.place + FLAGS) & LEAVING) === 0 && this.has(entry);
  }

  /** Strikes off an entry, once; later calls wake the waiters again, in case the first was cut short. */
  strike({ ident, place }: Entry): void {
    const { words } = this;
    if (Atomics.load(words, place + CLAIM) !== ident) return;
    Atomics.compareExchange(words, place + IDENT, ident, 0);
    this.#wake(place);
    Atomics.compareExchange(words, place + CLAIM, ident, 0);
  }

  #wake(place: number): void {
    this.#ring(place + GATE);
    this.#ring(place + TASK_GATE);
    this.#ring(BELL);
  }

  #ring(gate: number): void {
    Atomics.add(this.words, gate, 1);
    Atomics.notify(this.words, gate);
  }

  /** Records the child process that an entry keeps; 0 when that has ended. */
  setPid({ place }: Entry, pid: number): void {
    Atomics.store(this.words, place + PID, pid);
    this.#wake(place);
  }

  /** @returns the child process that an entry keeps, or 0 */
  pidOf(entry: Entry): number {
    const pid = Atomics.load(this.words, entry.place + PID);
    return this.has(entry) ? pid : 0;
  }

  /** Whether an entry is still on the roll. */
  has({ ident, place }: Entry): boolean {
    return Atomics.load(this.words, place + IDENT) === ident;
  }

  /** @returns the name of an entry that is still on the roll */
  nameOf(entry: Entry): string | undefined {
    const start = (entry.place + NAME) * 2;
    const end = start + Atomics.load(this.words, entry.place + LENGTH);
    let name = '';
    for (let i = start; i < end; i++) name += String.fromCharCode(this.#characters[i]);
    return this.has(entry) ? name : undefined;
  }

  /** Whether the program may end while the entry is running. */
  isDaemon({ place }: Entry): boolean {
    return (Atomics.load(this.words, place + FLAGS) & DAEMON) !== 0;
  }

  /** @returns all entries, the oldest first as long as no idents have been reused */
  list(): Listed[] {
    const listed: Listed[] = [];
    const { words } = this;
    const given = Atomics.load(words, LAST_IDENT) >>> 0;
    for (let place = HEADER; place < words.length && place < HEADER + given * PLACE; place += PLACE) {
      const ident = Atomics.load(words, place + IDENT);
      if (ident === 0) continue;
      const flags = Atomics.load(words, place + FLAGS);
      const within = Atomics.load(words, place + WITHIN);
      const name = this.nameOf({ ident, place });
      if (name === undefined) continue;
      listed.push({ ident, place, name, daemon: (flags & DAEMON) !== 0, process: (flags & PROCESS) !== 0, within });
    }
    return listed.sort((one, other) => one.ident - other.ident);
  }

  /**
   * @param label what is waited for, for human readers
   * @returns the wait until an entry is struck off
   */
  end(entry: Entry, label: string): Waiting {
    return this.#until(entry, label, () => !this.has(entry));
  }

  /** The same wait for an end, at the gate of agents that wait for several. */
  together({ subject, member, pass, cell }: Waiting): Waiting {
    return new Waiting(subject, member, pass, cell, BELL);
  }

  /** The wait until an entry has a child process or is struck off. */
  child(entry: Entry, label: string): Waiting {
    return this.#until(entry, label, () => this.pidOf(entry) !== 0 || !this.has(entry));
  }

  #until({ ident, place }: Entry, label: string, isSo: () => boolean): Waiting {
    const pass = (_words: Int32Array, _cell: number, _me: number, state: number): number => {
      if (isSo()) return GOT;
      return (state & LOOK) !== 0 ? BUSY : SLEEP;
    };
    return new RollWait({ label }, this.#member, pass, place, place + GATE, {
      taskGate: place + TASK_GATE,
      key: ident,
      patience: this.#patience,
    });
  }
}

let last: Roll | undefined;

/** @returns the roll in this memory; the last one is cached, because an agent keeps using the same one */
export function rollOf(buffer: SharedArrayBuffer): Roll {
  if (last?.words.buffer !== buffer) last = new Roll(buffer);
  return last;
}
