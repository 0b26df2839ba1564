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

/** The end of the output is what tells why; a file that prints for ever must not fill the memory. */
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

  const tests: Test[] = [];
  let loaded = false;
  let running: Test | undefined;
  let hungAfter: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const watch = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hungAfter = ms;
      kill();
    }, ms);
  };

  createInterface(pipe).on('line', (line) => {
    const told = JSON.parse(line) as Announcement;
    if (told.event === 'loaded') {
      loaded = true;
    } else if (told.event === 'declared') {
      tests[told.id] = { name: told.name, state: 'did not run' };
    } else if (told.event === 'started') {
      running = tests[told.id];
      running.state = 'did not end';
      watch(Math.max(limit, told.limit ?? 0));
    } else {
      tests[told.id].state = told.passed ? 'passed' : 'failed';
      running = undefined;
      watch(limit);
    }
  });

  let output = '';
  for (const stream of [stdout, stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }

  watch(limit);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  cancel.removeEventListener('abort', kill);

  const failures = tests
    .filter((test) => test.state !== 'passed')
    .map((test) => `${test.name}: ${test === running && hungAfter ? hung(hungAfter) : test.state}`);
  const trouble = fileTrouble();
  if (trouble) failures.unshift(trouble);
  return {
    passed: tests.filter((test) => test.state === 'passed').length,
    total: tests.length,
    failures,
    output,
    ms: performance.now() - began,
  };

  /** What is wrong beyond the tests themselves: it explains them, or is all there is to say. */
  function fileTrouble(): string | undefined {
    if (hungAfter) return running ? undefined : `${hung(hungAfter)} ${between()}`;
    if (signal) return `ended by ${signal}`;
    // 1 is how uvu says that a test failed or did not end; that has been said already.
    if (!loaded && (code === 0 || code === UNSETTLED)) return 'ended before the whole file was read';
    if (code !== 0 && !(code === 1 && failures.length > 0)) return `exit code ${code}`;
    if (tests.length === 0) return 'declared no test';
    return undefined;
  }

  function between(): string {
    if (!loaded) return 'while the file was read';
    const next = tests.find((test) => test.state === 'did not run');
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
