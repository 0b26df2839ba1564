/**
 * How the memory that an item names reaches the agent that takes the item.
 *
 * Agents that use queues share one BroadcastChannel. An agent that puts an item *lends* what it names: it tells all
 * agents of it before the item exists. Those that have the queue keep that until the item is taken (until it is done,
 * if it may go back), so it is there even if the lender has ended. An agent that came later *asks*, and all that have
 * the memory *give* it.
 *
 * ```text
 *  producer ──lend──▶ all ◀──ask── a consumer that has come later
 *                      └────give──▶
 * ```
 *
 * Memory that is named again and again is lent for as many future items as have named it, so most of them need no
 * message. A queue that is lent, or given, has items of its own: what these name is lent with it.
 *
 * In Node the channel's messages can be taken without a turn of the event loop, so a blocked agent is served as well;
 * and one that blocks for a primitive answers when it checks on the others (core/memory/vigil.ts). In Deno and Bun only
 * the messages of a port can, and the channel of Chromium carries no shared memory. So there what is lent is also left
 * with the spawner until the item is taken, and agents with the same spawner fetch it from there. In a browser that
 * takes a turn of the event loop: a blocking `get` refuses such an item, and the async form gets it.
 */
import { joinChannel, supervises } from '#host';
import { whileWaiting } from '../../core/memory/vigil.js';
import { onAbort } from '../../core/wait/abort.js';
import { now } from '../../core/wait/clock.js';
import { sleep } from '../../core/wait/sleep.js';
import { later } from '../../core/wait/turns.js';
import type { Channel } from '../../host/host.js';
import { client, hasSpawner } from '../../tasks/client.js';
import { countLoans, find, identityOf, idOf, meet } from './memories.js';
import { Segments } from './segments.js';
import { COUNT, RING } from './sides.js';
import { isDropped, keepsTaken } from './states.js';
import { doneUpTo } from './taken.js';

/** How long an agent that asks waits for an answer, in ms: several times as long as a blocked agent sleeps at a time. */
const ASK_MS = 5000;
/** How long an agent that asks and blocks sleeps between two looks, in ms. */
const LOOK_MS = 1;
/** Its name changes when the messages do. */
const NAME = 'atomics-sync-free.memory.2';

/** Memory, and the number of the last item for which it is lent: how many items will have been put with that. */
interface Loan {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly item: number;
}

/** Memory that is kept until `item` items are over. */
type Kept = Pick<Loan, 'memory' | 'item'>;

/** How others find a queue, or one direction of a pipe. */
interface Where {
  /** The id of its own memory. */
  readonly queue: number;
  /** The id of the memory in which its cells are, and where in it. */
  readonly arena: number;
  readonly byteOffset: number;
  readonly length: number;
  /** The index of its get side. */
  readonly side: number;
}

type Message =
  | { readonly kind: 'lend'; readonly where: Where; readonly loans: readonly Loan[] }
  | { readonly kind: 'ask'; readonly id: number }
  | { readonly kind: 'give'; readonly id: number; readonly memory: SharedArrayBuffer };

let channel: Channel | undefined;
/** This agent's waiters for an answer, by what they have asked for. */
const asking = new Map<number, Set<() => void>>();
/** What was given to those that block, until they have got it. */
const given = new Map<number, SharedArrayBuffer>();

function open(): void {
  if (channel !== undefined) return;
  channel = joinChannel(NAME, (message) => hear(message as Message));
  if (channel?.receive !== undefined) whileWaiting(drain);
}

/** Takes the messages that have arrived, if the host can while the event loop does not turn. */
function drain(): void {
  for (let last = channel?.receive?.(); last !== undefined; last = channel?.receive?.()) hear(last.message as Message);
}

function hear(message: Message | null): void {
  // What Chromium makes of a message with shared memory.
  if (message === null) return;
  if (message.kind === 'lend') {
    const loans = loansAt(message.where);
    for (const { id, memory, item } of message.loans) {
      loans?.keep(meet(memory, id), item);
      arrived(id, memory);
    }
  } else if (message.kind === 'give') {
    arrived(message.id, message.memory);
  } else {
    const memory = find(message.id);
    if (memory === undefined) return;
    tell({ kind: 'give', id: message.id, memory });
    allLoans.get(memory)?.lendAgain();
  }
}

function arrived(id: number, memory: SharedArrayBuffer): void {
  const waiting = asking.get(id);
  if (waiting === undefined) return;
  given.set(id, meet(memory, id));
  for (const proceed of [...waiting]) proceed();
}

const tell = (message: Message): void => channel?.send(message);

/** Whether memory is fetched from the spawner. */
const spawnerGives = (): boolean => channel?.receive === undefined && hasSpawner();

/** The memory that items of one queue name, as one agent keeps it until they are over. */
export class Loans {
  readonly #segments: Segments;
  readonly #words: Int32Array;
  readonly #side: number;
  readonly #keeps: boolean;
  /** How many items have named a memory here, and up to which one it is lent. */
  readonly #lent = new WeakMap<SharedArrayBuffer, { times: number; until: number }>();
  /** What this agent has left with the spawner, and the last item that names it. */
  readonly #left = new Map<SharedArrayBuffer, number>();
  readonly #kept: Kept[] = [];

  /** @param side the index of its get side */
  constructor(segments: Segments, words: Int32Array, side: number) {
    this.#segments = segments;
    this.#words = words;
    this.#side = side;
    this.#keeps = keepsTaken(words, words[side + RING]);
  }

  /**
   * Lends what an item names.
   *
   * @param memories what it names
   * @param item its number: how many items will have been put with it
   */
  lend(memories: readonly SharedArrayBuffer[], item: number): void {
    drain();
    const loans: Loan[] = [];
    this.release();
    for (const memory of memories) {
      // Every agent that has the queue has these.
      if (memory === this.#words.buffer || memory === this.#segments.buffer) continue;
      this.keep(memory, item);
      if (spawnerGives()) this.#leave(memory, item);
      const lent = this.#lent.get(memory) ?? { times: 0, until: (item - 1) | 0 };
      // It is not lent for this item, or was so long ago that the number has come round again.
      if ((lent.until - item) >>> 0 > lent.times) {
        const until = (item + lent.times) | 0;
        loans.push({ id: idOf(memory), memory, item: until });
        lent.until = until;
      }
      lent.times++;
      this.#lent.set(memory, lent);
    }
    if (loans.length === 0) return;
    this.#tell(loans);
    for (const { memory } of loans) allLoans.get(memory)?.lendAgain();
  }

  /** Lends what the items that are there name, to agents that did not know the queue when they were put. */
  lendAgain(told = new Set<Loans>()): void {
    if (told.has(this)) return;
    told.add(this);
    this.release();
    if (this.#kept.length === 0) return;
    this.#tell(this.#kept.map(({ memory, item }) => ({ id: idOf(memory), memory, item })));
    for (const { memory } of this.#kept) allLoans.get(memory)?.lendAgain(told);
  }

  #tell(loans: readonly Loan[]): void {
    const { buffer, byteOffset, length } = this.#words;
    const [queue, arena] = [idOf(this.#segments.buffer), idOf(buffer as SharedArrayBuffer)];
    tell({ kind: 'lend', where: { queue, arena, byteOffset, length, side: this.#side }, loans });
  }

  #leave(memory: SharedArrayBuffer, item: number): void {
    if (!this.#left.has(memory)) client().send({ kind: 'keep', id: idOf(memory), buffer: memory });
    this.#left.set(memory, item);
  }

  /** Keeps a memory until `item` items are over. */
  keep(memory: SharedArrayBuffer, item: number): void {
    this.release();
    countLoans(memory, 1);
    this.#kept.push({ memory, item });
  }

  /** Lets go of what items that are over have named. */
  release(): void {
    const kept = this.#kept;
    if (kept.length === 0) return;
    const words = this.#words;
    const ring = words[this.#side + RING];
    const taken = Atomics.load(words, this.#side + COUNT);
    const over = this.#keeps ? doneUpTo(words, ring, this.#segments, taken) : taken;
    const dropped = isDropped(words, ring);
    const isOver = (item: number): boolean => dropped || ((item - over) | 0) <= 0;
    while (kept.length > 0 && isOver(kept[0].item)) countLoans((kept.shift() as Kept).memory, -1);
    for (const [memory, item] of this.#left) {
      if (!isOver(item)) continue;
      this.#left.delete(memory);
      client().send({ kind: 'drop', id: idOf(memory) });
    }
  }
}

const allLoans = new WeakMap<SharedArrayBuffer, Loans>();

/**
 * @param segments of the queue
 * @param side the index of its get side
 * @returns what this agent keeps for a queue
 */
export function loansOf(segments: Segments, words: Int32Array, side: number): Loans | undefined {
  const { buffer } = segments;
  if (identityOf(buffer) === undefined) return undefined;
  open();
  const loans = allLoans.get(buffer) ?? new Loans(segments, words, side);
  allLoans.set(buffer, loans);
  return loans;
}

/**
 * @returns what this agent keeps for a queue of which it knows at least the memory, from an item that has not been
 *   taken, say
 */
function loansAt({ queue, arena, byteOffset, length, side }: Where): Loans | undefined {
  const memory = find(queue);
  const known = memory && allLoans.get(memory);
  if (memory === undefined || known !== undefined) return known;
  const cells = find(arena);
  return cells && loansOf(new Segments(memory), new Int32Array(cells, byteOffset, length), side);
}

/**
 * Gets memory that has not reached this agent, blocking.
 *
 * @param ms the longest wait; 0 takes only what has arrived
 * @returns the memory, or undefined when nobody has given it, or the host cannot get it
 */
export function fetch(id: number, ms: number): SharedArrayBuffer | undefined {
  const end = now() + Math.min(ms, ASK_MS);
  if (spawnerGives() && supervises) {
    // No wait would bring what has not reached this agent.
    if (client().isAlone) return undefined;
    const memory = client().fetch(id, () => now() < end);
    return memory && meet(memory, id);
  }
  if (channel?.receive === undefined) return undefined;
  drain();
  const ended = expect(id, () => {});
  try {
    if (find(id) === undefined) tell({ kind: 'ask', id });
    while (find(id) === undefined && now() < end) {
      sleep(LOOK_MS);
      drain();
    }
    return find(id);
  } finally {
    ended();
  }
}

/**
 * The same, without blocking the agent.
 *
 * @returns rejected with the signal's reason when it aborts
 */
export function fetchAsync(id: number, signal: AbortSignal | undefined): Promise<SharedArrayBuffer | undefined> {
  drain();
  // It may have aborted since the wait for the item has ended.
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      inTime();
      unlisten?.();
      const memory = find(id);
      ended();
      resolve(memory);
    };
    const inTime = later(end, ASK_MS);
    const unlisten =
      signal &&
      onAbort(signal, () => {
        inTime();
        ended();
        reject(signal.reason);
      });
    const ended = expect(id, end);
    if (find(id) !== undefined) end();
    else {
      tell({ kind: 'ask', id });
      if (spawnerGives()) client().fetchAsync(id, (memory) => arrived(id, memory));
    }
  });
}

/** @returns what ends it */
function expect(id: number, proceed: () => void): () => void {
  const waiting = asking.get(id) ?? new Set();
  asking.set(id, waiting.add(proceed));
  return () => {
    waiting.delete(proceed);
    if (waiting.size > 0) return;
    asking.delete(id);
    given.delete(id);
  };
}
