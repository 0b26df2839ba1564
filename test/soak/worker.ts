// A worker of the soak: a thread that blocks, or two tasks that do not.
import { parentPort, workerData } from 'node:worker_threads';
import type { Shared } from 'atomics-sync-free';
import type { Play } from './play.js';
import { plays } from './plays.js';
import { IDLE, RUNNING, type Strand, Table } from './table.js';

export interface SoakData {
  readonly name: string;
  readonly shared: Shared<object>;
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The rows of its strands: one for a thread, more for tasks. */
  readonly rows: readonly number[];
}

/** Whether a strand may go on; it says so before it looks, so that none begins unseen when the round is over. */
function mayRun(table: Table, strand: Strand): boolean {
  strand.state = RUNNING;
  if (table.run !== 0) return true;
  strand.state = IDLE;
  return false;
}

function runThread(play: Play, table: Table, strand: Strand): never {
  for (;;) {
    const round = table.run;
    while (mayRun(table, strand) && play.thread(strand));
    strand.state = IDLE;
    table.waitWhile(table.run === 0 ? 0 : round);
  }
}

async function runTask(play: Play, table: Table, strand: Strand): Promise<never> {
  for (;;) {
    const round = table.run;
    while (mayRun(table, strand) && (await play.task(strand)));
    strand.state = IDLE;
    await table.waitWhileAsync(table.run === 0 ? 0 : round);
  }
}

const { name, shared, words, rows } = workerData as SoakData;
const table = new Table(words);
const { play, agent } = plays[name].join(shared, table);
parentPort?.postMessage(agent);
if (rows.length === 1) {
  runThread(play, table, table.strands[rows[0]]);
} else {
  // The tasks' waits for a round are the engine's, and do not keep the worker alive.
  setInterval(() => {}, 2 ** 30);
  for (const row of rows) runTask(play, table, table.strands[row]);
}
