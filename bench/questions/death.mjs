// How long it takes until whoever waits for a lock is told that its holder died.
import { duration } from '../lib/format.mjs';
import { interleave } from '../lib/interleave.mjs';
import { quantile } from '../lib/stats.mjs';
import { atMost } from '../lib/targets.mjs';

const ENDS = {
  'terminate(), blocked': 'sleeps',
  'terminate(), busy': 'computes',
  'terminate(), idle': 'idles',
  'process.exit()': 'exits',
  'out of memory': 'fills',
};
const WAITS = { 'blocked parent': 'blocks', 'awaiting parent': 'awaits' };
/** The least that a lock can be told by; it has no target. */
const BARE = "out of memory; the host's own event, without a lock";
/** How long it may take at most, in ms. */
const AT_MOST = 100;
const AT_MOST_OUT_OF_MEMORY = 400;

export default {
  name: 'death',
  title: 'From the death of a holder to the error of who waits',

  async measure(lab) {
    const contenders = Object.entries(ENDS).flatMap(([end, doing]) =>
      Object.entries(WAITS).map(([wait, waiting]) => lab.js(`${end}; ${wait}`, 'death.mjs', doing, waiting)),
    );
    contenders.push(lab.js(BARE, 'death-bare.mjs'));
    const plan = { sets: 1, rounds: lab.choose(3, 31), warmUp: 1, numbers: [0], limit: 20_000 };
    const results = await interleave(contenders, plan);
    return Object.entries(results).map(([name, { values, state }]) => ({ name, state, us: values }));
  },

  tables(data) {
    const shares = { least: 0, median: 0.5, '90 %': 0.9, most: 1 };
    return [
      {
        title: 'The lock was waited for since 100 ms',
        keys: 1,
        head: ['', ...Object.keys(shares)],
        rows: data.map(({ name, state, us }) => {
          const known = us.filter((value) => value !== null);
          if (known.length === 0) return [name, ...Object.keys(shares).map(() => state)];
          return [name, ...Object.values(shares).map((share) => duration(quantile(known, share) * 1e3))];
        }),
      },
    ];
  },

  targets(data) {
    const ours = data.filter(({ name }) => name !== BARE);
    return ours.map(({ name, us }) => {
      const most = name.startsWith('out of memory') ? AT_MOST_OUT_OF_MEMORY : AT_MOST;
      const known = us.filter((value) => value !== null);
      return atMost(`${name}: 90 %, in ms`, most, known.length === 0 ? undefined : quantile(known, 0.9) / 1e3);
    });
  },
};
