/**
 * The barrier actions running in this agent: if one of them waited for its own barrier, the wait could never end. They are
 * identified by their barriers' cells, because an agent may have several live objects of one barrier.
 */
import type { Member } from '../core/memory/member.js';

/** A running action. */
interface Act {
  /** The barrier's cell. */
  readonly cell: number;
  /** Whether it is an awaited action that has not awaited anything yet: whatever is called now is called by it. */
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

/** The same for an action that may return a promise. */
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

/** Whether an action of the barrier is running: blocking for the other parties meanwhile could never end. */
export const isActing = (member: Member, cell: number): boolean => actsOf(member).some((each) => each.cell === cell);

/** Whether an awaited action is calling the caller, as far as can be determined. */
export const isCalledByAction = (member: Member, cell: number): boolean =>
  actsOf(member).some((each) => each.cell === cell && each.isCalling);
