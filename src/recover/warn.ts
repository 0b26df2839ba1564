/** Warnings of agents that are blocked: what is written by way of an event loop would never be seen. */

interface Host {
  readonly console?: Pick<Console, 'warn'>;
  readonly process?: Process;
}

interface Process {
  getBuiltinModule?(name: 'node:fs'): { writeSync(file: number, text: string): number } | undefined;
}

const STDERR = 2;

/** Prints a line to stderr at once, where the host can; else to the console, which a bare realm does not have. */
export function warn(text: string): void {
  const line = `atomics-sync-free: ${text}`;
  const { console, process } = globalThis as Host;
  try {
    const fs = process?.getBuiltinModule?.('node:fs');
    if (fs === undefined) console?.warn(line);
    else fs.writeSync(STDERR, `${line}\n`);
  } catch {
    // The pipe is full, or closed.
    console?.warn(line);
  }
}
