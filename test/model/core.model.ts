/** Scenarios of the arena's memory: formatting, allocation, records; each with a death at any point. */
import { SyncError } from 'atomics-sync-free';
import { region, type Scenario, type ThreadOptions } from 'atomics-sync-free/check';
import {
  allocate,
  allocateBlock,
  BLOCK_START,
  blockLength,
  eachCell,
  free,
  isCell,
  type Kind,
  lengthOf,
  PLAIN,
  RECORD,
} from '#dist/core/memory/cells.js';
import { ownerOf } from '#dist/core/memory/owner.js';
import { ENTITLED, IDLE, putRecord, recordState, setState, setUndo, takeRecord } from '#dist/core/memory/records.js';
import { FREED, formatOrOpen } from '#dist/core/memory/region.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { agentOf, type Model, modelOf, OUTSIDER, ownerWordOf, times, World } from './world.js';

const HEADER_WORDS = 16;
const LAST_OF_ID = 5;
const CAPACITY = 6;
const GEOMETRY = 7;
const NEXT = 8;
/** Offset in a record. */
const RECORD_OWNER = 2;
const RECORD_SUBJECT = 6;
const RECORD_WORDS = 7;
/** So many records an agent keeps. */
const KEPT = 8;
const MAGIC = 0x41534631;
const HEADER = ['state', 'version', 'id0', 'id1', 'id2', 'id3', 'capacity', 'geometry', 'next'];

// --- formatting -------------------------------------------------------------------------------------------------

/**
 * Formats or opens a region of zeros; whatever the arena says of itself then, it says for ever.
 *
 * @param options `length`: how much of the region it sees, in words; `allocates`: takes some of it at once
 */
function formatter(
  agents: number,
  { length, allocates = false }: { length?: number; allocates?: boolean } = {},
): ThreadOptions<string, string> {
  return {
    name: `formatter for ${agents}, ${length} words`,
    phases: ({ words }, thread) =>
      times(1, () => {
        const randomness = crypto.getRandomValues;
        // Each agent draws numbers of its own, the same in each re-execution.
        Object.defineProperty(crypto, 'getRandomValues', {
          configurable: true,
          value: (array: Int32Array) => array.fill(thread.index + 1),
        });
        try {
          formatOrOpen(words.subarray(0, length), { agents, packed: false });
        } catch (error) {
          // One that sees less of the region than the arena takes.
          if (error instanceof SyncError && error.code === 'ERR_ARENA_SIZE') return;
          throw error;
        } finally {
          Object.defineProperty(crypto, 'getRandomValues', { configurable: true, value: randomness });
        }
        const identity = () => [LAST_OF_ID, CAPACITY, GEOMETRY].map((word) => Atomics.load(words, word)).join();
        const next = allocates ? Atomics.add(words, NEXT, 1) : 0;
        const first = identity();
        thread.mark(`${first} ${next}`);
        thread.ghost.add('opened', 1);
        if (allocates && Atomics.load(words, NEXT) <= next) throw new Error('what was allocated is free again');
        if (identity() !== first) throw new Error('an arena that was opened has changed');
      }),
  };
}

function formatting(
  threads: readonly ThreadOptions<string, string>[],
  kills: number,
  length = 256,
): Scenario<string, string> {
  return {
    memory: region(new Int32Array(length), {
      names: Object.fromEntries(HEADER.entries()),
      plain: (index) => index < HEADER_WORDS,
      constant: (index) => index >= HEADER_WORDS || index > HEADER.length - 1,
    }),
    threads,
    ghosts: { opened: 0 },
    kills,
    invariant: (values) => {
      if (values.opened === 0) return true;
      const complete = values.state === MAGIC && HEADER.every((word) => values[word] !== 0);
      return complete || 'it was opened before it was complete';
    },
  };
}

// --- allocation -------------------------------------------------------------------------------------------------

const SMALL: Kind = { name: 'small', code: 50, gates: 1, role: PLAIN, words: 6 };
const LARGE: Kind = { name: 'large', code: 51, gates: 2, role: PLAIN, words: 20 };

/** Takes cells and signs them; nobody else's signature may ever be there. */
function allocating(kinds: readonly (readonly Kind[])[], kills: number): Scenario<string, string> {
  const world = new World<string>(kinds.length, { growing: true });
  for (const own of kinds) {
    world.agent({ name: 'allocator' }, ({ index, words }) =>
      own.map((kind) => () => {
        const cell = allocate(words, kind);
        if (cell === 0) throw new Error('the arena is not full');
        if (Atomics.exchange(words, cell + 1, index + 1) !== 0) throw new Error('two have got one cell');
        if (!isCell(words, cell, kind)) throw new Error('its cell is not in the table');
        let seen = false;
        eachCell(words, (at) => {
          seen ||= at === cell;
        });
        if (!seen) throw new Error('its cell is not found by a walk');
        if (Atomics.load(words, cell + 1) !== index + 1) throw new Error('another has got its cell');
      }),
    );
  }
  return world.scenario({ kills });
}

// --- records ----------------------------------------------------------------------------------------------------

/** A word after what a record has, which its owner signs; after it stands what its death does to it. */
const SIGNATURE = 10;

interface Recording {
  readonly agents?: number;
  readonly kills?: number;
  /** What the agents do with a record after the wait: keep it for the next one, or give it back. */
  readonly after?: 'keep' | 'give back';
  /** How many records there is room for; by default, more than they take. */
  readonly room?: number;
}

/** Agents take records of waits and put them back; one dies, and what it had must be available again. */
function recording({ agents = 2, kills = 0, after = 'keep', room }: Recording): Scenario<string, string> {
  const world = new World<string>(agents, { growing: true });
  const { arena } = world;
  const first = Atomics.load(arena.words, NEXT);
  world.name(0, { [NEXT]: 'next' });
  if (room !== undefined) fill(arena.words, room);
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'waiter', killable: i === 0 }, ({ arena: { member }, words, index, thread }) =>
      times(room === undefined ? 2 : 1, () => {
        let record: number;
        try {
          record = takeRecord(member, 0);
        } catch (error) {
          if (room === undefined || !(error instanceof SyncError && error.code === 'ERR_ARENA_FULL')) throw error;
          thread.ghost.add('refused', 1);
          return '';
        }
        if (recordState(words, record) !== IDLE) throw new Error('the wait before this is not over');
        Atomics.store(words, record + RECORD_SUBJECT, record + SIGNATURE);
        setUndo(words, record + SIGNATURE, 0, 0, 0);
        setState(words, record, ENTITLED);
        if (Atomics.exchange(words, record + SIGNATURE, index + 1) !== 0) throw new Error('two have one record');
        if (recordState(words, record) !== ENTITLED) throw new Error('somebody has ended its wait');
        if (Atomics.load(words, record + RECORD_OWNER) !== member.ownerWord) throw new Error('it has lost its owner');
        Atomics.store(words, record + SIGNATURE, 0);
        if (after === 'give back') member.idleRecords.push(...Array<number>(KEPT).fill(0));
        putRecord(member, record);
        if (after === 'give back') member.idleRecords.length = 0;
        return member.idleRecords.join();
      }),
    );
  }
  const reaper = ({ words }: { readonly words: Int32Array }, agent: number): void => {
    retireFrom(words, agent, OUTSIDER);
    eachCell(words, (index, _gates, role) => {
      if (role === RECORD && ownerOf(Atomics.load(words, index + RECORD_OWNER)) === agent)
        throw new Error('a record of the dead is lost');
    });
  };
  if (kills > 0) world.other('reaper', (memory, thread) => reaper(memory, agentOf(thread.joinDead())));
  return world.scenario({
    ghosts: { refused: 0 },
    kills,
    final: ({ refused, next }) => {
      if (room === undefined) return (next - first) / lengthOf(arena.words, RECORD_WORDS) <= 2 || 'there are too many';
      const expected = agents - room;
      return refused === expected || (kills > 0 && refused < expected) || `${refused} found no record`;
    },
  });
}

/** Takes all room of an arena, except for this many records, in few cells. */
function fill(words: Int32Array, records: number): void {
  const record = lengthOf(words, RECORD_WORDS);
  const left = () => words.length - Atomics.load(words, NEXT) - records * record;
  for (let size = left(); left() >= record; size >>= 1) {
    while (left() >= blockLength(size)) allocateBlock(words, size);
  }
}

/** A dead agent that had a record, and has been in a wait or not, is retired by two at once. */
function retiring(state: number): Scenario<string, string> {
  const world = new World<string>(3, { growing: true });
  const { words } = world.arena;
  const cell = allocate(words, SMALL);
  setUndo(words, cell + 2, ~0b0010, 0b1000, 0);
  const record = takeRecord(world.arena.member, cell + 2);
  setState(words, record, state);
  Atomics.store(words, record + RECORD_OWNER, ownerWordOf(0));
  world.name(cell, { 2: 'undone' });
  world.name(0, { [FREED]: 'freed' });
  for (let i = 0; i < 2; i++)
    world.other(`retirer ${i}`, ({ words }) => void retireFrom(words, agentOf(0), agentOf(1 + i)));
  return world.scenario({
    final: ({ undone, freed }) => {
      if (undone !== (state === ENTITLED ? 0b1000 : 0)) return `it was undone to ${undone}`;
      return freed === lengthOf(words, RECORD_WORDS) || `${freed} words are free`;
    },
  });
}

interface Freeing {
  readonly agents: number;
  readonly rounds?: number;
  readonly kills?: number;
  /** Whether there is no other room than that of the block that was freed. */
  readonly full?: boolean;
}

/** Agents take blocks, sign them, and give them back; nobody else's signature may be in what one has. */
function freeing({ agents, rounds = 1, kills = 0, full = false }: Freeing): Scenario<string, string> {
  const world = new World<string>(agents, { growing: true });
  const { words } = world.arena;
  world.name(0, { [NEXT]: 'next' });
  // One that was freed before, after another cell.
  allocate(words, SMALL);
  const block = allocateBlock(words, BLOCK_WORDS);
  if (full) fill(words, 0);
  free(words, block);
  const first = Atomics.load(words, NEXT);
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'user', killable: i === 0 }, ({ words, index }) =>
      times(rounds, () => {
        const block = allocateBlock(words, BLOCK_WORDS);
        if (block === 0) throw new Error('the arena is not full');
        if (Atomics.exchange(words, block + SIGN, index + 1) !== 0) throw new Error('it is not clean, or two have it');
        if (Atomics.load(words, block + SIGN) !== index + 1) throw new Error('another has got its block');
        free(words, block);
      }),
    );
  }
  return world.scenario({
    kills,
    final: ({ next }) => agents > 1 || next === first || 'it has not got the block that it has freed',
  });
}
/** Short ones, since each of their words is cleared by an operation. */
const BLOCK_WORDS = 2;
const SIGN = 2;

/** Two agents free one block at once, which is wrong: one of them is told so. */
function freeingTwice(): Scenario<string, string> {
  const world = new World<string>(2, { growing: true });
  const { words } = world.arena;
  const block = allocateBlock(words, BLOCK_WORDS);
  world.name(0, { [FREED]: 'freed' });
  for (let i = 0; i < 2; i++) {
    world.agent({ name: 'user' }, ({ words, thread }) => [
      () => {
        try {
          free(words, block);
        } catch (error) {
          if (!(error instanceof SyncError && error.code === 'ERR_INVARIANT')) throw error;
          thread.ghost.add('refused', 1);
        }
      },
    ]);
  }
  return world.scenario({
    ghosts: { refused: 0 },
    final: ({ refused, freed }) =>
      (refused === 1 && freed === lengthOf(words, BLOCK_WORDS + BLOCK_START)) ||
      `${refused} were refused, ${freed} freed`,
  });
}

/** Two agents have died, and what both did to one word is undone by two others at once. */
function undoing(): Scenario<string, string> {
  const world = new World<string>(4, { growing: true });
  const { words } = world.arena;
  const cell = allocate(words, SMALL);
  const at = cell + 2;
  Atomics.store(words, at, 0b0111);
  setUndo(words, at, ~0b0010, 0b1000, 0b10000);
  world.name(cell, { 2: 'undone' });
  for (let i = 0; i < 2; i++) {
    const record = takeRecord(world.arena.member, at);
    setState(words, record, ENTITLED);
    Atomics.store(words, record + RECORD_OWNER, ownerWordOf(i));
  }
  for (let i = 0; i < 2; i++) {
    world.other(`retirer ${i}`, ({ words }) => {
      retireFrom(words, agentOf(i), agentOf(2 + i));
    });
  }
  return world.scenario({ final: ({ undone }) => undone === 0b101101 || `it was undone to ${undone.toString(2)}` });
}

const models: readonly (readonly [name: string, make: () => Scenario<string, string>, more?: Partial<Model>])[] = [
  [
    'formatted by 2 at once: few preemptions',
    () => formatting([formatter(2, { allocates: true }), formatter(3)], 0),
    { size: 'medium', bound: 2 },
  ],
  [
    'formatted by 2 that see more and less of it: few preemptions',
    () => formatting([formatter(2), formatter(2, { length: 256 })], 0, 512),
    { size: 'medium', bound: 2 },
  ],
  ['formatted by 2 at once', () => formatting([formatter(2), formatter(3)], 0)],
  ['formatted by 2, 1 dies', () => formatting([formatter(2), formatter(3)], 1)],
  ['formatted by 3 at once', () => formatting([formatter(2), formatter(3), formatter(4)], 0), { large: true }],
  [
    '2 × 2 cells',
    () =>
      allocating(
        [
          [SMALL, LARGE],
          [LARGE, SMALL],
        ],
        0,
      ),
    { size: 'small' },
  ],
  [
    '2 × 2 cells, 1 agent dies',
    () =>
      allocating(
        [
          [SMALL, LARGE],
          [LARGE, SMALL],
        ],
        1,
      ),
    { size: 'small' },
  ],
  ['3 cells by 3 agents, 1 dies', () => allocating([[SMALL], [LARGE], [SMALL]], 1), { large: true }],
  ['2 agents take records twice', () => recording({}), { size: 'small' }],
  ['2 agents take records and give them back, twice', () => recording({ after: 'give back' }), { size: 'medium' }],
  ['1 agent takes and frees a block three times', () => freeing({ agents: 1, rounds: 3 }), { size: 'small' }],
  [
    '1 agent takes and frees the last block twice',
    () => freeing({ agents: 1, rounds: 2, full: true }),
    { size: 'small' },
  ],
  ['2 agents take and free blocks', () => freeing({ agents: 2 }), { size: 'small' }],
  ['2 agents take and free blocks twice', () => freeing({ agents: 2, rounds: 2 })],
  ['2 agents take and free blocks, 1 dies', () => freeing({ agents: 2, kills: 1 }), { size: 'medium' }],
  ['2 agents free 1 block', () => freeingTwice(), { size: 'small' }],
  ['2 waits of the dead undone at once', () => undoing(), { size: 'medium' }],
  ['2 agents take records twice, 1 dies', () => recording({ kills: 1 }), { size: 'small' }],
  [
    '2 agents take records and give them back, twice, 1 dies',
    () => recording({ after: 'give back', kills: 1 }),
    { large: true },
  ],
  ['1 agent finds no room for a record', () => recording({ agents: 1, room: 0 }), { size: 'small' }],
  ['2 agents take the last record', () => recording({ room: 1 }), { size: 'small' }],
  ['2 agents take the last record, 1 dies', () => recording({ room: 1, kills: 1 }), { size: 'medium' }],
  ['1 dead agent without a wait is retired twice at once', () => retiring(IDLE), { size: 'small' }],
  ['1 dead agent with a wait is retired twice at once', () => retiring(ENTITLED), { size: 'small' }],
];

export const core: readonly Model[] = models.map(([name, make, more]) => modelOf('Arena', { name, ...more }, make));
