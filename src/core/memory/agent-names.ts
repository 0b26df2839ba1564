/**
 * What people call agents. Whoever starts an agent may have given it a name, which all copies of the package in it know by its
 * global object; others read it in the arena, where word NAMED of the agent's slot leads to a cell:
 *
 * ```text
 * cell 0  descriptor
 *      1  WHOSE   the agent that the name is of; 0 while it is written
 *      2  LENGTH  in UTF-16 units
 *      3  the units, two a word
 * ```
 *
 * The cell is the slot's for ever, and only the agent that has the slot writes it. So who reads WHOSE, the text, and WHOSE again,
 * and finds the agent, has read a name of that agent, or, where it has got another one meanwhile, some of both.
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

/** What the calling agent is called. */
interface Self {
  /** As whoever started it for a function of the user's calls it. */
  name: string | undefined;
  /** Whether the package is loaded in it, as far as it was not bundled. */
  isLoaded?: boolean;
}

/** Its name changes when the shape of what it holds does. */
const SELF = Symbol.for('atomics-sync-free.agent-name.2');

/** @returns the one object that says what this agent is called, for all copies of the package */
export function thisAgent(): Self {
  const holder = globalThis as { [SELF]?: Self };
  holder[SELF] ??= { name: undefined };
  return holder[SELF];
}

/** Says that the package is loaded in this agent, where somebody has said who it is: nobody else wants to know. */
export function sayLoaded(): void {
  const self = (globalThis as { [SELF]?: Self })[SELF];
  if (self !== undefined) self.isLoaded = true;
}

/** What is used of hosts that let people name workers. */
interface Host {
  readonly process?: {
    getBuiltinModule?(
      name: 'node:worker_threads',
    ): { readonly isMainThread?: boolean; readonly threadName?: string | null } | undefined;
  };
  /** Of a window it is something else. */
  readonly name?: unknown;
  readonly WorkerGlobalScope?: unknown;
}

/** What Node calls workers to which nobody gave a name. */
const NAMELESS = 'WorkerThread';

/** @returns what the calling agent is called: as this package was told, or else as the host was */
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

/** Has others see what the calling agent is called; nothing while the arena is more than half full. */
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

/** @returns what an agent is called, if anybody named it */
export function agentNameIn(words: Int32Array, agent: number): string | undefined {
  const cell = Atomics.load(words, at(agent, NAMED));
  if (cell === 0 || Atomics.load(words, cell + WHOSE) !== agent) return undefined;
  const name = readText(words, cell + TEXT, Math.min(Atomics.load(words, cell + LENGTH), LONGEST));
  return Atomics.load(words, cell + WHOSE) === agent ? name : undefined;
}
