/** The same work by the machine's own Python. */
import { literalOf, runForResult } from '../gil-lab/index.js';
import type { Round } from './crew.js';
import { FIRST_NUMBER, type Work } from './work.js';

/** Each contender's best round of each work, in the order of the work. */
interface PythonRounds {
  /** Such as `3.11.7`, followed by ` free-threaded` when it runs without a GIL. */
  readonly version: string;
  readonly oneThread: readonly Round[];
  /** `threading`. */
  readonly threads: readonly Round[];
  /** `multiprocessing`; empty where processes cannot be forked. */
  readonly processes: readonly Round[];
}

const SCRIPT = `
import itertools, json, multiprocessing, sys, threading, time

def perform(work, index):
    size = work['size']
    if work['kind'] == 'I/O-bound':
        time.sleep(size / 1000)
        return 1
    found = 0
    first = ${FIRST_NUMBER} + index * size
    for n in range(first, first + size):
        divisor = 2
        while divisor * divisor <= n and n % divisor != 0:
            divisor += 1
        if divisor * divisor > n:
            found += 1
    return found

def call(pair):
    return perform(*pair)

def by_threads(work, many):
    ticket = itertools.count()
    gate = threading.Barrier(many + 1)
    began, ended, sums = [], [], []
    def thread():
        gate.wait()
        began.append(time.perf_counter())
        found = 0
        while (index := next(ticket)) < work['tasks']:
            found += perform(work, index)
        ended.append(time.perf_counter())
        sums.append(found)
        gate.wait()
    threads = [threading.Thread(target=thread) for _ in range(many)]
    for each in threads: each.start()
    gate.wait()
    gate.wait()
    return {'elapsed': (max(ended) - min(began)) * 1000, 'sum': sum(sums)}

def by_processes(work, many):
    with multiprocessing.get_context('fork').Pool(many) as pool:
        pool.map(call, [({'kind': 'I/O-bound', 'size': 1}, 0)] * many, 1)
        began = time.perf_counter()
        found = sum(pool.map(call, [(work, index) for index in range(work['tasks'])], 1))
        return {'elapsed': (time.perf_counter() - began) * 1000, 'sum': found}

work = json.loads(WORK)
can_fork = 'fork' in multiprocessing.get_all_start_methods()
version = '.'.join(map(str, sys.version_info[:3]))
if not getattr(sys, '_is_gil_enabled', lambda: True)(): version += ' free-threaded'
def best(measure, many):
    return [min((measure(each, many) for _ in range(ROUNDS)), key=lambda round: round['elapsed']) for each in work]

print(json.dumps({
    'version': version,
    'processes': best(by_processes, MANY) if can_fork else [],
    'oneThread': best(by_threads, 1),
    'threads': best(by_threads, MANY),
}))
`;

/**
 * Runs some work in Python, by each contender.
 *
 * @param command which Python, such as `python3.13`
 * @param many how many threads, and how many processes
 * @param rounds how many times each does it
 * @returns undefined if there is no such command
 * @throws when Python fails, or takes more than ten minutes
 */
export const byPython = (
  command: string,
  work: readonly Work[],
  many: number,
  rounds: number,
): Promise<PythonRounds | undefined> =>
  runForResult(command, `WORK = ${literalOf(work)}\nMANY = ${many}\nROUNDS = ${rounds}\n${SCRIPT}`);
