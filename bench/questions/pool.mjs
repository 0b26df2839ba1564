// Pools of two workers: what a call that does nothing costs, what is lost for each task that computes, and what it takes to start
// one; compared with bare messages, the peers, and CPython's Pool.
import { groupRows } from '../lib/format.mjs';
import { byGroup } from '../lib/interleave.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

const PORT = 'bare messages';
const CHILD = 'bare messages to child processes';
const CHILDREN = 'Pool of child processes';
const PEERS = ['piscina', 'tinypool', 'workerpool'];
const PYTHON = 'CPython multiprocessing.Pool';

export default {
  name: 'pool',
  title: 'Calls of a pool',

  async measure(lab) {
    const plan = lab.plan(lab.choose(30, 80), 30_000);
    const ours = (name, kind, form) => lab.js(name, 'pool.mjs', kind, form);
    const call = (form) => [
      ours(PORT, 'port', form),
      ours('Pool', 'Pool', form),
      ...PEERS.map((peer) => ours(peer, peer, form)),
    ];
    const both = (form) => [ours(PORT, 'port', form), ours('Pool', 'Pool', form)];
    const byChildren = (form) => [ours(CHILD, 'child', form), ours(CHILDREN, 'Pool of processes', form)];
    /** The first of each group is the base of the others' ratios. */
    const groups = {
      'at once': call('at once'),
      awaited: call('awaited'),
      map: [
        ours(PORT, 'port', 'at once'),
        ours('Pool.map, chunks of 1', 'Pool', 'chunk 1'),
        ours('Pool.map', 'Pool', 'map'),
        ...lab.inPython(PYTHON, 'pool', 'map'),
      ],
      '1 MB, awaited': both('megabyte'),
      'tasks of 1 ms': both('computed'),
      'start of 4': both('start'),
      'child processes, at once': byChildren('at once'),
      'child processes, awaited': byChildren('awaited'),
    };
    return byGroup(groups, plan, lab.say);
  },

  tables(data) {
    return [
      {
        title: 'A call, a task or a start',
        keys: 2,
        head: ['what', 'by', 'median', '÷ the first (half of the rounds)'],
        rows: groupRows(data),
      },
    ];
  },

  targets(data) {
    const of = (group, name) => data[group].find((result) => result.name === name);
    const over = (group, name) => of(group, name)?.ratio?.median;
    /** The best peer's time ÷ that of bare messages; undefined if none was measured. */
    const best = (group) => {
      const known = PEERS.map((peer) => over(group, peer)).filter((value) => value !== undefined);
      return known.length === 0 ? undefined : Math.min(...known);
    };
    const share = (group) => {
      const peer = best(group);
      return peer && over(group, 'Pool') / peer;
    };
    const python = over('map', PYTHON);
    const computed = over('tasks of 1 ms', 'Pool');
    return [
      atMost('calls at once ÷ bare messages', 0.5, over('at once', 'Pool')),
      atMost('calls at once ÷ the best peer', 0.1, share('at once')),
      atMost('an awaited call ÷ the best peer', 1, share('awaited')),
      atMost('map, chunks of 1 ÷ bare messages', 1, over('map', 'Pool.map, chunks of 1')),
      atMost('map ÷ bare messages', 0.1, over('map', 'Pool.map')),
      atMost('map ÷ CPython', 0.5, python && over('map', 'Pool.map') / python),
      atMost('1 MB there and back ÷ structured clone', 1, over('1 MB, awaited', 'Pool')),
      atMost('tasks of 1 ms ÷ the same work by as many bare workers', 1.02, computed),
      atLeast('scaling ÷ that of as many bare workers', 0.97, computed && 1 / computed),
      atMost('start of 4 ÷ 4 bare workers', 1.2, over('start of 4', 'Pool')),
      atMost('child processes, at once ÷ bare messages', 1.1, over('child processes, at once', CHILDREN)),
      atMost('child processes, awaited ÷ bare messages', 1.1, over('child processes, awaited', CHILDREN)),
    ];
  },
};
