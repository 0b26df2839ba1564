import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { agentId } from '#dist/core/memory/owner.js';
import { setClock } from '#dist/core/wait/clock.js';
import { AGAIN, BUSY, GOT, LOOK, SLEEP } from '#dist/core/wait/pass.js';
import { Patience } from '#dist/core/wait/patience.js';
import { setSpinLimit, spin } from '#dist/core/wait/spin.js';
import { TaskPatience } from '#dist/core/wait/task-looks.js';
import { Waiting } from '#dist/core/wait/waiting.js';
import { suite } from '../support/suite.js';

const test = suite('spin');

const LIMIT = 3;
const member = new Member(new Int32Array(1), agentId(0, 1));

/** Spins on a pass that gives these answers, the last one for ever; returns how many passes it made, and the last answer. */
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

function wakeTasks({ member: { words }, taskGate }: Waiting): void {
  Atomics.add(words, taskGate, 1);
  Atomics.notify(words, taskGate);
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

test('a patient wait looks for long again as long as that pays, and once more after it was in vain', () => {
  withLimit(LIMIT, () => {
    const late = [...new Array(LIMIT + 3).fill(BUSY), GOT];
    const patience = new Patience();
    // By then it has looked for long once.
    for (let i = 0; i < 17; i++) spunBy(patience, late);
    assert.is(patience.pays, true);
    for (let i = 0; i < 20; i++) assert.equal(spunBy(patience, late), { passes: late.length, answer: GOT });
    for (const pays of [true, false]) {
      assert.ok(spunBy(patience, [BUSY]).passes > LIMIT + 16);
      assert.is(patience.pays, pays);
    }
    assert.is(spunBy(patience, [BUSY]).passes, LIMIT + 1);
  });
});

test('a patient wait looks for somewhat longer than half of its sleeps took, within bounds', () => {
  const patience = new Patience();
  const least = patience.ms;
  for (let i = 0; i < 200; i++) patience.slept(i % 2 === 0 ? 0.1 : 0.12);
  assert.ok(patience.ms > 0.12 && patience.ms < 0.2, `${patience.ms}`);
  for (let i = 0; i < 200; i++) patience.slept(i % 10 === 0 ? 50 : 0.06);
  assert.ok(patience.ms < 0.12, `${patience.ms}`);
  for (let i = 0; i < 200; i++) patience.slept(50);
  assert.is(patience.ms, 0.25);
  for (let i = 0; i < 200; i++) patience.slept(0.001);
  assert.is(patience.ms, least);
});

/** A thing for which tasks wait patiently, and the passes that were made for it: whether each only looked. */
function awaited(answer: (passes: number) => number): { waiting: Waiting; looked: boolean[]; patience: Patience } {
  const patience = new TaskPatience();
  patience.looked(true);
  patience.looked(false);
  const words = new Int32Array(new SharedArrayBuffer(16));
  const looked: boolean[] = [];
  const pass = (_words: Int32Array, _cell: number, _me: number, state: number) => {
    looked.push((state & LOOK) !== 0);
    return answer(looked.length);
  };
  const waiting = new Waiting({ label: 'a thing' }, new Member(words, agentId(0, 1)), pass, 0, 0, { patience });
  return { waiting, looked, patience };
}

test('a task that waits for an answer only looks as long as that pays, and lets the event loop turn between looks', async () => {
  let turned = 0;
  const { waiting, looked, patience } = awaited(() => (turned > 3 ? GOT : BUSY));
  // So it looks for as long as it takes.
  setClock(() => 0);
  try {
    let isOver = false;
    const waited = waiting.waitAsync({}).finally(() => {
      isOver = true;
    });
    for (; !isOver; turned++) await new Promise((resolve) => setImmediate(resolve));
    assert.is(await waited, true);
  } finally {
    setClock();
  }
  assert.ok(looked.length > 3 && looked.every(Boolean), `${looked}`);
  assert.is(patience.pays, true);
});

test('a task that has looked in vain leaves evidence, and waits until it is woken', async () => {
  let there = false;
  const { waiting, looked, patience } = awaited(() => (there ? GOT : looked.at(-1) ? BUSY : SLEEP));
  let isOver = false;
  const waited = waiting.waitAsync({}).then((got) => {
    isOver = true;
    return got;
  });
  while (looked.at(-1)) await new Promise((resolve) => setImmediate(resolve));
  assert.is(patience.pays, false);
  assert.is(looked.filter((only) => !only).length, 1);
  assert.is(isOver, false);
  there = true;
  wakeTasks(waiting);
  assert.is(await waited, true);
});

test('each wait of a task asks once whether it is to look for long', async () => {
  let there = false;
  const { waiting, looked, patience } = awaited(() => (there ? GOT : SLEEP));
  let asked = 0;
  patience.isDue = () => {
    asked++;
    return false;
  };
  const waited = waiting.waitAsync({});
  assert.is(looked.at(-1), false);
  there = true;
  wakeTasks(waiting);
  assert.is(await waited, true);
  assert.is(asked, 1);
});

test('a task whose time is up while it looks makes its last pass, and one that is aborted makes none', async () => {
  const late = awaited(() => BUSY);
  assert.is(await late.waiting.waitAsync({ timeout: 0 }), false);
  assert.is(late.looked.at(-1), false);
  const given = awaited(() => BUSY);
  const aborter = new AbortController();
  const waited = given.waiting.waitAsync({ signal: aborter.signal });
  aborter.abort('enough');
  const passes = given.looked.length;
  assert.is(await waited.catch((reason) => reason), 'enough');
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(given.looked.length, passes);
});

test('a limit of 0 looks once', () => {
  withLimit(0, () => {
    for (let i = 0; i < 40; i++) assert.equal(spun(BUSY), { passes: 1, answer: BUSY });
  });
});

test.run();
