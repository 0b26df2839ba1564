/** Scenarios of the drivers: what one pass of a wait leaves for the next, whichever way the sleep between them ends. */
import type { Scenario } from 'atomics-sync-free/check';
import { Member } from '#dist/core/memory/member.js';
import { FAILED, turn } from '#dist/core/wait/block.js';
import {
  GOT,
  LAPSED,
  LAST,
  type Pass,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
  STARVING_MS,
} from '#dist/core/wait/pass.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { enterLoop, KEPT_ALIVE } from './event-loop.js';
import { type Model, modelOf, WHILE } from './world.js';

const BEFORE = STARVED | LAPSED;

const waitingAt = (words: Int32Array, gate: number, pass: Pass): Waiting =>
  new Waiting({ label: 'something' }, new Member(words, 0), pass, 0, gate, { taskGate: gate });

/** A waiter whose pass gives this answer, alone or with somebody that wakes it. */
function sleeping(answer: number, woken: boolean, expected: number): Scenario<string, string> {
  return {
    memory: { gate: 0, over: 0 },
    timeouts: !woken,
    threads: [
      {
        name: 'waiter',
        run: ({ words, at }) => {
          const state = turn(
            waitingAt(words, at.gate, () => answer),
            BEFORE,
            WHILE,
          );
          Atomics.store(words, at.over, 1);
          if (state !== expected) throw new Error(`the turn left ${state} and not ${expected}`);
        },
      },
      {
        name: 'waker',
        run: ({ words, at }, thread) => {
          // Until it was asleep, or finds that it need not sleep.
          while (woken && Atomics.load(words, at.over) === 0) {
            thread.mark();
            Atomics.store(words, at.gate, 1);
            Atomics.notify(words, at.gate, 1);
          }
        },
      },
    ],
  };
}

/** A task whose first pass comes to nothing, and that is woken, perhaps late. */
function awaiting(answer: number, late = 0): Scenario<string, string> {
  return {
    memory: { gate: 0, free: 0 },
    ghosts: { [KEPT_ALIVE]: 0 },
    threads: [
      {
        name: 'task',
        run: ({ words, at }, thread) => {
          enterLoop(thread);
          let passes = 0;
          const began = performance.now();
          const pass: Pass = (_words, _cell, _me, state) => {
            const hasStarved = performance.now() - began >= STARVING_MS;
            if (passes > 0 && ((state & STARVED) !== 0) !== hasStarved) throw new Error('it is wrong about starving');
            if (Atomics.load(words, at.free) === 0) {
              passes++;
              return answer;
            }
            if (passes > 0 && (state & (SLEPT | LAPSED)) !== SLEPT) throw new Error(`the pass was given ${state}`);
            return GOT;
          };
          waitingAt(words, at.gate, pass)
            .waitAsync({}, LAPSED)
            .then(() => {});
          if (late > 0) thread.later(() => {}, late);
        },
      },
      {
        name: 'waker',
        run: ({ words, at }) => {
          Atomics.store(words, at.free, 1);
          Atomics.add(words, at.gate, 1);
          Atomics.notify(words, at.gate);
        },
      },
    ],
  };
}

/** A task that waits in vain, and whose last pass must know that it is the last. */
function givingUp(): Scenario<string, string> {
  return {
    memory: { gate: 0 },
    ghosts: { [KEPT_ALIVE]: 0 },
    threads: [
      {
        name: 'task',
        run: ({ words, at }, thread) => {
          enterLoop(thread);
          let latest = 0;
          const pass: Pass = (_words, _cell, _me, state) => {
            latest = state;
            return SLEEP;
          };
          const waiting = waitingAt(words, at.gate, pass);
          waiting.waitAsync({ timeout: WHILE }).then((got) => {
            if (got || (latest & LAST) === 0) throw new Error(`it was ${got} after a pass that was given ${latest}`);
          });
        },
      },
    ],
  };
}

const AWAKE = STARVED | SLEPT;

const models: readonly (readonly [name: string, make: () => Scenario<string, string>])[] = [
  ['a waiter that is woken', () => sleeping(SLEEP, true, AWAKE)],
  ['a waiter that is woken from a brief sleep', () => sleeping(SLEEP_BRIEFLY, true, AWAKE)],
  ['a task that is woken', () => awaiting(SLEEP)],
  ['a task that is woken when it starves', () => awaiting(SLEEP, 5)],
  ['a task whose time is up', givingUp],
  ['a waiter whose time is up', () => sleeping(SLEEP, false, FAILED)],
  ['a waiter whose brief sleep is over', () => sleeping(SLEEP_BRIEFLY, false, AWAKE | LAPSED)],
];

export const driver: readonly Model[] = models.map(([name, make]) => modelOf('Driver', { name, size: 'small' }, make));
