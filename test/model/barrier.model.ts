/** Scenarios of Barrier. */
import { Barrier, BrokenBarrierError } from 'atomics-sync-free';
import type { Scenario } from 'atomics-sync-free/check';
import { retireFrom } from '#dist/core/memory/sweep.js';
import {
  type AgentOptions,
  agentOf,
  busyRecord,
  type Listing,
  type Model,
  modelOf,
  OUTSIDER,
  times,
  WHILE,
  World,
} from './world.js';

const GATE = 1;
const WORD = 3;
/** A word of the barrier's cell that the scenario uses for itself. */
const SPARE = 12;

const BLOCKED = 1 << 0;
const ONE = 1 << 4;
const EPOCH = 1 << 18;
const COUNT = (2 ** 14 - 1) << 4;
const PHASE = 3 << 2;
const FILLING = 0;
const BROKEN = 3 << 2;

/** `indices` has a decimal digit for each index: how many got it. */
type Ghost = 'arrived' | 'left' | 'broke' | 'acted' | 'acting' | 'indices';
type User = (world: World<Ghost>, barrier: Barrier) => void;

interface Habits extends AgentOptions<Ghost> {
  readonly timed?: boolean;
  /** Waits again when the barrier breaks or is reset. */
  readonly insists?: boolean;
  /** Whether there is an action, whether it fails, or lasts until another party wants to come in. */
  readonly acts?: 'well' | 'badly' | 'long';
  /** What it waits for before it comes: another party, or that an action has begun. */
  readonly after?: 'another' | 'action';
}

const party =
  (rounds = 1, { timed = false, insists = false, acts, after, ...options }: Habits = {}): User =>
  (world, barrier) =>
    world.agent({ name: 'party', keeps: 'past', records: 'nothing', ...options }, (agent) => {
      const mine = agent.attach(Barrier, barrier);
      const { thread, words } = agent;
      if (acts !== undefined) {
        mine.action = () => {
          Atomics.add(words, barrier.cell + SPARE, 1);
          thread.ghost.add('acting', 1);
          while (acts === 'long' && (Atomics.load(words, barrier.cell + WORD) & BLOCKED) === 0) thread.mark();
          Atomics.add(words, barrier.cell + SPARE, 1);
          thread.ghost.add('acting', -1);
          thread.ghost.add('acted', 1);
          if (acts === 'badly') throw new RangeError('the action failed');
        };
      }
      const wait = (): number => {
        try {
          return mine.wait(timed ? WHILE : Number.POSITIVE_INFINITY);
        } catch (error) {
          if (error instanceof BrokenBarrierError || error instanceof RangeError) return -1;
          throw error;
        }
      };
      const others = {
        another: () => mine.nWaiting + Number(mine.broken),
        action: () => Atomics.load(words, barrier.cell + SPARE),
      };
      return times(rounds, () => {
        while (after !== undefined && others[after]() === 0) agent.arena.mark('comes later');
        // A ghost changes with the operation before it.
        Atomics.load(words, barrier.cell + SPARE);
        thread.ghost.add('arrived', 1);
        let index = wait();
        while (index < 0 && insists) {
          agent.arena.mark('again');
          index = wait();
        }
        if (index < 0) {
          thread.ghost.add('broke', 1);
        } else {
          thread.ghost.add('left', 1);
          thread.ghost.add('indices', 10 ** index);
        }
        if (agent.arena.member.idleRecords.length !== 1) throw new Error('it has not put back the record of its wait');
      });
    });

/** @param after how many must have arrived before */
const other =
  (what: (barrier: Barrier) => void, after = 0): User =>
  (world, barrier) =>
    world.agent({ name: 'other', killable: false }, (agent) => {
      const mine = agent.attach(Barrier, barrier);
      return [
        () => {
          while (after > 0 && mine.nWaiting < after) agent.arena.mark('looks');
          what(mine);
        },
      ];
    });

const reaper: User = (world) =>
  world.other('reaper', ({ words }, own) => {
    retireFrom(words, agentOf(own.joinDead()), OUTSIDER);
  });

type Ends = (values: Readonly<Record<Ghost | 'word', number>>) => boolean;

interface Program extends Listing {
  readonly parties: number;
  readonly users: readonly User[];
  /** What must hold at the end besides that the barrier is empty. */
  readonly ends: Ends;
  readonly kills?: number;
  /** What the word is at first. */
  readonly word?: number;
}

function scenario({ parties, users, ends, kills = 0, word = 0 }: Program): Scenario<string, string> {
  const world = new World<Ghost>(users.length);
  const barrier = new Barrier(parties, { arena: world.arena });
  Atomics.store(world.arena.words, barrier.cell + WORD, word);
  world.name(barrier.cell, { [GATE]: 'threads', [GATE + 1]: 'tasks', [WORD]: 'word', [SPARE]: 'spare' });
  for (const user of users) user(world, barrier);
  if (kills > 0) reaper(world, barrier);
  return world.scenario({
    ghosts: { arrived: 0, left: 0, broke: 0, acted: 0, acting: 0, indices: 0 },
    kills,
    invariant: ({ left, arrived, acting }) => {
      if (left > Math.floor(arrived / parties) * parties) return `${left} have left, and ${arrived} have come`;
      return acting <= 1 || 'two act';
    },
    final: (values, { threads }) => {
      const { word } = values;
      if (busyRecord(values, threads)) return 'a wait is over, and its record does not say so';
      if ((word & COUNT) !== 0) return 'it is not empty at the end';
      if ((word & PHASE) !== FILLING && (word & PHASE) !== BROKEN) return 'it is neither whole nor broken at the end';
      return ends(values as Parameters<Ends>[0]) || 'it ended otherwise than it should';
    },
  });
}

/** All parties passed all rounds, and each index was given once a round. */
const passed =
  (parties: number, rounds = 1): Ends =>
  ({ left, broke, indices, word }) =>
    left === parties * rounds &&
    broke === 0 &&
    indices === rounds * Array.from({ length: parties }, (_, i) => 10 ** i).reduce((sum, one) => sum + one) &&
    (word & PHASE) === FILLING;
/** All passed, or none did. */
const allOrNone =
  (parties: number): Ends =>
  ({ left, broke }) =>
    (left === parties && broke === 0) || (left === 0 && broke === parties);
/** If one of two passed, then the one that came last. */
const lastPassesFirst: Ends = ({ left, broke, indices }) => left + broke === 2 && (left === 0 || indices >= 10);
const anyhow: Ends = () => true;

const SAFE = { killable: false } as const;
const TIMED = { timed: true } as const;
const INSISTS = { insists: true } as const;
const ACTS = { acts: 'well' } as const;

const programs: readonly Program[] = [
  { name: '2 parties × 2', parties: 2, users: [party(2), party(2)], ends: passed(2, 2), size: 'medium' },
  { name: '2 parties × 3', parties: 2, users: [party(3), party(3)], ends: passed(2, 3) },
  { name: '3 parties', parties: 3, users: [party(), party(), party()], ends: passed(3), large: true },
  { name: '3 parties × 2', parties: 3, users: [party(2), party(2), party(2)], ends: passed(3, 2), large: true },
  { name: '4 parties', parties: 4, users: [party(), party(), party(), party()], ends: passed(4), large: true },
  {
    name: '3 parties, one looks first',
    parties: 3,
    users: [party(1, { looks: true }), party(), party()],
    ends: passed(3),
    large: true,
  },
  {
    name: '2 parties × 2 with an action',
    parties: 2,
    users: [party(2, ACTS), party(2, ACTS)],
    ends: (values) => passed(2, 2)(values) && values.acted === 2,
    size: 'medium',
  },
  {
    name: '4 pass in pairs',
    parties: 2,
    users: [party(), party(), party(), party()],
    ends: ({ left, indices }) => left === 4 && indices === 22,
    large: true,
  },
  { name: '2 timed parties', parties: 2, users: [party(1, TIMED), party(1, TIMED)], ends: allOrNone(2), size: 'small' },
  {
    name: '3 parties, 1 of them timed',
    parties: 3,
    users: [party(1, TIMED), party(), party()],
    ends: allOrNone(3),
    size: 'medium',
    large: true,
  },
  {
    name: '2 timed parties with an action',
    parties: 2,
    users: [party(1, { ...TIMED, ...ACTS }), party(1, { ...TIMED, ...ACTS })],
    ends: (values) => allOrNone(2)(values) && values.left === 2 * values.acted,
    size: 'small',
  },
  {
    name: '2 parties whose action fails',
    parties: 2,
    users: [party(1, { acts: 'badly' }), party(1, { acts: 'badly' })],
    ends: ({ left, broke, acted }) => left === 0 && broke === 2 && acted === 1,
    size: 'small',
  },
  {
    name: '3 parties, one looks first: few preemptions',
    parties: 3,
    users: [party(1, { looks: true }), party(), party()],
    ends: passed(3),
    size: 'small',
    bound: 1,
  },
  {
    name: '2 parties, one looks first',
    parties: 2,
    users: [party(1, { looks: true }), party()],
    ends: passed(2),
    size: 'small',
  },
  {
    name: '1 of 2 parties, then a reset',
    parties: 2,
    users: [party(), other((b) => b.reset(), 1)],
    ends: ({ broke, word }) => broke === 1 && (word & PHASE) === FILLING,
    size: 'small',
  },
  {
    name: '1 of 2 parties, then an abort',
    parties: 2,
    users: [party(), other((b) => b.abort(), 1)],
    ends: ({ broke, word }) => broke === 1 && (word & PHASE) === BROKEN,
    size: 'small',
  },
  {
    name: '2 parties whose action fails while another comes',
    parties: 2,
    users: [party(), party(1, { acts: 'badly', after: 'another' }), party(1, { after: 'action' })],
    ends: ({ left, broke }) => left === 0 && broke === 3,
    size: 'medium',
  },
  {
    name: '1 of 2 parties dies in a later epoch, the other is timed',
    parties: 2,
    users: [
      party(1, { killable: ({ word, arrived }) => (word & COUNT) === ONE && arrived === 1 }),
      party(1, { ...SAFE, ...TIMED, after: 'another' }),
    ],
    ends: ({ left, broke, word }) => left + broke === 2 || (word & PHASE) === BROKEN,
    kills: 1,
    word: EPOCH,
    size: 'small',
  },
  {
    name: '1 of 1 party, which need not wait',
    parties: 1,
    users: [party(2, { blocks: 0 })],
    ends: passed(1, 2),
    size: 'small',
  },
  {
    name: '1 of 1 party acts, another dies before it is let in',
    parties: 1,
    users: [
      party(1, { ...SAFE, acts: 'long' }),
      party(1, { after: 'action', killable: ({ word }) => (word & BLOCKED) !== 0 }),
    ],
    ends: ({ left, broke }) => left >= 1 && broke === 0,
    kills: 1,
    size: 'small',
  },
  {
    name: '2 parties, aborted',
    parties: 2,
    users: [party(), party(), other((b) => b.abort())],
    ends: lastPassesFirst,
    size: 'medium',
  },
  {
    name: '2 parties that insist, reset',
    parties: 2,
    users: [party(1, INSISTS), party(1, INSISTS), other((b) => b.reset())],
    ends: passed(2),
    size: 'medium',
    large: true,
  },
  {
    name: '2 parties, aborted and reset',
    parties: 2,
    users: [
      party(1, TIMED),
      party(1, TIMED),
      other((b) => {
        b.abort();
        b.reset();
      }),
    ],
    ends: lastPassesFirst,
    large: true,
  },
  {
    name: '2 timed parties with an action, reset',
    parties: 2,
    users: [party(1, { ...TIMED, ...ACTS }), party(1, { ...TIMED, ...ACTS }), other((b) => b.reset())],
    ends: ({ left, broke }) => left + broke === 2,
    large: true,
  },
  {
    name: '1 of 2 parties dies, the other is timed',
    parties: 2,
    users: [party(), party(1, { ...SAFE, ...TIMED })],
    ends: anyhow,
    kills: 1,
    size: 'medium',
  },
  {
    name: '1 of 2 parties × 2 dies in its action, the other is timed',
    parties: 2,
    users: [party(2, ACTS), party(2, { ...SAFE, ...TIMED })],
    ends: anyhow,
    kills: 1,
    large: true,
  },
];

export const barriers: readonly Model[] = programs.map((program) =>
  modelOf('Barrier', program, () => scenario(program)),
);
