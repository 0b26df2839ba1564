/**
 * Plays the async tasks of several agents in one thread, deterministically: waits and wakes go through a list here instead
 * of the engine's, in the order that the language prescribes, and the clock stands still.
 */
import type { Arena, Hold } from 'atomics-sync-free';
import { setClock } from '#dist/core/wait/clock.js';
import { setKeepAlive } from '#dist/core/wait/keep-alive.js';
import { arenaFor, arenaOf, takeSlotOf } from './members.js';
import { type Outcome, refusal } from './referee.js';

/** A task: its agent, and its holds. */
export interface Task<H extends Hold = Hold> {
  readonly name: string;
  readonly agent: number;
  /** Those not released, the newest last. */
  readonly holds: H[];
  readonly released: H[];
}

/** A call that a task makes, on its agent's live object. */
export type TaskCall<Live, H extends Hold> = (live: Live, task: Task<H>, signal: AbortSignal) => unknown;

/** The reason of every abort. */
class Aborted extends Error {
  readonly code = 'aborted';
}

interface Sleeper {
  readonly index: number;
  readonly wake: (how: 'ok') => void;
}

export class Tasks<Live, H extends Hold> {
  readonly tasks: readonly Task<H>[];
  readonly live: readonly Live[];
  readonly #aborts = new Map<Task<H>, AbortController>();
  readonly #ended: (task: Task<H>, outcome: Outcome) => void;

  /**
   * @param agents the number of agents
   * @param perAgent the number of tasks of each agent
   * @param make makes the primitive in an arena, and returns a function that makes an agent's live object of it
   * @param ended called for every call that ends, in order
   * @param act makes the calls
   */
  static async play<Live, H extends Hold = Hold>(
    agents: number,
    perAgent: number,
    make: (arena: Arena) => (arena: Arena) => Live,
    ended: (task: Task<H>, outcome: Outcome) => void,
    act: (tasks: Tasks<Live, H>) => Promise<void>,
  ): Promise<void> {
    const arena = arenaFor(agents);
    for (let i = 0; i < agents; i++) takeSlotOf(i, arena);
    const attach = make(arena);
    const live = Array.from({ length: agents }, (_, i) => attach(arenaOf(i, arena.words)));
    const restore = standIn();
    try {
      await act(new Tasks(live, perAgent, ended));
    } finally {
      restore();
    }
  }

  private constructor(live: readonly Live[], perAgent: number, ended: (task: Task<H>, outcome: Outcome) => void) {
    this.live = live;
    this.#ended = ended;
    this.tasks = live.flatMap((_, agent) =>
      Array.from({ length: perAgent }, (_, n) => ({ name: `${agent}.${n}`, agent, holds: [], released: [] })),
    );
  }

  /** Makes a task's call, and runs until nothing moves. */
  async call(task: Task<H>, call: TaskCall<Live, H>): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(task, abort);
    const ended = (outcome: Outcome) => this.#ended(task, outcome);
    new Promise((resolve) => resolve(call(this.live[task.agent], task, abort.signal))).then(
      (value) => ended({ value }),
      (error) => ended(refusal(error)),
    );
    await quiet();
  }

  /** Aborts what the task waits for. */
  async abort(task: Task<H>): Promise<void> {
    this.#aborts.get(task)?.abort(new Aborted());
    await quiet();
  }
}

/** Resolves when all microtasks have run. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Replaces the engine's list, and stops the clock. @returns a function that restores the real ones */
function standIn(): () => void {
  const sleepers: Sleeper[] = [];
  const waitAsync = (words: Int32Array, index: number, value: number) => {
    if (Atomics.load(words, index) !== value) return { async: false, value: 'not-equal' };
    return { async: true, value: new Promise<'ok'>((wake) => sleepers.push({ index, wake })) };
  };
  const notify = (_words: Int32Array, index: number, count = Number.POSITIVE_INFINITY): number => {
    let woken = 0;
    for (let at = 0; at < sleepers.length && woken < count; ) {
      if (sleepers[at].index !== index) {
        at++;
        continue;
      }
      sleepers.splice(at, 1)[0].wake('ok');
      woken++;
    }
    return woken;
  };
  const real = { waitAsync: Atomics.waitAsync, notify: Atomics.notify };
  Object.assign(Atomics, { waitAsync, notify });
  setClock(() => 0);
  // Tasks that still wait when the play is over must not keep the process alive.
  setKeepAlive({ retain: () => {}, release: () => {} });
  return () => {
    Object.assign(Atomics, real);
    setClock();
    setKeepAlive();
  };
}
