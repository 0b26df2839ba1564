/** How counts become a report: the rows of its table, and the verdict. */
import { type Expectation, type Outcome, type StressTest, subjectOf } from './test.js';

/** What has been counted so far. */
export interface Counts {
  /** Samples by result. */
  readonly samples: Map<string, number>;
  /** Where undeclared errors come from, by the result they count as. */
  readonly places?: Map<string, string>;
  /** How many iterations the actors went through, in total. */
  walked: number;
  /** In how many of those an actor met another. */
  overlapped: number;
}

/**
 * The verdict on a test. `FAILED`: something FORBIDDEN was seen, or nothing at all. `NOT SEEN`: nothing is wrong, but
 * an outcome that must be seen was not seen or, if there is no such outcome, no two actors ever met in an iteration, so
 * the run shows nothing. `PASSED`: everything else.
 */
export type Verdict = 'PASSED' | 'NOT SEEN' | 'FAILED';

/** One row of a test's table. */
export interface OutcomeReport {
  /** The declared outcome's result (its source, if it is a regular expression), or an undeclared result. */
  readonly result: string;
  /** How many iterations had this result. */
  readonly samples: number;
  /** How the outcome is judged. */
  readonly expectation: Expectation;
  /** What happened when it is seen, in a sentence. */
  readonly description: string;
}

/** The result of one run of one test, as plain data. */
export interface TestReport {
  /** The test's name. */
  readonly name: string;
  /** What is raced for, and under which protection. */
  readonly description: string;
  /** The primitive or topic whose power or limits the test shows. */
  readonly subject: string;
  /** The verdict. */
  readonly verdict: Verdict;
  /** Why the verdict is not `PASSED`; empty otherwise. */
  readonly reason: string;
  /** Declared outcomes in declared order, whether seen or not, then undeclared ones. */
  readonly outcomes: readonly OutcomeReport[];
  /** Worker threads that took part. */
  readonly threads: number;
  /** How long the test ran, in seconds, excluding the start of its workers. */
  readonly seconds: number;
  /** How many iterations had a result. */
  readonly samples: number;
  /** `samples` divided by `seconds`. */
  readonly samplesPerSecond: number;
  /** The fraction of iterations in which another actor was at work at the same time, 0 – 1. */
  readonly overlap: number;
}

/** Sorts the counts under the declared outcomes and judges them. */
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

/** The declared outcome that a result counts as, if any: the first that matches. */
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
  // An outcome that must be seen, and was, proves that they raced.
  if (neverMet && !declared.some(({ mustBeSeen }) => mustBeSeen))
    return { verdict: 'NOT SEEN', reason: 'the actors never met in an iteration, so there was no race' };
  return { verdict: 'PASSED', reason: '' };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
