// The GIL's protocol and its mutants, for which npm cit has no time either. With three agents: protocol.long.ts.
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { OWNER_SHIFT } from '#dist/core/memory/owner.js';
import * as protocol from '#dist/gil/protocol.js';
import { suite } from '../support/suite.js';
import { cell, gil, image, model, type Options, ok, type Protocol } from './protocol-model.js';

const test = suite('GIL protocol, every interleaving');

test('3 agents: at most one holds it, and all get it, within 2 preemptions', () => {
  ok(model(protocol, { checkpoints: [0, 0, 0], preemptions: 2 }));
});

test('3 agents that switch at a checkpoint: a forced switch really switches, within 1 preemption', () => {
  ok(model(protocol, { checkpoints: [1, 1, 1], preemptions: 1 }));
});

test('2 agents with 2 checkpoints each switch back and forth', () => {
  ok(model(protocol, { checkpoints: [2, 2] }));
});

test('no wake is lost, even if a sleep ends only by a wake', () => {
  ok(model(protocol, { timeouts: false }));
});

test('an agent that dies anywhere hinders nobody once it is retired, and its GIL passes on', () => {
  ok(model(protocol, { checkpoints: [1, 0], kills: 1 }));
});

/** The compiled protocol with a piece of its text changed. */
async function mutant(from: string, to: string): Promise<Protocol> {
  const url = new URL('../modules/gil/protocol.js', import.meta.url);
  const text = readFileSync(url, 'utf8');
  assert.is(text.split(from).length, 2, `the protocol has not exactly one: ${from}`);
  const mutated = text
    .replace(from, to)
    .replaceAll("'../core/", `'${new URL('../core/', url)}`)
    // Where coverage is taken, Node resolves it against the URL, which cannot be done with a data: one.
    .replace(/^\/\/# sourceMappingURL=.*$/m, '');
  return (await import(`data:text/javascript,${encodeURIComponent(mutated)}`)) as Protocol;
}

/** Three agents, one of which a wake must reach through another. */
const THREE = { checkpoints: [0, 0, 0], timeouts: false };

const MUTANTS: readonly [name: string, from: string, to: string, options?: Options][] = [
  ['takes what is not free', 'cell + WORD, 0, me) !== 0', 'cell + WORD, 0, me) === -1'],
  ['the woken one does not answer for the others', '(state & SLEPT) === 0 ? 0 : BLOCKED', '0', THREE],
  ['forgets from turn to turn that it was woken', 'turn(taking, slept, ', 'turn(taking, 0, ', THREE],
  [
    'waits without leaving evidence',
    'const left = (word & BLOCKED) !== 0 ||',
    'const left = true ||',
    { timeouts: false },
  ],
  ['notifies a gate that it has not changed', 'Atomics.add(words, cell + FREED, 1);', '', { timeouts: false }],
  ['changes the gate and wakes nobody', 'Atomics.notify(words, cell + FREED, 1);', '', { timeouts: false }],
  ['forgets who took it', 'Atomics.store(words, cell + LAST_HOLDER, agent);', ''],
  ['does not count the switch', 'Atomics.add(words, cell + SWITCHED, 1);', ''],
  ['never wakes a forced switch', 'Atomics.notify(words, cell + SWITCHED);', ''],
  ['a forced switch leaves no evidence', 'Atomics.store(words, cell + FORCED, 1);', ''],
  ['a forced switch does not wait', 'turn(switching, 0, part) !== FAILED', 'true'],
  [
    'a forced switch waits whoever holds it',
    'cell + LAST_HOLDER) === ownerOf(me) ? SLEEP : GOT',
    'cell + LAST_HOLDER), SLEEP',
  ],
  [
    'a forced switch waits for the dead',
    'if (!isLive(words, Atomics.load(words, cell + ASKER)))',
    'if (false)',
    { checkpoints: [1, 0], kills: 1 },
  ],
];

for (const [name, from, to, options] of MUTANTS) {
  test(`the model catches: ${name}`, async () => {
    const result = model(await mutant(from, to), options);
    assert.is(result.verdict, 'failed', result.toString());
  });
}

/**
 * Makes the third agent wait for an interval in which the first drops the GIL and the second takes it.
 *
 * @returns whether it then asks the second one, whose interval has only begun
 */
function asksAfterSwitch(p: Protocol): boolean {
  const { words, ids } = image(3);
  const [holder, , waiter] = ids.map((id) => new Member(words, id));
  const next = ids[1] << OWNER_SHIFT;
  assert.is(words[cell + p.WORD], holder.ownerWord);
  const { wait } = Atomics;
  Atomics.wait = (() => {
    p.drop(words, cell);
    assert.ok(p.takeFree(words, cell, next));
    return 'timed-out';
  }) as typeof Atomics.wait;
  try {
    const state = p.takeTurn(p.waitsFor(gil, waiter, cell), 0, 1);
    return (state & p.HAS_ASKED) !== 0;
  } finally {
    Atomics.wait = wait;
  }
}

test('a waiter does not ask yet after an interval in which the GIL changed hands', () => {
  assert.not.ok(asksAfterSwitch(protocol));
});

test('a mutant that asks whether there was a switch or not is caught', async () => {
  const change = 'Atomics.load(words, cell + SWITCHED) !== number';
  assert.ok(asksAfterSwitch(await mutant(change, 'false')));
});

test.run();
