/** What a worker of a pool does: it takes a task, calls the function, puts the result, and so on until it is to end. */
import { hereOf } from '../../core/here.js';
import { turn } from '../../core/wait/turns.js';
import type { ChildSettings } from '../../host/settings.js';
import type { Call } from '../../tasks/call.js';
import { task } from '../../tasks/task.js';
import { tellOf } from '../../tasks/untold.js';
import { SHARED } from '../attach.js';
import { find } from '../find.js';
import { beProcess, type ProcessInfo } from '../here.js';
import { partsEnd } from '../parts.js';
import { know } from '../ring/items.js';
import { learn } from '../ring/memories.js';
import { ENDED, NONE } from '../ring/outcome.js';
import type { Producer } from '../ring/producer.js';
import type { Ring } from '../ring/ring.js';
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
  /** If it keeps a child process: bypass.ts. */
  readonly bypasses: Int32Array | undefined;
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
  /** What a child process that it keeps is started with. */
  readonly child: ChildSettings | undefined;
  /** How many tasks it does before it ends. */
  readonly maxTasks: number;
  /** How many tasks it does at once while they wait for something. */
  readonly concurrency: number;
  /** How long a task that was given up may go on, in ms. */
  readonly grace: number;
}

/** How long a worker blocks for a task, in ms; after that it waits in its event loop. */
const IDLE_MS = 5;

/** The outcome of looking for a task: undefined if nobody wants it any more, and ENDED when there will be no other. */
type Taken = TakenTask | typeof ENDED | undefined;

/** What does the tasks that a worker takes: the worker itself, or a child process that it keeps. */
export interface Doer {
  /** Calls the initializer. */
  begin(brief: Brief): Promise<void>;
  /** Does a task, synchronously if it need not wait; rejected only when no more tasks can be done. */
  perform(task: TakenTask, current: CurrentTask): Answer | Promise<Answer>;
  /** Aborts when it can do no more, with the reason. */
  readonly ended?: AbortSignal;
  /**
   * Whether it may have one more task, if it is sent them ahead; it then handles those that were given up itself.
   *
   * @param has how many it has
   * @param waiting how many wait to be taken
   */
  mayHave?(has: number, waiting: number): boolean;
  readonly bypass?: Bypassed | undefined;
}

/** How the owner sends tasks past a worker. */
export interface Bypassed {
  /** Calls something with each of them, and with the promise of its answer. */
  listen(hear: (task: Claimed, answer: Promise<Answer>) => void): void;
  /** Lets one come, if there is nothing else to do. */
  open(): void;
  /** Lets none come. @returns false when there is one that was not reported yet; it then is */
  close(): boolean;
}

/** What must be known of a task to report that it is done. */
export type Claimed = Pick<TakenTask, 'slot' | 'generation'>;

/** Takes tasks and puts their results until it is to end. */
export async function work(brief: Brief, doer: Doer): Promise<void> {
  for (const [id, buffer] of brief.given) learn(buffer, id);
  const shift = new Shift(brief, doer);
  try {
    await doer.begin(brief);
  } catch (error) {
    return shift.tell(BROKEN, error);
  }
  await shift.work();
}

/** The tasks that a worker does, from the first to the last. */
class Shift {
  readonly #brief: Brief;
  readonly #doer: Doer;
  readonly #claims: Claims;
  readonly #tasks: Ring;
  readonly #results: Producer;
  /** Whether tasks are taken before they can be begun. */
  readonly #isAhead: boolean;
  #begun = 0;
  #running = 0;
  #isEnding = false;
  #failure: { readonly error: unknown } | undefined;
  #told = (): void => {};

  constructor(brief: Brief, doer: Doer) {
    this.#brief = brief;
    this.#doer = doer;
    this.#claims = new Claims(brief.board);
    this.#isAhead = doer.mayHave !== undefined;
    const texts = new Texts(brief.texts);
    const { tasks, results, worker } = brief;
    this.#tasks = tasks.open((memory) => new TaskSegments(memory, this.#claims, worker, texts, this.#isAhead));
    this.#results = results.open((memory) => new ResultSegments(memory)).producer;
    doer.bypass?.listen((task, answer) => this.#await(task, this.#currentOf(task), answer));
  }

  async work(): Promise<void> {
    const { worker, maxTasks, concurrency } = this.#brief;
    const { ended: signal } = this.#doer;
    this.#claims.setReady(worker, true);
    while (!this.#isEnding && (this.#begun < maxTasks || this.#running > 0)) {
      // One that goes back makes room for another.
      if (this.#begun >= maxTasks || this.#isBusy()) {
        await this.#oneEnds();
        continue;
      }
      signal?.throwIfAborted();
      const soon = this.#take();
      const taken = (soon === NONE ? await this.#takeLater(signal) : soon) as Taken;
      if (taken === ENDED) break;
      if (taken === undefined) continue;
      // Runs what the function has left to microtasks.
      if (this.#do(taken)) await undefined;
      // Running tasks get their turn of the event loop, however many tasks come.
      if (this.#running > 0 && !this.#isAhead && this.#running < concurrency) await turn();
    }
    while (this.#running > 0 && !this.#isEnding) await this.#oneEnds();
    if (this.#begun >= maxTasks && !this.#isEnding) this.tell(LEAVING, undefined);
  }

  #take(): unknown {
    const { bypass } = this.#doer;
    if (bypass?.close() === false) return undefined;
    // A worker that is sent tasks by the bypass must not block: their answers arrive through the event loop.
    return this.#tasks.consumer.get(this.#running === 0 && bypass === undefined ? IDLE_MS : 0);
  }

  /** Waits until there may be one to take. */
  async #takeLater(signal: AbortSignal | undefined): Promise<unknown> {
    const { consumer } = this.#tasks;
    const { bypass } = this.#doer;
    if (bypass === undefined) return consumer.getAsync({ signal });
    bypass.open();
    await consumer.lookAsync({ signal });
    return undefined;
  }

  #isBusy(): boolean {
    if (this.#doer.mayHave === undefined) return this.#running >= this.#brief.concurrency;
    return this.#running > 0 && !this.#doer.mayHave(this.#running, this.#tasks.size);
  }

  /** Waits until one of the tasks that run has ended. */
  async #oneEnds(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#told = resolve;
    });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** @returns whether the task is done; otherwise it runs */
  #do(taken: TakenTask): boolean {
    const current = this.#currentOf(taken);
    const answer = this.#doer.perform(taken, current);
    if (answer instanceof Promise) {
      this.#await(taken, current, answer);
      return false;
    }
    this.#begun++;
    this.#report(taken, current, answer);
    return true;
  }

  #currentOf({ slot, generation }: Claimed): ClaimedTask {
    return new ClaimedTask(this.#claims, slot, generation, this.#brief.worker);
  }

  #await(task: Claimed, current: ClaimedTask, answer: Promise<Answer>): void {
    this.#begun++;
    this.#running++;
    answer
      .then((came) => {
        // Before the owner is told, which may have another task; unless others have waited longer.
        if (this.#tasks.size === 0) this.#doer.bypass?.open();
        this.#report(task, current, came);
      })
      .catch((error) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#running--;
        this.#told();
      });
  }

  #report({ slot, generation }: Claimed, current: ClaimedTask, answer: Answer): void {
    current.end();
    const { worker } = this.#brief;
    const finish = this.#claims.finish(slot, generation, worker);
    const { form, value, at, bytes } = finish === WANTED ? answer : UNWANTED_ANSWER;
    if (answer.form === RETURNED) this.#begun--;
    if (finish === ENDING && !this.#isAhead) this.#isEnding = true;
    else put(this.#results, { slot, generation, form, worker, value, at, bytes, named: undefined });
  }

  /** Tells the owner something that is not about a task. */
  tell(form: typeof BROKEN | typeof LEAVING, value: unknown): void {
    put(this.#results, { slot: 0, generation: 0, form, worker: this.#brief.worker, value });
  }
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

/** Workers find it by its name in the module that has it: the package's, or what a bundler made of that. */
export const poolWorker = task(
  hereOf(import.meta.url),
  'worker of a pool of atomics-sync-free',
  async (brief: Brief) => {
    await work(brief, itself);
    await partsEnd();
  },
);

/** If a result cannot be sent, an error is sent in its place. */
function put(producer: Producer, result: Result): void {
  try {
    producer.put(result, Infinity);
    if (result.named !== undefined && result.named.size > 0) keep(result.named);
  } catch (refused) {
    const { form, value } = result;
    const lost = form === THREW || form === BROKEN;
    tellOf(lost, value, refused, (error) =>
      producer.put({ ...result, bytes: undefined, form: lost ? form : THREW, value: error }, Infinity),
    );
  }
}
