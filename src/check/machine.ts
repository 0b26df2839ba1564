/**
 * The transition system: what each move does; {@link Enabled} says which moves are possible. A state consists of the
 * words' values, the sleepers and the words they sleep on, and the past of each thread.
 */
import { access, oracleOf } from './accesses.js';
import { type Actor, actorsOf, declarationsOf, historiesOf, namesOf } from './actors.js';
import { assumptions } from './assumptions.js';
import { Enabled } from './enabled.js';
import { ScenarioError } from './errors.js';
import { Footprints } from './footprints.js';
import { Ghosts, NOTHING } from './ghosts.js';
import type { Findings, History, MarkProblem } from './history.js';
import { type Image, Images } from './images.js';
import { detailOf, kindOf, type Move, type State, threadOf } from './moves.js';
import type { Declared } from './objects/declared.js';
import { Objects } from './objects/objects.js';
import { STAYS, TIMED_OUT } from './objects/specification.js';
import type { Operation, Result } from './operation.js';
import { type Arrival, type Past, Pasts } from './past.js';
import { Peers } from './peers.js';
import { BLOCKED, DEAD, NOBODY, type Queue, Queues } from './queues.js';
import type { Scenario } from './scenario.js';
import { plainAccess } from './simulation.js';
import type { EqualRounds } from './spins.js';
import { StoreBuffers } from './store-buffers.js';
import { Symmetry } from './symmetry.js';
import { validateScenario } from './validate.js';
import { Words } from './words.js';

/** What is found about async threads, for all machines of one exploration: their words have the same numbers. */
interface AsyncFindings {
  words?: Words;
  readonly threads: readonly Findings[];
}

export interface MachineOptions {
  /** How loops are found. Default: at their first round. */
  readonly equalRounds?: EqualRounds;
  /** Whether to record what threads touch. Default: false. */
  readonly reduces?: boolean;
  /** Whether to run threads ahead as far as they go alone, useful if all of it will be needed. Default: false. */
  readonly looksAhead?: boolean;
  /** Where findings about async threads are kept. Default: threads are synchronous. */
  readonly findings?: AsyncFindings | undefined;
  /** The threads that are taken to be alike; it is told if they are not. Default: none. */
  readonly peers?: Peers | undefined;
}

/** Options of a machine whose threads are async: loops are not looked for, and nothing is reduced. */
export function asyncMachine({ threads }: Scenario<string, string>): MachineOptions {
  return { equalRounds: Infinity, findings: { threads: threads.map(() => new Map()) } };
}

export class Machine {
  readonly words: Words;
  /** What threads touch, if that is recorded. */
  readonly footprints: Footprints | undefined;
  readonly images: Images;
  readonly ghosts: Ghosts;
  readonly objects: Objects;
  /** Exchanges threads that are taken to be alike, if there are any. */
  readonly symmetry: Symmetry | undefined;
  readonly queues = new Queues();
  readonly storeBuffers = new StoreBuffers();
  readonly pasts = new Pasts();
  readonly actors: readonly Actor[];
  readonly enabled: Enabled;
  readonly first: State;
  /** The result of the last move's operation, for reports; undefined if it put the thread to sleep. */
  lastResult: Result | undefined;
  /** The waiters that the last move woke. */
  lastWoken = NOBODY;
  readonly #peers: Peers;
  /** By group of threads that were taken to be alike when this began: each group shares one. */
  readonly #histories: readonly History[];
  readonly #groups: readonly (readonly number[])[];
  /** Whether plain stores may be late. */
  readonly #buffers: boolean;

  constructor(scenario: Scenario<string, string>, options: MachineOptions = {}) {
    validateScenario(scenario);
    const { equalRounds = 1, reduces = false, looksAhead = false, findings, peers = Peers.none(scenario) } = options;
    this.#peers = peers;
    const { memory = {}, plain = [], ghosts = {}, threads } = scenario;
    const declared = scenario.objects as Declared | undefined;
    this.#buffers = scenario.memoryModel === 'tso';
    this.words = findings?.words ?? new Words(memory, plain, ghosts, plainAccess, declared);
    if (findings !== undefined) findings.words = this.words;
    this.images = new Images(this.words);
    this.ghosts = new Ghosts(this.images);
    this.footprints = reduces ? new Footprints(this.words) : undefined;
    const declarations = declarationsOf(threads);
    const names = namesOf(declarations);
    this.objects = new Objects(declared?.all ?? [], this.images, names);
    this.#groups = peers.groups;
    if (this.#groups.some(({ length }) => length > 1)) this.symmetry = new Symmetry(this, this.#groups);
    this.#histories = historiesOf(declarations, names, peers, {
      words: this.words,
      pasts: this.pasts,
      equalRounds,
      findings: findings?.threads,
      arrived: this.footprints && ((from, arrival) => this.footprints?.arrived(from, arrival)),
      alone: looksAhead && !this.#buffers ? (image, queue) => oracleOf(this.images, image, queue) : undefined,
    });
    this.actors = actorsOf(declarations, names, this.#groups, this.#histories);
    // A daemon may be anywhere when all is done, and the footprints do not tell where.
    if (this.actors.some(({ daemon }) => daemon)) this.footprints?.fallShort();
    // Stores under way belong to no past.
    if (this.#buffers) this.footprints?.fallShort();
    this.enabled = new Enabled(this, scenario);
    this.first = this.#start();
  }

  #start(): State {
    const arrivals = this.actors.map(({ history }) => history.first);
    const started: State = {
      image: arrivals.reduce((image, arrival) => this.ghosts.affect(image, arrival), this.images.first),
      queue: this.queues.empty,
      late: this.storeBuffers.empty,
      pasts: arrivals.map(({ past }) => past),
      kills: 0,
      last: -1,
      preemptions: 0,
    };
    return this.actors.reduce((state, _, thread) => this.#settle(state, thread), started);
  }

  /** Something asks which thread is which, so no thread is like another. */
  tellApart(): void {
    this.#peers.dissolve();
  }

  /** The number of operations in the longest past of any thread, and where the thread then is. */
  longestPast(): { readonly depth: number; readonly where: string } {
    let longest = this.first.pasts[0];
    for (let id = 0; id < this.pasts.count; id++) {
      const past = this.pasts.byId(id);
      if (past.depth > longest.depth) longest = past;
    }
    const owner = this.actors.find(({ history }) => history.owns(longest));
    return { depth: longest.depth, where: owner?.history.locate(longest) ?? '' };
  }

  /** Whether a thread repeated itself as loops do, if loops are only watched for. */
  noticedLoop(): boolean {
    return this.#histories.some(({ noticedLoop }) => noticedLoop);
  }

  /** Whether any loop was taken to be endless. */
  get hasLoops(): boolean {
    return this.#histories.some(({ hasLoops }) => hasLoops);
  }

  /** Whether a loop was taken to be endless that is not. */
  refutesLoops(): boolean {
    return this.#histories.some((history) => history.refutesLoops());
  }

  /** What a verdict takes for granted, one clause each. */
  assumptions(): string[] {
    const idle = this.actors.filter((_, thread) => {
      const { stop } = this.first.pasts[thread];
      return stop.kind === 'idle' && stop.finished;
    });
    return assumptions({
      histories: this.#histories,
      pasts: this.pasts,
      words: this.words,
      buffers: this.#buffers,
      idle: idle.map(({ name }) => name),
    });
  }

  /** Tests the marks of all threads; reports what is wrong with one, if anything, and the threads it may be in. See History.checkMarks. */
  checkMarks(): (MarkProblem & { readonly threads: readonly number[] }) | undefined {
    for (const [group, threads] of this.#groups.entries()) {
      const problem = this.#histories[group].checkMarks();
      if (problem !== undefined) return { ...problem, threads };
    }
    return undefined;
  }

  /** The state after a move that is possible in it. */
  after(state: State, chosen: Move): State {
    const thread = threadOf(chosen);
    const detail = detailOf(chosen);
    this.lastWoken = NOBODY;
    this.ghosts.lastUnseen = NOTHING;
    this.lastResult = undefined;
    switch (kindOf(chosen)) {
      case 'step':
        return this.#moved(this.#step(state, thread, detail), state, thread);
      case 'turn':
        return this.#moved(this.#turn(state, thread, detail), state, thread);
      case 'timeout':
        return this.#timeOut(state, thread, detail);
      case 'kill': {
        const pasts = state.pasts.with(thread, this.actors[thread].history.dead);
        const queue = this.queues.kill(state.queue, thread, detail);
        const last = state.last === thread ? -1 : state.last;
        return { ...state, pasts, queue, last, kills: state.kills + 1 };
      }
      case 'flush':
        return this.#flush(state, thread);
    }
  }

  #flush(state: State, thread: number): State {
    const { storeBuffers, images } = this;
    const oldest = storeBuffers.oldest(state.late, thread);
    if (oldest === undefined) throw new Error('a thread without late stores has none to flush');
    const image = images.set(state.image, oldest.word, oldest.value);
    return { ...state, image, late: storeBuffers.withoutOldest(state.late, thread) };
  }

  #moved(next: State, before: State, thread: number): State {
    if (!this.enabled.isBounded) return next;
    // A thread that cannot go on is not preempted by the next one.
    const last = this.enabled.canGoOn(next, thread) ? thread : -1;
    return { ...next, last, preemptions: this.enabled.preempts(before, thread) };
  }

  #step(state: State, thread: number, alternative: number): State {
    const past = state.pasts[thread];
    const { stop } = past;
    if (stop.kind !== 'operation') throw new Error(`a thread that is ${stop.kind} cannot take a step`);
    const { kind, word, a, b } = stop.operation;
    let { image, queue, late } = state;
    let result: Result = 0;
    switch (kind) {
      case 'wait':
      case 'waitAsync':
        if (this.images.get(image, word) !== a) result = 'not-equal';
        else if (b === 0) result = 'timed-out';
        else return this.#enqueue(state, thread, past, kind === 'wait');
        break;
      case 'notify':
        ({ queue, woken: this.lastWoken } = this.queues.notify(queue, word, a));
        result = this.lastWoken.length;
        break;
      case 'choose':
      case 'now':
        result = alternative;
        break;
      case 'joinDead':
        result = this.enabled.dead(state, a);
        break;
      case 'step':
        break;
      case 'call':
        result = this.objects.outcomes(image, thread, stop.operation)[alternative];
        image = this.objects.act(image, thread, stop.operation, result);
        this.lastResult = result;
        if (result === STAYS) return { ...state, image };
        break;
      default:
        if (kind === 'write' && this.#buffers) {
          late = this.storeBuffers.put(late, { thread, word, value: a });
          result = a;
        } else if ((kind === 'read' || kind === 'load') && this.#buffers) {
          result = this.storeBuffers.seenBy(late, thread, word) ?? this.images.get(image, word);
        } else ({ image, result } = access(this.images, image, stop.operation));
    }
    this.lastResult = result;
    const before = late === state.late ? state : { ...state, late };
    return this.#arrive(before, image, queue, thread, this.actors[thread].history.resume(past, result, image, queue));
  }

  /** Lets a thread do whatever concerns only its private words: nobody can observe when that happens. */
  #settle(state: State, thread: number): State {
    let { image, pasts } = state;
    for (;;) {
      const { stop } = pasts[thread];
      if (stop.kind !== 'operation' || !this.#isPrivate(stop.operation, thread)) break;
      const done = access(this.images, image, stop.operation);
      const arrival = this.actors[thread].history.resume(pasts[thread], done.result, done.image, state.queue);
      image = this.ghosts.affect(done.image, arrival);
      pasts = pasts.with(thread, arrival.past);
    }
    return image === state.image && pasts === state.pasts ? state : { ...state, image, pasts };
  }

  #isPrivate({ kind, word }: Operation, thread: number): boolean {
    const owner = word < 0 ? undefined : this.words.privateTo(word);
    if (owner === undefined) return false;
    if (this.symmetry !== undefined) {
      // What follows is forgotten.
      this.tellApart();
      return false;
    }
    if (owner === thread && kind !== 'wait' && kind !== 'waitAsync' && kind !== 'notify') return true;
    const use = owner === thread ? `waits on it or notifies` : `is ${this.actors[thread].name}`;
    throw new ScenarioError(
      `${this.words.nameOf(word)} was declared private to ${this.actors[owner].name}, and a thread ${use}`,
    );
  }

  #enqueue(state: State, thread: number, past: Past, blocking: boolean): State {
    const { history } = this.actors[thread];
    const { word } = (past.stop as { operation: Operation }).operation;
    const task = blocking ? BLOCKED : past.freeTask;
    const queue = this.queues.enqueue(state.queue, { word, thread, task });
    if (blocking) return { ...state, queue, pasts: state.pasts.with(thread, history.sleep(past)) };
    this.lastResult = task;
    return this.#arrive(state, state.image, queue, thread, history.resume(past, task, state.image, queue));
  }

  #turn(state: State, thread: number, task: number): State {
    const call = state.pasts[thread].tasks.find(({ id }) => id === task)?.call;
    if (call !== undefined)
      return this.#endCall(state, thread, task, call, this.objects.outcomes(state.image, thread, call)[0]);
    const ready = state.queue.ready.find((each) => each.thread === thread && each.task === task);
    this.lastResult = ready?.result ?? 0;
    const queue = ready === undefined ? state.queue : this.queues.take(state.queue, thread, task);
    const { history } = this.actors[thread];
    const arrival = history.turn(state.pasts[thread], task, this.lastResult, state.image, queue);
    return this.#arrive(state, state.image, queue, thread, arrival);
  }

  /** The call that an async task waits for completes, and its continuation runs. */
  #endCall(state: State, thread: number, task: number, call: Operation, outcome: number): State {
    this.lastResult = outcome;
    const image = this.objects.act(state.image, thread, call, outcome);
    return this.#arrive(
      state,
      image,
      state.queue,
      thread,
      this.actors[thread].history.turn(state.pasts[thread], task, outcome, image, state.queue),
    );
  }

  #timeOut(state: State, thread: number, task: number): State {
    const { stop } = state.pasts[thread];
    if (stop.kind === 'operation' && task === BLOCKED) {
      this.lastResult = TIMED_OUT;
      const image = this.objects.act(state.image, thread, stop.operation, TIMED_OUT);
      return this.#arrive(
        state,
        image,
        state.queue,
        thread,
        this.actors[thread].history.resume(state.pasts[thread], TIMED_OUT, image, state.queue),
      );
    }
    const call = state.pasts[thread].tasks.find(({ id }) => id === task)?.call;
    if (call !== undefined) return this.#endCall(state, thread, task, call, TIMED_OUT);
    this.lastResult = 'timed-out';
    const queue = this.queues.timeOut(state.queue, thread, task);
    if (task !== BLOCKED) return { ...state, queue };
    const arrival = this.#wake(state.pasts[thread], thread, 'timed-out', state.image, queue);
    return this.#arrive(state, state.image, queue, thread, arrival);
  }

  #wake(asleep: Past, thread: number, result: Result, image: Image, queue: Queue): Arrival {
    return this.actors[thread].history.resume(asleep.parent as Past, result, image, queue);
  }

  /** Updates a thread, and the blocked ones it woke, to where they have arrived. */
  #arrive(before: State, changed: Image, queue: Queue, thread: number, arrival: Arrival): State {
    const pasts = before.pasts.slice();
    pasts[thread] = arrival.past;
    let image = this.ghosts.affect(changed, arrival);
    for (const waiter of this.lastWoken) {
      if (waiter.thread === DEAD || waiter.task !== BLOCKED) continue;
      const woken = this.#wake(pasts[waiter.thread], waiter.thread, 'ok', image, queue);
      pasts[waiter.thread] = woken.past;
      image = this.ghosts.affect(image, woken);
    }
    const { late, kills, last, preemptions } = before;
    let next: State = { image, queue, late, pasts, kills, last, preemptions };
    if (!this.words.hasPrivate) return next;
    next = this.#settle(next, thread);
    for (const waiter of this.lastWoken) if (waiter.thread !== DEAD) next = this.#settle(next, waiter.thread);
    return next;
  }
}
