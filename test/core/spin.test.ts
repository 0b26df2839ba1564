import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { agentId } from '#dist/core/memory/owner.js';
import { AGAIN, BUSY, GOT, SLEEP } from '#dist/core/wait/pass.js';
import { Patience } from '#dist/core/wait/patience.js';
import { setSpinLimit, spin } from '#dist/core/wait/spin.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { suite } from '../support/suite.js';

const test = suite('spin');

const LIMIT = 3;
const member = new Member(new Int32Array(1), agentId(0, 1));

/** Spins on a pass that gives these answers, the last one for ever; how many it made, and the last. */
function spun(...answers: number[]): { passes: number; answer: number } {
  return spunBy(undefined, answers);
}

function spunBy(patience: Patience | undefined, answers: number[]): { passes: number; answer: number } {
  let passes = 0;
  const pass = () => answers[Math.min(passes++, answers.length - 1)];
  const where = patience === undefined ? {} : { patience };
  const answer = spin(new Waiting({ label: 'a thing' }, member, pass, 0, 0, where), 0, 0);
  return { passes, answer };
}

function withLimit(limit: number, run: () => void): void {
  setSpinLimit(limit);
  try {
    run();
  } finally {
    setSpinLimit(40);
  }
}

test('it ends with the first answer that is neither BUSY nor AGAIN', () => {
  withLimit(LIMIT, () => {
    assert.equal(spun(GOT), { passes: 1, answer: GOT });
    assert.equal(spun(BUSY, AGAIN, GOT), { passes: 3, answer: GOT });
    assert.equal(spun(BUSY, SLEEP), { passes: 2, answer: SLEEP });
  });
});

test('what stays busy is looked at as often as the limit says, and much longer once in 17 times', () => {
  withLimit(LIMIT, () => {
    const passes = Array.from({ length: 2 * 17 }, () => spun(BUSY).passes);
    const long = passes.flatMap((count, i) => (count === LIMIT + 1 ? [] : [i]));
    assert.is(long.length, 2, `${passes}`);
    assert.is(long[1] - long[0], 17);
    for (const i of long) assert.ok(passes[i] > LIMIT + 16, `${passes[i]}`);
  });
});

test('a patient wait looks for long again as long as that pays', () => {
  withLimit(LIMIT, () => {
    const late = [...new Array(LIMIT + 3).fill(BUSY), GOT];
    const patience = new Patience();
    // By then it has looked for long once.
    for (let i = 0; i < 17; i++) spunBy(patience, late);
    assert.is(patience.pays, true);
    for (let i = 0; i < 20; i++) assert.equal(spunBy(patience, late), { passes: late.length, answer: GOT });
    assert.ok(spunBy(patience, [BUSY]).passes > LIMIT + 16);
    assert.is(patience.pays, false);
  });
});

test('how long a patient wait looks follows its shortest sleeps, within bounds', () => {
  const patience = new Patience();
  const first = patience.ms;
  for (let i = 0; i < 200; i++) patience.slept(0.12);
  assert.ok(Math.abs(patience.ms - 0.12) < 0.001, `${patience.ms}`);
  patience.slept(0.09);
  assert.is(patience.ms, 0.09);
  for (let i = 0; i < 200; i++) patience.slept(50);
  assert.is(patience.ms, 0.25);
  patience.slept(0.001);
  assert.is(patience.ms, first);
});

test('a limit of 0 looks once', () => {
  withLimit(0, () => {
    for (let i = 0; i < 40; i++) assert.equal(spun(BUSY), { passes: 1, answer: BUSY });
  });
});

test.run();
