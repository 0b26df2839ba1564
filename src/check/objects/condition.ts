/**
 * Condition: the position of each thread in the queue of waiters, which the lock guards. A waiter that has timed out
 * stays in the queue until it has the lock again, so a notification may still reach it.
 */
import { freeFully, isFree, isHeld, refusal, takeAgain } from './lock.js';
import { type Action, GOT, type Specification, TIMED_OUT, type View } from './specification.js';

/** A thread's position once it is notified; waiters have 1, 2, …, and other threads 0. */
const NOTIFIED = -1;

const lockOf = ({ guard }: View): View => guard as View;

/** Requires the lock. */
function guarded(action: Action): Action {
  return {
    ...action,
    outcomes: (view) => (isHeld(lockOf(view)) ? action.outcomes(view) : [refusal(lockOf(view))]),
    act(view, outcome) {
      if (outcome >= 0) action.act?.(view, outcome);
    },
    tell: (name, outcome) => (outcome >= 0 ? action.tell(name, outcome) : `uses condition ${name} without its lock`),
  };
}

/** Removes the first ones from the queue. */
function advance(view: View, count: number): void {
  for (let thread = 0; thread < view.threads; thread++) {
    const place = view.get(thread);
    if (place > 0) view.set(thread, place <= count ? NOTIFIED : place - count);
  }
}

/** Removes one from the queue, wherever it is. */
function leave(view: View): void {
  const left = view.get(view.me);
  view.set(view.me, 0);
  for (let thread = 0; left > 0 && thread < view.threads; thread++) {
    const place = view.get(thread);
    if (place > left) view.set(thread, place - 1);
  }
}

export const CONDITION: Specification = {
  kind: 'Condition',
  slots: (_, __, threads) =>
    Array.from({ length: threads }, (_, thread) => ({ suffix: `place ${thread}`, silent: true, tellsOf: thread })),
  actions: {
    /** Gives the depth at which the lock was held. */
    wait: guarded({
      outcomes: (view) => {
        const { guard } = view;
        return [guard?.reentrant ? guard.get(1) : 0];
      },
      act(view) {
        let last = 0;
        for (let thread = 0; thread < view.threads; thread++) last = Math.max(last, view.get(thread));
        view.set(view.me, last + 1);
        freeFully(lockOf(view));
      },
      tell: (name) => `waits on condition ${name}, and frees its lock`,
    }),
    goOn: {
      outcomes: (view) => {
        if (!isFree(lockOf(view))) return [];
        return [view.get(view.me) === NOTIFIED ? GOT : TIMED_OUT];
      },
      act(view) {
        leave(view);
        takeAgain(lockOf(view), view.argument);
      },
      tell: (name, outcome) =>
        outcome === GOT
          ? `was notified by condition ${name}, and has its lock again`
          : `gives up waiting on condition ${name}, its time being up, and has its lock again`,
      waits: (name) => `waits on condition ${name}`,
    },
    notify: guarded({
      outcomes: () => [GOT],
      act: (view) => advance(view, view.argument),
      tell: (name) => `notifies condition ${name}`,
    }),
    held: guarded({ outcomes: () => [GOT], tell: (name) => `checks whether it may wait on condition ${name}` }),
  },
  holders: (view, names) => {
    if (view.get(view.me) !== NOTIFIED) return 'and nobody is left to notify it';
    const owner = lockOf(view).get(0);
    return owner === 0 ? '' : `was notified, and needs its lock, held by ${names[owner - 1]}`;
  },
};
