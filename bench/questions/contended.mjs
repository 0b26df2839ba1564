// One counter under one lock, by many threads: how many additions a second, how evenly shared, how long waited for.
import { stateOf } from '../lib/contender.mjs';
import { duration, frequency, number } from '../lib/format.mjs';
import { bucketQuantile, jain, median } from '../lib/stats.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

// The contenders, of which the page draws some.
export const OURS = 'Lock';
export const NONE = 'no lock';
export const BARE = 'bare futex mutex';
export const PEERS = ["V8's Atomics.Mutex", 'multithreading Mutex'];
export const C = "C's pthread_mutex";

/** How long an answer may take beyond its window before it counts as hung, in ms. */
const GRACE = 3000;

/** Rounds without a clock, for throughput; and one window in which every operation is timed. */
async function measureCell(contenders, lab, threads, section, turns) {
  const numbers = (window, each) => [threads, section, turns, window, each];
  const results = Object.fromEntries(contenders.map(({ name }) => [name, { state: 'ok', rates: [] }]));
  const ask = async (contender, window, each) => {
    const result = results[contender.name];
    if (result.state !== 'ok') return undefined;
    const outcome = await contender.ask(numbers(window, each), window + GRACE);
    if (outcome.state === 'ok') return outcome.value;
    result.state = stateOf(outcome);
    return undefined;
  };
  for (let round = 0; round < lab.choose(1, 3); round++) {
    for (const contender of contenders) {
      // Of those without a lock nothing is asked but how they wait.
      if (contender.name === NONE) continue;
      const value = await ask(contender, lab.choose(60, 300), 0);
      if (value === undefined) continue;
      if (value.lost !== 0) throw new Error(`${contender.name} lost ${value.lost} additions`);
      results[contender.name].rates.push(value.counts.reduce((a, b) => a + b, 0) / value.elapsed);
    }
  }
  for (const contender of contenders) {
    const long = contender.name === OURS || contender.name === NONE;
    const value = await ask(contender, lab.choose(60, long ? 2000 : 1000), 1);
    if (value === undefined) continue;
    const { counts, buckets, longest, elapsed, cpu, sleeps } = value;
    const operations = Math.max(
      1,
      counts.reduce((a, b) => a + b, 0),
    );
    Object.assign(results[contender.name], {
      jain: jain(counts),
      p50: bucketQuantile(buckets, 0.5),
      p999: bucketQuantile(buckets, 0.999),
      longest,
      sleeps: sleeps / operations,
      cpu: cpu / elapsed,
      // Most are empty.
      buckets: Object.fromEntries([...buckets.entries()].filter(([, count]) => count > 0)),
    });
  }
  for (const result of Object.values(results)) {
    // Additions a ms.
    if (result.rates.length > 0) result.rate = median(result.rates);
  }
  return { threads, section, results };
}

/** @returns ours ÷ the best of the JavaScript peers that came through */
function overPeers({ results }) {
  const best = Math.max(...PEERS.map((name) => results[name]?.rate ?? 0));
  return best > 0 && results[OURS].rate !== undefined ? results[OURS].rate / best : undefined;
}

const worst = (values, pick) => {
  const known = values.filter((value) => value !== undefined && !Number.isNaN(value));
  return known.length === 0 ? undefined : pick(...known);
};

function shown({ state, rate }) {
  if (rate === undefined) return state;
  return state === 'ok' ? frequency(rate * 1000) : `${frequency(rate * 1000)}, ${state}`;
}

export default {
  name: 'contended',
  title: 'A counter that threads contend for',

  async measure(lab) {
    const threads = lab.choose([2, 8], [2, 4, 8, 16, 32]);
    const sections = lab.choose([0, 1000, 100_000], [0, 100, 1000, 10_000, 100_000, 1_000_000]);
    const most = Math.max(...threads);
    const calibration = lab.js('calibration', 'calibrate.mjs');
    const { value: turnsPerMicrosecond } = await calibration.ask([0], 20_000);
    calibration.stop();
    const contenders = [
      lab.js(OURS, 'contended.mjs', 'ours', most),
      lab.js(NONE, 'contended.mjs', 'none', most),
      lab.js(BARE, 'contended.mjs', 'bare', most),
      lab.v8(PEERS[0], 'contended.mjs', 'v8', most),
      lab.js(PEERS[1], 'contended.mjs', 'multithreading', most),
      ...lab.inC(C, 'contended', most),
    ];
    const cells = [];
    for (const section of sections) {
      for (const count of threads) {
        lab.say(`${count} threads, section ${duration(section)}`);
        const turns = Math.round((section / 1000) * turnsPerMicrosecond);
        cells.push(await measureCell(contenders, lab, count, section, turns));
      }
    }
    for (const contender of contenders) contender.stop();
    return cells;
  },

  tables(cells) {
    const names = Object.keys(cells[0].results);
    const key = ({ threads, section }) => [duration(section), String(threads)];
    const locks = names.filter((name) => name !== NONE);
    return [
      {
        title: 'Throughput: additions a second',
        keys: 2,
        head: ['section', 'threads', ...locks, '÷ best JavaScript peer'],
        rows: cells.map((cell) => [
          ...key(cell),
          ...locks.map((name) => shown(cell.results[name])),
          number(overPeers(cell)),
        ]),
      },
      {
        title: 'Waiting for our Lock, beside what the machine does to threads without one',
        keys: 2,
        head: ['section', 'threads', 'Jain', 'no lock', 'p50', 'p99.9', 'longest', 'no lock', 'sleeps/op', 'CPUs'],
        rows: cells.map((cell) => {
          const { [OURS]: ours, [NONE]: none } = cell.results;
          return [
            ...key(cell),
            number(ours.jain),
            number(none.jain),
            duration(ours.p50),
            duration(ours.p999),
            duration(ours.longest),
            duration(none.longest),
            number(ours.sleeps),
            number(ours.cpu),
          ];
        }),
      },
      {
        title: 'Jain index, and the longest wait, of the others',
        keys: 2,
        head: ['section', 'threads', ...locks.slice(1)],
        rows: cells.map((cell) => [
          ...key(cell),
          ...locks.slice(1).map((name) => {
            const { state, jain, longest } = cell.results[name];
            return jain === undefined ? state : `${number(jain)}, ${duration(longest)}`;
          }),
        ]),
      },
    ];
  },

  targets(cells) {
    const ratios = cells.map(overPeers).filter((ratio) => ratio !== undefined);
    const rateAt = (section, threads) =>
      cells.find((cell) => cell.section === section && cell.threads === threads)?.results[OURS].rate;
    const sections = [...new Set(cells.map(({ section }) => section))];
    const most = Math.max(...cells.map(({ threads }) => threads));
    const scaling = sections.map((section) => rateAt(section, most) / rateAt(section, 2));
    const fair = cells.filter(({ threads }) => threads <= 16);
    const waits = cells.map(({ threads, section, results: { [OURS]: ours, [NONE]: none } }) =>
      ours.longest === undefined || none.longest === undefined
        ? undefined
        : ours.longest / (section * threads + none.longest),
    );
    const ahead = ratios.length === 0 ? undefined : ratios.filter((ratio) => ratio >= 1.5).length / ratios.length;
    return [
      atLeast('throughput ÷ best JavaScript peer, worst cell', 1, worst(ratios, Math.min)),
      atLeast('share of the cells in which that is 1.5 or more', 0.5, ahead),
      atLeast(`throughput at ${most} threads ÷ at 2, worst section`, 0.8, worst(scaling, Math.min)),
      atLeast(
        "Jain index ÷ the no-lock line's, 2 – 16 threads, worst cell",
        0.95,
        worst(
          fair.map(({ results }) => results[OURS].jain / results[NONE].jain),
          Math.min,
        ),
      ),
      atMost('longest wait ÷ (section × threads + longest without a lock), worst cell', 10, worst(waits, Math.max)),
    ];
  },
};
