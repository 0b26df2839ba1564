/** Workers of Node, Deno and Bun: worker_threads. */
import type * as AsyncHooks from 'node:async_hooks';
import type * as NodeConsole from 'node:console';
import type * as Os from 'node:os';
import type * as Tty from 'node:tty';
import {
  BroadcastChannel,
  type MessagePort as HostPort,
  isMainThread as isMain,
  parentPort,
  receiveMessageOnPort,
  SHARE_ENV,
  type TransferListItem,
  Worker,
  workerData,
} from 'node:worker_threads';
import { sleep } from '../core/wait/sleep.js';
import { later } from '../core/wait/turns.js';
import type { Exit, Host, StartOptions, Stream } from './host.js';
import { isNode } from './node-itself.js';

export { exitAfter, kill, linkToParent, onExit, onSignal, startChild } from './node-child.js';
export { coresOfMachine } from './node-cores.js';
export { compileCache, importUrl, preload } from './node-load.js';
export { takeStock } from './node-stock.js';

// An import would load all of fs, about 3 ms; Node itself loads only parts of it.
const { writeSync } = process.getBuiltinModule('node:fs');
const asyncHooks = () => process.getBuiltinModule('node:async_hooks') as typeof AsyncHooks;
const os = () => process.getBuiltinModule('node:os') as typeof Os;

export const asyncContext: Host['asyncContext'] = () => asyncHooks().AsyncLocalStorage.snapshot();

export const start: Host['start'] = (
  entry,
  { data, onMessage, onOutput, transfer = [], sharesEnvironment = false, ...settings },
) => {
  const isProgram = 'source' in entry;
  const worker = new Worker(isProgram ? entry.source : entry, {
    ...settingsOf(settings),
    ...(sharesEnvironment && { env: SHARE_ENV }),
    eval: isProgram,
    workerData: data,
    transferList: transfer as TransferListItem[],
    stdout: onOutput !== undefined,
    stderr: onOutput !== undefined,
  });
  let terminated = false;
  let thrown: { readonly error: unknown } | undefined;
  worker.on('message', onMessage);
  worker.on('error', (error: unknown) => {
    thrown = { error };
  });
  // What it printed is passed on before its end.
  const printed =
    onOutput === undefined ? [] : [listen(worker, 'stdout', onOutput), listen(worker, 'stderr', onOutput)];
  const exit = new Promise<Exit>((resolve) => {
    worker.on('exit', async (code) => {
      await Promise.all(printed);
      if (thrown) resolve({ cause: 'threw', ...thrown });
      else resolve(terminated ? { cause: 'terminated' } : { cause: 'ended', code });
    });
  });
  return {
    exit,
    send: (message) => worker.postMessage(message),
    terminate: async () => {
      terminated = true;
      await worker.terminate();
    },
    unref: () => worker.unref(),
    ref: () => worker.ref(),
  };
};

/** Drops undefined values, which the host would take for settings. */
function settingsOf(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function listen(worker: Worker, stream: Stream, onOutput: NonNullable<StartOptions['onOutput']>): Promise<void> {
  return new Promise((resolve) => {
    worker[stream].setEncoding('utf8');
    worker[stream].on('data', (text: string) => onOutput(text, stream));
    worker[stream].on('end', resolve);
  });
}

export const serve: Host['serve'] = (work) => {
  if (!parentPort) throw new Error('serve() is for the module of a worker, and this is not one');
  const port = parentPort;
  const run = async (): Promise<void> => {
    await work(workerData, {
      send: (message) => port.postMessage(message),
      listen: (onMessage) => port.on('message', onMessage),
    });
    port.unref();
  };
  // Rethrown outside of the promise, an error reaches the parent whatever the host does about rejections.
  run().catch((error: unknown) => {
    queueMicrotask(() => {
      throw error;
    });
  });
};

export const processors: Host['processors'] = () => os().availableParallelism();

export const processorsOfMachine: Host['processorsOfMachine'] = () => os().cpus().length || processors();

export const environment: Host['environment'] = () => {
  try {
    return { ...process.env };
  } catch {
    // Deno, if the program may not read it.
    return undefined;
  }
};

export const isMainThread: Host['isMainThread'] = isMain;

export const startsWorkers: Host['startsWorkers'] = true;

export const supervises: Host['supervises'] = true;

export const receive: Host['receive'] = (port) => receiveMessageOnPort(port as unknown as HostPort);

export const joinChannel: Host['joinChannel'] = (name, hear) => {
  // Not the global one, which would keep Deno alive.
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event) => hear((event as { readonly data: unknown }).data);
  channel.unref();
  // Bun never finds anything there, and Deno refuses it.
  return {
    send: (message) => channel.postMessage(message),
    receive: isNode ? () => receiveMessageOnPort(channel as unknown as HostPort) : undefined,
  };
};

export const printDirectly: Host['printDirectly'] = () => {
  // Deno's workers print directly, without their parent.
  if ('Deno' in globalThis) return;
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    const write = writerOf(descriptor);
    stream.write = ((chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      write(typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(encoding)) : chunk);
      const callback = typeof encoding === 'function' ? encoding : done;
      // Not with a tick, which host/node-stock.ts would take for something left behind.
      if (callback !== undefined) void Promise.resolve().then(() => callback());
      return true;
    }) as typeof stream.write;
  }
  // Bun's console has its own path to the descriptors, which loses lines when the process ends.
  if ('Bun' in globalThis) {
    const { Console } = process.getBuiltinModule('node:console') as typeof NodeConsole;
    Object.assign(console, new Console(process.stdout, process.stderr));
  }
};

type Done = () => void;

const encodingOf = (encoding: BufferEncoding | Done | undefined): BufferEncoding =>
  typeof encoding === 'string' ? encoding : 'utf8';

/** @returns a function that writes to a descriptor at once */
function writerOf(descriptor: number): (bytes: Uint8Array) => void {
  const tty = (): typeof Tty => process.getBuiltinModule('node:tty');
  if (process.platform !== 'win32' || !tty().isatty(descriptor)) return (bytes) => writeAll(descriptor, bytes);
  // What is written to the descriptor of a console is shown in the characters of some code page.
  const console = new (tty().WriteStream)(descriptor);
  // Nobody sees it any more.
  console.on('error', () => {});
  return (bytes) => void console.write(bytes);
}

/** What hosts report when nobody reads any more (the second one is Windows), or there is nothing to write to. */
const UNREAD = /^(EPIPE|EOF|EBADF)$/;

/** A pipe that is momentarily full takes the rest later. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // This is not a reason for the worker to end.
      if (UNREAD.test(code)) return;
      if (code !== 'EAGAIN') throw error;
      sleep(1);
    }
  }
}

export const writeNow: Host['writeNow'] = (descriptor, bytes) => {
  try {
    return writeSync(descriptor, bytes);
  } catch {
    return 0;
  }
};

export const onUncaught: Host['onUncaught'] = (listener) => {
  process.on('uncaughtException', (error) => {
    // Another listener means that the worker should keep running.
    if (process.listenerCount('uncaughtException') === 1) listener(error);
  });
};

export const end: Host['end'] = (last) => {
  process.on('exit', last);
  // In Deno a terminated worker ends when it returns to its event loop, but loops forever in process.exit().
  if ('Deno' in globalThis) later(() => process.exit(), 0);
  else process.exit();
};

export const awaitOrder: Host['awaitOrder'] = (isMine, take) => {
  const listener = (message: unknown): void => {
    if (!isMine(message)) return;
    parentPort?.off('message', listener);
    parentPort?.unref();
    take(message);
  };
  parentPort?.on('message', listener);
};

export const adopt: Host['adopt'] = (worker, { unref, onFailure, onEnd }) => {
  const known = worker as unknown as Partial<Worker> & Partial<EventTarget>;
  // A worker that has ended emits no more events.
  if (known.threadId === -1) throw new Error('it has already ended');
  if (unref) known.unref?.();
  if (typeof known.on === 'function') {
    known.on('error', onFailure);
    // In Deno a port does not report that its other end is gone.
    if ('Deno' in globalThis) known.on('exit', onEnd);
  }
  // A Web Worker, which Deno and Bun have too.
  else known.addEventListener?.('error', (event) => onFailure((event as ErrorEvent).error ?? event));
};
