/** Scenarios of the arena: formatting, allocation, agent slots, retirement, records; each with a death at any point. */
import { SyncError } from 'atomics-sync-free';
import { region, type Scenario, type ThreadOptions } from 'atomics-sync-free/check';
import { allocate, allocateBlock, eachCell, free, isCell, type Kind, PLAIN } from '#dist/core/memory/cells.js';
import { slotOf } from '#dist/core/memory/owner.js';
import { ENTITLED, IDLE, putRecord, recordState, setState, setUndo, takeRecord } from '#dist/core/memory/records.js';
import { formatOrOpen, slotIndex } from '#dist/core/memory/region.js';
import { CLAIM, LIFE, takeSlot } from '#dist/core/memory/slots.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { agentOf, type Model, modelOf, ownerWordOf, times, World } from './world.js';

const HEADER_WORDS = 16;
const LAST_OF_ID = 5;
const CAPACITY = 6;
const GEOMETRY = 7;
const NEXT = 8;
/** Offset in a record. */
const RECORD_OWNER = 2;
const RECORD_SUBJECT = 6;
/** A slot's state while it is being retired. */
const DEAD = 2;
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
    name: `formatter for ${agents}`,
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

// --- slots and retirement ---------------------------------------------------------------------------------------

/** Agents come into an arena with so many free slots; who finds none says so. */
function joining(agents: number, slots: number, retired: boolean): Scenario<string, string> {
  const world = new World<string>(slots);
  const { words } = world.arena;
  // The slots are free, save that the first is still that of an agent that died, if it is to be retired meanwhile.
  for (let i = retired ? 1 : 0; i < slots; i++) {
    for (const word of [LIFE, CLAIM]) Atomics.store(words, slotIndex(slotOf(agentOf(i))) + word, 0);
  }
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'joiner' }, ({ thread, words, index }) => [
      () => {
        let agent: number;
        try {
          agent = takeSlot(words, [100 + index, index]);
        } catch (error) {
          if (!(error instanceof SyncError && error.code === 'ERR_NO_SLOT')) throw error;
          thread.ghost.add('refused', 1);
          return;
        }
        if (Atomics.load(words, slotIndex(slotOf(agent)) + CLAIM) !== 100 + index) throw new Error('its claim is gone');
        // Two with one id would show as a digit above 1.
        thread.ghost.add('taken', 10 ** slotOf(agent));
      },
    ]);
  }
  const retirer = (): ThreadOptions<string, string> => ({
    name: 'retirer',
    run: ({ words }) => {
      retireFrom(words, agentOf(0));
    },
  });
  const made = world.scenario({
    ghosts: { taken: 0, refused: 0 },
    invariant: ({ taken }) => !/[2-9]/.test(String(taken)) || 'two have one slot',
    final: ({ taken, refused, 'life of 0': life }) => {
      if ((life & 3) === DEAD) return 'the slot of the dead is lost';
      const had = String(taken).replaceAll('0', '').length;
      return had + refused === agents && had <= slots && (retired || had === Math.min(agents, slots));
    },
  });
  return retired ? { ...made, threads: [...made.threads, retirer(), retirer()] } : made;
}

// --- records ----------------------------------------------------------------------------------------------------

/** A word behind what a record has, which its owner signs; behind it stands what its death does to it. */
const SIGNATURE = 10;

/** Agents take records of waits and put them back; one dies, and what it had is to be had again. */
function recording(kills: number): Scenario<string, string> {
  const world = new World<string>(2, { growing: true });
  for (let i = 0; i < 2; i++) {
    world.agent({ name: 'waiter', killable: i === 0 }, ({ arena, words, index }) =>
      times(2, () => {
        const record = takeRecord(arena.member, 0);
        if (recordState(words, record) !== IDLE) throw new Error('the wait before this is not over');
        Atomics.store(words, record + RECORD_SUBJECT, record + SIGNATURE);
        setUndo(words, record + SIGNATURE, 0, 0, 0);
        setState(words, record, ENTITLED);
        if (Atomics.exchange(words, record + SIGNATURE, index + 1) !== 0) throw new Error('two have one record');
        if (recordState(words, record) !== ENTITLED) throw new Error('somebody has ended its wait');
        Atomics.store(words, record + SIGNATURE, 0);
        putRecord(arena.member, record);
      }),
    );
  }
  if (kills > 0) {
    world.other('reaper', ({ words }, thread) => {
      retireFrom(words, agentOf(thread.joinDead()));
    });
  }
  return world.scenario({ kills });
}

/** Takes blocks, signs them, and gives them back; nobody else's signature may be in what it has. */
function freeing(agents: number, rounds: number, kills: number): Scenario<string, string> {
  const world = new World<string>(agents, { growing: true });
  const { words } = world.arena;
  // One that was freed before, for which they compete.
  free(words, allocateBlock(words, BLOCK_WORDS));
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'user', killable: i === 0 }, ({ words, index }) =>
      times(rounds, () => {
        const block = allocateBlock(words, BLOCK_WORDS);
        if (block === 0) throw new Error('the arena is not full');
        if (Atomics.exchange(words, block + SIGN, index + 1) !== 0) throw new Error('it is not clean, or two have it');
        if (Atomics.exchange(words, block + SIGN, 0) !== index + 1) throw new Error('another has got its block');
        free(words, block);
      }),
    );
  }
  return world.scenario({ kills });
}
/** Short ones, since each of their words is cleared by an operation. */
const BLOCK_WORDS = 2;
const SIGN = 2;

/** Two agents have died, and what both did to one word is undone by two others at once. */
function undoing(): Scenario<string, string> {
  const world = new World<string>(2, { growing: true });
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
      retireFrom(words, agentOf(i));
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
  ['3 agents, 2 free slots', () => joining(3, 2, false), { size: 'small' }],
  ['1 agent, 1 slot that is retired twice at once', () => joining(1, 1, true), { size: 'small' }],
  ['3 agents, 2 slots, 1 of them retired twice at once', () => joining(3, 2, true), { large: true }],
  ['2 agents take records twice', () => recording(0), { size: 'small' }],
  ['2 agents take and free blocks', () => freeing(2, 1, 0), { size: 'small' }],
  ['2 agents take and free blocks twice', () => freeing(2, 2, 0), { large: true }],
  ['2 agents take and free blocks, 1 dies', () => freeing(2, 1, 1), { size: 'medium' }],
  ['2 waits of the dead undone at once', () => undoing(), { size: 'small' }],
  ['2 agents take records twice, 1 dies', () => recording(1), { size: 'small' }],
];

export const core: readonly Model[] = models.map(([name, make, more]) => modelOf('Arena', { name, ...more }, make));
