/** The command `compare`: the same work by threads under one GIL and without, by a Pool, and in CPython. */
import { loadavg } from 'node:os';
import { Command } from 'commander';
import { type Comparison, compare, comparisonTable, drawComparison } from '../compare/index.js';
import { hasLoad } from './machine.js';
import { numberOption } from './options.js';
import { OutFile } from './out-file.js';
import { ProgressLine } from './progress.js';
import { showTable } from './table.js';
import { Exit } from './usage.js';

interface CompareFlags {
  readonly workers?: number;
  readonly python: string;
  readonly out?: string;
  readonly json?: true;
}

/** Both kinds of work, and Python. */
const PARTS = 3;

/**
 * The command `compare`.
 *
 * @param exit - called once with the exit code
 */
export function compareCommand(exit: (code: number) => void): Command {
  return new Command('compare')
    .description(
      'CPU-bound and I/O-bound work by one thread, by threads under one GIL and without, by a Pool, and by the threads and ' +
        'processes of CPython, measured',
    )
    .option(
      '--workers <N>',
      'how many threads and processes (default: the processors, from 2 to 8)',
      numberOption({ whole: true, from: 2, to: 64 }),
    )
    .option('--python <COMMAND>', 'the Python that does the same work', 'python3')
    .option('--out <FILE.svg>', 'also draw it')
    .option('--json', 'print one JSON object instead of the table')
    .exitOverride()
    .action(async ({ workers, python, out, json }: CompareFlags) => {
      const file = out === undefined ? undefined : await OutFile.open(out);
      const line = ProgressLine.onTerminal(PARTS);
      let begun = 0;
      const onStart = (name: string): void => {
        if (begun++ > 0) line?.step();
        line?.show(name);
      };
      const comparison = await compare({ workers, python, onStart });
      line?.step();
      await file?.write(drawComparison(comparison));
      if (json) console.log(JSON.stringify(comparison, undefined, 2));
      else print(comparison);
      if (!comparison.contenders.some((contender) => contender.python))
        console.error(`There is no ${python} on this machine, so its rows are missing.`);
      exit(Exit.ok);
    });
}

function print(comparison: Comparison): void {
  showTable(comparisonTable(comparison));
  const { workers, processors } = comparison;
  const load = hasLoad ? `, with a load of ${loadavg()[0].toFixed(1)} in the minute before the end` : '';
  console.log(`${workers} share the work, on ${processors} processors${load}.`);
}
