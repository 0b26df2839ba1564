// Runs the compiled test files, each in a process of its own under a watchdog.
//
//   node .build/test/run.js [NAME…] [--jobs N] [--suffix S]
//
// NAME keeps the files whose path contains it. S is .test.js, or for what takes longer or needs more .long.js, .runtime.js,
// .browser.js or .redis.js. TEST_LIMIT_MS is the time that one test may take (60000); a test can name a longer one for itself. The last
// line is `N passed, N failed`, the exit code 1 if anything failed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { notesIn } from './support/notes.js';
import { positive } from './support/positive.js';
import { type FileReport, runFile } from './support/run-file.js';
import { exitOnSignals } from './support/signals.js';

/** What takes longest begins first, so that the end does not wait for one of them. */
const LONGEST = [
  'package/guides',
  'docs/examples',
  'properties/threads',
  'cli/stress',
  'stress/run',
  'package/installed',
  'model/scenarios',
  'multiprocessing/pool.test',
  'sync/async-waits',
  'threading/memory.long',
  'sync/lock.long',
];

/**
 * Tests that repeat many times what other tests do too, and so cover nothing that those do not. Counting how often they
 * run each line would cost a third of their time.
 */
const REPETITIVE = ['model/', 'properties/', 'sync/lock.', 'sync/many-waiters', 'sync/peers'];

const root = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    // One more than run at the same time on two processors: some files wait more than they compute.
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism()) + 1) },
    // The runner's own tests run fixtures, which are not tests of the project.
    suffix: { type: 'string', default: '.test.js' },
  },
});
const jobs = positive('--jobs', values.jobs);
const limit = positive('TEST_LIMIT_MS', process.env.TEST_LIMIT_MS ?? '60000');

const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith(values.suffix) && hasSource(path),
);
const unknown = names.filter((name) => !all.some((path) => path.includes(name)));
const isAmong = (list: readonly string[], path: string): boolean => list.some((name) => path.startsWith(name));
const chosen = all.filter((path) => names.length === 0 || names.some((name) => path.includes(name))).sort();
const [long, short] = [true, false].map((is) => chosen.filter((path) => isAmong(LONGEST, path) === is));
const files = [...long, ...short];

const cancel = new AbortController();
// A run finds nothing there that another one left, and what a killed test leaves is removed.
const temporary = mkdtempSync(join(tmpdir(), 'tests-'));
// However the runner ends, no test outlives it.
process.on('exit', () => {
  cancel.abort();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
});
exitOnSignals();

const failures = unknown.map((name) => `no test file is called ${name}`);
if (all.length === 0) failures.push('there is no test file');
let passed = 0;
const queue = files.values();
const width = Math.max(0, ...files.map((path) => path.length));
await Promise.all(Array.from({ length: jobs }, work));

if (failures.length > 0) console.log(`\n${failures.join('\n')}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function work(): Promise<void> {
  for (const path of queue) {
    const env = { ...process.env, TMPDIR: temporary, ...(isAmong(REPETITIVE, path) && { NODE_V8_COVERAGE: '' }) };
    const report = await runFile(join(root, path), limit, cancel.signal, env);
    print(path, report);
    passed += report.passed;
    failures.push(...report.failures.map((failure) => `${path} › ${failure}`));
  }
}

function print(path: string, { passed, total, failures, output, ms }: FileReport): void {
  const verdict = failures.length === 0 ? 'ok  ' : 'FAIL';
  console.log(`${verdict} ${path.padEnd(width)} ${`${passed}/${total}`.padStart(7)} ${ms.toFixed(0).padStart(7)} ms`);
  for (const line of notesIn(output)) console.log(`     ${line}`);
  if (failures.length === 0) return;
  for (const failure of failures) console.log(`     ${failure}`);
  if (output) console.log(output.replaceAll(/^/gm, '     | ').trimEnd());
}

/** The compiler leaves behind what it made of a file that has been renamed or removed. */
function hasSource(path: string): boolean {
  return existsSync(join(root, '../../test', path.replace(/js$/, 'ts')));
}
