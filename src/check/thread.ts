/** From what the user wrote about a thread to what an execution runs. */
import { ScenarioError } from './errors.js';
import type { Start } from './execution.js';
import { nearest } from './nearest.js';
import { show, WORD, wholeFrom } from './rules.js';
import type { Memory, Thread, ThreadOptions } from './scenario.js';
import { running } from './simulation.js';
import type { Words } from './words.js';

const COUNT = wholeFrom(1);
/** Each alternative is a move, and most likely a state. */
const MOST_ALTERNATIVES = 1_000_000;

/** How each re-execution of a thread begins. */
export function startOf({ run, phases }: ThreadOptions, index: number, names: readonly string[], words: Words): Start {
  if ((run === undefined) === (phases === undefined)) {
    throw new ScenarioError(`thread ${names[index]} needs either 'run' or 'phases'`);
  }
  const memory: Memory = { words: words.arrays[0], at: words.at, regions: words.arrays };
  const thread = threadOf(index, names, words);
  // Bound, so that no frame of the explorer comes in between.
  const body = run?.bind(undefined, memory, thread);
  if (phases === undefined) return () => [body as () => unknown];
  return () => {
    const list: unknown = phases(memory, thread);
    if (!Array.isArray(list) || !list.every((each) => typeof each === 'function'))
      return running().refuse(`the phases of thread ${names[index]} must be a list of functions`);
    return list;
  };
}

/** The Thread that the code receives: one for all re-executions, therefore frozen, and referring to the running one. */
function threadOf(index: number, names: readonly string[], words: Words): Thread {
  const thread: Thread = {
    get index() {
      running().asksWhoItIs = true;
      return index;
    },
    get name() {
      running().asksWhoItIs = true;
      return names[index];
    },
    choose(alternatives) {
      if (!COUNT.is(alternatives) || alternatives > MOST_ALTERNATIVES) {
        running().refuse(
          `choose() takes ${COUNT.wanted} to ${MOST_ALTERNATIVES}, not ${show(alternatives)}`,
          thread.choose,
        );
      }
      return Number(running().perform('choose', -1, alternatives, 0, thread.choose));
    },
    step() {
      running().perform('step', -1, 0, 0, thread.step);
    },
    mark(key = '') {
      if (typeof key === 'object' || typeof key === 'function' || typeof key === 'symbol')
        running().refuse(`the key of mark() must be a string, a number or a boolean, not ${show(key)}`, thread.mark);
      running().mark(() => String(key), thread.mark);
    },
    past: () => running().past(),
    ghost: Object.freeze({
      add: (name, value) => running().ghost({ word: words.ghost(name), value: ghostValue(value), relative: true }),
      set: (name, value) => running().ghost({ word: words.ghost(name), value: ghostValue(value), relative: false }),
    }),
    joinDead(...threads) {
      running().asksWhoItIs = true;
      for (const name of threads) {
        if (!names.includes(name) || name === names[index]) {
          const near = nearest(String(name), names);
          running().refuse(`joinDead(): there is no other thread ${show(name)}${near}`, thread.joinDead);
        }
      }
      let among = 0;
      names.forEach((name, each) => {
        if (threads.length === 0 ? each !== index : threads.includes(name)) among |= 1 << each;
      });
      return Number(running().perform('joinDead', -1, among, 0, thread.joinDead));
    },
    later(callback, delay = 0) {
      if (typeof callback !== 'function')
        running().refuse(`later() takes a function, not ${show(callback)}`, thread.later);
      if (typeof delay !== 'number' || !(delay >= 0))
        running().refuse(`the delay of later() must be 0 or more ms, not ${show(delay)}`, thread.later);
      return running().later(callback, delay);
    },
    abandonWaits: () => running().abandonWaits(),
  };
  return Object.freeze(thread);
}

function ghostValue(value: number): number {
  return WORD.is(value) ? value : running().refuse(`the value of a ghost must be ${WORD.wanted}, not ${show(value)}`);
}
