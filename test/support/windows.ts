// Makes this process resemble one of Windows, as far as the package can tell: import it before anything of the package.
//
// Windows refuses to replace, remove or open a file that somebody else has open in certain ways. A test says what is
// refused by `refuse`; and nobody can replace a file that this process itself has open.
import type * as Fs from 'node:fs';

const fs = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown> & typeof Fs;

/** What is refused. */
interface Refusal {
  /** The names of functions of node:fs. */
  readonly calls: readonly string[];
  /** A part of the path. */
  readonly path: string;
  readonly code: 'EPERM' | 'EBUSY' | 'EACCES';
  /** How many times. */
  times: number;
}

let refusals: Refusal[] = [];

/** Refuses some calls, until the function that it returns is called, which returns how many were refused. */
export function refuse(refusal: Refusal): () => number {
  const { times } = refusal;
  refusals.push(refusal);
  return () => {
    refusals = refusals.filter((each) => each !== refusal);
    return times - refusal.times;
  };
}

const refusalOf = (code: string, call: string, path: string): Error =>
  Object.assign(new Error(`${code}: operation not permitted, ${call} '${path}'`), { code, syscall: call, path });

/** The paths of what this process has open, by descriptor. */
const open = new Map<number, string>();

/** @returns the paths of the files that this process has open */
export const opened = (): string[] => [...open.values()];

function replace(call: string, by: (original: (...args: unknown[]) => unknown, ...args: unknown[]) => unknown): void {
  const original = fs[call] as (...args: unknown[]) => unknown;
  fs[call] = (...args: unknown[]) => by(original, ...args);
}

for (const call of ['openSync', 'renameSync', 'unlinkSync', 'statSync', 'lstatSync', 'readdirSync', 'mkdirSync'])
  replace(call, (original, path, ...args) => {
    const refusal = refusals.find(
      (each) => each.calls.includes(call) && String(path).includes(each.path) && each.times > 0,
    );
    if (refusal !== undefined) {
      refusal.times--;
      throw refusalOf(refusal.code, call.replace('Sync', ''), String(path));
    }
    return original(path, ...args);
  });

replace('openSync', (original, path, ...args) => {
  const descriptor = original(path, ...args) as number;
  open.set(descriptor, String(path));
  return descriptor;
});

replace('closeSync', (original, descriptor) => {
  open.delete(descriptor as number);
  return original(descriptor);
});

replace('renameSync', (original, from, to) => {
  if (opened().includes(String(to))) throw refusalOf('EPERM', 'rename', String(to));
  return original(from, to);
});

let isCoarse = false;

/** Makes times of files those of FAT, or no longer: in steps of two seconds, and none of changes of anything but content. */
export function setCoarse(coarse: boolean): void {
  isCoarse = coarse;
}

replace('statSync', (original, ...args) => {
  const stats = original(...args) as Fs.BigIntStats;
  if (!isCoarse) return stats;
  const mtimeMs = stats.mtimeMs - (stats.mtimeMs % 2000n);
  return Object.assign(stats, { mtimeMs, mtimeNs: mtimeMs * 1_000_000n, ctimeMs: 0n, ctimeNs: 0n });
});

Object.defineProperty(process, 'platform', { value: 'win32', configurable: true });
