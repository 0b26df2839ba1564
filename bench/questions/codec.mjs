// What it costs to pass a value through shared memory: to bytes and back, in one thread.
import { duration, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const OURS = 'codec';
const CLONE = 'structuredClone';
const PEERS = { 'v8.serialize': 'v8', JSON: 'JSON', 'msgpackr, structured clone': 'msgpackr' };

const QUICK = ['integer', 'small object', 'text of 1 kB', '1,000 integers'];

/** The kinds of values that contenders/codec.mjs knows, with what JSON does not carry. */
const KINDS = {
  integer: {},
  'small object': {},
  'record of 8': {},
  'text of 1 kB': {},
  '1,000 integers': {},
  '1,000 numbers': {},
  '100 texts': {},
  '100 records': {},
  '20 nested objects': {},
  'Map of 100': { without: 'JSON' },
  Error: { without: 'JSON' },
  '1 MB of bytes': { without: 'JSON' },
};

export default {
  name: 'codec',
  title: 'Values as bytes: there and back',

  async measure(lab) {
    const plan = {
      sets: lab.choose(1, 2),
      rounds: lab.choose(3, 11),
      warmUp: 1,
      numbers: [4],
      limit: 20_000,
    };
    const data = [];
    for (const kind of lab.choose(QUICK, Object.keys(KINDS))) {
      lab.say(kind);
      const contenders = [
        lab.js(CLONE, 'codec.mjs', CLONE, kind),
        lab.js(OURS, 'codec.mjs', OURS, kind),
        ...Object.entries(PEERS)
          .filter(([, name]) => name !== KINDS[kind].without)
          .map(([title, name]) => lab.js(title, 'codec.mjs', name, kind)),
      ];
      const results = await interleave(contenders, plan);
      const base = results[CLONE].values;
      data.push({
        kind,
        results: Object.entries(results).map(([name, { values, state }]) => ({
          name,
          state,
          ns: across(values),
          ratio: ratio(values, base),
        })),
      });
    }
    return data;
  },

  tables(data) {
    return [
      {
        title: 'A value to bytes in shared memory and back',
        keys: 2,
        head: ['value', '', 'median', '÷ structuredClone (half of the rounds)'],
        rows: data.flatMap(({ kind, results }) =>
          results.map(({ name, state, ns, ratio }) => [
            kind,
            name,
            state === 'ok' ? duration(ns.median) : state,
            spread(ratio),
          ]),
        ),
      },
    ];
  },

  targets(data) {
    const overClone = (wanted) =>
      data.find(({ kind }) => kind === wanted)?.results.find(({ name }) => name === OURS).ratio?.median;
    // The ratios to structuredClone that a prototype reached without identity and cycles, measured at the same time.
    return [
      atMost('integer ÷ structuredClone', 0.06, overClone('integer')),
      atMost('small object ÷ structuredClone', 0.25, overClone('small object')),
      atMost('record of 8 ÷ structuredClone', 0.32, overClone('record of 8')),
      atMost('text of 1 kB ÷ structuredClone', 0.75, overClone('text of 1 kB')),
      atMost('1,000 integers ÷ structuredClone', 0.13, overClone('1,000 integers')),
      atMost('1 MB of bytes ÷ structuredClone', 1.5, overClone('1 MB of bytes')),
    ];
  },
};
