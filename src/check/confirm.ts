/**
 * Whether a run occurs. Loops are taken to be endless because they look so (spins.ts); where that is wrong, a past was
 * merged with another that goes on differently, and what follows may occur in no run. So what is reported of a search
 * with loops is confirmed by the same run without them.
 */
import { Checks } from './checks.js';
import { Machine } from './machine.js';
import type { Move } from './moves.js';
import type { FailureKind } from './result.js';
import type { Scenario } from './scenario.js';
import { statesAlong } from './schedule.js';

/**
 * Whether these moves are possible where no loop is taken to be endless, and end in such a failure, or in none.
 *
 * @param machine - The machine whose run it is.
 */
export function occurs(
  scenario: Scenario<string, string>,
  machine: Machine,
  moves: readonly Move[],
  kind?: FailureKind,
): boolean {
  if (!machine.hasLoops) return true;
  const loopless = new Machine(scenario, { equalRounds: Infinity });
  const states = statesAlong(loopless, moves);
  if (states.length <= moves.length) return false;
  const last = states[moves.length];
  return new Checks(loopless, scenario).judge(last, loopless.enabled.moves(last))?.kind === kind;
}
