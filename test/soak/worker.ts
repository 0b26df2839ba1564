// A worker of the soak: a thread that blocks, or two tasks that do not.
import type { Shared } from 'atomics-sync-free';
import { serve } from '#host';
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

serve<SoakData>(({ name, shared, words, rows }, parent) => {
  const table = new Table(words);
  const { play, agent } = plays[name].join(shared, table);
  parent.send(agent);
  if (rows.length === 1) return runThread(play, table, table.strands[rows[0]]);
  // The tasks' waits for a round are the engine's, and do not keep the worker alive.
  setInterval(() => {}, 2 ** 30);
  return Promise.all(rows.map((row) => runTask(play, table, table.strands[row])));
});
