// Two threads that take turns: what a round trip costs, beside the same Atomics calls without the primitive.
import { duration, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

/** Of each primitive, how many times the bare one's a round trip may take at most. */
const LIMITS = { Lock: 1.15, Semaphore: 1.15, Event: 1.15, Condition: 1.5, Barrier: 1.5 };
export const PRIMITIVES = Object.keys(LIMITS);
const OURS = 'ours';
const BARE = 'bare Atomics';
const CPYTHON = 'CPython threads';

export default {
  name: 'pingpong',
  title: 'Two threads that take turns',

  async measure(lab) {
    const plan = {
      sets: lab.choose(1, 3),
      rounds: lab.choose(3, 7),
      warmUp: 1,
      numbers: [lab.choose(20, 80)],
      limit: 20_000,
    };
    const data = {};
    for (const primitive of PRIMITIVES) {
      lab.say(primitive);
      const contenders = [
        lab.js(OURS, 'pingpong.mjs', 'ours', primitive),
        lab.js(BARE, 'pingpong.mjs', 'bare', primitive),
        ...lab.inPython(CPYTHON, 'pingpong', primitive),
      ];
      if (primitive === 'Condition') {
        contenders.push(
          lab.v8("V8's Atomics.Condition", 'pingpong.mjs', 'v8', primitive),
          lab.js('multithreading Condvar', 'pingpong.mjs', 'multithreading', primitive),
          lab.js('MessagePort', 'pingpong.mjs', 'messages'),
        );
      }
      const results = await interleave(contenders, plan);
      data[primitive] = Object.entries(results).map(([name, { values, state }]) => ({
        name,
        state,
        ns: across(values),
        ratio: ratio(results[OURS].values, values),
      }));
    }
    return data;
  },

  tables(data) {
    return [
      {
        title: 'A round trip; two meetings of a Barrier are one',
        keys: 2,
        head: ['primitive', 'by', 'median', 'ours ÷ this (half of the rounds)'],
        rows: Object.entries(data).flatMap(([primitive, results]) =>
          results.map(({ name, state, ns, ratio }) => [
            primitive,
            name,
            state === 'ok' ? duration(ns.median) : state,
            name === OURS ? '' : spread(ratio),
          ]),
        ),
      },
    ];
  },

  targets(data) {
    return Object.entries(data).flatMap(([primitive, results]) => {
      const over = (name) => results.find((result) => result.name === name)?.ratio?.median;
      return [
        atMost(`${primitive} round trip ÷ bare`, LIMITS[primitive], over(BARE)),
        atMost(`${primitive} round trip ÷ CPython threads`, 0.05, over(CPYTHON)),
      ];
    });
  },
};
