// The functions and classes that the tests of child processes have called by them.
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

/** Answers what it was given, and who it is; then sends back what comes, until the end. */
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

/** In a thread: which process it is part of, and whether it may start one. */
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

/** Tells what becomes of the forms that block, and of what cannot go. */
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

/** Sends so many numbers, and has a thread send another, which may block; and ends at once. */
export const sendMany = task(here, 'sendMany', async (connection: Connection<number>, count: number) => {
  for (let i = 0; i < count; i++) await connection.sendAsync(i);
  new Thread({ target: sendOne, args: [connection] }).start();
});

/** Ends as it is told to. */
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

/** Waits for something that nothing can bring about. */
export const waitForNothing = task(here, 'waitForNothing', () => new Promise<never>(() => {}));

/** The same, once it has answered what it was sent; it has more on its way than may be at one time. */
export const answerAndWait = task(here, 'answerAndWait', async (connection: Connection<number>, count: number) => {
  await connection.recvAsync();
  for (let i = 0; i < count; i++) void connection.sendAsync(i);
  await waitForNothing();
});

/** Waits for nothing but that it is given up. */
export const waitForSignal = task(here, 'waitForSignal', async () => {
  const signal = currentTask()?.signal as AbortSignal;
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
});

/** Says that it listens for SIGTERM, and waits for that. */
export const handleTerm = task(here, 'handleTerm', async (connection: Connection<string>) => {
  process.on('SIGTERM', () => process.exit(5));
  await connection.sendAsync('ready');
  await sleep(60_000);
});

/** Tells the pid of a daemon that it starts, and spins. */
export const startDaemon = task(here, 'startDaemon', async (connection: Connection) => {
  const child = new Process({ target: spinFor, args: [60_000], daemon: true, context: 'process' });
  child.start();
  await connection.sendAsync([child.pid, activeChildren().length]);
});

/** Says by a file that it runs, and does so without end. */
export const spinAfter = task(here, 'spinAfter', (file: string) => {
  writeFileSync(file, '');
  for (;;);
});

export const spinFor = task(here, 'spinFor', (ms: number) => {
  const end = Date.now() + ms;
  while (Date.now() < end);
});

/** A daemon, which cannot start others. */
export const startFromDaemon = task(here, 'startFromDaemon', async (connection: Connection) => {
  await connection.sendAsync(codeOf(() => new Process({ target: spinFor, args: [1] }).start()));
});

/** How often a task of `mayDie` ends its child, and in each way. */
export const KILLED_EACH = 1000;

export const pidOf = task(here, 'pidOf', () => process.pid);
export const tell = task(here, 'tell', (what: string) => {
  process.env.TOLD = what;
});
export const told = task(here, 'told', () => process.env.TOLD);
export const mayDie = task(here, 'mayDie', async (id: number) => {
  const kind = id % KILLED_EACH;
  if (kind === 0) process.kill(process.pid, 'SIGKILL');
  if (kind === 1) process.exit(7);
  if (kind === 2) throw new RangeError(`failed ${id}`);
  // A killed process may run on for a moment.
  if (kind === 0) await new Promise(() => {});
  return id;
});

/** Adds a line to a file, which is there although the process is killed; the one of DEADLY kills it then. */
export const note = task(here, 'note', (file: string, id: number) => {
  appendFileSync(file, `${id}\n`);
  if (id === DEADLY) process.kill(process.pid, 'SIGKILL');
  return id;
});
export const DEADLY = 30;
/** Says that it has begun, and ends once there is another file. */
export const untilThere = task(here, 'untilThere', async (begun: string, file: string) => {
  appendFileSync(begun, '');
  while (!existsSync(file)) await sleep(5);
});

/** Says that it has begun, and computes until there is another file: it does not hear that it is given up. */
export const spinUntilThere = task(here, 'spinUntilThere', (begun: string, file: string) => {
  writeFileSync(begun, '');
  while (!existsSync(file));
});
/** Adds a line to a file, and takes a while. */
export const noteSlowly = task(here, 'noteSlowly', (file: string, id: number) => {
  appendFileSync(file, `${id}\n`);
  for (const end = performance.now() + 20; performance.now() < end; );
  return id;
});

/** Python's way to make a process: a class with a method of what it does. */
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
