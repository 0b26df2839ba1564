/*
 * Under a GIL.
 *
 * CPython lets one thread run bytecode at a time, and switches between threads where it checks for a request. From 3.10
 * on that is at the start of a function, after a call of C code, and on a backward jump: never within `counter += 1` or
 * `items.append(1)`, which therefore need no lock. With a call in between (`counter += one()`), or I/O, which drops the
 * GIL by itself, the switch can come between load and store; 3.9 checks nearly everywhere, and without a GIL no check
 * is needed. What a thread has looked at may have changed by the time it acts, here as under any lock that is free in
 * between. The same Lock as everywhere repairs all of it.
 *
 * The programs are bytecode for the interpreter of `atomics-sync-free/gil`, each worker a thread of it, and the switch
 * interval is 0.05 ms.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     add                    exact 238 · lost 0
 *     append                 exact 287 · lost 0
 *     call-in-between        exact 178 · lost 11
 *     io-in-between          exact 0 · lost 91
 *     lock                   exact 121 · lost 0
 *     older-add              exact 112 · lost 29
 *     free-threaded-add      exact 145 · lost 24
 *     check-then-act         exact 192 · lost 0 · twice 3
 *     check-then-act-locked  exact 75 · lost 0 · twice 0
 */
import { GIL, Interpreter, type InterpreterParts, type Policy, RACES } from '../../gil/index.js';
import { loopOver } from '../../gil/interpreter/loop.js';
import type { Arena } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

/** How long a worker runs before it must let the other one in, if that wants to run (ms). */
const SWITCH_INTERVAL = 0.05;
const words = { total: 0 };

/** A program whose `main(times)` each of two workers calls, and the value then expected in `result`. */
interface Threads {
  readonly source: string;
  readonly policy: Policy;
  readonly times: number;
  /** The names set to 0 at the start. */
  readonly zero: readonly string[];
  readonly result: string;
  readonly expected: number;
}

type Running = Cell<'total', { readonly parts: InterpreterParts }>;

const partsOf =
  ({ source, policy }: Threads) =>
  (arena: Arena) => {
    const gil = new GIL({ arena, switchInterval: SWITCH_INTERVAL, enabled: policy !== 'free-threaded' });
    return { parts: new Interpreter({ source, policy, gil }).parts };
  };

/** This worker's interpreters, made once rather than for each iteration. */
const interpreters = new WeakMap<InterpreterParts, Interpreter>();
function interpreterOf({ parts }: Running): Interpreter {
  const interpreter = interpreters.get(parts) ?? new Interpreter(parts);
  interpreters.set(parts, interpreter);
  return interpreter;
}

/** What all variants have in common. */
const under = (threads: Threads) => {
  const run = (cell: Running): void => void interpreterOf(cell).call('main', threads.times);
  return {
    module: import.meta.url,
    subject: 'GIL',
    words,
    primitives: partsOf(threads),
    prepare: (cell: Running): void => {
      for (const name of threads.zero) interpreterOf(cell).write(name, 0);
    },
    actors: [run, run],
    arbiter: (cell: Running): string => {
      const found = interpreterOf(cell).read(threads.result);
      if (found === threads.expected) return 'exact';
      return found < threads.expected ? 'lost' : 'twice';
    },
    batch: 1,
  };
};

/** A program of the race table: it adds 1 `times` times in each of two threads. */
function adding(id: string, policy: Policy, times: number): Threads {
  const race = RACES.find((candidate) => candidate.id === id);
  if (!race) throw new RangeError(`the race table has no ${id}`);
  return {
    source: race.source(2 * times),
    policy,
    times,
    zero: [race.result],
    result: race.result,
    expected: 2 * times,
  };
}

const JOBS = 500;
/** Both threads go through the same jobs, and start those that, according to `last()`, nobody has. */
const starting = (before: string, after: string): Threads => ({
  source: `
global started = 0
global starts = 0
lock guard
def last():
    RESUME
    LOAD_GLOBAL started
    RETURN_VALUE
def start(job):
    RESUME
    LOAD_FAST job
    STORE_GLOBAL started
    LOAD_GLOBAL starts
    LOAD_CONST 1
    BINARY_OP +=
    STORE_GLOBAL starts
    LOAD_CONST None
    RETURN_VALUE
${loopOver(
  'main(n)',
  `${before}
LOAD_GLOBAL last; CALL 0; LOAD_FAST job; COMPARE_OP <=; POP_JUMP_IF_FALSE skip
LOAD_GLOBAL start; LOAD_FAST job; LOAD_CONST 1; BINARY_OP +; CALL 1; POP_TOP
skip:
${after}`,
  { counter: 'job' },
)}`,
  policy: '3.11',
  times: JOBS,
  zero: ['started', 'starts'],
  result: 'starts',
  expected: JOBS,
});
const unguarded = starting('', '');
const guarded = starting(
  'LOAD_GLOBAL guard; LOAD_ATTR acquire; CALL 0; POP_TOP',
  'LOAD_GLOBAL guard; LOAD_ATTR release; CALL 0; POP_TOP',
);

/** How many times a worker adds in an iteration: this takes several switch intervals. */
const MANY = 2_000;
/** For additions that each take a sleep, or a lock. */
const FEW = 50;

const exact = acceptable('exact', 'Every addition counted.');
const LOST = 'A thread wrote what it had read before another one wrote.';
const once = acceptable('exact', 'Every job was started once.');
const TWICE = 'A thread started a job that another one had started since it looked.';

export const underGIL = [
  defineStressTest({
    ...under(adding('global', '3.11', MANY)),
    name: 'gil/add',
    description: 'counter += 1 under the GIL of CPython 3.11.',
    outcomes: [exact, forbidden('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('append', '3.11', MANY)),
    name: 'gil/append',
    description: 'items.append(1) under the GIL of CPython 3.11.',
    outcomes: [exact, forbidden('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('call', '3.11', MANY)),
    name: 'gil/call-in-between',
    description: 'counter += one() under the GIL of CPython 3.11.',
    outcomes: [exact, mustSee('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('sleep', '3.11', FEW)),
    name: 'gil/io-in-between',
    description: 't = o.v; sleep(0); o.v = t + 1 under the GIL of CPython 3.11, which sleep drops.',
    outcomes: [exact, mustSee('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('lock', '3.11', FEW)),
    name: 'gil/lock',
    description: 'counter += one() under the GIL of CPython 3.11 and a Lock.',
    outcomes: [exact, forbidden('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('global', '3.9', MANY)),
    name: 'gil/older-add',
    description: 'counter += 1 under the GIL of CPython 3.9.',
    outcomes: [exact, mustSee('lost', LOST)],
  }),

  defineStressTest({
    ...under(adding('global', 'free-threaded', MANY)),
    name: 'gil/free-threaded-add',
    description: 'counter += 1 without a GIL.',
    outcomes: [exact, mustSee('lost', LOST)],
  }),

  defineStressTest({
    ...under(unguarded),
    name: 'gil/check-then-act',
    description: 'if last() <= job: start(job + 1), under the GIL of CPython 3.11.',
    outcomes: [once, forbidden('lost', 'A job was not started.'), mustSee('twice', TWICE)],
  }),

  defineStressTest({
    ...under(guarded),
    name: 'gil/check-then-act-locked',
    description: 'if last() <= job: start(job + 1), under the GIL of CPython 3.11 and a Lock.',
    outcomes: [once, forbidden('lost', 'A job was not started.'), forbidden('twice', TWICE)],
  }),
];
