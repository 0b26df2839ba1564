/**
 * Which of several processes and workers computes a result that all of them want: the one that has made the lock file.
 * Whoever dies leaves it behind, so one that is too old, or of a process that has ended, is taken away; where two do that in
 * the same moment both compute, which costs time and nothing else.
 */
import { create, isOver, look, processName, read, remove } from '#files';

const decoder = new TextDecoder();

export class LockFile {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * @param timeout of which age, in ms, it is taken for one of the dead
   * @returns undefined while somebody else has it
   */
  static take(path: string, timeout: number): LockFile | undefined {
    const text = `${processName()}\n${crypto.randomUUID()}`;
    if (create(path, text)) return new LockFile(path, text);
    if (!isAbandoned(path, timeout)) return undefined;
    remove(path);
    return create(path, text) ? new LockFile(path, text) : undefined;
  }

  /** Removes it, unless somebody else has it meanwhile. */
  release(): void {
    if (textOf(this.#path) === this.#text) remove(this.#path);
  }
}

function isAbandoned(path: string, timeout: number): boolean {
  const seen = look(path);
  if (seen === undefined) return false;
  const [owner] = textOf(path).split('\n');
  return Date.now() - seen.changedAt > timeout || isOver(owner);
}

const textOf = (path: string): string => decoder.decode(read(path) ?? new Uint8Array());
