/**
 * `npm run mutants`: each mutant of the compiled primitives must be caught by a scenario, or be explained.
 *
 *   node .build/test/model/mutants.js [--only TEXT]… [--jobs N]
 *
 * Each is hunted with the scenarios of the primitives that the module is for, after these have let the package itself pass. The
 * exit code is 1 unless all are caught or explained, and no explained one is caught.
 */
import { parseArgs } from 'node:util';
import { positive } from '../support/positive.js';
import { exitOnSignals } from '../support/signals.js';
import { equivalent } from './equivalent.js';
import type { Catch, Sizes } from './hunt.js';
import { type Exempt, type Mutant, mutantsOf } from './mutate.js';
import { compiled, Nursery } from './nursery.js';

interface Subject extends Exempt {
  /** The primitives whose scenarios show that the module is wrong. */
  readonly shownBy: readonly string[];
}

/** The compiled modules, and who is to show that one is wrong. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  'core/wait/block.js': {
    shownBy: ['Driver', 'Lock', 'Semaphore', 'RWLock'],
    // The loop round `turn`, in whose place the explorer puts its own, and what it asks of the host.
    unexplored: ['block', 'conclude', 'learnWhetherBlockingIsAllowed', 'sleep', 'giveWay'],
  },
  'core/wait/pass.js': { shownBy: ['Lock', 'Semaphore', 'Event'] },
  // What it says to people does not depend on interleavings.
  'core/wait/wake.js': { shownBy: ['Lock', 'Semaphore', 'Event', 'Barrier'], unexplored: ['describeWaiters'] },
  'core/wait/waiting.js': { shownBy: ['Lock', 'Semaphore'] },
  'core/wait/async-queue.js': {
    shownBy: ['Driver', 'Lock', 'Semaphore', 'Event', 'RWLock'],
    // Tasks of the model do not look in turns of their event loop, as the queue's constructor would have them.
    unexplored: ['constructor'],
  },
  'core/memory/records.js': {
    shownBy: ['Arena', 'Condition', 'Barrier'],
    // What an agent has forgotten, and what is added up for people.
    unexplored: ['findRecords', 'eachRecord'],
    // It is written once, before anybody knows the primitive.
    unseen: ['setUndo'],
  },
  'core/memory/tally.js': {
    shownBy: ['Semaphore', 'RWLock'],
    // What an agent has forgotten, or is asked as it rests, how many records it keeps, and what is added up for people.
    unexplored: ['#tidyUp', 'holdsBy', 'keptDuring', 'countAll'],
    // The record is its agent's alone until its state says that it tallies.
    unseen: ['prepare'],
  },
  'core/memory/pulse.js': {
    shownBy: ['Pulse'],
    // What an agent has forgotten, and that one which blocks need not be asked.
    unexplored: ['isNeeded', 'keep'],
  },
  'core/memory/death.js': {
    shownBy: ['Lock', 'RLock', 'RWLock'],
    // It is said once, before anybody knows the primitive; and what is said to people.
    unexplored: ['releaseOnDeath', 'ownerDied'],
    // Who died, and since when, is there before the word says that somebody did.
    unseen: ['takeFrom'],
  },
  'core/memory/wait-list.js': { shownBy: ['Condition'], unseen: ['clearList', 'append', 'unlink'] },
  'core/memory/slots.js': {
    shownBy: ['Arena', 'Lock', 'Event', 'Barrier', 'Queue'],
    // What hangs on several views of one memory, and whether an agent may be forgotten.
    unexplored: ['isSameMemory', 'mostAreFree'],
  },
  'core/memory/sweep.js': {
    shownBy: ['Arena', 'Lock', 'Event', 'Barrier', 'Semaphore', 'RWLock', 'Queue'],
    // What an agent has forgotten, or is asked as it rests.
    unexplored: ['holdsAnything'],
  },
  'core/memory/cells.js': { shownBy: ['Arena'] },
  // Opening what is there and no longer changes does not depend on interleavings.
  'core/memory/region.js': { shownBy: ['Arena'], unexplored: ['open'] },
  // What is said to people.
  'sync/mutex.js': { shownBy: ['Lock', 'RLock'], unexplored: ['describeOwner'] },
  'sync/recovery.js': { shownBy: ['Lock', 'RLock', 'RWLock'] },
  'sync/lock.js': { shownBy: ['Lock', 'Condition'] },
  'sync/rlock.js': { shownBy: ['RLock', 'Condition'], unexplored: ['notHeld'] },
  'sync/semaphore.js': { shownBy: ['Semaphore', 'BoundedSemaphore'] },
  'sync/event.js': { shownBy: ['Event'] },
  'sync/condition.js': {
    shownBy: ['Condition'],
    // Loops round a predicate, which belong to one agent alone.
    unexplored: ['waitFor', 'waitForAsync'],
  },
  // It is said once, before anybody knows the primitive, and with the lock held.
  'sync/condition-waiters.js': { shownBy: ['Condition'], unseen: ['makeWaiters', 'enqueue'] },
  'sync/barrier.js': { shownBy: ['Barrier'] },
  'sync/barrier-word.js': { shownBy: ['Barrier'] },
  'multiprocessing/ring/states.js': { shownBy: ['Queue'] },
  'multiprocessing/ring/passes.js': { shownBy: ['Queue'] },
  'multiprocessing/ring/wakes.js': { shownBy: ['Queue'] },
  'multiprocessing/ring/taken.js': { shownBy: ['Queue'] },
  // What is said to people.
  'multiprocessing/ring/ledger.js': { shownBy: ['Queue'], unexplored: ['unfinished'] },
  'multiprocessing/ring/consumer.js': {
    shownBy: ['Queue'],
    // Items of the model name no memory, its clock is not the one by which a wait goes on, and nobody is the only one to take.
    unexplored: ['#getUnlessMissing', '#getInTime', 'drain'],
  },
  'multiprocessing/ring/producer.js': {
    shownBy: ['Queue'],
    // An item in the model is of one size, so that none is too large; no task puts one, and nobody is the only one to put.
    unexplored: ['#tooLarge', '#putAsTask', 'putAlone'],
  },
  'sync/rwmutex.js': { shownBy: ['RWLock'] },
  // The scripts of a server, in JavaScript.
  '../model/lease-server.js': { shownBy: ['Lease'] },
  'sync/read-lock.js': { shownBy: ['RWLock'] },
  'sync/write-lock.js': { shownBy: ['RWLock'] },
  // What is said to people.
  'sync/rwlock-view.js': { shownBy: ['RWLock'], unexplored: ['notHeld', 'describe', 'describeHolders'] },
};

interface Outcome {
  readonly mutant: Mutant;
  readonly caught: Catch | undefined;
}

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [''] }, jobs: { type: 'string', default: '2' } },
});
const began = performance.now();

const cases = Object.entries(SUBJECTS)
  .flatMap(([file, exempt]) => mutantsOf(file, compiled(file), exempt))
  .filter(({ name }) => values.only.some((text) => name.includes(text)));

const queue = cases.values();
const outcomes: Outcome[] = [];
exitOnSignals();
const sizes = await checkOriginal();
await Promise.all(Array.from({ length: positive('--jobs', values.jobs) }, work));
report();

/**
 * @returns how large the scenarios are without any mutant
 * @throws when one of them fails: it would seem to catch all mutants
 */
async function checkOriginal(): Promise<Sizes> {
  const nursery = new Nursery();
  const primitives = new Set(cases.flatMap((mutant) => SUBJECTS[mutant.file].shownBy));
  const { found, sizes } = await nursery.measure([...primitives]);
  nursery.close();
  if (found !== undefined) throw new Error(`without any mutant, ${found.scenario} fails: ${found.reason}`);
  return sizes;
}

/** Hunts one mutant after the other. */
async function work(): Promise<void> {
  const nursery = new Nursery();
  for (const mutant of queue) {
    const caught = await nursery.hunt(mutant, SUBJECTS[mutant.file].shownBy, sizes);
    outcomes.push({ mutant, caught });
    print(mutant, caught);
  }
  nursery.close();
}

function print({ name, line }: Mutant, caught: Catch | undefined): void {
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
  const gone = values.only.includes('') ? Object.keys(equivalent).filter((name) => !known.has(name)) : [];
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
