/** What a driver is given: a wait, as waiting.ts binds it. */
import { ownerDied } from '../memory/death.js';
import type { Member } from '../memory/member.js';
import type { Pass } from './pass.js';
import type { Patience } from './patience.js';

/** What is waited for, as people call it. */
export interface Subject {
  /** Kind and number. */
  readonly label: string;
  /** Its cell, where it has one: the pass may be given another, such as the record of a wait. */
  readonly cell?: number;
}

/** What `Looks.look` answers while the task goes on looking. */
export const LOOKING = -1;

/** How the task that waits first for something looks for it, before it waits to be woken. */
export interface Looks {
  /** A task begins to wait. */
  begin(): void;

  /**
   * Looks some times.
   *
   * @param state what the next pass of the wait is to be given
   * @returns LOOKING when `again` is going to be called; otherwise what the last pass has answered, or AGAIN where none was made:
   *   unless that is an end, the task is to leave evidence that it waits
   */
  look(state: number): number;
}

/** Patience of waits whose tasks look as well. */
export interface Looking {
  /** @param again called in a later turn each time the task has to look */
  looksOf(waiting: Wait, again: () => void): Looks;
}

export interface Wait {
  readonly subject: Subject;
  readonly member: Member;
  /** How to get it. */
  readonly pass: Pass;
  /** What the pass is given. */
  readonly cell: number;
  /** The caller as the owner word of its blocking calls has it; a task's has TASK as well. */
  readonly me: number;
  /** The word on which blocked agents sleep. */
  readonly gate: number;
  /** The word on which tasks wait. */
  readonly taskGate: number;
  /** Tasks with equal keys wait for the same. */
  readonly key: number;
  /** Of what comes again and again, such as items. */
  readonly patience?: (Patience & Partial<Looking>) | undefined;
  /** What whoever gives up a wait without a time-out has to do besides, as it does after a time-out. */
  readonly leave?: (() => void) | undefined;
}

/** @returns the error of those that wait for what a dead agent held */
export const holderDied = ({ subject, member, cell }: Wait): Error => ownerDied(member.words, cell, subject.label);
