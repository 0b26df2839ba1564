/**
 * The deadlock detector: an observer of waits. An agent that has been blocked for a while checks whether it is in a cycle,
 * and again each time its wait has doubled; two looks that find the same cycle, which still stands, have found a deadlock.
 * cycle.ts explains why.
 *
 * One of its agents acts, and all choose the same one: the last that began to wait, because it looks most often and has
 * done least since. Anybody may release a Lock, so a cycle through one may still end and is only reported, unless all Locks
 * in it were made to throw. An agent that waits for a GIL does not give up either. A holder that waits for its own Lock is
 * not reported: that is a way to wait for a signal that others give by releasing it.
 */
import { checkBoolean, checkFields, checkFunction, type Fields } from '../core/arguments.js';
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

/** How long an agent has waited when it first looks, in ms. */
const FIRST_LOOK = 50;

/** Whether only the holder can end a wait. If that is so of all waits of a cycle, only its members can end it. */
function isClosed({ words, wait: { cell } }: Step): boolean {
  const owner = ownerWordAt(words, cell);
  return !isLock(words, cell) || (owner !== undefined && throwsOnDeadlock(words, owner));
}

/** @returns the one that began to wait last; if two did so in the same ms, one of them */
const lastOf = (steps: readonly Step[]): Step | undefined =>
  steps.reduce<Step | undefined>((last, step) => {
    if (last === undefined) return step;
    const later = (step.wait.since - last.wait.since) | 0;
    return later > 0 || (later === 0 && step.identity > last.identity) ? step : last;
  }, undefined);

export class Detector implements Observer {
  /** Reports a deadlock for which no agent throws. */
  report: (deadlock: Deadlock) => void = ({ message }) => warn(message);
  /** Whether the agent notes where it waits. */
  stacks = false;
  /** The current wait, by its arena and number. */
  #words: Int32Array | undefined;
  #wait = 0;
  #nextLook = FIRST_LOOK;
  /** The cycle found by the last look. */
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

  /** One look: @returns the cycle that the agent is in, if the previous look also found it and it still stands */
  look(arenas: readonly Int32Array[], words: Int32Array, agent: number): readonly Step[] | undefined {
    // A cycle that is only reported must not hide one that an agent has to end: readers of an RWLock may be in several.
    const any = circleThrough(arenas, words, agent);
    const circle = any?.every(isClosed) === false ? (circleThrough(arenas, words, agent, isClosed) ?? any) : any;
    const before = this.#seen;
    this.#seen = circle;
    if (circle === undefined || before === undefined) return undefined;
    return areSame(circle, before) && stands(circle) ? circle : undefined;
  }

  #act(circle: readonly Step[]): DeadlockError | undefined {
    const [me] = circle;
    const last = circle.every(isClosed)
      ? lastOf(circle.filter(({ words, wait }) => !isGIL(words, wait.cell)))
      : undefined;
    if (last !== undefined) return last === me ? new DeadlockError(deadlockOf(circle)) : undefined;
    if (circle.length === 1 || lastOf(circle) !== me || this.#reported) return undefined;
    this.#reported = true;
    this.report(deadlockOf(circle));
    return undefined;
  }
}

const detector = /* @__PURE__ */ new Detector();

/** Options of deadlock detection. */
export interface DeadlockOptions {
  /**
   * Called once for each deadlock for which no agent throws (one through a Lock, or of GILs only), in the agent of it that
   * began to wait last, which is blocked; by default the deadlock is printed.
   */
  report?: ((deadlock: Deadlock) => void) | undefined;
  /**
   * Whether the calling agent records where in the program it waits, for deadlocks that others find and for `dumpAgents`;
   * false by default. It costs about 20 µs in waits of 10 ms or longer, and 2 kB in each arena that the agent waits in,
   * unless that arena is more than half full.
   */
  stacks?: boolean | undefined;
}

const FIELDS: Fields<DeadlockOptions> = { report: true, stacks: true };

/**
 * Makes the calling agent look for deadlocks while it is blocked. This is on by default, except in a bundle, which contains
 * only the parts of the package that are used; call it there.
 *
 * An agent looks when it has waited for 50 ms without a timeout, and again each time its wait has doubled; there is no
 * other cost. A cycle of primitives with owners (RLock, RWLock, GIL), and of Barriers whose action runs or that a party has yet
 * to leave, ends with a {@link DeadlockError} in the agent that was the last to begin waiting for anything but a GIL; a cycle of
 * GILs only is reported. So is a cycle through a Lock, which anybody may release, unless the Lock was made with
 * `{ deadlocks: 'throw' }`. Cycles are found in the arenas that the looking agent knows.
 *
 * @param options how to report, and whether to record stacks
 * @throws TypeError when an option is invalid
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
  if (stacks !== undefined) checkBoolean('stacks', stacks);
  if (report !== undefined) {
    checkFunction('report', report);
    detector.report = report;
  }
  if (stacks !== undefined) detector.stacks = stacks;
  observe(detector);
  showNames();
}
