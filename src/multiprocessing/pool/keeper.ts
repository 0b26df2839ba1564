/**
 * A worker of a pool that has a child process do its tasks. It takes them, and puts what comes of them, as any other; with its
 * child it dies.
 *
 * ```text
 *  task ring   ──▶ keeper ══BEGIN, CALL, TASK, ABORT, LEAVE══▶ child process
 *  result ring ◀──        ◀══DONE═════════════════════════════
 * ```
 */
import { end, kill } from '#host';
import type { Frame, Link } from '../../host/link.js';
import { WorkerDiedError } from '../../tasks/died.js';
import { keepChild } from '../../tasks/keep.js';
import { task } from '../../tasks/task.js';
import { plainCodec } from '../child/messages.js';
import { beProcess } from '../here.js';
import type { CurrentTask } from './current-task.js';
import { BROKEN, type ResultForm, type TakenTask, type TaskForm, THREW, VALUE } from './messages.js';
import { type Answer, type Brief, type Doer, initialize, perform, untold, work } from './worker.js';

/** To the child: how it begins, a `Beginning`. */
const BEGIN = 1;
/** To the child: the function of the tasks that follow, a `Call` as JSON. */
const CALL = 2;
/** To the child: a task; the index is its form, and the message its arguments. */
const TASK = 3;
/** To the child: there are no more. */
const LEAVE = 4;
/** To the child: the task that it does was given up. */
const ABORT = 6;
/** From the child: what has come of BEGIN or TASK; the index is the form of that. */
const DONE = 5;

/** So long a child may take to leave, in ms. */
const GRACE = 1000;

type Beginning = Pick<Brief, 'initializer' | 'initargs' | 'name' | 'parent'>;

const argsCodec = plainCodec('args');
const resultCodec = plainCodec('the result');

/** A child process as its keeper sees it. */
class Child implements Doer {
  readonly #name: string;
  readonly #link: Link;
  readonly #dead = new AbortController();
  readonly ended = this.#dead.signal;
  /** Told what comes of what the child does now. */
  #tell: ((answer: Answer) => void) | undefined;
  #fail: ((death: WorkerDiedError) => void) | undefined;
  /** The function that it was told of last. */
  #call = '';

  constructor(name: string, link: Link, exit: Promise<number>) {
    this.#name = name;
    this.#link = link;
    link.listen(({ index, message }) => {
      this.#tell?.({ form: index as ResultForm, value: resultCodec.current.decodeBytes(message) });
    });
    void exit.then(async (status) => {
      // What it has done comes first.
      await link.closed;
      const death = this.#deathBy(status);
      this.#fail?.(death);
      this.#dead.abort(death);
    });
  }

  #deathBy(status: number): WorkerDiedError {
    const how = status < 0 ? `signal ${-status}` : `the exit code ${status}`;
    return new WorkerDiedError(`${this.#name} died before its work was over: its process ended with ${how}`, status);
  }

  async begin({ initializer, initargs, name, parent }: Brief): Promise<void> {
    const beginning: Beginning = { initializer, initargs, name, parent };
    const { form, value } = await this.#ask(BEGIN, 0, argsCodec.current.encodeToBytes(beginning));
    if (form === BROKEN) throw value;
  }

  async perform({ form, call, args, failure }: TakenTask, { signal }: CurrentTask): Promise<Answer> {
    if (failure !== undefined) return { form: THREW, value: failure.error };
    let message: Uint8Array;
    try {
      message = argsCodec.current.encodeToBytes(args);
    } catch (error) {
      return { form: THREW, value: error };
    }
    if (call !== this.#call) this.#link.send(CALL, 0, new TextEncoder().encode(call));
    this.#call = call;
    const answer = this.#ask(TASK, form, message);
    if (signal.aborted) this.#link.send(ABORT);
    else signal.addEventListener('abort', () => this.#link.send(ABORT));
    return answer;
  }

  #ask(kind: number, index: number, message: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#tell = resolve;
      this.#fail = reject;
      if (this.ended.aborted) reject(this.ended.reason);
      this.#link.send(kind, index, message);
    });
  }
}

/** What keeps a child process and has it do the tasks that it takes. */
export const keepWorker = task(
  import.meta.url,
  'worker of a pool of atomics-sync-free that keeps a child process',
  async (brief: Brief) => {
    const { link, exit, pid } = await keepChild(childWorker);
    await work(brief, new Child(brief.name, link, exit));
    link.send(LEAVE);
    const late = setTimeout(() => kill(pid, 'SIGKILL'), GRACE);
    await exit;
    clearTimeout(late);
  },
);

const host = globalThis as unknown as { readonly process: { readonly pid: number } };

/** What the child does: called with the link to its keeper, it does what that says. */
const childWorker = task(import.meta.url, 'child process of a pool of atomics-sync-free', (link: Link) => {
  let call = '';
  let controller = new AbortController();
  const act = async ({ kind, index, message }: Frame): Promise<void> => {
    if (kind === CALL) call = new TextDecoder().decode(message);
    if (kind === BEGIN) answer(link, await begin(argsCodec.current.decodeBytes(message) as Beginning));
    if (kind === ABORT) controller.abort();
    if (kind === TASK) {
      controller = new AbortController();
      answer(link, await done(index as TaskForm, call, message, controller.signal));
    }
    if (kind === LEAVE) end(() => {});
  };
  link.listen((frame) => void act(frame));
});

async function begin({ initializer, initargs, name, parent }: Beginning): Promise<Answer> {
  beProcess({ name, daemon: true, pid: host.process.pid }, parent);
  try {
    await initialize(initializer, initargs);
    return { form: VALUE, value: undefined };
  } catch (error) {
    return { form: BROKEN, value: error };
  }
}

async function done(form: TaskForm, call: string, message: Uint8Array, signal: AbortSignal): Promise<Answer> {
  try {
    const args = argsCodec.current.decodeBytes(message) as readonly unknown[];
    const current: CurrentTask = {
      signal,
      get cancelled() {
        return signal.aborted;
      },
    };
    return await perform({ form, call, args, failure: undefined }, current);
  } catch (error) {
    return { form: THREW, value: error };
  }
}

/** What cannot be sent is told of in its place. */
function answer(link: Link, { form, value }: Answer): void {
  try {
    link.send(DONE, form, resultCodec.current.encodeToBytes(value));
  } catch (refused) {
    const lost = form === THREW || form === BROKEN;
    link.send(DONE, lost ? form : THREW, resultCodec.current.encodeToBytes(lost ? untold(value, refused) : refused));
  }
}
