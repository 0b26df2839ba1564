/**
 * RWLock: who writes, how often each thread reads, and whether a writer starves.
 *
 * A writer that has waited for long admits no new readers, while threads that already read may read again. When that
 * happens depends on the clock, so here it may happen at any moment: it is a step of the waiting writer, after which it
 * waits on. It can deadlock threads that need each other to read. A free lock is withheld from nobody: its reservation
 * lapses.
 */
import {
  type Action,
  GOT,
  look,
  MISSED,
  NOT_HELD,
  NOT_OWNER,
  ownerWord,
  SELF_DEADLOCK,
  type Specification,
  STAYS,
  TIMED_OUT,
  type View,
} from './specification.js';

const WRITER = 0;
const STARVING = 1;
/** How often each thread reads. */
const READS = 2;

const readsOf = (view: View, thread = view.me): number => view.get(READS + thread);
const writes = (view: View): boolean => view.get(WRITER) === ownerWord(view.me);

function readersIn(view: View): number {
  let all = 0;
  for (let thread = 0; thread < view.threads; thread++) all += readsOf(view, thread);
  return all;
}

function mayRead(view: View): boolean {
  if (view.get(WRITER) !== 0) return false;
  return view.get(STARVING) === 0 || readsOf(view) > 0 || readersIn(view) === 0;
}

const mayWrite = (view: View): boolean => view.get(WRITER) === 0 && readersIn(view) === 0;

function read(view: View, outcome: number): void {
  if (outcome === GOT) view.set(READS + view.me, readsOf(view) + 1);
}

function write(view: View, outcome: number): void {
  if (outcome === GOT) view.set(WRITER, ownerWord(view.me));
  if (outcome !== MISSED) view.set(STARVING, outcome === STAYS ? 1 : 0);
}

const refusal = (view: View): number => (view.get(WRITER) === 0 && readersIn(view) === 0 ? NOT_HELD : NOT_OWNER);

const told = (name: string, outcome: number, what: string): string =>
  ({
    [GOT]: `acquires lock ${name} for ${what}`,
    [MISSED]: `cannot acquire lock ${name} for ${what}: it is held`,
    [TIMED_OUT]: `gives up waiting for lock ${name}: its time is up`,
    [STAYS]: `has waited for lock ${name} for long, and lets nobody else in`,
    [SELF_DEADLOCK]: `cannot acquire lock ${name} for ${what}, as it holds it already`,
  })[outcome] ?? '';

const ended = (name: string, outcome: number, what: string): string =>
  outcome === GOT ? `releases lock ${name}` : `cannot release lock ${name}, which it does not hold for ${what}`;

const reading: Action = {
  outcomes: (view) => (writes(view) ? [SELF_DEADLOCK] : [mayRead(view) ? GOT : TIMED_OUT]),
  act: read,
  tell: (name, outcome) => told(name, outcome, 'reading'),
  waits: (name) => `waits for lock ${name} for reading`,
};

const writing: Action = {
  outcomes: (view) => {
    if (writes(view) || readsOf(view) > 0) return [SELF_DEADLOCK];
    if (mayWrite(view)) return [GOT];
    return view.get(WRITER) === 0 && view.get(STARVING) === 0 ? [STAYS, TIMED_OUT] : [TIMED_OUT];
  },
  act(view, outcome) {
    if (outcome !== SELF_DEADLOCK) write(view, outcome);
  },
  tell: (name, outcome) => told(name, outcome, 'writing'),
  waits: (name) => `waits for lock ${name} for writing`,
};

export const RWLOCK: Specification = {
  kind: 'RWLock',
  slots: (_, __, threads) => [
    {
      show: (value, names) => (value === 0 ? 'nobody writes' : `written by ${names[value - 1]}`),
      tellsOf: 'owner',
    },
    { suffix: 'starving writer', silent: true },
    ...Array.from({ length: threads }, (_, thread) => ({
      suffix: 'readers',
      tellsOf: thread,
      show: (value: number, names: readonly string[]) => `${value} by ${names[thread]}`,
    })),
  ],
  actions: {
    read: reading,
    tryRead: { ...reading, outcomes: (view) => [mayRead(view) ? GOT : MISSED] },
    endRead: {
      outcomes: (view) => [readsOf(view) > 0 ? GOT : refusal(view)],
      act(view, outcome) {
        if (outcome === GOT) view.set(READS + view.me, readsOf(view) - 1);
      },
      tell: (name, outcome) => ended(name, outcome, 'reading'),
    },
    write: writing,
    tryWrite: { ...writing, outcomes: (view) => [mayWrite(view) ? GOT : MISSED] },
    endWrite: {
      outcomes: (view) => [writes(view) ? GOT : refusal(view)],
      act(view, outcome) {
        if (outcome === GOT) view.set(WRITER, 0);
      },
      tell: (name, outcome) => ended(name, outcome, 'writing'),
    },
    readers: look('readers', readersIn),
    writing: look('writing', (view) => (view.get(WRITER) === 0 ? 0 : 1)),
  },
  holders(view, names) {
    const owner = view.get(WRITER);
    if (owner !== 0) return `written by ${names[owner - 1]}`;
    const readers = names.filter((_, thread) => readsOf(view, thread) > 0);
    const kept = view.get(STARVING) === 0 ? '' : ', and kept from newcomers for a writer that has waited for long';
    return readers.length === 0 ? '' : `read by ${readers.join(' and ')}${kept}`;
  },
};
