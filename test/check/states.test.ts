import * as assert from 'uvu/assert';
import type { Machine } from '#dist/check/machine.js';
import type { State } from '#dist/check/moves.js';
import { States } from '#dist/check/states.js';
import { suite } from '../support/suite.js';

const test = suite('states');

/** A state as far as a table of states looks into it. */
function stateOf(image: number, past: number): State {
  const state = { image: { id: image }, queue: { id: 0 }, late: { id: 0 }, pasts: [{ id: past }], kills: 0, last: -1 };
  return state as unknown as State;
}

test('different states have different ids, also where their hashes are equal', () => {
  // By the birthday bound so many 32-bit hashes have some ten collisions.
  const side = 550;
  const states = new States({ actors: [{}] } as unknown as Machine);
  const ids: number[] = [];
  for (let image = 0; image < side; image++) {
    for (let past = 0; past < side; past++) ids.push(states.idOf(stateOf(image * 7919, past * 104_729)));
  }
  assert.is(states.count, side * side);
  assert.ok(ids.every((id, index) => id === index));
  assert.is(states.idOf(stateOf(3 * 7919, 4 * 104_729)), 3 * side + 4);
});

test.run();
