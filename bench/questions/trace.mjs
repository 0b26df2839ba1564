// What it costs to be able to record the use of a Lock, and to record it: a pair is two events.
import { duration, spread } from '../lib/format.mjs';
import { across, beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const NEVER = 'never recorded';
const AGAIN = 'never recorded, again';
/** Two processes of each kind: one may be lucky with the placement of its machine code. */
const CAN = ['can be recorded', 'can be recorded, again'];
const HOW = {
  [NEVER]: 'never',
  [CAN[0]]: 'off',
  [AGAIN]: 'never',
  [CAN[1]]: 'off',
  'was recorded before': 'after',
  recorded: 'on',
  'recorded, with stacks': 'stacks',
};
const TURNS = 100;

const ratioOf = (ns, base) => (ns === null || base === null ? null : ns / base);

async function callsOf(contender) {
  const outcome = await contender.ask([TURNS], 20_000);
  contender.stop();
  return outcome.state === 'ok' ? outcome.value : undefined;
}

export default {
  name: 'trace',
  title: 'Recording',

  async measure(lab) {
    // Most rounds of a few ms are not interrupted, even on a busy machine. A lucky process stays lucky for life, so there are many
    // processes, with few rounds of each.
    const plan = { sets: lab.choose(3, 9), rounds: lab.choose(5, 15), warmUp: 1, numbers: [4], limit: 20_000 };
    const contenders = Object.entries(HOW).map(([name, how]) => lab.js(name, 'trace.mjs', how));
    const results = await interleave(contenders, plan);
    const never = results[NEVER].values;
    const event = (name) =>
      across(results[name].values.map((ns, i) => (ns === null || never[i] === null ? null : (ns - never[i]) / 2)));
    const values = (names, how) => names.flatMap((name) => results[name].values.map(how));
    return {
      // Each of the two against the never-recording one of the same round; `same`, for its spread, in both directions.
      same: across([
        ...values([AGAIN], (ns, i) => ratioOf(ns, never[i])),
        ...values([AGAIN], (ns, i) => ratioOf(never[i], ns)),
      ]),
      can: across([
        ...values(CAN, (ns, i) => ratioOf(ns, never[i])),
        ...values(CAN, (ns, i) => ratioOf(ns, results[AGAIN].values[i])),
      ]),
      pairs: beside(results, results[NEVER]),
      events: Object.fromEntries(Object.keys(HOW).map((name) => [name, event(name)])),
      calls: [
        await callsOf(lab.js(NEVER, 'trace.mjs', 'never', 'calls')),
        await callsOf(lab.js('can be recorded', 'trace.mjs', 'off', 'calls')),
      ],
    };
  },

  tables({ same, can, pairs, events }) {
    return [
      {
        title: 'pairs of one round, one divided by the other (half of them)',
        keys: 1,
        head: ['', 'ratio'],
        rows: [
          ['never recorded ÷ the same', spread(same)],
          ['can be recorded ÷ never recorded', spread(can)],
        ],
      },
      {
        title: 'acquire, release of a Lock',
        keys: 1,
        head: ['', 'a pair', '÷ never recorded (half of the rounds)', 'an event'],
        rows: pairs.map(({ name, state, ns, ratio }) => [
          name,
          state === 'ok' ? duration(ns.median) : state,
          spread(ratio),
          /^recorded/.test(name) ? duration(events[name]?.median) : '–',
        ]),
      },
    ];
  },

  targets({ same, can, events, calls: [never, off] }) {
    const outside = same === undefined || can === undefined ? undefined : Number(can.median > same.high);
    const more =
      never === undefined || off === undefined ? undefined : Number(JSON.stringify(never) !== JSON.stringify(off));
    return [
      atMost('pairs that can be recorded outside the spread of the same, never recorded', 0, outside),
      atMost('pairs that can be recorded with other Atomics calls', 0, more),
      atMost('ns of an event', 150, events.recorded?.median),
      atMost('µs of an event with its stack', 15, events['recorded, with stacks']?.median / 1000),
    ];
  },
};
