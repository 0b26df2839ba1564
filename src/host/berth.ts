/**
 * A berth: where a worker rests between two threads, and takes the order for the next. Its memory is shared by the agent
 * for which the worker runs threads, the worker, and the spawner, which learns how the worker ends.
 *
 * ```text
 * word 0   WORKER_GATE   the worker sleeps on it while it rests  \  word + 1 is the gate of tasks, on which nobody waits
 *      2   AGENT_GATE    the agent sleeps on it until it rests   /
 *      4   STATE         BUSY, RESTING, GIVEN or OVER
 *      5   IDENT         \  the thread that the worker runs or is given: the agent writes it while the worker rests
 *      6   PLACE         /
 *      7   LENGTH        the number of bytes of arguments; APART when the order comes by message
 *      8   ASKED         1 once the agent wants a message at the thread's end
 *      9   MEMORY        1 when the arguments refer to the same memory as the previous order's, 0 when to none
 *
 * byte 64 …              the arguments
 *
 *           worker             agent             worker
 *   BUSY ──────────▶ RESTING ────────▶ GIVEN ──────────▶ BUSY          anything ──────▶ OVER
 * ```
 *
 * OVER is written by the worker when it has rested for too long and by the agent that dismisses it (both only replace
 * RESTING), and by the spawner when the worker has ended, or before it ends a worker that a thread has left busy.
 */
import { Member } from '../core/memory/member.js';
import { GOT, BUSY as LATER, LOOK, SLEEP } from '../core/wait/pass.js';
import { Patience } from '../core/wait/patience.js';
import { Waiting } from '../core/wait/waiting.js';
import type { Entry } from './roll.js';

const WORKER_GATE = 0;
const AGENT_GATE = 2;
const STATE = 4;
const IDENT = 5;
const PLACE = 6;
const LENGTH = 7;
const ASKED = 8;
const MEMORY = 9;
const START = 64;

const BUSY = 0;
const RESTING = 1;
const GIVEN = 2;
const OVER = 3;

const APART = -1;

const BYTES = 4096;

/** The number of bytes of arguments that a berth has room for. */
export const ROOM = BYTES - START;

/** Arguments that came in a berth. */
export interface Berthed {
  readonly bytes: Uint8Array;
  /** Whether they refer to the same memory as the previous order's; otherwise they refer to none. */
  readonly sameMemory: boolean;
}

/** A wait for the state to change from this one. */
const whileStateIs =
  (state: number) =>
  (words: Int32Array, _cell: number, _me: number, how: number): number => {
    if (Atomics.load(words, STATE) !== state) return GOT;
    return (how & LOOK) !== 0 ? LATER : SLEEP;
  };

export class Berth {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #given: Waiting;
  readonly #rests: Waiting;

  /** @param of the memory of an existing berth; for a new one, the first thread that its worker runs */
  constructor(of: SharedArrayBuffer | Entry) {
    this.buffer = of instanceof SharedArrayBuffer ? of : new SharedArrayBuffer(BYTES);
    this.#words = new Int32Array(this.buffer, 0, START / 4);
    this.#bytes = new Uint8Array(this.buffer, START);
    const member = new Member(this.#words, 1);
    const subject = { label: 'the next thread' };
    const [given, rests] = [RESTING, BUSY].map(whileStateIs);
    // Threads often follow each other closely, so both spin for a while before they sleep.
    this.#given = new Waiting(subject, member, given, STATE, WORKER_GATE, { patience: new Patience() });
    this.#rests = new Waiting(subject, member, rests, STATE, AGENT_GATE, { patience: new Patience() });
    if (!(of instanceof SharedArrayBuffer)) this.#enter(of);
  }

  /** The thread that the worker runs, or ran last. */
  get entry(): Entry {
    return { ident: Atomics.load(this.#words, IDENT), place: Atomics.load(this.#words, PLACE) };
  }

  get isBusy(): boolean {
    return Atomics.load(this.#words, STATE) === BUSY;
  }

  get isResting(): boolean {
    return Atomics.load(this.#words, STATE) === RESTING;
  }

  get isOver(): boolean {
    return Atomics.load(this.#words, STATE) === OVER;
  }

  // --- the agent ------------------------------------------------------------------------------------------------

  /**
   * Gives the resting worker its next thread.
   *
   * @param args the arguments; without them, the order comes by message
   * @returns false when it no longer takes any
   */
  give(entry: Entry, args?: Berthed): boolean {
    this.#enter(entry);
    Atomics.store(this.#words, LENGTH, args?.bytes.length ?? APART);
    Atomics.store(this.#words, MEMORY, args?.sameMemory === true ? 1 : 0);
    Atomics.store(this.#words, ASKED, 0);
    if (args !== undefined) this.#bytes.set(args.bytes);
    return this.#change(RESTING, GIVEN, WORKER_GATE);
  }

  #enter({ ident, place }: Entry): void {
    Atomics.store(this.#words, IDENT, ident);
    Atomics.store(this.#words, PLACE, place);
  }

  /** Ends the worker if it is resting. */
  dismiss(): void {
    this.#change(RESTING, OVER, WORKER_GATE);
  }

  /** Waits, for at most `ms`, until the worker, whose thread has ended, is RESTING or OVER. */
  awaitRest(ms: number): void {
    this.#rests.wait(ms);
  }

  /** Asks for a message at the end of the thread. */
  ask(): void {
    Atomics.store(this.#words, ASKED, 1);
  }

  // --- the worker -----------------------------------------------------------------------------------------------

  get isAsked(): boolean {
    return Atomics.load(this.#words, ASKED) === 1;
  }

  /** Begins to rest. */
  rest(): void {
    this.#change(BUSY, RESTING, AGENT_GATE);
  }

  /**
   * Waits for the next order.
   *
   * @param ms the longest wait, in ms
   */
  awaitOrder(ms: number): void {
    this.#given.wait(ms);
  }

  /**
   * Takes the next order.
   *
   * @returns the arguments, or `apart` when the order comes by message; undefined when there is no order and will be none
   */
  take(): Berthed | 'apart' | undefined {
    if (this.#change(RESTING, OVER, AGENT_GATE) || !this.#change(GIVEN, BUSY, AGENT_GATE)) return undefined;
    const length = Atomics.load(this.#words, LENGTH);
    if (length === APART) return 'apart';
    return { bytes: this.#bytes.slice(0, length), sameMemory: Atomics.load(this.#words, MEMORY) === 1 };
  }

  // --- the spawner ----------------------------------------------------------------------------------------------

  /**
   * Makes the worker take no further order, if it is still busy with what a thread left behind.
   *
   * @param ident the ident of that thread
   */
  close(ident: number): boolean {
    if (!this.#change(BUSY, OVER, AGENT_GATE)) return false;
    if (this.entry.ident === ident) return true;
    // It has rested in the meantime, and runs the next thread.
    this.#change(OVER, BUSY, AGENT_GATE);
    return false;
  }

  /**
   * Records that the worker has ended.
   *
   * @returns the thread that it was running, or was about to run
   */
  end(): Entry | undefined {
    const state = Atomics.exchange(this.#words, STATE, OVER);
    this.#wake(AGENT_GATE);
    return state === BUSY || state === GIVEN ? this.entry : undefined;
  }

  #change(from: number, to: number, gate: number): boolean {
    if (Atomics.compareExchange(this.#words, STATE, from, to) !== from) return false;
    this.#wake(gate);
    return true;
  }

  #wake(gate: number): void {
    Atomics.add(this.#words, gate, 1);
    Atomics.notify(this.#words, gate);
  }
}
