// The functions of the tests of what belongs to a process.
import {
  type Connection,
  currentProcess,
  Event,
  getStartMethod,
  Process,
  type Queue,
  setStartMethod,
  task,
} from 'atomics-sync-free/multiprocessing';
import {
  activeCount,
  currentThread,
  enumerate,
  mainThread,
  stackSize,
  Thread,
  Timer,
} from 'atomics-sync-free/threading';

const here = import.meta.url;

const sleep = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const who = () => ({
  thread: currentThread().name,
  main: mainThread().name,
  isMain: currentThread() === mainThread(),
  all: enumerate().map(({ name }) => name),
  count: activeCount(),
  daemon: currentThread().daemon,
  process: currentProcess().name,
});

export const tellInThread = task(here, 'tellInThread', (queue: Queue) => queue.put(who()));

/** Tells who it is, and a thread and a process of its own do. */
export const tell = task(here, 'tell', (queue: Queue, depth: number) => {
  queue.put(who());
  const thread = new Thread({ target: tellInThread, args: [queue], name: 'its' });
  thread.start();
  thread.join();
  if (depth > 1) return;
  const process = new Process({ target: tell, args: [queue, depth + 1] });
  process.start();
  process.join();
});

export const setLater = task(here, 'setLater', (event: Event, ms: number, begun?: Event) => {
  begun?.set();
  sleep(ms);
  event.set();
});

export type Kind = 'thread' | 'thread of a thread' | 'daemon' | 'timer' | 'process' | 'daemon process';

/** Starts something that sets an event, and does not wait for it; `begun` is set once that runs, or is scheduled. */
export const leave = task(here, 'leave', (kind: Kind, event: Event, ms: number, begun?: Event): void => {
  const [target, args] = [setLater, [event, ms, begun] as [Event, number, Event?]] as const;
  if (kind === 'thread') new Thread({ target, args }).start();
  else if (kind === 'daemon') new Thread({ target, args, daemon: true }).start();
  else if (kind === 'timer') {
    new Timer(ms, setLater, [event, 0]).start();
    begun?.set();
  } else if (kind === 'process') new Process({ target, args }).start();
  else if (kind === 'daemon process') new Process({ target, args, daemon: true }).start();
  else new Thread({ target: leave, args: ['thread', event, ms, begun] }).start();
});

/** The same, and then runs until it is ended, or ends at once. */
export const leaveAndStay = task(here, 'leaveAndStay', (kind: Kind, event: Event, ms: number, ready: Event) => {
  leave(kind, event, ms, ready);
  sleep(60_000);
});
export const leaveAndExit = task(here, 'leaveAndExit', (kind: Kind, event: Event, ms: number) => {
  const begun = new Event();
  leave(kind, event, ms, begun);
  begun.wait(60_000);
  process.exit(3);
});

export const settingsHere = task(here, 'settingsHere', () => [getStartMethod(), stackSize()]);
export const forceStartMethod = task(here, 'forceStartMethod', () => setStartMethod('worker', { force: true }));

/** Sends the settings of a process, and of a thread of it. */
export const sendSettings = task(here, 'sendSettings', async (connection: Connection) => {
  const thread = new Thread({ target: settingsHere });
  thread.start();
  await thread.joinAsync();
  await connection.sendAsync([settingsHere(), thread.result]);
});
