/** What a worker of a pool does: it takes a task, calls the function, puts the result, and so on until it is to end. */
import { SyncError } from '../../core/errors.js';
import type { Call, Function_ } from '../../tasks/call.js';
import { explained } from '../../tasks/source.js';
import { task } from '../../tasks/task.js';
import { SHARED } from '../attach.js';
import { find } from '../find.js';
import { beProcess, type ProcessInfo } from '../here.js';
import { know } from '../ring/items.js';
import { learn } from '../ring/memories.js';
import { ENDED, NONE } from '../ring/outcome.js';
import type { Producer } from '../ring/producer.js';
import { Channel } from './channel.js';
import { Claims, ENDING, WANTED } from './claims.js';
import { ClaimedTask, type CurrentTask, callAs } from './current-task.js';
import { keep, type Named } from './memory.js';
import {
  APPLY,
  BROKEN,
  EACH,
  LEAVING,
  MIXED,
  RETURNED,
  type Result,
  type ResultForm,
  ResultSegments,
  STARMAP,
  type TakenTask,
  TaskSegments,
  THREW,
  VALUE,
} from './messages.js';
import { Texts } from './texts.js';

for (const shared of [...SHARED, Channel]) know(shared);

/** What a worker is started with. */
export interface Brief {
  readonly tasks: Channel;
  readonly results: Channel;
  readonly board: Int32Array;
  /** The texts of the functions (texts.ts). */
  readonly texts: SharedArrayBuffer;
  /** From 1 on. */
  readonly worker: number;
  readonly name: string;
  /** The owner of the pool. */
  readonly parent: ProcessInfo;
  readonly initializer: Call | undefined;
  readonly initargs: readonly unknown[];
  /** The memory that these refer to, by the names that tasks have for it. */
  readonly given: Named;
  /** How many tasks it does, and then ends. */
  readonly maxTasks: number;
  /** How many tasks that wait for something it does at once. */
  readonly concurrency: number;
  /** How long a task that was given up may go on, in ms. */
  readonly grace: number;
}

/** A worker that has had nothing to do for so long, in ms, waits on: its event loop turns then. */
const IDLE_MS = 5;

export interface Answer {
  readonly form: ResultForm;
  readonly value: unknown;
  /** The value as bytes, in its place. */
  readonly bytes?: Uint8Array | undefined;
}

/** What comes of a task that was given up. */
export const UNWANTED_ANSWER: Answer = { form: VALUE, value: undefined };

// Taken before a task puts fakes in their place.
const { setImmediate, setTimeout: after } = globalThis as {
  setImmediate?: (call: () => void) => unknown;
  setTimeout: (call: () => void) => unknown;
};
const nextTurn = setImmediate ?? after;

/** Who does the tasks that a worker takes: it itself, or a child process that it keeps. */
export interface Doer {
  /** Calls the initializer. */
  begin(brief: Brief): Promise<void>;
  /** Does a task, at once where it need not wait; rejected only when it can do no more. */
  perform(task: TakenTask, current: CurrentTask): Answer | Promise<Answer>;
  /** Aborts when it can do no more, with the reason. */
  readonly ended?: AbortSignal;
  /**
   * Whether it may have one task more, where it is sent them ahead; it then sees for itself to those that were given up.
   *
   * @param has how many it has
   * @param waiting how many wait to be taken
   */
  mayHave?(has: number, waiting: number): boolean;
}

/** Takes tasks and puts their results until it is to end. */
export async function work(brief: Brief, doer: Doer): Promise<void> {
  const { worker, maxTasks, concurrency } = brief;
  const signal = doer.ended;
  for (const [id, buffer] of brief.given) learn(buffer, id);
  const claims = new Claims(brief.board);
  const texts = new Texts(brief.texts);
  const isAhead = doer.mayHave !== undefined;
  const tasks = brief.tasks.open((memory) => new TaskSegments(memory, claims, worker, texts, isAhead));
  const { consumer } = tasks;
  const { producer } = brief.results.open((memory) => new ResultSegments(memory));
  try {
    await doer.begin(brief);
  } catch (error) {
    return put(producer, { slot: 0, generation: 0, form: BROKEN, worker, value: error });
  }
  claims.setReady(worker, true);
  let begun = 0;
  let running = 0;
  let ending = false;
  let failure: { readonly error: unknown } | undefined;
  let told = (): void => {};
  const whenOneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      told = resolve;
    });
  const report = ({ slot, generation }: TakenTask, current: ClaimedTask, answer: Answer): void => {
    current.end();
    const finish = claims.finish(slot, generation, worker);
    const { form, value, bytes } = finish === WANTED ? answer : UNWANTED_ANSWER;
    if (answer.form === RETURNED) begun--;
    if (finish === ENDING && !isAhead) ending = true;
    else put(producer, { slot, generation, form, worker, value, bytes, named: undefined });
  };
  const isBusy = (): boolean =>
    doer.mayHave === undefined ? running >= concurrency : running > 0 && !doer.mayHave(running, tasks.size);
  while (begun < maxTasks && !ending) {
    if (isBusy()) {
      await whenOneEnds();
      if (failure !== undefined) throw failure.error;
      continue;
    }
    signal?.throwIfAborted();
    const soon = consumer.get(running === 0 ? IDLE_MS : 0);
    const taken = (soon === NONE ? await consumer.getAsync({ signal }) : soon) as TakenTask | typeof ENDED | undefined;
    if (taken === ENDED) break;
    if (taken === undefined) continue;
    begun++;
    const current = new ClaimedTask(claims, taken.slot, taken.generation, worker);
    const answer = doer.perform(taken, current);
    if (!(answer instanceof Promise)) {
      report(taken, current, answer);
      // What the function has left to microtasks.
      await undefined;
    } else {
      running++;
      answer
        .then((came) => report(taken, current, came))
        .catch((error) => {
          failure = { error };
        })
        .finally(() => {
          running--;
          told();
        });
    }
    // What runs has its turn of the event loop, however many tasks come.
    if (running > 0 && !isAhead && running < concurrency) await new Promise<void>((resolve) => nextTurn(resolve));
  }
  while (running > 0 && !ending) {
    await whenOneEnds();
    if (failure !== undefined) throw failure.error;
  }
  if (begun >= maxTasks && !ending) put(producer, { slot: 0, generation: 0, form: LEAVING, worker, value: undefined });
}

const itself: Doer = {
  async begin({ initializer, initargs, name, parent }) {
    beProcess({ name, daemon: true }, parent);
    await initialize(initializer, initargs);
  },
  perform,
};

export async function initialize(initializer: Call | undefined, initargs: readonly unknown[]): Promise<void> {
  if (initializer !== undefined) await (await find(initializer))(...(initargs as never[]));
}

/** Found under its name by the workers, in the module that has it: the package's, or what a bundler has made of that. */
export const poolWorker = task(import.meta.url, 'worker of a pool of atomics-sync-free', (brief: Brief) =>
  work(brief, itself),
);

/** Its name where the worker's own module serves functions: no function of a user's has it. */
export const SERVED_POOL_WORKER = 'worker of a pool of atomics-sync-free';

interface Found {
  readonly fn: Function_;
  readonly call: Call;
}

const functions = new Map<string, Found>();

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
  try {
    const value = form === APPLY ? callAs(current, () => fn(...args)) : callAll(fn, form === STARMAP, args, current);
    if (!isThenable(value)) return { form: VALUE, value };
    return (async () => ({ form: VALUE, value: await value }) as Answer)().catch((error) => threw(error, found));
  } catch (error) {
    return threw(error, found);
  }
}

const threw = (error: unknown, found: Found): Answer => ({ form: THREW, value: told(error, found) });

async function findFor(text: string): Promise<Found> {
  const call = JSON.parse(text) as Call;
  const found = { fn: await find(call), call };
  functions.set(text, found);
  return found;
}

const told = (error: unknown, { call }: Found): unknown => (call.way === 'source' ? explained(error, call) : error);

const isThenable = (value: unknown): boolean => typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** Waits for each promise, and not where there is none. */
function callAll(
  fn: (...args: readonly unknown[]) => unknown,
  spread: boolean,
  items: readonly unknown[],
  current: CurrentTask,
): unknown[] | Promise<unknown[]> {
  const values: unknown[] = [];
  const call = (item: unknown): unknown => callAs(current, () => (spread ? fn(...(item as unknown[])) : fn(item)));
  const goOn = async (first: unknown): Promise<unknown[]> => {
    values.push(await first);
    while (values.length < items.length) values.push(await call(items[values.length]));
    return values;
  };
  while (values.length < items.length) {
    const value = call(items[values.length]);
    if (isThenable(value)) return goOn(value);
    values.push(value);
  }
  return values;
}

function callEach(found: Found, items: readonly unknown[], current: CurrentTask): Answer | Promise<Answer> {
  const fn = found.fn as (item: unknown) => unknown;
  const pairs: [boolean, unknown][] = [];
  const one = (item: unknown): [boolean, unknown] => {
    try {
      return [true, callAs(current, () => fn(item))];
    } catch (error) {
      return [false, told(error, found)];
    }
  };
  const goOn = async (first: [boolean, unknown]): Promise<Answer> => {
    for (let pair = first; ; pair = one(items[pairs.length])) {
      try {
        pairs.push([pair[0], pair[0] ? await pair[1] : pair[1]]);
      } catch (error) {
        pairs.push([false, told(error, found)]);
      }
      if (pairs.length === items.length) return answerOf(pairs);
    }
  };
  while (pairs.length < items.length) {
    const pair = one(items[pairs.length]);
    if (pair[0] && isThenable(pair[1])) return goOn(pair);
    pairs.push(pair);
  }
  return answerOf(pairs);
}

const answerOf = (pairs: [boolean, unknown][]): Answer =>
  pairs.every(([returned]) => returned)
    ? { form: VALUE, value: pairs.map(([, value]) => value) }
    : { form: MIXED, value: pairs };

/** What cannot be sent is told of in its place. */
function put(producer: Producer, result: Result): void {
  try {
    producer.put(result, Infinity);
    if (result.named !== undefined && result.named.size > 0) keep(result.named);
  } catch (refused) {
    const { form, value } = result;
    const lost = form === THREW || form === BROKEN;
    producer.put(
      { ...result, bytes: undefined, form: lost ? form : THREW, value: lost ? untold(value, refused) : refused },
      Infinity,
    );
  }
}

/** What is told of an error that cannot be sent. */
export function untold(error: unknown, refused: unknown): SyncError {
  const text = error instanceof Error ? error.stack : String(error);
  return new SyncError('ERR_NOT_CLONEABLE', `${(refused as Error).message}; it was: ${text}`);
}
