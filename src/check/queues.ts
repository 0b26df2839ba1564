/**
 * Who sleeps on which word, in the order in which notify wakes them (ECMA-262 keeps one FIFO list per location), and
 * which async waits are over but not yet handled by their thread's event loop. Interned like images.
 */

/** Owner of an entry whose thread was killed but which still takes a notify: see {@link Queues.kill}. */
export const DEAD = -1;
/** The task number of a blocking wait. */
export const BLOCKED = 0;
/** The waiters that a notify wakes on a word without waiters. */
export const NOBODY: readonly Waiter[] = [];

export interface Waiter {
  readonly word: number;
  readonly thread: number;
  /** {@link BLOCKED}, or the number of the thread's async task. */
  readonly task: number;
}

export interface Ready {
  readonly thread: number;
  readonly task: number;
  readonly result: 'ok' | 'timed-out';
}

export interface Queue {
  readonly id: number;
  /** The queues under other names that were requested before. */
  readonly renamed: Map<string, Queue>;
  /** By word, then in order of arrival. */
  readonly waiters: readonly Waiter[];
  /** By thread and task: an event loop may take them in any order. */
  readonly ready: readonly Ready[];
}

export class Queues {
  readonly #byContents = new Map<string, Queue>();
  readonly #all: Queue[] = [];
  readonly empty = this.#intern([], []);

  byId(id: number): Queue {
    return this.#all[id];
  }

  /** Appends a waiter. */
  enqueue(queue: Queue, waiter: Waiter): Queue {
    const after = queue.waiters.findIndex((each) => each.word > waiter.word);
    const at = after < 0 ? queue.waiters.length : after;
    return this.#intern(queue.waiters.toSpliced(at, 0, waiter), queue.ready);
  }

  /** Removes the first `count` waiters of a word; the async ones among them become ready. */
  notify(queue: Queue, word: number, count: number): { queue: Queue; woken: readonly Waiter[] } {
    const { waiters } = queue;
    let first = 0;
    while (first < waiters.length && waiters[first].word !== word) first++;
    let end = first;
    while (end < waiters.length && waiters[end].word === word && end - first < count) end++;
    if (first === end) return { queue, woken: NOBODY };
    const woken = waiters.slice(first, end);
    const ready = woken.filter((each) => each.thread !== DEAD && each.task !== BLOCKED);
    return {
      queue: this.#intern(waiters.toSpliced(first, end - first), [
        ...queue.ready,
        ...ready.map(({ thread, task }) => ({ thread, task, result: 'ok' as const })),
      ]),
      woken,
    };
  }

  /** Ends the wait of a thread's task by time-out. */
  timeOut(queue: Queue, thread: number, task: number): Queue {
    const waiters = queue.waiters.filter((each) => each.thread !== thread || each.task !== task);
    const result = 'timed-out' as const;
    return this.#intern(waiters, task === BLOCKED ? queue.ready : [...queue.ready, { thread, task, result }]);
  }

  /** The event loop takes a ready task. */
  take(queue: Queue, thread: number, task: number): Queue {
    return this.#intern(
      queue.waiters,
      queue.ready.filter((each) => each.thread !== thread || each.task !== task),
    );
  }

  /**
   * Kills a thread. Each of its waits either leaves the queue or stays and takes one notify in vain, as real engines do
   * with a waiter that is being terminated.
   *
   * @param kept - Bit n set: the thread's n-th entry in the queue stays.
   */
  kill(queue: Queue, thread: number, kept: number): Queue {
    let nth = 0;
    const waiters = queue.waiters.flatMap((each) => {
      if (each.thread !== thread) return [each];
      return (kept >> nth++) & 1 ? [{ word: each.word, thread: DEAD, task: BLOCKED }] : [];
    });
    return this.#intern(
      waiters,
      queue.ready.filter((each) => each.thread !== thread),
    );
  }

  /** The ready tasks of a thread, as text. */
  readyOf({ ready }: Queue, of: number): string {
    if (ready.length === 0) return '';
    let text = '';
    for (const { thread, task, result } of ready) if (thread === of) text += `${task} ${result},`;
    return text;
  }

  /** The same queue, with other names for the threads. */
  renamed(queue: Queue, names: readonly number[]): Queue {
    if (queue === this.empty) return queue;
    const key = names.join();
    const known = queue.renamed.get(key);
    if (known !== undefined) return known;
    const rename = <T extends { readonly thread: number }>(each: T): T =>
      each.thread === DEAD ? each : { ...each, thread: names[each.thread] };
    const renamed = this.#intern(queue.waiters.map(rename), queue.ready.map(rename));
    queue.renamed.set(key, renamed);
    return renamed;
  }

  #intern(waiters: readonly Waiter[], unordered: readonly Ready[]): Queue {
    const ready = unordered.toSorted((x, y) => x.thread - y.thread || x.task - y.task);
    let contents = '';
    for (const { word, thread, task } of waiters) contents += `${word} ${thread} ${task},`;
    for (const { thread, task, result } of ready) contents += `;${thread} ${task} ${result}`;
    let queue = this.#byContents.get(contents);
    if (queue === undefined) {
      queue = { id: this.#all.length, renamed: new Map(), waiters, ready };
      this.#all.push(queue);
      this.#byContents.set(contents, queue);
    }
    return queue;
  }
}
