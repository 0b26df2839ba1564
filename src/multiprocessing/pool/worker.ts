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
import { Claims } from './claims.js';
import { keep, type Named } from './memory.js';
import {
  APPLY,
  BROKEN,
  EACH,
  LEAVING,
  MIXED,
  type Result,
  type ResultForm,
  ResultSegments,
  STARMAP,
  type TakenTask,
  TaskSegments,
  THREW,
  VALUE,
} from './messages.js';

for (const shared of [...SHARED, Channel]) know(shared);

/** What a worker is started with. */
export interface Brief {
  readonly tasks: Channel;
  readonly results: Channel;
  readonly board: Int32Array;
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
}

/** A worker that has had nothing to do for so long, in ms, waits on: its event loop turns then. */
const IDLE_MS = 5;

interface Answer {
  readonly form: ResultForm;
  readonly value: unknown;
}

/** Found under its name by the workers, in the module that has it: the package's, or what a bundler has made of that. */
export const poolWorker = task(import.meta.url, 'worker of a pool of atomics-sync-free', async (brief: Brief) => {
  const { worker, maxTasks, name, parent } = brief;
  beProcess({ name, daemon: true }, parent);
  for (const [id, buffer] of brief.given) learn(buffer, id);
  const claims = new Claims(brief.board);
  const { consumer } = brief.tasks.open((memory) => new TaskSegments(memory, claims, worker));
  const { producer } = brief.results.open((memory) => new ResultSegments(memory));
  try {
    if (brief.initializer !== undefined) await (await find(brief.initializer))(...(brief.initargs as never[]));
  } catch (error) {
    return put(producer, { slot: 0, generation: 0, form: BROKEN, worker, value: error });
  }
  claims.setReady(worker, true);
  for (let done = 0; done < maxTasks; ) {
    const soon = consumer.get(IDLE_MS);
    const taken = (soon === NONE ? await consumer.getAsync({}) : soon) as TakenTask | typeof ENDED | undefined;
    if (taken === ENDED) return;
    if (taken === undefined) continue;
    const { slot, generation } = taken;
    const answer = await perform(taken);
    if (!claims.finish(slot, generation, worker)) return;
    put(producer, { slot, generation, worker, ...answer });
    done++;
  }
  put(producer, { slot: 0, generation: 0, form: LEAVING, worker, value: undefined });
});

interface Found {
  readonly fn: Function_;
  readonly call: Call;
}

const functions = new Map<string, Found>();

async function perform({ form, call, args, failure }: TakenTask): Promise<Answer> {
  let found: Found | undefined;
  try {
    if (failure !== undefined) throw failure.error;
    found = functions.get(call) ?? (await findFor(call));
    const fn = found.fn as (...args: readonly unknown[]) => unknown;
    if (form === APPLY) return { form: VALUE, value: await fn(...args) };
    return form === EACH
      ? await callEach(found, args)
      : { form: VALUE, value: await callAll(fn, form === STARMAP, args) };
  } catch (error) {
    return { form: THREW, value: found === undefined ? error : told(error, found) };
  }
}

async function findFor(text: string): Promise<Found> {
  const call = JSON.parse(text) as Call;
  const found = { fn: await find(call), call };
  functions.set(text, found);
  return found;
}

const told = (error: unknown, { call }: Found): unknown => (call.way === 'source' ? explained(error, call) : error);

const isThenable = (value: unknown): boolean => typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** A turn for each promise, and none for what is there. */
async function callAll(
  fn: (...args: readonly unknown[]) => unknown,
  spread: boolean,
  items: readonly unknown[],
): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const item of items) {
    const value = spread ? fn(...(item as unknown[])) : fn(item);
    values.push(isThenable(value) ? await value : value);
  }
  return values;
}

async function callEach(found: Found, items: readonly unknown[]): Promise<Answer> {
  const fn = found.fn as (item: unknown) => unknown;
  const pairs: [boolean, unknown][] = [];
  for (const item of items) {
    try {
      const value = fn(item);
      pairs.push([true, isThenable(value) ? await value : value]);
    } catch (error) {
      pairs.push([false, told(error, found)]);
    }
  }
  if (pairs.every(([returned]) => returned)) return { form: VALUE, value: pairs.map(([, value]) => value) };
  return { form: MIXED, value: pairs };
}

/** What cannot be sent is told of in its place. */
function put(producer: Producer, result: Result): void {
  try {
    producer.put(result, Infinity);
    if (result.named !== undefined) keep(result.named);
  } catch (refused) {
    const { form, value } = result;
    const lost = form === THREW || form === BROKEN;
    producer.put({ ...result, form: lost ? form : THREW, value: lost ? untold(value, refused) : refused }, Infinity);
  }
}

/** What is told of an error that cannot be sent. */
function untold(error: unknown, refused: unknown): SyncError {
  const text = error instanceof Error ? error.stack : String(error);
  return new SyncError('ERR_NOT_CLONEABLE', `${(refused as Error).message}; it was: ${text}`);
}
