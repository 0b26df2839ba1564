// The plays of the soak: each primitive in a use whose outcome can be counted exactly.
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  TimeoutError,
} from 'atomics-sync-free';
import { until } from '../support/workers.js';
import { type Definition, define, expect, mood, orRepair, orRepairAsync, patience, pause, work } from './play.js';
import { queuePlays } from './queue-plays.js';
import { DRAIN, IDLE, type Strand, type Table } from './table.js';

/** As a wait says it: false when the time was up. */
const orFalse = (error: unknown): false => {
  if (error instanceof TimeoutError) return false;
  throw error;
};

// --- Lock, RLock: a plain counter ---------------------------------------------------------------------------------

const COUNT = 0;

/** Not atomic: two that are inside at the same time lose an update. */
function increment({ data }: Table, strand: Strand): void {
  const next = data[COUNT] + 1;
  work();
  data[COUNT] = next;
  strand.done();
}

/** What a holder that died in `increment` may have left half done, the count and who has counted. */
const recount = (table: Table): void => {
  table.data[COUNT] = table.total(({ operations }) => operations);
};

/** What Lock and RLock have in common. */
const guards = (lock: Lock | RLock, table: Table) => ({
  check() {
    // The last holder may have died when nobody asked any more.
    lock.recover(() => recount(table));
    expect('locked', Number(lock.locked), 0);
    const operations = table.total((strand) => strand.operations);
    expect('increments under the lock', table.data[COUNT], operations);
  },
  toString: () => `${lock}`,
});

const lock = define(
  (arena) => ({ lock: new Lock({ arena }) }),
  ({ lock }, table) => ({
    thread(strand) {
      const repair = () => lock.recover(() => recount(table));
      if (orRepair(strand, () => lock.acquire(patience()), repair)) {
        increment(table, strand);
        lock.release();
      }
      return true;
    },
    async task(strand) {
      const options = mood();
      const repair = () => lock.recoverAsync(() => recount(table));
      if (await orRepairAsync(strand, () => lock.acquireAsync(options), options.signal, repair)) {
        await pause();
        increment(table, strand);
        lock.release();
      }
      return true;
    },
    ...guards(lock, table),
  }),
);

const rlock = define(
  (arena) => ({ lock: new RLock({ arena }) }),
  ({ lock }, table) => ({
    thread(strand) {
      const repair = () => lock.recover(() => recount(table));
      if (orRepair(strand, () => lock.acquire(patience()), repair)) {
        lock.acquire();
        increment(table, strand);
        lock.release();
        lock.release();
      }
      return true;
    },
    async task(strand) {
      const options = mood();
      const repair = () => lock.recoverAsync(() => recount(table));
      const wait = () => lock.holdAsync(options).catch(orFalse);
      const hold = await orRepairAsync(strand, wait, options.signal, repair);
      if (hold) {
        const again = hold.hold();
        await pause();
        increment(table, strand);
        hold.release();
        again.release();
      }
      return true;
    },
    ...guards(lock, table),
  }),
);

// --- Semaphore: as many seats as permits ---------------------------------------------------------------------------

const PERMITS = 4;

/** How long a holder of a permit may look for a seat, in ms: that of a dead one is free when it is buried. */
const SIT_MS = 5000;

/** A holder of a permit finds a seat, or there are more holders than permits. */
function sit({ data }: Table, { id }: Strand): number {
  for (const end = performance.now() + SIT_MS; performance.now() < end; ) {
    for (let seat = 0; seat < PERMITS; seat++) {
      if (Atomics.compareExchange(data, seat, 0, id + 1) === 0) return seat;
    }
  }
  throw new Error(`more than ${PERMITS} have a permit`);
}

const semaphorePlay = (Kind: typeof Semaphore): Definition =>
  define(
    (arena) => ({ semaphore: new Kind(PERMITS, { arena }) }),
    ({ semaphore }, table) => {
      const stand = (strand: Strand, seat: number): void => {
        work();
        strand.done();
        Atomics.store(table.data, seat, 0);
      };
      const take = () => {
        try {
          return semaphore.hold(patience());
        } catch (error) {
          return orFalse(error);
        }
      };
      return {
        thread(strand) {
          const hold = strand.wait(take);
          if (hold) {
            stand(strand, sit(table, strand));
            hold.release();
          }
          return true;
        },
        async task(strand) {
          const options = mood();
          const hold = await strand.waitAsync(() => semaphore.holdAsync(options).catch(orFalse), options.signal);
          if (hold) {
            const seat = sit(table, strand);
            await pause();
            stand(strand, seat);
            hold.release();
          }
          return true;
        },
        bury({ id }) {
          for (let seat = 0; seat < PERMITS; seat++) Atomics.compareExchange(table.data, seat, id + 1, 0);
        },
        check() {
          expect('permits that are there', semaphore.value, PERMITS);
          for (let seat = 0; seat < PERMITS; seat++) expect('somebody in a seat', table.data[seat], 0);
        },
        toString: () => `${semaphore}`,
      };
    },
  );

// --- RWLock: two words that are always equal --------------------------------------------------------------------------

const TWIN = 1;

function write(table: Table, strand: Strand): void {
  increment(table, strand);
  table.data[TWIN] = table.data[COUNT];
  strand.mark += 1;
}

function read({ data }: Table, strand: Strand): void {
  const count = data[COUNT];
  work();
  if (data[TWIN] !== count || data[COUNT] !== count) throw new Error('a reader saw a writer at work');
  strand.done();
  strand.sum += 1;
}

const WRITES = 0.3;

/** What a writer that died may have left half done, the two words and who has written. */
function rewrite(table: Table): void {
  table.data[COUNT] = table.total(({ mark }) => mark);
  table.data[TWIN] = table.data[COUNT];
}

const rwlock = define(
  (arena) => ({ lock: new RWLock({ arena }) }),
  ({ lock }, table) => ({
    thread(strand) {
      const repair = () => lock.recover(() => rewrite(table));
      if (Math.random() < WRITES) {
        if (orRepair(strand, () => lock.acquireWrite(patience()), repair)) {
          write(table, strand);
          lock.releaseWrite();
        }
      } else if (orRepair(strand, () => lock.acquireRead(patience()), repair)) {
        read(table, strand);
        lock.releaseRead();
      }
      return true;
    },
    async task(strand) {
      const options = mood();
      const writes = Math.random() < WRITES;
      const repair = () => lock.recoverAsync(() => rewrite(table));
      const wait = () => (writes ? lock.holdWriteAsync(options) : lock.holdReadAsync(options)).catch(orFalse);
      const hold = await orRepairAsync(strand, wait, options.signal, repair);
      if (hold) {
        await pause();
        if (writes) write(table, strand);
        else read(table, strand);
        hold.release();
      }
      return true;
    },
    check() {
      // The last writer may have died when nobody asked any more.
      lock.recover(() => rewrite(table));
      const writes = table.total(({ mark }) => mark);
      expect('writes', table.data[COUNT], writes);
      expect('writes, by the second word', table.data[TWIN], writes);
      expect('written by', Number(lock.writing), 0);
      expect('reads that are left', lock.readers, 0);
    },
    toString: () => `${lock}`,
  }),
);

// --- Event: two gates, open in turn ------------------------------------------------------------------------------------

const event = define(
  (arena) => ({ gates: [new Event({ arena }), new Event({ arena })] }),
  ({ gates }, table) => {
    /** The gate that is open; a strand's mark counts the gates that it has passed. */
    let open = 0;
    const pass = (strand: Strand): boolean => {
      strand.mark += 1;
      strand.done();
      return true;
    };
    return {
      thread(strand) {
        const gate = gates[strand.mark % 2];
        return strand.wait(() => gate.wait(patience())) ? pass(strand) : true;
      },
      async task(strand) {
        const gate = gates[strand.mark % 2];
        const options = mood();
        return (await strand.waitAsync(() => gate.waitAsync(options), options.signal)) ? pass(strand) : true;
      },
      begin() {
        open = 0;
        for (const strand of table.strands) strand.mark = 0;
        gates[1].clear();
        gates[0].set();
      },
      tick() {
        if (table.strands.some(({ mark }) => mark <= open)) return;
        gates[open % 2].clear();
        open++;
        // A pulse first: waiters must have been released when it is over.
        gates[open % 2].set();
        gates[open % 2].clear();
        gates[open % 2].set();
      },
      bury(strand) {
        // The dead hold nobody up.
        strand.mark = 2 ** 30;
      },
      end() {
        for (const gate of gates) gate.set();
      },
      check() {},
      toString: () => `${gates.join(', ')}; open is ${open % 2}`,
    };
  },
);

// --- Condition: a bounded buffer ---------------------------------------------------------------------------------------

const ROOM = 3;

const condition = define(
  (arena) => {
    const lock = new RLock({ arena });
    return { notEmpty: new Condition(lock), notFull: new Condition(lock) };
  },
  ({ notEmpty, notFull }, table) => {
    const { data } = table;
    /** The first half of the workers puts in, the others take out. */
    const produces = ({ id }: Strand): boolean => id < table.strands.length / 2;
    const mustWait = (strand: Strand): boolean =>
      produces(strand) ? data[COUNT] === ROOM && table.run !== 0 : data[COUNT] === 0 && table.run !== 0;
    const waitsFor = (strand: Strand): Condition => (produces(strand) ? notFull : notEmpty);
    const wakes = (strand: Strand): Condition => (produces(strand) ? notEmpty : notFull);
    /** With the lock held; false when there is nothing to do any more. */
    const act = (strand: Strand): boolean => {
      const change = produces(strand) ? 1 : -1;
      if (produces(strand) ? data[COUNT] === ROOM : data[COUNT] === 0) return false;
      data[COUNT] += change;
      strand.sum += change;
      strand.done();
      return true;
    };
    const mayGoOn = (strand: Strand): boolean => table.run > 0 || !produces(strand);
    const limit = (): number => patience(table.run > 0 ? undefined : 0);
    const recountBuffer = (): void => {
      data[COUNT] = table.total(({ sum }) => sum);
    };
    /** The dead may have changed the count and not said so, or said so and not told the others. */
    const repair = () =>
      notEmpty.lock.recover(() => {
        recountBuffer();
        notEmpty.notifyAll();
        notFull.notifyAll();
      });
    const repairAsync = () =>
      notEmpty.lock.recoverAsync((hold) => {
        recountBuffer();
        notEmpty.notifyAll({ hold });
        notFull.notifyAll({ hold });
      });
    return {
      thread(strand) {
        const take = () => {
          notEmpty.acquire();
          while (mustWait(strand)) {
            if (waitsFor(strand).wait(limit())) continue;
            notEmpty.release();
            return false;
          }
          return true;
        };
        if (orRepair(strand, take, repair)) {
          if (act(strand)) wakes(strand).notify();
          notEmpty.release();
        }
        return mayGoOn(strand);
      },
      async task(strand) {
        const options = mood(table.run > 0 ? undefined : 0);
        const take = async () => {
          const hold = await notEmpty.holdAsync();
          try {
            while (mustWait(strand)) {
              if (await waitsFor(strand).waitAsync({ ...options, hold })) continue;
              hold.release();
              return false;
            }
          } catch (error) {
            hold.release();
            throw error;
          }
          return hold;
        };
        const hold = await orRepairAsync(strand, take, options.signal, repairAsync);
        if (hold) {
          if (act(strand)) wakes(strand).notify(1, { hold });
          hold.release();
        }
        return mayGoOn(strand);
      },
      async end() {
        // The workers that take out must be able to take everything out, with no help from what follows.
        table.run = DRAIN;
        const { strands } = table;
        await until(() => data[COUNT] === 0 && strands.every((strand) => !produces(strand) || strand.state === IDLE), {
          what: 'everything taken out of the buffer',
        });
        table.run = 0;
        await repairAsync();
        await notEmpty.runAsync(
          (hold) => {
            notEmpty.notifyAll({ hold });
            notFull.notifyAll({ hold });
          },
          { timeout: 15_000 },
        );
      },
      check() {
        repair();
        expect(
          'what is in the buffer',
          data[COUNT],
          table.total(({ sum }) => sum),
        );
        for (const strand of table.strands) strand.sum = 0;
        data[COUNT] = 0;
      },
      toString: () => `not empty: ${notEmpty}, not full: ${notFull}; ${data[COUNT]} in the buffer`,
    };
  },
);

// --- Barrier: all keep step --------------------------------------------------------------------------------------------

/** Of a thousand waits, those that give up, and break it for all. */
const GIVE_UP = 0.1;

const barrier = define(
  (arena, { strands }) => ({ barrier: new Barrier(strands.length, { arena }) }),
  ({ barrier }, table) => {
    const { parties } = barrier;
    let died = false;
    const pass = (strand: Strand, index: number): boolean => {
      strand.sum += index;
      strand.mark += 1;
      strand.done();
      return true;
    };
    const broken = (error: unknown): false => {
      if (error instanceof BrokenBarrierError) return false;
      throw error;
    };
    return {
      thread(strand) {
        try {
          return pass(strand, strand.wait(() => barrier.wait(patience(GIVE_UP))) as number);
        } catch (error) {
          return broken(error);
        }
      },
      async task(strand) {
        const options = mood(GIVE_UP);
        const index = await strand.waitAsync(() => barrier.waitAsync(options).catch(broken), options.signal);
        return index !== false && pass(strand, index);
      },
      begin() {
        died = false;
        barrier.reset();
        for (const strand of table.strands) {
          strand.mark = 0;
          strand.sum = 0;
        }
      },
      bury() {
        died = true;
        // If it died between two waits, whoever takes its place must not count as the party that it was.
        barrier.abort();
      },
      end: () => barrier.abort(),
      check() {
        const marks = table.strands.map(({ mark }) => mark);
        const [least, most] = [Math.min(...marks), Math.max(...marks)];
        // A party that breaks it while they leave makes some of them leave with an error.
        expect('rounds by which the parties are apart', most - least, 0, 1);
        const each = (parties * (parties - 1)) / 2;
        if (most === least && !died)
          expect(
            'sum of the places',
            table.total(({ sum }) => sum),
            most * each,
          );
      },
      toString: () => `${barrier}`,
    };
  },
);

// --- a mixture: an RLock within a Lock, told of by a Condition -------------------------------------------------------

const mixture = define(
  (arena) => ({ outer: new Lock({ arena }), inner: new RLock({ arena }), done: new Condition(new Lock({ arena })) }),
  ({ outer, inner, done }, table) => {
    const repair = (lock: Lock | RLock) => lock.recover(() => recount(table));
    const repairAsync = (lock: Lock | RLock) => lock.recoverAsync(() => recount(table));
    /** Waits for another's operation, for a moment. */
    const listen = (): boolean => done.run(() => done.wait(1));
    const tell = (): true => {
      done.run(() => done.notifyAll());
      return true;
    };
    return {
      thread(strand) {
        if (
          orRepair(
            strand,
            () => outer.acquire(patience()),
            () => repair(outer),
          )
        ) {
          if (
            orRepair(
              strand,
              () => inner.acquire(patience()),
              () => repair(inner),
            )
          ) {
            increment(table, strand);
            inner.release();
          }
          outer.release();
        }
        orRepair(strand, Math.random() < 0.5 ? listen : tell, () => done.lock.recover());
        return true;
      },
      async task(strand) {
        const options = mood();
        const takeOuter = () => outer.acquireAsync(options);
        if (await orRepairAsync(strand, takeOuter, options.signal, () => repairAsync(outer))) {
          const takeInner = () => inner.holdAsync();
          const hold = await orRepairAsync(strand, takeInner, undefined, () => repairAsync(inner));
          if (hold) {
            await pause();
            increment(table, strand);
            hold.release();
          }
          outer.release();
        }
        orRepair(strand, tell, () => done.lock.recover());
        return true;
      },
      check() {
        guards(outer, table).check();
        guards(inner, table).check();
        done.lock.recover();
      },
      toString: () => `${outer}, ${inner}, ${done}`,
    };
  },
);

/** All of them, by name. */
export const plays: Readonly<Record<string, Definition>> = {
  lock,
  rlock,
  semaphore: semaphorePlay(Semaphore),
  bounded: semaphorePlay(BoundedSemaphore),
  event,
  condition,
  barrier,
  rwlock,
  mixture,
  ...queuePlays,
};
