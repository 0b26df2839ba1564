// Parallel and Memory compared with joblib: what a task costs, how efficient loops are by the length of their tasks, and how
// fast cached results are found.
import { duration, number, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

const JOBS = 2;
export const OURS = 'Parallel';
export const THEIRS = 'joblib';
/** The lengths of tasks, in µs. */
const LENGTHS = [1, 10, 100, 1000, 10_000, 100_000];
/** How many µs a loop takes if nothing is lost, and the fewest tasks in a loop. */
const LOOP = { quick: 200_000, full: 500_000 };
const FEWEST = 8;

/** What both are asked, by the title of the row; where joblib lacks the feature, its nearest equivalent. */
const SINGLE = {
  'a later call of 2 tasks': ['later', 'later'],
  '100 MB to 4 workers, copied': ['copied', 'maxNbytes'],
  '100 MB to 4 workers, maxNbytes': ['maxNbytes', 'maxNbytes'],
  '100 MB to 4 workers, shared': ['shared', 'maxNbytes'],
  'Memory, a hit': ['hit', 'hit'],
  'Memory, a hit of 1 MB': ['large hit', 'large hit'],
  'Memory, a miss': ['miss', 'miss'],
  'hash of 100 MB': ['hash', 'hash'],
};

const ours = (lab, what) => lab.js(OURS, 'joblib.mjs', what);
const theirs = (lab, what) => lab.inJoblib(THEIRS, what);

export default {
  name: 'joblib',
  title: 'Parallel and Memory beside joblib',

  async measure(lab) {
    const rounds = { sets: 1, rounds: lab.choose(3, 7), limit: 60_000 };
    const data = { joblib: lab.joblib?.version ?? null, loops: [], single: [] };
    const compare = async (what, contenders, plan) => {
      lab.say(what);
      const results = await interleave(contenders, plan);
      const [one, other] = [results[OURS].values, results[THEIRS]?.values];
      return {
        what,
        state: results[OURS].state,
        ours: across(one),
        theirs: other && across(other),
        ratio: other && ratio(one, other),
      };
    };
    for (const length of LENGTHS) {
      const count = Math.max(FEWEST, Math.round((JOBS * lab.choose(LOOP.quick, LOOP.full)) / (length + 4)));
      const contenders = [ours(lab, 'loop'), ...theirs(lab, 'loop')];
      const plan = { ...rounds, warmUp: 1, numbers: [length, count] };
      data.loops.push({ length, ...(await compare(`tasks of ${duration(length * 1e3)}`, contenders, plan)) });
    }
    const first = { sets: lab.choose(2, 5), rounds: 1, numbers: [], limit: 60_000 };
    data.single.push(
      await compare('the first call of a process', [ours(lab, 'first'), ...theirs(lab, 'first')], first),
    );
    for (const [what, [own, other]] of Object.entries(SINGLE)) {
      const plan = { ...rounds, warmUp: 1, numbers: [lab.choose(30, 100)] };
      data.single.push(await compare(what, [ours(lab, own), ...theirs(lab, other)], plan));
    }
    return data;
  },

  tables({ joblib, loops, single }) {
    const beside = joblib === null ? 'joblib (not installed)' : `joblib ${joblib}`;
    return [
      {
        title: 'Loops of two workers: the time lost per task, and the share of their time that goes into tasks',
        keys: 1,
        head: ['length of a task', 'lost, Parallel', `lost, ${beside}`, 'share, Parallel', `share, ${beside}`],
        rows: loops.map(({ length, ours, theirs }) => [
          duration(length * 1e3),
          ...[ours, theirs].map((each) => duration(each && lost(length, each.median))),
          ...[ours, theirs].map((each) => (each === undefined ? '–' : number(efficiency(length, each.median)))),
        ]),
      },
      {
        title: 'What else takes time',
        keys: 1,
        head: ['', 'here', beside, '÷ joblib (half of the rounds)'],
        rows: single.map(({ what, state, ours, theirs, ratio }) => [
          what,
          state === 'ok' ? duration(ours.median) : state,
          duration(theirs?.median),
          spread(ratio),
        ]),
      },
    ];
  },

  targets({ loops, single }) {
    const over = (name) => single.find(({ what }) => what === name)?.ratio?.median;
    const share = (length) => {
      const { ours } = loops.find((loop) => loop.length === length);
      return ours && efficiency(length, ours.median);
    };
    const overhead = (length) => {
      const { ours, theirs } = loops.find((loop) => loop.length === length);
      return ours && theirs && lost(length, ours.median) / lost(length, theirs.median);
    };
    return [
      atMost('lost a task of 1 µs ÷ joblib', 0.5, overhead(1)),
      atLeast('share of the ideal, tasks of 10 ms', 0.8, share(10_000)),
      atMost('a later call of 2 tasks ÷ joblib', 0.05, over('a later call of 2 tasks')),
      atMost('100 MB to 4 workers by maxNbytes ÷ joblib', 1, over('100 MB to 4 workers, maxNbytes')),
      atMost('a hit of Memory ÷ joblib', 0.25, over('Memory, a hit')),
      atMost('a hit of 1 MB ÷ joblib', 1, over('Memory, a hit of 1 MB')),
      atMost('a miss of Memory ÷ joblib', 1, over('Memory, a miss')),
      atMost('hash of 100 MB ÷ joblib', 1, over('hash of 100 MB')),
    ];
  },
};

/** @returns how much of the workers' time is lost for each task, in ns */
const lost = (length, ns) => Math.max(0, JOBS * ns - length * 1e3);

/** @returns the share of the workers' time that is spent in tasks */
export const efficiency = (length, ns) => Math.min(1, (length * 1e3) / (JOBS * ns));
