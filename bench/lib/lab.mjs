// What the questions share: where the programs are, and how long a run is.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contender } from './contender.mjs';

/** Where joblib may be: packages of the system belong to the system's Python. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** Other JavaScript hosts, and how each runs a program. */
const HOSTS = { Bun: ['bun'], Deno: ['deno', 'run', '--allow-all'] };

const at = (name) => fileURLToPath(new URL(`../contenders/${name}`, import.meta.url));

export class Lab {
  #temporary;
  #programs = new Map();
  #joblib;

  /** @param {{ node: string, quick: boolean, against?: string, say: (text: string) => void }} options */
  constructor({ node, quick, against, say }) {
    this.node = node;
    this.quick = quick;
    this.against = against;
    this.say = say;
    this.versions = JSON.parse(print(node, ['-p', 'JSON.stringify(process.versions)']));
    this.python = print('python3', ['-c', 'import platform; print(platform.python_version())']);
    this.cc = print('cc', ['--version'])?.split('\n')[0];
  }

  /** @returns one of the two, by the kind of run */
  choose(quick, full) {
    return this.quick ? quick : full;
  }

  /**
   * @param {number} ms what each contender is asked for in a round
   * @param {number} limit how long an answer may take, in ms
   * @returns how most questions interleave their contenders
   */
  plan(ms, limit) {
    return { sets: this.choose(1, 3), rounds: this.choose(3, 7), warmUp: 1, numbers: [ms], limit };
  }

  /** A contender in JavaScript. */
  js(name, file, ...args) {
    return new Contender(name, [this.node, '--expose-gc', at(file), ...args.map(String)]);
  }

  /** @returns {Contender[]} one in JavaScript, in another host, or none if that is not installed */
  inHost(host, name, file, ...args) {
    return isInstalled(HOSTS[host][0]) ? [new Contender(name, [...HOSTS[host], at(file), ...args.map(String)])] : [];
  }

  /** A contender that uses features behind a flag of V8. */
  v8(name, file, ...args) {
    return new Contender(name, [this.node, '--harmony-struct', at(file), ...args.map(String)]);
  }

  /** @returns {Contender[]} one in Python, or none if there is no Python */
  inPython(name, ...args) {
    return this.python === undefined ? [] : [new Contender(name, ['python3', at('peer.py'), ...args.map(String)])];
  }

  /** The Python that has joblib, and the version of joblib; undefined if there is none. */
  get joblib() {
    this.#joblib ??= PYTHONS.map((program) => ({
      program,
      version: print(program, ['-c', 'import joblib, numpy; print(joblib.__version__)']),
    })).find(({ version }) => version !== undefined) ?? { version: undefined };
    return this.#joblib.version === undefined ? undefined : this.#joblib;
  }

  /** @returns {Contender[]} one in Python that uses joblib, or none if that is not installed */
  inJoblib(name, ...args) {
    const { joblib } = this;
    return joblib === undefined
      ? []
      : [new Contender(name, [joblib.program, at('joblib_peer.py'), ...args.map(String)])];
  }

  /** @returns {Contender[]} one in C, or none if there is no compiler */
  inC(name, ...args) {
    if (this.cc === undefined) return [];
    return [new Contender(name, [this.#compiled('pthread.c'), ...args.map(String)])];
  }

  /**
   * Installs, for this run, a package that only the benchmark needs.
   *
   * @param {string} name
   * @param {string} version
   * @returns {string | undefined} the folder that has it in node_modules; undefined if it cannot be installed
   */
  installed(name, version) {
    const folder = this.#folder();
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
    print('npm', ['install', ...options, `${name}@${version}`]);
    return existsSync(join(folder, 'node_modules', name)) ? folder : undefined;
  }

  #folder() {
    this.#temporary ??= mkdtempSync(join(tmpdir(), 'bench-'));
    return this.#temporary;
  }

  #compiled(file) {
    const known = this.#programs.get(file);
    if (known !== undefined) return known;
    const program = join(this.#folder(), file.replace(/\.c$/, ''));
    execFileSync('cc', ['-O2', '-pthread', '-o', program, at(file), '-lm']);
    this.#programs.set(file, program);
    return program;
  }

  /** Removes what was compiled and installed. */
  clear() {
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true });
  }
}

/** @returns {boolean} whether there is a program of this name */
const isInstalled = (program) => print(program, ['--version']) !== undefined;

/** @returns {boolean} whether a program answers like Node.js */
export const runs = (node) => print(node, ['-p', 'process.versions.node']) !== undefined;

/** @returns {string | undefined} what a program prints; undefined if it fails or cannot be run */
function print(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
