/** Agents that get something, use it and give it back: the same programs for every primitive that is acquired. */
import type { WaitOptions } from '#dist/core/arguments.js';
import { Aborter } from './event-loop.js';
import { type Agent, type AgentOptions, times, WHILE, type World } from './world.js';

/** The ghosts of these programs: how many are inside (reading, where reading and writing differ), who went away. */
export type Ghost = 'inside' | 'reading' | 'had' | 'missed';
export const GHOSTS: Readonly<Record<Ghost, number>> = { inside: 0, reading: 0, had: 0, missed: 0 };

export type Release = () => void;

/** What an agent does to get something; each answers how to give it back, or nothing where it was not had. */
export interface Access {
  readonly get: (timeout: number) => Release | undefined;
  readonly tryGet: () => Release | undefined;
  readonly getAsync: (options: WaitOptions) => Promise<Release | undefined>;
  /** Counts who is inside. */
  readonly ghost: 'inside' | 'reading';
  /** A word to look at while inside. */
  readonly word: number;
}

export type Open = (agent: Agent<Ghost>) => Access;
/** Adds an agent to a world. */
export type User = (world: World<Ghost>) => void;

/** A ghost changes with the operation before it, so there is one between the two changes. */
function visit({ thread, words }: Agent<Ghost>, { ghost, word }: Access, release: Release | undefined): void {
  if (release === undefined) {
    thread.ghost.add('missed', 1);
    return;
  }
  thread.ghost.add(ghost, 1);
  thread.ghost.add('had', 1);
  Atomics.load(words, word);
  thread.ghost.add(ghost, -1);
  release();
}

export interface UserOptions extends AgentOptions<Ghost> {
  readonly timed?: boolean;
}

const patience = (timed = false): number => (timed ? WHILE : Number.POSITIVE_INFINITY);

/** Blocks for it, so many times. */
export const thread =
  (open: Open, rounds = 1, { timed = false, ...options }: UserOptions = {}): User =>
  (world) =>
    world.agent({ name: 'thread', ...options }, (agent) => {
      const access = open(agent);
      return times(rounds, () => {
        const release = access.get(patience(timed));
        // However it was had, the agent goes on alike.
        agent.arena.mark('got', release !== undefined);
        visit(agent, access, release);
      });
    });

/** Tries once; `surely` says that it must be had. */
export const trier =
  (open: Open, surely?: 'surely'): User =>
  (world) =>
    world.agent({ name: 'trier' }, (agent) => {
      const access = open(agent);
      return [
        () => {
          const release = access.tryGet();
          if (surely !== undefined && release === undefined) throw new Error('nobody has it, and it was not had');
          visit(agent, access, release);
        },
      ];
    });

export interface TaskOptions extends UserOptions {
  readonly aborts?: boolean;
  /** Lets time pass while it waits, so that it starves. */
  readonly starves?: boolean;
}

/** So many async tasks of one agent, all at once. */
export const tasks =
  (open: Open, count = 1, { timed = false, aborts = false, starves = false, ...options }: TaskOptions = {}): User =>
  (world) =>
    world.agent({ name: 'tasks', ...options }, (agent) => {
      const access = open(agent);
      let left = count;
      const visitOnce = (release: Release | undefined) => {
        visit(agent, access, release);
        // A waitAsync cannot be taken back: after a lapse or an abort one is left over, and nobody need wake it.
        if (--left === 0) agent.thread.abandonWaits();
      };
      const one = () => {
        const aborter = new Aborter();
        const wait = { timeout: patience(timed), ...(aborts ? { signal: aborter.signal } : {}) };
        access.getAsync(wait).then(visitOnce, (reason) => {
          if (reason !== aborter.reason) throw reason;
          visitOnce(undefined);
        });
        if (aborts) agent.thread.later(() => aborter.abort());
      };
      return [
        () => {
          for (let i = 0; i < count; i++) one();
          if (starves) agent.thread.later(() => {}, 5);
        },
      ];
    });
