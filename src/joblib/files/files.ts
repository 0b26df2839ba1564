/**
 * What joblib needs of the host: files, checksums and compression. node.ts has them for Node, Deno and Bun; web.ts has
 * only sha-256, and throws for the rest, because a page has no files. The name `#files` means one of the two: "imports"
 * in package.json chooses it by the condition `browser`.
 */

/** What a look at a file reports. */
export interface Look {
  /** In bytes. */
  readonly size: number;
  /** When its content was changed last, in ms since the epoch. */
  readonly changedAt: number;
  /** When it was read or changed last, in ms since the epoch, as exactly as the file system keeps it. */
  readonly usedAt: number;
  /** A different text after each change, except for changes within one step of the file system's clock. */
  readonly version: string;
  /** Whether the last change is so long ago that the next one changes the version. */
  readonly isSettled: boolean;
}

/** What each host's file exports. Paths are absolute or relative to the working directory, with `/` between the parts. */
export interface Files {
  /** @returns the 32 bytes of the sha-256 of all parts, one after the other */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** @returns the sha-256 as 64 hexadecimal digits */
  sha256Hex(bytes: Uint8Array): string;
  /**
   * @param before the CRC-32 of the bytes that come before
   * @returns the CRC-32 of zlib
   */
  crc32(bytes: Uint8Array, before?: number): number;
  /**
   * Compresses some parts, one after the other.
   *
   * @param level 1 (fast) to 9 (small)
   */
  deflate(parts: readonly Uint8Array[], level: number): Uint8Array;
  /** @throws Error when the bytes are damaged */
  inflate(bytes: Uint8Array): Uint8Array;
  /** @returns the path of a `file:` URL, or the same path */
  pathOf(where: string | URL): string;
  /** @returns undefined when there is no such file */
  read(path: string): Uint8Array | undefined;
  /**
   * Reads a file into memory that is kept for the next one: new memory takes longer than the reading.
   *
   * @param use gets the bytes, which are valid only until it returns; the first is at a multiple of 8
   * @returns what `use` returns; undefined when there is no such file
   */
  readFor<T>(path: string, use: (bytes: Uint8Array) => T): T | undefined;
  /**
   * Writes a file, or replaces it: readers find the old one or the new one, and never a part. A link stays one, and so does
   * a device or a pipe, which is written to.
   */
  write(path: string, ...parts: readonly Uint8Array[]): void;
  /**
   * Makes a file, if it does not exist.
   *
   * @returns false when it exists
   */
  create(path: string, text: string): boolean;
  /** Removes a file, or a folder with all that is in it; does nothing when it does not exist. */
  remove(path: string): void;
  /** Makes a folder, and those above it, if they do not exist. */
  makeFolder(path: string): void;
  /** @returns the names in a folder; none when it does not exist */
  list(path: string): string[];
  /** @returns undefined when there is no such file */
  look(path: string): Look | undefined;
  /** @returns a text that identifies this process among those of all machines */
  processName(): string;
  /** Whether a process is known to have ended: one of this machine, by what `processName` returned there. */
  isOver(processName: string): boolean;
}
