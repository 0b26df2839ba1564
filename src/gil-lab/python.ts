/** The race table's programs in the machine's own CPython, for comparison with the interpreter. */
import { execFile } from 'node:child_process';
import type { Race } from '../gil/index.js';

/** The results of a live CPython on the race table's programs. */
export interface PythonRun {
  /** Such as `3.11.7`, followed by ` free-threaded` when it runs without a GIL. */
  readonly version: string;
  /** What was lost, by the race's id. */
  readonly lost: Readonly<Record<string, number>>;
}

/** The limit for everything that one script does, in ms. */
const LIMIT = 600_000;

/** Reads programs as JSON, runs each on two threads that start together, and writes what they lost. */
const SCRIPT = `
import json, sys, threading
THREADS = 2

def run(source, per_thread):
    space = {}
    exec(compile(source, '<race>', 'exec'), space)
    gate = threading.Barrier(THREADS)
    def thread():
        gate.wait()
        space['main'](per_thread)
    threads = [threading.Thread(target=thread) for _ in range(THREADS)]
    for t in threads: t.start()
    for t in threads: t.join()
    return THREADS * per_thread - space['result']()

lost = {race['id']: run(race['python'], race['perThread']) for race in json.loads(RACES)}
version = '.'.join(map(str, sys.version_info[:3]))
if not getattr(sys, '_is_gil_enabled', lambda: True)(): version += ' free-threaded'
print(json.dumps({'version': version, 'lost': lost}))
`;

/**
 * Runs programs of the race table with the machine's CPython.
 *
 * @param atMost how many times each thread executes it, at most; by default as often as in the recorded runs
 * @returns undefined if there is no `python3`
 * @throws when Python fails, or takes more than ten minutes
 */
export async function runInPython(races: readonly Race[], atMost = Infinity): Promise<PythonRun | undefined> {
  const programs = races.map(({ id, python, perThread }) => ({ id, python, perThread: Math.min(perThread, atMost) }));
  return runForResult<PythonRun>('python3', `RACES = ${literalOf(programs)}\n${SCRIPT}`);
}

/** The result of a live CPython in an experiment on the convoy effect. */
export interface PythonConvoy {
  /** Such as `3.11.7`. */
  readonly version: string;
  readonly opsPerSecond: number;
}

/** The experiment of measureConvoy: one thread of short operations beside threads that compute. */
const CONVOY_SCRIPT = `
import hashlib, json, sys, threading, time
operation, spinners, interval, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
sys.setswitchinterval(interval)
data = bytes(65536)
stop = False
ops = 0

def spin():
    while not stop:
        pass

def sleeps():
    global ops
    while not stop:
        time.sleep(0)
        ops += 1

def hashes():
    global ops
    while not stop:
        hashlib.sha256(data)
        ops += 1

threads = [threading.Thread(target=spin) for _ in range(spinners)]
threads.append(threading.Thread(target=sleeps if operation == 'sleep(0)' else hashes))
began = time.monotonic()
for t in threads: t.start()
time.sleep(seconds)
stop = True
for t in threads: t.join()
version = '.'.join(map(str, sys.version_info[:3]))
print(json.dumps({'version': version, 'opsPerSecond': ops / (time.monotonic() - began)}))
`;

/**
 * Measures one row of the convoy effect with the machine's CPython.
 *
 * @param setup the operation, how many threads compute, and the switch interval in ms
 * @param milliseconds how long to measure
 * @returns undefined if there is no `python3`
 */
export async function measureConvoyInPython(
  { operation, spinners, interval }: { operation: string; spinners: number; interval: number },
  milliseconds: number,
): Promise<PythonConvoy | undefined> {
  const args = [operation, spinners, interval / 1000, milliseconds / 1000].map(String);
  return runForResult<PythonConvoy>('python3', CONVOY_SCRIPT, args);
}

/** @returns JSON as a string literal of Python, for `json.loads`; a JSON string literal is also a Python one */
export const literalOf = (value: unknown): string => JSON.stringify(JSON.stringify(value));

/**
 * Runs a script that prints one JSON value.
 *
 * @returns the value; undefined if there is no such command
 * @throws when the script fails, or takes more than ten minutes
 */
export async function runForResult<Result>(
  command: string,
  script: string,
  args: readonly string[] = [],
): Promise<Result | undefined> {
  const printed = await runScript(command, script, args, LIMIT);
  return printed === undefined ? undefined : (JSON.parse(printed) as Result);
}

/** The limit for compiling a file, in ms. */
const COMPILE_LIMIT = 30_000;

/**
 * Runs a script, such as LISTING_SCRIPT, with one of the machine's Pythons.
 *
 * @param command the Python, such as `python3.12`
 * @param script the script's text
 * @param args its arguments
 * @returns what it prints; undefined if there is no such command
 * @throws when the script fails or takes too long
 */
export const compileWith = (command: string, script: string, args: readonly string[]): Promise<string | undefined> =>
  runScript(command, script, args, COMPILE_LIMIT);

/** As `compileWith`. @param limit how long it may take, in ms */
async function runScript(
  command: string,
  script: string,
  args: readonly string[],
  limit: number,
): Promise<string | undefined> {
  for (const [file, ...first] of commandsOf(command)) {
    const printed = await runCommand(file, [...first, '-', ...args], script, limit);
    if (printed !== undefined) return printed;
  }
  return undefined;
}

/** By which commands a Python may be called: Windows knows most by the version that its launcher `py` is told. */
function commandsOf(command: string): string[][] {
  const [, version] = /^python(3(?:\.\d+)?)$/.exec(command) ?? [];
  if (process.platform !== 'win32' || version === undefined) return [[command]];
  return [[command], ['py', `-${version}`], ...(version === '3' ? [['python']] : [])];
}

/** How Windows ends `python3` where it only stands for a page of the Store, and `py` ends where there is no such version. */
const NOT_THERE: readonly unknown[] = ['ENOENT', 9009, 103];

function runCommand(file: string, args: string[], script: string, limit: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { timeout: limit, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(file, args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (NOT_THERE.includes(error.code)) resolve(undefined);
      else reject(error);
    });
    // Without a python3 nobody reads it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(script);
  });
}
