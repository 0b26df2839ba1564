// How soon the checker comes to a verdict, compared with another build of the package: `--against DIR`.
//
// Both explore the same programs, each exploration in a process of its own, because users ask for a verdict only once. Rounds
// are interleaved. The number of states does not depend on the machine.
import { THIS } from '../lib/builds.mjs';
import { number, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

const PROGRAMS = ['mutex 3 × 3', 'mutex 4 × 3', 'Michael and Scott 3 + 2', 'philosophers 4', 'philosophers 5'];
/** A program with more states than this is explored no further. */
const MAX_STATES = 5_000_000;
const [OLD, NEW] = ['old', 'new'];

const part = ({ values }, key) => values.map((value) => value?.[key] ?? null);

export default {
  name: 'checker',
  title: "The checker's time to a verdict",

  /** @returns why the question cannot be asked */
  missing: ({ against }) => (against === undefined ? '--against does not name a build to compare with' : undefined),

  async measure(lab) {
    const programs = [];
    for (const program of PROGRAMS) {
      lab.say(program);
      const contenders = [OLD, NEW].map((name) =>
        lab.js(name, 'checker.mjs', program, name === OLD ? lab.against : THIS),
      );
      const plan = { sets: lab.choose(1, 5), rounds: 1, numbers: [MAX_STATES], limit: 60_000 };
      const { [OLD]: old, [NEW]: now } = await interleave(contenders, plan);
      const side = (results) => ({
        ...results.values.find((value) => value !== null),
        ms: across(part(results, 'ms')),
      });
      programs.push({ program, old: side(old), now: side(now), ratio: ratio(part(now, 'ms'), part(old, 'ms')) });
    }
    return { programs };
  },

  tables({ programs }) {
    const states = ({ states, verdict }) => (verdict === 'ok' ? number(states) : `more than ${number(MAX_STATES)}`);
    const rate = ({ states, ms }) => number(Math.round((states / ms.median) * 1000));
    return [
      {
        title: 'To a verdict',
        keys: 1,
        head: [
          'program',
          'states, old',
          'new',
          'ms, old (half of the rounds)',
          'new',
          'states/s, old',
          'new',
          'time, new ÷ old',
        ],
        rows: programs.map(({ program, old, now, ratio }) => [
          program,
          states(old),
          states(now),
          spread(old.ms, 0),
          spread(now.ms, 0),
          rate(old),
          rate(now),
          spread(ratio),
        ]),
      },
    ];
  },

  targets({ programs }) {
    const third = programs.filter(({ old, now }) => now.verdict === 'ok' && now.states * 3 <= old.states);
    const slower = programs.filter(({ ratio }) => ratio.median > 1.1);
    return [
      atLeast('programs with a third of the states or fewer', Math.ceil(programs.length / 2), third.length),
      atMost('programs whose verdict takes more than 1.1 × as long', 0, slower.length),
    ];
  },
};
