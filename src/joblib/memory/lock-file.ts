/**
 * Which of several processes and workers computes a result that all of them want: the one that has made the lock file.
 * Whoever dies leaves it behind, so one that is too old, or of a process or a worker that has ended, is taken away; where two
 * do that in the same moment both compute, which costs time and nothing else.
 *
 * Its lines are the process, a random text, and the place of the agent on its program's roll.
 */
import { create, isOver, look, processName, read, remove } from '#files';
import { sinceEpoch } from '../../core/wait/clock.js';
import { MAIN_IDENT } from '../../host/roll.js';
import { client } from '../../tasks/client.js';
import { unlessRefused } from './refused.js';

const decoder = new TextDecoder();

export class LockFile {
  /** The paths of those that this agent has. */
  static readonly #here = new Set<string>();

  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    LockFile.#here.add(path);
  }

  /**
   * @param timeout of which age, in ms, it is taken for one of the dead
   * @returns undefined while somebody else has it
   */
  static take(path: string, timeout: number): LockFile | undefined {
    const { ident, place } = client().entry;
    const text = `${processName()}\n${crypto.randomUUID()}\n${ident} ${place}`;
    if (create(path, text)) return new LockFile(path, text);
    if (!isAbandoned(path, timeout)) return undefined;
    remove(path);
    return create(path, text) ? new LockFile(path, text) : undefined;
  }

  /** Whether this agent has it: a call that blocks comes from within the computation then, and would wait for itself. */
  static isHere(path: string): boolean {
    return LockFile.#here.has(path);
  }

  /** Removes it, unless somebody else has it meanwhile. Where that is refused it is taken for one of the dead in time. */
  release(): void {
    LockFile.#here.delete(this.#path);
    unlessRefused(
      () => {
        if (textOf(this.#path) === this.#text) remove(this.#path);
      },
      () => {},
    );
  }
}

function isAbandoned(path: string, timeout: number): boolean {
  const seen = look(path);
  if (seen === undefined) return false;
  if (sinceEpoch() - seen.changedAt > timeout) return true;
  const [owner, , agent = ''] = textOf(path).split('\n');
  return owner === processName() ? hasEnded(agent) : isOver(owner);
}

/** Whether an agent of this process has ended, as far as it was started by this package: others are on a roll of their own. */
function hasEnded(agent: string): boolean {
  const [ident, place] = agent.split(' ').map(Number);
  return ident > MAIN_IDENT && !client().roll.has({ ident, place });
}

const textOf = (path: string): string => decoder.decode(read(path) ?? new Uint8Array());
