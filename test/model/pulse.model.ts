/**
 * Scenarios of the pulse, by which others find out that an agent has ended: it dies at any access, or comes to its end, while
 * others ask.
 */
import type { Scenario } from 'atomics-sync-free/check';
import { hasEnded, Pulse, setMostBeats } from '#dist/core/memory/pulse.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { at, BEATS, condemnAway, DUE, PULSE } from '#dist/core/memory/slots.js';
import { agentOf, type Listing, type Model, modelOf, times, World } from './world.js';

/** So many, since each of an agent's waits may be left or not when it dies. */
const MOST_BEATS = 2;
setMostBeats(MOST_BEATS);

type Ghost = 'ended' | 'told';

const SUBJECT = agentOf(0);

/** Asks, whether it is too early or not. */
function ask(words: Int32Array): boolean {
  Atomics.store(words, at(SUBJECT, DUE), 0);
  return hasEnded(words, SUBJECT);
}

interface Program extends Listing {
  /** How many ask, so often each. */
  readonly askers: number;
  readonly questions: number;
  readonly kills?: number;
  /** How often the event loop of the agent turns before it ends by itself. */
  readonly turns?: number;
  /** Whether it stops its pulse, and goes on for a while. */
  readonly stops?: true;
  /** Whether it has ended before, with beats armed; an agent that asks then must be told. */
  readonly isMissed?: true;
}

function scenario({ askers, questions, kills = 0, turns = 1, stops, isMissed }: Program): Scenario<string, string> {
  const world = new World<Ghost>(askers + 2);
  const { words } = world.arena;
  const over = words.length - 1;
  world.name(slotIndex(1), { [BEATS]: 'beats', [DUE]: 'due', [PULSE + 1]: 'pulse' });
  world.name(0, { [over]: 'over' });
  world.agent({ name: 'agent' }, ({ words, thread }) => {
    const turn = (left: number): void => {
      if (left > 0) {
        thread.later(() => turn(left - 1));
        return;
      }
      thread.ghost.add('ended', 1);
      thread.abandonWaits();
    };
    const stop = (pulse: Pulse): void => {
      if (Atomics.load(words, at(SUBJECT, BEATS)) === 0) throw new Error('it has no beats');
      pulse.stop();
      if (Atomics.load(words, at(SUBJECT, BEATS)) !== 0) throw new Error('it has beats that nobody arms');
      if (condemnAway(words)) throw new Error('it has given up its slot');
      // It lives while it does this.
      Atomics.store(words, over, 1);
    };
    const live = (): void => {
      const pulse = new Pulse(words, SUBJECT);
      if (stops) stop(pulse);
      turn(turns);
    };
    return isMissed ? [] : [live];
  });
  if (isMissed)
    world.agent({ name: 'friend' }, ({ words }) => [
      () => {
        if (!ask(words)) throw new Error('it has ended, and nobody is told');
      },
    ]);
  for (let i = 0; i < askers; i++)
    world.agent({ name: 'asker', killable: false }, ({ words, thread }) =>
      times(questions, () => {
        if (ask(words)) thread.ghost.add('told', 1);
      }),
    );
  if (kills > 0)
    world.agent({ name: 'mourner', killable: false }, ({ words, thread }) => [
      () => {
        thread.joinDead('agent 0');
        // The last beat is nobody's to take.
        while (!ask(words) && Atomics.load(words, at(SUBJECT, BEATS)) > 1);
        thread.ghost.add('told', 1);
      },
    ]);
  Atomics.store(words, at(SUBJECT, BEATS), isMissed ? MOST_BEATS : 0);
  return world.scenario({
    ghosts: { ended: 0, told: 0 },
    kills,
    invariant: ({ told, ended, beats }, { threads }) => {
      if (beats < 0 || beats > MOST_BEATS) return `it has ${beats} beats ready`;
      return told === 0 || ended > 0 || threads[0].state === 'dead' || 'it lives, and was taken for dead';
    },
  });
}

const programs: readonly Program[] = [
  { name: '1 agent has ended, 1 asks', askers: 0, questions: 0, isMissed: true, size: 'small' },
  { name: '1 agent stops its pulse and lives, 1 asks twice', askers: 1, questions: 2, stops: true, size: 'small' },
  { name: '1 agent stops its pulse and lives, 2 ask', askers: 2, questions: 1, stops: true, size: 'small' },
  { name: '1 agent comes to its end, 1 asks twice', askers: 1, questions: 2, size: 'small' },
  { name: '1 agent comes to its end, 2 ask: few preemptions', askers: 2, questions: 1, size: 'medium', bound: 2 },
  { name: '1 agent comes to its end late, 2 ask twice', askers: 2, questions: 2, turns: 2, large: true },
  { name: '1 agent dies, 1 asks: few preemptions', askers: 1, questions: 1, kills: 1, size: 'medium', bound: 2 },
  { name: '1 agent dies, 2 ask twice', askers: 2, questions: 2, kills: 1, large: true },
];

export const pulses: readonly Model[] = programs.map((program) => modelOf('Pulse', program, () => scenario(program)));
