/** The input of a driver: a wait, as bound by waiting.ts. */
import { ownerDied } from '../memory/death.js';
import type { Member } from '../memory/member.js';
import type { Pass } from './pass.js';
import type { Patience } from './patience.js';

/** Describes, for human readers, what is waited for. */
export interface Subject {
  /** Kind and number. */
  readonly label: string;
  /** Its cell, if it has one: the pass may get another, such as the record of a wait. */
  readonly cell?: number;
}

/** What `Looks.look` returns while the task continues to look. */
export const LOOKING = -1;

/** How the first task waiting for something looks for it before it waits to be woken. */
export interface Looks {
  /** A task begins to wait. */
  begin(): void;

  /**
   * Looks several times.
   *
   * @param state the state for the next pass of the wait
   * @returns LOOKING when `again` will be called; otherwise the answer of the last pass, or AGAIN if none was made: unless
   *   that ends the wait, the task must leave evidence that it waits
   */
  look(state: number): number;
}

/** The patience of waits whose tasks look as well. */
export interface Looking {
  /** @param again called in a later turn each time the task has to look */
  looksOf(waiting: Wait, again: () => void): Looks;
}

export interface Wait {
  readonly subject: Subject;
  readonly member: Member;
  /** How to get it. */
  readonly pass: Pass;
  /** The cell passed to the pass. */
  readonly cell: number;
  /** The caller as in the owner word of its blocking calls; a task's has TASK as well. */
  readonly me: number;
  /** The word on which blocked agents sleep. */
  readonly gate: number;
  /** The word on which tasks wait. */
  readonly taskGate: number;
  /** Tasks with equal keys wait for the same thing. */
  readonly key: number;
  /** For things that come repeatedly, such as items. */
  readonly patience?: (Patience & Partial<Looking>) | undefined;
  /** What the caller does after a timeout; called when the observer ends the wait. */
  readonly leave?: (() => void) | undefined;
}

/** @returns the error of waits for something that a dead agent held */
export const holderDied = ({ subject, member, cell }: Wait): Error => ownerDied(member.words, cell, subject.label);
