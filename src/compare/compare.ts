/**
 * How threads and a pool perform the same work: on JavaScript workers with one GIL and without, and in CPython. The GIL
 * is CPython's protocol (see gil/gil.ts): a thread gives it up when another has waited for it for 5 ms, and while it
 * waits for an answer.
 */
import { GIL } from '../gil/index.js';
import { cpuCount } from '../multiprocessing/index.js';
import type { Crew, Round } from './crew.js';
import { openPool } from './pool.js';
import { byPython } from './python.js';
import { openThreads } from './threads.js';
import { KINDS, type Kind, type Work } from './work.js';

/** Who does the work. */
export interface Contender {
  readonly name: string;
  /** Whether it is the machine's CPython. */
  readonly python: boolean;
  /** By kind of work, how long it took, in ms, and its speedup over one thread of the same language. */
  readonly times: Readonly<Record<Kind, { readonly elapsed: number; readonly speedup: number }>>;
}

export interface Comparison {
  /** How many threads, and how many workers, share the work. */
  readonly workers: number;
  readonly processors: number;
  readonly contenders: readonly Contender[];
}

export interface CompareOptions {
  /** How many threads, and how many workers; one for each processor by default, but at most 8. */
  readonly workers?: number | undefined;
  /** The Python to compare with; none by default. */
  readonly python?: string | undefined;
  /** How many numbers are tested in all, and the total wait for all answers, in ms. */
  readonly amounts?: Readonly<Record<Kind, number>>;
  /** Called with the name of what is measured next. */
  readonly onStart?: (name: string) => void;
}

/** Tasks per worker: enough for all workers to end at about the same time. */
const TASKS = 8;
/** Only a contender's best round counts, because other programs on the machine can only make it slower. */
const ROUNDS = 10;
/** Python takes longer. */
const PYTHON_ROUNDS = 2;
const MOST_WORKERS = 8;
/** A tenth of a second of processor time here, and a few seconds of it in CPython. */
const AMOUNTS: Readonly<Record<Kind, number>> = { 'CPU-bound': 320_000, 'I/O-bound': 160 };

/** With fewer there is nothing to compare. */
const LEAST_WORKERS = 2;

/**
 * Measures all contenders; takes a few seconds, and longer with Python.
 *
 * @returns what each took, CPython last, if present
 * @throws Error when two contenders disagree on the result
 */
export async function compare(options: CompareOptions = {}): Promise<Comparison> {
  const processors = cpuCount();
  const { workers = Math.min(Math.max(processors, LEAST_WORKERS), MOST_WORKERS), amounts = AMOUNTS } = options;
  const { python, onStart = () => {} } = options;
  const tasks = TASKS * workers;
  const works = KINDS.map((kind): Work => ({ kind, tasks, size: Math.ceil(amounts[kind] / tasks) }));
  const ours: readonly (readonly [name: string, open: () => Crew])[] = [
    ['one thread', () => openThreads(works, 1)],
    [`${workers} threads, one GIL`, () => openThreads(works, workers, new GIL())],
    [`${workers} threads, no GIL`, () => openThreads(works, workers)],
    [`Pool of ${workers}`, () => openPool(works, workers)],
  ];
  const crews = ours.map(([, open]) => open());
  const best: Round[][] = [];
  try {
    for (const work of works) {
      onStart(`${work.kind} work`);
      best.push(await inTurns(crews, work));
    }
  } finally {
    await Promise.all(crews.map((crew) => crew.close()));
  }
  const measured = ours.map(([name], i): Measured => ({ name, python: false, best: best.map((of) => of[i]) }));
  if (python !== undefined) {
    onStart(python);
    measured.push(...(await measuredInPython(python, works, workers)));
  }
  return { workers, processors, contenders: contendersOf(measured) };
}

async function measuredInPython(python: string, works: readonly Work[], workers: number): Promise<Measured[]> {
  const rounds = await byPython(python, works, workers, PYTHON_ROUNDS);
  if (rounds === undefined) return [];
  const name = `CPython ${rounds.version}`;
  const all = [
    { name: `${name}, one thread`, python: true, best: rounds.oneThread },
    { name: `${name}, ${workers} threads`, python: true, best: rounds.threads },
    { name: `${name}, Pool of ${workers}`, python: true, best: rounds.processes },
  ];
  return all.filter(({ best }) => best.length > 0);
}

/** Each crew's best round. The crews take turns, so that other load on the machine affects all of them. */
async function inTurns(crews: readonly Crew[], work: Work): Promise<Round[]> {
  const best: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, crew] of crews.entries()) {
      const of = await crew.measure(work);
      if (round === 0 || of.elapsed < best[i].elapsed) best[i] = of;
    }
  }
  return best;
}

interface Measured {
  readonly name: string;
  readonly python: boolean;
  /** By kind of work. */
  readonly best: readonly Round[];
}

/** Compares each contender with one thread of its language, which comes first among those of that language. */
function contendersOf(measured: readonly Measured[]): Contender[] {
  return measured.map(({ name, python, best }) => {
    const alone = measured.find((other) => other.python === python)?.best ?? best;
    const times = KINDS.map((kind, i) => {
      const { elapsed, sum } = best[i];
      if (sum !== measured[0].best[i].sum) throw new Error(`${name} computed ${sum} in ${kind} work`);
      return [kind, { elapsed, speedup: alone[i].elapsed / elapsed }] as const;
    });
    return { name, python, times: Object.fromEntries(times) as Contender['times'] };
  });
}
