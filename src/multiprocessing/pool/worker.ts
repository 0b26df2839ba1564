/** What a worker of a pool does: it takes a task, calls the function, puts the result, and so on until it is to end. */
import { turn } from '../../core/wait/turns.js';
import type { Call } from '../../tasks/call.js';
import { task } from '../../tasks/task.js';
import { untold } from '../../tasks/untold.js';
import { SHARED } from '../attach.js';
import { find } from '../find.js';
import { beProcess, type ProcessInfo } from '../here.js';
import { know } from '../ring/items.js';
import { learn } from '../ring/memories.js';
import { ENDED, NONE } from '../ring/outcome.js';
import type { Producer } from '../ring/producer.js';
import { Channel } from './channel.js';
import { Claims, ENDING, WANTED } from './claims.js';
import { ClaimedTask, type CurrentTask } from './current-task.js';
import { keep, type Named } from './memory.js';
import {
  BROKEN,
  LEAVING,
  RETURNED,
  type Result,
  ResultSegments,
  type TakenTask,
  TaskSegments,
  THREW,
} from './messages.js';
import { type Answer, perform, UNWANTED_ANSWER } from './perform.js';
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
    if (running > 0 && !isAhead && running < concurrency) await turn();
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
