// How long it takes until a lock's waiter learns that its holder died.
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
/** How workers can end in other hosts: in Deno a busy or blocked worker runs on, and neither limits a worker's memory. */
const ELSEWHERE = {
  Bun: ['terminate(), blocked', 'terminate(), busy', 'terminate(), idle', 'process.exit()'],
  Deno: ['terminate(), idle', 'process.exit()'],
};
/** The lower bound for any lock; it has no target. */
const BARE = "out of memory; the host's own event, without a lock";
/** How long it may take at most, in ms. */
const AT_MOST = { warm: 100, cold: 300, 'out of memory': 400 };

/** @returns {object[]} for each contender, how long it took round by round, and how that ended */
async function ask(contenders, plan) {
  const results = await interleave(contenders, { numbers: [0], limit: 20_000, ...plan });
  return Object.entries(results).map(([name, { values, state }]) => ({ name, state, us: values }));
}

export default {
  name: 'death',
  title: 'From the death of a holder to the error of its waiter',

  async measure(lab) {
    const named = (name, end, wait, ...more) => lab.js(name, 'death.mjs', ENDS[end], WAITS[wait], ...more);
    const ends = Object.keys(ENDS);
    const warm = ends.flatMap((end) => Object.keys(WAITS).map((wait) => named(`${end}; ${wait}`, end, wait)));
    warm.push(lab.js(BARE, 'death-bare.mjs'));
    for (const [host, possible] of Object.entries(ELSEWHERE)) {
      warm.push(
        ...possible.flatMap((end) =>
          lab.inHost(host, `${host}: ${end}; blocked parent`, 'death.mjs', ENDS[end], 'blocks'),
        ),
      );
    }
    const cold = ends.map((end) => named(`${end}; blocked parent`, end, 'blocked parent', 'cold'));
    return {
      warm: await ask(warm, { sets: 1, rounds: lab.choose(3, 31), warmUp: 1 }),
      cold: await ask(cold, { sets: lab.choose(3, 15), rounds: 1 }),
    };
  },

  tables({ warm, cold }) {
    const shares = { least: 0, median: 0.5, '90 %': 0.9, most: 1 };
    const table = (title, data) => ({
      title,
      keys: 1,
      head: ['', ...Object.keys(shares)],
      rows: data.map(({ name, state, us }) => {
        const known = us.filter((value) => value !== null);
        if (known.length === 0) return [name, ...Object.keys(shares).map(() => state)];
        return [name, ...Object.values(shares).map((share) => duration(quantile(known, share) * 1e3))];
      }),
    });
    return [
      table('The waiter had been waiting for 100 ms', warm),
      table('Cold: the first wait of a process for a lock, begun as its holder ends', cold),
    ];
  },

  targets({ warm, cold }) {
    const targets = (data, most, prefix = '') =>
      data.map(({ name, us }) => {
        const known = us.filter((value) => value !== null);
        const ms = known.length === 0 ? undefined : quantile(known, 0.9) / 1e3;
        const limit = name.includes('out of memory') ? AT_MOST['out of memory'] : most;
        return atMost(`${prefix}${name}: 90 %, in ms`, limit, ms);
      });
    return [
      ...targets(
        warm.filter(({ name }) => name !== BARE),
        AT_MOST.warm,
      ),
      ...targets(cold, AT_MOST.cold, 'cold, '),
    ];
  },
};
