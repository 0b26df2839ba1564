/**
 * Decides which of several processes and workers computes a result that all of them want: the one that makes the lock file.
 * An agent that dies leaves its file behind, so a file that is too old, or whose process or worker has ended, is
 * removed; if two do that at the same moment, both compute, which costs nothing but time.
 *
 * Its lines are the process, a random text, and the place of the agent on its program's roll. An agent that is killed
 * while it makes the file leaves one that does not have all of them.
 */

import { create, isOver, look, processName, read, remove } from '#files';
import { sinceEpoch } from '../../core/wait/clock.js';
import { MAIN_IDENT } from '../../host/roll.js';
import { client } from '../../tasks/client.js';
import { utf8 } from '../utf8.js';
import { unlessRefused } from './refused.js';

/** A file that still lacks some of its text after this many ms was left by an agent that ended while making it. */
const WHOLE_AFTER = 1000;

export class LockFile {
  /** The paths of the lock files that this agent holds. */
  static readonly #here = new Set<string>();

  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    LockFile.#here.add(path);
  }

  /**
   * @param timeout the age, in ms, at which a file is taken to be left by a dead agent
   * @returns undefined while another agent holds it
   */
  static take(path: string, timeout: number): LockFile | undefined {
    const { ident, place } = client().entry;
    const text = `${processName()}\n${crypto.randomUUID()}\n${ident} ${place}\n`;
    if (create(path, text)) return new LockFile(path, text);
    if (!isAbandoned(path, timeout)) return undefined;
    remove(path);
    return create(path, text) ? new LockFile(path, text) : undefined;
  }

  /** Whether this agent holds it: a blocking call then comes from within the computation, and would wait for itself. */
  static isHere(path: string): boolean {
    return LockFile.#here.has(path);
  }

  /**
   * Removes it, unless another agent holds it by now. A file that cannot be removed counts as abandoned once it is too
   * old.
   */
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
  const age = sinceEpoch() - seen.changedAt;
  if (age > timeout) return true;
  const text = textOf(path);
  if (!text.endsWith('\n')) return age > WHOLE_AFTER;
  const [owner, , agent] = text.split('\n');
  return owner === processName() ? hasEnded(agent) : isOver(owner);
}

/**
 * Whether an agent of this process is known to have ended: never so for one that this package did not start, which has
 * a roll of its own.
 */
function hasEnded(agent: string): boolean {
  const [ident, place] = agent.split(' ').map(Number);
  return ident > MAIN_IDENT && !client().roll.has({ ident, place });
}

const textOf = (path: string): string => utf8().decoder.decode(read(path) ?? new Uint8Array());
