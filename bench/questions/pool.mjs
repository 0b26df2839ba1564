// Pools of two workers: what a call costs that does nothing, beside bare messages and the peers.
import { cells } from '../lib/format.mjs';
import { beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const PORT = 'bare messages';
const PEERS = ['piscina', 'tinypool', 'workerpool'];

export default {
  name: 'pool',
  title: 'Calls of a pool',

  async measure(lab) {
    const plan = {
      sets: lab.choose(1, 3),
      rounds: lab.choose(3, 7),
      warmUp: 1,
      numbers: [lab.choose(30, 80)],
      limit: 30_000,
    };
    const call = (form) => [
      lab.js(PORT, 'pool.mjs', 'port', form),
      lab.js('Pool', 'pool.mjs', 'Pool', form),
      ...PEERS.map((peer) => lab.js(peer, 'pool.mjs', peer, form)),
    ];
    const map = [
      lab.js(PORT, 'pool.mjs', 'port', 'at once'),
      lab.js('Pool.map, chunks of 1', 'pool.mjs', 'Pool', 'chunk 1'),
      lab.js('Pool.map', 'pool.mjs', 'Pool', 'map'),
    ];
    const data = {};
    for (const [group, contenders] of Object.entries({ 'at once': call('at once'), awaited: call('awaited'), map })) {
      lab.say(group);
      const results = await interleave(contenders, plan);
      data[group] = beside(results, results[PORT]);
    }
    return data;
  },

  tables(data) {
    return [
      {
        title: 'A call',
        keys: 2,
        head: ['calls', 'by', 'median', '÷ bare messages (half of the rounds)'],
        rows: Object.entries(data).flatMap(([group, results]) => results.map((result) => [group, ...cells(result)])),
      },
    ];
  },

  targets(data) {
    const over = (group, name) => data[group].find((result) => result.name === name)?.ratio?.median;
    /** The best peer, as many times as long as bare messages; undefined where none was measured. */
    const best = (group) => {
      const known = PEERS.map((peer) => over(group, peer)).filter((value) => value !== undefined);
      return known.length === 0 ? undefined : Math.min(...known);
    };
    const share = (group) => {
      const peer = best(group);
      return peer && over(group, 'Pool') / peer;
    };
    return [
      atMost('calls at once ÷ bare messages', 0.5, over('at once', 'Pool')),
      atMost('calls at once ÷ the best peer', 0.1, share('at once')),
      atMost('an awaited call ÷ the best peer', 1, share('awaited')),
      atMost('map, chunks of 1 ÷ bare messages', 1, over('map', 'Pool.map, chunks of 1')),
      atMost('map ÷ bare messages', 0.1, over('map', 'Pool.map')),
    ];
  },
};
