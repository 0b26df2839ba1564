/** What an entry of the corpus is: an algorithm of the literature, as it is and with one thing wrong. */
import type { Body, Memory, Scenario, Thread } from 'atomics-sync-free/check';

/** A scenario whose words and ghosts are made up as it goes. */
export type AnyScenario = Scenario<string, string>;
type AnyThread = Thread<string>;

export interface Algorithm {
  readonly name: string;
  /** Where it was published. */
  readonly source: string;
  /** What is wrong in the broken one. */
  readonly flaw: string;
  /** Whether what was published is the broken one, and there is no right one beside it. */
  readonly wrongAsPublished?: boolean;
  /** Whether it takes longer than a test that runs each time may. */
  readonly long?: boolean;
  readonly scenario: (broken: boolean) => AnyScenario;
}

/** The words of a scenario by name, in as few letters as the papers have. */
export class Words {
  readonly #memory: Memory<string>;
  readonly #thread: AnyThread;

  constructor(memory: Memory<string>, thread: AnyThread) {
    this.#memory = memory;
    this.#thread = thread;
  }

  get(name: string): number {
    return Atomics.load(this.#memory.words, this.#memory.at[name]);
  }

  set(name: string, value: number): void {
    Atomics.store(this.#memory.words, this.#memory.at[name], value);
  }

  /** Fetch-and-store: gives what was there. */
  swap(name: string, value: number): number {
    return Atomics.exchange(this.#memory.words, this.#memory.at[name], value);
  }

  /** Fetch-and-add: gives what was there. */
  add(name: string, amount: number): number {
    return Atomics.add(this.#memory.words, this.#memory.at[name], amount);
  }

  /** Compare-and-swap: whether it swapped. */
  cas(name: string, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#memory.words, this.#memory.at[name], from, to) === from;
  }

  /** Spins until the word has this value. */
  until(name: string, value: number): void {
    while (this.get(name) !== value);
  }

  /** Sleeps if the word has this value. */
  sleep(name: string, value: number): void {
    Atomics.wait(this.#memory.words, this.#memory.at[name], value);
  }

  wake(name: string, count = 1): void {
    Atomics.notify(this.#memory.words, this.#memory.at[name], count);
  }

  /** A loop goes round and keeps nothing of its last round but `key`, so that its rounds have the same states. */
  again(key = ''): void {
    this.#thread.mark(key);
  }

  /** P of a semaphore whose word is its value. */
  down(name: string): void {
    const before = this.#thread.past();
    for (;;) {
      this.again(`${name} ${before}`);
      const value = this.get(name);
      if (value === 0) this.sleep(name, 0);
      else if (this.cas(name, value, value - 1)) return;
    }
  }

  /** V of such a semaphore. */
  up(name: string): void {
    this.add(name, 1);
    this.wake(name);
  }

  /** Takes a lock of a single word: 0 free, 1 held, 2 held and somebody may sleep. */
  lock(name: string): void {
    const before = this.#thread.past();
    if (this.cas(name, 0, 1)) return;
    for (;;) {
      this.again(`${name} ${before}`);
      if (this.swap(name, 2) === 0) return;
      this.sleep(name, 2);
    }
  }

  unlock(name: string): void {
    if (this.swap(name, 0) === 2) this.wake(name);
  }
}

/** What a thread does; threads are numbered from 0. */
export type Part = (words: Words, me: number, thread: AnyThread) => void;

export const part =
  (run: Part): Body<string, string> =>
  (memory, thread) =>
    run(new Words(memory, thread), thread.index, thread);

/** Threads that do the same. */
export const alike = (count: number, run: Part): Body<string, string>[] => Array(count).fill(part(run));

/** Words of one name, numbered from `first`. */
export function numbered(name: string, count: number, value = 0, first = 0): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, each) => [`${name}${first + each}`, value]));
}

/** A critical section: `inside` is how many are in it. */
export function visit(thread: AnyThread, ghost = 'inside'): void {
  thread.ghost.add(ghost, 1);
  thread.step();
  thread.ghost.add(ghost, -1);
}

/** At most one thread is in the critical section. */
export const alone: Pick<AnyScenario, 'ghosts' | 'invariant'> = {
  ghosts: { inside: 0 },
  invariant: ({ inside }) => inside <= 1 || `${inside} are inside`,
};

/** A lock for threads that are numbered from 0, each of which goes in once. */
export interface Mutex extends Omit<Algorithm, 'scenario'> {
  readonly memory: Readonly<Record<string, number>>;
  readonly threads: number;
  /** What it returns, a number if anything, is given to `leave`. */
  readonly enter: (words: Words, me: number, broken: boolean) => unknown;
  readonly leave: (words: Words, me: number, broken: boolean, token: number) => void;
}

export function mutex({ memory, threads, enter, leave, ...rest }: Mutex): Algorithm {
  return {
    ...rest,
    scenario: (broken) => ({
      ...alone,
      memory,
      threads: alike(threads, (words, me, thread) => {
        const token = enter(words, me, broken);
        visit(thread);
        leave(words, me, broken, Number(token));
      }),
    }),
  };
}
