/**
 * The link between a process and its child: frames in two byte streams, one each way. With one stream for both ways, a write
 * to an end that is gone would lose what that end sent and nobody has read yet: the host gives up a stream whose write fails.
 *
 * ```text
 * word 0   LENGTH of the message, in bytes
 *      1   KIND    what it is, as agreed by both ends
 *      2   INDEX   which of several it is about
 *
 * byte 12 …        the message
 * ```
 */
import { microtask } from '../core/wait/turns.js';

/** The number of bytes before the message. */
export const HEADER = 12;
/** A message of up to this many bytes is copied behind its header, so that both are written at once. */
const COPIED = 2 ** 16;
const NOTHING = new Uint8Array(0);

/** What came over a link. */
export interface Frame {
  readonly kind: number;
  readonly index: number;
  readonly message: Uint8Array;
}

/** The part of a host's readable stream that is used. */
export interface ByteSource {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

/** The part of a host's writable stream that is used. */
export interface ByteSink {
  write(chunk: Uint8Array, done?: () => void): boolean;
  /** How many bytes have not left this process; if the host does not say, there may be some. */
  readonly writableLength?: number;
  on(event: 'drain' | 'error', listener: () => void): unknown;
  destroy(): unknown;
  ref?(): unknown;
  unref?(): unknown;
}

export class Link {
  readonly #source: ByteSource;
  readonly #sink: ByteSink;
  /** Resolved once the other end is gone and everything it sent has been passed on. */
  readonly closed: Promise<void>;
  /** Bytes of a frame that is not complete. */
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Below this many bytes the next frame cannot be complete. */
  #needed = HEADER;
  #hear: ((frame: Frame) => void) | undefined;
  /** What came while nobody listened. */
  #unheard: Frame[] = [];
  #full = false;
  #waiting: (() => void)[] = [];
  /** Frames that will go in one write. */
  #posted: Uint8Array[] = [];

  constructor(source: ByteSource, sink: ByteSink) {
    this.#source = source;
    this.#sink = sink;
    source.on('data', (chunk) => this.#take(chunk));
    sink.on('drain', () => this.#resume());
    // They only report that the other end is gone, and `close` follows.
    source.on('error', () => {});
    sink.on('error', () => {});
    this.closed = new Promise((resolve) => {
      source.on('close', () => {
        sink.destroy();
        this.#resume();
        resolve();
      });
    });
  }

  /** Sends a frame; it is lost if the other side has ended. */
  send(kind: number, index = 0, message: Uint8Array = NOTHING): void {
    this.#sendPosted();
    const isSmall = message.length <= COPIED;
    this.#full = !this.#sink.write(frameOf(kind, index, message, isSmall));
    if (!isSmall) this.#full = !this.#sink.write(message);
  }

  /** Sends a frame in one write together with others posted before the currently running code has finished. */
  post(kind: number, index: number, message: Uint8Array): void {
    if (message.length > COPIED) {
      this.send(kind, index, message);
    } else if (this.#posted.push(frameOf(kind, index, message, true)) === 1) {
      microtask(() => this.#sendPosted());
    }
  }

  #sendPosted(): void {
    const frames = this.#posted;
    if (frames.length === 0) return;
    this.#posted = [];
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    this.#full = !this.#sink.write(frames.length === 1 ? frames[0] : joined(frames, bytes));
  }

  /** Whether everything sent has left this process. */
  get isSent(): boolean {
    return this.#sink.writableLength === 0;
  }

  /** Resolved when there is room for more, or the other end is gone. */
  async room(): Promise<void> {
    if (this.#full) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolved when everything sent has left this process. */
  async flush(): Promise<void> {
    await Promise.race([this.closed, new Promise<void>((resolve) => this.#sink.write(NOTHING, resolve))]);
  }

  /** @param hear called with each frame from now on, and with those received while nobody listened */
  listen(hear: (frame: Frame) => void): void {
    this.#hear = hear;
    this.#tell();
  }

  /** The next frame; those behind it are kept until somebody listens. */
  next(): Promise<Frame> {
    return new Promise((resolve) => {
      this.listen((frame) => {
        this.#hear = undefined;
        resolve(frame);
      });
    });
  }

  /** Lets this process end while the other end exists. */
  unref(): void {
    this.#source.unref?.();
    this.#sink.unref?.();
  }

  /** Undoes `unref`. */
  ref(): void {
    this.#source.ref?.();
    this.#sink.ref?.();
  }

  #resume(): void {
    this.#full = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : joined(this.#chunks, this.#length);
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    for (;;) {
      this.#needed = HEADER;
      if (bytes.length - at < HEADER) break;
      const end = at + HEADER + words.getUint32(at, true);
      this.#needed = end - at;
      if (bytes.length < end) break;
      const message = bytes.subarray(at + HEADER, end);
      this.#unheard.push({ kind: words.getInt32(at + 4, true), index: words.getInt32(at + 8, true), message });
      at = end;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#length = bytes.length - at;
    this.#tell();
  }

  #tell(): void {
    while (this.#hear !== undefined) {
      const frame = this.#unheard.shift();
      if (frame === undefined) return;
      this.#hear(frame);
    }
  }
}

/** @param whole whether the message follows its header */
export function frameOf(kind: number, index: number, message: Uint8Array, whole: boolean): Uint8Array {
  const bytes = new Uint8Array(HEADER + (whole ? message.length : 0));
  writeHeader(bytes, 0, message.length, kind, index);
  if (whole) bytes.set(message, HEADER);
  return bytes;
}

/** Writes the header of a message of this many bytes. */
export function writeHeader(into: Uint8Array, at: number, length: number, kind: number, index: number): void {
  const words = new DataView(into.buffer, into.byteOffset + at, HEADER);
  words.setUint32(0, length, true);
  words.setInt32(4, kind, true);
  words.setInt32(8, index, true);
}

/** @param length the total length of the chunks */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
