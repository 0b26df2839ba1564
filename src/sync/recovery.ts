/**
 * Recovery of a primitive whose owner died. An agent that recovers it takes it as any owner would, repairs what it guards,
 * and leaves it whole and free. The models are POSIX robust mutexes and Rust's poisoning; both give the broken thing to
 * whoever comes next, this only to those that say they will repair it.
 */
import { checkFields, checkFunction, checkNoPromise, type Fields, shown, type WaitOptions } from '../core/arguments.js';
import { TimeoutError } from '../core/errors.js';
import { releaseOnDeath } from '../core/memory/death.js';
import type { Member } from '../core/memory/member.js';
import { TASK } from '../core/memory/owner.js';
import type { PlaceOptions } from '../core/share/place.js';
import type { Pass } from '../core/wait/pass.js';
import type { Subject } from '../core/wait/wait.js';
import { Waiting } from '../core/wait/waiting.js';

/** Options of a new primitive that has an owner. */
export interface OwnedOptions extends PlaceOptions {
  /**
   * What happens when the agent that holds it dies: `'abandon'`, the default, keeps everybody out until somebody calls
   * `recover`; `'release'` frees it, for state that cannot be left half changed.
   */
  onOwnerDeath?: 'abandon' | 'release' | undefined;
}

/** All options. */
export const OWNED_FIELDS: Fields<OwnedOptions> = { arena: true, name: true, onOwnerDeath: true };

/**
 * @param what the class whose options they are
 * @param fields the options that it has
 * @throws TypeError when an option is invalid
 */
export function checkOwnedOptions(what: string, options: OwnedOptions, fields: Readonly<Record<string, true>>): void {
  checkFields(what, options, fields);
  const { onOwnerDeath = 'abandon' } = options;
  if (onOwnerDeath !== 'abandon' && onOwnerDeath !== 'release') {
    throw new TypeError(`onOwnerDeath must be 'abandon' or 'release', not ${shown(onOwnerDeath)}`);
  }
}

/** Stores the choice in a new primitive. */
export function setOnOwnerDeath(words: Int32Array, owner: number, { onOwnerDeath }: OwnedOptions): void {
  if (onOwnerDeath === 'release') releaseOnDeath(words, owner);
}

/** How a primitive of one kind is recovered. */
export interface RecoveryRules {
  /** GOT when the caller has the abandoned primitive, or when there is nothing to repair. */
  readonly pass: Pass;
  /** The gate of blocked agents, and the owner word, as offsets in the cell. */
  readonly gate: number;
  readonly owner: number;
  /** Whether a word says that its owner died, and nobody repairs it. */
  isAbandoned(word: number): boolean;
  /** Whether a word says that the caller has it for a repair. */
  isRepairedBy(word: number, me: number): boolean;
  /** Ends a repair, and wakes everybody: free, or abandoned as before. */
  end(member: Member, cell: number, me: number, whole: boolean): void;
}

/** The recovery of one primitive by one agent. */
export class Recovery {
  readonly #rules: RecoveryRules;
  readonly #waiting: Waiting;

  constructor(subject: Subject, member: Member, cell: number, rules: RecoveryRules) {
    const gate = cell + rules.gate;
    this.#rules = rules;
    // Agents waiting to recover do not wait for what the others wait for, so they have a queue of their own.
    this.#waiting = new Waiting(subject, member, rules.pass, cell, gate, { key: -gate });
  }

  /** @returns whether there was something to repair */
  recover(repair: (() => unknown) | undefined, timeout: number): boolean {
    if (repair !== undefined) checkFunction('repair', repair);
    if (!this.#waiting.wait(timeout)) throw this.#timeUp(timeout);
    const { me } = this.#waiting;
    if (!this.#hasIt(me)) return false;
    let whole = false;
    try {
      checkNoPromise(repair?.(), 'repair', 'recoverAsync');
      whole = true;
    } finally {
      this.#end(me, whole);
    }
    return true;
  }

  /** @returns whether there was something to repair */
  recoverAsync<H>(repair: ((hold: H) => unknown) | undefined, options: WaitOptions, holdOf: () => H): Promise<boolean> {
    let hasIt = false;
    const onGot = (): void => {
      hasIt = this.#hasIt(this.#waiting.me | TASK);
    };
    return Promise.resolve()
      .then(() => repair !== undefined && checkFunction('repair', repair))
      .then(() => this.#waiting.waitAsync(options, 0, onGot))
      .then((inTime) => {
        if (!inTime) throw this.#timeUp(options.timeout);
        return hasIt && this.#repair(repair, holdOf);
      });
  }

  #repair<H>(repair: ((hold: H) => unknown) | undefined, holdOf: () => H): Promise<boolean> {
    return Promise.resolve()
      .then(() => repair?.(holdOf()))
      .then(
        () => {
          this.#end(this.#waiting.me | TASK, true);
          return true;
        },
        (reason) => {
          this.#end(this.#waiting.me | TASK, false);
          throw reason;
        },
      );
  }

  #hasIt(me: number): boolean {
    const { member, cell } = this.#waiting;
    return this.#rules.isRepairedBy(member.words[cell + this.#rules.owner], me);
  }

  #end(me: number, whole: boolean): void {
    const { member, cell } = this.#waiting;
    this.#rules.end(member, cell, me, whole);
  }

  #timeUp(timeout: number | undefined): TimeoutError {
    return new TimeoutError(`${this.#waiting.subject.label} could not be recovered within ${timeout} ms`);
  }
}
