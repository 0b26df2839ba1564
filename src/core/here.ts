/** Where modules of this package are, for those that name themselves. */

/** What CommonJS calls the path of a module. */
declare const __filename: unknown;

/** In a script, which has neither: from there no worker can load what it wants. What needs none, such as queues, works. */
const NOWHERE = 'bundle:/that-is-no-module/';

/**
 * @param own the module's `import.meta.url`, which some bundlers leave out where they make CommonJS of it
 * @returns it, or the URL of the bundle
 */
export function hereOf(own: string | undefined): string {
  if (own !== undefined) return own;
  return typeof __filename === 'string' ? fileUrlOf(__filename.replaceAll('\\', '/')) : NOWHERE;
}

/** @param path that of a file, with slashes */
export function fileUrlOf(path: string): string {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  return `file://${path.startsWith('/') ? '' : '/'}${encoded}`;
}
