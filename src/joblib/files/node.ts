/** Files of Node, Deno and Bun. */
import type * as Crypto from 'node:crypto';
import type * as Os from 'node:os';
import type * as Url from 'node:url';
import type * as Zlib from 'node:zlib';
import { isURL } from '../../core/arguments.js';
import { now, sinceEpoch } from '../../core/wait/clock.js';
import { sleep } from '../../core/wait/sleep.js';
import type { Files } from './files.js';

// An import would load all of fs, of which Node itself loads only parts.
const {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} = process.getBuiltinModule('node:fs');
const { dirname } = process.getBuiltinModule('node:path');
// Loading them takes up to 10 ms, and workers hardly ever need them.
const crypto = () => process.getBuiltinModule('node:crypto') as typeof Crypto;
const os = () => process.getBuiltinModule('node:os') as typeof Os;
const url = () => process.getBuiltinModule('node:url') as typeof Url;
const zlib = () => process.getBuiltinModule('node:zlib') as typeof Zlib;

export const sha256: Files['sha256'] = (...parts) => {
  const { createHash, hash } = crypto();
  // In one call it takes a third of the time; Node has had that since 20.12.
  if (parts.length === 1 && typeof hash === 'function') return hash('sha256', parts[0], 'buffer');
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return state.digest();
};

export const sha256Hex: Files['sha256Hex'] = (bytes) => {
  const { createHash, hash } = crypto();
  return typeof hash === 'function' ? hash('sha256', bytes, 'hex') : createHash('sha256').update(bytes).digest('hex');
};

export const crc32: Files['crc32'] = (bytes, before) => zlib().crc32(bytes, before);

export const deflate: Files['deflate'] = (parts, level) =>
  zlib().deflateSync(parts.length === 1 ? parts[0] : Buffer.concat(parts), { level });

export const inflate: Files['inflate'] = (bytes) => zlib().inflateSync(bytes);

export const pathOf: Files['pathOf'] = (where) => (isURL(where) ? url().fileURLToPath(where) : where);

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/**
 * What Windows answers while somebody else has a file open, such as a reader, an indexer or a virus scanner, and while a
 * file that was removed is still open somewhere. It answers the same to what is forbidden.
 */
const isBusy = (error: unknown): boolean =>
  process.platform === 'win32' && /^(EPERM|EACCES|EBUSY)$/.test(codeOf(error));

/** How long something is tried again, in ms, and the longest pause between two tries. */
const BUSY_MS = 2000;
const LONGEST_PAUSE = 50;
/** What was refused all that time, and in which folders: there, more patience would help nobody. */
const refusing = new Set<string>();

/**
 * Does something with a file, once others let it.
 *
 * @param what names it
 * @returns what `act` returns
 */
function onceFree<T>(what: string, path: string, act: () => T): T {
  const key = (): string => `${what} ${path.replace(/[^/\\]*$/, '')}`;
  let start: number | undefined;
  for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      const result = act();
      if (refusing.size > 0) refusing.delete(key());
      return result;
    } catch (error) {
      if (!isBusy(error) || refusing.has(key())) throw error;
      start ??= now();
      if (now() - start >= BUSY_MS) {
        refusing.add(key());
        throw error;
      }
      sleep(pause);
    }
  }
}

/** @returns what `act` returns, or `instead` when there is no such file or folder */
function orMissing<T>(what: string, path: string, act: () => T, instead: T): T {
  try {
    return onceFree(what, path, act);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test(codeOf(error))) return instead;
    throw error;
  }
}

export const read: Files['read'] = (path) => orMissing('read', path, () => readFileSync(path), undefined);

/** Most files are smaller, and are read by one call. */
const FIRST = 65_536;
/** Memory of more bytes than this is not kept. */
const KEPT = 8 * 1024 * 1024;
/**
 * The offset in the memory at which a file is read. The host's allocator starts memory of this size 16 bytes after
 * the start of a page, and the system copies from the start of one. If the two differ by less than a cache line,
 * processors that compare the lower 12 bits of addresses take each load for one of what was just stored: 1 MB takes 380
 * µs without the offset, and 50 with it.
 */
const SHIFT = 64;

const newScratch = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(SHIFT + bytes).subarray(SHIFT);

/** Undefined while somebody uses it. */
let scratch: Uint8Array<ArrayBuffer> | undefined;

export const readFor: Files['readFor'] = (path, use) => {
  const fd = orMissing('read', path, () => openSync(path, 'r'), undefined);
  if (fd === undefined) return undefined;
  let bytes = scratch ?? newScratch(FIRST);
  scratch = undefined;
  try {
    let length = 0;
    try {
      length = readSync(fd, bytes, 0, bytes.length, 0);
      if (length === bytes.length) {
        const { size } = fstatSync(fd);
        if (size > length) {
          bytes = newScratch(size);
          for (length = 0; length < size; ) {
            const got = readSync(fd, bytes, length, size - length, length);
            if (got === 0) break;
            length += got;
          }
        }
      }
    } finally {
      // Before it is used: on Windows nobody can replace a file that is open.
      closeSync(fd);
    }
    return use(bytes.subarray(0, length));
  } finally {
    if (bytes.length <= KEPT) scratch = bytes;
  }
};

/** @returns a name that nobody else has, for what does not exist yet, or no longer */
const unfinishedOf = (path: string): string => `${path}.${crypto().randomBytes(6).toString('hex')}.tmp`;

/** Removes what could not be written, for the caller to learn why rather than that it is still there. */
function abandon(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // `reduceSize` removes it later.
  }
}

/** Makes a file that does not exist. */
function make(path: string, parts: readonly (Uint8Array | string)[]): void {
  const fd = onceFree('make', path, () => openSync(path, 'wx'));
  let isWhole = false;
  try {
    for (const part of parts) writeFileSync(fd, part);
    isWhole = true;
  } finally {
    closeSync(fd);
    // A full disk takes the name of a file, and not its content.
    if (!isWhole) abandon(path);
  }
}

export const write: Files['write'] = (path, ...parts) => {
  const found = onceFree('look', path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found === undefined || found.isFile() || found.isDirectory()) {
    replace(path, parts);
  } else if (found.isSymbolicLink()) {
    const end = orMissing('look', path, () => realpathSync(path), undefined);
    if (end === undefined) replace(path, parts);
    else write(end, ...parts);
  } else {
    // Such as a device: a file in its place would be a loss to everybody.
    const fd = openSync(path, 'w');
    try {
      for (const part of parts) writeFileSync(fd, part);
    } finally {
      closeSync(fd);
    }
  }
};

/** Puts a whole file in the place of what is there. */
function replace(path: string, parts: readonly Uint8Array[]): void {
  const unfinished = unfinishedOf(path);
  make(unfinished, parts);
  try {
    onceFree('rename', path, () => renameSync(unfinished, path));
  } catch (error) {
    abandon(unfinished);
    throw error;
  }
}

export const create: Files['create'] = (path, text) => {
  try {
    make(path, [text]);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

export const remove: Files['remove'] = (path) => {
  try {
    // It takes a twentieth of the time that rmSync does.
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    // Systems do not agree on the error for a folder.
    const isFolder = orMissing('look', path, () => lstatSync(path).isDirectory(), undefined);
    if (isFolder === true) removeFolder(moved(path));
    else if (isFolder === false) orMissing('remove', path, () => unlinkSync(path), undefined);
  }
};

/** How often a removal is tried again: a writer that found the folder before it was moved may put something into it meanwhile. */
const STRAGGLERS = 100;

function removeFolder(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY' || tries === STRAGGLERS) throw error;
    }
  }
}

/** A folder into which others write is never empty, so it first gets a name that nobody else knows. */
function moved(path: string): string {
  const away = unfinishedOf(path);
  try {
    renameSync(path, away);
    return away;
  } catch {
    // Some systems refuse this while a file in it is open.
    return path;
  }
}

/**
 * Step by step: where the system refuses a folder by saying that the one above it is not there, although it is, such as in
 * /proc or in a working directory that was removed, Node's own recursive form tries for ever.
 */
export const makeFolder: Files['makeFolder'] = (path) => {
  try {
    onceFree('make', path, () => mkdirSync(path));
  } catch (error) {
    if (isFolder(path)) return;
    const above = dirname(path);
    if (codeOf(error) !== 'ENOENT' || above === path || isFolder(above)) throw error;
    makeFolder(above);
    makeFolder(path);
  }
};

const isFolder = (path: string): boolean => orMissing('look', path, () => statSync(path).isDirectory(), false);

export const list: Files['list'] = (path) => orMissing('list', path, () => readdirSync(path), []);

/** FAT keeps the time of a change in steps of this many ms, other file systems in smaller ones. */
const STEP_MS = 2000;

export const look: Files['look'] = (path) => {
  const stats = orMissing('look', path, () => statSync(path, { bigint: true }), undefined);
  if (stats === undefined) return undefined;
  const { size, mtimeMs, atimeMs, ctimeMs, mtimeNs, ctimeNs, ino } = stats;
  const changedAt = Number(mtimeMs);
  return {
    size: Number(size),
    changedAt,
    usedAt: Math.max(Number(atimeMs), changedAt),
    // The time of the content can be set, as copying tools do; that of the last change of anything cannot, but not every
    // file system has it.
    version: `${ino} ${size} ${mtimeNs} ${ctimeNs}`,
    isSettled: sinceEpoch() - Math.max(changedAt, Number(ctimeMs)) > STEP_MS,
  };
};

export const processName: Files['processName'] = () => `${process.pid} on ${os().hostname()}`;

export const isOver: Files['isOver'] = (name) => {
  const [, pid, host] = /^(\d+) on (.*)$/.exec(name) ?? [];
  if (host !== os().hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
};
