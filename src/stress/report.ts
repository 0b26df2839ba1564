/** What a run makes of what was counted: the rows of its table, and the verdict. */
import { type Expectation, type Outcome, type StressTest, subjectOf } from './test.js';

/** What has been counted so far. */
export interface Counts {
  /** Samples by result. */
  readonly samples: Map<string, number>;
  /** Where errors that were not declared come from, by the result they count as. */
  readonly places?: Map<string, string>;
  /** How often an actor went through an iteration. */
  walked: number;
  /** In how many of those it met another actor there. */
  overlapped: number;
}

/**
 * What became of a test. `FAILED`: something FORBIDDEN was seen, or nothing at all. `NOT SEEN`: nothing is wrong, but an
 * outcome that must be seen was not, or, where none must be, no two actors ever met in an iteration, so the run shows
 * nothing. `PASSED`: everything else.
 */
export type Verdict = 'PASSED' | 'NOT SEEN' | 'FAILED';

/** One row of a test's table. */
export interface OutcomeReport {
  /** The declared outcome's result, its source if that is a regular expression; or an undeclared result. */
  readonly result: string;
  /** In how many iterations it was seen. */
  readonly samples: number;
  /** How it is to be taken. */
  readonly expectation: Expectation;
  /** What happened when it is seen, in a sentence. */
  readonly description: string;
}

/** What one run of one test has shown; plain data. */
export interface TestReport {
  /** The test's name. */
  readonly name: string;
  /** What is raced for, and under which protection. */
  readonly description: string;
  /** Whose power or limits it shows. */
  readonly subject: string;
  /** What became of it. */
  readonly verdict: Verdict;
  /** Why the verdict is not `PASSED`; empty otherwise. */
  readonly reason: string;
  /** Declared outcomes in declared order, whether seen or not, then the undeclared. */
  readonly outcomes: readonly OutcomeReport[];
  /** Worker threads that took part. */
  readonly threads: number;
  /** How long the test ran, in seconds, the start of its workers not counted. */
  readonly seconds: number;
  /** How many iterations had a result. */
  readonly samples: number;
  /** The same by the time that the test ran. */
  readonly samplesPerSecond: number;
  /** Share of the iterations in which another actor was at work at the same time, 0 – 1. */
  readonly overlap: number;
}

/** Sorts what was counted under the declared outcomes and judges it. */
export function buildReport(test: StressTest, counts: Counts, threads: number, seconds: number): TestReport {
  const outcomes = sortOut(test.outcomes, counts);
  const samples = outcomes.reduce((sum, outcome) => sum + outcome.samples, 0);
  return {
    name: test.name,
    description: test.description,
    subject: subjectOf(test),
    ...judge(test.outcomes, outcomes, counts.walked > 0 && counts.overlapped === 0),
    outcomes,
    threads,
    seconds: round(seconds, 3),
    samples,
    samplesPerSecond: seconds > 0 ? Math.round(samples / seconds) : 0,
    overlap: counts.walked > 0 ? round(counts.overlapped / counts.walked, 4) : 0,
  };
}

/** The declared outcome that a result counts as, if there is one: the first that stands for it. */
export function outcomeOf(declared: readonly Outcome[], result: string): Outcome | undefined {
  return declared.find((outcome) =>
    typeof outcome.result === 'string' ? outcome.result === result : outcome.result.test(result),
  );
}

function sortOut(declared: readonly Outcome[], { samples, places }: Counts): OutcomeReport[] {
  const seen = new Map<Outcome, number>();
  const undeclared: OutcomeReport[] = [];
  for (const [result, count] of samples) {
    const outcome = outcomeOf(declared, result);
    if (outcome) seen.set(outcome, (seen.get(outcome) ?? 0) + count);
    else {
      const place = places?.get(result) ?? '';
      const description = place === '' ? 'not declared' : `not declared; thrown by ${place}`;
      undeclared.push({ result, samples: count, expectation: 'FORBIDDEN', description });
    }
  }
  const rows = declared.map((outcome) => ({
    result: String(outcome.result),
    samples: seen.get(outcome) ?? 0,
    expectation: outcome.expectation,
    description: outcome.description,
  }));
  return [...rows, ...undeclared];
}

function judge(
  declared: readonly Outcome[],
  outcomes: readonly OutcomeReport[],
  neverMet: boolean,
): { verdict: Verdict; reason: string } {
  const forbidden = outcomes.filter(({ expectation, samples }) => expectation === 'FORBIDDEN' && samples > 0);
  if (forbidden.length > 0) {
    const list = forbidden.map(({ result, samples }) => `${result} (${samples.toLocaleString('en-US')} ×)`);
    return { verdict: 'FAILED', reason: `FORBIDDEN seen: ${list.join(', ')}` };
  }
  if (outcomes.every(({ samples }) => samples === 0)) return { verdict: 'FAILED', reason: 'nothing at all was seen' };
  const missed = outcomes.filter(({ samples }, at) => declared[at]?.mustBeSeen && samples === 0);
  if (missed.length > 0) {
    return { verdict: 'NOT SEEN', reason: `must be seen: ${missed.map(({ result }) => result).join(', ')}` };
  }
  // What must be seen, and was, is proof enough that they raced.
  if (neverMet && !declared.some(({ mustBeSeen }) => mustBeSeen))
    return { verdict: 'NOT SEEN', reason: 'the actors never met in an iteration, so nothing was raced for' };
  return { verdict: 'PASSED', reason: '' };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
