/**
 * What each past of a thread touches next, and everything that its thread may touch from there on, as far as the
 * exploration has seen. Both grow during the exploration; {@link Footprints.version} changes when they do.
 *
 * The futures are sets over the tree of pasts (a graph, where marks and loops merge pasts): what a past may touch is
 * what it touches next and what the pasts after it may touch. That graph is small compared with that of the states.
 */
import type { Effect } from './finding.js';
import { contentsOf, DEATHS, Footprint, queueOf, VISIBLE } from './footprint.js';
import type { Operation } from './operation.js';
import type { Arrival, Past } from './past.js';
import type { Words } from './words.js';

/** What is known about one past. */
interface Known {
  readonly past: Past;
  /** What its next move touches, including those of its event loop. */
  readonly next: Footprint;
  /** What it and everything after it touch. */
  readonly ever: Footprint;
  /** The pasts from which it is reached. */
  readonly origins: Set<Known>;
}

export class Footprints {
  /** How often something new was learnt. */
  version = 0;
  /** Whether footprints cover everything that matters: not if the checks look at where the threads are. */
  #tellAll = true;
  readonly #words: Words;
  readonly #known: (Known | undefined)[] = [];
  /** Words that the checks look at. */
  readonly #watched = new Set<number>();
  /** By word: what waking a waiter touches besides. */
  readonly #wakes = new Map<number, Footprint>();
  /** By word: the pasts that are about to notify. */
  readonly #notifiers = new Map<number, Known[]>();

  constructor(words: Words) {
    this.#words = words;
  }

  /** What the next move of a thread touches. */
  next(past: Past): Footprint {
    return this.#of(past).next;
  }

  /** What a thread may touch from here on. */
  ever(past: Past): Footprint {
    return this.#of(past).ever;
  }

  /** Whether a thread may use a primitive from here on. */
  writesObject(past: Past, first: number): boolean {
    return this.ever(past).writes(contentsOf(this.#words.objectOf(first)));
  }

  /** Whether footprints cover everything that may matter. */
  get tellAll(): boolean {
    return this.#tellAll;
  }

  /** Something matters that footprints do not cover. */
  fallShort(): void {
    if (this.#tellAll) this.version++;
    this.#tellAll = false;
  }

  /** A past was reached from another. */
  arrived(from: Past, arrival: Arrival): void {
    if (!this.#tellAll) return;
    const [before, after] = [this.#of(from), this.#of(arrival.past)];
    after.origins.add(before);
    this.#learn(before, from, arrival);
    if (!before.ever.add(after.ever)) return;
    this.version++;
    this.#spread(before);
  }

  /** The checks look at a word. */
  watch(word: number): void {
    if (!this.#tellAll || this.#watched.has(word)) return;
    this.#watched.add(word);
    for (const known of this.#known) {
      if (known === undefined) continue;
      this.#meet(known);
      for (const arrival of known.past.arrivals.values()) this.#learn(known, known.past, arrival);
      this.#spread(known);
    }
  }

  /** A sleeper touches what it would have touched without sleeping. */
  #of(past: Past): Known {
    const awake = past.stop.kind === 'asleep' ? (past.parent as Past) : past;
    let known = this.#known[awake.id];
    if (known === undefined) {
      known = { past: awake, next: new Footprint(), ever: new Footprint(), origins: new Set() };
      this.#known[awake.id] = known;
      this.#meet(known);
      known.ever.add(known.next);
      this.version++;
    }
    return known;
  }

  /** What a past touches with the operation it is about to do. */
  #meet(known: Known): void {
    const { stop, tasks } = known.past;
    for (const { word } of tasks) if (word >= 0) known.next.write(queueOf(word));
    if (stop.kind === 'operation') this.#operation(known, stop.operation);
    // Done, but with moves left: such a run has several ends.
    if (stop.kind === 'idle' && stop.finished && tasks.length > 0) this.fallShort();
    if (known.ever.add(known.next)) this.version++;
  }

  #operation(known: Known, { kind, word }: Operation): void {
    const { next } = known;
    switch (kind) {
      case 'load':
      case 'read':
        next.read(contentsOf(word));
        break;
      case 'wait':
      case 'waitAsync':
        next.read(contentsOf(word));
        next.write(queueOf(word));
        break;
      case 'notify':
        next.write(queueOf(word));
        this.#notifies(known, word);
        break;
      case 'joinDead':
        next.read(DEATHS);
        break;
      case 'call':
        next.write(contentsOf(this.#words.objectOf(word)));
        break;
      default:
        if (word < 0) break;
        next.write(contentsOf(word));
        if (this.#watched.has(word)) next.write(VISIBLE);
    }
  }

  #notifies(known: Known, word: number): void {
    const notifiers = this.#notifiers.get(word) ?? [];
    this.#notifiers.set(word, notifiers);
    if (!notifiers.includes(known)) notifiers.push(known);
    const wakes = this.#wakes.get(word);
    if (wakes !== undefined) known.next.add(wakes);
  }

  /** What happens, besides the operation, on the way to another past. */
  #learn(before: Known, from: Past, { past, effects }: Arrival): void {
    const more = new Footprint();
    for (const effect of effects) this.#effect(more, effect);
    // A thread's operations on its private words are part of the same move.
    if (this.#isPrivate(past)) more.add(this.#of(past).next);
    if (before.next.add(more)) this.#grown(before);
    const { stop } = from;
    if (stop.kind !== 'operation' || stop.operation.kind !== 'wait') return;
    const { word } = stop.operation;
    const wakes = this.#wakes.get(word) ?? new Footprint();
    this.#wakes.set(word, wakes);
    if (!wakes.add(more)) return;
    for (const notifier of this.#notifiers.get(word) ?? []) if (notifier.next.add(wakes)) this.#grown(notifier);
  }

  /** Additions to a ghost commute; only the checks read it. */
  #effect(footprint: Footprint, { word, relative }: Effect): void {
    if (relative) footprint.read(contentsOf(word));
    else footprint.write(contentsOf(word));
    if (this.#watched.has(word)) footprint.write(VISIBLE);
  }

  #isPrivate({ stop }: Past): boolean {
    return (
      stop.kind === 'operation' && stop.operation.word >= 0 && this.#words.privateTo(stop.operation.word) !== undefined
    );
  }

  #grown(known: Known): void {
    this.version++;
    known.ever.add(known.next);
    this.#spread(known);
  }

  /** Propagates what a past may touch to those before it. */
  #spread(from: Known): void {
    const pending = [from];
    for (let known = pending.pop(); known !== undefined; known = pending.pop()) {
      const isPrivate = this.#isPrivate(known.past);
      for (const origin of known.origins) {
        const nearer = isPrivate && origin.next.add(known.next);
        if (!origin.ever.add(known.ever) && !nearer) continue;
        origin.ever.add(origin.next);
        this.version++;
        pending.push(origin);
      }
    }
  }
}
