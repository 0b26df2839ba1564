/** The tasks of a thread that is executed: its async waits that are not over, and the callbacks that are to come. */
import { NEXT_PHASE, type Task } from './finding.js';
import type { Operation, Result } from './operation.js';

/** What an execution says of a task that begins. */
interface NewTask {
  /** The word waited on, or -1 for a callback. */
  readonly word: number;
  readonly timeout: number;
  /** When it began, by the clock of the execution. */
  readonly started: number;
  readonly run: (result: Result) => void;
  /** Whether anybody will be told. */
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

  /** Whether there is one that has to come to its end. */
  get hasUnfinished(): boolean {
    return this.#tasks.some(({ abandoned }) => !abandoned);
  }

  /** Whether there is one of which nobody will be told. */
  get hasUnwatched(): boolean {
    return this.#tasks.some(({ abandoned, watched }) => !abandoned && !watched());
  }

  /** Whether one waits for that call. */
  hasCall(word: number, action: string): boolean {
    return this.#tasks.some(({ call }) => call?.word === word && call.key === action);
  }

  /** These, as a finding has them. */
  seen(): Task[] {
    return this.#tasks.map(({ id, word, timeout, abandoned, call }) => {
      return { id, word, timeout, abandoned, ...(call === undefined ? {} : { call }) };
    });
  }

  /**
   * These, as far as the explorer knows them: the same text for the same.
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
