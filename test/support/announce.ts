// What a test file tells the runner that started it, over a pipe of its own: written synchronously, since a test that
// blocks its main thread sends nothing later.
import { writeSync } from 'node:fs';

/** The environment variable that carries the pipe's file descriptor. */
export const REPORT_FD = 'TEST_REPORT_FD';

/** One line of the pipe, as JSON. `id` counts the tests of one file in the order of their declaration. */
export type Announcement =
  | { readonly event: 'loaded' }
  | { readonly event: 'declared'; readonly id: number; readonly name: string }
  | { readonly event: 'prepares'; readonly limit: number }
  | { readonly event: 'started'; readonly id: number; readonly limit?: number }
  | { readonly event: 'ended'; readonly id: number; readonly passed: boolean };

const fd = Number(process.env[REPORT_FD] ?? -1);
// A process that a test starts is not to write into the pipe of its parent.
delete process.env[REPORT_FD];

/** Tells the runner; does nothing in a file that was started by hand. */
export function announce(announcement: Announcement): void {
  if (fd >= 0) writeSync(fd, `${JSON.stringify(announcement)}\n`);
}
