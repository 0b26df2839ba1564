// A contender is a program in a process of its own. It prints `ready`, then answers every line of numbers that it is
// given with a line of JSON. So Python and C are asked in the same way as JavaScript, and a process that hangs stops nothing.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a contender may take to be ready, in ms. */
const START_LIMIT = 20_000;
/** How many starts may hang before no more are tried. */
const STARTS = 2;

/**
 * The outcome of a question: the answer; or that there was none in time; or why there cannot be one.
 *
 * @typedef {{ state: 'ok', value: any } | { state: 'hung' } | { state: 'failed', reason: string }} Outcome
 */

/** @returns {string} an outcome as a table shows it */
export const stateOf = (outcome) => (outcome.state === 'failed' ? `failed: ${outcome.reason}` : outcome.state);

const running = new Set();
// However the runner ends, no contender outlives it.
process.on('exit', () => {
  for (const child of running) end(child);
});

/** Ends a contender and everything that it has started: otherwise joblib's workers outlive it, and keep its output open. */
function end({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All have ended already, or it could not be started.
  }
}

export class Contender {
  /** The process, until it ends. */
  #child;
  #lines;
  #stderr = '';
  #hungStarts = 0;

  /**
   * @param {string} name
   * @param {readonly string[]} command the program and its arguments
   */
  constructor(name, command) {
    this.name = name;
    this.command = command;
  }

  /**
   * Asks a question, and first starts the process if none is running, including after it has hung.
   *
   * @param {readonly number[]} numbers the question
   * @param {number} limit how long the answer may take, in ms
   * @returns {Promise<Outcome>}
   */
  async ask(numbers, limit) {
    if (this.#child === undefined) {
      if (this.#hungStarts === STARTS) return { state: 'hung' };
      this.#start();
      const ready = await this.#next(START_LIMIT);
      if (ready.state === 'hung') this.#hungStarts++;
      if (ready.state !== 'ok') return ready;
    }
    this.#child.stdin.write(`${numbers.join(' ')}\n`);
    return this.#next(limit);
  }

  /** Ends the process. */
  stop() {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    running.delete(child);
    end(child);
  }

  #start() {
    const [program, ...args] = this.command;
    // In a group of its own, so that it can be ended together with its children.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    running.add(child);
    this.#child = child;
    this.#stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    // A process that has ended cannot be written to; the end is noticed on its output.
    child.stdin.on('error', () => {});
    this.#lines = linesOf(child);
  }

  /** @returns {Promise<Outcome>} the next line */
  async #next(limit) {
    let timer;
    const time = new Promise((resolve) => {
      timer = setTimeout(resolve, limit, 'hung');
    });
    const line = await Promise.race([this.#lines.next(), time]);
    clearTimeout(timer);
    if (line === 'hung') {
      this.stop();
      return { state: 'hung' };
    }
    if (line.done) {
      const reason = /^\s*(\w*Error\b.*)$/m.exec(this.#stderr)?.[1] ?? this.#stderr.trim().split('\n').at(-1);
      this.stop();
      return { state: 'failed', reason: reason || line.value };
    }
    return { state: 'ok', value: line.value };
  }
}

/** The lines of JSON that a process prints; if it cannot be run or has ended, the iterator is done. */
async function* linesOf(child) {
  const problem = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (;;) {
    const line = await lines.next();
    if (line.done) return problem;
    yield line.value === 'ready' ? 'ready' : JSON.parse(line.value);
  }
}
