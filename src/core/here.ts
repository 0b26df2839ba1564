/** Where modules of this package are located, for those that refer to themselves. */

/** The path of a module in CommonJS. */
declare const __filename: unknown;

/** For a script, which has neither: a worker cannot load anything from there. What needs no worker, such as queues, works. */
const NOWHERE = 'bundle:/that-is-no-module/';

/**
 * @param own the module's `import.meta.url`, which some bundlers leave undefined when they convert it to CommonJS
 * @returns that URL, or the URL of the bundle
 */
export function hereOf(own: string | undefined): string {
  if (own !== undefined) return own;
  return typeof __filename === 'string' ? fileUrlOf(__filename.replaceAll('\\', '/')) : NOWHERE;
}

/** @param path the path of a file, with slashes; on Windows it may begin with a drive, or with `//` and a machine */
export function fileUrlOf(path: string): string {
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  if (path.startsWith('//')) return `file:${encoded}`;
  return `file://${path.startsWith('/') ? '' : '/'}${encoded}`;
}
