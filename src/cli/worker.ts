/** The command `worker`: a machine that works for the Parallels of others. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { QueueWorker } from '../bullmq/worker.js';
import { numberOption } from './options.js';
import { Exit, UsageError } from './usage.js';

interface WorkerOptions {
  readonly tasks: string[];
  readonly concurrency?: number;
  readonly namespace: string;
}

/**
 * The command `worker`.
 *
 * @param exit - called once with the exit code
 */
export function workerCommand(exit: (code: number) => void): Command {
  return new Command('worker')
    .description("work for the parallel loops of other machines (backend 'bullmq')")
    .argument('[URL]', 'the Redis or Valkey server (default: REDIS_URL, which no list of processes shows)')
    .requiredOption('--tasks <FILE...>', 'the files of the functions that it may call: the same as in the program')
    .option(
      '--concurrency <N>',
      'batches at the same time (default: the processors)',
      numberOption({ whole: true, from: 1, to: 1000 }),
    )
    .option('--namespace <NAME>', 'the prefix of all keys', 'asf')
    .addHelpText('after', '\nOn SIGTERM or Ctrl-C it finishes what it has begun, and ends.')
    .exitOverride()
    .action(async (url: string | undefined, { tasks, ...options }: WorkerOptions) => {
      // An empty variable is not set.
      const where = url ?? (process.env.REDIS_URL || undefined);
      if (where === undefined)
        throw new UsageError(
          'there is neither a URL nor REDIS_URL; the URL goes before --tasks, which takes all that follows',
        );
      const files = tasks.map((file) => resolve(file));
      const missing = files.find((file) => !existsSync(file));
      if (missing !== undefined) throw new UsageError(`there is no file ${missing}`);
      exit(await work(where, { ...options, tasks: files }));
    });
}

/** How long the same problem is not reported again, in ms. */
const SAME_MS = 60_000;

/**
 * @param say reports a problem
 * @param clock returns ms
 * @returns a function that reports a problem unless it was just reported: a missing server is noticed several times a
 *   second
 */
export function sparingly(say: (message: string) => void, clock = Date.now): (message: string) => void {
  let last: string | undefined;
  let at = 0;
  return (message) => {
    if (message === last && clock() - at < SAME_MS) return;
    last = message;
    at = clock();
    say(message);
  };
}

async function work(url: string, options: WorkerOptions): Promise<number> {
  let worker: QueueWorker;
  try {
    worker = await QueueWorker.start(url, { ...options, onTrouble: sparingly(console.error) });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    console.error(`error: ${(error as Error).message}`);
    return Exit.failed;
  }
  console.log('working');
  await new Promise<void>((end) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
  });
  await worker.closeAsync();
  return Exit.ok;
}
