// One test file in a process of its own, watched from here: when its main thread is blocked, no timer of its own runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Announcement, REPORT_FD } from './announce.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** The exit code of a program whose top-level await never settles; Node 24 and 26 give it here, 20 and 22 give 0. */
const UNSETTLED = 13;

/** The end of the output shows why; a file that prints for ever must not fill the memory. */
const OUTPUT_KEPT = 1_000_000;

export interface FileReport {
  readonly passed: number;
  readonly total: number;
  /** One sentence for each test that did not pass, or for the file where no test can be blamed. */
  readonly failures: readonly string[];
  /** What the file printed, both streams in the order of their arrival. */
  readonly output: string;
  readonly ms: number;
}

interface Test {
  readonly name: string;
  state: 'did not run' | 'did not end' | 'failed' | 'passed';
}

/**
 * Runs a compiled test file and reports on its tests.
 *
 * @param file - the file's path
 * @param limit - milliseconds without a test's start or end after which the file counts as hung and is killed
 * @param cancel - kills the file's process, and what that started, at once
 * @param env - the environment of the file's process
 */
export async function runFile(
  file: string,
  limit: number,
  cancel: AbortSignal,
  env: NodeJS.ProcessEnv,
): Promise<FileReport> {
  const began = performance.now();
  // A process group of its own, so that the kill reaches the processes that a test started, too.
  const child = spawn(process.execPath, [MAIN, file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...env, [REPORT_FD]: '3' },
  });
  const [, stdout, stderr, pipe] = child.stdio as [null, Readable, Readable, Readable, null];
  const kill = () => killGroup(child.pid);
  cancel.addEventListener('abort', kill);
  const watched = new WatchedTests(limit, kill);
  createInterface(pipe).on('line', (line) => watched.hear(JSON.parse(line) as Announcement));
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  watched.end();
  cancel.removeEventListener('abort', kill);
  const { passed, total } = watched;
  return { passed, total, failures: watched.failures(code, signal), output, ms: performance.now() - began };
}

/** The tests of a file, as far as it has told of them, under a watchdog. */
class WatchedTests {
  readonly #limit: number;
  readonly #kill: () => void;
  readonly #tests: Test[] = [];
  #loaded = false;
  #running: Test | undefined;
  #hungAfter: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, kill: () => void) {
    this.#limit = limit;
    this.#kill = kill;
    this.#watch(limit);
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hungAfter = ms;
      this.#kill();
    }, ms);
  }

  hear(told: Announcement): void {
    if (told.event === 'loaded') {
      this.#loaded = true;
    } else if (told.event === 'declared') {
      this.#tests[told.id] = { name: told.name, state: 'did not run' };
    } else if (told.event === 'prepares') {
      this.#watch(Math.max(this.#limit, told.limit));
    } else if (told.event === 'started') {
      this.#running = this.#tests[told.id];
      this.#running.state = 'did not end';
      this.#watch(Math.max(this.#limit, told.limit ?? 0));
    } else {
      this.#tests[told.id].state = told.passed ? 'passed' : 'failed';
      this.#running = undefined;
      this.#watch(this.#limit);
    }
  }

  /** The file's process has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }

  get passed(): number {
    return this.#tests.filter(({ state }) => state === 'passed').length;
  }

  get total(): number {
    return this.#tests.length;
  }

  /** What went wrong, by how the file's process has ended: first what is no single test's. */
  failures(code: number | null, signal: NodeJS.Signals | null): string[] {
    const failed = this.#tests.filter(({ state }) => state !== 'passed');
    const failures = failed.map((test) => {
      return `${test.name}: ${test === this.#running && this.#hungAfter ? hung(this.#hungAfter) : test.state}`;
    });
    const trouble = this.#fileTrouble(code, signal, failures.length > 0);
    return trouble === undefined ? failures : [trouble, ...failures];
  }

  /** What is wrong beyond the tests themselves: it explains them, or is all there is to say. */
  #fileTrouble(code: number | null, signal: NodeJS.Signals | null, someFailed: boolean): string | undefined {
    if (this.#hungAfter) return this.#running ? undefined : `${hung(this.#hungAfter)} ${this.#between()}`;
    if (signal) return `ended by ${signal}`;
    // 1 is how uvu says that a test failed or did not end; that has been said already.
    if (!this.#loaded && (code === 0 || code === UNSETTLED)) return 'ended before the whole file was read';
    if (code !== 0 && !(code === 1 && someFailed)) return `exit code ${code}`;
    if (this.#tests.length === 0) return 'declared no test';
    return undefined;
  }

  #between(): string {
    if (!this.#loaded) return 'while the file was read';
    const next = this.#tests.find(({ state }) => state === 'did not run');
    return next ? `in a hook before ${next.name}` : 'after its last test: something keeps the process alive';
  }
}

function hung(ms: number): string {
  return `hung: killed after ${ms / 1000} s without progress`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The group has ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
