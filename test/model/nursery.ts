/** Where mutants are hunted: a copy of the package, into which one mutant after the other is put. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catch, Sizes, Told } from './hunt.js';
import type { Mutant } from './mutate.js';

/** Where the tests are, and the package's modules as they were compiled, each in a file of its own. */
const root = fileURLToPath(new URL('../', import.meta.url));

/** A scenario that takes longer, in time of the processor, has lost its way in a loop without any shared operation. */
const LIMIT_MS = 60_000;
/** After so many times as long it is given up in any case. */
const MOST_LIMITS = 20;

/** The text of a compiled module. */
export const compiled = (file: string): string => readFileSync(join(root, 'modules', file), 'utf8');

/** What has come of a hunt. */
interface Hunted {
  readonly found: Catch | undefined;
  readonly sizes: Sizes;
}

export class Nursery {
  readonly #copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  readonly #onExit = () => this.close();
  #hunter: ChildProcess | undefined;
  /** The scenarios that have caught something, the latest first: they are likely to catch the next mutant, too. */
  #catchers: string[] = [];

  constructor() {
    process.on('exit', this.#onExit);
    for (const [part, place] of [
      ['package.json', 'package.json'],
      ['model', 'model'],
      ['modules', 'dist'],
    ]) {
      cpSync(join(root, part), join(this.#copy, place), { recursive: true });
    }
  }

  /** Explores the scenarios of these primitives on the package itself. */
  measure(primitives: readonly string[]): Promise<Hunted> {
    return this.#send(primitives, {});
  }

  /**
   * Explores the scenarios of these primitives on a mutant, one at a time, in a process of its own.
   *
   * @param sizes those on the package itself
   */
  async hunt(
    mutant: Pick<Mutant, 'file' | 'text'>,
    primitives: readonly string[],
    sizes: Sizes = {},
  ): Promise<Catch | undefined> {
    const { found } = await this.#with(mutant, () => this.#send(primitives, sizes));
    if (found !== undefined) this.#catchers = [...new Set([found.scenario, ...this.#catchers])];
    return found;
  }

  /**
   * Runs a file of tests on a mutant.
   *
   * @param folder where it stands among the tests
   * @returns whether it passes
   */
  passes(mutant: Pick<Mutant, 'file' | 'text'>, folder: string, name: string): Promise<boolean> {
    for (const part of [folder, 'support']) {
      cpSync(join(root, part), join(this.#copy, part), { recursive: true });
    }
    const modules = join(this.#copy, 'node_modules');
    if (!existsSync(modules)) symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), modules);
    return this.#with(mutant, async () => {
      const env = { ...process.env, NODE_V8_COVERAGE: '' };
      const child = fork(join(this.#copy, folder, name), { stdio: 'ignore', env, timeout: LIMIT_MS });
      const [code] = await once(child, 'exit');
      return code === 0;
    });
  }

  async #with<Result>({ file, text }: Pick<Mutant, 'file' | 'text'>, run: () => Promise<Result>): Promise<Result> {
    const target = join(this.#copy, 'dist', file);
    const original = readFileSync(target, 'utf8');
    writeFileSync(target, text);
    try {
      return await run();
    } finally {
      writeFileSync(target, original);
    }
  }

  close(): void {
    process.off('exit', this.#onExit);
    this.#hunter?.kill('SIGKILL');
    rmSync(this.#copy, { recursive: true, force: true });
  }

  #send(primitives: readonly string[], known: Sizes): Promise<Hunted> {
    return new Promise((resolve, reject) => {
      const child = fork(join(this.#copy, 'model/hunt.js'), [...primitives, '--', ...this.#catchers], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        // What is covered of a mutant says nothing of the package.
        env: { ...process.env, NODE_V8_COVERAGE: '', SIZES: JSON.stringify(known) },
      });
      this.#hunter = child;
      let answer: Hunted | undefined;
      let exploring = primitives[0];
      let errors = '';
      let late = false;
      let timer: NodeJS.Timeout | undefined;
      const watch = (since: number, limits = 1) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          // On a busy machine it may have had next to no processor time.
          if (usedBy(child) - since < LIMIT_MS && limits < MOST_LIMITS) {
            watch(since, limits + 1);
            return;
          }
          late = true;
          child.kill('SIGKILL');
        }, LIMIT_MS);
      };
      watch(0);
      child.stderr?.on('data', (chunk) => {
        errors += chunk;
      });
      child.on('message', (message) => {
        const told = message as Told;
        if ('found' in told) answer = { found: told.found ?? undefined, sizes: told.sizes };
        else exploring = told.exploring;
        watch('used' in told ? told.used : 0);
      });
      child.on('close', () => {
        clearTimeout(timer);
        this.#hunter = undefined;
        const caught = (reason: string): void => resolve({ found: { scenario: exploring, reason }, sizes: {} });
        if (answer !== undefined) {
          resolve(answer);
        } else if (late) {
          caught(`no end within ${LIMIT_MS} ms`);
        } else if (/SyntaxError|ReferenceError/.test(errors)) {
          reject(new Error(`a mutant that is no program:\n${errors}`));
        } else {
          const error = errors.split('\n').find((line) => line.includes('Error'));
          caught(`the process ended: ${error}`);
        }
      });
    });
  }
}

/** How much time of the processor a process has used, in ms; Infinity where the host does not say. */
function usedBy({ pid }: ChildProcess): number {
  try {
    const time = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' });
    const [, days = 0, hours = 0, minutes = 0, seconds = 0] = /^\s*(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)/.exec(time) ?? [];
    return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  } catch {
    return Infinity;
  }
}
