// The roll as two agents see it: two objects over one memory.
import * as assert from 'uvu/assert';
import { MAIN_IDENT, NAME_CHARACTERS, Roll } from '#dist/host/roll.js';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';

const test = suite('the roll');

function rolls(): [Roll, Roll] {
  const roll = new Roll();
  return [roll, new Roll(roll.words.buffer)];
}
const names = (roll: Roll): string[] => roll.list().map(({ name }) => name);

test('an entry is on every list, the oldest first, until it is struck off', () => {
  const [roll, other] = rolls();
  const main = roll.enter('MainThread');
  assert.is(main.ident, MAIN_IDENT);
  const one = other.enter('one', { daemon: true });
  const two = roll.enter('two');
  assert.equal(names(other), ['MainThread', 'one', 'two']);
  assert.equal(
    roll.list().map(({ daemon }) => daemon),
    [false, true, false],
  );
  roll.strike(one);
  assert.ok(!other.has(one) && other.has(two));
  // It takes the place of the first, and still comes last.
  const three = other.enter('three');
  assert.is(three.place, one.place);
  assert.equal(names(roll), ['MainThread', 'two', 'three']);
});

test('idents wrap after the last, and skip those in use', () => {
  const [roll, other] = rolls();
  const main = roll.enter('MainThread');
  const long = other.enter('long');
  // How many were given: the first word.
  for (const given of [2 ** 30 - 1, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32 - 2 ** 30 - 1]) {
    Atomics.store(roll.words, 0, given);
    const entries = ['one', 'two', 'three', 'four'].map((name) => (name === 'two' ? other : roll).enter(name));
    const idents = [main, long, ...entries].map(({ ident }) => ident);
    assert.is(new Set(idents).size, 6, idents.join());
    assert.ok(
      idents.every((ident) => ident > 0 && ident <= 2 ** 30),
      idents.join(),
    );
    assert.equal(names(other).sort(), ['MainThread', 'four', 'long', 'one', 'three', 'two']);
    for (const entry of entries) {
      assert.ok(other.has(entry));
      roll.strike(entry);
      assert.not(other.has(entry));
    }
  }
});

test('a place that holds another entry is not struck off, waited for or named for the one before', () => {
  const [roll, other] = rolls();
  const one = roll.enter('one');
  roll.strike(one);
  const two = roll.enter('two');
  other.strike(one);
  assert.ok(other.has(two));
  assert.ok(other.end(one, 'one').wait(0));
  assert.not(other.end(two, 'two').wait(0));
  assert.is(other.nameOf(one), undefined);
});

test('a name can be changed, and keeps so many characters', () => {
  const [roll, other] = rolls();
  const entry = roll.enter('first 𝄞');
  assert.is(other.nameOf(entry), 'first 𝄞');
  other.rename(entry, 'x'.repeat(NAME_CHARACTERS + 1));
  assert.is(roll.nameOf(entry), 'x'.repeat(NAME_CHARACTERS));
  const next = roll.enter('next');
  assert.is(other.nameOf(next), 'next');
});

test('of all that try to begin an entry only one does', () => {
  const [roll, other] = rolls();
  const pending = roll.enter('pending', { pending: true });
  assert.equal([roll.begin(pending), other.begin(pending), roll.begin(pending)], [true, false, false]);
  assert.not(roll.begin(roll.enter('begun')));
  // Its place may be another's by the time that the second one tries.
  const givenUp = roll.enter('given up', { pending: true });
  assert.ok(roll.begin(givenUp));
  roll.strike(givenUp);
  const next = roll.enter('next', { pending: true });
  assert.is(next.place, givenUp.place);
  assert.equal([other.begin(givenUp), other.begin(next)], [false, true]);
});

test('an entry that leaves no longer attends, but stays entered', () => {
  const [roll, other] = rolls();
  const entry = roll.enter('one');
  assert.ok(other.attends(entry));
  roll.leave(entry);
  assert.ok(!other.attends(entry) && other.has(entry));
  roll.strike(entry);
  assert.ok(other.attends(roll.enter('two')));
});

test('an async wait for an end is woken by it', async () => {
  const [roll, other] = rolls();
  const entry = roll.enter('one');
  const waits = other.end(entry, 'one').waitAsync({ timeout: 20_000 });
  roll.strike(entry);
  assert.is(await waits, true);
});

test('a full roll says so', () => {
  const roll = new Roll();
  const { place } = roll.enter('the last');
  // As if every place were claimed.
  roll.words.fill(-1, place);
  assert.is(thrownBy(() => roll.enter('one more')).code, 'ERR_LIMIT');
});

test.run();
