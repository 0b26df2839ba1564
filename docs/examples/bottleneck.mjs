// A lock that is held for too long, found by a trace: two threads do their whole job under it, and then only the step that needs it.
import { Arena, Barrier, isMain, Lock, Thread, task } from 'atomics-sync-free/threading';
import { start, stop } from 'atomics-sync-free/trace';

const JOBS = 10;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Takes 5 ms, and uses nothing that the threads share. */
const prepare = () => Atomics.wait(pause, 0, 0, 5);

export const work = task(import.meta.url, 'work', (name, arena, both, lock, wide) => {
  start({ arena, name });
  both.wait();
  for (let i = 0; i < JOBS; i++) {
    if (wide) {
      lock.run(prepare);
    } else {
      prepare();
      lock.run(() => {});
    }
  }
});

/** Runs both threads. @returns what they did */
export function traced(wide) {
  const arena = new Arena({ byteLength: 2 ** 21 });
  const [both, lock] = [new Barrier(2), new Lock({ name: 'ledger' })];
  start({ arena, name: 'main' });
  const threads = ['Ann', 'Bob'].map((name) => new Thread({ target: work, args: [name, arena, both, lock, wide] }));
  for (const thread of threads) thread.start();
  for (const thread of threads) thread.join();
  return stop();
}

/** @returns the share of the time from the first hold to the last in which the lock was held */
function share({ spans }) {
  const holds = spans.filter(({ kind }) => kind === 'hold');
  const held = holds.reduce((sum, { begin, end }) => sum + end - begin, 0);
  return held / (Math.max(...holds.map(({ end }) => end)) - Math.min(...holds.map(({ begin }) => begin)));
}

if (isMain) {
  const [wide, narrow] = [traced(true), traced(false)];
  console.error(String(wide)); // what was waited for, who kept whom waiting, the longest waits
  console.log(`locked for most of the time: ${share(wide) > 0.5}, and then ${share(narrow) > 0.5}`); // locked for most of the time: true, and then false
}
