// A server of the tests' own, on a free port; the tests fail without redis-server.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The password of all servers, which no error or log may contain. */
const PASSWORD = 'never-to-be-seen';

/** @throws Error when a text contains the password */
export function checkSecret(text: string): void {
  if (text.includes(PASSWORD)) throw new Error(`the password is in: ${text}`);
}

/** How a server is started, besides what all have in common. */
export interface ServerOptions {
  /** Whether it keeps its data over a restart. */
  readonly durable?: boolean;
  readonly args?: readonly string[];
  readonly port?: number;
}

export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'redis-'));
  readonly #args: readonly string[];
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  static async start({ durable = false, args = [], port }: ServerOptions = {}): Promise<RedisServer> {
    const persistence = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const server = new RedisServer(port ?? (await freePort()), ['--save', '', ...persistence, ...args]);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? Number.NaN;
  }

  /** Starts it, or starts it again. */
  async begin(): Promise<void> {
    const secret = ['--requirepass', PASSWORD, '--masterauth', PASSWORD];
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, ...secret];
    const child = spawn('redis-server', [...where, ...this.#args], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}:\n${output}`)));
      child.stdout?.on('data', (chunk) => {
        output += chunk;
        if (/Ready to accept connections/.test(output)) resolve();
      });
    });
  }

  /** Kills it at once. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
