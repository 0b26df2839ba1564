// A long run of every primitive with workers that are killed, whatever they are doing.
//
//   npm run soak -- [--minutes N] [--kills N] [--only NAME,NAME…]
//
// It plays each primitive in turn, for its share of the minutes (10) or until so many of its workers were killed. Half of
// the workers block, the others have two async tasks each; some waits time out, some are aborted. In each round three
// workers end within 30 ms, by terminate(), by process.exit() in the middle of an operation, or because their memory is full
// there, and others take their places while the round goes on. Nobody retires the dead by hand. What they held is made whole by
// whoever is told; then everybody must come to rest, and the counts must be exact. Exits with 1, and says what everybody was
// doing, when something hangs, a count is wrong, or the slot of a dead agent is not free.
//
// It runs in Node, Bun and Deno: build it, then `bun .build/test/soak/main.js …`, or `deno run -A`. In Bun no worker's memory
// is limited. In Deno workers end by process.exit() alone: one that is terminated, and busy or blocked, runs on.
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { positive } from '../support/positive.js';
import { until } from '../support/workers.js';
import { bundleWorker, Crew, rowsOf, type Way } from './crew.js';
import type { Definition } from './play.js';
import { plays } from './plays.js';
import { Table } from './table.js';

const WORKERS = 8;
/** Within which time a round kills, in ms. */
const ROUND_MS = 30;
/** How many a round kills: fewer than put into the Condition's buffer, or take out of it. */
const KILLS = 3;
/** How long all may take to come to rest, in ms: far longer than they should on a busy machine. */
const REST_MS = 180_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    kills: { type: 'string' },
    only: { type: 'string', default: Object.keys(plays).join(',') },
  },
});
const names = values.only.split(',');
for (const name of names) if (!(name in plays)) throw new RangeError(`${name} is none of ${Object.keys(plays)}`);
const share = (positive('--minutes', values.minutes) * 60_000) / names.length;
const kills = values.kills === undefined ? undefined : positive('--kills', values.kills);

interface Figures {
  rounds: number;
  readonly kills: Record<Way, number>;
}

const killed = ({ kills }: Figures): number => Object.values(kills).reduce((sum, count) => sum + count, 0);

const { bun, deno, node } = process.versions;
const host = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
console.log(`${WORKERS} workers on ${availableParallelism()} processors, ${host}`);
console.log(
  'primitive   seconds  rounds  operations  terminated  exits  out of memory  recovered  time-outs  aborts  longest wait (ms)',
);
await bundleWorker();
for (const name of names) await soak(name, plays[name]);
process.exit(0);

async function soak(name: string, definition: Definition): Promise<void> {
  const rows = rowsOf(WORKERS);
  const table = Table.for(rows.flat().length);
  const began = performance.now();
  const figures: Figures = { rounds: 0, kills: { 'terminate()': 0, 'process.exit()': 0, memory: 0 } };
  const crew = new Crew(name, definition, table, rows);
  try {
    const goesOn = (): boolean => {
      if (kills === undefined) return performance.now() < began + share;
      return killed(figures) < kills;
    };
    while (goesOn()) {
      await crew.fill();
      await playRound(crew, table, figures);
    }
    await crew.end();
  } catch (error) {
    console.error(`${name}, in round ${figures.rounds}:`, crew.error ?? error, `\n${crew}`);
    process.exit(1);
  }
  report(name, (performance.now() - began) / 1000, table, figures);
}

async function playRound(crew: Crew, table: Table, figures: Figures): Promise<void> {
  const { play } = crew;
  const round = ++figures.rounds;
  play.begin?.();
  table.run = round;

  let isOver = false;
  void Promise.all(Array.from({ length: KILLS }, () => kill(crew, figures))).then(
    () => {
      isOver = true;
    },
    (error: unknown) => {
      crew.error ??= error;
    },
  );
  while (!isOver) {
    await setTimeout(1);
    crew.check();
    play.tick?.();
  }

  await play.end?.();
  table.run = 0;
  const settled = () => {
    crew.check();
    return crew.rests;
  };
  await until(settled, { ms: REST_MS, what: 'everybody at rest' });
  play.check();
}

/** Kills one at some moment of the round. */
async function kill(crew: Crew, figures: Figures): Promise<void> {
  await setTimeout(ROUND_MS * Math.random());
  const way = await crew.killOne();
  if (way !== undefined) figures.kills[way]++;
}

function report(name: string, seconds: number, table: Table, { rounds, kills }: Figures): void {
  const columns: [number | string, number][] = [
    [seconds.toFixed(0), 9],
    [rounds, 8],
    [table.total(({ operations }) => operations), 12],
    [kills['terminate()'], 12],
    [kills['process.exit()'], 7],
    [kills.memory, 15],
    [table.total(({ recoveries }) => recoveries), 11],
    [table.total(({ timeouts }) => timeouts), 11],
    [table.total(({ aborts }) => aborts), 8],
    [(Math.max(...table.strands.map(({ longest }) => longest)) / 1000).toFixed(1), 19],
  ];
  console.log(name.padEnd(10) + columns.map(([value, width]) => String(value).padStart(width)).join(''));
}
