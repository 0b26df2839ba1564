/** Scenarios of agent slots: how they are taken, left, and freed after a death. */
import { SyncError } from 'atomics-sync-free';
import type { Scenario, Thread, ThreadOptions } from 'atomics-sync-free/check';
import { tryToEnter } from '#dist/core/memory/entrance.js';
import { generationOf, slotOf } from '#dist/core/memory/owner.js';
import { agentSlots, slotIndex } from '#dist/core/memory/region.js';
import {
  at,
  BEATS,
  CLAIM,
  comeBack,
  condemn,
  DUE,
  eachAgentOf,
  eachUnretired,
  findSlot,
  freeSlot,
  goAway,
  isLive,
  LIFE,
  RETIRER,
  takeSlot,
} from '#dist/core/memory/slots.js';
import { leaveFrom, retireFrom } from '#dist/core/memory/sweep.js';
import { agentOf, type Model, modelOf, OUTSIDER, World } from './world.js';

/** A slot's states. */
const FREE = 0;
const LIVE = 1;

/** The index of the slot of the first agent. */
const FIRST = slotIndex(slotOf(agentOf(0)));

/** A world of so many agents, with a name for the word that says who claims the slot of the first. */
function worldOf(agents: number): World<string> {
  const world = new World<string>(agents);
  world.name(FIRST, { [CLAIM]: 'claim' });
  return world;
}

/** The same, and that slot is free. */
function worldWithSlot(agents: number): World<string> {
  const world = worldOf(agents);
  for (const word of [LIFE, CLAIM]) Atomics.store(world.arena.words, FIRST + word, 0);
  return world;
}

/** A slot is taken with nothing that shows whether the agent lives. */
const bare = (agent: number) => ({ agent, withdraw: () => {} });

interface Joining {
  readonly agents: number;
  readonly slots: number;
  /** Whether the first slot is still that of one that died, and two retire it meanwhile. */
  readonly retired?: boolean;
  /** Of those that retire it. */
  readonly kills?: number;
  /** So many believe that the thread of the first has ended, and take out what it has claimed. */
  readonly mistaken?: number;
}

/** Agents come into an arena with so many free slots; one that finds none says so. */
function joining({ agents, slots, retired = false, kills = 0, mistaken = 0 }: Joining): Scenario<string, string> {
  // The agents that retire others are members, too, and take part in nothing else.
  const world = new World<string>(slots + (retired ? 3 : 0));
  const { words } = world.arena;
  /** A word that counts the mistaken agents that have finished. */
  const over = words.length - 1;
  world.name(0, { [over]: 'over' });
  for (let i = 0; i < slots; i++) {
    world.name(slotIndex(slotOf(agentOf(i))), { [CLAIM]: `claim of ${i}`, [RETIRER]: `retirer of ${i}` });
  }
  // The slots are free, save that the first is still that of an agent that died, if it is to be retired meanwhile.
  for (let i = retired ? 1 : 0; i < slots; i++) {
    for (const word of [LIFE, CLAIM]) Atomics.store(words, slotIndex(slotOf(agentOf(i))) + word, 0);
  }
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'joiner', killable: false }, ({ thread, words, index }) => [
      () => {
        // Others may yet take out what the first has claimed.
        let isKnown = index > 0;
        const agent = takeSlot(words, [100 + index, index], (agent) => {
          isKnown ||= mistaken === 0 || Atomics.load(words, over) === mistaken;
          return bare(agent);
        })?.agent;
        if (agent === undefined) {
          if (findSlot(words, [100 + index, index]) !== undefined) throw new Error('it was refused, and has a slot');
          thread.ghost.add('refused', 1);
          return;
        }
        if (isKnown && findSlot(words, [100 + index, index]) !== agent)
          throw new Error('its slot is not known as its own');
        // Two with one id would show as a digit above 1.
        thread.ghost.add('taken', 10 ** slotOf(agent));
        thread.ghost.add('last', index);
      },
    ]);
  }
  const retirer = (i: number): ThreadOptions<string, string> => ({
    name: `retirer ${i}`,
    killable: i === 0,
    run: ({ words }) => {
      retireFrom(words, agentOf(0), agentOf(slots + i));
    },
  });
  /** An agent that learns that a retirer died half-way. */
  const next: ThreadOptions<string, string> = {
    name: 'next retirer',
    killable: false,
    run: ({ words }, thread) => {
      thread.joinDead();
      retireFrom(words, agentOf(slots), agentOf(slots + 2));
    },
  };
  for (let i = 0; i < mistaken; i++)
    world.other('mistaken', ({ words }) => {
      eachAgentOf(words, 100, () => {});
      Atomics.add(words, over, 1);
    });
  const made = world.scenario({
    ghosts: { taken: 0, refused: 0, last: 0 },
    invariant: ({ taken }) => !/[2-9]/.test(String(taken)) || 'two have one slot',
    kills,
    final: (values) => {
      const { taken, refused, last } = values;
      if (slots === 1 && taken > 0 && ![0, 100 + last].includes(values['claim of 0']))
        return 'the slot is named as of another';
      const had = String(taken).replaceAll('0', '').length;
      for (let i = 0; i < slots; i++) {
        const isTaken = Math.floor(taken / 10 ** slotOf(agentOf(i))) % 10 === 1;
        const life = values[`life of ${i}`] & 3;
        const retirer = values[`retirer of ${i}`];
        if (isTaken && life !== LIVE) return 'one that has a slot is taken for dead';
        if (isTaken && retirer !== 0 && kills === 0) return `agent ${retirer} is at it still, and nobody else may`;
        if (!isTaken && (life !== FREE || values[`claim of ${i}`] !== 0)) return 'a free slot is lost';
      }
      return had + refused === agents && had <= slots && (retired || mistaken > 0 || had === Math.min(agents, slots));
    },
  });
  if (!retired) return made;
  return { ...made, threads: [...made.threads, retirer(0), retirer(1), ...(kills > 0 ? [next] : [])] };
}

/** It takes three to find that somebody has died in the entrance, to free that, and to go in. */
const TRIES = 3;

/** @returns false when it has found no place, or not yet */
function take(memory: Int32Array, thread: Thread<string>, identity: number, late = false): boolean {
  let agent: number | undefined;
  try {
    agent = tryToEnter(memory, [identity, identity], late)?.agent;
  } catch (error) {
    if (!(error instanceof SyncError && error.code === 'ERR_NO_SLOT')) throw error;
  }
  if (agent === undefined) return false;
  // Two with one id would show as a digit above 1.
  thread.ghost.add('taken', 10 ** generationOf(agent));
  // It lives on, and its pulse need not.
  thread.abandonWaits();
  return true;
}

/**
 * Agents come into an arena whose slots belong to the dead, and to one of which nothing is known. One of them dies, and one
 * that comes after its death finds a place.
 */
function entering(agents: number, kills: number): Scenario<string, string> {
  const world = new World<string>(1);
  const { words } = world.arena;
  const slots = [0, slotOf(agentOf(0)), agentSlots(words)];
  slots.forEach((slot, i) => {
    world.name(slotIndex(slot), { [CLAIM]: `claim of ${i}`, [RETIRER]: `retirer of ${i}`, [BEATS]: `beats of ${i}` });
  });
  // The dead have no wait left, and the other has none.
  Atomics.store(words, slotIndex(0) + BEATS, 0);
  Atomics.store(words, at(agentOf(0), BEATS), 8);
  for (let i = 0; i < agents; i++) {
    world.agent({ name: 'newcomer', killable: i === 0 }, ({ words, thread }) => [
      () => void take(words, thread, 100 + i),
    ]);
  }
  if (kills > 0)
    world.agent({ name: 'next newcomer', killable: false }, ({ words, thread }) => [
      () => {
        thread.joinDead();
        // Time passes before each.
        for (let tries = 0; tries < TRIES; tries++) {
          for (const slot of slots) Atomics.store(words, slotIndex(slot) + DUE, 0);
          if (take(words, thread, 200, true)) return;
        }
        // Of a dead agent's waits some may still be there; real ones have more of them than they are asked for.
        if (slots.every((slot) => Atomics.load(words, slotIndex(slot) + BEATS) !== 1))
          throw new Error('it has found no place');
      },
    ]);
  return world.scenario({
    ghosts: { taken: 0 },
    invariant: ({ taken }) => !/[2-9]/.test(String(taken)) || 'two have one slot',
    kills,
    final: (values) => kills > 0 || values['life of 0'] === ((2 << 2) | LIVE) || 'nobody has the slot of the dead',
  });
}

/** An agent lets go of an arena and comes back to it, while others look for a slot and find no other than its own. */
function returning(newcomers: number): Scenario<string, string> {
  const world = new World<string>(1);
  Atomics.store(world.arena.words, slotIndex(0) + BEATS, 0);
  world.agent({ name: 'returner', killable: false }, ({ words, thread }) => [
    () => {
      goAway(words, agentOf(0));
      if (comeBack(words, agentOf(0))) thread.ghost.add('taken', 10 ** generationOf(agentOf(0)));
      else if (isLive(words, agentOf(0))) throw new Error('it is refused, and has its slot');
    },
  ]);
  for (let i = 0; i < newcomers; i++)
    world.agent({ name: 'newcomer', killable: false }, ({ words, thread }) => [
      () => void take(words, thread, 100 + i),
    ]);
  const had = (taken: number): number => [...String(taken)].reduce((sum, digit) => sum + Number(digit), 0);
  return world.scenario({
    ghosts: { taken: 0 },
    invariant: ({ taken }) => had(taken) <= 1 || 'two have the slot',
    final: ({ taken }) => had(taken) === 1 || 'nobody has the slot',
  });
}

/** An agent has let go of an arena, and another finds no other slot than its own. */
function replacing(): Scenario<string, string> {
  const world = new World<string>(1);
  Atomics.store(world.arena.words, slotIndex(0) + BEATS, 0);
  goAway(world.arena.words, agentOf(0));
  world.agent({ name: 'newcomer', killable: false }, ({ words, thread }) => [() => void take(words, thread, 100)]);
  return world.scenario({ ghosts: { taken: 0 }, final: ({ taken }) => taken > 0 || 'it has found no place' });
}

/** An agent lets go of an arena while two take it for dead. */
function lettingGo(): Scenario<string, string> {
  const world = worldOf(3);
  world.other('leaver', ({ words }) => goAway(words, agentOf(0)));
  for (const retirer of [1, 2])
    world.other('retirer', ({ words }) => void retireFrom(words, agentOf(0), agentOf(retirer)));
  return world.scenario({ final: (values) => (values['life of 0'] & 3) === FREE || 'its slot is not free' });
}

/** An agent that comes into the slot of one that died, and dies as well, is retired by another. */
function succeeding(): Scenario<string, string> {
  const world = worldOf(3);
  world.other('retirer', ({ words }) => {
    retireFrom(words, agentOf(0), agentOf(1));
    const successor = takeSlot(words, [100, 100], bare)?.agent ?? OUTSIDER;
    if (slotOf(successor) !== slotOf(agentOf(0))) throw new Error('it has the slot of one that lives');
    retireFrom(words, successor, agentOf(2));
  });
  return world.scenario({ final: (values) => (values['life of 0'] & 3) === FREE || 'it is not retired' });
}

/** An agent comes into a slot while another has it, dies, and is retired. */
function comingLate(): Scenario<string, string> {
  const world = worldWithSlot(3);
  world.agent({ name: 'joiner' }, ({ words, thread }) => [
    () => {
      const agent = takeSlot(words, [100, 100], bare)?.agent;
      if (agent === undefined) return;
      thread.ghost.add('taken', 1);
      if (findSlot(words, [100, 100]) !== agent) throw new Error('it has lost the slot');
    },
  ]);
  world.other('former', ({ words }) => {
    const agent = takeSlot(words, [200, 200], bare)?.agent;
    if (agent !== undefined) retireFrom(words, agent, agentOf(2));
  });
  return world.scenario({
    ghosts: { taken: 0 },
    final: (values) =>
      (values['life of 0'] & 3) === (values.taken === 1 ? LIVE : FREE) || 'the slot is not as it was left',
  });
}

/** An agent dies while it comes into a slot; whoever hears of the end of its thread sees to it that the slot is free. */
function dyingOnTheWay(): Scenario<string, string> {
  const world = worldWithSlot(3);
  world.agent({ name: 'joiner' }, ({ words }) => [() => void takeSlot(words, [100, 100], bare)]);
  world.other('friend', ({ words }, thread) => {
    thread.joinDead();
    eachAgentOf(words, 100, (agent) => {
      if (agent === agentOf(1) || agent === agentOf(2)) throw new Error('it is another thread that has ended');
      retireFrom(words, agent, OUTSIDER);
    });
    thread.ghost.add('told', 1);
  });
  return world.scenario({
    ghosts: { told: 0 },
    kills: 1,
    final: (values) =>
      values.told === 0 || ((values['life of 0'] & 3) === FREE && values.claim === 0) || 'a free slot is lost',
  });
}

/** An agent leaves; it dies on the way, or another takes it for dead. */
function leaving({ kills = 0, mistaken = false }): Scenario<string, string> {
  const world = worldOf(2);
  world.agent({ name: 'leaver' }, ({ words }) => [() => leaveFrom(words, agentOf(0))]);
  if (kills > 0)
    world.other('retirer', ({ words }, thread) => void retireFrom(words, agentOf(thread.joinDead()), agentOf(1)));
  if (mistaken) world.other('mistaken', ({ words }) => void retireFrom(words, agentOf(0), agentOf(1)));
  return world.scenario({
    kills,
    final: (values) => ((values['life of 0'] & 3) === FREE && values.claim === 0) || 'its slot is not free',
  });
}

/** Two agents die in one slot, one after the other; each is retired by one of two that look, and not by both at once. */
function retiringInTurn(): Scenario<string, string> {
  const world = new World<string>(3);
  condemn(world.arena.words, agentOf(0));
  const look = (words: Int32Array, thread: Thread<string>, me: number): void => {
    eachUnretired(words, me, (dead) => {
      thread.ghost.add('retiring', 1);
      Atomics.load(words, at(dead, LIFE));
      thread.ghost.add('retiring', -1);
      freeSlot(words, dead);
      return true;
    });
  };
  world.other('looker 1', ({ words }, thread) => look(words, thread, agentOf(1)));
  world.other('looker 2', ({ words }, thread) => {
    look(words, thread, agentOf(2));
    const next = takeSlot(words, [100, 100], bare)?.agent;
    if (next === undefined) return;
    condemn(words, next);
    look(words, thread, agentOf(2));
  });
  return world.scenario({
    ghosts: { retiring: 0 },
    invariant: ({ retiring }) => retiring <= 1 || 'two retire one agent',
    final: (values) => (values['life of 0'] & 3) === FREE || 'nobody has retired it',
  });
}

/** An agent comes into an arena whose slots are all those of others that live, or of which nothing is known. */
function crowded(): Scenario<string, string> {
  const world = new World<string>(1);
  Atomics.store(world.arena.words, slotIndex(0) + BEATS, 0);
  world.other('newcomer', ({ words }) => {
    try {
      tryToEnter(words, [100, 100], false);
    } catch (error) {
      if (error instanceof SyncError && error.code === 'ERR_NO_SLOT') return;
      throw error;
    }
    throw new Error('it is not told that there is no slot');
  });
  return world.scenario({});
}

const models: readonly (readonly [name: string, make: () => Scenario<string, string>, more?: Partial<Model>])[] = [
  ['3 agents, 2 free slots', () => joining({ agents: 3, slots: 2 }), { size: 'small' }],
  ['2 agents, 1 free slot, 1 taken for dead', () => joining({ agents: 2, slots: 1, mistaken: 1 }), { size: 'small' }],
  [
    '2 agents, 1 free slot, 1 taken for dead by two',
    () => joining({ agents: 2, slots: 1, mistaken: 2 }),
    { size: 'medium' },
  ],
  ['1 agent in the slot of a dead one dies', () => succeeding(), { size: 'small' }],
  ['1 agent, 1 slot that another has had meanwhile', () => comingLate(), { size: 'small' }],
  ['1 agent dies while it comes', () => dyingOnTheWay(), { size: 'small' }],
  ['1 agent leaves', () => leaving({}), { size: 'small' }],
  ['1 agent leaves, and dies on the way', () => leaving({ kills: 1 }), { size: 'small' }],
  ['1 agent leaves, and is taken for dead', () => leaving({ mistaken: true }), { size: 'small' }],
  [
    '1 agent, 1 slot that is retired twice at once',
    () => joining({ agents: 1, slots: 1, retired: true }),
    { size: 'small' },
  ],
  [
    '1 agent, 1 slot that is retired twice, 1 retirer dies',
    () => joining({ agents: 1, slots: 1, retired: true, kills: 1 }),
    { large: true },
  ],
  [
    '3 agents, 2 slots, 1 of them retired twice at once',
    () => joining({ agents: 3, slots: 2, retired: true }),
    { large: true },
  ],
  ['2 agents die in 1 slot, 2 look', () => retiringInTurn(), { size: 'small' }],
  ['1 newcomer where all live', () => crowded(), { size: 'small' }],
  ['1 newcomer, 1 agent lets go and comes back', () => returning(1), { size: 'small' }],
  ['2 newcomers, 1 agent lets go and comes back: few preemptions', () => returning(2), { size: 'medium', bound: 2 }],
  ['1 newcomer to the slot of one that has let go', () => replacing(), { size: 'small' }],
  ['1 agent lets go, and is retired twice at once', () => lettingGo(), { size: 'small' }],
  ['1 newcomer to a slot of the dead', () => entering(1, 0), { size: 'small' }],
  ['2 newcomers to a slot of the dead: few preemptions', () => entering(2, 0), { size: 'medium', bound: 2 }],
  ['1 newcomer to a slot of the dead dies, another comes', () => entering(1, 1), { large: true }],
];

export const slots: readonly Model[] = models.map(([name, make, more]) => modelOf('Arena', { name, ...more }, make));
