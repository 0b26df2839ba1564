/** How a function is named to other machines, which have its file themselves. Its source is never sent. */
import { pathOf, read, sha256Hex } from '#files';
import { SyncError } from '../core/errors.js';
import type { Call } from '../tasks/call.js';
import type { Code } from './queue.js';

const hashes = new Map<string, string>();

const [LF, CR] = [10, 13];

/** Git may write other ends of lines on Windows than elsewhere, which mean the same. */
function withPlainLines(content: Uint8Array): Uint8Array {
  if (!content.includes(CR)) return content;
  return content.filter((byte, at) => byte !== CR || content[at + 1] !== LF);
}

/**
 * @returns the hash of a module file's content, as it was when first asked for
 * @throws SyncError `ERR_FUNCTION` when it is not a file
 */
export function hashOf(url: string): string {
  let hash = hashes.get(url);
  if (hash === undefined) {
    const content = url.startsWith('file:') ? read(pathOf(new URL(url))) : undefined;
    if (content === undefined)
      throw new SyncError('ERR_FUNCTION', `${url} is not a file, so no other machine can have the same`);
    hash = sha256Hex(withPlainLines(content));
    hashes.set(url, hash);
  }
  return hash;
}

/** @throws SyncError `ERR_FUNCTION` when it is not an exported function of a file, or a task in one */
export function codeOf(call: Call): Code {
  if (call.way !== 'task' && call.way !== 'module') {
    const message = `${call.name || 'a function'} cannot be sent to another machine: make it a task of a module that the workers have, too`;
    throw new SyncError('ERR_FUNCTION', message);
  }
  const { way, url, name } = call;
  return { file: url.slice(url.lastIndexOf('/') + 1), hash: hashOf(url), way, name };
}
