import { readFileSync } from 'node:fs';
import { Arena } from 'atomics-sync-free';
import { explore, type Result, region, type Thread } from 'atomics-sync-free/check';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { Member } from '#dist/core/memory/member.js';
import { agentId, OWNER_SHIFT, ownerOf, slotOf } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import * as protocol from '#dist/gil/protocol.js';
import { suite } from '../support/suite.js';

const test = suite('GIL protocol, every interleaving');

type Protocol = typeof protocol;
const NAMES = ['', 'FREED', 'SWITCHED', 'WORD', 'LAST_HOLDER', 'FORCED', 'INTERVAL', 'ASKER'];
const GHOSTS = { inside: 1, holder: 1, forced0: 0, forced1: 0, forced2: 0 } as const;
/** The geometry of an arena is written once, before all else, and read plainly. */
const HEADER_WORDS = 16;
/**
 * The model's clock counts time-outs, and makes every state with another count a new one. It stands still at 1 ms, to
 * which so little is no addition.
 */
const INTERVAL = 2 ** -60;
type Ghost = keyof typeof GHOSTS;

interface Options {
  /** How many checkpoints each agent comes to while it holds the GIL; as many numbers as agents. */
  readonly checkpoints?: readonly number[];
  readonly timeouts?: boolean;
  readonly kills?: number;
  /** Only the schedules with so few preemptions; all by default. */
  readonly preemptions?: number;
}

const gil = new GIL({ arena: new Arena({ agents: 4, byteLength: 1024 }) });
const { cell } = gil;
/** An arena with so many more agents, the first of which holds its GIL. */
function image(agents: number): { words: Int32Array; ids: number[] } {
  const words = gil.arena.words.slice();
  const ids = Array.from({ length: agents }, (_, i) => agentId(i + 1, 1));
  for (const id of ids) words[slotIndex(slotOf(id)) + LIFE] = (1 << 2) | 1;
  words[cell + protocol.WORD] = ids[0] << OWNER_SHIFT;
  words[cell + protocol.LAST_HOLDER] = ids[0];
  return { words, ids };
}

/** Agents, the first of which has the GIL, that take it, come to checkpoints, and drop it. */
function model(p: Protocol, { checkpoints = [1, 1], timeouts = true, kills = 0, preemptions }: Options = {}): Result {
  const agents = checkpoints.length;
  const { words: arena, ids } = image(agents);
  const word = cell + p.WORD;

  const agent = (index: number) => (words: Int32Array, thread: Thread<Ghost>) => {
    const member = new Member(words, ids[index]);
    const waits = p.waitsFor(gil, member, cell);
    const take = (place: number): void => {
      thread.mark(`take ${place}`);
      if (!p.takeFree(words, cell, member.ownerWord)) {
        for (let state = 0; state !== p.TAKEN; state = p.takeTurn(waits, state, INTERVAL)) {
          thread.mark(`${place} ${state}`);
        }
      }
      thread.ghost.add('inside', 1);
      thread.ghost.set('holder', index + 1);
      for (let other = 0; other < agents; other++) {
        if (other !== index) thread.ghost.set(`forced${other}` as Ghost, 0);
      }
    };
    const leave = (place: number): void => {
      thread.ghost.add('inside', -1);
      thread.ghost.set('holder', 0);
      const forced = p.drop(words, cell);
      thread.mark(`left ${place} ${forced}`);
      if (forced) p.awaitSwitch(waits);
      thread.mark(`switched ${place}`);
    };
    if (timeouts) Atomics.wait(words, 0, Atomics.load(words, 0), 1);
    if (index > 0) take(0);
    for (let i = 1; i <= checkpoints[index]; i++) {
      thread.mark(`at ${i}`);
      if ((Atomics.load(words, word) & p.ASKED) === 0) continue;
      thread.ghost.set(`forced${index}` as Ghost, 1);
      leave(i);
      take(i);
    }
    thread.mark('done');
    Atomics.load(words, word);
    leave(0);
  };
  /** Retires the dead agent, and frees the GIL if it had it: what becomes of that is the users' affair. */
  const reaper = (words: Int32Array, thread: Thread<Ghost>): void => {
    const dead = ids[thread.joinDead()];
    if (ownerOf(Atomics.load(words, word)) === dead) {
      thread.ghost.set('inside', 0);
      Atomics.exchange(words, word, 0);
    }
    retireFrom(words, dead, 0);
  };
  const bodies = [...ids.map((_, index) => agent(index)), ...(kills > 0 ? [reaper] : [])];

  return explore<string, Ghost>({
    memory: region(arena, { names: (index) => NAMES[index - cell], plain: (index) => index < HEADER_WORDS }),
    ghosts: GHOSTS,
    threads: bodies.map(
      (run) =>
        ({ words }, thread) =>
          run(words, thread),
    ),
    timeouts,
    kills,
    invariant: ({ inside, holder, ...forced }) => {
      if (kills > 0) return true;
      if (inside > 1) return 'two agents hold the GIL';
      return (
        holder === 0 || forced[`forced${holder - 1}`] === 0 || `agent ${holder - 1} has it back after a forced drop`
      );
    },
    final: (_, view) => kills > 0 || view.word(word) === 0 || 'the GIL is not free in the end',
    ...(preemptions !== undefined && { preemptionBound: preemptions }),
    maxStates: 2_000_000,
  });
}

const ok = (result: Result): void => assert.is(result.verdict, 'ok', result.toString());

test('3 agents: at most one holds it, and all get it', () => {
  ok(model(protocol, { checkpoints: [0, 0, 0] }));
});

test('3 agents that switch at a checkpoint: a forced switch really switches, within 2 preemptions', () => {
  ok(model(protocol, { checkpoints: [1, 1, 1], preemptions: 2 }));
});

test('2 agents with 2 checkpoints each switch back and forth', () => {
  ok(model(protocol, { checkpoints: [2, 2] }));
});

test('no wake is lost, even were a sleep to end only by a wake', () => {
  ok(model(protocol, { timeouts: false }));
});

test('an agent that dies anywhere hinders nobody once it is retired and its GIL freed', () => {
  ok(model(protocol, { checkpoints: [1, 0], kills: 1 }));
});

/** The protocol with a piece of its text changed. */
async function mutant(from: string, to: string): Promise<Protocol> {
  const url = new URL(import.meta.resolve('#dist/gil/protocol.js'));
  const text = readFileSync(url, 'utf8');
  assert.is(text.split(from).length, 2, `the protocol has not exactly one: ${from}`);
  const mutated = text
    .replace(from, to)
    .replaceAll("'../core/", `'${new URL('../core/', url)}`)
    // Where coverage is taken, Node resolves it against the URL, which cannot be done with a data: one.
    .replace(/^\/\/# sourceMappingURL=.*$/m, '');
  return (await import(`data:text/javascript,${encodeURIComponent(mutated)}`)) as Protocol;
}

/** Whom one wake must reach through another. */
const THREE = { checkpoints: [0, 0, 0], timeouts: false };

const MUTANTS: readonly [name: string, from: string, to: string, options?: Options][] = [
  ['takes what is not free', 'cell + WORD, 0, me) !== 0', 'cell + WORD, 0, me) === -1'],
  ['the woken one does not answer for the others', '(state & SLEPT) === 0 ? 0 : BLOCKED', '0', THREE],
  [
    'forgets from turn to turn that it was woken',
    'turn(taking, state & SLEPT, interval)',
    'turn(taking, 0, interval)',
    THREE,
  ],
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
  ['a forced switch does not wait', 'turn(switching, 0, Infinity);', ';'],
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

test.run();
