// The plays of the soak with queues: half of the workers put items, the others take them; each item has a number, and what has
// come is ticked off in shared memory. So it is known of each whether it came, and how often.
import {
  Empty,
  Full,
  JoinableQueue,
  Queue,
  Array as SharedArray,
  type WaitOptions,
} from 'atomics-sync-free/multiprocessing';
import { until } from '../support/workers.js';
import { type Definition, define, expect, mood, patience } from './play.js';
import { DRAIN, IDLE, type Strand, type Table, WAITING } from './table.js';

/** How many items a producer puts in a round at the most. */
const MOST = 4096;
/** A small bound, so that producers wait as well. */
const ROOM = 8;
/** How many bytes some items have, so that memory is added, and used again. */
const LARGE = 20_000;
/** How long all may take to be done, in ms. */
const DONE_MS = 60_000;

/** Its number; undefined for what only wakes one that waits. */
type Item = readonly [number: number | undefined, more?: Uint8Array];

const isProducer = ({ id }: Strand, { strands }: Table): boolean => id < strands.length / 2;

/** False where the time was up. */
function orFalse(error: unknown): false {
  if (error instanceof Empty || error instanceof Full) return false;
  throw error;
}

/** @param acks whether items go back that a dead agent was not done with */
const queuePlay = (acks: boolean): Definition =>
  define(
    (arena, { strands }) => ({
      queue: acks ? new JoinableQueue<Item>(ROOM, { arena, ack: true }) : new Queue<Item>(ROOM, { arena }),
      came: new SharedArray('int32', strands.length * MOST, { arena, lock: false }),
    }),
    ({ queue, came }, table) => {
      const died = { producers: 0, consumers: 0 };
      const make = ({ id, mark }: Strand): Item =>
        mark % 64 === 0 ? [id * MOST + mark, new Uint8Array(LARGE)] : [id * MOST + mark];
      /** The number counts as used before the item is put, so that nobody puts one twice after a kill. */
      const begin = (strand: Strand): Item => {
        const item = make(strand);
        strand.mark += 1;
        return item;
      };
      const goesOn = (strand: Strand): boolean => table.run > 0 && strand.mark < MOST;
      const putDone = (strand: Strand, put: boolean): void => {
        if (put) strand.done();
        else strand.mark -= 1;
      };
      const take = (strand: Strand, item: Item | false): boolean => {
        if (item === false) return table.run !== 0;
        const [number] = item;
        if (number !== undefined && Atomics.add(came.view, number, 1) > 0 && !acks) {
          throw new Error(`item ${number} came twice`);
        }
        if (queue instanceof JoinableQueue) {
          strand.obey();
          queue.taskDone();
        }
        strand.done();
        return table.run !== 0;
      };
      return {
        thread(strand) {
          if (!isProducer(strand, table)) {
            return take(
              strand,
              strand.wait(() => {
                try {
                  return queue.get(patience(table.run > 0 ? undefined : 0));
                } catch (error) {
                  return orFalse(error);
                }
              }),
            );
          }
          if (!goesOn(strand)) return false;
          const item = begin(strand);
          const put = strand.wait(() => {
            try {
              queue.put(item, patience());
              return true;
            } catch (error) {
              return orFalse(error);
            }
          });
          putDone(strand, put);
          return goesOn(strand);
        },
        async task(strand) {
          const options: WaitOptions = mood(table.run > 0 ? undefined : 0);
          if (!isProducer(strand, table)) {
            return take(strand, await strand.waitAsync(() => queue.getAsync(options).catch(orFalse), options.signal));
          }
          if (!goesOn(strand)) return false;
          const item = begin(strand);
          const put = await strand.waitAsync(
            () => queue.putAsync(item, options).then(() => true as const, orFalse),
            options.signal,
          );
          putDone(strand, put);
          return goesOn(strand);
        },
        bury(strand) {
          died[isProducer(strand, table) ? 'producers' : 'consumers']++;
        },
        async end() {
          const { strands } = table;
          table.run = DRAIN;
          const isDrained = () =>
            queue.empty() && strands.every((strand) => !isProducer(strand, table) || strand.state === IDLE);
          await until(isDrained, { ms: DONE_MS, what: 'all items taken' });
          table.run = 0;
          // Those that wait for another item must be told that none comes.
          const wake = (): boolean => {
            const waiting = strands.filter(({ state }) => state === WAITING).length;
            for (let i = queue.qsize(); i < Math.min(waiting, ROOM); i++) queue.put([undefined]);
            return strands.every(({ state }) => state === IDLE);
          };
          await until(wake, { ms: DONE_MS, what: 'consumers at rest' });
        },
        check() {
          // What has woken nobody; and what a dead agent was not done with.
          while (!queue.empty()) take(table.strands[0], queue.get(DONE_MS));
          table.strands[0].state = IDLE;
          const put = table.total(({ mark }) => mark);
          const { view } = came;
          const ones = view.reduce((sum, times) => sum + Math.min(times, 1), 0);
          const twice = view.reduce((sum, times) => sum + Math.max(times - 1, 0), 0);
          expect('items that were lost', put - ones, 0, died.producers + (acks ? 0 : died.consumers));
          expect('items that came twice', twice, 0, acks ? died.consumers : 0);
          if (queue instanceof JoinableQueue) expect('items that are not done', queue.unfinishedTasks, 0);
          view.fill(0);
          for (const strand of table.strands) strand.mark = 0;
          Object.assign(died, { producers: 0, consumers: 0 });
        },
        toString: () => `${queue}`,
      };
    },
  );

export const queuePlays: Readonly<Record<string, Definition>> = { queue: queuePlay(false), acked: queuePlay(true) };
