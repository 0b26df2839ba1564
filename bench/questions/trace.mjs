// What it costs to be able to record what is done with a Lock, and to record it: a pair is two events.
import { duration, spread } from '../lib/format.mjs';
import { across, beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const NEVER = 'never recorded';
const HOW = {
  [NEVER]: 'never',
  'never recorded, again': 'never',
  'can be recorded': 'off',
  'was recorded before': 'after',
  recorded: 'on',
  'recorded, with stacks': 'stacks',
};
const TURNS = 100;

async function callsOf(contender) {
  const outcome = await contender.ask([TURNS], 20_000);
  contender.stop();
  return outcome.state === 'ok' ? outcome.value : undefined;
}

export default {
  name: 'trace',
  title: 'Recording',

  async measure(lab) {
    // Most rounds of a few ms are not interrupted, even on a busy machine.
    const plan = { sets: lab.choose(1, 3), rounds: lab.choose(7, 41), warmUp: 1, numbers: [4], limit: 20_000 };
    const contenders = Object.entries(HOW).map(([name, how]) => lab.js(name, 'trace.mjs', how));
    const results = await interleave(contenders, plan);
    const never = results[NEVER].values;
    const event = (name) =>
      across(results[name].values.map((ns, i) => (ns === null || never[i] === null ? null : (ns - never[i]) / 2)));
    return {
      pairs: beside(results, results[NEVER]),
      events: Object.fromEntries(Object.keys(HOW).map((name) => [name, event(name)])),
      calls: [
        await callsOf(lab.js(NEVER, 'trace.mjs', 'never', 'calls')),
        await callsOf(lab.js('can be recorded', 'trace.mjs', 'off', 'calls')),
      ],
    };
  },

  tables({ pairs, events }) {
    return [
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

  targets({ pairs, events, calls: [never, off] }) {
    const ratioOf = (name) => pairs.find((pair) => pair.name === name)?.ratio;
    const again = ratioOf('never recorded, again');
    const can = ratioOf('can be recorded')?.median;
    const outside = again === undefined || can === undefined ? undefined : Number(can > Math.max(again.high, 1));
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
