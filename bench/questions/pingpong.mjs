// Two threads that take turns: what a round trip costs, compared with the same Atomics calls without the primitive; and what an
// async one costs on hosts with Atomics.waitAsync, and on those without.
import { duration, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

/** For each primitive, the limit of its round trip ÷ the bare one's. */
const LIMITS = { Lock: 1.15, Semaphore: 1.15, Event: 1.15, Condition: 1.5, Barrier: 1.5 };
export const PRIMITIVES = Object.keys(LIMITS);
/** A Lock that tasks wait for. */
const ASYNC = 'Lock, async';
const OURS = 'ours';
const BARE = 'bare Atomics';
const CPYTHON = 'CPython threads';
const FALLBACK = 'ours, without Atomics.waitAsync';
const MESSAGES = 'MessagePort';

export default {
  name: 'pingpong',
  title: 'Two threads that take turns',

  async measure(lab) {
    const plan = lab.plan(lab.choose(20, 80), 20_000);
    const messages = () => lab.js(MESSAGES, 'pingpong.mjs', 'messages');
    const contendersOf = {
      ...Object.fromEntries(
        PRIMITIVES.map((primitive) => [
          primitive,
          [
            lab.js(OURS, 'pingpong.mjs', 'ours', primitive),
            lab.js(BARE, 'pingpong.mjs', 'bare', primitive),
            ...lab.inPython(CPYTHON, 'pingpong', primitive),
          ],
        ]),
      ),
      [ASYNC]: [
        lab.js(OURS, 'pingpong.mjs', 'ours', ASYNC),
        lab.js(FALLBACK, 'pingpong.mjs', 'fallback', ASYNC),
        messages(),
      ],
    };
    contendersOf.Condition.push(
      lab.v8("V8's Atomics.Condition", 'pingpong.mjs', 'v8', 'Condition'),
      lab.js('multithreading Condvar', 'pingpong.mjs', 'multithreading', 'Condition'),
      messages(),
    );
    const data = {};
    for (const [primitive, contenders] of Object.entries(contendersOf)) {
      lab.say(primitive);
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
    return PRIMITIVES.flatMap((primitive) => {
      const over = (name) => data[primitive].find((result) => result.name === name)?.ratio?.median;
      return [
        atMost(`${primitive} round trip ÷ bare`, LIMITS[primitive], over(BARE)),
        atMost(`${primitive} round trip ÷ CPython threads`, 0.05, over(CPYTHON)),
      ];
    });
  },
};
