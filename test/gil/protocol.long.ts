// What npm cit has no time for: the GIL's protocol with three agents.
import * as protocol from '#dist/gil/protocol.js';
import { suite } from '../support/suite.js';
import { model, ok } from './protocol-model.js';

const test = suite('GIL protocol, every interleaving, three agents');

test('at most one holds it, and all get it', () => {
  ok(model(protocol, { checkpoints: [0, 0, 0] }));
});

test('a forced switch at a checkpoint really switches, within 2 preemptions', () => {
  ok(model(protocol, { checkpoints: [1, 1, 1], preemptions: 2 }));
});

test.run();
