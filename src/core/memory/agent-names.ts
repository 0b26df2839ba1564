/**
 * The names of agents. An agent may have been given a name by the one that started it; all copies of the package in it find
 * that name through its global object. Others read it in the arena, where word NAMED of the agent's slot refers to a cell:
 *
 * ```text
 * cell 0  descriptor
 *      1  WHOSE   the agent that has the name; 0 while it is written
 *      2  LENGTH  in UTF-16 units
 *      3  the units, two a word
 * ```
 *
 * The cell belongs to the slot forever, and only the agent that has the slot writes it. So a reader that reads WHOSE, the text,
 * and WHOSE again, and finds the agent both times, has read a name of that agent, or a mix of two if it was renamed meanwhile.
 */
import { allocateSpare, type Kind, PLAIN } from './cells.js';
import { AGENT_NAME_CODE } from './codes.js';
import { at, isLive, NAMED } from './slots.js';
import { readText, writeText } from './texts.js';

const WHOSE = 1;
const LENGTH = 2;
const TEXT = 3;
const WORDS = 64;
const LONGEST = (WORDS - TEXT) * 2;
const KIND: Kind = { name: 'name of an agent', code: AGENT_NAME_CODE, gates: 0, role: PLAIN, words: WORDS };

/** The calling agent's name. */
interface Self {
  /** The name given by the agent that started it for a user's function. */
  name: string | undefined;
  /** Whether the package is loaded in it; not known of bundled copies. */
  isLoaded?: boolean;
}

/** The key changes when the shape of what it holds does. */
const SELF = Symbol.for('atomics-sync-free.agent-name.2');

/** @returns the one object that holds this agent's name, for all copies of the package */
export function thisAgent(): Self {
  const holder = globalThis as { [SELF]?: Self };
  holder[SELF] ??= { name: undefined };
  return holder[SELF];
}

/** Records that the package is loaded in this agent, if somebody named it: nobody else needs to know. */
export function sayLoaded(): void {
  const self = (globalThis as { [SELF]?: Self })[SELF];
  if (self !== undefined) self.isLoaded = true;
}

/** The part used of hosts on which workers can have names. */
interface Host {
  readonly process?: {
    getBuiltinModule?(
      name: 'node:worker_threads',
    ): { readonly isMainThread?: boolean; readonly threadName?: string | null } | undefined;
  };
  /** In a window it is something else. */
  readonly name?: unknown;
  readonly WorkerGlobalScope?: unknown;
}

/** Node's name for unnamed workers. */
const NAMELESS = 'WorkerThread';

/** @returns the calling agent's name: the one given to this package, or else to the host */
export function ownName(): string | undefined {
  const { name } = thisAgent();
  if (name !== undefined) return name;
  const host = globalThis as Host;
  const threads = host.process?.getBuiltinModule?.('node:worker_threads');
  if (threads !== undefined) {
    const given = threads.isMainThread === true ? '' : (threads.threadName ?? '');
    return given === '' || given === NAMELESS ? undefined : given;
  }
  return host.WorkerGlobalScope !== undefined && typeof host.name === 'string' && host.name !== ''
    ? host.name
    : undefined;
}

/** Makes the calling agent's name visible to others; does nothing while the arena is more than half full. */
export function showName(words: Int32Array, agent: number): void {
  if (!isLive(words, agent)) return;
  const name = ownName()?.slice(0, LONGEST);
  let cell = Atomics.load(words, at(agent, NAMED));
  if (cell === 0) {
    cell = name === undefined ? 0 : allocateSpare(words, KIND);
    if (cell === 0) return;
    Atomics.store(words, at(agent, NAMED), cell);
  }
  Atomics.store(words, cell + WHOSE, 0);
  if (name === undefined) return;
  writeText(words, cell + TEXT, name);
  Atomics.store(words, cell + LENGTH, name.length);
  Atomics.store(words, cell + WHOSE, agent);
}

/** @returns an agent's name, if it has one */
export function agentNameIn(words: Int32Array, agent: number): string | undefined {
  const cell = Atomics.load(words, at(agent, NAMED));
  if (cell === 0 || Atomics.load(words, cell + WHOSE) !== agent) return undefined;
  const name = readText(words, cell + TEXT, Math.min(Atomics.load(words, cell + LENGTH), LONGEST));
  return Atomics.load(words, cell + WHOSE) === agent ? name : undefined;
}
