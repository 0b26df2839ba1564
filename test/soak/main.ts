// A long run of every primitive with workers that are killed while they wait.
//
//   npm run soak -- [--minutes N] [--kills N] [--only NAME,NAME…]
//
// It plays each primitive in turn, for its share of the minutes (10) or until so many of its waiters were killed. Half of
// the workers block, the others have two async tasks each; some waits time out, some are aborted. A round lasts for up
// to 60 ms: workers are killed as they wait, and retired; then everybody must come to rest, the counts must be exact, and
// the dead are replaced. Exits with 1, and says what everybody was doing, when something hangs or a count is wrong.
//
// A kill may come just as its victim gets what it waited for. A lock's owner word tells: what the dead hold stays held,
// so such a round is given up, and the next one begins with a new crew. A semaphore has no owners: a dead holder's permit
// shows as missing when all are at rest, and is given back then. The same goes for a reader of an RWLock, save that
// writers may not come to rest beside it; then the round is given up.
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { positive } from '../support/positive.js';
import { until } from '../support/workers.js';
import { Crew, rowsOf } from './crew.js';
import type { Definition } from './play.js';
import { plays } from './plays.js';
import { Table } from './table.js';

const WORKERS = 8;
/** How long a round lasts at most, in ms. */
const ROUND_MS = 60;
/** How many a round kills at most: fewer than put into the Condition's buffer, or take out of it. */
const MOST_KILLS = 3;
/** How long all may take to come to rest, in ms: far longer than they should on a busy machine. */
const REST_MS = 15_000;
/** The same, where a dead reader may keep writers from it. */
const STUCK_MS = 1_000;

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
  kills: number;
  /** Kills that hit somebody who had just got it: seen by the owner word, or by what was missing afterwards. */
  held: number;
  /** Kills of which it could not be known at once. */
  doubtful: number;
}

console.log(`${WORKERS} workers on ${availableParallelism()} processors, Node ${process.version}`);
console.log('primitive   seconds  rounds  operations   kills  doubtful  held  time-outs   aborts  longest wait (ms)');
for (const name of names) await soak(name, plays[name]);
process.exit(0);

async function soak(name: string, definition: Definition): Promise<void> {
  const rows = rowsOf(WORKERS);
  const table = Table.for(rows.flat().length);
  const began = performance.now();
  const figures: Figures = { rounds: 0, kills: 0, held: 0, doubtful: 0 };
  let crew = new Crew(name, definition, table, rows);
  try {
    while (kills === undefined ? performance.now() < began + share : figures.kills < kills) {
      await crew.fill();
      if (!(await playRound(crew, table, figures))) {
        await crew.end();
        crew = new Crew(name, definition, table, rows);
      }
    }
  } catch (error) {
    console.error(`${name}, in round ${figures.rounds}:`, crew.error ?? error, `\n${crew}`);
    process.exit(1);
  }
  await crew.end();
  report(name, (performance.now() - began) / 1000, table, figures);
}

/** @returns whether the crew can play another round */
async function playRound(crew: Crew, table: Table, figures: Figures): Promise<boolean> {
  const { play } = crew;
  const round = ++figures.rounds;
  play.begin?.();
  table.run = round;

  let doubtful = 0;
  let heldIt = false;
  const end = performance.now() + ROUND_MS * Math.random();
  for (let left = Math.ceil(Math.random() * MOST_KILLS); performance.now() < end && !heldIt; ) {
    await setTimeout(1);
    crew.check();
    play.tick?.();
    if (left === 0 || Math.random() > 0.4) continue;
    const death = await crew.killOne();
    if (death === undefined) continue;
    left--;
    figures.kills++;
    doubtful += death.doubtful;
    heldIt = death.heldIt;
  }
  figures.doubtful += doubtful;

  if (!heldIt) {
    await play.end?.();
    table.run = 0;
    const patient = performance.now() + STUCK_MS;
    const isStuck = () => doubtful > 0 && performance.now() > patient && !crew.holds && play.isStuck?.();
    const settled = () => {
      crew.check();
      return crew.rests || isStuck();
    };
    await until(settled, { ms: REST_MS, what: 'everybody at rest' });
    if (crew.rests) {
      figures.held += play.check(doubtful, false);
      return !play.isStuck?.();
    }
  }
  figures.held++;
  table.run = 0;
  await crew.end();
  play.check(doubtful, true);
  return false;
}

function report(name: string, seconds: number, table: Table, { rounds, kills, held, doubtful }: Figures): void {
  const columns: [number | string, number][] = [
    [seconds.toFixed(0), 9],
    [rounds, 8],
    [table.total(({ operations }) => operations), 12],
    [kills, 8],
    [doubtful, 10],
    [held, 6],
    [table.total(({ timeouts }) => timeouts), 11],
    [table.total(({ aborts }) => aborts), 9],
    [(Math.max(...table.strands.map(({ longest }) => longest)) / 1000).toFixed(1), 19],
  ];
  console.log(name.padEnd(10) + columns.map(([value, width]) => String(value).padStart(width)).join(''));
}
