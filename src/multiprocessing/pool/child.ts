/** The child process of a pool's worker: it does the tasks that its keeper (keeper.ts) sends, one after the other. */

import { end } from '#host';
import { hereOf } from '../../core/here.js';
import { now } from '../../core/wait/clock.js';
import { release, retain } from '../../core/wait/keep-alive.js';
import { turn } from '../../core/wait/turns.js';
import type { Frame, Link } from '../../host/link.js';
import { task } from '../../tasks/task.js';
import { tellOf } from '../../tasks/untold.js';
import { plainCodec } from '../child/messages.js';
import { beProcess } from '../here.js';
import { partsEnd } from '../parts.js';
import type { CurrentTask } from './current-task.js';
import { BROKEN, formWith, type TaskForm, THREW, VALUE } from './messages.js';
import { type Answer, perform, UNWANTED_ANSWER } from './perform.js';
import { type Brief, initialize } from './worker.js';

/** To the child: how it begins, a `Beginning`. */
export const BEGIN = 1;
/** To the child: the function of the tasks that follow, a `Call` as JSON. */
export const CALL = 2;
/** To the child: a task; the index is its form, and the message its arguments. */
export const TASK = 3;
/** To the child: a task was given up; the index says which, counted from 1 on. */
export const ABORT = 4;
/** To the child: give back what has not begun. */
export const RETURN = 5;
/** To the child: there are no more tasks. */
export const LEAVE = 6;
/** From the child: the outcome of BEGIN or TASK; the index is its form. */
export const DONE = 7;
/** From the child: it has given back all tasks after that of the index. */
export const BACK = 8;

export type Beginning = Pick<Brief, 'initializer' | 'initargs' | 'name' | 'parent'>;

/** The time between two turns of the event loop, in which it hears what was given up, in ms. */
const TURN_MS = 1;

const argsCodec = plainCodec('args');
const resultCodec = plainCodec('the result');

const host = globalThis as unknown as { readonly process: { readonly pid: number } };

/** A task that waits or is running. */
class Sent implements CurrentTask {
  cancelled = false;
  #controller: AbortController | undefined;
  #retained = false;
  #isOver = false;

  constructor(
    readonly number: number,
    readonly form: TaskForm,
    readonly call: string,
    readonly message: Uint8Array,
  ) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cancelled) this.#controller.abort();
      // The process must not end while a task waits for nothing but its signal.
      else this.#retain();
    }
    return this.#controller.signal;
  }

  #retain(): void {
    if (this.#isOver) return;
    this.#retained = true;
    retain();
  }

  /** It is done, whatever came of it. */
  end(): void {
    this.#isOver = true;
    if (this.#retained) release();
  }

  abort(): void {
    this.cancelled = true;
    this.#controller?.abort();
  }
}

class Tasks {
  readonly #link: Link;
  /** Its tasks, in order. The first is running. */
  readonly #tasks: Sent[] = [];
  #numbers = 0;
  #call = '';

  constructor(link: Link) {
    this.#link = link;
  }

  hear({ kind, index, message }: Frame): void {
    if (kind === CALL) this.#call = new TextDecoder().decode(message);
    if (kind === ABORT) this.#tasks.find(({ number }) => number === index)?.abort();
    if (kind === BEGIN) void this.#begin(message);
    if (kind === LEAVE) void partsEnd({ all: true }).then(() => end(() => {}));
    if (kind === RETURN) this.#giveBack();
    if (kind !== TASK) return;
    const sent = new Sent(++this.#numbers, index as TaskForm, this.#call, message);
    if (this.#tasks.push(sent) === 1) void this.#work();
  }

  #giveBack(): void {
    this.#tasks.splice(1);
    this.#link.send(BACK, this.#tasks[0]?.number ?? this.#numbers);
  }

  async #begin(message: Uint8Array): Promise<void> {
    this.#answer(await this.#ended(begin(argsCodec.current.decodeBytes(message) as Beginning)));
  }

  /** If nothing is left that could settle the promise, the process ends, as a worker does, and waiters are told. */
  async #ended(answer: Promise<Answer>): Promise<Answer> {
    this.#link.unref();
    const came = await answer;
    this.#link.ref();
    return came;
  }

  async #work(): Promise<void> {
    let turned = now();
    // By then, others that came at the same time are in `#tasks`.
    await undefined;
    for (let first = this.#tasks[0] as Sent | undefined; first !== undefined; first = this.#tasks[0]) {
      const answer = first.cancelled ? UNWANTED_ANSWER : done(first);
      this.#answer(answer instanceof Promise ? await this.#ended(answer) : answer);
      first.end();
      // The next one does not begin before the answer can be known outside.
      if (!this.#link.isSent) await this.#link.flush();
      if (now() - turned < TURN_MS) {
        // Runs what the function has left to microtasks.
        await undefined;
      } else {
        await turn();
        turned = now();
      }
      this.#tasks.shift();
    }
  }

  /** If an answer cannot be sent, an error is sent in its place. */
  #answer({ form, value, at }: Answer): void {
    try {
      this.#link.send(DONE, formWith(form, at), resultCodec.current.encodeToBytes(value));
    } catch (refused) {
      const lost = form === THREW || form === BROKEN;
      tellOf(lost, value, refused, (error) =>
        this.#link.send(DONE, lost ? formWith(form, at) : THREW, resultCodec.current.encodeToBytes(error)),
      );
    }
  }
}

/** The child's main function: called with the link to its keeper, it does what the keeper says. */
export const childWorker = task(
  hereOf(import.meta.url),
  'child process of a pool of atomics-sync-free',
  (link: Link) => {
    const tasks = new Tasks(link);
    link.listen((frame) => tasks.hear(frame));
  },
);

async function begin({ initializer, initargs, name, parent }: Beginning): Promise<Answer> {
  beProcess({ name, daemon: true, pid: host.process.pid }, parent);
  try {
    await initialize(initializer, initargs);
    return { form: VALUE, value: undefined };
  } catch (error) {
    return { form: BROKEN, value: error };
  }
}

function done(sent: Sent): Answer | Promise<Answer> {
  const { form, call, message } = sent;
  try {
    const args = argsCodec.current.decodeBytes(message) as readonly unknown[];
    return perform({ form, call, args, failure: undefined }, sent);
  } catch (error) {
    return { form: THREW, value: error };
  }
}
