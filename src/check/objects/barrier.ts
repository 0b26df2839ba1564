/**
 * Barrier: its phase, and how many parties are in it. The last to arrive runs the action, as ordinary code, and then
 * opens the barrier; a thread that arrives while others leave waits until they have left.
 */
import { type Action, BROKEN, GOT, look, type Specification, TIMED_OUT, type View } from './specification.js';

const PHASE = 0;
const COUNT = 1;

const FILLING = 0;
const DRAINING = 1;
const RESETTING = 2;
const BROKEN_PHASE = 3;
const PHASES = ['filling', 'open', 'being reset', 'broken'];

/** One party less; the last one makes room for the next round. */
function leave(view: View): void {
  view.set(COUNT, view.get(COUNT) - 1);
  if (view.get(COUNT) === 0 && view.get(PHASE) !== BROKEN_PHASE) view.set(PHASE, FILLING);
}

const told = (name: string, outcome: number, passes: string): string =>
  outcome === BROKEN ? `finds barrier ${name} broken` : `${passes} barrier ${name}`;

const arrive: Action = {
  outcomes: (view) => {
    const [phase, count] = [view.get(PHASE), view.get(COUNT)];
    if (phase === BROKEN_PHASE) return [BROKEN];
    return phase === FILLING && count < view.size ? [count] : [];
  },
  act(view, outcome) {
    if (outcome >= 0) view.set(COUNT, outcome + 1);
  },
  tell: (name, outcome) => told(name, outcome, 'arrives at'),
  waits: (name) => `waits to be let in at barrier ${name}`,
};

export const BARRIER: Specification = {
  kind: 'Barrier',
  slots: () => [{ show: (phase) => PHASES[phase] }, { suffix: 'parties' }],
  actions: {
    /** Gives the caller's position in the order of arrival. */
    arrive,
    /** As `arrive`, or the number of parties if the caller has to wait first. */
    tryArrive: {
      outcomes: (view) => {
        const [place = view.size] = arrive.outcomes(view);
        return [place];
      },
      act(view, outcome) {
        if (outcome < view.size) arrive.act?.(view, outcome);
      },
      tell: arrive.tell,
    },
    open: {
      outcomes: (view) => [view.get(PHASE) === FILLING ? GOT : BROKEN],
      act(view, outcome) {
        if (outcome === GOT) view.set(PHASE, DRAINING);
        leave(view);
      },
      tell: (name, outcome) => told(name, outcome, 'opens'),
    },
    /** The action has failed. */
    fail: {
      outcomes: () => [GOT],
      act(view) {
        if (view.get(PHASE) === FILLING) view.set(PHASE, BROKEN_PHASE);
        leave(view);
      },
      tell: (name) => `breaks barrier ${name}, since its action failed`,
    },
    pass: {
      outcomes: (view) => {
        const phase = view.get(PHASE);
        if (phase !== FILLING) return [phase === DRAINING ? GOT : BROKEN];
        return view.get(COUNT) < view.size ? [TIMED_OUT] : [];
      },
      act(view, outcome) {
        if (outcome === TIMED_OUT) view.set(PHASE, BROKEN_PHASE);
        leave(view);
      },
      tell: (name, outcome) =>
        outcome === TIMED_OUT ? `breaks barrier ${name}, since its time is up` : told(name, outcome, 'passes'),
      waits: (name) => `waits at barrier ${name}`,
    },
    reset: {
      outcomes: () => [GOT],
      act(view) {
        const [phase, count] = [view.get(PHASE), view.get(COUNT)];
        if (phase === DRAINING || phase === RESETTING || (phase === FILLING && count % view.size === 0)) return;
        view.set(PHASE, count === 0 ? FILLING : RESETTING);
      },
      tell: (name) => `resets barrier ${name}`,
    },
    abort: {
      outcomes: () => [GOT],
      act: (view) => view.set(PHASE, BROKEN_PHASE),
      tell: (name) => `breaks barrier ${name}`,
    },
    nWaiting: look('nWaiting', (view) => (view.get(PHASE) === FILLING ? view.get(COUNT) : 0)),
    broken: look('broken', (view) => (view.get(PHASE) === BROKEN_PHASE ? 1 : 0)),
  },
  holders: (view) =>
    view.get(PHASE) === FILLING ? `where ${view.get(COUNT)} of ${view.size} parties have arrived` : '',
};
