import * as assert from 'uvu/assert';
import { Berth } from '#dist/host/berth.js';
import { suite } from '../support/suite.js';

const test = suite('berths');
const FIRST = { ident: 5, place: 1 };
const NEXT = { ident: 6, place: 2 };

test('a worker that is closed while it is busy with what its thread has left takes no other order', () => {
  const agent = new Berth(FIRST);
  const worker = new Berth(agent.buffer);
  assert.is(agent.close(FIRST.ident), true);
  worker.rest();
  assert.equal([agent.isOver, agent.give(NEXT), worker.take()], [true, false, undefined]);
});

test('one that rests, or runs the next, is not closed for what the one before it had left', () => {
  const agent = new Berth(FIRST);
  const worker = new Berth(agent.buffer);
  worker.rest();
  assert.equal([agent.close(FIRST.ident), agent.isResting], [false, true]);
  assert.is(agent.give(NEXT), true);
  assert.is(agent.close(FIRST.ident), false);
  assert.is(worker.take(), 'apart');
  assert.equal([agent.close(FIRST.ident), agent.isBusy, agent.entry.ident], [false, true, NEXT.ident]);
  assert.is(agent.close(NEXT.ident), true);
});

test.run();
