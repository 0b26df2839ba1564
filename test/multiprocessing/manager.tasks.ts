// The functions that the tests of managers call in workers, and the objects that managers make.
import {
  type DictProxy,
  type ListProxy,
  Lock,
  Manager,
  type NamespaceProxy,
  type PoolProxy,
  type Queue,
  task,
} from 'atomics-sync-free/multiprocessing';
import { collectGarbage } from '../support/garbage.js';

const here = import.meta.url;

export const add = task(here, 'add', (value: number | undefined, by: number) => (value ?? 0) + by);
export const addAsync = task(here, 'addAsync', async (value: number | undefined, by: number) => (value ?? 0) + by);
export const fail = task(here, 'fail', (value: unknown): never => {
  throw new RangeError(`not ${String(value)}`);
});
/** What it returns cannot be sent. */
export const unsendable = task(here, 'unsendable', () => (() => 1) as never);
export const append = task(here, 'append', (list: readonly number[] | undefined, item: number) => [
  ...(list ?? []),
  item,
]);

export const byNumber = task(here, 'byNumber', (a: number, b: number) => a - b);
export const byLength = task(here, 'byLength', (a: { length: number }, b: { length: number }) => a.length - b.length);
export const byAsync = task(here, 'byAsync', async (a: number, b: number) => a - b);

export const addOften = task(here, 'addOften', (dict: DictProxy<string, number>, key: string, times: number) => {
  for (let i = 0; i < times; i++) dict.update(key, add, 1);
  return dict.get(key);
});
export const pushTo = task(here, 'pushTo', (list: ListProxy<unknown>, item: unknown) => list.push(item));
/** Pushes to a list within a dict. */
export const pushToInner = task(here, 'pushToInner', (dict: DictProxy<string, ListProxy<string>>, item: string) => {
  dict.get('inner')?.push(item);
});
export const setIn = task(here, 'setIn', (namespace: NamespaceProxy<{ x: number }>, x: number) => {
  namespace.x = x;
});
export const putGot = task(here, 'putGot', (queue: Queue<ListProxy<number>>) => queue.get().push(7));
export const mapBy = task(here, 'mapBy', (pool: PoolProxy) => pool.map(add1, [1, 2, 3]));
export const add1 = task(here, 'add1', (x: number) => x + 1);
export const acquireAndDie = task(here, 'acquireAndDie', (lock: { acquire(): boolean }) => {
  lock.acquire();
  process.exit(1);
});
/** Keeps everybody else from sending the manager a request until the second word is set. */
export const setSlowly = task(here, 'setSlowly', (dict: DictProxy<string, unknown>, words: Int32Array) => {
  dict.set('slow', {
    get value() {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      return Atomics.wait(words, 1, 0, 20_000);
    },
  });
});
/** Keeps its proxies until it is killed. */
export const keepFor = task(here, 'keepFor', (words: Int32Array, ...kept: unknown[]) => {
  Atomics.store(words, 0, kept.length);
  Atomics.notify(words, 0);
  for (;;) Atomics.wait(words, 1, 0, 1000);
});
/** The codes of the errors that end waiting calls, blocking and async. */
export const codeOfWait = task(here, 'codeOfWait', async (waiter: { wait(): unknown; waitAsync(): unknown }) => {
  const codes: unknown[] = [];
  for (const method of ['wait', 'waitAsync'] as const) {
    try {
      codes.push(await waiter[method]());
    } catch (error) {
      codes.push((error as { code?: unknown }).code);
    }
  }
  return codes;
});

export const makeNumber = task(here, 'makeNumber', () => 1);
const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
export const codeOfSize = task(here, 'codeOfSize', (queue: Queue<DictProxy>) => codeOf(() => queue.get().size));
export const codeOfDie = task(here, 'codeOfDie', (counter: { die(): void }) => codeOf(() => counter.die()));
export const useOwnManager = task(here, 'useOwnManager', () => {
  const manager = new Manager();
  const dict = manager.dict([['a', 1]]);
  const { size } = dict;
  manager.shutdown();
  return [size, codeOf(() => dict.size)];
});

let collected = 0;
const registry = new FinalizationRegistry<void>(() => collected++);

/** The class whose objects managers make in the tests. */
export class Counter {
  #value: number;
  constructor(value = 0) {
    this.#value = value;
    registry.register(this);
  }
  increment(by = 1): number {
    this.#value += by;
    return this.#value;
  }
  async later(ms: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#value;
  }
  /** Waits until the counter has reached `value`, but at most 10 s. */
  async reach(value: number): Promise<number> {
    const end = performance.now() + 10_000;
    while (this.#value < value && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
    return this.#value;
  }
  child(): Counter {
    return new Counter(this.#value);
  }
  table(): Map<string, number> {
    return new Map([['value', this.#value]]);
  }
  names(): Set<string> {
    return new Set(['me']);
  }
  words(): string[] {
    return ['a', 'b'];
  }
  fail(): never {
    throw Object.assign(new TypeError('failed'), { code: 'E_COUNTER', value: this.#value });
  }
  unsendable(): unknown {
    return () => {};
  }
  /** This many bytes, followed by a function unless the result is to be sendable. */
  large(bytes: number, sendable: boolean): unknown {
    return [new Uint8Array(bytes), sendable ? 1 : () => {}];
  }
  /** Calls another object of the manager from inside it. */
  sizeOf(dict: DictProxy<string, number>): number {
    return dict.size;
  }
  /** Never returns. */
  wait(): Promise<never> {
    return new Promise(() => {});
  }
  die(): void {
    process.exit(3);
  }
  /** Collects the garbage of the manager's worker. @returns how many counters have been collected so far */
  async collected(): Promise<number> {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve));
    return collected;
  }
  _secret(): string {
    return 'secret';
  }
}

export const makeCounter = task(here, 'makeCounter', (value?: number) => new Counter(value));
export const makeLate = task(here, 'makeLate', async () => new Counter());
export const makeNothing = task(here, 'makeNothing', () => 1 as never as Counter);
export const lockOf = task(here, 'lockOf', (dict: DictProxy<string, Lock>) => {
  const lock = dict.get('lock');
  return lock instanceof Lock && lock.tryAcquire();
});
