/**
 * The simulation against the engine it stands for: random programs are run by the model under a random schedule, then
 * by real workers under the same one, turn by turn, and must give the same results, wake the same sleepers and fulfil
 * the same promises. A worker counts as asleep when the engine has it in its list of waiters, so nothing here depends
 * on time.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Machine } from '#dist/check/machine.js';
import { detailOf, kindOf, type Move, type State, threadOf } from '#dist/check/moves.js';
import { BLOCKED } from '#dist/check/queues.js';
import { type Random, randomFrom } from '#dist/check/random.js';
import { withSimulation } from '#dist/check/simulation.js';
import { suite } from '../support/suite.js';
import { encoded, execute, type Instruction, KINDS } from './engine-program.js';
import { Control, type EngineData, REPORT } from './engine-worker.js';

const test = suite('engine');

const THREADS = 3;
const WORDS = 2;
const LENGTH = 10;
const PROGRAMS = 200;
const LIMIT_MS = 20_000;

/** What one instruction must give. */
interface Expected {
  readonly thread: number;
  readonly instruction: number;
  /** Undefined: the worker falls asleep. */
  readonly result: number | undefined;
  /** Workers whose wait ends with 'ok' by it. */
  readonly woken: readonly number[];
  /** How many wait on each word afterwards. */
  readonly waiters: readonly number[];
}

interface Script {
  readonly program: readonly (readonly Instruction[])[];
  readonly steps: readonly Expected[];
  /** By thread: the async waits that are over, as a bit set; undefined if the thread is asleep at the end. */
  readonly over: readonly (number | undefined)[];
}

function randomProgram(random: Random): Instruction[][] {
  // Waiting and waking are what can go wrong; values are few, so that they meet.
  const kinds = [
    ...KINDS.keys(),
    ...['wait', 'notify', 'notify', 'waitAsync'].map((name) => KINDS.indexOf(name as 'wait')),
  ];
  const instruction = (): Instruction => [kinds[random(kinds.length)], random(WORDS), [0, 0, 1][random(3)], random(3)];
  return Array.from({ length: THREADS }, () => Array.from({ length: LENGTH }, instruction));
}

function scriptOf(random: Random): Script {
  const program = randomProgram(random);
  const machine = new Machine({
    memory: { x: 0, y: 0 },
    threads: program.map((instructions) => ({ words }) => {
      for (const each of instructions) {
        execute(words, each, (promise) => {
          promise.then(() => undefined);
          return 0;
        });
      }
    }),
  });
  const done = program.map(() => 0);
  const steps: Expected[] = [];
  const over = program.map(() => 0);
  let state = machine.first;
  for (;;) {
    const moves = machine.enabled.moves(state).filter((each) => kindOf(each) === 'step');
    if (moves.length === 0) break;
    const step = moves[random(moves.length)];
    const thread = threadOf(step);
    state = machine.after(state, step);
    const woken = machine.lastWoken;
    for (const waiter of woken) if (waiter.task !== BLOCKED) over[waiter.thread] |= 1 << waiter.task;
    let result = machine.lastResult;
    const timeOut = machine.enabled.moves(state).find((each) => isTimeOut(each, thread));
    if (timeOut !== undefined) {
      state = machine.after(state, timeOut);
      result = machine.lastResult;
    }
    steps.push({
      thread,
      instruction: done[thread]++,
      result: result === undefined ? undefined : encoded(result),
      woken: woken.filter(({ task }) => task === BLOCKED).map((waiter) => waiter.thread),
      waiters: waitersIn(machine, state),
    });
  }
  const asleep = state.pasts.map(({ stop }) => stop.kind === 'asleep');
  return { program, steps, over: over.map((set, thread) => (asleep[thread] ? undefined : set)) };
}

function isTimeOut(move: Move, thread: number): boolean {
  return kindOf(move) === 'timeout' && threadOf(move) === thread && detailOf(move) === BLOCKED;
}

function waitersIn({ words }: Machine, { queue }: State): number[] {
  return ['x', 'y'].map((name) => queue.waiters.filter(({ word }) => word === words.named.get(name)).length);
}

setFlagsFromString('--allow-natives-syntax');
/**
 * How many waiters the engine has on a word: the only way to know that a worker is asleep, and no longer about to be.
 */
const countWaiters = new Function('words', 'index', 'return %AtomicsNumWaitersForTesting(words, index)') as (
  words: Int32Array,
  index: number,
) => number;
setFlagsFromString('--no-allow-natives-syntax');

/** A worker under command, with what it has been told and has answered. */
class Remote {
  readonly control = new Int32Array(new SharedArrayBuffer(4 * Control.words));
  readonly worker: Worker;
  #replies = 0;

  constructor(memory: Int32Array, scripts: readonly Script[], thread: number) {
    const programs = scripts.map(({ program }) => program[thread]);
    const data: EngineData = { memory, control: this.control, programs };
    this.worker = new Worker(new URL('./engine-worker.js', import.meta.url), { workerData: data });
  }

  command(program: number, instruction: number, detail = 0): void {
    Atomics.store(this.control, Control.program, program);
    Atomics.store(this.control, Control.instruction, instruction);
    Atomics.store(this.control, Control.result, detail);
    Atomics.add(this.control, Control.command, 1);
    Atomics.notify(this.control, Control.command);
  }

  answer(what: string): number {
    const waited = Atomics.wait(this.control, Control.reply, this.#replies, LIMIT_MS);
    assert.is.not(waited, 'timed-out', `no answer to ${what}`);
    this.#replies++;
    return Atomics.load(this.control, Control.result);
  }

  get isSilent(): boolean {
    return Atomics.load(this.control, Control.reply) === this.#replies;
  }
}

function runScript(remotes: readonly Remote[], memory: Int32Array, script: Script, program: number): void {
  const words = memory.subarray(2 * program, 2 * program + 2);
  const asleep = new Set<number>();
  for (const { thread, instruction, result, woken, waiters } of script.steps) {
    const what = `program ${program}, thread ${thread}, ${instruction}: ${KINDS[script.program[thread][instruction][0]]}`;
    remotes[thread].command(program, instruction);
    if (result === undefined) asleep.add(thread);
    else assert.is(remotes[thread].answer(what), result, what);
    for (const each of woken) {
      assert.is(remotes[each].answer(`${what}, which wakes ${each}`), encoded('ok'));
      asleep.delete(each);
    }
    const limit = Date.now() + LIMIT_MS;
    const counts = (): number[] => [countWaiters(words, 0), countWaiters(words, 1)];
    while (String(counts()) !== String(waiters) && Date.now() < limit);
    assert.equal(counts(), waiters, `waiters after ${what}`);
    for (const each of asleep) assert.ok(remotes[each].isSilent, `${what} woke ${each}`);
  }
  script.over.forEach((set, thread) => {
    if (set === undefined) return;
    const expected = [...set.toString(2)].filter((bit) => bit === '1').length;
    remotes[thread].command(program, REPORT, expected);
    assert.is(remotes[thread].answer('a report'), set, `async waits of program ${program}, thread ${thread}`);
  });
  for (const index of [0, 1]) Atomics.notify(words, index);
  for (const each of asleep) remotes[each].answer('the final wake-up');
}

test('real workers do what the simulation says', async () => {
  const random = randomFrom(20);
  const scripts = withSimulation(false, () => Array.from({ length: PROGRAMS }, () => scriptOf(random)));
  const sleeps = scripts.flatMap(({ steps }) => steps).filter(({ result }) => result === undefined).length;
  const wakes = scripts.flatMap(({ steps }) => steps).filter(({ woken }) => woken.length > 0).length;
  assert.ok(
    sleeps > PROGRAMS && wakes > PROGRAMS / 2,
    `${sleeps} sleeps and ${wakes} wakes are too few to show anything`,
  );

  const memory = new Int32Array(new SharedArrayBuffer(4 * WORDS * PROGRAMS));
  const remotes = Array.from({ length: THREADS }, (_, thread) => new Remote(memory, scripts, thread));
  try {
    await Promise.all(remotes.map(({ worker }) => new Promise((resolve) => worker.once('online', resolve))));
    for (const [program, script] of scripts.entries()) runScript(remotes, memory, script, program);
  } finally {
    await Promise.all(remotes.map(({ worker }) => worker.terminate()));
  }
});

test.run();
