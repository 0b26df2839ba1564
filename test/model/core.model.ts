/** Scenarios of the arena: formatting, allocation, agent slots, retirement, records; each with a death at any point. */
import { SyncError } from 'atomics-sync-free';
import { region, type Scenario, type ThreadOptions } from 'atomics-sync-free/check';
import { retireFrom, takeSlot } from '#dist/core/agents.js';
import { allocate, eachCell, formatOrOpen, isCell, type Kind, LIFE, PLAIN, slotIndex } from '#dist/core/layout.js';
import { slotOf } from '#dist/core/owner.js';
import { putRecord, takeRecord } from '#dist/core/records.js';
import { agentOf, type Model, times, World } from './world.js';

const HEADER_WORDS = 16;
const LAST_OF_ID = 5;
const GEOMETRY = 7;
const MAGIC = 0x41534631;
const HEADER = ['state', 'version', 'id0', 'id1', 'id2', 'id3', 'capacity', 'geometry', 'next'];

// --- formatting -------------------------------------------------------------------------------------------------

/** Formats or opens a region of zeros; whatever the arena says of itself then, it says for ever. */
function formatter(agents: number): ThreadOptions<string, string> {
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
          formatOrOpen(words, { agents, packed: false });
        } finally {
          Object.defineProperty(crypto, 'getRandomValues', { configurable: true, value: randomness });
        }
        const identity = () => `${Atomics.load(words, LAST_OF_ID)} ${Atomics.load(words, GEOMETRY)}`;
        const first = identity();
        thread.mark(first);
        thread.ghost.add('opened', 1);
        if (identity() !== first) throw new Error('an arena that was opened has changed');
      }),
  };
}

function formatting(threads: readonly ThreadOptions<string, string>[], kills: number): Scenario<string, string> {
  return {
    memory: region(new Int32Array(256), {
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

const SMALL: Kind = { name: 'small', code: 60, gates: 1, role: PLAIN, words: 4 };
const LARGE: Kind = { name: 'large', code: 61, gates: 2, role: PLAIN, words: 20 };

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
  for (let i = retired ? 1 : 0; i < slots; i++) Atomics.store(words, slotIndex(slotOf(agentOf(i))) + LIFE, 0);
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'joiner' }, ({ thread, words }) => [
      () => {
        let agent: number;
        try {
          agent = takeSlot(words);
        } catch (error) {
          if (!(error instanceof SyncError && error.code === 'ERR_NO_SLOT')) throw error;
          thread.ghost.add('refused', 1);
          return;
        }
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
    final: ({ taken, refused }) => {
      const had = String(taken).replaceAll('0', '').length;
      return had + refused === agents && had <= slots && (retired || had === Math.min(agents, slots));
    },
  });
  return retired ? { ...made, threads: [...made.threads, retirer(), retirer()] } : made;
}

// --- records ----------------------------------------------------------------------------------------------------

/** Agents take records of waits and put them back; one dies, and what it had is to be had again. */
function recording(kills: number): Scenario<string, string> {
  const world = new World<string>(2, { growing: true });
  for (let i = 0; i < 2; i++) {
    world.agent({ name: 'waiter', killable: i === 0 }, ({ arena, words, index }) =>
      times(2, () => {
        const record = takeRecord(arena);
        const mark = Atomics.exchange(words, record + 10, index + 1);
        if (mark !== 0) throw new Error('two have one record');
        Atomics.store(words, record + 10, 0);
        putRecord(arena, record);
      }),
    );
  }
  return world.scenario({ kills });
}

const models: readonly (readonly [name: string, make: () => Scenario<string, string>, more?: Partial<Model>])[] = [
  ['formatted by 2 at once', () => formatting([formatter(2), formatter(3)], 0), { size: 'medium' }],
  ['formatted by 2, 1 dies', () => formatting([formatter(2), formatter(3)], 1), { size: 'medium' }],
  ['formatted by 3 at once, 1 dies', () => formatting([formatter(2), formatter(3), formatter(4)], 1), { large: true }],
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
  ['3 agents, 2 slots, 1 of them retired twice at once', () => joining(3, 2, true), { size: 'small' }],
  ['2 agents take records twice', () => recording(0), { size: 'small' }],
  ['2 agents take records twice, 1 dies', () => recording(1), { size: 'small' }],
];

export const core: readonly Model[] = models.map(([name, make, more]) => ({ primitive: 'Arena', name, make, ...more }));
