// Imports examples one after another, and reports which begins and what it has printed. A process of its own, so that it can
// be ended when an example blocks it.
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

export type Told =
  | { readonly kind: 'begun'; readonly file: string }
  | { readonly kind: 'ended'; readonly file: string; readonly printed: readonly string[]; readonly error?: string };

const tell = (told: Told): void => void process.send?.(told);

for (const file of process.argv.slice(2)) {
  const printed: string[] = [];
  console.log = (...values: unknown[]) => void printed.push(format(...values));
  tell({ kind: 'begun', file });
  try {
    await import(pathToFileURL(file).href);
    tell({ kind: 'ended', file, printed });
  } catch (error) {
    tell({ kind: 'ended', file, printed, error: error instanceof Error ? String(error.stack) : String(error) });
  }
}
process.disconnect();
