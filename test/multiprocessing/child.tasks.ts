// The functions and classes that the tests of child processes call in them.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import {
  activeChildren,
  type Connection,
  currentProcess,
  currentTask,
  fromModule,
  isMain,
  Lock,
  Process,
  parentProcess,
  task,
} from 'atomics-sync-free/multiprocessing';
import { mainThread, Thread } from 'atomics-sync-free/threading';

const here = import.meta.url;

/** Sends what it was given and who it is; then sends back what it receives, until the end. */
export const echo = task(here, 'echo', async (connection: Connection, given: unknown) => {
  const who = { here: currentProcess(), parent: parentProcess(), isMain, isMainThread, thread: mainThread().name };
  await connection.sendAsync([given, who, process.pid]);
  try {
    for (;;) await connection.sendAsync(await connection.recvAsync());
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_END_OF_FILE') throw error;
  }
});

const codeOf = (call: () => unknown): string => {
  try {
    call();
    return 'nothing was thrown';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
};

/** Called in a thread: which process it is part of, and whether it may start one. */
const whoHere = task(here, 'whoHere', () => ({
  here: currentProcess(),
  parent: parentProcess(),
  refused: codeOf(() => new Process({ target: whoHere }).start()).split(':')[0],
}));
export const whoInThread = task(here, 'whoInThread', async (connection: Connection) => {
  const thread = new Thread({ target: whoHere });
  thread.start();
  await thread.joinAsync();
  await connection.sendAsync(thread.result);
});

/** Reports what happens to calls that block, and to an item that cannot be sent. */
export const block = task(here, 'block', async (connection: Connection) => {
  const refused = [
    codeOf(() => connection.send(1)),
    codeOf(() => connection.recv()),
    codeOf(() => connection.poll(1)),
    codeOf(() => connection.sendBytes(new Uint8Array(1))),
    String(connection.poll()),
  ];
  const lock = new Lock();
  await connection.sendAsync({ held: [lock] }).catch((error: Error) => refused.push(error.message));
  await connection.sendAsync(refused);
});

export const sendOne = task(here, 'sendOne', (connection: Connection<number>) => connection.send(-1));

/** Sends this many numbers, starts a thread that sends another, as it may block, and ends at once. */
export const sendMany = task(here, 'sendMany', async (connection: Connection<number>, count: number) => {
  for (let i = 0; i < count; i++) await connection.sendAsync(i);
  new Thread({ target: sendOne, args: [connection] }).start();
});

/** Ends in the given way. */
export const endBy = task(here, 'endBy', async (way: string) => {
  if (way === 'abort') process.abort();
  if (way === 'kill') process.kill(process.pid, 'SIGKILL');
  if (way === 'memory') {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1e6).fill(kept.length));
  }
  if (way === 'throw') throw new RangeError('no database');
  if (way === 'exit') process.exit(259);
  if (way === 'exitCode') process.exitCode = 4;
});

/** Waits for a promise that nothing can settle. */
export const waitForNothing = task(here, 'waitForNothing', () => new Promise<never>(() => {}));
/** Is settled by what its event loop gets to do once everything else is done. */
export const settleAtLast = task(
  here,
  'settleAtLast',
  () => new Promise<void>((resolve) => process.once('beforeExit', () => setTimeout(resolve, 1))),
);

/** The same, after it has answered a message with more items than may be on their way at one time. */
export const answerAndWait = task(here, 'answerAndWait', async (connection: Connection<number>, count: number) => {
  await connection.recvAsync();
  for (let i = 0; i < count; i++) void connection.sendAsync(i);
  await waitForNothing();
});

/** Waits only to be given up. */
export const waitForSignal = task(here, 'waitForSignal', async () => {
  const signal = currentTask()?.signal as AbortSignal;
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
});

/** Reports that it listens for SIGTERM, and waits for it. */
export const handleTerm = task(here, 'handleTerm', async (connection: Connection<string>) => {
  process.on('SIGTERM', () => process.exit(5));
  await connection.sendAsync('ready');
  await sleep(60_000);
});

/** Starts a daemon that spins, and sends its pid and the number of active children. */
export const startDaemon = task(here, 'startDaemon', async (connection: Connection) => {
  const child = new Process({ target: spinFor, args: [60_000], daemon: true, context: 'process' });
  child.start();
  await connection.sendAsync([child.pid, activeChildren().length]);
});

/** Creates a file to show that it runs, and spins for ever. */
export const spinAfter = task(here, 'spinAfter', (file: string) => {
  writeFileSync(file, '');
  for (;;);
});

export const spinFor = task(here, 'spinFor', (ms: number) => {
  const end = Date.now() + ms;
  while (Date.now() < end);
});

/** For a daemon, which cannot start processes. */
export const startFromDaemon = task(here, 'startFromDaemon', async (connection: Connection) => {
  await connection.sendAsync(codeOf(() => new Process({ target: spinFor, args: [1] }).start()));
});

/** Of this many tasks of `mayDie`, one kills its child, one exits it, and one throws. */
export const KILLED_EACH = 1000;

export const pidOf = task(here, 'pidOf', () => process.pid);
export const tell = task(here, 'tell', (what: string) => {
  process.env.TOLD = what;
});
export const told = task(here, 'told', () => process.env.TOLD);
let underWay = 0;
/** @returns how many other calls of it this process has begun and not ended, at the beginning or a few turns later */
export const countBeside = task(here, 'countBeside', async () => {
  let most = underWay++;
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  most = Math.max(most, --underWay);
  return most;
});
export const mayDie = task(here, 'mayDie', async (id: number) => {
  const kind = id % KILLED_EACH;
  if (kind === 0) process.kill(process.pid, 'SIGKILL');
  if (kind === 1) process.exit(7);
  if (kind === 2) throw new RangeError(`failed ${id}`);
  // A killed process may keep running for a moment.
  if (kind === 0) await new Promise(() => {});
  return id;
});

/** Adds a line to a file, which remains if the process is killed; the task DEADLY then kills its process. */
export const note = task(here, 'note', (file: string, id: number) => {
  appendFileSync(file, `${id}\n`);
  if (id === DEADLY) process.kill(process.pid, 'SIGKILL');
  return id;
});
export const DEADLY = 30;
/** Creates a file to show that it has begun, and ends once another file exists. */
export const untilThere = task(here, 'untilThere', async (begun: string, file: string) => {
  appendFileSync(begun, '');
  while (!existsSync(file)) await sleep(5);
});

/** The same, but computes meanwhile, so that it does not notice when it is given up. */
export const spinUntilThere = task(here, 'spinUntilThere', (begun: string, file: string) => {
  writeFileSync(begun, '');
  while (!existsSync(file));
});
/** Adds a line to a file, then takes 20 ms. */
export const noteSlowly = task(here, 'noteSlowly', (file: string, id: number) => {
  appendFileSync(file, `${id}\n`);
  for (const end = performance.now() + 20; performance.now() < end; );
  return id;
});

/** A process made the Python way: a class whose method is what it does. */
export class Greeter extends Process<[Connection<unknown>, string, 'process' | 'worker']> {
  readonly #connection: Connection<unknown>;

  constructor(
    connection: Connection<unknown>,
    readonly greeted: string,
    context: 'process' | 'worker',
  ) {
    const { Greeter: self } = fromModule<typeof import('./child.tasks.js')>(here);
    super({ target: self, args: [connection, greeted, context], name: 'greeter', context });
    this.#connection = connection;
  }

  override async run(): Promise<void> {
    await this.#connection.sendAsync([`hello ${this.greeted}`, currentProcess().name]);
  }
}
