/** The tasks of a thread being executed: its pending async waits, and the callbacks still to run. */
import { NEXT_PHASE, type Task } from './finding.js';
import type { Operation, Result } from './operation.js';

/** What an execution says about a task that begins. */
interface NewTask {
  /** The word waited on, or -1 for a callback. */
  readonly word: number;
  readonly timeout: number;
  /** When it began, by the clock of the execution. */
  readonly started: number;
  readonly run: (result: Result) => void;
  /** Whether anybody will receive its result. */
  readonly watched: () => boolean;
  /** The call of a primitive that it waits for. */
  readonly call?: Operation;
}

interface LiveTask extends NewTask {
  readonly id: number;
  abandoned: boolean;
}

export class LiveTasks {
  #tasks: LiveTask[] = [];

  add(task: NewTask): LiveTask {
    const entry = { ...task, id: this.#freeId(), abandoned: false };
    this.#tasks.push(entry);
    return entry;
  }

  #freeId(): number {
    let id = NEXT_PHASE + 1;
    while (this.find(id) !== undefined) id++;
    return id;
  }

  drop(task: LiveTask): void {
    this.#tasks = this.#tasks.filter((each) => each !== task);
  }

  find(id: number): LiveTask | undefined {
    return this.#tasks.find((task) => task.id === id);
  }

  /** See Thread.abandonWaits. */
  abandonWaits(): void {
    for (const task of this.#tasks) task.abandoned ||= task.word >= 0;
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  /** Whether any task must still complete. */
  get hasUnfinished(): boolean {
    return this.#tasks.some(({ abandoned }) => !abandoned);
  }

  /** Whether there is a task whose result nobody will receive. */
  get hasUnwatched(): boolean {
    return this.#tasks.some(({ abandoned, watched }) => !abandoned && !watched());
  }

  /** Whether a task waits for that call. */
  hasCall(word: number, action: string): boolean {
    return this.#tasks.some(({ call }) => call?.word === word && call.key === action);
  }

  /** The tasks, as a finding holds them. */
  seen(): Task[] {
    return this.#tasks.map(({ id, word, timeout, abandoned, call }) => {
      return { id, word, timeout, abandoned, ...(call === undefined ? {} : { call }) };
    });
  }

  /**
   * The tasks, as far as the explorer knows them: equal texts for equal tasks.
   *
   * @param clock the time of the execution
   */
  pending(clock: number): string {
    const tasks = [...this.#tasks].sort((x, y) => x.id - y.id);
    const texts = tasks.map(({ id, word, started, timeout, abandoned, call }) => {
      return `${id} ${call === undefined ? word : `${call.word} ${call.key}`} ${Math.max(started + timeout - clock, 0)} ${abandoned}`;
    });
    return texts.join();
  }
}
