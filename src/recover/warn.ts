/** Warnings of blocked agents: output that goes through an event loop would never be seen. */

interface Host {
  readonly console?: Pick<Console, 'warn'>;
  readonly process?: Process;
}

interface Process {
  readonly platform?: string;
  /** Of Node: prints a line to stderr, on a console of Windows in its characters rather than in those of a code page. */
  _rawDebug?(line: string): void;
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
    else if (process?.platform === 'win32' && process._rawDebug !== undefined) process._rawDebug(line);
    else fs.writeSync(STDERR, `${line}\n`);
  } catch {
    // The pipe is full, or closed.
    console?.warn(line);
  }
}
