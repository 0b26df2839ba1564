// Functions that fail, for the tests of the stacks that their callers see.
import { task } from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;

/** Throws from a depth of its own. */
export const fails = task(here, 'fails', () => inner());

export const failsLater = task(here, 'failsLater', async () => {
  await undefined;
  inner();
});

export const failsWithCause = task(here, 'failsWithCause', () => {
  try {
    inner();
  } catch (cause) {
    throw new TypeError('outer', { cause });
  }
});

export const failsWithArgument = task(here, 'failsWithArgument', (_: unknown): unknown => inner());

class Failing {
  constructor(fails: boolean) {
    if (fails) inner();
  }

  fail(): void {
    inner();
  }

  async failLater(): Promise<void> {
    await undefined;
    inner();
  }
}

export const makeFailing = task(here, 'makeFailing', (fails: boolean) => new Failing(fails));

function inner(): never {
  throw new RangeError('inner');
}
