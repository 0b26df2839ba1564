/**
 * Event: whether it is set, its waiters, and the waiters that a `set` has released but that have not gone on yet: they
 * will, even if a `clear` comes first.
 */
import { GOT, look, MISSED, type Specification, TIMED_OUT } from './specification.js';

const FLAG = 0;
/** Bit sets of threads. */
const WAITING = 1;
const RELEASED = 2;

export const EVENT: Specification = {
  kind: 'Event',
  slots: (_, initial) => [
    { initial, show: (value) => (value === 0 ? 'not set' : 'set') },
    { suffix: 'waiting', silent: true, tellsOf: 'threads' },
    { suffix: 'released', silent: true, tellsOf: 'threads' },
  ],
  actions: {
    /** MISSED: it begins to wait. */
    wait: {
      outcomes: (view) => [view.get(FLAG) === 0 ? MISSED : GOT],
      act(view, outcome) {
        if (outcome !== MISSED) return;
        view.set(WAITING, view.get(WAITING) | (1 << view.me));
        // Of a wait that was aborted.
        view.set(RELEASED, view.get(RELEASED) & ~(1 << view.me));
      },
      tell: (name, outcome) => (outcome === GOT ? `finds event ${name} set` : `begins to wait for event ${name}`),
    },
    goOn: {
      outcomes: (view) => [(view.get(RELEASED) >> view.me) & 1 ? GOT : TIMED_OUT],
      act(view) {
        for (const slot of [WAITING, RELEASED]) view.set(slot, view.get(slot) & ~(1 << view.me));
      },
      tell: (name, outcome) =>
        outcome === GOT ? `goes on: event ${name} was set` : `gives up waiting for event ${name}: its time is up`,
      waits: (name) => `waits for event ${name}`,
    },
    set: {
      outcomes: () => [GOT],
      act(view) {
        view.set(FLAG, 1);
        view.set(RELEASED, view.get(RELEASED) | view.get(WAITING));
        view.set(WAITING, 0);
      },
      tell: (name) => `sets event ${name}`,
    },
    clear: { outcomes: () => [GOT], act: (view) => view.set(FLAG, 0), tell: (name) => `clears event ${name}` },
    isSet: look('isSet', (view) => view.get(FLAG)),
  },
};
