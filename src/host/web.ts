/**
 * Workers of a browser: Web Workers. A browser does not report when a worker ends, so the worker's side does so in a
 * letter; and there is no `workerData`, so the first message to the worker is its data.
 */
import { cloneable } from '../core/thrown.js';
import type { Exit, Host, Program } from './host.js';

/** The browser's own, in a worker, which it ends without a word. */
const { close } = globalThis as Partial<Pick<Window, 'close'>>;

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
    const failure: unknown = error ?? new Error(message || whyNotLoaded(url, 'source' in entry));
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

/** The event says nothing when a worker could not be loaded; a program is not loaded only if the page forbids it. */
const whyNotLoaded = (url: URL | string, isProgram: boolean): string =>
  isProgram
    ? "the page's Content-Security-Policy forbids this package's workers: allow them by worker-src blob:, or give the function " +
      'to serve() in a file of its own'
    : `the worker ${url} could not be loaded`;

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
    close?.call(self);
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
  close?.call(self);
};

/** A browser does not expose what is created in a worker. */
export const takeStock: Host['takeStock'] = undefined;

export const awaitOrder: Host['awaitOrder'] = (isMine, take) => {
  let isTaken = false;
  self.addEventListener('message', (event: MessageEvent<unknown>) => {
    const { data } = event;
    if (isOf(data, QUESTION)) {
      event.stopImmediatePropagation();
      if (!isTaken) self.postMessage(ANSWER);
    } else if (!isTaken && isMine(data)) {
      isTaken = true;
      take(data);
    }
  });
};

/** There are no other processes. */
export const startChild: Host['startChild'] = undefined;

export const linkToParent: Host['linkToParent'] = () => {
  throw new Error('a page has no child processes');
};

export const writeNow: Host['writeNow'] = () => 0;

export const kill: Host['kill'] = () => {};

export const exitAfter: Host['exitAfter'] = (status) => status;

export const asyncContext: Host['asyncContext'] = () => (act) => act();

/** What to call before this worker closes. */
const exits: ((code: number) => void)[] = [];

/**
 * Makes `self.close()` report the end, which the browser does not. The function that calls it may be about to return, so the
 * worker closes in the next turn.
 */
export const onExit: Host['onExit'] = (last) => {
  exits.push(last);
  if (exits.length > 1) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => end(() => exits.forEach((call) => void call(0)));
  self.close = () => port2.postMessage(undefined);
};

/** The first message to a worker whose order has not been taken comes after this time, in ms, each further one after twice as long. */
const ASKED_FIRST = 50;
const ASKED_LEAST = 10_000;

/** The property of what is asked of a worker made by the user's code, and of its answer. */
const LISTENS = 'atomics-sync-free.listens';
const QUESTION = { [LISTENS]: 'question' };
const ANSWER = { [LISTENS]: 'answer' };

const isOf = (data: unknown, { [LISTENS]: kind }: typeof QUESTION): boolean =>
  (data as Partial<typeof QUESTION> | null | undefined)?.[LISTENS] === kind;

/**
 * A browser drops a message to a worker whose script awaits something before it listens. So a worker that has not taken its order
 * is asked whether it listens.
 */
export const adopt: Host['adopt'] = (foreign, { name, onFailure, onEnd, isTaken, onMissed }) => {
  const worker = foreign as Worker;
  let isOver = false;
  let isAnswered = false;
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    isOver = true;
    onFailure(event.error ?? new Error(event.message || 'the worker could not be loaded'));
  });
  worker.addEventListener('message', (event) => {
    if (!isOf(event.data, ANSWER)) return;
    event.stopImmediatePropagation();
    if (isAnswered || isTaken()) return;
    isAnswered = true;
    onMissed();
  });
  // There is no event for it.
  const terminate = worker.terminate.bind(worker);
  worker.terminate = () => {
    terminate();
    isOver = true;
    onEnd();
  };
  const ask = (after: number): void => {
    setTimeout(() => {
      if (isOver || isTaken()) return;
      if (after < ASKED_LEAST && 2 * after >= ASKED_LEAST) warnOf(name);
      worker.postMessage(QUESTION);
      ask(Math.min(2 * after, ASKED_LEAST));
    }, after);
  };
  ask(ASKED_FIRST);
};

function warnOf(name: string): void {
  console.warn(
    `atomics-sync-free: the worker of ${name} has not begun for a long time: its file must call serve(), and all that it ` +
      'imports must load',
  );
}
