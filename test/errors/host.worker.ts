// An agent whose host is made to look like another before the package is loaded.
import { member } from '../support/member.js';
import { type Seen, seenOf } from './host.js';

export type Host =
  | 'refuses to block'
  | 'refuses to block for results'
  | 'only awaits'
  | 'has no SharedArrayBuffer'
  | 'is not isolated';

/** What each call came to, by its name. */
export type Report = Readonly<Record<string, Seen>>;

member<Host>(({ data: host }) => {
  switch (host) {
    case 'refuses to block':
      return whereBlockingIsRefused();
    case 'refuses to block for results':
      return whereResultsAreAwaited();
    case 'only awaits':
      return asyncWaits();
    case 'has no SharedArrayBuffer':
      Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
      return withoutSharedMemory();
    case 'is not isolated':
      Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false });
      return withoutSharedMemory();
  }
});

/** As on a browser's main thread: every wait is refused, even for no time. */
function refuseToBlock(): void {
  Atomics.wait = () => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  };
}

async function whereResultsAreAwaited(): Promise<Report> {
  refuseToBlock();
  const { Pool } = await import('atomics-sync-free/multiprocessing');
  const { GIL } = await import('atomics-sync-free/gil');
  const { Place } = await import('#dist/core/share/place.js');
  const { arenaFor, arenaOf, takeSlotOf } = await import('../properties/members.js');
  const stay = (_item?: number): Promise<number> => new Promise(() => {});
  const pool = new Pool(1);
  const result = pool.applyAsync(stay);
  const results = pool.imap(stay, [1]);
  const calls: Record<string, () => unknown> = {
    'pool.apply()': () => pool.apply(stay),
    'result.get()': () => result.get(),
    'result.wait()': () => result.wait(),
    'results.next()': () => results.next(),
    'for … of': () => Array.from(results),
  };
  const report: Record<string, Seen> = {};
  for (const [name, call] of Object.entries(calls)) report[name] = await seenOf(call);
  pool.terminate();
  await pool.joinAsync();
  const arena = arenaFor(1);
  takeSlotOf(0, arena);
  const gil = new GIL({ arena });
  new GIL(new Place(arenaOf(0, arena.words), gil.cell)).acquire();
  report['gil.acquire()'] = await seenOf(() => gil.acquire());
  return report;
}

/** Every async wait, each ended by another task. */
async function asyncWaits(): Promise<Report> {
  refuseToBlock();
  const { Arena } = await import('atomics-sync-free');
  const { waits } = await import('../sync/waits.js');
  const report: Record<string, Seen> = {};
  for (const [name, make] of Object.entries(waits)) {
    const { wait, free } = make(new Arena());
    const waiting = wait();
    free();
    const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late').unref());
    report[name] = await seenOf(async () => ((await Promise.race([waiting, late])) === 'late' ? 'late' : 'waited'));
  }
  return report;
}

async function whereBlockingIsRefused(): Promise<Report> {
  refuseToBlock();
  const { Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore } = await import('atomics-sync-free');
  const { Place } = await import('#dist/core/share/place.js');
  const { arenaFor, arenaOf, takeSlotOf } = await import('../properties/members.js');
  const arena = arenaFor(1);
  takeSlotOf(0, arena);
  const other = arenaOf(0, arena.words);
  const there = { arena };

  // All of these are held by another agent, empty, or not set.
  const [lock, rlock, semaphore, event] = [
    new Lock(there),
    new RLock(there),
    new Semaphore(0, there),
    new Event(there),
  ];
  const [read, written] = [new RWLock(there), new RWLock(there)];
  const barrier = new Barrier(2, there);
  const condition = new Condition(new Lock(there));
  const free = new Lock(there);
  new Lock(new Place(other, lock.cell)).acquire();
  new RLock(new Place(other, rlock.cell)).acquire();
  new RWLock(new Place(other, read.cell)).acquireRead();
  new RWLock(new Place(other, written.cell)).acquireWrite();
  condition.acquire();

  const calls: Record<string, () => unknown> = {
    'Lock.acquire()': () => lock.acquire(),
    'Lock.acquire(5)': () => lock.acquire(5),
    'Lock.hold()': () => lock.hold(),
    'Lock.run()': () => lock.run(() => {}),
    'RLock.acquire()': () => rlock.acquire(),
    'Semaphore.acquire()': () => semaphore.acquire(),
    'Event.wait()': () => event.wait(),
    'Event.wait(5)': () => event.wait(5),
    'Condition.wait()': () => condition.wait(),
    'Condition.waitFor()': () => condition.waitFor(() => false),
    'Barrier.wait()': () => barrier.wait(),
    'RWLock.acquireRead()': () => written.acquireRead(),
    'RWLock.acquireWrite()': () => read.acquireWrite(5),
    'may: Lock.acquire(0)': () => lock.acquire(0),
    'may: RLock.acquire(0)': () => rlock.acquire(0),
    'may: RLock.tryAcquire()': () => rlock.tryAcquire(),
    'may: Semaphore.acquire(0)': () => semaphore.acquire(0),
    'may: Event.wait(0)': () => event.wait(0),
    'may: RWLock.acquireRead(0)': () => written.acquireRead(0),
    'may: RWLock.acquireWrite(0)': () => read.acquireWrite(0),
    'may: a free Lock.acquire()': () => free.acquire(),
    'may: a true Condition.waitFor()': () => condition.waitFor(() => true),
  };
  const report: Record<string, Seen> = {};
  for (const [name, call] of Object.entries(calls)) report[name] = await seenOf(call, arena.words);
  return report;
}

async function withoutSharedMemory(): Promise<Report> {
  const { Arena, Lock, share } = await import('atomics-sync-free');
  const { GIL } = await import('atomics-sync-free/gil');
  const { delayed, Parallel } = await import('atomics-sync-free/joblib');
  const of = await import('atomics-sync-free/multiprocessing');
  const { currentThread, enumerate, local, Thread, Timer } = await import('atomics-sync-free/threading');
  const target = () => {};
  const calls: Record<string, () => unknown> = {
    'new Lock()': () => new Lock(),
    'new Arena()': () => new Arena(),
    'share()': () => share({}),
    'new GIL()': () => new GIL(),
    'new Queue()': () => new of.Queue(),
    'Pipe()': () => of.Pipe(),
    'new Value()': () => new of.Value('int32', 1),
    'new Array()': () => new of.Array('int32', [1]),
    'new Manager()': () => new of.Manager(),
    'new Pool()': () => new of.Pool(1),
    'Process.start()': () => new of.Process({ target }).start(),
    'Thread.start()': () => new Thread({ target }).start(),
    'Timer.start()': () => new Timer(1, target).start(),
    'currentThread()': () => currentThread(),
    'enumerate()': () => enumerate(),
    'local()': () => local(),
    'Parallel.runAsync()': () => new Parallel({ nJobs: 2 }).runAsync([delayed(target)()]),
  };
  const report: Record<string, Seen> = {};
  for (const [name, call] of Object.entries(calls)) report[name] = await seenOf(call);
  return report;
}
