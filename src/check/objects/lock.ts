/** Lock and RLock: a word with the owner, and for the RLock a count beside it. */
import {
  type Action,
  GOT,
  holderIn,
  look,
  MISSED,
  NOT_HELD,
  NOT_OWNER,
  ownerWord,
  type Specification,
  showOwner,
  TIMED_OUT,
  type View,
} from './specification.js';

const OWNER = 0;
/** How often the owner has acquired it beyond the first time. */
const AGAIN = 1;

const isMine = (view: View): boolean => view.get(OWNER) === ownerWord(view.me);
const mayTake = (view: View): boolean => view.get(OWNER) === 0 || (view.reentrant && isMine(view));

function take(view: View): void {
  if (view.get(OWNER) === 0) view.set(OWNER, ownerWord(view.me));
  else view.set(AGAIN, view.get(AGAIN) + 1);
}

/** Whether the caller may use the lock as its holder; a Lock has no owner, so it is enough that it is held. */
export const isHeld = (lock: View): boolean => (lock.reentrant ? isMine(lock) : lock.get(OWNER) !== 0);
/** The refusal of a caller that may not. */
export const refusal = (lock: View): number => (lock.get(OWNER) === 0 ? NOT_HELD : NOT_OWNER);
export const isFree = (lock: View): boolean => lock.get(OWNER) === 0;

/** Releases it completely for a wait, whatever its depth; returns the depth. */
export function freeFully(lock: View): number {
  const depth = lock.reentrant ? lock.get(AGAIN) : 0;
  if (lock.reentrant) lock.set(AGAIN, 0);
  lock.set(OWNER, 0);
  return depth;
}

/** Reacquires it after a wait, at the same depth. */
export function takeAgain(lock: View, depth: number): void {
  lock.set(OWNER, ownerWord(lock.me));
  if (lock.reentrant) lock.set(AGAIN, depth);
}

const acquire: Action = {
  outcomes: (view) => [mayTake(view) ? GOT : TIMED_OUT],
  act(view, outcome) {
    if (outcome === GOT) take(view);
  },
  tell: (name, outcome) =>
    outcome === GOT ? `acquires lock ${name}` : `gives up waiting for lock ${name}: its time is up`,
  waits: (name) => `waits for lock ${name}`,
};

const tryAcquire: Action = {
  outcomes: (view) => [mayTake(view) ? GOT : MISSED],
  act: acquire.act as NonNullable<Action['act']>,
  tell: (name, outcome) => (outcome === GOT ? `acquires lock ${name}` : `cannot acquire lock ${name}: it is held`),
};

const release: Action = {
  outcomes: (view) => [isHeld(view) ? GOT : refusal(view)],
  act(view, outcome) {
    if (outcome !== GOT) return;
    if (view.reentrant && view.get(AGAIN) > 0) view.set(AGAIN, view.get(AGAIN) - 1);
    else view.set(OWNER, 0);
  },
  tell: (name, outcome) =>
    outcome === GOT ? `releases lock ${name}` : `cannot release lock ${name}, which it does not hold`,
};

const locked = look('locked', (view) => (view.get(OWNER) === 0 ? 0 : 1));

export const LOCK: Specification = {
  kind: 'Lock',
  slots: () => [{ show: showOwner, tellsOf: 'owner' }],
  actions: { acquire, tryAcquire, release, locked },
  holders: holderIn,
};

export const RLOCK: Specification = {
  kind: 'RLock',
  reentrant: true,
  slots: () => [{ show: showOwner, tellsOf: 'owner' }, { suffix: 'acquired again' }],
  actions: {
    acquire,
    tryAcquire,
    release,
    locked,
    isOwned: look('isOwned', (view) => (isMine(view) ? 1 : 0)),
    recursionCount: look('recursionCount', (view) => (isMine(view) ? view.get(AGAIN) + 1 : 0)),
  },
  holders: holderIn,
};
