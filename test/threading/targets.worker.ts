// The targets of the tests' threads.
import {
  activeCount,
  currentThread,
  enumerate,
  getIdent,
  type Lock,
  local,
  mainThread,
  Thread,
  task,
} from 'atomics-sync-free/threading';

/** Words by which a thread and its test wait for each other. */
export type Words = Int32Array<SharedArrayBuffer>;
export const STARTED = 0;
export const GO_ON = 1;

/** Reports that it runs, then waits until it may go on. */
export const waiting = task(import.meta.url, 'waiting', (words: Words) => {
  Atomics.store(words, STARTED, 1);
  Atomics.notify(words, STARTED);
  Atomics.wait(words, GO_ON, 0);
  return 'went on';
});

export const aboutItself = task(import.meta.url, 'aboutItself', () => {
  const thread = currentThread();
  const { name, ident, daemon } = thread;
  return {
    name,
    ident,
    daemon,
    getIdent: getIdent(),
    main: mainThread().name,
    listed: enumerate().map((each) => each.name),
    count: activeCount(),
    isOne: currentThread() === thread && enumerate().includes(thread),
    inherits: new Thread({ target: () => 1 }).daemon,
  };
});

const codeOf = (call: () => unknown): string => {
  try {
    return `no error: ${call()}`;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

export const joinsWhatItCannot = task(import.meta.url, 'joinsWhatItCannot', () => [
  codeOf(() => currentThread().join()),
  codeOf(() => mainThread().join(1)),
  codeOf(() => currentThread().result),
  codeOf(() => currentThread().start()),
]);

export const renames = task(import.meta.url, 'renames', (name: string, words: Words) => {
  currentThread().name = name;
  return waiting(words);
});

const perThread = local(() => ({ of: getIdent(), count: 0 }));
export const usesLocal = task(import.meta.url, 'usesLocal', () => {
  perThread.count++;
  return { ...perThread };
});
export const hereToo = perThread;

export const nothing = task(import.meta.url, 'nothing', () => {});

export const fails = task(import.meta.url, 'fails', (message: string) => {
  throw new RangeError(message);
});

export const nested = task(import.meta.url, 'nested', (depth: number): number => {
  if (depth === 0) return 1;
  const thread = new Thread({ target: nested, args: [depth - 1] });
  thread.start();
  thread.join();
  return thread.result + 1;
});

export const environment = task(import.meta.url, 'environment', (name: string) => process.env[name]);

export const dies = task(import.meta.url, 'dies', (how: 'exit' | 'memory' | 'nothing left', lock: Lock) => {
  lock.acquire();
  if (how === 'exit') process.exit(3);
  if (how === 'nothing left') return new Promise(() => {});
  const held: unknown[] = [];
  for (;;) held.push(new Array(10_000).fill(held.length));
});

export const keeps = task(import.meta.url, 'keeps', (lock: Lock) => {
  lock.acquire();
});
