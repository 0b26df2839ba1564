/**
 * Workers of a browser: Web Workers. A browser does not report when a worker ends, so the worker's side does so in a
 * letter; and there is no `workerData`, so the first message to the worker is its data.
 */
import { cloneable } from '../core/thrown.js';
import type { Exit, Host, Program } from './host.js';

/** What the worker's side posts. */
type Letter =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'ended' };

export const start: Host['start'] = (entry, { data, onMessage, transfer = [], name }) => {
  const url = 'source' in entry ? urlOf(entry) : entry;
  const worker = new Worker(url, { type: 'module', ...(name !== undefined && { name }) });
  let end!: (exit: Exit) => void;
  const exit = new Promise<Exit>((resolve) => {
    end = (how) => {
      // A worker would keep running after an uncaught error, and what it has sent may still be under way.
      worker.terminate();
      worker.onmessage = null;
      resolve(how);
    };
  });
  worker.onmessage = ({ data: letter }: MessageEvent<Letter>) => {
    if (letter.kind === 'message') onMessage(letter.message);
    else if (letter.kind === 'threw') end({ cause: 'threw', error: letter.error });
    else end({ cause: 'ended', code: 0 });
  };
  worker.onerror = ({ message, error }) => {
    const failure: unknown = error ?? new Error(message || `the worker ${url} could not be loaded`);
    end({ cause: 'threw', error: failure });
  };
  worker.postMessage(data, [...transfer]);
  return {
    exit,
    send: (message) => worker.postMessage(message),
    terminate: async () => end({ cause: 'terminated' }),
    unref: () => {},
    ref: () => {},
  };
};

/** The URLs under which this agent keeps programs, by program. */
const urls = new WeakMap<Program, string>();

function urlOf(program: Program): string {
  const known = urls.get(program);
  if (known !== undefined) return known;
  const url = URL.createObjectURL(new Blob([program.source], { type: 'text/javascript' }));
  urls.set(program, url);
  return url;
}

export const serve: Host['serve'] = (work) => {
  const post = (letter: Letter): void => self.postMessage(letter);
  const run = async (data: unknown): Promise<void> => {
    try {
      await work(data as never, {
        send: (message) => post({ kind: 'message', message }),
        listen: (onMessage) => {
          self.onmessage = ({ data: message }: MessageEvent<unknown>) => onMessage(message);
        },
      });
      post({ kind: 'ended' });
    } catch (error) {
      post({ kind: 'threw', error: cloneable(error) });
    }
    self.close();
  };
  self.onmessage = ({ data }: MessageEvent<unknown>) => void run(data);
};

export const processors: Host['processors'] = () =>
  (globalThis as Partial<typeof globalThis>).navigator?.hardwareConcurrency ?? 1;

export const processorsOfMachine: Host['processorsOfMachine'] = processors;

/** A page can only learn the number of processors. */
export const coresOfMachine: Host['coresOfMachine'] = () => undefined;

export const environment: Host['environment'] = () => undefined;

export const isMainThread: Host['isMainThread'] = !(
  'WorkerGlobalScope' in globalThis || 'WorkletGlobalScope' in globalThis
);

/** Worklets and the sandboxes of test runners cannot. */
export const startsWorkers: Host['startsWorkers'] = isMainThread && typeof Worker === 'function';

/** The page starts workers itself: it never blocks, whereas a worker's own workers do not start while it blocks. */
export const supervises: Host['supervises'] = false;

/** A browser has no way to take a message synchronously. */
export const receive: Host['receive'] = () => undefined;

export const joinChannel: Host['joinChannel'] = (name, hear) => {
  if (typeof BroadcastChannel !== 'function') return undefined;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
  return { send: (message) => channel.postMessage(message), receive: undefined };
};

export const onSignal: Host['onSignal'] = undefined;

export const compileCache: Host['compileCache'] = () => undefined;

export const preload: Host['preload'] = async () => {};

export const importUrl: Host['importUrl'] = (url) => import(/* webpackIgnore: true */ /* @vite-ignore */ url);

/** What workers print is shown immediately. */
export const printDirectly: Host['printDirectly'] = () => {};

export const onUncaught: Host['onUncaught'] = (listener) => {
  self.addEventListener('error', (event) => {
    event.preventDefault();
    listener(event.error ?? new Error(event.message));
  });
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    listener(event.reason);
  });
};

export const end: Host['end'] = (last) => {
  last();
  // `serve` reports the end only when the work has ended, which may never happen.
  self.postMessage({ kind: 'ended' } satisfies Letter);
  self.close();
};

/** A browser does not expose what is created in a worker. */
export const takeStock: Host['takeStock'] = undefined;

export const awaitOrder: Host['awaitOrder'] = (isMine, take) => {
  const listener = ({ data }: MessageEvent<unknown>): void => {
    if (!isMine(data)) return;
    self.removeEventListener('message', listener);
    take(data);
  };
  self.addEventListener('message', listener);
};

/** There are no other processes. */
export const startChild: Host['startChild'] = undefined;

export const linkToParent: Host['linkToParent'] = () => {
  throw new Error('a page has no child processes');
};

export const writeNow: Host['writeNow'] = () => 0;

export const kill: Host['kill'] = () => {};

export const exitAfter: Host['exitAfter'] = (status) => status;

export const onExit: Host['onExit'] = () => {};

export const adopt: Host['adopt'] = (worker, _unref, onFailure) => {
  (worker as Worker).addEventListener('error', (event) => {
    event.preventDefault();
    onFailure(event.error ?? new Error(event.message || 'the worker could not be loaded'));
  });
};
