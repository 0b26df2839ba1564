/**
 * `npm run mutants`: each mutant of the compiled primitives must be caught by a scenario, or be explained.
 *
 *   node .build/test/model/mutants.js [--only TEXT] [--jobs N]
 *
 * A mutant is written over a copy of dist; a process of its own explores the quick scenarios of the primitives that the
 * module is for. The exit code is 1 unless all are caught or explained, and no explained one is caught.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { equivalent } from './equivalent.js';
import type { Catch, Told } from './hunt.js';
import { type Exempt, type Mutant, mutantsOf } from './mutate.js';

interface Subject extends Exempt {
  /** The primitives whose scenarios show that the module is wrong. */
  readonly shownBy: readonly string[];
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'core/block.js': {
    shownBy: ['Driver', 'Lock', 'Semaphore', 'RWLock'],
    // The loop round `turn`, in whose place the explorer puts its own, and how it spins.
    unexplored: ['block', 'spin', 'learnWhetherBlockingIsAllowed'],
  },
  'core/wake.js': { shownBy: ['Lock', 'Semaphore', 'Event', 'Barrier'] },
  'core/async-queue.js': { shownBy: ['Driver', 'Lock', 'Event'] },
  'core/records.js': {
    shownBy: ['Arena', 'Condition', 'Barrier'],
    // It is read when the record's state says so, which is written later.
    unseen: ['setUndo'],
  },
  'core/agents.js': {
    shownBy: ['Arena', 'Lock', 'Event', 'Barrier'],
    // What hangs on the host: several views of one memory, the end of the agent, and the garbage collector.
    unexplored: ['proveSameMemory', 'forgotten', 'holdsAnything', 'leaveAtEnd'],
  },
  // To open what stands there and changes no more is no matter of interleavings.
  'core/layout.js': { shownBy: ['Arena'], unexplored: ['open'] },
  'sync/mutex.js': { shownBy: ['Lock', 'RLock'] },
  'sync/lock.js': { shownBy: ['Lock', 'Condition'] },
  'sync/rlock.js': { shownBy: ['RLock', 'Condition'], unexplored: ['notOwned'] },
  'sync/semaphore.js': { shownBy: ['Semaphore', 'BoundedSemaphore'] },
  'sync/event.js': { shownBy: ['Event'] },
  'sync/condition.js': {
    shownBy: ['Condition'],
    // Loops round a predicate, which belong to one agent alone.
    unexplored: ['waitFor', 'waitForAsync'],
    // All of it with the lock held.
    unseen: ['#enqueue', '#unlink'],
  },
  'sync/barrier.js': { shownBy: ['Barrier'] },
  'sync/rwmutex.js': { shownBy: ['RWLock'] },
  'sync/rwlock.js': { shownBy: ['RWLock'] },
};

/** A scenario that takes longer has lost its way in a loop without any shared operation. */
const LIMIT_MS = 15_000;

interface Case extends Mutant {
  readonly file: string;
}

interface Outcome {
  readonly mutant: Case;
  readonly caught: Catch | undefined;
}

const { values } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string', default: '2' } } });
const root = fileURLToPath(new URL('../../../', import.meta.url));
const began = performance.now();

const cases = Object.entries(SUBJECTS)
  .flatMap(([file, exempt]) =>
    mutantsOf(file, readFileSync(join(root, 'dist', file), 'utf8'), exempt).map((each) => ({ ...each, file })),
  )
  .filter(({ name }) => values.only === undefined || name.includes(values.only));

const queue = cases.values();
const outcomes: Outcome[] = [];
const running = new Set<ChildProcess>();
const copies: string[] = [];
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});
for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
report();

/** Hunts one mutant after the other in a copy of the package of its own. */
async function work(): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  copies.push(copy);
  for (const part of ['package.json', 'dist', '.build/test/model']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  for (const mutant of queue) {
    const target = join(copy, 'dist', mutant.file);
    const original = readFileSync(target, 'utf8');
    writeFileSync(target, mutant.text);
    const caught = await hunt(copy, SUBJECTS[mutant.file].shownBy);
    writeFileSync(target, original);
    outcomes.push({ mutant, caught });
    print(mutant, caught);
  }
}

function hunt(copy: string, primitives: readonly string[]): Promise<Catch | undefined> {
  return new Promise((resolve, reject) => {
    const child = fork(join(copy, '.build/test/model/hunt.js'), primitives, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    running.add(child);
    let answer: Catch | null | undefined;
    let exploring = primitives[0];
    let errors = '';
    let late = false;
    let timer: NodeJS.Timeout | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, LIMIT_MS);
    };
    watch();
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('message', (message) => {
      const told = message as Told;
      if ('found' in told) answer = told.found;
      else exploring = told.exploring;
      watch();
    });
    child.on('close', () => {
      clearTimeout(timer);
      running.delete(child);
      if (answer !== undefined) {
        resolve(answer ?? undefined);
      } else if (late) {
        resolve({ scenario: exploring, reason: `no end within ${LIMIT_MS} ms` });
      } else if (/SyntaxError|ReferenceError/.test(errors)) {
        reject(new Error(`a mutant that is no program:\n${errors}`));
      } else {
        const error = errors.split('\n').find((line) => line.includes('Error'));
        resolve({ scenario: exploring, reason: `the process ended: ${error}` });
      }
    });
  });
}

function print({ name, line }: Case, caught: Catch | undefined): void {
  const what = name.replace(': ', `:${line}: `);
  if (caught === undefined) console.log(`${name in equivalent ? 'equal   ' : 'SURVIVED'} ${what}`);
  else {
    const verdict = name in equivalent ? 'WRONG   ' : 'caught  ';
    console.log(`${verdict} ${what}\n             by ${caught.scenario}: ${caught.reason.split('\n')[0]}`);
  }
}

function report(): void {
  const survivors = outcomes.filter(({ mutant, caught }) => caught === undefined && !(mutant.name in equivalent));
  const wrong = outcomes.filter(({ mutant, caught }) => caught !== undefined && mutant.name in equivalent);
  const explained = outcomes.filter(({ mutant, caught }) => caught === undefined && mutant.name in equivalent);
  const known = new Set(cases.map(({ name }) => name));
  const gone = values.only === undefined ? Object.keys(equivalent).filter((name) => !known.has(name)) : [];
  if (explained.length > 0) console.log('\nEquivalent:');
  for (const { mutant } of explained) console.log(`  ${mutant.name}\n      ${equivalent[mutant.name]}`);
  for (const name of gone) console.log(`\nexplained, but there is no such mutant: ${name}`);
  const caught = outcomes.length - survivors.length - explained.length;
  console.log(
    `\n${outcomes.length} mutants: ${caught} caught, ${explained.length} equivalent, ${survivors.length} survived, ` +
      `${wrong.length} caught that were explained; ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
  process.exitCode = survivors.length + wrong.length + gone.length > 0 ? 1 : 0;
}
