// The quick part of `npm run check`: the first small scenarios of each primitive. There is no time for all of them here.
import { explore } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { models } from './catalogue.js';
import { peers } from './peers.js';
import { exploreModel } from './world.js';

/** More than any small scenario has. */
const MAX_STATES = 200_000;
/** How many of each primitive. */
const FIRST = 4;

const test = suite('every interleaving of');

const small = models.filter(({ size }) => size === 'small');
const isAmongFirst = (model: (typeof small)[number]): boolean =>
  small.filter(({ primitive }) => primitive === model.primitive).indexOf(model) < FIRST;

for (const model of small.filter(isAmongFirst)) {
  test(`${model.primitive}: ${model.name}`, () => {
    const result = exploreModel(model, MAX_STATES);
    assert.is(result.verdict, 'ok', String(result));
  });
}

const peer = suite('a peer that breaks');

for (const { name, make, breaks } of peers.slice(0, 2)) {
  peer(name, () => {
    assert.is(explore(make()).failure?.kind, breaks);
  });
}

test.run();
peer.run();
