/** How a task is done: its function is found, and called. */

import { isThenable } from '../../core/arguments.js';
import type { Call, Function_ } from '../../tasks/call.js';
import { callWith, FRAME } from '../../tasks/frame.js';
import { MOST_FUNCTIONS, Recent } from '../../tasks/recent.js';
import { explained } from '../../tasks/source.js';
import { find } from '../find.js';
import { type CurrentTask, callAs } from './current-task.js';
import { APPLY, EACH, MIXED, type ResultForm, STARMAP, type TakenTask, THREW, VALUE } from './messages.js';

/** The outcome of a task. */
export interface Answer {
  readonly form: ResultForm;
  readonly value: unknown;
  /** The item at which it threw, if it has several. */
  readonly at?: number | undefined;
  /** The value as bytes, in place of `value`. */
  readonly bytes?: Uint8Array | undefined;
}

/** The outcome of a task that was given up. */
export const UNWANTED_ANSWER: Answer = { form: VALUE, value: undefined };

interface Found {
  readonly fn: Function_;
  readonly call: Call;
}

/** By the texts of their calls. One that was forgotten is found again. */
const functions = new Recent<string, Found>(MOST_FUNCTIONS);

/** What is needed of a task to do it. */
type Performed = Pick<TakenTask, 'form' | 'call' | 'args' | 'failure'>;

/** Does a task in this agent. */
export function perform(task: Performed, current: CurrentTask): Answer | Promise<Answer> {
  const found = functions.get(task.call);
  if (found === undefined || task.failure !== undefined) return performFirst(task, current);
  return performBy(found, task, current);
}

async function performFirst({ form, call, args, failure }: Performed, current: CurrentTask): Promise<Answer> {
  let found: Found;
  try {
    if (failure !== undefined) throw failure.error;
    found = await findFor(call);
  } catch (error) {
    return { form: THREW, value: error };
  }
  return performBy(found, { form, args }, current);
}

function performBy(
  found: Found,
  { form, args }: Pick<TakenTask, 'form' | 'args'>,
  current: CurrentTask,
): Answer | Promise<Answer> {
  const fn = found.fn as (...args: readonly unknown[]) => unknown;
  if (form === EACH) return callEach(found, args, current);
  const progress: Progress = { at: undefined };
  try {
    const value =
      form === APPLY
        ? callAs(current, () => callWith(fn, args))
        : callAll(fn, form === STARMAP, args, current, progress);
    if (!isThenable(value)) return { form: VALUE, value };
    return answerIn(value).catch((error) => threw(error, found, progress));
  } catch (error) {
    return threw(error, found, progress);
  }
}

/** At which of several items a task is, or was when it threw. */
interface Progress {
  at: number | undefined;
}

const answerIn = {
  async 'atomics-sync-free'(value: unknown): Promise<Answer> {
    return { form: VALUE, value: await value };
  },
}[FRAME];

const threw = (error: unknown, found: Found, { at }: Progress): Answer => ({
  form: THREW,
  value: told(error, found),
  at,
});

async function findFor(text: string): Promise<Found> {
  const call = JSON.parse(text) as Call;
  const found = { fn: await find(call), call };
  functions.set(text, found);
  return found;
}

const told = (error: unknown, { call }: Found): unknown => (call.way === 'source' ? explained(error, call) : error);

/** Awaits each promise, and does not wait if there is none. */
function callAll(
  fn: (...args: readonly unknown[]) => unknown,
  spread: boolean,
  items: readonly unknown[],
  current: CurrentTask,
  progress: Progress,
): unknown[] | Promise<unknown[]> {
  // Made at its full length: a growing array takes three times as long.
  const values = new Array<unknown>(items.length);
  let done = 0;
  const { [FRAME]: goOn } = {
    'atomics-sync-free'(): PromiseLike<unknown> | undefined {
      try {
        for (; done < items.length; done++) {
          const item = items[done];
          const value = spread ? fn(...(item as unknown[])) : fn(item);
          if (isThenable(value)) return value;
          values[done] = value;
        }
        return undefined;
      } finally {
        progress.at = done;
      }
    },
  };
  const { [FRAME]: wait } = {
    async 'atomics-sync-free'(first: PromiseLike<unknown>): Promise<unknown[]> {
      for (let next: typeof first | undefined = first; next !== undefined; next = callAs(current, goOn))
        values[done++] = await next;
      return values;
    },
  };
  const first = callAs(current, goOn);
  return first === undefined ? values : wait(first);
}

function callEach(found: Found, items: readonly unknown[], current: CurrentTask): Answer | Promise<Answer> {
  const fn = found.fn as (item: unknown) => unknown;
  const pairs: [boolean, unknown][] = [];
  const { [FRAME]: goOn } = {
    'atomics-sync-free'(): PromiseLike<unknown> | undefined {
      while (pairs.length < items.length) {
        try {
          const value = fn(items[pairs.length]);
          if (isThenable(value)) return value;
          pairs.push([true, value]);
        } catch (error) {
          pairs.push([false, told(error, found)]);
        }
      }
      return undefined;
    },
  };
  const { [FRAME]: wait } = {
    async 'atomics-sync-free'(first: PromiseLike<unknown>): Promise<Answer> {
      for (let next: typeof first | undefined = first; next !== undefined; next = callAs(current, goOn)) {
        try {
          pairs.push([true, await next]);
        } catch (error) {
          pairs.push([false, told(error, found)]);
        }
      }
      return answerOf(pairs);
    },
  };
  const first = callAs(current, goOn);
  return first === undefined ? answerOf(pairs) : wait(first);
}

const answerOf = (pairs: [boolean, unknown][]): Answer =>
  pairs.every(([returned]) => returned)
    ? { form: VALUE, value: pairs.map(([, value]) => value) }
    : { form: MIXED, value: pairs };
