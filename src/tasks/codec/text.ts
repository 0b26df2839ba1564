/**
 * Strings in memory: with Buffer if the host has it, otherwise with TextEncoder and TextDecoder; realms without a host have neither.
 */

/** How strings that are too long for a loop are written to memory and read from it. Offsets and lengths are in bytes. */
export interface Text {
  /**
   * Writes a string if it consists of ASCII characters, one byte each.
   *
   * @param room how many bytes may be written; those that the string does not take are then undefined
   * @returns whether it does
   */
  writeAscii(text: string, at: number, room: number): boolean;
  /** Writes a string of characters up to U+00FF, one byte each. */
  writeLatin1(text: string, at: number): void;
  /** Writes any string, two bytes each; `at` is even. */
  writeUtf16(text: string, at: number): void;
  readAscii(at: number, length: number): string;
  readLatin1(at: number, length: number): string;
  /** @param length in bytes; even, as is `at` */
  readUtf16(at: number, length: number): string;
}

/** The part used of Node's Buffer, which Bun and Deno also have. */
interface HostBuffer {
  utf8Write(text: string, at: number, length: number): number;
  latin1Write(text: string, at: number, length: number): number;
  ucs2Write(text: string, at: number, length: number): number;
  latin1Slice(from: number, to: number): string;
  ucs2Slice(from: number, to: number): string;
  fill(this: Uint8Array, bytes: Uint8Array, from: number, to: number): unknown;
}

interface HostBufferClass {
  from(buffer: ArrayBufferLike, byteOffset: number, length: number): HostBuffer;
  byteLength(text: string): number;
  // Not generic: these declarations are also read by versions of TypeScript in which it is not.
  allocUnsafeSlow(length: number): Uint8Array & { readonly buffer: ArrayBuffer };
  isBuffer(value: unknown): boolean;
  readonly prototype: HostBuffer;
}

const METHODS = ['utf8Write', 'latin1Write', 'ucs2Write', 'latin1Slice', 'ucs2Slice'] as const;

/** The host's Buffer, if it has the methods used to read and write strings. */
export const hostBuffer: HostBufferClass | undefined = (() => {
  const { Buffer } = globalThis as unknown as { Buffer?: HostBufferClass };
  return METHODS.every((name) => typeof Buffer?.prototype[name] === 'function') ? Buffer : undefined;
})();

/** Deno's methods for writing are in JavaScript, and ten times slower than the loops below. */
const writesFast = !('Deno' in globalThis);

const { TextEncoder, TextDecoder } = globalThis as Partial<typeof globalThis>;
const encoder = TextEncoder && new TextEncoder();
const decoder = TextDecoder && new TextDecoder('utf-8', { ignoreBOM: true });

const BEYOND_LATIN1 = /[^\0-\xff]/;
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Whether one byte per character suffices. V8 answers at once for a string that it stores that way. */
export const isLatin1 = (text: string): boolean => !BEYOND_LATIN1.test(text);

/** How many characters are created at once: all are arguments of one call. */
const CHUNK = 4096;

/** TextEncoder and TextDecoder refuse shared memory in browsers, so they work on a copy. */
export class PortableText implements Text {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  writeAscii(text: string, at: number, _room: number): boolean {
    const bytes = encoder?.encode(text);
    if (bytes === undefined) {
      if (BEYOND_ASCII.test(text)) return false;
      this.writeLatin1(text, at);
      return true;
    }
    if (bytes.length !== text.length) return false;
    this.#bytes.set(bytes, at);
    return true;
  }

  writeLatin1(text: string, at: number): void {
    for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
  }

  writeUtf16(text: string, at: number): void {
    const units = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset + at, text.length);
    for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  }

  readAscii(at: number, length: number): string {
    return decoder?.decode(this.#bytes.slice(at, at + length)) ?? this.readLatin1(at, length);
  }

  readLatin1(at: number, length: number): string {
    return fromCodes(this.#bytes.subarray(at, at + length));
  }

  readUtf16(at: number, length: number): string {
    return fromCodes(new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length / 2));
  }
}

function fromCodes(codes: Uint8Array | Uint16Array): string {
  let text = '';
  for (let at = 0; at < codes.length; at += CHUNK) {
    text += String.fromCharCode.apply(null, codes.subarray(at, at + CHUNK) as unknown as number[]);
  }
  return text;
}

/** The same with Buffer's methods. */
export class BufferText extends PortableText {
  readonly #host: HostBufferClass;
  readonly #buffer: HostBuffer;

  constructor(host: HostBufferClass, bytes: Uint8Array) {
    super(bytes);
    this.#host = host;
    this.#buffer = host.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  // A character beyond ASCII takes more than a byte in UTF-8, so the number of bytes shows whether there is one.
  override writeAscii(text: string, at: number, room: number): boolean {
    const { length } = text;
    if (length * 3 <= room) return this.#buffer.utf8Write(text, at, length * 3) === length;
    return this.#host.byteLength(text) === length && this.#buffer.utf8Write(text, at, length) === length;
  }

  override writeLatin1(text: string, at: number): void {
    if (writesFast) this.#buffer.latin1Write(text, at, text.length);
    else super.writeLatin1(text, at);
  }

  override writeUtf16(text: string, at: number): void {
    if (writesFast) this.#buffer.ucs2Write(text, at, text.length * 2);
    else super.writeUtf16(text, at);
  }

  override readAscii(at: number, length: number): string {
    return this.#buffer.latin1Slice(at, at + length);
  }

  override readLatin1(at: number, length: number): string {
    return this.#buffer.latin1Slice(at, at + length);
  }

  override readUtf16(at: number, length: number): string {
    return this.#buffer.ucs2Slice(at, at + length);
  }
}
