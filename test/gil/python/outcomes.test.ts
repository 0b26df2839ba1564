import {
  explainPython,
  type Heat,
  type Listing,
  pythonOutcomes,
  readListing,
  runPython,
  UnsupportedError,
} from 'atomics-sync-free/gil/outcomes';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.js';
import { outcomesOf, questionOf, VERSIONS } from './recorded.js';

const test = suite('Python programs');

const listing = (name: string, version: string): Listing => {
  const found = VERSIONS.find(({ python }) => python.startsWith(`${version}.`))?.listings[name];
  if (found === undefined) throw new Error(`no listing of ${name} by ${version}`);
  return found;
};
const texts = (name: string, version: string, heat: Heat = 'hot'): string[] =>
  outcomesOf(listing(name, version), heat).outcomes.map(({ text }) => text);
const ALL = ['3.9', '3.10', '3.11', '3.12', '3.13'];

/** Asserts whether additions can be lost, version by version. */
function loses(name: string, versions: readonly string[], heat: Heat = 'hot'): void {
  for (const version of ALL) {
    const lost = texts(name, version, heat).includes('x = 1');
    assert.is(lost, versions.includes(version), `${name}, ${version}, ${heat}`);
  }
}

test('an addition is one step from 3.10 on', () => loses('add', ['3.9']));

test('3.10 looks on conditional jumps that are taken, and where an exception is caught; later versions do not', () => {
  loses('assert-between', ['3.9', '3.10']);
  loses('if-between', ['3.9', '3.10']);
  loses('exception-between', ['3.9', '3.10']);
});

test('where a key is missing, the else of 3.10 is a jump that is taken: both threads may find it so', () => {
  for (const version of ALL) {
    const doubles = texts('check-else-set', version).some((text) => text !== texts('check-else-set', '3.13')[0]);
    assert.is(doubles, version === '3.9' || version === '3.10', version);
  }
});

test('up to 3.10 there is a look after a call of Python code, too', () => loses('returned', ['3.9', '3.10']));

test('hot code does not look after append, len, isinstance and type; cold code does', () => {
  for (const name of ['append-between', 'len-between', 'isinstance-between', 'type-between']) {
    loses(name, ['3.9', '3.10'], 'hot');
    loses(name, ALL, 'cold');
  }
});

test('a comprehension appends without a look, but loops; other calls of C code look, hot or cold', () => {
  for (const name of ['abs-between', 'ord-between', 'comprehension-between']) loses(name, ALL);
});

test('a lock around only the store loses by acquire(), and not by with', () => {
  loses('lock-store-acquire', ALL);
  loses('lock-store-with', ['3.9']);
});

test('locks in opposite orders deadlock by acquire(), and by with only up to 3.9; the outcome names lines and locks', () => {
  const isDeadlock = (text: string): boolean => text.includes('deadlock');
  for (const version of ALL) {
    assert.ok(texts('opposite-acquire', version).some(isDeadlock), version);
    assert.is(texts('opposite-with', version).some(isDeadlock), version === '3.9', version);
  }
  assert.equal(texts('opposite-acquire', '3.12'), [
    'x = 0, deadlock: f, line 12, waits for b; g, line 20, waits for a',
    'x = 2',
  ]);
});

test('a lock is called by the attribute or item that leads to it, where no global name does', () => {
  const { outcomes } = pythonOutcomes(listing('waits', '3.11'), { threads: ['f', 'g'] });
  const both = outcomes.find(({ deadlock }) => deadlock.length === 2);
  assert.is(both?.text, 'deadlock: f, line 15, waits for table.forks[1]; g, line 20, waits for table.forks[0]');
});

test('an exception that nobody catches is an outcome, with its line', () => {
  assert.equal(texts('uncaught', '3.13'), [
    'x = 1, f raised IndexError: pop from empty list (line 8)',
    'x = 2, g raised IndexError: pop from empty list (line 12)',
  ]);
});

test('results may be several cells together', () => {
  assert.equal(texts('two-reads', '3.9'), ['a = 0, b = 0', 'a = 0, b = 1', 'a = 1, b = 1']);
  assert.equal(texts('two-reads', '3.10'), ['a = 0, b = 0', 'a = 1, b = 1']);
});

test('loops that wait come to an end, without a GIL too; one that nobody ends is reported', () => {
  assert.equal(texts('spin-flag', '3.13'), ['seen = 1']);
  const spin = listing('spin-flag', '3.13');
  const free = pythonOutcomes(spin, { ...questionOf(spin), freeThreaded: true });
  assert.equal([free.outcomes.map(({ text }) => text), free.endless], [['seen = 1'], false]);
  for (const version of ALL) {
    const { outcomes, endless } = pythonOutcomes(listing('waits', version), { threads: ['spin'] });
    assert.equal([outcomes.length, endless], [0, true], version);
  }
});

test('without a GIL an addition loses, and an append does not', () => {
  const of = (name: string): string[] => {
    const program = listing(name, '3.13');
    const { outcomes } = pythonOutcomes(program, { ...questionOf(program), freeThreaded: true });
    return outcomes.map(({ text }) => text);
  };
  assert.equal(of('add'), ['x = 1', 'x = 2']);
  assert.equal(of('append'), ['len(l) = 2']);
});

for (const name of ['kinds', 'library', 'objects', 'asked', 'matching']) {
  test(`what the language has means what it means in CPython, by each version’s bytecode: ${name}.py`, () => {
    for (const { python, listings, said } of VERSIONS) {
      // 3.9 does not know `match`.
      if (name === 'matching' && python.startsWith('3.9.')) continue;
      const { outcomes } = pythonOutcomes(listings[name], { threads: ['f'], results: ['r'] });
      assert.equal(
        outcomes.map(({ text }) => text),
        [`r = ${said[name]}`],
        python,
      );
    }
  });
}

test('what C code keeps while it lets bytecode run is the program’s, whoever else runs meanwhile', () => {
  for (const version of ALL) {
    const of = (threads: readonly string[], ...results: readonly string[]): string[] =>
      pythonOutcomes(listing('kept', version), { threads, results }).outcomes.map(({ text }) => text);
    assert.equal(of(['sorts', 'g'], 'l', 'y'), ['l = [1, 2, 3], y = 1'], version);
    assert.equal(of(['chooses', 'g'], 'one.n', 'y'), ['one.n = 10, y = 1'], version);
    assert.equal(of(['extends', 'g'], 'more', 'y'), ['more = [1, 2], y = 1'], version);
    assert.ok(
      of(['sorts', 'adds_while_sorted'], 'l').includes(
        'l = [1, 2, 3], sorts raised ValueError: list modified during sort (line 29)',
      ),
      version,
    );
  }
});

test('Condition.wait_for asks again after each notification, and once more when its time is over', () => {
  for (const version of ALL) {
    const of = (gets: string): string[] =>
      pythonOutcomes(listing('kept', version), { threads: [gets, 'puts'], results: ['y'] }).outcomes.map(
        ({ text }) => text,
      );
    assert.equal(of('gets'), ['y = 5'], version);
    assert.equal(of('gets_in_time'), ['y = False', 'y = True'], version);
  }
});

test('a program that starts its threads itself is run as it is, and its prints are passed on', () => {
  for (const version of ALL) {
    const program = listing('starts', version);
    const heard: string[] = [];
    const counts = runPython(program, { results: ['x'], print: (text) => heard.push(text) });
    assert.equal([[...counts], heard], [[['x = 4', 1]], ['x is 4']], version);
  }
  const { outcomes } = pythonOutcomes(listing('starts', '3.12'), { results: ['x'] });
  assert.equal(
    outcomes.map(({ text }) => text),
    ['x = 4'],
  );
});

test('runs with random switches reach what the explorer finds, and the same by the same seed', () => {
  const program = listing('add-call', '3.12');
  const options = { ...questionOf(program), rounds: 200, seed: 7 };
  const counts = runPython(program, options);
  assert.equal([...counts.keys()].sort(), ['x = 1', 'x = 2']);
  assert.equal([...runPython(program, options)], [...counts]);
  assert.throws(() => runPython(program, { rounds: 0 }), RangeError);
});

test('what is not supported is an error that names file and line', () => {
  const program = listing('waits', '3.12');
  for (const [thread, line, what] of [
    ['evaluate', 30, 'eval'],
    ['unknown_method', 34, 'casefold'],
    ['unknown_class', 40, 'metaclass'],
    ['coroutine', 48, 'async'],
    ['generates', 52, 'a generator function'],
  ] as const) {
    assert.throws(
      () => pythonOutcomes(program, { threads: [thread] }),
      (error: unknown) =>
        error instanceof UnsupportedError &&
        error.line === line &&
        new RegExp(`waits\\.py, line ${line}: .*${what}`).test(error.message),
      thread,
    );
  }
});

test('nothing may depend on a time or on chance, which differ from run to run', () => {
  assert.throws(
    () => pythonOutcomes(listing('kept', '3.12'), { threads: ['decides_by_time'] }),
    /kept\.py, line 62: what depends on the time, .* is not supported/,
  );
});

test('refuses what it cannot run: names, options, results, versions, and what is not a listing', () => {
  const program = listing('waits', '3.12');
  assert.throws(() => pythonOutcomes(program, { threads: ['nobody'] }), /no function 'nobody'/);
  assert.throws(() => pythonOutcomes(program, { threads: ['needs'] }), /needs\(\) needs arguments/);
  assert.throws(() => pythonOutcomes(program, { threads: ['f'], results: ['nothing'] }), /no global 'nothing'/);
  assert.throws(() => pythonOutcomes(program, { threads: ['f'], results: ['1 + 1'] }), /names no result/);
  assert.throws(() => pythonOutcomes(program, { threads: ['f'], freeThreaded: true }), /3\.13/);
  assert.throws(() => pythonOutcomes(program, { threads: ['f', 'g'], maxStates: 3 }), /more than 3 states/);
  assert.throws(() => pythonOutcomes({ ...program, python: '2.7.18' }), /bytecode of Python 2\.7\.18/);
  assert.throws(() => readListing('{"python": "3.14.0"}'), /bytecode of Python 3\.14\.0; supported is/);
  assert.throws(() => readListing('no'), /not JSON/);
  assert.throws(() => readListing('{"python": "3.12.1", "file": "a", "source": "", "module": {}}'), /damaged/);
});

/** @returns the kinds of error that a call throws for each of some wrong options */
const kinds = (call: (wrong: never) => unknown, wrong: readonly object[]): string[] =>
  wrong.map((options) => {
    try {
      call(options as never);
      return `${JSON.stringify(options)} is accepted`;
    } catch (error) {
      const { name, message } = error as Error;
      return /is not (a function|iterable)$/.test(message) ? message : name;
    }
  });

test('a wrong option is a TypeError or a RangeError, for the explorer as for runs with random switches', () => {
  const program = listing('add', '3.13');
  const wrongTypes = [
    { threads: 'ff' },
    { threads: [1] },
    { threads: 1 },
    { results: 'x' },
    { results: [1] },
    { print: 1 },
    { freeThreaded: 1 },
  ];
  const types = wrongTypes.map(() => 'TypeError');
  assert.equal(
    kinds((options) => pythonOutcomes(program, options), wrongTypes),
    types,
  );
  assert.equal(
    kinds((options) => runPython(program, options), wrongTypes),
    types,
  );
  assert.equal(
    kinds(
      (options) => pythonOutcomes(program, options),
      [{ maxStates: 0 }, { maxStates: Number.NaN }, { maxStates: -1 }, { maxStates: '9' }, { heat: 'warm' }],
    ),
    ['RangeError', 'RangeError', 'RangeError', 'TypeError', 'RangeError'],
  );
  assert.equal(
    kinds(
      (options) => runPython(program, options),
      [{ rounds: 0 }, { rounds: '1' }, { seed: Number.NaN }, { seed: 0.5 }, { threads: ['f'], results: ['nothing'] }],
    ),
    ['RangeError', 'TypeError', 'RangeError', 'RangeError', 'RangeError'],
  );
  assert.throws(() => explainPython(program, 'warm' as Heat), /heat must be 'hot' or 'cold'/);
});

test('explains where other threads may come in, and why', () => {
  const marks = (name: string, version: string, heat: Heat = 'hot'): (string | undefined)[] =>
    explainPython(listing(name, version), heat)
      .filter(({ code }) => code === 'f')
      .flatMap(({ instructions }) => instructions.map(({ why }) => why))
      .filter((why) => why !== undefined);
  assert.equal(marks('add', '3.12'), ['a function begins']);
  assert.equal(marks('add', '3.10'), ['a function begins']);
  assert.ok(marks('add', '3.9').length > 3);
  assert.equal(marks('assert-between', '3.10'), ['a function begins', 'a jump is taken']);
  assert.equal(marks('len-between', '3.11'), [
    'a function begins',
    'a call of C code is over, but for len, isinstance, type, list.append',
  ]);
  assert.equal(marks('len-between', '3.11', 'cold'), ['a function begins', 'a call of C code is over']);
});

test.run();
