/**
 * Experiments with threads under a GIL: what gets faster with more threads and what does not, the convoy effect, and
 * how long a thread keeps the GIL.
 */
import { GIL, Interpreter, type Policy } from '../gil/index.js';
import { instructions, loopOver } from '../gil/interpreter/loop.js';
import { Arena } from '../index.js';
import { start, stop, type TraceEvent } from '../trace/index.js';
import { type Cores, measureCores } from './cores.js';
import { measureConvoyInPython, type PythonConvoy } from './python.js';
import { type Call, runThreads } from './threads.js';

/** A function that repeats something until the program's `stop` is no longer 0. */
const untilStopped = (header: string, body = ''): string => `
def ${header}:
    RESUME
again:
    LOAD_GLOBAL stop
    POP_JUMP_IF_TRUE done
${instructions(body)}
    JUMP_BACKWARD again
done:
    LOAD_CONST None
    RETURN_VALUE
`;
/** Calls a C function, and counts that as an operation. */
const operation = (name: string, argument: number): string =>
  `LOAD_GLOBAL ${name}; LOAD_CONST ${argument}; CALL 1; POP_TOP; LOAD_GLOBAL ops; LOAD_CONST 1; BINARY_OP +=; STORE_GLOBAL ops`;

/** What the threads of the experiments do. */
const SOURCE = [
  'global stop = 0',
  'global ops = 0',
  // Counts to n.
  loopOver('work(n)', 'LOAD_FAST x; LOAD_CONST 1; BINARY_OP +=; STORE_FAST x', {
    before: 'LOAD_CONST 0; STORE_FAST x',
    result: 'LOAD_FAST x',
  }),
  // Sleeps n times for ms.
  loopOver('naps(n, ms)', 'LOAD_GLOBAL sleep; LOAD_FAST ms; CALL 1; POP_TOP'),
  // Computes.
  untilStopped('spinner()'),
  // As many sleep(0) as it can.
  untilStopped('sleeper()', operation('sleep', 0)),
  // As many hashes of 64 KiB as it can.
  untilStopped('hasher()', operation('hash', 65_536)),
].join('\n');

const WORK = 3_000_000;
const NAPS = 10;
const NAP_MS = 20;
const NAPPERS = 4;
/** How long the experiments that run until told to stop take, in ms. */
const CONVOY_MS = 1000;
const SLICES_MS = 2000;
/** Space for what all threads record, in bytes; unused space takes no memory. */
const ROOM = 2 ** 23;

/** How long the same work takes when divided among threads. */
export interface Scaling {
  readonly setup: string;
  readonly threads: number;
  /** In ms. */
  readonly elapsed: number;
  /** The speedup over one thread under the same rules. */
  readonly speedup: number;
}

/** How long several sleeping threads take, compared with one of them. */
export interface Overlap {
  readonly threads: number;
  /** How long each sleeps, in ms. */
  readonly asleep: number;
  /** How long all of them took together, in ms. */
  readonly elapsed: number;
}

/** The throughput of a thread that does I/O beside threads that compute. */
export interface Convoy {
  readonly operation: 'sleep(0)' | 'hash of 64 KiB';
  readonly spinners: number;
  /** The switch interval, in ms. */
  readonly interval: number;
  readonly opsPerSecond: number;
  /** The throughput observed with CPython 3.11.7 (with sha256, which is faster than the machine's hash). */
  readonly recorded: number;
  /** The throughput of the machine's own CPython right afterwards, if requested and present. */
  readonly python?: PythonConvoy | undefined;
}

/** How long a thread keeps the GIL when another wants it. */
export interface Slices {
  /** The switch interval, in ms. */
  readonly interval: number;
  readonly count: number;
  /** In ms. */
  readonly median: number;
  /** In ms; one in twenty was longer. */
  readonly p95: number;
  /** In ms. */
  readonly longest: number;
  readonly switchesPerSecond: number;
  /** Each thread's share of the time for which the GIL was held, 0 to 1. */
  readonly shares: readonly number[];
}

/** All experiments' results. */
export interface Effects {
  /** The state of the cores beforehand. */
  readonly cores: Cores;
  readonly scaling: readonly Scaling[];
  readonly overlap: Overlap;
  readonly convoy: readonly Convoy[];
  readonly slices: readonly Slices[];
}

const newInterpreter = (policy: Policy, options: { switchInterval?: number; trace?: number } = {}): Interpreter => {
  const gil = new GIL({ enabled: policy !== 'free-threaded', ...options });
  return new Interpreter({ source: SOURCE, policy, gil });
};

/** CPU-bound work: no faster with threads under one GIL; faster with a GIL each, and with none. */
export async function measureScaling(work = WORK): Promise<Scaling[]> {
  const one = (policy: Policy): Call[] => [{ interpreter: newInterpreter(policy), name: 'work', args: [work] }];
  const half = (interpreter: Interpreter): Call => ({ interpreter, name: 'work', args: [work / 2] });
  const shared = newInterpreter('3.12');
  const free = newInterpreter('free-threaded');
  const setups: [setup: string, calls: Call[]][] = [
    ['one thread', one('3.12')],
    ['two threads, one GIL', [half(shared), half(shared)]],
    ['two threads, a GIL each (PEP 684)', [half(newInterpreter('3.12')), half(newInterpreter('3.12'))]],
    ['one thread, no GIL', one('free-threaded')],
    ['two threads, no GIL (PEP 703)', [half(free), half(free)]],
  ];
  const results: Scaling[] = [];
  let alone = 0;
  for (const [setup, calls] of setups) {
    const { elapsed } = await runThreads(calls);
    if (calls.length === 1) alone = elapsed;
    results.push({ setup, threads: calls.length, elapsed, speedup: alone / elapsed });
  }
  return results;
}

/** I/O-bound work overlaps, because a sleeping thread holds no GIL. */
export async function measureOverlap(): Promise<Overlap> {
  const call = { interpreter: newInterpreter('3.11'), name: 'naps', args: [NAPS, NAP_MS] };
  const { elapsed } = await runThreads(Array.from({ length: NAPPERS }, () => call));
  return { threads: NAPPERS, asleep: NAPS * NAP_MS, elapsed };
}

/**
 * The convoy effect (David Beazley, Understanding the Python GIL, 2010): a thread that drops the GIL for each short
 * operation must wait for a switch interval after each, because the others never drop it by themselves.
 *
 * @param milliseconds how long each row takes
 * @param withPython whether to repeat each row with the machine's CPython
 */
export async function measureConvoy(milliseconds = CONVOY_MS, withPython = false): Promise<Convoy[]> {
  const setups = [
    ['sleep(0)', 0, 5, 13_828],
    ['sleep(0)', 1, 5, 192],
    ['sleep(0)', 2, 5, 31],
    ['sleep(0)', 1, 0.5, 1531],
    ['hash of 64 KiB', 0, 5, 31_301],
    ['hash of 64 KiB', 1, 5, 362],
    ['hash of 64 KiB', 2, 5, 39],
    ['hash of 64 KiB', 1, 0.5, 2171],
  ] as const;
  const results: Convoy[] = [];
  for (const [operation, spinners, interval, recorded] of setups) {
    const interpreter = newInterpreter('3.11', { switchInterval: interval });
    const io = { interpreter, name: operation === 'sleep(0)' ? 'sleeper' : 'hasher' };
    const spinner = { interpreter, name: 'spinner' };
    const { elapsed } = await runThreads([io, ...Array.from({ length: spinners }, () => spinner)], {
      stop: { after: milliseconds, how: () => interpreter.write('stop', 1) },
    });
    const opsPerSecond = (interpreter.read('ops') / elapsed) * 1000;
    const setup = { operation, spinners, interval };
    const python = withPython ? await measureConvoyInPython(setup, milliseconds) : undefined;
    results.push({ ...setup, opsPerSecond, recorded, python });
  }
  return results;
}

/** Two threads that compute: how long each keeps the GIL, and each one's share of the time. */
export async function measureSlices(interval: number, milliseconds = SLICES_MS): Promise<Slices> {
  const interpreter = newInterpreter('3.11', { switchInterval: interval });
  const { elapsed, events } = await runTraced(interpreter, ['spinner', 'spinner'], milliseconds);
  const { agents, total } = interpreter.gil.statistics();
  const lengths = slicesIn(events).sort((a, b) => a - b);
  const quantile = (q: number): number => lengths[Math.min(Math.floor(lengths.length * q), lengths.length - 1)] ?? 0;
  return {
    interval,
    count: lengths.length,
    median: quantile(0.5),
    p95: quantile(0.95),
    longest: quantile(1),
    switchesPerSecond: (total.forced / elapsed) * 1000,
    shares: agents.map(({ held }) => held / total.held),
  };
}

/** What threads did with their GIL. */
interface TracedRun {
  /** From the common start to the end of the last thread, in ms. */
  readonly elapsed: number;
  readonly events: readonly TraceEvent[];
  /** Each thread's number among the agents of the events. */
  readonly agents: readonly number[];
}

/** Runs functions of an interpreter that run until told to stop, and records their use of its GIL. */
async function runTraced(interpreter: Interpreter, names: readonly string[], milliseconds: number): Promise<TracedRun> {
  const arena = new Arena({ byteLength: ROOM });
  start({ arena, capacity: 1 });
  const { elapsed } = await runThreads(
    names.map((name) => ({ interpreter, name })),
    { trace: arena, stop: { after: milliseconds, how: () => interpreter.write('stop', 1) } },
  );
  const { agents, events } = stop();
  const gil = String(interpreter.gil).split(' ')[0];
  return {
    elapsed,
    events: events.filter(({ primitive }) => primitive.startsWith(gil)),
    agents: names.map((_, at) => agents.findIndex(({ name }) => name === `thread ${at + 1}`)),
  };
}

/** @returns how long each hold of the GIL that ended by force was, in ms */
export function slicesIn(trace: readonly TraceEvent[]): number[] {
  const slices: number[] = [];
  let taken: TraceEvent | undefined;
  for (const event of trace) {
    if (event.event === 'acquire') taken = event;
    else if (event.forced && taken?.agent === event.agent) slices.push(event.time - taken.time);
  }
  return slices;
}

/**
 * Runs all experiments, one after the other; takes about 15 s.
 *
 * @param withPython whether the machine's CPython is also to do the convoy's rows, each right after ours; about 10 s
 *   more
 */
export async function measureEffects(withPython = false): Promise<Effects> {
  return {
    cores: await measureCores(),
    scaling: await measureScaling(),
    overlap: await measureOverlap(),
    convoy: await measureConvoy(CONVOY_MS, withPython),
    slices: [await measureSlices(5), await measureSlices(1)],
  };
}

/** What a timeline shows. */
export interface Recording {
  readonly trace: readonly TraceEvent[];
  /** The threads' agents, and what they do. */
  readonly lanes: readonly { readonly agent: number; readonly name: string }[];
  /** The switch interval, in ms. */
  readonly interval: number;
}

/**
 * Records who holds the GIL when: two threads that compute, and one that sleeps repeatedly.
 *
 * @param milliseconds how long to record
 */
export async function record(milliseconds: number, interval = 5): Promise<Recording> {
  const interpreter = newInterpreter('3.11', { switchInterval: interval });
  const { events, agents } = await runTraced(interpreter, ['spinner', 'spinner', 'sleeper'], milliseconds);
  const titles = ['computes', 'computes', 'sleep(0), again and again'];
  const lanes = agents.map((agent, i) => ({ agent, name: `thread ${i + 1}: ${titles[i]}` }));
  return { trace: events, lanes, interval };
}
