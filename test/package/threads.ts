// A page that starts threads, for bundlers: what it finds out becomes its title.
import type { Example } from './pages.js';

const INDEX = '<!DOCTYPE html><title>working</title><script type="module" src="./main.js"></script>';

const MAIN = `
import { fromModule, isMain, Lock, Thread, Timer } from 'atomics-sync-free/threading';
import { blocked, cheese, closes, isLock, OutOfCheese, square } from './tasks.js';

const started = (target, args) => {
  const thread = new Thread({ target, args });
  thread.start();
  return thread;
};
const resultOf = async (target, args) => {
  const thread = started(target, args);
  await thread.joinAsync({ timeout: 20_000 });
  return thread.result;
};
const failureOf = (target, args) => resultOf(target, args).then(String, (error) => error);
const codeOf = (call) => {
  try {
    return String(call());
  } catch (error) {
    return error.code;
  }
};

const pages = {
  async task() {
    const thrown = await failureOf(cheese, []);
    return {
      task: (await resultOf(square, [7])) + 1,
      lock: await resultOf(isLock, [new Lock()]),
      nested: await resultOf(square, [3, 1]),
      thrown: [thrown.name, thrown instanceof OutOfCheese, thrown.code],
      inWorker: await resultOf(blocked, [11]),
    };
  },
  async serve() {
    const work = fromModule(() => new Worker(new URL('./work.js', import.meta.url), { type: 'module' }));
    const thrown = await failureOf(work.cube, [-1]);
    return { serve: await resultOf(work.cube, [3]), thrown: [thrown.name, 'cause' in thrown, thrown.code] };
  },
  async broken() {
    const told = async (target) => {
      const { code, message } = await failureOf(target, []);
      return code + ': ' + message;
    };
    return { source: await told(() => 1), module: await told(fromModule(new URL(String('./work.js'), location.href + '/no/')).cube) };
  },
  async forbidden() {
    const { code, message } = await failureOf(square, [7]);
    return { code, why: message.split(': ').slice(1).join(': ') };
  },
  stranger() {
    const worker = new Worker(new URL('./work.js?stranger', import.meta.url), { type: 'module' });
    return new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  },
  async ends() {
    let worker;
    // Bundlers leave these where they are.
    const served = (name) => fromModule(() => (worker = new Worker(new URL(name, location.href), { type: 'module' })));
    const lock = new Lock();
    const closed = await failureOf(closes, [lock]);
    const ending = failureOf(served('./work.js').waits, []);
    // By then it runs its function, as a rule; what is expected does not depend on it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    worker.terminate();
    return {
      late: await resultOf(served('./late.js').next, [1]),
      closed: [closed.code, closed.exitCode, lock.abandoned],
      served: (await failureOf(served('./work.js').closes, [])).code,
      terminated: (await ending).message.split(': ')[1],
    };
  },
  async main() {
    const thread = started(square, [2]);
    const join = codeOf(() => thread.join());
    const timer = new Timer(60_000, square, [1], { daemon: true });
    timer.start();
    const alive = [timer.isAlive()];
    timer.cancel();
    const soon = new Timer(10, square, [6]);
    soon.start();
    await soon.joinAsync({ timeout: 20_000 });
    return { join, timer: [...alive, timer.isAlive()], timed: soon.result + 6 };
  },
};

if (isMain) {
  pages[location.search.slice(1)]().then(
    (found) => (document.title = JSON.stringify(found)),
    (error) => (document.title = JSON.stringify({ failed: String(error.stack) })),
  );
}
`;

const TASKS = `
import { Lock, registerError, task, Thread } from 'atomics-sync-free/threading';

export class OutOfCheese extends Error {
  name = 'OutOfCheese';
}
registerError(OutOfCheese);

export const square = task(import.meta.url, 'square', async (x, depth = 0) => {
  if (depth === 0) return x * x;
  const thread = new Thread({ target: square, args: [x * x, depth - 1] });
  thread.start();
  await thread.joinAsync();
  return thread.result;
});

export const isLock = task(import.meta.url, 'isLock', (lock) => lock instanceof Lock && lock.run(() => lock.locked));

export const cheese = task(import.meta.url, 'cheese', () => {
  throw Object.assign(new OutOfCheese('none'), { code: 'E_CHEESE' });
});

/** Ends its worker in a way that no browser reports. */
export const closes = task(import.meta.url, 'closes', async (lock) => {
  lock.acquire();
  self.close();
  await new Promise(() => {});
});

/** Blocks for a thread that it has started. */
export const blocked = task(import.meta.url, 'blocked', (x) => {
  const thread = new Thread({ target: square, args: [x] });
  thread.start();
  thread.join(15_000);
  return 'blocked: ' + thread.result;
});
`;

const WORK = `
import { serve, Thread } from 'atomics-sync-free/threading';

export const cube = (x) => {
  if (x < 0) throw Object.assign(new RangeError('negative'), { code: 'E_CUBE' });
  return x ** 3;
};
const waits = () => new Promise(() => {});
const closes = () => {
  self.close();
  return waits();
};
serve({ cube, waits, closes });

if (location.search === '?stranger') {
  try {
    new Thread({ target: () => 1 }).start();
  } catch (error) {
    postMessage({ code: error.code });
  }
}
`;

/** Serves only after it has awaited something, as a module does that loads WebAssembly. */
const LATE = `
import { serve } from 'atomics-sync-free/threading';

await new Promise((resolve) => setTimeout(resolve, 50));
serve({ next: (x) => x + 1 });
`;

/** The files of the project. */
export const THREADS: readonly Example[] = [
  { name: 'page/index.html', code: INDEX },
  { name: 'page/main.js', code: MAIN },
  { name: 'page/tasks.js', code: TASKS },
  { name: 'page/work.js', code: WORK },
  { name: 'page/late.js', code: LATE },
  // The polyfill is put into the module that the worker of a task loads, and asks for a page there.
  { name: 'page/vite.config.js', code: 'export default { build: { modulePreload: { polyfill: false } } };' },
  { name: 'page/webpack.config.mjs', code: "export default { entry: './main.js', output: { filename: 'main.js' } };" },
];
