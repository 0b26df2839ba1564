// How the cost grows with the number of waiters, or of primitives.
import { duration } from '../lib/format.mjs';
import { across } from '../lib/interleave.mjs';

export default {
  name: 'growth',
  title: 'As waiters and primitives grow in number',

  async measure(lab) {
    const waiters = lab.choose([1, 16], [1, 4, 16, 64, 256]);
    const primitives = lab.choose([1, 1000], [1, 10, 100, 1000, 10_000, 100_000]);
    const plans = [
      ['threads that wait for a Lock, to the last', 'threads', waiters],
      ['tasks that wait for a Lock, to the last', 'tasks', waiters],
      ['tasks that wait for a Condition: notify()', 'notify', waiters],
      ['Locks of an arena: a pair', 'locks', primitives],
      ['Locks of a packed arena: a pair', 'packed locks', primitives],
      ['bare words, 64 bytes apart: a pair', 'words', primitives],
    ];
    const data = [];
    for (const [title, kind, counts] of plans) {
      lab.say(title);
      const contender = lab.js(title, 'growth.mjs', kind, Math.max(...counts));
      const results = [];
      for (let round = -2; round < lab.choose(3, 9); round++) {
        for (const [i, count] of counts.entries()) {
          const outcome = await contender.ask([count], 20_000);
          results[i] ??= { count, values: [], state: 'ok' };
          if (outcome.state !== 'ok') results[i].state = outcome.state;
          if (round >= 0) results[i].values.push(outcome.state === 'ok' ? outcome.value : null);
        }
      }
      contender.stop();
      data.push({ title, results: results.map(({ count, values, state }) => ({ count, state, ns: across(values) })) });
    }
    return data;
  },

  tables(data) {
    const table = (title, unit, rows) => ({
      title,
      keys: 1,
      head: ['', ...rows[0].results.map(({ count }) => `${count.toLocaleString('en-US')} ${unit}`)],
      rows: rows.map((row) => [
        row.title,
        ...row.results.map(({ state, ns }) => (ns === undefined ? state : duration(ns.median))),
      ]),
    });
    return [
      table('Time per waiter, all served one after the other', 'waiting', data.slice(0, 3)),
      table('Time per pair, going round all of them', 'primitives', data.slice(3)),
    ];
  },

  targets: () => [],
};
