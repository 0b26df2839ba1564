// One counter under one lock, with many threads: how many additions a second, how evenly shared, and how long the waits are.
//
// Short sections are compared by throughput. In long ones every lock comes close to what one thread does alone; how close
// is its efficiency.
import { stateOf } from '../lib/contender.mjs';
import { duration, frequency, number } from '../lib/format.mjs';
import { bucketQuantile, jain, median } from '../lib/stats.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

// The contenders, some of which the page plots.
export const OURS = 'Lock';
export const NONE = 'no lock';
export const BARE = 'bare futex mutex';
export const PEERS = ["V8's Atomics.Mutex", 'multithreading Mutex'];
export const C = "C's pthread_mutex";

/** For sections from this length, in ns, efficiency is compared instead of throughput. */
const LONG = 10_000;
export const isLong = ({ section }) => section >= LONG;

/** How long an answer may take beyond its window before it counts as hung, in ms. */
const GRACE = 3000;

const operationsOf = ({ counts }) => counts.reduce((a, b) => a + b, 0);
const rateOf = (value) => operationsOf(value) / value.elapsed;

/** Rounds in which nothing is timed, for throughput; and one window in which every operation is. */
async function measureCell(contenders, lab, threads, section, turns) {
  const empty = { state: 'ok', rates: [], efficiencies: [], costs: [] };
  const results = Object.fromEntries(contenders.map(({ name }) => [name, structuredClone(empty)]));
  const ask = async (contender, window, each, count = threads) => {
    const result = results[contender.name];
    if (result.state !== 'ok') return undefined;
    const outcome = await contender.ask([count, section, turns, window, each], window + GRACE);
    if (outcome.state === 'ok') return outcome.value;
    result.state = stateOf(outcome);
    return undefined;
  };
  const none = contenders.find(({ name }) => name === NONE);
  for (let round = 0; round < lab.choose(1, 3); round++) {
    for (const contender of contenders) {
      // Without a lock, only the waits are measured.
      if (contender === none) continue;
      const { rates, efficiencies, costs } = results[contender.name];
      const window = lab.choose(60, 300);
      // Before and after, because the machine drifts. For C, one C thread is the reference.
      const alone = () =>
        isLong({ section }) ? ask(contender.name === C ? contender : none, window / 4, 0, 1) : undefined;
      const before = await alone();
      const value = await ask(contender, window, 0);
      const after = await alone();
      if (value === undefined) continue;
      if (value.lost !== 0) throw new Error(`${contender.name} lost ${value.lost} additions`);
      rates.push(rateOf(value));
      if (before !== undefined && after !== undefined) {
        efficiencies.push((2 * rateOf(value)) / (rateOf(before) + rateOf(after)));
      }
      costs.push((value.cpu / Math.max(1, operationsOf(value))) * 1e6);
    }
  }
  for (const contender of contenders) {
    const long = contender.name === OURS || contender.name === NONE;
    const value = await ask(contender, lab.choose(60, long ? 2000 : 1000), 1);
    if (value === undefined) continue;
    const { counts, buckets, longest, elapsed, cpu, sleeps } = value;
    const operations = Math.max(1, operationsOf(value));
    Object.assign(results[contender.name], {
      jain: jain(counts),
      p50: bucketQuantile(buckets, 0.5),
      p999: bucketQuantile(buckets, 0.999),
      longest,
      sleeps: sleeps / operations,
      cpu: cpu / elapsed,
      // Most buckets are empty.
      buckets: Object.fromEntries([...buckets.entries()].filter(([, count]) => count > 0)),
    });
  }
  for (const result of Object.values(results)) {
    // Additions per ms; work done ÷ work of one thread alone; ns of CPU time per section.
    if (result.rates.length > 0) result.rate = median(result.rates);
    if (result.efficiencies.length > 0) result.efficiency = median(result.efficiencies);
    if (result.costs.length > 0) result.cost = median(result.costs);
  }
  return { threads, section, results };
}

/** @returns ours ÷ the best of the JavaScript peers that answered; for short sections only */
function overPeers(cell) {
  if (isLong(cell)) return undefined;
  const { results } = cell;
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
        title: 'Efficiency of long sections: work done ÷ work that one thread does alone, without a lock',
        keys: 2,
        head: ['section', 'threads', ...locks],
        rows: cells
          .filter(isLong)
          .map(({ results, ...cell }) => [...key(cell), ...locks.map((name) => number(results[name].efficiency))]),
      },
      {
        title: 'CPU time of all threads, per section',
        keys: 2,
        head: ['section', 'threads', ...locks],
        rows: cells.map(({ results, ...cell }) => [...key(cell), ...locks.map((name) => duration(results[name].cost))]),
      },
      {
        title: 'Waits for our Lock, beside what the machine does to threads without a lock',
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
    const efficiencies = cells.filter(isLong).map(({ results }) => results[OURS].efficiency);
    return [
      atLeast('throughput ÷ best JavaScript peer, sections below 10 µs, worst cell', 1, worst(ratios, Math.min)),
      atLeast('share of those cells in which that is 1.5 or more', 0.5, ahead),
      atLeast('efficiency of sections of 10 µs and more, worst cell', 0.92, worst(efficiencies, Math.min)),
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
