/** The command `trace`: runs a program and shows who waited for what. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { Trace } from '../trace/index.js';
import { ORDER, type TraceOrder } from '../trace/order.js';
import { machineFacts } from './machine.js';
import { numberOption } from './options.js';
import { OutFile } from './out-file.js';
import { tracePageOf } from './page/trace-page.js';
import { Exit, UsageError } from './usage.js';

interface TraceCommandOptions {
  readonly out: string;
  readonly html?: string;
  readonly capacity: number;
  readonly stacks?: boolean;
}

const CAPACITY = 10_000;
const MOST_CAPACITY = 2 ** 20;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The command `trace`.
 *
 * @param exit - called once with the exit code
 */
export function traceCommand(exit: (code: number) => void): Command {
  return new Command('trace')
    .description('run a program, and show who waited for what, who held it, and who let whom through')
    .argument('<PROGRAM>', 'the file for Node to run')
    .argument('[ARGUMENTS...]', 'its arguments')
    .option('--out <FILE>', 'the trace, for https://ui.perfetto.dev or chrome://tracing', 'trace.json')
    .option('--html <FILE>', 'write a page with tables and timelines, too')
    .option(
      '--capacity <N>',
      'how many of the latest events of each thread to keep',
      numberOption({ whole: true, from: 1, to: MOST_CAPACITY }),
      CAPACITY,
    )
    .option('--stacks', 'record where in the program things are acquired and waited for (8 µs each)')
    .addHelpText(
      'after',
      `
Exit code: the program's, or 1 if it ended without a trace. The trace covers its main thread and its workers, except those
started with an execArgv of their own, or from source text. Ctrl-C ends a program and writes its
trace; one whose main thread is blocked needs it twice, and leaves no trace.`,
    )
    .passThroughOptions()
    .exitOverride()
    .action(async (program: string, args: string[], options: TraceCommandOptions) => {
      exit(await traceProgram(resolve(program), args, options));
    });
}

async function traceProgram(
  program: string,
  args: readonly string[],
  { out, html, capacity, stacks = false }: TraceCommandOptions,
): Promise<number> {
  if ('Deno' in globalThis)
    throw new UsageError(
      'trace needs Node or Bun, because Deno loads nothing before a program: call start() of /trace in it',
    );
  if (!existsSync(program)) throw new UsageError(`there is no file ${program}`);
  if (html !== undefined && resolve(html) === resolve(out))
    throw new UsageError('--out and --html are the same file: the page would replace the trace');
  const preload = preloadFor(program);
  const file = await OutFile.open(out);
  const page = html === undefined ? undefined : await OutFile.open(html);
  const folder = mkdtempSync(join(tmpdir(), 'atomics-sync-free-'));
  try {
    const events = join(folder, 'events.json');
    const code = await run(['--import', preload, program, ...args], { file: events, capacity, stacks });
    if (!existsSync(events)) {
      console.error(
        `error: ${program} ended without a trace: it was killed, never reached its first line, or could not write it`,
      );
      return Exit.failed;
    }
    const { agents, events: recorded, end } = JSON.parse(readFileSync(events, 'utf8')) as Trace;
    const trace = new Trace(agents, recorded, end);
    await file.write(JSON.stringify(trace.chromeTrace()));
    await page?.write(tracePageOf(trace, { Program: program, ...machineFacts() }));
    console.log(`${trace}\n\nThe trace is in ${out}${html === undefined ? '' : `, the page in ${html}`}`);
    return code;
  } finally {
    // On Windows a virus scanner may still have the file open.
    rmSync(folder, { recursive: true, maxRetries: 10 });
  }
}

/** @returns the program's exit code */
function run(args: readonly string[], order: TraceOrder): Promise<number> {
  // The terminal also sends SIGINT to the program; SIGTERM reaches this process alone, and is passed on. In either case this
  // process waits for the program to end. A program whose main thread is blocked does not receive a signal.
  let asked = false;
  const wait = (signal: NodeJS.Signals): void => {
    if (asked) child.kill('SIGKILL');
    else if (signal === 'SIGTERM') child.kill(signal);
    else console.error('\nThe program was asked to end; interrupt it once more to kill it, without a trace.');
    asked = true;
  };
  for (const signal of SIGNALS) process.on(signal, wait);
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, [ORDER]: JSON.stringify(order) },
  });
  return new Promise((settle, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => {
      for (const signal of SIGNALS) process.off(signal, wait);
      settle(code ?? Exit.failed);
    });
  });
}

/** The copy of the package that the program loads must be the one that records; otherwise nothing would be seen. */
function preloadFor(program: string): string {
  let entry = fileURLToPath(new URL('../trace/index.js', import.meta.url));
  try {
    entry = Module.createRequire(program).resolve('atomics-sync-free/trace');
  } catch {
    // The program has none of its own: it may load this one by its path.
  }
  return pathToFileURL(join(dirname(entry), 'preload.js')).href;
}
