/** A machine's threads, as declared by the scenario, each with its history; threads that are taken to be alike share one. */
import { ScenarioError } from './errors.js';
import { type Findings, History, type HistoryOptions } from './history.js';
import type { Pasts } from './past.js';
import type { Peers } from './peers.js';
import type { Scenario, ThreadOptions } from './scenario.js';
import type { EqualRounds } from './spins.js';
import { startOf } from './thread.js';
import type { Words } from './words.js';

export interface Actor {
  readonly name: string;
  readonly history: History;
  /** Which of the threads of its history it is. */
  readonly place: number;
  readonly daemon: boolean;
  readonly killable: NonNullable<ThreadOptions['killable']>;
}

export const declarationsOf = (threads: Scenario<string, string>['threads']): ThreadOptions[] =>
  threads.map((each): ThreadOptions => (typeof each === 'function' ? { run: each } : each));

/** @throws ScenarioError when two have the same name */
export function namesOf(declarations: readonly ThreadOptions[]): string[] {
  const names = declarations.map(({ name }, index) => name ?? String.fromCharCode(97 + index));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ScenarioError(`two threads are named '${twice}'`);
  return names;
}

/** What all histories of a machine are created with. */
interface Common extends Omit<HistoryOptions, 'findings'> {
  readonly words: Words;
  readonly pasts: Pasts;
  readonly equalRounds: EqualRounds;
  /** By thread. */
  readonly findings: readonly Findings[] | undefined;
}

/** @returns one for each group of threads that are taken to be alike */
export function historiesOf(
  declarations: readonly ThreadOptions[],
  names: readonly string[],
  peers: Peers,
  { words, pasts, equalRounds, findings, arrived, alone }: Common,
): History[] {
  return peers.groups.map((group) => {
    const code = group.map((thread) => declarations[thread].run ?? declarations[thread].phases);
    const alike = {
      starts: group.map((thread) => startOf(declarations[thread], thread, names, words)),
      oneCode: code.every((each) => each === code[0]),
      differ: (sorts: readonly (readonly number[])[]) =>
        peers.split(sorts.map((places) => places.map((place) => group[place]))),
    };
    return new History(pasts, alike, equalRounds, { arrived, findings: findings?.[group[0]], alone });
  });
}

/** @param histories by group */
export function actorsOf(
  declarations: readonly ThreadOptions[],
  names: readonly string[],
  groups: readonly (readonly number[])[],
  histories: readonly History[],
): Actor[] {
  return declarations.map(({ daemon = false, killable = true }, index) => {
    const group = groups.findIndex((threads) => threads.includes(index));
    return {
      name: names[index],
      history: histories[group],
      place: groups[group].indexOf(index),
      daemon,
      killable: killable as NonNullable<ThreadOptions['killable']>,
    };
  });
}
