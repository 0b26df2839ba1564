// joblib's questions, answered by the package: joblib.mjs WHAT. The numbers of a question, and the answer, in ns:
//   loop LENGTH COUNT   a task of LENGTH µs, in a loop of COUNT, by two workers
//   first               the first call of a process, of two tasks
//   later MS            a call of two tasks, once the workers are running
//   copied, maxNbytes, shared MS
//                       a call of four tasks, by four workers, that get the same 100 MB
//   hit, large hit, miss MS
//                       a cached result, of a few bytes or of 1 MB; one that is computed and cached
//   hash MS             the hash of 100 MB
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const what = process.argv[2];
const { delayed, fromModule, hash, Memory, Parallel } = await load(undefined, '/joblib');
const { spin, first } = fromModule(new URL('./joblib.worker.mjs', import.meta.url));
const DOUBLES = 12_500_000;
const LARGE = 125_000;

/** A call of two tasks that do next to nothing. */
const call = () => new Parallel({ nJobs: 2 }).run([delayed(spin)(1), delayed(spin)(1)]);

const repeated = (act) =>
  timed((n) => {
    for (let i = 0; i < n; i++) act(i);
  }, 1);

/** Four workers that get the same array. */
function sending(array, options) {
  const parallel = new Parallel({ nJobs: 4, ...options });
  const calls = Array.from({ length: 4 }, () => delayed(first)(array));
  return repeated(() => parallel.run(calls));
}

function memory() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return new Memory(folder);
}

const answers = {
  loop: () => {
    const parallel = new Parallel({ nJobs: 2 });
    const spinning = delayed(spin);
    return (length, count) => {
      const calls = Array.from({ length: count }, () => spinning(length));
      const begun = performance.now();
      parallel.run(calls);
      return ((performance.now() - begun) / count) * 1e6;
    };
  },
  first: () => () => {
    const begun = performance.now();
    call();
    return (performance.now() - begun) * 1e6;
  },
  later: () => repeated(call),
  copied: () => sending(new Float64Array(DOUBLES).fill(1)),
  maxNbytes: () => sending(new Float64Array(DOUBLES).fill(1), { maxNbytes: 1_000_000 }),
  shared: () => sending(new Float64Array(new SharedArrayBuffer(8 * DOUBLES)).fill(1)),
  hit: () => {
    const next = memory().cache(function next(x) {
      return x + 1;
    });
    return repeated(() => next(1));
  },
  'large hit': () => {
    const thirds = memory().cache(function thirds(n) {
      return Float64Array.from({ length: n }, (_, i) => i / 3);
    });
    return repeated(() => thirds(LARGE));
  },
  miss: () => {
    const next = memory().cache(function next(x) {
      return x + 1;
    });
    let x = 0;
    return repeated(() => next(x++));
  },
  hash: () => {
    const array = new Float64Array(DOUBLES).fill(1);
    return repeated(() => hash(array));
  },
};

serve(answers[what]());
