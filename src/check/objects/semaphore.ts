/** Semaphore and BoundedSemaphore: a word that counts the permits. */
import {
  type Action,
  GOT,
  look,
  MISSED,
  OVER_RELEASE,
  type Specification,
  TIMED_OUT,
  type View,
} from './specification.js';

const PERMITS = 0;

const mayTake = (view: View): boolean => view.get(PERMITS) > 0;

const acquire: Action = {
  outcomes: (view) => [mayTake(view) ? GOT : TIMED_OUT],
  act(view, outcome) {
    if (outcome === GOT) view.set(PERMITS, view.get(PERMITS) - 1);
  },
  tell: (name, outcome) =>
    outcome === GOT
      ? `acquires a permit of semaphore ${name}`
      : `gives up waiting for semaphore ${name}: its time is up`,
  waits: (name) => `waits for a permit of semaphore ${name}`,
};

const actions: Specification['actions'] = {
  acquire,
  tryAcquire: {
    outcomes: (view) => [mayTake(view) ? GOT : MISSED],
    act: acquire.act as NonNullable<Action['act']>,
    tell: (name, outcome) => (outcome === GOT ? acquire.tell(name, GOT) : `finds no permit of semaphore ${name}`),
  },
  release: {
    outcomes: (view) => [view.get(PERMITS) + view.argument > view.size ? OVER_RELEASE : GOT],
    act(view, outcome) {
      if (outcome === GOT) view.set(PERMITS, view.get(PERMITS) + view.argument);
    },
    tell: (name, outcome) =>
      outcome === GOT ? `releases semaphore ${name}` : `cannot release semaphore ${name} beyond its bound`,
  },
  value: look('value', (view) => view.get(PERMITS)),
};

const slots: Specification['slots'] = (_, initial) => [{ initial }];

export const SEMAPHORE: Specification = { kind: 'Semaphore', slots, actions };
export const BOUNDED_SEMAPHORE: Specification = { kind: 'BoundedSemaphore', slots, actions };
