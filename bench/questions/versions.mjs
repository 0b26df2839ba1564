// Whether this build of the package is as fast as another one, say the last release: `--against DIR`.
//
// Times of two builds differ even where their code does not, because of other work on the machine and of where a
// process happens to have its code and data. So the old build is also compared with itself, and only a difference outside the
// spread of that comparison counts. Few rounds on a busy machine put equal builds outside now and then, so a quick run
// proves nothing here. Atomics calls are counted as well; nothing disturbs those counts.
import { THIS } from '../lib/builds.mjs';
import { number, spread } from '../lib/format.mjs';
import { interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';
import { compare, differ } from '../lib/versions.mjs';
import { PRIMITIVES } from './pingpong.mjs';
import { PAIRS } from './uncontended.mjs';

const OLD = 'old';
const AGAIN = 'old again';
const NEW = 'new';

/** How many turns are counted. */
const COUNTED = 1000;

/** @returns the Atomics calls of a turn */
async function callsOf(contender) {
  const outcome = await contender.ask([COUNTED], 20_000);
  contender.stop();
  return outcome.state === 'ok' ? outcome.value : undefined;
}

export default {
  name: 'versions',
  title: 'This build of the package, and another one',

  /** @returns why the question cannot be asked */
  missing: ({ against }) => (against === undefined ? '--against does not name a build to compare with' : undefined),

  async measure(lab) {
    const builds = { [OLD]: lab.against, [AGAIN]: lab.against, [NEW]: THIS };
    const measure = async (what, file, args, plan) => {
      lab.say(what);
      const contenders = Object.entries(builds).map(([name, build]) => lab.js(name, file, ...args, build));
      const results = await interleave(contenders, { warmUp: 1, limit: 20_000, ...plan });
      const { [OLD]: old, [AGAIN]: again, [NEW]: now } = results;
      const state = [old, again, now].find(({ state }) => state !== 'ok')?.state ?? 'ok';
      const values = { old: old.values, again: again.values, now: now.values };
      return { what, state, values, ...compare(values) };
    };
    // Many processes, because two that run the same code differ by more than the rounds of one.
    const pairs = [];
    for (const [what, kind] of Object.entries(PAIRS)) {
      const plan = { sets: lab.choose(3, 9), rounds: lab.choose(5, 15), numbers: [4] };
      const times = await measure(what, 'pair.mjs', [kind], plan);
      const [before, after] = [
        await callsOf(lab.js(OLD, 'pair.mjs', kind, lab.against, 'calls')),
        await callsOf(lab.js(NEW, 'pair.mjs', kind, THIS, 'calls')),
      ];
      pairs.push({ ...times, before, after });
    }
    const trips = [];
    for (const primitive of PRIMITIVES) {
      const plan = { sets: lab.choose(2, 5), rounds: lab.choose(3, 9), numbers: [lab.choose(20, 60)] };
      trips.push(await measure(`${primitive} round trip`, 'pingpong.mjs', ['ours', primitive], plan));
    }
    return { pairs, trips };
  },

  tables({ pairs, trips }) {
    const calls = (counts) =>
      counts === undefined
        ? '–'
        : Object.entries(counts)
            .map(([name, count]) => `${number(count)} ${name}`)
            .join(', ') || 'none';
    return [
      {
        title: 'Times, new ÷ old, beside old ÷ old',
        keys: 1,
        head: ['', 'new ÷ old (half of the rounds)', 'old ÷ old (half of the rounds)', 'new is'],
        rows: [...pairs, ...trips].map(({ what, state, ratio, same, verdict }) => [
          what,
          spread(ratio),
          spread(same),
          state === 'ok' ? verdict : state,
        ]),
      },
      {
        title: 'Atomics calls of a pair',
        keys: 1,
        head: ['', 'old', 'new', ''],
        rows: pairs.map(({ what, before, after }) => [what, calls(before), calls(after), differ(before, after)]),
      },
    ];
  },

  targets({ pairs, trips }) {
    const slower = [...pairs, ...trips].filter(({ verdict }) => verdict === 'outside: slower').length;
    const more = pairs.filter(({ before, after }) => differ(before, after) === 'more').length;
    return [
      atMost('pairs and round trips outside the spread of old ÷ old, and slower', 0, slower),
      atMost('pairs with more Atomics calls', 0, more),
    ];
  },
};
