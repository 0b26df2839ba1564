/**
 * What is on the server: a queue of batches, which BullMQ keeps, and beside it whatever is too large for a job.
 *
 * ```text
 *  program                                     server                                machine with a worker
 *  Parallel ─▶ session ─▶ courier (a thread) ─▶ queue ─▶ job ─────────────────────▶ BullMQ ─▶ Pool
 *                  ▲            ▲               parts of arguments above 1 MB          │
 *                  └── results ─┴── job's hash ◀────────────────────── outcome ────────┘
 *                               ◀╌╌ message: this job is done ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┘  a hint; a sweep finds the rest
 * ```
 */
import { SyncError } from '../core/errors.js';
import type { Server } from '../distributed/server.js';

/**
 * The queue's name within the namespace. Its number is the version of the format of jobs and messages (2 was that of
 * 0.9.0): a program and a worker that would misread each other use different queues, so machines may change versions
 * one by one.
 */
export const QUEUE = 'tasks-3';
/** The name of all its jobs. */
export const BATCH = 'batch';

/** Larger payloads go beside the job, in parts of this size, in bytes. */
const PART = 1_000_000;
/** How many parts are fetched at a time. */
const FETCHED = 4;
/** How long results that nobody fetches, and arguments that nobody awaits the results of, are kept, in s. */
export const KEPT = 3600;

/** The names of what is on the server. */
export const namesIn = (namespace: string) => ({
  prefix: `${namespace}:{bull}`,
  job: (id: string) => `${namespace}:{bull}:${QUEUE}:${id}`,
  parts: (id: string, what: 'arguments' | 'result') => `${namespace}:{bull}:${QUEUE}:${what}:${id}`,
  completed: `${namespace}:{bull}:${QUEUE}:completed`,
  failed: `${namespace}:{bull}:${QUEUE}:failed`,
  /** Every worker listens here for cancelled batches, so the listeners are the workers. */
  cancelled: `${namespace}:${QUEUE}:cancelled`,
  done: (session: string) => `${namespace}:${QUEUE}:done:${session}`,
});

export type Names = ReturnType<typeof namesIn>;

/** @returns the id of a program's job, which says who is told when it is done */
export const idOf = (session: string, batch: number): string => `${session}-${batch}`;
export const sessionOf = (id: string): string => id.slice(0, id.indexOf('-'));

/** A function as another machine finds it: in a file with the same content, under the same name. */
export interface Code {
  /** The file's name, for people. */
  readonly file: string;
  /** The SHA-256 of its content, in hex. */
  readonly hash: string;
  readonly way: 'task' | 'module';
  readonly name: string;
}

/** Bytes on the server: in the job itself, in base64, or in a list of parts. */
export type Carried = { readonly inline: string } | { readonly parts: string };

/** Results of at most this many base64 characters are included in the line that says that their job is done. */
const MOST_TOLD = 8192;

/** @returns the line of a message that says that a job is done, with its result if that is short */
export function doneLine(id: string, result: Carried | undefined): string {
  const told = result !== undefined && 'inline' in result && result.inline.length <= MOST_TOLD;
  return told ? `${id} ${result.inline}` : id;
}

/** @returns the job of such a line, and its result, if the line has it */
export function readDone(line: string): readonly [id: string, result: Uint8Array | undefined] {
  const at = line.indexOf(' ');
  return at < 0 ? [line, undefined] : [line.slice(0, at), bytesOf(line.slice(at + 1))];
}

/** Whether bytes are too large for the job itself. */
export const isLarge = (bytes: Uint8Array): boolean => bytes.byteLength > PART;

/**
 * Appends a part to a list, unless the list has it: a command whose answer was lost with its connection is sent again. The
 * list expires even if its writer dies in between. KEYS: the list. ARGV: the part, its number, how long the list is kept, in s.
 *
 * @returns how many parts there are
 */
const APPEND = `
if ARGV[2] == '0' and redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) end
if redis.call('LLEN', KEYS[1]) == tonumber(ARGV[2]) then redis.call('RPUSH', KEYS[1], ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return redis.call('LLEN', KEYS[1])
`;

/**
 * Stores bytes on the server; they replace what is under the same key.
 *
 * @throws SyncError `ERR_UNREACHABLE` when the server loses its data meanwhile; by what is wrong with the server
 */
export async function carry(server: Server, key: string, bytes: Uint8Array): Promise<Carried> {
  if (!isLarge(bytes)) return { inline: Buffer.from(bytes).toString('base64') };
  for (let at = 0, number = 0; at < bytes.byteLength; at += PART, number++) {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(PART, bytes.byteLength - at));
    const there = await server.run(APPEND, [key], [part, number, KEPT]);
    if (there !== number + 1)
      throw new SyncError('ERR_UNREACHABLE', `the server ${server.label} has lost its data, and can be tried again`);
  }
  return { parts: key };
}

/** Fetches them, a few parts at a time, because each command must be answered in time. */
export async function fetchCarried(server: Server, carried: Carried): Promise<Uint8Array> {
  if ('inline' in carried) return bytesOf(carried.inline);
  const parts: Uint8Array[] = [];
  for (;;) {
    const range = [parts.length, parts.length + FETCHED - 1];
    const some = (await server.bytes('LRANGE', carried.parts, ...range)) as Uint8Array[];
    parts.push(...some);
    if (some.length < FETCHED) return Buffer.concat(parts);
  }
}

/** @returns bytes in a buffer of their own: a Buffer's are part of a larger one, all of which a message would copy */
export const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
