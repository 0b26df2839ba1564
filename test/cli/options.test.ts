import * as assert from 'uvu/assert';
import { numberOption } from '#dist/cli/options.js';
import { suite } from '../support/suite.js';

const test = suite('number options');

function refuses(parse: (text: string) => number, texts: readonly string[], message: string): void {
  for (const text of texts) {
    try {
      parse(text);
    } catch (error) {
      assert.is((error as Error).message, message, text);
      continue;
    }
    assert.unreachable(`${text} was taken`);
  }
}

test('whole numbers from one to another', () => {
  const parse = numberOption({ whole: true, from: 1, to: 1_000_000 });
  assert.equal(['1', ' 20 ', '1e6'].map(parse), [1, 20, 1_000_000]);
  refuses(
    parse,
    ['', ' ', '0', '1.5', '1000001', 'many', 'NaN', 'Infinity'],
    'It must be a whole number of at least 1 and at most 1,000,000.',
  );
});

test('numbers above one and up to another', () => {
  const parse = numberOption({ above: 0, to: 10 });
  assert.equal(['0.001', '10'].map(parse), [0.001, 10]);
  refuses(parse, ['0', '-1', '10.1', '', 'Infinity'], 'It must be a number above 0 and at most 10.');
});

test('numbers without an end', () => {
  const parse = numberOption({ whole: true, from: 2 });
  assert.is(parse('1000000000'), 1_000_000_000);
  refuses(parse, ['1', '2.5', 'Infinity'], 'It must be a whole number of at least 2.');
});

test.run();
