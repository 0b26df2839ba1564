// The types of the package as users' compilers see them: the oldest that is supported, the last before ours, and ours; npm cit
// has no time for them.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type typescript from 'typescript';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { ROOT, readPage } from './pages.js';
import { createProject, INSTALLS, removeProject } from './project.js';

const require = createRequire(import.meta.url);
const { exports } = require(join(ROOT, 'package.json')) as { exports: Record<string, unknown> };
const entries = Object.keys(exports).filter((entry) => entry !== './package.json');

/** Imports the types of every entry, and uses what the types of hosts and libraries could get in the way of. */
const common = `
  ${entries.map((entry, i) => `export * as entry${i} from 'atomics-sync-free${entry.slice(1)}';`).join('\n  ')}
  import { attach, Lock, share, type WaitOptions } from 'atomics-sync-free';
  import { defineStressTest } from 'atomics-sync-free/stress';

  export const lock = new Lock();
  export const hold = lock.hold();
  hold.release();
  export const options: WaitOptions = { signal: new AbortController().signal };
  export const { words } = attach(share({ lock, words: new Int32Array(new SharedArrayBuffer(4)) }));
  export const race = defineStressTest({
    name: 'name',
    description: 'description',
    module: 'module',
    words: { word: 0 },
    actors: [({ memory, word }) => void Atomics.wait(memory, word, words[0])],
    arbiter: ({ memory, word }) => String(memory[word]),
    outcomes: [],
  });
  // @ts-expect-error what these are has not become any on the way
  lock.walk;
  // @ts-expect-error
  hold.walk;
  // @ts-expect-error
  race.walk;
`;

/** For a lib without `Symbol.dispose`, which the package does not bring in by itself. */
const plain = `${common}
  // @ts-expect-error
  Symbol.dispose;
`;

const disposing = `${common}
  export const disposable: Disposable = hold;
  {
    using held = lock.hold();
    // @ts-expect-error
    held.walk;
  }
`;

/** What users write who set every strict option of the compiler: nothing of it is refused, and types follow. */
const ordinary = `
  import { Arena, Lock } from 'atomics-sync-free';
  import { explore } from 'atomics-sync-free/check';
  import { delayed, Parallel } from 'atomics-sync-free/joblib';
  import { fromModule, getContext, Manager, Pool, type PoolOptions, Process, Queue } from 'atomics-sync-free/multiprocessing';
  import { Thread, Timer } from 'atomics-sync-free/threading';

  type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
  const is = <A, B>(_same: Same<A, B>): void => {};

  // What may be left out may be undefined.
  declare const number: number | undefined;
  new Arena({ byteLength: number, agents: number });
  explore({ memory: { word: 0 }, threads: [() => {}], preemptionBound: number }, { ms: number });
  new Thread({ target: () => 1, resourceLimits: { stackSizeMb: number } });

  const add = (a: number, b: number): number => a + b;
  const more = (a: number, b?: number): Promise<number> => Promise.resolve(a + (b ?? 0));
  const all = (...values: number[]): number | string => values.length;

  // Lists that nobody may write to.
  const pair = [1, 2] as const;
  declare const pairs: readonly (readonly [number, number])[];
  const pool = new Pool(number);
  const thread = new Thread({ target: add, args: pair });
  is<typeof thread.result, number>(true);
  const timer = new Timer(1, add, pair);
  is<typeof timer.result, number | undefined>(true);
  new Process({ target: add, args: pair });
  const applied = pool.apply(add, pair);
  is<typeof applied, number>(true);
  const starred = pool.starmap(add, pairs);
  is<typeof starred, number[]>(true);
  const managed = new Manager().Pool(2).starmap(add, pairs);
  is<typeof managed, number[]>(true);

  // Parameters that are optional, and the rest.
  const module = fromModule<{ more: typeof more; all: typeof all }>('file:///module.js');
  const threads: Thread[] = [
    new Thread({ target: more, args: [1] }),
    new Thread({ target: all }),
    new Thread({ target: module.more, args: [1] }),
    new Thread({ target: module.all, args: [1, 2] }),
  ];
  threads.pop();
  const mapped = pool.map(module.more, pair);
  is<typeof mapped, number[]>(true);

  // Calls of several functions.
  const results = new Parallel().run([delayed(more)(1), delayed(String)('a')]);
  is<typeof results, (string | number)[]>(true);

  // A class of one's own, with arguments.
  export class Greeter extends Process {
    constructor(readonly queue: Queue<string>, who: string) {
      super({ target: fromModule<{ Greeter: typeof Greeter }>(import.meta.url).Greeter, args: [queue, who] });
    }

    override run(): void {
      this.queue.put('hello');
    }
  }

  // @ts-expect-error
  new Thread({ target: add, args: [1] });
  // @ts-expect-error
  new Process({ target: add, args: ['a', 'b'] });

  // How the workers of pools begin.
  const begin = (name: string, seed?: number): void => void [name, seed];
  const settings: PoolOptions = { initializer: begin, initargs: ['a'], maxTasksPerChild: 2 };
  const begun: Pool[] = [
    new Pool(number, settings),
    new Pool(2, { initializer: begin, initargs: ['a'] }),
    new Pool(2, { initializer: begin, initargs: ['a', 1] as const }),
    new Pool(2, { initializer: all }),
    new Pool(2, { initializer: undefined, initargs: undefined }),
    new Pool(2, { initializer: fromModule<{ begin: typeof begin }>('file:///module.js').begin, initargs: ['a'] }),
    new (getContext('process').Pool)(2, { initializer: begin, initargs: ['a', number] }),
  ];
  const parameters: ConstructorParameters<typeof Pool> = [2, { initializer: begin, initargs: ['a'] }];
  begun.push(new Pool(...parameters));
  new Manager().Pool(2, { initializer: begin, initargs: ['a'] });
  // @ts-expect-error
  new Pool(2, { initializer: begin });
  // @ts-expect-error
  new Pool(2, { initializer: begin, initargs: [1] });
  // @ts-expect-error
  new Pool(2, { initializer: begin, initargs: ['a', 1, 2] });
  // @ts-expect-error
  new Pool(2, { initializer: fromModule<{ begin: typeof begin }>('file:///module.js').begin, initargs: [1] });
  // @ts-expect-error
  new Pool(2, { initializer: () => {}, initargs: [1] });
  // @ts-expect-error
  new (getContext('process').Pool)(2, { initializer: begin, initargs: [1] });
  // @ts-expect-error
  new Manager().Pool(2, { initializer: begin });
  // @ts-expect-error
  new Manager().PoolAsync(2, { initializer: begin, initargs: [1] });
  // @ts-expect-error
  new Timer(1, add, ['a', 'b']);
  // @ts-expect-error
  new (getContext('process').Process)({ target: add, args: ['a', 'b'] });
  // @ts-expect-error
  new Process({ target: add });
  // @ts-expect-error
  pool.apply(add, ['a', 'b']);
  // @ts-expect-error
  pool.map(add, [1]);

  // @ts-expect-error how those are made that somebody else has started is nobody's business
  new Thread({ ident: 1, place: 1, name: 'a', daemon: false });
  export const lock = new Lock();
`;

/** The guide's worker, for a project with the types of Node. */
const [guide] = (await readPage('docs/getting-started.md')).examples.filter(({ name }) => name.endsWith('.ts'));
const worker = `${guide.code}
  // @ts-expect-error the type has not become any on the way
  lock.walk();
  ${entries.map((entry, i) => `export * as entry${i} from 'atomics-sync-free${entry.slice(1)}';`).join('\n  ')}
`;
const TYPES_OF_NODE = dirname(dirname(require.resolve('@types/node/package.json')));

type Compiler = 'typescript-5.4' | 'typescript-5.9' | 'typescript';

/** One program that is compiled, and how. */
interface Compilation {
  readonly compiler: Compiler;
  readonly shows: string;
  readonly file: string;
  readonly lib: readonly string[];
  readonly options: (ts: typeof typescript) => typescript.CompilerOptions;
}

const sound = (compiler: Compiler, resolution: 'node16' | 'bundler'): Compilation => ({
  compiler,
  shows: `sound without types of Node or Symbol.dispose, moduleResolution ${resolution}`,
  file: resolution === 'node16' ? 'plain.mts' : 'plain.ts',
  lib: ['es2022', 'dom'],
  options: ({ ModuleKind, ModuleResolutionKind }) =>
    resolution === 'node16'
      ? { module: ModuleKind.Node16 }
      : { module: ModuleKind.ES2022, moduleResolution: ModuleResolutionKind.Bundler },
});

const disposes = (compiler: Compiler): Compilation => ({
  compiler,
  shows: 'a hold is for using where the lib has Symbol.dispose, moduleResolution nodenext',
  file: 'disposing.mts',
  lib: ['es2022', 'dom', 'esnext.disposable'],
  options: ({ ModuleKind }) => ({ module: ModuleKind.NodeNext }),
});

const strictly = (compiler: Compiler): Compilation => ({
  compiler,
  shows: 'ordinary use is taken by the strictest compiler, moduleResolution nodenext',
  file: 'ordinary.mts',
  lib: ['es2022', 'dom'],
  options: ({ ModuleKind }) => ({
    module: ModuleKind.NodeNext,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
  }),
});

const guided = (
  resolution: string,
  file: string,
  options: Compilation['options'],
  skipLibCheck: boolean,
): Compilation => ({
  compiler: 'typescript',
  shows: `the guide's worker is sound with the types of Node, moduleResolution ${resolution}`,
  file,
  lib: ['es2024', 'esnext'],
  options: (ts) => ({
    ...options(ts),
    noUncheckedIndexedAccess: true,
    types: ['node'],
    typeRoots: [TYPES_OF_NODE],
    skipLibCheck,
  }),
});

/** The oldest compiler and the newest; the one between the two compiles one program. */
const COMPILATIONS: readonly Compilation[] = [
  sound('typescript-5.4', 'node16'),
  sound('typescript-5.4', 'bundler'),
  disposes('typescript-5.4'),
  disposes('typescript-5.9'),
  disposes('typescript'),
  strictly('typescript-5.4'),
  strictly('typescript'),
  sound('typescript', 'node16'),
  sound('typescript', 'bundler'),
  guided(
    'bundler',
    'worker.ts',
    ({ ModuleKind, ModuleResolutionKind }) => ({
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.Bundler,
    }),
    true,
  ),
  guided('node16', 'worker.mts', ({ ModuleKind }) => ({ module: ModuleKind.Node16 }), false),
  guided('nodenext in CommonJS', 'worker.cts', ({ ModuleKind }) => ({ module: ModuleKind.NodeNext }), true),
];

const test = suite('the types of the installed package');

let project: string;
test.before(async () => {
  project = await createProject([
    { name: 'plain.mts', code: plain },
    { name: 'plain.ts', code: plain },
    { name: 'disposing.mts', code: disposing },
    { name: 'ordinary.mts', code: ordinary },
    ...['worker.mts', 'worker.ts', 'worker.cts'].map((name) => ({ name, code: worker })),
  ]);
}, INSTALLS);
test.after(() => removeProject(project));

for (const compilation of COMPILATIONS) {
  const ts = require(compilation.compiler) as typeof typescript;
  test(`TypeScript ${ts.version}: ${compilation.shows}`, () => assert.equal(compile(ts, compilation), []));
}

/** What the compiler says of a file and of all declarations that it leads to. */
function compile(ts: typeof typescript, { file, lib, options }: Compilation): string[] {
  const all: typescript.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types: [],
    skipLibCheck: false,
    // The compiler's own libraries take most of the time, and are not judged here.
    skipDefaultLibCheck: true,
    ...options(ts),
  };
  const host = ts.createCompilerHost(all);
  host.getCurrentDirectory = () => project;
  const said = ts.getPreEmitDiagnostics(ts.createProgram([join(project, file)], all, host));
  return said.map((diagnostic) => ts.formatDiagnostic(diagnostic, host).trimEnd());
}

test.run();
