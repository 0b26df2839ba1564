/** Warnings of blocked agents: output that goes through an event loop would never be seen. */

interface Host {
  readonly console?: Pick<Console, 'warn'>;
  readonly process?: Process;
}

interface Process {
  getBuiltinModule?(name: 'node:fs'): { writeSync(file: number, text: string): number } | undefined;
}

const STDERR = 2;

/** Prints a line to stderr at once if the host can; otherwise to the console, if there is one: a bare realm has none. */
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
