/**
 * Plays agents that block, all in one thread: the explorer's machine runs the public API, and suspends it where it sleeps.
 * Each call runs until it returns or sleeps, then the agents it woke run, first in, first out, until nothing moves.
 */
import type { Arena } from 'atomics-sync-free';
import { region } from 'atomics-sync-free/check';
import { Machine } from '#dist/check/machine.js';
import { move, type State } from '#dist/check/moves.js';
import { BLOCKED } from '#dist/check/queues.js';
import { withSimulation } from '#dist/check/simulation.js';
import { setClock } from '#dist/core/wait/clock.js';
import { setSpinLimit } from '#dist/core/wait/spin.js';
import { arenaFor, arenaOf, takeSlotOf } from './members.js';
import { type Outcome, outcomeOf } from './referee.js';

/** A call that an agent makes, on its own live object. */
export type Call<Live> = (live: Live) => unknown;

export class Threads<Live> {
  readonly #machine: Machine;
  /** By agent: the calls it has begun, and the outcomes of those that have ended. */
  readonly #scripts: Call<Live>[][];
  readonly #outcomes: Outcome[][];
  #state: State;

  /**
   * @param agents the number of agents
   * @param make makes the primitive in an arena, and returns a function that makes an agent's live object of it
   * @param act makes the calls; the real Atomics are not available meanwhile
   */
  static play<Live>(
    agents: number,
    make: (arena: Arena) => (arena: Arena) => Live,
    act: (threads: Threads<Live>) => void,
  ): void {
    setSpinLimit(0);
    setClock(() => performance.now());
    const arena = arenaFor(agents);
    for (let i = 0; i < agents; i++) takeSlotOf(i, arena);
    const attach = make(arena);
    withSimulation(false, () => act(new Threads(agents, arena.words, attach)));
  }

  private constructor(agents: number, image: Int32Array, attach: (arena: Arena) => Live) {
    this.#scripts = Array.from({ length: agents }, () => []);
    this.#outcomes = Array.from({ length: agents }, () => []);
    this.#machine = new Machine(
      {
        memory: region(image, { plain: () => true }),
        threads: this.#scripts.map((script, i) => ({
          // For every step an agent is run again from its start, and must do the same again; so the script only grows.
          run: ({ words }, thread) => {
            const live = attach(arenaOf(i, words));
            for (let n = 0; ; n++) {
              // An agent stops here between two calls.
              thread.choose(1);
              const call = script[n];
              this.#outcomes[i][n] = outcomeOf(() => call(live));
            }
          },
        })),
      },
      // An agent that is between two calls again is not in a loop: the script says what comes next.
      { equalRounds: Number.POSITIVE_INFINITY },
    );
    this.#state = this.#machine.first;
    // Runs all agents up to their first call, that is, through attaching.
    this.#run([...this.#scripts.keys()], () => {});
  }

  /**
   * Makes an agent's call, and runs until nothing moves.
   *
   * @param ended called for every call that ends, in order
   */
  call(agent: number, call: Call<Live>, ended: (agent: number, outcome: Outcome) => void): void {
    this.#scripts[agent].push(call);
    this.#step(agent);
    this.#run([agent, ...this.#woken()], ended);
  }

  /** Whether this agent sleeps with a limit, which may only be that of its next look. */
  canTimeOut(agent: number): boolean {
    return this.#machine.enabled.moves(this.#state).includes(move(agent, 'timeout', BLOCKED));
  }

  /** Lets a sleeping agent time out, however often it looks again before that. */
  timeOut(agent: number, ended: (agent: number, outcome: Outcome) => void): void {
    while (this.canTimeOut(agent)) {
      this.#state = this.#machine.after(this.#state, move(agent, 'timeout', BLOCKED));
      this.#run([agent], ended);
    }
  }

  /** What the memory holds: the same object for the same contents. */
  get image(): object {
    return this.#state.image;
  }

  #run(awake: number[], ended: (agent: number, outcome: Outcome) => void): void {
    for (const agent of awake) {
      while (this.#runs(agent)) {
        this.#step(agent);
        awake.push(...this.#woken());
      }
      if (this.#isBetweenCalls(agent)) {
        const outcome = this.#outcomes[agent].at(-1);
        if (outcome !== undefined) ended(agent, outcome);
      }
    }
  }

  #step(agent: number): void {
    this.#state = this.#machine.after(this.#state, move(agent, 'step', 0));
    const { stop } = this.#state.pasts[agent];
    if (stop.kind === 'error') throw stop.error;
  }

  #woken(): number[] {
    return this.#machine.lastWoken.map(({ thread }) => thread);
  }

  #runs(agent: number): boolean {
    return this.#state.pasts[agent].stop.kind === 'operation' && !this.#isBetweenCalls(agent);
  }

  #isBetweenCalls(agent: number): boolean {
    const { stop } = this.#state.pasts[agent];
    return stop.kind === 'operation' && stop.operation.kind === 'choose';
  }
}
