/** What a pool has yet to put into the ring: calls that have more tasks, and tasks for which there was no room. */
import { NOTHING_KEPT } from '../../core/memory/ways.js';
import { asGiven } from '../../tasks/codec/refusal.js';
import type { ApplyFeed } from './apply-feed.js';
import type { Draft, Feed } from './feed.js';
import type { Flights } from './flights.js';
import { APPLY, THREW } from './messages.js';

/** A task that was made and not put. */
interface Held {
  readonly feed: Feed;
  readonly draft: Draft;
  readonly deaths: number;
  /** What the owner keeps for it, if it is to be begun again. */
  readonly kept: readonly (() => void)[];
}

export class Backlog {
  readonly #flights: Flights;
  /** Those that may have tasks which are not under way yet, in order. */
  readonly #feeds = new Set<Feed>();
  /** Tasks that were made and for which there is no room: in the memory, or because making them called the pool. */
  #held: Held[] = [];
  /** Those whose next task is being made, which may call the pool. */
  readonly #busy = new Set<Feed>();

  constructor(flights: Flights) {
    this.#flights = flights;
  }

  get isEmpty(): boolean {
    return this.#feeds.size === 0 && this.#held.length === 0;
  }

  /** Whether there are calls whose tasks arrive through the event loop. */
  get isAsync(): boolean {
    return [...this.#feeds].some((feed) => feed.isAsync);
  }

  /** Whether this is called from an input that is being asked for its next item. */
  get isBusy(): boolean {
    return this.#busy.size > 0;
  }

  /** Whether there are calls that may have more tasks. */
  get hasFeeds(): boolean {
    return this.#feeds.size > 0;
  }

  /** How many tasks were made and not put. */
  get held(): number {
    return this.#held.length;
  }

  /** Adds a call's work. */
  add(feed: Feed): void {
    this.#feeds.add(feed);
  }

  /**
   * Adds a task that is to be begun again.
   *
   * @param kept what the owner keeps for it
   */
  hold(feed: Feed, draft: Draft, deaths: number, kept = NOTHING_KEPT): void {
    this.#held.push({ feed, draft, deaths, kept });
  }

  /**
   * Puts a task at once, if nothing is before it.
   *
   * @returns whether it is put
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  tryPut(feed: ApplyFeed<unknown>): boolean {
    return this.isEmpty && this.#flights.put(feed, feed, 0);
  }

  /** Puts tasks as long as there are some, and slots for them. */
  pump(): void {
    for (let held = this.#held[0] as Held | undefined; held !== undefined; held = this.#held[0]) {
      if (!this.#launch(held)) return;
      this.#held.shift();
    }
    for (const feed of this.#feeds) {
      if (this.#busy.has(feed)) continue;
      while (!this.#flights.isFull) {
        this.#busy.add(feed);
        const draft = feed.next();
        this.#busy.delete(feed);
        if (draft === undefined) break;
        const made = { feed, draft, deaths: 0, kept: NOTHING_KEPT };
        if (this.#launch(made)) continue;
        this.#held.push(made);
        return;
      }
      if (feed.exhausted) this.#feeds.delete(feed);
      if (this.#flights.isFull) return;
    }
  }

  /** @returns false when there is no room for it */
  #launch({ feed, draft, deaths, kept }: Held): boolean {
    try {
      return this.#flights.put(feed, draft, deaths, kept);
    } catch (error) {
      letGo(kept);
      // A chunk may be too large as a whole; and if one item cannot be sent, the others can.
      if (draft.count === 1 || draft.encoded !== undefined) feed.take(draft, THREW, inItems(error, draft));
      else
        for (const half of halvesOf(draft))
          if (!this.#launch({ feed, draft: half, deaths, kept: NOTHING_KEPT })) this.hold(feed, half, deaths);
      return true;
    }
  }

  /** Forgets a call. */
  drop(feed: Feed): void {
    this.#feeds.delete(feed);
    for (const held of this.#held) if (held.feed === feed) letGo(held.kept);
    if (this.#held.length > 0) this.#held = this.#held.filter((held) => held.feed !== feed);
  }

  /** Forgets all. @returns the calls whose work it was */
  clear(): Set<Feed> {
    const feeds = new Set(this.#feeds);
    for (const { feed, kept } of this.#held) {
      feeds.add(feed);
      letGo(kept);
    }
    this.#feeds.clear();
    this.#held = [];
    return feeds;
  }

  /** Lets all calls make tasks even if nobody reads their results. */
  unbind(): void {
    for (const feed of this.#feeds) feed.unbind();
  }
}

function letGo(kept: readonly (() => void)[]): void {
  for (const each of kept) each();
}

function halvesOf(draft: Draft): Draft[] {
  const { from, count } = draft;
  const args = draft.args as readonly unknown[];
  const first = count >> 1;
  return [
    { ...draft, args: args.slice(0, first), count: first },
    { ...draft, args: args.slice(first), from: from + first, count: count - first },
  ];
}

/** @param draft for one item, or one call */
const inItems = (error: unknown, { form, from }: Draft): unknown =>
  form === APPLY ? error : asGiven(error, 'args[0]', `items[${from}]`);
