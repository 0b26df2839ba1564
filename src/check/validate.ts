/**
 * A scenario's declarations are checked before anything runs, because a misspelt condition that is never evaluated
 * would be a proof of nothing.
 */
import { ScenarioError } from './errors.js';
import { Region } from './region.js';
import {
  BOOLEAN,
  countFrom,
  either,
  FUNCTION,
  hold,
  LIST,
  OBJECT,
  type Rule,
  type Rules,
  show,
  TEXT,
  WORD,
  wholeFrom,
} from './rules.js';
import type { Scenario, ThreadOptions } from './scenario.js';

/** One letter each. */
const MAX_THREADS = 26;

const MODEL: Rule = {
  is: (value) => value === 'sc' || value === 'tso',
  wanted: "'sc' or 'tso' (x86; the further reorderings of ARM and others are not explored)",
};

const SCENARIO: Rules<Scenario> = {
  memory: OBJECT,
  objects: OBJECT,
  threads: LIST,
  ghosts: OBJECT,
  plain: LIST,
  memoryModel: MODEL,
  invariant: FUNCTION,
  final: FUNCTION,
  outcome: FUNCTION,
  kills: wholeFrom(0),
  timeouts: BOOLEAN,
  pauseMarks: BOOLEAN,
  preemptionBound: countFrom(0),
  maxStates: countFrom(1),
};

const THREAD: Rules<ThreadOptions> = {
  name: TEXT,
  run: FUNCTION,
  phases: FUNCTION,
  daemon: BOOLEAN,
  killable: either(BOOLEAN, FUNCTION),
};

/** @throws ScenarioError if a scenario has an unknown field, or a value that means nothing; it names the field. */
export function validateScenario(scenario: Scenario<string, string>): void {
  hold('the scenario', scenario, SCENARIO);
  const { memory, objects, ghosts = {}, threads, kills = 0 } = scenario;
  if (memory === undefined && objects === undefined) throw new ScenarioError('the scenario needs a memory, or objects');
  if (objects !== undefined && kills > 0) {
    throw new ScenarioError(
      'kills: what the death of a thread does to objects is not supported; leave out one of the two',
    );
  }
  if (!LIST.is(threads) || threads.length === 0 || threads.length > MAX_THREADS) {
    throw new ScenarioError(`a scenario must have 1 to ${MAX_THREADS} threads, not ${threads?.length ?? 'none'}`);
  }
  if (Array.isArray(memory)) {
    if (!memory.every((each) => each instanceof Region))
      throw new ScenarioError('memory: a list must contain regions only');
  } else if (memory !== undefined && !(memory instanceof Region)) checkValues('memory', memory);
  checkValues('ghosts', ghosts);
  // forEach would skip the holes of an array.
  for (const [index, thread] of threads.entries()) validateThread(thread, index);
  if (threads.every((thread) => typeof thread === 'object' && thread.daemon)) {
    throw new ScenarioError('all threads are daemons, so the run is over before it begins');
  }
}

function validateThread(thread: unknown, index: number): void {
  const who = `threads[${index}]`;
  if (typeof thread !== 'function') hold(who, thread, THREAD);
  const { run, phases } = (typeof thread === 'function' ? { run: thread } : thread) as ThreadOptions;
  for (const code of [run, phases]) {
    if (/Generator/.test(Object.prototype.toString.call(code))) {
      throw new ScenarioError(`${who} is a generator, whose code would never run: a thread must be a plain function`);
    }
  }
}

function checkValues(what: string, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    if (!WORD.is(value)) throw new ScenarioError(`${what}.${name} must be ${WORD.wanted}, not ${show(value)}`);
  }
}
