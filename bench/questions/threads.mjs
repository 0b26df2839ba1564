// Threads: what it takes to run a function on a worker, compared with a bare Worker, the peers and CPython's Thread.
import { cells } from '../lib/format.mjs';
import { beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const BARE = 'bare Worker';
const PYTHON = "CPython's Thread";
const PEERS = ['piscina', 'tinypool', 'workerpool', 'comlink'];

/** What is measured, and what it is compared with. */
const GROUPS = {
  'cold start': { form: 'cold', base: BARE, ms: 250 },
  'the very first': { form: 'first', base: BARE, ms: 1 },
  'warm start': { form: 'warm', base: PYTHON, ms: 60 },
  'a call': { form: 'call', base: BARE, ms: 40 },
  'a call that fails': { form: 'error', base: BARE, ms: 40 },
};

export default {
  name: 'threads',
  title: 'Threads: starts and calls',

  async measure(lab) {
    const comlink = lab.installed('comlink', '4.4.2');
    const data = {};
    for (const [group, { form, base, ms }] of Object.entries(GROUPS)) {
      lab.say(group);
      const contender = (title, kind) => lab.js(title, 'threads.mjs', kind, form, comlink ?? '');
      const contenders =
        form === 'warm'
          ? [...lab.inPython(PYTHON, 'threads', 'Thread'), contender('Thread', 'Thread')]
          : [
              contender(BARE, 'bare'),
              contender(form === 'cold' || form === 'first' ? 'Thread' : 'Pool of 1', 'Thread'),
              ...PEERS.filter((peer) => peer !== 'comlink' || comlink !== undefined).map((peer) =>
                contender(peer, peer),
              ),
            ];
      const results = await interleave(contenders, {
        sets: 1,
        rounds: lab.choose(3, 9),
        warmUp: 1,
        numbers: [ms],
        limit: 30_000,
      });
      data[group] = beside(results, results[base] ?? { values: [] });
    }
    return data;
  },

  tables(data) {
    return [
      {
        title: 'A function that does nothing, run by a worker',
        keys: 2,
        head: ['', 'by', 'median', "÷ bare Worker; ÷ CPython's where warm (half of the rounds)"],
        rows: Object.entries(data).flatMap(([group, results]) => results.map((result) => [group, ...cells(result)])),
      },
    ];
  },

  targets(data) {
    const over = (group, name) => data[group].find((result) => result.name === name)?.ratio?.median;
    /** The time of our Pool ÷ that of the best peer; undefined if none was measured. */
    const share = (group) => {
      const known = PEERS.map((peer) => over(group, peer)).filter((value) => value !== undefined);
      const own = over(group, 'Pool of 1');
      return known.length === 0 || own === undefined ? undefined : own / Math.min(...known);
    };
    return [
      atMost('cold start ÷ bare Worker', 1.4, over('cold start', 'Thread')),
      atMost("warm start and join ÷ CPython's", 0.25, over('warm start', 'Thread')),
      atMost('a call ÷ the best peer', 1, share('a call')),
      atMost('a call that fails ÷ the best peer', 1, share('a call that fails')),
    ];
  },
};
