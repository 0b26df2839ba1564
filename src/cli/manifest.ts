/** The package's own package.json. */
import { readFileSync } from 'node:fs';

/** What the package says about itself. */
export const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly version: string;
  readonly description: string;
};
