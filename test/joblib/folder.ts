// A folder of the test's own, which is removed when the test ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTestEnd } from '../support/suite.js';

/** @returns its path, with `/` between the parts */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'joblib-')).replaceAll('\\', '/');
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
