/** From what the user wrote about a thread to what an execution runs. */
import { ScenarioError } from './errors.js';
import type { Start } from './execution.js';
import type { Memory, Thread, ThreadOptions } from './scenario.js';
import { running } from './simulation.js';
import type { Words } from './words.js';

/** How each re-execution of a thread begins. */
export function startOf({ run, phases }: ThreadOptions, index: number, names: readonly string[], words: Words): Start {
  if ((run === undefined) === (phases === undefined)) {
    throw new ScenarioError(`thread ${names[index]} needs either 'run' or 'phases'`);
  }
  const memory: Memory = { words: words.arrays[0], at: words.at, regions: words.arrays };
  const thread = threadOf(index, names, words);
  // Bound, so that no frame of the explorer comes between.
  const body = run?.bind(undefined, memory, thread);
  return () => phases?.(memory, thread) ?? [body as () => unknown];
}

/** The Thread that the code is given: one for all re-executions, so frozen, and about the one that runs now. */
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
      if (!(alternatives >= 1)) running().refuse(`choose() needs at least one alternative, not ${alternatives}`);
      return Number(running().perform('choose', -1, alternatives, 0, thread.choose));
    },
    step() {
      running().perform('step', -1, 0, 0, thread.step);
    },
    mark(key = '') {
      running().mark(() => String(key), thread.mark);
    },
    past: () => running().past(),
    ghost: Object.freeze({
      add: (name, value) => running().ghost({ word: words.ghost(name), value, relative: true }),
      set: (name, value) => running().ghost({ word: words.ghost(name), value, relative: false }),
    }),
    joinDead(...threads) {
      running().asksWhoItIs = true;
      let among = 0;
      names.forEach((name, each) => {
        if (threads.length === 0 ? each !== index : threads.includes(name)) among |= 1 << each;
      });
      return Number(running().perform('joinDead', -1, among, 0, thread.joinDead));
    },
    later: (callback, delay = 0) => running().later(callback, delay),
    abandonWaits: () => running().abandonWaits(),
  };
  return Object.freeze(thread);
}
