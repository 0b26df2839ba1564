// Keeps docs/conformance.md, Python's list and the tests in agreement with each other.
import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite, testsIn } from '../support/suite.js';
import type { Form } from './stage.js';

/** The properties in CPython's Lib/test/lock_tests.py, by the kinds they are shown for, without their `test_`. */
const PYTHON: readonly { readonly kinds: string; readonly names: string }[] = [
  {
    kinds: "Lock, RLock, Condition's lock",
    names: `constructor repr locked_repr acquire_destroy acquire_release try_acquire try_acquire_contended
      acquire_contended with thread_leak timeout weakref_exists weakref_deleted`,
  },
  { kinds: 'Lock', names: 'reacquire different_thread state_after_timeout at_fork_reinit' },
  {
    kinds: "RLock, Condition's lock",
    names: 'reacquire release_unacquired release_save_unacquired recursion_count different_thread is_owned',
  },
  { kinds: 'Event', names: 'is_set notify timeout set_and_clear at_fork_reinit repr' },
  { kinds: 'Condition', names: 'acquire unacquired_wait unacquired_notify notify timeout waitfor waitfor_timeout' },
  {
    kinds: 'Semaphore, BoundedSemaphore',
    names: `constructor acquire acquire_destroy acquire_contended multirelease try_acquire try_acquire_contended
      acquire_timeout default_value with`,
  },
  { kinds: 'Semaphore', names: 'release_unacquired repr' },
  { kinds: 'BoundedSemaphore', names: 'release_unacquired repr' },
  {
    kinds: 'Barrier',
    names: `constructor barrier barrier_10 wait_return action abort reset abort_and_reset timeout default_timeout
      single_thread repr`,
  },
];

const FORMS_BY_NAME: Readonly<Record<string, readonly (Form | 'program' | 'workers')[]>> = {
  blocking: ['threads'],
  async: ['tasks of one agent', 'tasks of several agents'],
  mixed: ['threads and tasks'],
  'async in one agent': ['tasks of one agent'],
  program: ['program'],
  workers: ['workers'],
};

const here = new URL('.', import.meta.url);
const source = new URL('../../../test/conformance/', import.meta.url);
const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');

interface Row {
  readonly heading: string;
  readonly cells: readonly string[];
}

/** The rows of the tables whose first column has this name. */
function rows(firstColumn: string): Row[] {
  const found: Row[] = [];
  let heading = '';
  let column: string | undefined;
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) heading = line.slice(3);
    if (!line.startsWith('|')) {
      column = undefined;
      continue;
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (column === undefined) [column] = cells;
    else if (column === firstColumn && !/^-+$/.test(cells[0])) found.push({ heading, cells });
  }
  return found;
}

const MEANINGLESS = 'Without a meaning in JavaScript';
const all = rows('property');
const shown = all.filter(({ heading }) => heading !== MEANINGLESS);
const meaningless = all.filter(({ heading }) => heading === MEANINGLESS);

const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const list = PYTHON.flatMap(({ kinds, names }) =>
  names.split(/\s+/).map((name) => ({ kinds: kinds.split(', '), property: camelCase(name) })),
);

/** The tests that a row promises. */
const promised = ({ heading, cells: [property, , forms] }: Row): string[] =>
  heading
    .split(', ')
    .flatMap((kind) =>
      forms.split(', ').flatMap((form) => FORMS_BY_NAME[form].map((suite) => `${kind}, ${suite} › ${property}`)),
    );

const test = suite('The list of properties');

test('the page names every test, and every test is on the page', async () => {
  const files = readdirSync(here).filter((file) => /^(?!list|joblib).*\.test\.js$/.test(file));
  const declared = await testsIn(files.map((file) => new URL(file, here)));
  assert.equal(declared.sort(), shown.flatMap(promised).sort());
});

test('each row names the file that has its test', () => {
  for (const { cells } of shown) {
    const [property, files] = cells;
    for (const file of files.split(', ')) {
      const text = readFileSync(new URL(file, source), 'utf8');
      assert.match(text, new RegExp(`^ +(async )?${property}[(:]`, 'm'), `${property} in ${file}`);
    }
  }
});

test("none of Python's properties is missing", () => {
  const isShown = (kind: string, property: string): boolean =>
    shown.some(({ heading, cells }) => heading.split(', ').includes(kind) && cells[0] === property);
  const missing = list
    .filter(({ property }) => !meaningless.some(({ cells }) => cells[0] === property))
    .flatMap(({ kinds, property }) => kinds.filter((kind) => !isShown(kind, property)).map((kind) => [kind, property]));
  assert.equal(missing, []);
});

test('the counts on the page are right', () => {
  const without = list.filter(({ property }) => meaningless.some(({ cells }) => cells[0] === property)).length;
  const isPythons = ({ heading, cells }: Row): boolean =>
    list.some(
      ({ kinds, property }) => property === cells[0] && kinds.some((kind) => heading.split(', ').includes(kind)),
    );
  const counted = [
    list.length,
    without,
    list.length - without,
    shown.filter((row) => !isPythons(row)).length,
    shown.flatMap(promised).length,
  ];
  const claimed = [...page.matchAll(/\*\*(\d+)\*\*/g)].map(([, number]) => Number(number));
  assert.equal(claimed, counted);
});

test.run();
