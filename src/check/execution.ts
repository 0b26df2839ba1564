/**
 * One re-execution of one thread.
 *
 * Plain synchronous code cannot be paused, so a thread is advanced by running it again from its start: operations whose
 * results are in its past return them, and at the first one without a result the execution is *suspended* by throwing
 * SUSPENSION through the code. The operation found there (the one the thread wants to do next) is the outcome of the
 * re-execution. This is sound for code that can only learn about the world through operations: its past then determines
 * where it is. Each replayed operation is compared with the recorded one; a difference is an error.
 *
 * While suspended, every further operation throws again, so `finally` blocks (and `using`) have no effect. Code that
 * swallows the suspension is detected when it returns.
 *
 * One execution can do the work of many: if told what an operation will return should the thread go on alone, which is
 * one of the continuations that every exploration includes, it records where it is and goes on.
 *
 * An event loop is part of it: a thread's turn is its body or one continuation; between turns the thread is idle and
 * the explorer chooses which continuation comes next.
 */
import { Clock } from './clock.js';
import { Deferred, type Turns } from './deferred.js';
import { ScenarioError } from './errors.js';
import { type Effect, type Finding, type Happening, NEXT_PHASE, type Oracle, type Stop, type Task } from './finding.js';
import { type Frame, framesTo, wayOf } from './frames.js';
import { LiveTasks } from './live-tasks.js';
import { microtasksDone } from './miss.js';
import { TIMED_OUT } from './objects/specification.js';
import { type Operation, type OperationKind, operation, type Result } from './operation.js';
import { quietRejections } from './rejections.js';
import { type Boundary, stackAbove, stackFrom } from './stack.js';

/** The parts of a thread, ready to run: called at the start of each re-execution, quietly. */
export type Start = () => readonly (() => unknown)[];

export interface ExecutionOptions {
  readonly located?: boolean;
  readonly traced?: boolean;
  readonly counted?: boolean;
  readonly strict?: boolean;
  readonly effectsFrom?: number;
  readonly alone?: (() => Oracle) | undefined;
}

/** At most this many operations are foretold, because a spinning thread would ask forever. */
const FORETOLD = 64;

const SUSPENSION = new Error('the explorer suspended this thread; let this error propagate');

export class Execution implements Turns {
  /** Whether the code went on after it was suspended. */
  swallowed = false;
  /** Whether the code has asked which thread it is. */
  asksWhoItIs = false;
  /** Whether it was abandoned because it has to be `counted`. */
  wantsCount = false;
  /** What has happened, and what was foretold. */
  readonly #past: Happening[];
  readonly #options: ExecutionOptions;
  readonly #effectsFrom: number;
  #position = 0;
  #stop: Stop | undefined;
  /** The tasks there are where it is suspended: `finally` blocks and other async functions still run after that. */
  #tasksAtStop: readonly Task[] | undefined;
  #frames: readonly Frame[] = [];
  #trace = '';
  /** If stacks are examined: how many frames there were when the code was entered. */
  #floor: number | undefined;
  #quiet = true;
  #isAsync = false;
  #effects: Effect[] = [];
  #oracle: Oracle | undefined;
  /** The findings at the operations where it went on, with their foretold results. */
  readonly #foretold: { readonly finding: Finding; readonly result: Result }[] = [];
  readonly #tasks = new LiveTasks();
  readonly #microtasks: (() => void)[] = [];
  /** The phase's number, and whether its body or a continuation is running: part of every mark's key. */
  #phase = 0;
  #inBody = true;
  readonly #clock = new Clock();

  /**
   * @param past - What has happened to the thread so far.
   * @param options - `located`: find the source position of the operation it stops at. `traced`: find the whole call
   *   path to it, the time, and what is pending. `counted`: count the stack frames where the code is entered, as both
   *   of these do, which is expensive. `strict`: also compare the keys of replayed marks, which may be expensive.
   *   `effectsFrom`: find all ghost changes after that many happenings, not only those after the last one. `alone`: the
   *   results that the thread will find if it goes on alone.
   */
  constructor(past: readonly Happening[], options: ExecutionOptions = {}) {
    this.#past = past.slice();
    this.#options = options;
    this.#effectsFrom = options.effectsFrom ?? Infinity;
    if (options.located || options.traced || options.counted) this.#floor = 0;
  }

  /** The call path from where the code was entered to here, as text; equal texts for equal paths. */
  way(): string {
    if (this.#floor === undefined) {
      this.wantsCount = true;
      this.#suspend({ kind: 'dead' });
    }
    return stackAbove(this.#floor);
  }

  /** As {@link run}, for async code: each of its turns ends when the host's microtasks are done. */
  async runAsync(start: Start): Promise<Finding> {
    this.#isAsync = true;
    try {
      const phases = start();
      this.#quiet = false;
      let carried: unknown;
      for (const [number, phase] of phases.entries()) {
        if (number > 0) this.#nextPhase(number, carried);
        this.#enter();
        const body = this.#follow(phase());
        await this.#endTurnAsync();
        while (!body.ended || this.#tasks.hasUnfinished) await this.#turnAsync(false);
        carried = body.value;
      }
      for (;;) await this.#turnAsync(true);
    } catch (error) {
      this.#stop ??= { kind: 'error', error };
    }
    return this.#finding(this.#stop);
  }

  /** Runs the thread as far as its past reaches. Call once. */
  run(start: Start): Finding {
    try {
      const phases = start();
      this.#quiet = false;
      let carried: unknown;
      phases.forEach((phase, number) => {
        if (number > 0) this.#nextPhase(number, carried);
        this.#enter();
        carried = phase();
        this.#endTurn(carried);
        while (this.#tasks.hasUnfinished) this.#turn(false, false);
      });
      for (;;) this.#turn(true, false);
    } catch (error) {
      this.#stop ??= { kind: 'error', error };
    }
    return this.#finding(this.#stop);
  }

  /** The result that an operation will return, if foretold; records where the thread is, because it goes on. */
  #foretell(next: Operation): Result | undefined {
    if (this.#options.alone === undefined || this.#foretold.length === FORETOLD) return undefined;
    this.#oracle ??= this.#options.alone();
    const result = this.#oracle(next);
    if (result === undefined) return undefined;
    this.#foretold.push({ finding: this.#standing({ kind: 'operation', operation: next }), result });
    this.#effects = [];
    return result;
  }

  /** The first finding, followed by the foretold ones. */
  #finding(stop: Stop): Finding {
    let finding = this.#standing(stop);
    for (const { finding: before, result } of this.#foretold.reverse()) {
      finding = { ...before, onward: { result, finding } };
    }
    return finding;
  }

  #standing(stop: Stop): Finding {
    const tasks = this.#tasksAtStop ?? this.#tasks.seen();
    return { stop, effects: this.#effects, tasks, frames: this.#frames, trace: this.#trace };
  }

  /** The code is about to be called: the frames on the stack so far are not its own. */
  #enter(): void {
    if (this.#floor !== undefined) this.#floor = stackFrom(this.#enter).length;
  }

  /** Ends this execution with an error, whatever the code does with it, unless it has been suspended already. */
  refuse(message: string, boundary?: Boundary): never {
    if (this.#stop !== undefined) throw SUSPENSION;
    this.#fail(message, boundary);
  }

  #fail(message: string, boundary?: Boundary): never {
    const place = boundary === undefined ? '' : wayOf(framesTo(boundary));
    const error = new ScenarioError(place === '' ? message : `${message} (${place})`);
    this.#stop = { kind: 'error', error };
    throw error;
  }

  /** True while the thread is being set up and sees only the initial values. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /**
   * An operation of the code: its recorded result, or suspension.
   *
   * @param boundary - The function the code called; the source position is that of its caller.
   */
  perform(kind: OperationKind, word: number, a: number, b: number, boundary: Boundary, key = ''): Result {
    this.#admit(boundary);
    if (this.#position === this.#past.length) {
      const next = operation(kind, word, a, b, key);
      const result = this.#foretell(next);
      if (result === undefined) this.#suspend({ kind: 'operation', operation: next }, boundary);
      else this.#past.push({ operation: next, result });
    }
    return this.#replay(kind, word, a, b, key);
  }

  /** See Thread.mark. The key is a function because it may be expensive (a stack trace) and is needed once. */
  mark(key: () => string, boundary: Boundary): void {
    this.#admit(boundary);
    if (this.#options.strict !== true && this.#past[this.#position]?.operation.kind === 'mark') {
      this.#happened();
      return;
    }
    const whole = `${key()}|${this.#local()}`;
    if (this.#position === this.#past.length) {
      this.#suspend({ kind: 'operation', operation: operation('mark', -1, 0, 0, whole) }, boundary);
    }
    this.#replay('mark', -1, 0, 0, whole);
  }

  /** See Thread.past. */
  past(): string {
    const parts: string[] = [];
    for (let at = this.#position - 1; at >= 0; at--) {
      const { operation, result } = this.#past[at];
      parts.push(operation.kind === 'mark' ? operation.key : String(result));
      if (operation.kind === 'mark') break;
    }
    return digest(parts.join(' '));
  }

  ghost(effect: Effect): void {
    if (this.#stop === undefined) this.#effects.push(effect);
  }

  /** performance.now(), in ms since it was first called in this phase. */
  now(boundary: Boundary): number {
    const isLate = this.#clock.isOpen && this.perform('now', -1, 0, 0, boundary) === 1;
    return this.#clock.read(isLate);
  }

  wait(word: number, value: number, timeout: number, boundary: Boundary): Result {
    const result = this.perform('wait', word, value, timeout, boundary);
    this.#clock.pass(result, this.#clock.ms, timeout);
    return result;
  }

  /**
   * A method of a primitive.
   *
   * @param word - The first word of the primitive.
   * @returns The outcome of the action.
   */
  call(word: number, action: string, argument: number, timeout: number, boundary: Boundary): number {
    const outcome = Number(this.perform('call', word, argument, timeout, boundary, action));
    this.#clock.pass(outcome === TIMED_OUT ? 'timed-out' : 'ok', this.#clock.ms, timeout);
    return outcome;
  }

  waitAsync(word: number, value: number, timeout: number, boundary: Boundary): Result | Deferred<Result> {
    const result = this.perform('waitAsync', word, value, timeout, boundary);
    if (result === 'not-equal' || result === 'timed-out') return result;
    const deferred = new Deferred<Result>(this);
    const [run, watched] = [(how: Result) => deferred.resolve(how), () => deferred.watched];
    this.#tasks.add({ word, timeout, started: this.#clock.ms, run, watched });
    return deferred;
  }

  /** See Thread.later. */
  later(callback: () => void, delay: number): () => void {
    const started = this.#clock.ms;
    const entry = this.#tasks.add({ word: -1, timeout: delay, started, run: callback, watched: () => true });
    return () => this.#tasks.drop(entry);
  }

  /** See Thread.abandonWaits. */
  abandonWaits(): void {
    this.#tasks.abandonWaits();
  }

  /**
   * A call of a primitive that an async task waits for. Calls of one action of one primitive complete in order.
   *
   * @param done - Receives the outcome, in a turn of its own.
   * @returns A function that ends the wait.
   */
  callLater(word: number, action: string, timeout: number, done: (outcome: number) => void): () => void {
    const call = operation('call', word, 0, timeout, action);
    const run = (result: Result): void => done(Number(result));
    const entry = this.#tasks.add({ word: -1, timeout, call, started: this.#clock.ms, run, watched: () => true });
    return () => this.#tasks.drop(entry);
  }

  /** Whether a task of this thread already waits for that call. */
  awaitsCall(word: number, action: string): boolean {
    return this.#tasks.hasCall(word, action);
  }

  /** Whether the code is async, and followed as such. */
  get isAsync(): boolean {
    return this.#isAsync;
  }

  queueMicrotask(callback: () => void): void {
    this.#microtasks.push(callback);
  }

  #admit(boundary: Boundary): void {
    if (this.#stop !== undefined) throw SUSPENSION;
    if (this.#quiet) this.refuse('while a thread is being set up, it may only read shared words', boundary);
  }

  #suspend(stop: Stop, boundary?: Boundary): never {
    this.#stop = stop;
    this.#tasksAtStop = this.#tasks.seen();
    if (this.#options.located && boundary !== undefined) {
      const ofPackage = stop.kind === 'operation' && stop.operation.kind === 'call';
      this.#frames = framesTo(boundary, this.#floor, ofPackage);
    }
    if (this.#options.traced) this.#trace = `${this.way()}|${this.#local()}`;
    throw SUSPENSION;
  }

  /** The recorded result of an operation. This is most of what a re-execution does, so it allocates nothing. */
  #replay(kind: OperationKind, word: number, a: number, b: number, key: string): Result {
    const { operation: recorded } = this.#past[this.#position];
    const same =
      recorded.kind === kind && recorded.word === word && recorded.a === a && recorded.b === b && recorded.key === key;
    if (!same) {
      this.refuse(
        `replay diverged: ${recorded.kind} was recorded, but now the code does ${kind}, or the same with other ` +
          'arguments; everything it depends on must come from shared memory and the explorer (no module state, Math.random, Date)',
      );
    }
    return this.#happened();
  }

  #happened(): Result {
    if (this.#effects.length > 0 && this.#position < this.#effectsFrom) this.#effects = [];
    return this.#past[this.#position++].result;
  }

  /** Whether the recorded past continues with the next phase. */
  #startsPhase(): boolean {
    const next = this.#past[this.#position]?.operation;
    return next?.kind === 'turn' && next.a === NEXT_PHASE;
  }

  /**
   * Abandoned waits may be woken before or after a phase begins, so the beginning of a phase is a turn of its own
   * beside them.
   */
  #nextPhase(number: number, carried: unknown): void {
    while (!this.#tasks.isEmpty && !this.#startsPhase()) this.#turn(false, true);
    if (!this.#tasks.isEmpty) this.#happened();
    this.#phase = number;
    this.#inBody = true;
    this.#clock.beginPhase();
    this.mark(() => `phase ${describe(carried)}`, this.#nextPhase);
  }

  /** The event loop runs the continuation that comes next in the past, or is idle. */
  #turn(finished: boolean, resumes: boolean): void {
    this.#takeTurn(finished, resumes);
    this.#endTurn(undefined);
  }

  #takeTurn(finished: boolean, resumes: boolean): void {
    const next = this.#past[this.#position];
    if (next === undefined) this.#suspend({ kind: 'idle', finished, resumes });
    const task = next.operation.kind === 'turn' ? this.#tasks.find(next.operation.a) : undefined;
    if (task === undefined) {
      this.refuse(`replay diverged: ${next.operation.kind} was recorded, but the code ended its turn`);
    }
    const result = this.#happened();
    this.#tasks.drop(task);
    const isOver = task.call === undefined ? task.word < 0 : result === TIMED_OUT;
    this.#clock.pass(isOver ? 'timed-out' : task.call === undefined ? result : 'ok', task.started, task.timeout);
    this.#inBody = false;
    this.#enter();
    // Not called as a method, which would give it a name in stack traces.
    const { run } = task;
    run(result);
  }

  /** As #turn, for async code. */
  async #turnAsync(finished: boolean): Promise<void> {
    this.#takeTurn(finished, false);
    await this.#endTurnAsync();
  }

  /** Follows what the body of a phase returned. */
  #follow(returned: unknown): { ended: boolean; value: unknown } {
    const body = { ended: !(returned instanceof Promise), value: returned };
    if (returned instanceof Promise) {
      returned.then(
        (value) => Object.assign(body, { ended: true, value }),
        (error) => {
          // In a suspended execution this is the suspension.
          this.#stop ??= { kind: 'error', error };
        },
      );
    }
    return body;
  }

  async #endTurnAsync(): Promise<void> {
    quietRejections((reason) => reason === SUSPENSION);
    do {
      this.#runMicrotasks();
      // Whatever runs from here on is not called from this stack.
      if (this.#floor !== undefined) this.#floor = 0;
      await microtasksDone();
    } while (this.#microtasks.length > 0);
    if (this.#stop !== undefined) throw SUSPENSION;
  }

  #runMicrotasks(): void {
    if (this.#microtasks.length > 0) this.#enter();
    for (let next = this.#microtasks.shift(); next !== undefined; next = this.#microtasks.shift()) next();
  }

  #endTurn(returned: unknown): void {
    this.#runMicrotasks();
    if (returned instanceof Promise) returned.catch(() => undefined);
    if (this.#stop?.kind === 'error') throw SUSPENSION;
    if (this.#stop !== undefined) {
      this.swallowed = true;
      quietRejections((reason) => reason === SUSPENSION);
      this.#fail(
        `the code swallowed the suspension: no catch, async function or Promise executor may enclose an operation${this.#frames.length === 0 ? '' : ` (${wayOf(this.#frames)})`}`,
      );
    }
    if (returned instanceof Promise) {
      this.refuse(
        'a thread must be synchronous, but it returned a Promise: async threads need exploreAsync(), sampleAsync() or replayAsync()',
      );
    }
    if (this.#tasks.hasUnwatched) {
      this.refuse(
        "nobody called then() on the promise of a waitAsync in the turn that made it (an 'await' cannot be followed)",
      );
    }
  }

  /** The explorer's own records for the thread. */
  #local(): string {
    return `${this.#phase}|${this.#inBody} ${this.#clock.known}|${this.#tasks.pending(this.#clock.ms)}`;
  }
}

/** Short digests of the texts that distinguish pasts: equal texts have equal digests. */
const digests = new Map<string, string>();

function digest(text: string): string {
  const known = digests.get(text) ?? `#${digests.size}`;
  digests.set(text, known);
  return known;
}

function describe(carried: unknown): string {
  return typeof carried === 'object' || typeof carried === 'function' ? '' : `${typeof carried} ${String(carried)}`;
}
