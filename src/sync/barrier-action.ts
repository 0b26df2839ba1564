/**
 * The actions of barriers that run in this agent: a wait by one of them for its own barrier could never end. They are told apart by
 * the barriers' cells, as an agent may have several live objects of one.
 */
import type { Member } from '../core/memory/member.js';

/** An action that runs. */
interface Act {
  /** The barrier's. */
  readonly cell: number;
  /** Whether it is awaited, and has not awaited anything yet: what is called now is called by it. */
  isCalling: boolean;
}

const acts = new WeakMap<Member, readonly Act[]>();
const NONE: readonly Act[] = [];

const actsOf = (member: Member): readonly Act[] => acts.get(member) ?? NONE;

function begin(member: Member, act: Act): void {
  acts.set(member, [...actsOf(member), act]);
}

function end(member: Member, act: Act): void {
  const others = actsOf(member).filter((other) => other !== act);
  if (others.length > 0) acts.set(member, others);
  else acts.delete(member);
}

/** Runs the action of the barrier with that cell. */
export function act(member: Member, cell: number, action: () => unknown): unknown {
  const running = { cell, isCalling: false };
  begin(member, running);
  try {
    return action();
  } finally {
    end(member, running);
  }
}

/** The same, of one that may return a promise. */
export async function actAsync(member: Member, cell: number, action: () => unknown): Promise<void> {
  const running = { cell, isCalling: true };
  begin(member, running);
  try {
    const result = action();
    running.isCalling = false;
    await result;
  } finally {
    end(member, running);
  }
}

/** Whether an action of the barrier runs: to block for the others meanwhile could never end. */
export const isActing = (member: Member, cell: number): boolean => actsOf(member).some((each) => each.cell === cell);

/** Whether the caller is called by one that is awaited, as far as can be told. */
export const isCalledByAction = (member: Member, cell: number): boolean =>
  actsOf(member).some((each) => each.cell === cell && each.isCalling);
