#!/usr/bin/env node
/** The command `atomics-sync-free`: its subcommands, and the exit code. */
import { Command, CommanderError } from 'commander';
import { compareCommand } from './compare.js';
import { gilCommand } from './gil.js';
import { manifest } from './manifest.js';
import { stressCommand } from './stress.js';
import { traceCommand } from './trace.js';
import { Exit, OutputError, UsageError, unwritable } from './usage.js';
import { workerCommand } from './worker.js';

const exit = (code: number): void => {
  process.exitCode = code;
};

// A reader such as `head` may close the pipe early: then this process ends, as other programs do.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The second is what Windows may call it.
    if (error.code === 'EPIPE' || error.code === 'EOF') process.exit(Exit.unread);
    if (stream === process.stdout) console.error(`error: ${unwritable('the output', error)}`);
    process.exit(Exit.failed);
  });

const program = new Command('atomics-sync-free')
  .description(manifest.description)
  .version(manifest.version)
  .exitOverride()
  .enablePositionalOptions()
  .addCommand(stressCommand(exit))
  .addCommand(traceCommand(exit))
  .addCommand(gilCommand(exit))
  .addCommand(compareCommand(exit))
  .addCommand(workerCommand(exit));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof UsageError || error instanceof OutputError) console.error(`error: ${error.message}`);
  else if (!(error instanceof CommanderError)) throw error;
  // commander has already reported what is wrong; it also reports help and version as errors, with code 0.
  if (error instanceof OutputError) process.exitCode = Exit.failed;
  else process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? Exit.ok : Exit.usage;
}
