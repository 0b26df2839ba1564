// Programs over the checker's specifications and over the shipped code: see object-programs.ts.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import {
  type CallName,
  overShippedCode,
  overSpecifications,
  type Program,
  sampleOfShippedCode,
} from './object-programs.js';

const test = suite('programs that use primitives');

const program = (uses: Program['uses'], ...threads: readonly string[]): Program => ({
  uses,
  threads: threads.map((calls) => calls.split(' ') as CallName[]),
});

/** Explored whole over both. */
const SMALL: readonly Program[] = [
  program(['lock'], 'lock unlock', 'lockTimed tryLock isLocked'),
  program(['lock'], 'lock', 'lock'),
  program(['lock'], 'unlock lockTimed', 'tryLock unlock'),
  program(['rlock'], 'enter enter exit exit', 'enterTimed tryEnter depth exit'),
  program(['semaphore'], 'take give2 permits', 'takeTimed tryTake permits'),
  program(['bounded'], 'takeBounded giveBounded giveBounded', 'giveBounded'),
  program(['event'], 'awaitTimed lookAtEvent', 'set clear'),
  program(['lock', 'event'], 'lock await unlock', 'lock set unlock'),
];

/** Explored over the specifications, and sampled over the shipped code by so many runs as show all outcomes. */
const LARGE: readonly (readonly [program: Program, runs: number])[] = [
  [program(['lock', 'condition'], 'lock waitOnTimed unlock', 'lock notify unlock'), 20],
  [program(['rlock', 'again'], 'enter enter waitAgainTimed depth', 'enter notifyAgain exit tryEnter'), 40],
  [program(['lock', 'condition'], 'notify', 'lock waitOn unlock'), 20],
  [program(['barrier'], 'meetTimed isBroken', 'meetTimed'), 40],
  [program(['barrier'], 'meet meet', 'meet meet'), 20],
  [program(['rwlock'], 'read read endRead endRead', 'writeTimed tryRead endWrite'), 60],
  [program(['rwlock'], 'read write', 'tryWrite endRead'), 20],
];

for (const each of SMALL) {
  test(`${each.threads.join(' | ')}: comes to the same over the specifications as over the shipped code`, () => {
    const [specified, shipped] = [overSpecifications(each), overShippedCode(each)];
    assert.is(shipped.verdict, specified.verdict, `${specified.report}\n${shipped.report}`);
    if (specified.verdict === 'ok') assert.equal(shipped.outcomes, specified.outcomes);
  });
}

for (const [each, runs] of LARGE) {
  test(`${each.threads.join(' | ')}: comes to the same over the specifications as in samples of the shipped code`, () => {
    const [specified, shipped] = [overSpecifications(each), sampleOfShippedCode(each, runs, 1)];
    if (specified.verdict !== 'ok') assert.is(shipped.verdict, specified.verdict, shipped.report);
    else assert.equal(shipped.outcomes, specified.outcomes, `${specified.report}\n${shipped.report}`);
  });
}

test.run();
