/** A page has no files: only `hash` is possible there. */
import { SyncError } from '../../core/errors.js';
import type { Files } from './files.js';
import { sha256 as digest } from './sha256.js';

export const sha256: Files['sha256'] = digest;

export const sha256Hex: Files['sha256Hex'] = (bytes) => {
  let text = '';
  for (const byte of digest(bytes)) text += byte.toString(16).padStart(2, '0');
  return text;
};

function refuse(): never {
  throw new SyncError(
    'ERR_NO_FILES',
    'Memory, dump and load need a file system, which Node, Deno and Bun have, and pages and their workers do not',
  );
}

export const crc32: Files['crc32'] = refuse;
export const deflate: Files['deflate'] = refuse;
export const inflate: Files['inflate'] = refuse;
export const pathOf: Files['pathOf'] = refuse;
export const read: Files['read'] = refuse;
export const readFor: Files['readFor'] = refuse;
export const write: Files['write'] = refuse;
export const create: Files['create'] = refuse;
export const remove: Files['remove'] = refuse;
export const makeFolder: Files['makeFolder'] = refuse;
export const list: Files['list'] = refuse;
export const look: Files['look'] = refuse;
export const processName: Files['processName'] = refuse;
export const isOver: Files['isOver'] = refuse;
