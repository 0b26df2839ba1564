/**
 * The dead-lock detector: an observer of waits. An agent that has been blocked for a while looks whether it is in a circle, and
 * again whenever it has waited twice as long; two looks that find the same circle, which still stands, have found a
 * dead-lock. See cycle.ts for why that is one.
 *
 * Of the agents in it one acts, chosen alike by all: the last that began to wait, since it looks most often, and has done
 * least since. A Lock may be released by anybody, so a circle through one may end yet, and is only reported, unless all
 * Locks in it were made to throw. Nor does an agent give up that waits for a GIL. Of a Lock that its holder waits for itself
 * nothing is said: so one waits for a sign that others give by releasing it.
 */
import { checkFields, checkFunction, type Fields, shown } from '../core/arguments.js';
import { throwsOnDeadlock } from '../core/memory/death.js';
import { knownArenas, showNames } from '../core/memory/member.js';
import { waitOf } from '../core/memory/waits.js';
import { type Observer, observe } from '../core/wait/observer.js';
import type { Wait } from '../core/wait/wait.js';
import { areSame, circleThrough, type Step, stands } from './cycle.js';
import { type Deadlock, DeadlockError, deadlockOf } from './deadlock.js';
import { ownerWordAt } from './holders.js';
import { isGIL, isLock } from './kinds.js';
import { noteStack } from './stacks.js';
import { warn } from './warn.js';

/** How long an agent has waited when it looks for the first time, in ms. */
const FIRST_LOOK = 50;

/** Whether only a member of the circle can end it. */
const isClosed = (circle: readonly Step[]): boolean =>
  circle.every(({ words, wait: { cell } }) => {
    const owner = ownerWordAt(words, cell);
    return !isLock(words, cell) || (owner !== undefined && throwsOnDeadlock(words, owner));
  });

/** @returns the one of them that began to wait last; of two that did so in the same ms, one of them */
const lastOf = (steps: readonly Step[]): Step | undefined =>
  steps.reduce<Step | undefined>((last, step) => {
    if (last === undefined) return step;
    const later = (step.wait.since - last.wait.since) | 0;
    return later > 0 || (later === 0 && step.identity > last.identity) ? step : last;
  }, undefined);

export class Detector implements Observer {
  /** What is told of a dead-lock that nobody throws. */
  report: (deadlock: Deadlock) => void = ({ message }) => warn(message);
  /** Whether the agent notes where it waits. */
  stacks = false;
  /** The wait that goes on, by its arena and number. */
  #words: Int32Array | undefined;
  #wait = 0;
  #nextLook = FIRST_LOOK;
  /** The circle that the last look has found. */
  #seen: readonly Step[] | undefined;
  #reported = false;

  lasts({ member: { words, agent } }: Pick<Wait, 'member'>, waited: number): DeadlockError | undefined {
    const wait = waitOf(words, agent);
    if (wait === undefined) return undefined;
    if (words !== this.#words || wait.wait !== this.#wait) {
      this.#words = words;
      this.#wait = wait.wait;
      this.#nextLook = FIRST_LOOK;
      this.#seen = undefined;
      this.#reported = false;
      if (this.stacks) noteStack(words, agent, wait.wait);
    }
    if (wait.ends) return undefined;
    if (waited < this.#nextLook) return undefined;
    while (this.#nextLook <= waited) this.#nextLook *= 2;
    const circle = this.look(knownArenas(), words, agent);
    return circle && this.#act(circle);
  }

  /** One look: @returns the circle that the agent is in, if the look before has found it as well, and it stands */
  look(arenas: readonly Int32Array[], words: Int32Array, agent: number): readonly Step[] | undefined {
    const circle = circleThrough(arenas, words, agent);
    const before = this.#seen;
    this.#seen = circle;
    if (circle === undefined || before === undefined) return undefined;
    return areSame(circle, before) && stands(circle) ? circle : undefined;
  }

  #act(circle: readonly Step[]): DeadlockError | undefined {
    const [me] = circle;
    const last = isClosed(circle) ? lastOf(circle.filter(({ words, wait }) => !isGIL(words, wait.cell))) : undefined;
    if (last !== undefined) return last === me ? new DeadlockError(deadlockOf(circle)) : undefined;
    if (circle.length === 1 || lastOf(circle) !== me || this.#reported) return undefined;
    this.#reported = true;
    this.report(deadlockOf(circle));
    return undefined;
  }
}

const detector = /* @__PURE__ */ new Detector();

/** How dead-locks are looked for. */
export interface DeadlockOptions {
  /**
   * Called once for each dead-lock through a Lock, in the agent of it that began to wait last, which is blocked; by default the
   * dead-lock is printed.
   */
  report?: ((deadlock: Deadlock) => void) | undefined;
  /**
   * Whether the calling agent notes where in the program it waits, for the dead-locks that others find and for `dumpAgents`; false
   * by default. It takes some 20 µs of waits that last for 10 ms or longer, and 2 kB of each arena that it waits in, unless
   * that is more than half full.
   */
  stacks?: boolean | undefined;
}

const FIELDS: Fields<DeadlockOptions> = { report: true, stacks: true };

/**
 * Has the calling agent look for dead-locks while it is blocked. It does so by default, save in a bundle, which has of the
 * package only what is used; call it there.
 *
 * An agent looks when it has waited for 50 ms without a time-out, and whenever it has waited twice as long; it costs nothing
 * else. A circle of what has owners (RLock, RWLock, GIL) ends by a {@link DeadlockError} in the agent that began to wait last.
 * One through a Lock, which anybody may release, is reported, unless the Lock was made with `{ deadlocks: 'throw' }`.
 *
 * @param options what to do about those that are reported
 * @throws TypeError when an option is not what it must be
 *
 * @example
 * ```ts
 * import { detectDeadlocks } from 'atomics-sync-free';
 * detectDeadlocks({ report: ({ message }) => console.error(message) });
 * ```
 */
export function detectDeadlocks(options: DeadlockOptions = {}): void {
  checkFields('detectDeadlocks', options, FIELDS);
  const { report, stacks } = options;
  if (stacks !== undefined && typeof stacks !== 'boolean')
    throw new TypeError(`stacks is a boolean, not ${shown(stacks)}`);
  if (report !== undefined) {
    checkFunction('report', report);
    detector.report = report;
  }
  if (stacks !== undefined) detector.stacks = stacks;
  observe(detector);
  showNames();
}
