/**
 * The only file that uses the client library: connections to a server that reconnect by themselves, and whose commands
 * end in bounded time.
 */
import { createHash } from 'node:crypto';
import type { Redis, RedisOptions } from 'ioredis';
import { SyncError } from '../core/errors.js';
import type { Address } from './address.js';
import { now } from './clock.js';
import { Limits } from './limits.js';
import { peer } from './peer.js';
import { closedError, codeOfAnswer, serverError, TIMED_OUT } from './server-error.js';

/** An argument of a command. */
export type Argument = string | number | Uint8Array;

/** Connecting may always take this long, in ms, because a process that has just started is busy. */
const CONNECTING = 5000;
/** The longest pause before another attempt to connect, in ms. */
const LONGEST_PAUSE = 500;
/** How often a connection is probed, in ms. */
const PROBING = 5000;
/** How long BullMQ's connection may be silent, in ms: a probe waits behind all the jobs that are being added. */
const SILENT = 30_000;
/** The oldest server version that has the required features. */
const OLDEST = [6, 2] as const;

/** A client of ioredis, without its types, because this file's declarations must work where ioredis is not installed. */
export interface Connection {
  disconnect(): void;
}

/** A connection for BullMQ, which uses it in its own way. It connects by itself, and reconnects whenever it must. */
export async function connectionFor({ url }: Address): Promise<Connection> {
  const { Redis } = await peer('ioredis', () => import('ioredis'));
  const redis = new Redis(url, STAYING);
  replaceSilent(redis, SILENT);
  return redis;
}

/** How a connection is kept up. */
const STAYING = {
  // A command waits for the connection.
  maxRetriesPerRequest: null,
  retryStrategy: (times: number): number => Math.min(20 * 2 ** times, LONGEST_PAUSE),
  // A former primary may now be a replica, and the name may resolve to another server: the next command finds out.
  reconnectOnError: ({ message }: Error): boolean => codeOfAnswer(message) === 'READONLY',
};

/** What the client also sends by itself whenever it has reconnected, to set the connection up: never given up as late. */
const OF_CONNECTION = new Set(['subscribe', 'unsubscribe', 'select', 'client', 'info']);

const sums = new Map<string, string>();

function sumOf(script: string): string {
  let sum = sums.get(script);
  if (sum === undefined) {
    sum = createHash('sha1').update(script).digest('hex');
    sums.set(script, sum);
  }
  return sum;
}

/**
 * Replaces a connection that takes everything and answers nothing: when a machine or a router between has gone or has
 * forgotten it, nobody says so.
 *
 * @param limit how long it may answer nothing, in ms
 */
function replaceSilent(redis: Redis, limit: number): void {
  const limits = new Limits(limit);
  const probe = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    const before = redis.stream.bytesRead;
    await limits.within(redis.ping()).catch(({ message }: Error) => {
      const isSilent = message === TIMED_OUT && redis.status === 'ready' && redis.stream.bytesRead === before;
      if (isSilent) redis.disconnect(true);
    });
  };
  const timer = setInterval(probe, PROBING);
  timer.unref();
  const end = (): void => clearInterval(timer);
  redis.on('end', end);
  const disconnect = redis.disconnect.bind(redis);
  // A client that is disconnected while it is about to connect again never says that this was the end.
  redis.disconnect = (again) => {
    if (!again) end();
    disconnect(again);
  };
}

/** A subscribed channel. */
interface Channel {
  readonly listeners: Set<(message: string) => void>;
  /** Resolves once the server has subscribed it. */
  readonly subscribed: Promise<unknown>;
}

/** One connection. */
export class Server {
  readonly label: string;
  readonly #redis: Redis;
  readonly #limits: Limits;
  readonly #heard = new Map<string, Channel>();
  /** What `close` waits for. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;
  #losses = 0;

  private constructor(redis: Redis, label: string, limit: number) {
    this.#redis = redis;
    this.label = label;
    this.#limits = new Limits(limit);
    // ioredis would print errors without a listener; they arrive with the commands that they fail.
    redis.on('error', () => {});
    redis.on('message', (channel: string, message: string) => {
      for (const hear of this.#heard.get(channel)?.listeners ?? []) hear(message);
    });
    redis.on('close', () => this.#losses++);
    this.#limitGreeting(limit);
    this.#dropLate(limit);
    replaceSilent(redis, Math.max(limit, CONNECTING));
  }

  /** How many connections were lost: a command that was under way may then have been sent twice. */
  get losses(): number {
    return this.#losses;
  }

  /**
   * The client keeps commands until there is a connection, and resends those that were lost with one. A command that
   * was given up meanwhile is not sent, because it might undo what others have done since. A lost subscription is
   * resent; otherwise no messages would arrive any more.
   */
  #dropLate(limit: number): void {
    const redis = this.#redis;
    const send = redis.sendCommand.bind(redis);
    const givenUpAt = new WeakMap<object, number>();
    redis.sendCommand = (command, stream) => {
      if (OF_CONNECTION.has(command.name)) {
        // The client sends some of these itself and ignores the result: an unhandled rejection when the connection ends.
        command.promise.catch(() => {});
        return send(command, stream);
      }
      const until = givenUpAt.get(command);
      if (until === undefined) givenUpAt.set(command, now() + limit);
      // Those of a pipeline are written together.
      else if (stream === undefined && now() >= until) {
        command.reject(new Error(TIMED_OUT));
        return command.promise;
      }
      return send(command, stream);
    };
  }

  /** Disconnects from a server that accepts the connection but says nothing, to try again. */
  #limitGreeting(limit: number): void {
    const redis = this.#redis;
    let timer: ReturnType<typeof setTimeout> | undefined;
    redis.on('connect', () => {
      timer = setTimeout(() => redis.disconnect(true), limit);
    });
    for (const event of ['ready', 'close']) redis.on(event, () => clearTimeout(timer));
  }

  /**
   * Connects.
   *
   * @param limit how long each command may take, in ms, and connecting if it is more than 5 s
   * @throws SyncError `ERR_MISSING_PEER`, `ERR_UNREACHABLE`, `ERR_SERVER_REFUSED`
   */
  static async open({ url, label }: Address, limit: number): Promise<Server> {
    const { Redis } = await peer('ioredis', () => import('ioredis'));
    const connectTimeout = Math.max(limit, CONNECTING);
    const options: RedisOptions = { ...STAYING, lazyConnect: true, connectTimeout };
    const redis = new Redis(url, options);
    const server = new Server(redis, label, limit);
    let last: unknown;
    const remember = (error: unknown): void => {
      last = error;
    };
    redis.on('error', remember);
    try {
      await redis.connect();
      await server.#checkVersion();
      // The client would continue with the server's default database.
      if (last instanceof Error && last.name === 'ReplyError')
        throw new SyncError('ERR_SERVER_REFUSED', `the server ${label} refuses the database that the URL names`);
      return server;
    } catch (error) {
      redis.disconnect();
      throw serverError(error instanceof SyncError ? error : (last ?? error), label, false);
    } finally {
      redis.off('error', remember);
    }
  }

  async #checkVersion(): Promise<void> {
    const info = await this.command('INFO', 'server').catch(() => '');
    const [major, minor] = (/redis_version:(\d+)\.(\d+)/.exec(String(info)) ?? []).slice(1).map(Number);
    if (major === undefined || major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
    throw new SyncError(
      'ERR_SERVER_REFUSED',
      `the server ${this.label} is Redis ${major}.${minor}, but ${OLDEST.join('.')} or later is needed`,
    );
  }

  /**
   * Has `close` wait for work of more than one command: the connection takes the second only while it is open.
   *
   * @returns the work
   */
  complete<Result>(work: Promise<Result>): Promise<Result> {
    const ended = (): boolean => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(ended, ended);
    return work;
  }

  /** Runs a script; sends its text only when the server does not know it. */
  run(script: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.complete(this.#run(script, keys, args));
  }

  async #run(script: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args] as string[];
    try {
      return await this.#limits.within(this.#redis.call('evalsha', sumOf(script), ...rest));
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw this.#explained(error);
    }
    return this.command('EVAL', script, ...rest);
  }

  /** @returns the answer, with texts as strings */
  async command(name: string, ...args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#limits.within(this.#redis.call(name, ...(args as string[])));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Sends commands together, each a name and its arguments. @returns the answers, with texts as strings */
  async commands(list: readonly (readonly [string, ...Argument[]])[]): Promise<unknown[]> {
    const pipeline = this.#redis.pipeline();
    for (const [name, ...args] of list) pipeline.call(name, ...(args as string[]));
    const answers = await this.#limits.within(pipeline.exec()).catch((error: unknown) => {
      throw this.#explained(error);
    });
    return (answers ?? []).map(([error, answer]) => {
      if (error !== null) throw this.#explained(error);
      return answer;
    });
  }

  /** @returns the answer, with texts as bytes */
  async bytes(name: string, ...args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#limits.within(this.#redis.callBuffer(name, ...(args as string[])));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): SyncError {
    const explained = serverError(error, this.label, this.#redis.status === 'ready');
    return this.#closed && explained.code === 'ERR_UNREACHABLE' ? closedError(this.label) : explained;
  }

  /** Calls `hear` with each message of a channel; a connection that does this takes no other commands. */
  async subscribe(channel: string, hear: (message: string) => void): Promise<void> {
    let heard = this.#heard.get(channel);
    if (heard === undefined) {
      heard = { listeners: new Set(), subscribed: this.#limits.within(this.#redis.subscribe(channel)) };
      this.#heard.set(channel, heard);
    }
    heard.listeners.add(hear);
    try {
      await heard.subscribed;
    } catch (error) {
      this.unsubscribe(channel, hear);
      throw this.#explained(error);
    }
  }

  /** Cancels a subscription. */
  unsubscribe(channel: string, hear: (message: string) => void): void {
    const heard = this.#heard.get(channel);
    if (!heard?.listeners.delete(hear) || heard.listeners.size > 0) return;
    this.#heard.delete(channel);
    this.#redis.unsubscribe(channel).catch(() => {});
  }

  /** Calls a function whenever the connection is back and messages may have been missed. */
  onReconnected(call: () => void): void {
    this.#redis.on('ready', call);
  }

  /** Completes what is under way, and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    const redis = this.#redis;
    // The client would connect again, and wait for that.
    const lost = new Promise((resolve) => redis.once('close', resolve));
    while (redis.status === 'ready' && this.#underWay.size > 0)
      await Promise.race([lost, Promise.allSettled(this.#underWay)]);
    if (redis.status === 'ready') await Promise.race([lost, this.#limits.within(redis.quit()).catch(() => {})]);
    redis.disconnect();
    // The client rejects them only if it is connected, or about to be.
    this.#limits.end(closedError(this.label));
  }
}
