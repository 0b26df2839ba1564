// Functions by which processes and pools find out what their workers were made with.
import { resourceLimits } from 'node:worker_threads';
import type { SimpleQueue } from 'atomics-sync-free/multiprocessing';
import { task } from 'atomics-sync-free/multiprocessing';

export interface Made {
  readonly fruit: string | undefined;
  readonly execArgv: readonly string[];
  readonly heap: number | undefined;
}

export const made = task(
  import.meta.url,
  'made',
  (): Made => ({
    fruit: process.env.FRUIT,
    execArgv: process.execArgv,
    heap: resourceLimits.maxOldGenerationSizeMb,
  }),
);

class Kept {
  made(): Made {
    return made();
  }

  print(text: string): void {
    print(text);
  }

  fill(): void {
    fill();
  }
}

export const keep = task(import.meta.url, 'keep', () => new Kept());

export const tell = task(import.meta.url, 'tell', (queue: SimpleQueue<Made>) => queue.put(made()));

export const exitWith = task(import.meta.url, 'exitWith', () =>
  process.exit(process.env.FRUIT === 'fig' && process.execArgv.includes('--no-warnings') ? 42 : 1),
);

export const print = task(import.meta.url, 'print', (text: string) => {
  console.log(text);
  console.error(`${text}!`);
});

export const fill = task(import.meta.url, 'fill', () => {
  const all: number[][] = [];
  for (;;) all.push(new Array<number>(100_000).fill(0.5));
});
