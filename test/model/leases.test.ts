// What nobody promises of leases goes wrong as the guide says, and the explorer shows how.
import { explore } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { leaseScenario, unpromised } from './lease.model.js';

const test = suite('without a promise');

for (const program of unpromised) {
  test(program.name, () => {
    const { failure } = explore(leaseScenario(program));
    assert.match(failure?.reason ?? 'nothing went wrong', program.breaks);
  });
}

test.run();
