// A program whose supervisor is ended again and again, while the program blocks for news that only the supervisor would send.
import { Event } from 'atomics-sync-free';
import { isMain, Manager, Pool, Process, task, wait } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import { supervisors } from '../support/supervisors.js';

const here = import.meta.url;
export const spin = task(here, 'spin', (forEver: boolean, begun?: Event) => {
  begun?.set();
  while (forEver);
  return 'done';
});

const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

if (isMain) {
  const begun = <T extends { start(): void }>(what: T): T => {
    what.start();
    return what;
  };
  const args = [true] as const;
  /** Each starts something, and returns how to block for it. */
  const waits = {
    'join of a thread'() {
      const thread = begun(new Thread({ target: spin, args }));
      return () => {
        thread.join();
        return thread.result;
      };
    },
    'join of a process'() {
      const process = begun(new Process({ target: spin, args }));
      return () => {
        process.join();
        return process.exitcode;
      };
    },
    'a sentinel'() {
      const process = begun(new Process({ target: spin, args }));
      return () => wait([process.sentinel]).length;
    },
    'a call of a pool'() {
      const begun = new Event();
      const call = new Pool(1).applyAsync(spin, [true, begun]);
      // If the worker ended before, the next one would take over its task.
      begun.wait();
      return () => call.get();
    },
    'a call of a manager'() {
      const dict = new Manager().dict([['a', 1]]);
      return () => {
        while (dict.get('a') === 1);
      };
    },
  };
  const told: Record<string, unknown> = {};
  for (const [name, begin] of Object.entries(waits)) {
    const block = begin();
    // Without this thread, the supervisor might not be there yet.
    const first = begun(new Thread({ target: spin, args: [false] }));
    first.join();
    void supervisors.at(-1)?.terminate();
    told[name] = codeOf(block);
  }
  // A caller that does not block is told by the host.
  const last = begun(new Thread({ target: spin, args }));
  void supervisors.at(-1)?.terminate();
  await last.joinAsync();
  const after = begun(new Thread({ target: spin, args: [false] }));
  after.join();
  console.log(
    JSON.stringify({ told, last: codeOf(() => last.result), after: after.result, ended: supervisors.length }),
  );
  process.exit();
}
