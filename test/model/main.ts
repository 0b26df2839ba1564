/**
 * `npm run check`: explores every interleaving of every scenario of the primitives, and shows that the peers' algorithms
 * break.
 *
 *   node .build/test/model/main.js [--only TEXT]… [--jobs N] [--states N] [--schedules]
 *
 * A row is OK when the scenario was explored whole, or, if it is a large one, within at least one preemption; the verdict
 * says within how many. `--states` is how many states a large scenario may have (1,000,000), or more if it needs them for that
 * one preemption. `--only` keeps the rows that contain all of the texts; `--schedules` prints how the peers break. The exit
 * code is 1 unless every primitive's verdict is OK and every peer breaks as expected.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { positive } from '../support/positive.js';
import { exitOnSignals } from '../support/signals.js';
import { models } from './catalogue.js';
import type { Finding, Task } from './explorer.js';
import { peers } from './peers.js';
import { LEAST_WITHIN } from './world.js';

interface Row {
  readonly task: Task;
  readonly subject: string;
  readonly scenario: string;
  readonly judge: (finding: Finding) => { readonly good: boolean; readonly verdict: string };
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: '2' },
    states: { type: 'string', default: '1000000' },
    schedules: { type: 'boolean', default: false },
  },
});
const statesOfLarge = positive('--states', values.states);
const began = performance.now();
const rows = [...models.map(modelRow), ...peers.map(peerRow)].filter(({ subject, scenario }) =>
  values.only.every((text) => `${subject}: ${scenario}`.toLowerCase().includes(text.toLowerCase())),
);
const findings: (Finding | undefined)[] = rows.map(() => undefined);
const queue = rows.entries();
const explorers = Array.from({ length: positive('--jobs', values.jobs) }, () =>
  fork(fileURLToPath(new URL('explorer.js', import.meta.url)), { serialization: 'advanced' }),
);
process.on('exit', () => {
  for (const explorer of explorers) explorer.kill('SIGKILL');
});
exitOnSignals();

print(['primitive', 'scenario', 'states', 'transitions', 'ms', 'verdict']);
let printed = 0;
let failed = 0;
await Promise.all(explorers.map(work));
for (const explorer of explorers) explorer.disconnect();
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`\n${rows.length - failed} of ${rows.length} as they should be, ${seconds} s`);
process.exitCode = failed > 0 || rows.length === 0 ? 1 : 0;

async function work(explorer: ChildProcess): Promise<void> {
  for (const [index, { task }] of queue) {
    findings[index] = await ask(explorer, task);
    // In the order of the list, whichever was faster.
    for (let next = findings[printed]; next !== undefined; next = findings[printed]) show(rows[printed++], next);
  }
}

function ask(explorer: ChildProcess, task: Task): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`an explorer ended with code ${code}`));
    explorer.once('exit', onExit);
    explorer.once('message', (message) => {
      explorer.off('exit', onExit);
      resolve(message as Finding);
    });
    explorer.send(task);
  });
}

function show({ subject, scenario, judge }: Row, finding: Finding): void {
  const { good, verdict } = judge(finding);
  const { states, transitions, ms } = finding;
  print([subject, scenario, String(states), String(transitions), ms.toFixed(0), verdict]);
  if (!good) failed++;
  const isPeer = subject === 'peer';
  if (good ? isPeer && values.schedules : true) console.log(`\n${finding.report}\n`);
}

function print(cells: readonly string[]): void {
  const widths = [16, 70, 9, 11, 7];
  const padded = cells.map((cell, i) => (i < 2 || i > 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i])));
  console.log(padded.join('  ').trimEnd());
}

function modelRow({ primitive, name, large }: (typeof models)[number], index: number): Row {
  return {
    task: { list: 'models', index, statesOfLarge },
    subject: primitive,
    scenario: name,
    judge: ({ verdict, note, within }) => {
      if (within === Infinity) return { good: true, verdict: 'OK, complete' };
      const enough = verdict === 'ok' || (verdict === 'incomplete' && large && within >= LEAST_WITHIN);
      if (enough) return { good: true, verdict: `OK within ${within} preemptions` };
      return { good: false, verdict: `${verdict.toUpperCase()}${note === '' ? '' : ` (${note})`}` };
    },
  };
}

function peerRow({ name, breaks, why }: (typeof peers)[number], index: number): Row {
  return {
    task: { list: 'peers', index, statesOfLarge },
    subject: 'peer',
    scenario: name,
    judge: ({ kind }) =>
      kind === breaks
        ? { good: true, verdict: `broken, as expected: ${why}` }
        : { good: false, verdict: `EXPECTED ${breaks}, FOUND ${kind ?? 'nothing'}` },
  };
}
