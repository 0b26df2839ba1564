// How long it takes until the last of a number of sleepers is awake.
import { duration } from '../lib/format.mjs';
import { across, interleave } from '../lib/interleave.mjs';

export default {
  name: 'wakeup',
  title: 'Waking 1, 8, 64 threads',

  async measure(lab) {
    const counts = lab.choose([1, 8], [1, 8, 64]);
    const most = Math.max(...counts);
    const contenders = [
      lab.js('bare wait, notify', 'wakeup.mjs', 'bare', most),
      lab.js('Event.set', 'wakeup.mjs', 'Event', most),
      lab.js('Semaphore.release(n)', 'wakeup.mjs', 'Semaphore', most),
      lab.js('Condition.notifyAll', 'wakeup.mjs', 'Condition', most),
      lab.v8("V8's Atomics.Condition", 'wakeup.mjs', 'v8', most),
      lab.js('MessagePort', 'wakeup.mjs', 'messages', most),
      ...lab.inPython('CPython Event.set', 'wakeup', 'Event'),
    ];
    lab.say(`${counts.join(', ')} waiters`);
    const plan = { sets: 1, rounds: lab.choose(3, 31), warmUp: lab.choose(1, 2), numbers: counts, limit: 20_000 };
    const results = await interleave(contenders, plan);
    return Object.entries(results).map(([name, { values, state }]) => ({
      name,
      state,
      times: counts.map((count, i) => ({ count, us: across(values.map((value) => value?.[i] ?? null)) })),
    }));
  },

  tables(data) {
    return [
      {
        title: 'From the call until the last one is awake (median)',
        keys: 1,
        head: ['', ...data[0].times.map(({ count }) => `${count} waiting`)],
        rows: data.map(({ name, state, times }) => [
          name,
          ...times.map(({ us }) => (us === undefined ? state : duration(us.median * 1e3))),
        ]),
      },
    ];
  },

  targets: () => [],
};
