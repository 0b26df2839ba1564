/** Every example of a doc comment compiles, runs to its end, and prints what it says it prints. */
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { examples, examplesIn, isAlone } from './examples.js';
import { compile, LIMIT, run } from './run-examples.js';

const test = suite('examples of doc comments');

test(
  'all compile, and print what they say',
  async () => {
    const list = examples();
    assert.ok(list.length > 40, `${list.length} examples`);
    assert.equal(compile(list), []);
    assert.equal(await run(list.filter(isAlone), LIMIT), []);
  },
  // Each has a limit of its own.
  { limit: 300_000 },
);

test('one that does not compile, throws, prints something else or hangs is named', async () => {
  const wrap = (code: string): string => `/**\n * @example\n * \`\`\`ts\n * ${code}\n * \`\`\`\n */\n`;
  const list = examplesIn(
    'a.ts',
    ["throw new Error('no');", 'console.log(1); // 2', 'for (;;);', 'console.log(3); // 3'].map(wrap).join(''),
  );
  assert.equal(
    list.map(({ place }) => place),
    ['src/a.ts:2', 'src/a.ts:8', 'src/a.ts:14', 'src/a.ts:20'],
  );
  assert.equal(compile([...list, ...examplesIn('b.ts', wrap('const n: number = true;'))]), [
    "src/b.ts:2, line 1: Type 'boolean' is not assignable to type 'number'.",
  ]);
  const [thrown, other, hung, ...more] = await run(list, 3_000);
  assert.match(thrown, /^src\/a\.ts:2: Error: no/);
  assert.is(other, 'src/a.ts:8: prints “1”, not “2”');
  assert.match(hung, /^src\/a\.ts:14: did not end/);
  assert.equal(more, []);
});

test.run();
