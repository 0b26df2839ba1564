/** From what the user wrote about a thread to what an execution runs. */
import { ScenarioError } from './errors.js';
import type { Execution, Start } from './execution.js';
import type { Body, Memory, Thread, ThreadOptions } from './scenario.js';
import type { Words } from './words.js';

/** How each re-execution of a thread begins. */
export function startOf({ run, phases }: ThreadOptions, index: number, names: readonly string[], words: Words): Start {
  if ((run === undefined) === (phases === undefined)) {
    throw new ScenarioError(`thread ${names[index]} needs either 'run' or 'phases'`);
  }
  const memory: Memory = { words: words.arrays[0], at: words.at, regions: words.arrays };
  return (execution) => {
    const thread = threadOver(execution, index, names, words);
    // Bound, so that no frame of the explorer comes between.
    return phases?.(memory, thread) ?? [(run as Body).bind(undefined, memory, thread)];
  };
}

/** The Thread that the code of one re-execution is given. */
function threadOver(execution: Execution, index: number, names: readonly string[], words: Words): Thread {
  const thread: Thread = {
    get index() {
      execution.asksWhoItIs = true;
      return index;
    },
    get name() {
      execution.asksWhoItIs = true;
      return names[index];
    },
    choose(alternatives) {
      if (!(alternatives >= 1)) execution.refuse(`choose() needs at least one alternative, not ${alternatives}`);
      return Number(execution.perform('choose', -1, alternatives, 0, thread.choose));
    },
    step() {
      execution.perform('step', -1, 0, 0, thread.step);
    },
    mark(key = '') {
      execution.mark(() => String(key), thread.mark);
    },
    past: () => execution.past(),
    ghost: {
      add: (name, value) => execution.ghost({ word: words.ghost(name), value, relative: true }),
      set: (name, value) => execution.ghost({ word: words.ghost(name), value, relative: false }),
    },
    joinDead(...threads) {
      execution.asksWhoItIs = true;
      let among = 0;
      names.forEach((name, each) => {
        if (threads.length === 0 ? each !== index : threads.includes(name)) among |= 1 << each;
      });
      return Number(execution.perform('joinDead', -1, among, 0, thread.joinDead));
    },
    later: (callback, delay = 0) => execution.later(callback, delay),
    abandonWaits: () => execution.abandonWaits(),
  };
  return thread;
}
