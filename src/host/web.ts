/**
 * Workers of a browser: Web Workers. A browser does not tell when a worker ends, so the worker's side tells it in a
 * letter; and there is no `workerData`, so the first message to the worker is its data.
 */
import type { Exit, Host } from './host.js';

/** What the worker's side posts. */
type Letter =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'ended' };

export const start: Host['start'] = (entry, { data, onMessage }) => {
  const worker = new Worker(entry, { type: 'module' });
  let end!: (exit: Exit) => void;
  const exit = new Promise<Exit>((resolve) => {
    end = (how) => {
      // A worker with an uncaught error would go on; and what it has sent may still be under way.
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
    const failure: unknown = error ?? new Error(message || `the worker ${entry} could not be loaded`);
    end({ cause: 'threw', error: failure });
  };
  worker.postMessage(data);
  return {
    exit,
    send: (message) => worker.postMessage(message),
    terminate: async () => end({ cause: 'terminated' }),
    unref: () => {},
  };
};

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
      postError(post, error);
    }
    self.close();
  };
  self.onmessage = ({ data }: MessageEvent<unknown>) => void run(data);
};

/** An error that cannot be cloned is told by its text. */
function postError(post: (letter: Letter) => void, error: unknown): void {
  try {
    post({ kind: 'threw', error });
  } catch {
    post({ kind: 'threw', error: new Error(String(error)) });
  }
}

export const processors: Host['processors'] = () => navigator.hardwareConcurrency;
