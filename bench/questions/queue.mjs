// Items from one thread to another: what an item costs through a Queue, compared with a MessagePort and Python's Queue.
import { groupRows } from '../lib/format.mjs';
import { byGroup } from '../lib/interleave.mjs';
import { atLeast, atMost } from '../lib/targets.mjs';

const OURS = 'Queue';
const PORT = 'MessagePort, read synchronously';
const ASYNC = 'Queue, async';
const EVENT = 'MessagePort, by events';
const BLOCK = 'Queue, in a SharedArrayBuffer of its own';
const TRANSFER = 'MessagePort, transferred';
const PYTHON = 'CPython multiprocessing.Queue';
const PIPE = 'Pipe, there and back';
const PYTHON_PIPE = 'CPython multiprocessing.Pipe, there and back';
const ROUND_TRIP = 'two Queues, there and back';
const EVENTS = 'two Events, there and back';

/** By item, how many times as fast as the port and as Python the queue should be. */
const ITEMS = {
  integer: { port: 4, python: 20 },
  object: { port: 4, python: 12 },
  'text of 1 kB': { port: 1.5, python: 6 },
  '1,000 integers': {},
  '1 MB of bytes': { port: 0.9, python: 8 },
};
const LARGE = '1 MB of bytes';
const PAIRS = [1, 4];
/** The group in which an item's processor time is measured. */
const byProcessor = (item) => `${item}, processor time`;

export default {
  name: 'queue',
  title: 'Items from thread to thread',

  async measure(lab) {
    const plan = lab.plan(lab.choose(20, 80), 30_000);
    const groups = {
      ...Object.fromEntries(
        Object.keys(ITEMS).map((item) => [
          item,
          [
            lab.js(OURS, 'queue.mjs', 'queue', item),
            lab.js(PORT, 'queue.mjs', 'port', item),
            lab.js(ASYNC, 'queue.mjs', 'queue async', item),
            lab.js(EVENT, 'queue.mjs', 'port event', item),
            ...(item === LARGE
              ? [lab.js(BLOCK, 'queue.mjs', 'block', item), lab.js(TRANSFER, 'queue.mjs', 'transfer', item)]
              : []),
            ...lab.inPython(PYTHON, 'queue', item),
          ],
        ]),
      ),
      ...Object.fromEntries(
        Object.keys(ITEMS).map((item) => [
          byProcessor(item),
          [
            lab.js(OURS, 'queue.mjs', 'queue', item, 1, 'cpu'),
            lab.js(PORT, 'queue.mjs', 'port', item, 1, 'cpu'),
            lab.js(ASYNC, 'queue.mjs', 'queue async', item, 1, 'cpu'),
          ],
        ]),
      ),
      'there and back': [
        lab.js(ROUND_TRIP, 'queue.mjs', 'round trip', 'integer'),
        lab.js(EVENTS, 'queue.mjs', 'events', 'integer'),
      ],
      pipe: [lab.js(PIPE, 'queue.mjs', 'pipe', 'integer'), ...lab.inPython(PYTHON_PIPE, 'pipe', 'integer')],
      'many threads': PAIRS.map((pairs) => lab.js(pairsOf(pairs), 'queue.mjs', 'pairs', 'integer', pairs)),
    };
    return byGroup(groups, plan, lab.say);
  },

  tables(data) {
    return [
      {
        title: 'An item',
        keys: 2,
        head: ['item', 'through', 'median', '÷ the first (half of the rounds)'],
        rows: groupRows(data),
      },
    ];
  },

  targets(data) {
    const find = (group, name) => data[group]?.find((result) => result.name === name);
    const over = (group, name) => find(group, name)?.ratio?.median;
    const roundTrip = over('there and back', EVENTS);
    const four = over('many threads', pairsOf(4));
    const pipe = over('pipe', PYTHON_PIPE);
    return [
      ...Object.entries(ITEMS).flatMap(([item, { port, python }]) => [
        ...(port === undefined ? [] : [atLeast(`${item}: MessagePort ÷ Queue`, port, over(item, PORT))]),
        ...(python === undefined ? [] : [atLeast(`${item}: CPython ÷ Queue`, python, over(item, PYTHON))]),
      ]),
      atLeast(
        `${LARGE}: MessagePort ÷ Queue, in a block of its own`,
        1,
        quotient(find(LARGE, PORT), find(LARGE, BLOCK)),
      ),
      atMost('Pipe round trip ÷ that of CPython', 0.05, pipe && 1 / pipe),
      atMost('1,000 integers, µs', 3, micros(find('1,000 integers', OURS))),
      atLeast('integer, async: MessagePort ÷ Queue', 1.5, quotient(find('integer', EVENT), find('integer', ASYNC))),
      atMost('round trip ÷ that of Events', 1.3, roundTrip && 1 / roundTrip),
      atLeast('4 × 4 threads ÷ 1 × 1, items a second', 0.6, four && 1 / four),
    ];
  },
};

const pairsOf = (pairs) => `${pairs} × ${pairs} threads`;
const micros = (result) => (result?.ns === undefined ? undefined : result.ns.median / 1000);
const quotient = (a, b) => (a?.ns === undefined || b?.ns === undefined ? undefined : a.ns.median / b.ns.median);
