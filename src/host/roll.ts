/**
 * The roll: who runs, in memory that all agents of a program share. Whoever starts a worker enters it; whoever knows
 * that it has ended strikes it off, which wakes those who wait for that.
 *
 * ```text
 * word 0   LAST_IDENT   how many idents were given; of 2³⁰ and more, the last 32 bits
 *      1   LAST_NAME    the number of the last name that was made
 *      2   BELL         gate of agents that wait for the first of several to be struck off
 *      3   BEATS        \ whether the spawner lives: life.ts
 *      4   PULSE        /
 *
 * then, of each place:
 * word 0   gate of blocked agents    \  changed, then notified, when it is struck off
 *      1   gate of tasks             /
 *      2   CLAIM    0, or the ident of the owner of the place: whoever writes it into an empty place owns that
 *      3   IDENT    0, or the ident of who is entered: written last on entry, and cleared first
 *      4   FLAGS    DAEMON, LEAVING, PROCESS; and PENDING: whoever clears it decides whether it begins or is given up
 *      5   LENGTH   how many characters of the name there are
 *      6   PID      0, or the child process that the worker keeps, by the operating system's number
 *      8 … 63       the characters, two in a word
 * ```
 *
 * An ident is given again after 2³⁰ others, to one while nobody is entered by it. So it says whether a place is still what it was.
 */
import { SyncError } from '../core/errors.js';
import { Member } from '../core/memory/member.js';
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
const NAME = 8;
const PLACE = 64;

const DAEMON = 1;
const PENDING = 2;
const LEAVING = 4;
const PROCESS = 8;

/** The ident of the agent in which the program began: it makes the roll, and is the first in it. */
export const MAIN_IDENT = 1;

/** There are so many idents, from 1 on. */
const IDENTS = 2 ** 30;

/** Pages of memory that are never touched cost nothing. */
const PLACES = 8192;
/** How many characters of a name are kept. */
export const NAME_CHARACTERS = (PLACE - NAME) * 2;

/** Where somebody is entered. */
export interface Entry {
  readonly ident: number;
  /** The index of the place's first word. */
  readonly place: number;
}

/** What is known of somebody who is entered. */
export interface Listed extends Entry {
  readonly name: string;
  readonly daemon: boolean;
  /** Whether it is a process, or a worker of a pool, and no thread. */
  readonly process?: boolean;
}

/** Who blocks for what is written on the roll looks after the spawner, which may have to write it. */
class RollWait extends Waiting {
  override block(timeout: number, initial = 0): boolean {
    return blockLooking((part) => super.block(part, initial), timeout);
  }
}

export class Roll {
  /** Typed for older compilers, in which Int32Array is not generic. */
  readonly words: Int32Array & { readonly buffer: SharedArrayBuffer };
  readonly #characters: Uint16Array;
  /** The waits of this agent; nothing else of a member means anything here. */
  readonly #member: Member;
  /** Of all waits for ends: those of threads that do little come soon, one after the other. */
  readonly #patience = new Patience();

  /** @param buffer the memory of a roll that there is; a new one by default */
  constructor(buffer = new SharedArrayBuffer((HEADER + PLACES * PLACE) * 4)) {
    this.words = new Int32Array(buffer);
    this.#characters = new Uint16Array(buffer);
    this.#member = new Member(this.words, 1);
    learnWhetherBlockingIsAllowed();
  }

  /** @returns the number for the next name that is made */
  nextNumber(): number {
    return (Atomics.add(this.words, LAST_NAME, 1) + 1) >>> 0;
  }

  /**
   * Enters somebody.
   *
   * @param traits.pending whether `begin` has yet to decide that it begins
   * @param traits.process whether it is a process, or a worker of a pool, and no thread
   * @throws SyncError `ERR_LIMIT` when there is no place
   */
  enter(name: string, traits: { daemon?: boolean; pending?: boolean; process?: boolean } = {}): Entry {
    const { words } = this;
    const { daemon = false, pending = false, process = false } = traits;
    const ident = this.#newIdent();
    for (let place = HEADER; place < words.length; place += PLACE) {
      if (Atomics.compareExchange(words, place + CLAIM, 0, ident) !== 0) continue;
      const entry = { ident, place };
      this.rename(entry, name);
      Atomics.store(words, place + FLAGS, (daemon ? DAEMON : 0) | (pending ? PENDING : 0) | (process ? PROCESS : 0));
      Atomics.store(words, place + PID, 0);
      Atomics.store(words, place + IDENT, ident);
      return entry;
    }
    throw new SyncError('ERR_LIMIT', `${PLACES} threads and the like run already; join some before you start more`);
  }

  /** @returns an ident that nobody has: of those that begin anew, it looks whether they are somebody's still */
  #newIdent(): number {
    const { words } = this;
    for (;;) {
      const given = Atomics.add(words, LAST_IDENT, 1);
      const ident = (given & (IDENTS - 1)) + 1;
      const round = given >>> 30;
      if (round === 0) return ident;
      // The rounds after the first have to be known from it.
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

  /** Gives another name to somebody who is entered. */
  rename({ place }: Entry, name: string): void {
    const length = Math.min(name.length, NAME_CHARACTERS);
    for (let i = 0; i < length; i++) this.#characters[(place + NAME) * 2 + i] = name.charCodeAt(i);
    Atomics.store(this.words, place + LENGTH, length);
  }

  /** @returns whether the caller is the one to decide what becomes of somebody who is pending */
  begin({ place }: Entry): boolean {
    return (Atomics.and(this.words, place + FLAGS, ~PENDING) & PENDING) !== 0;
  }

  /** Says that somebody who is entered will not ask any more what has become of others. */
  leave({ place }: Entry): void {
    Atomics.or(this.words, place + FLAGS, LEAVING);
  }

  /** Whether somebody is still entered, and may ask what has become of others. */
  attends(entry: Entry): boolean {
    return (Atomics.load(this.words, entry.place + FLAGS) & LEAVING) === 0 && this.has(entry);
  }

  /** Strikes somebody off, once; later calls wake those who wait once more, in case the first was cut short. */
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

  /** Says of somebody which child process it keeps; 0 when that has ended. */
  setPid({ place }: Entry, pid: number): void {
    Atomics.store(this.words, place + PID, pid);
    this.#wake(place);
  }

  /** @returns the child process that somebody keeps, or 0 */
  pidOf(entry: Entry): number {
    const pid = Atomics.load(this.words, entry.place + PID);
    return this.has(entry) ? pid : 0;
  }

  /** Whether somebody is still entered. */
  has({ ident, place }: Entry): boolean {
    return Atomics.load(this.words, place + IDENT) === ident;
  }

  /** @returns the name of somebody who is entered */
  nameOf(entry: Entry): string | undefined {
    const start = (entry.place + NAME) * 2;
    const end = start + Atomics.load(this.words, entry.place + LENGTH);
    let name = '';
    for (let i = start; i < end; i++) name += String.fromCharCode(this.#characters[i]);
    return this.has(entry) ? name : undefined;
  }

  /** Whether the program may end although somebody runs, who is entered. */
  isDaemon({ place }: Entry): boolean {
    return (Atomics.load(this.words, place + FLAGS) & DAEMON) !== 0;
  }

  /** @returns everybody who is entered, the longest there first as long as idents have not begun anew */
  list(): Listed[] {
    const listed: Listed[] = [];
    const { words } = this;
    const given = Atomics.load(words, LAST_IDENT) >>> 0;
    for (let place = HEADER; place < words.length && place < HEADER + given * PLACE; place += PLACE) {
      const ident = Atomics.load(words, place + IDENT);
      if (ident === 0) continue;
      const flags = Atomics.load(words, place + FLAGS);
      const name = this.nameOf({ ident, place });
      if (name === undefined) continue;
      listed.push({ ident, place, name, daemon: (flags & DAEMON) !== 0, process: (flags & PROCESS) !== 0 });
    }
    return listed.sort((one, other) => one.ident - other.ident);
  }

  /**
   * @param label what is waited for, as people call it
   * @returns the wait until somebody is struck off
   */
  end(entry: Entry, label: string): Waiting {
    return this.#until(entry, label, () => !this.has(entry));
  }

  /** The same wait as one for somebody's end, at the gate of those that wait for several. */
  together({ subject, member, pass, cell }: Waiting): Waiting {
    return new Waiting(subject, member, pass, cell, BELL);
  }

  /** The wait until somebody has a child process, or is struck off. */
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

/** @returns the roll in this memory; the last one is kept, since an agent uses the same for a long time */
export function rollOf(buffer: SharedArrayBuffer): Roll {
  if (last?.words.buffer !== buffer) last = new Roll(buffer);
  return last;
}
