/** How explore, sample and replay begin: with everything simulated in place. */
import type { Host } from './objects/calls.js';
import { declare } from './objects/declared.js';
import { withStandIns, withStandInsAsync } from './objects/stand-ins.js';
import type { Scenario } from './scenario.js';
import { running, withAsyncSimulation, withSimulation } from './simulation.js';
import { validateScenario } from './validate.js';

const host: Host = {
  get isAsync() {
    return running().isAsync;
  },
  later: ({ first }, action, timeout, done) => running().callLater(first, action, timeout, done),
  awaits: ({ first }, action) => running().awaitsCall(first, action),
  perform: ({ first }, action, argument, timeout, boundary) =>
    running().call(first, action, argument, timeout, boundary),
  refuse: (message, boundary) => running().refuse(message, boundary),
};

/**
 * Runs an exploration with the simulated globals, and stand-ins for the primitives, in place.
 *
 * @param run - Receives the scenario with its objects as declared.
 */
export function simulate<T>(scenario: Scenario<string, string>, run: (prepared: Scenario<string, string>) => T): T {
  validateScenario(scenario);
  const { pauseMarks = false, objects, threads } = scenario;
  if (objects === undefined) return withSimulation(pauseMarks, () => run(scenario));
  // The primitives' state is read while Atomics is still the real one.
  const declared = declare(objects, threads.length);
  return withSimulation(pauseMarks, () =>
    withStandIns(declared, host, () => run({ ...scenario, objects: declared as unknown as Record<string, unknown> })),
  );
}

/** As {@link simulate}, for threads that are async. */
export function simulateAsync<T>(
  scenario: Scenario<string, string>,
  run: (prepared: Scenario<string, string>) => Promise<T>,
): Promise<T> {
  validateScenario(scenario);
  const { pauseMarks = false, objects, threads } = scenario;
  if (objects === undefined) return withAsyncSimulation(pauseMarks, () => run(scenario));
  const declared = declare(objects, threads.length);
  return withAsyncSimulation(pauseMarks, () =>
    withStandInsAsync(declared, host, () =>
      run({ ...scenario, objects: declared as unknown as Record<string, unknown> }),
    ),
  );
}
