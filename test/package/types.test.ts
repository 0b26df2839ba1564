// The types as users' compilers see them: the oldest that is supported, the last before ours, and ours.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type typescript from 'typescript';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { ROOT, readPage } from './pages.js';
import { createProject, removeProject } from './project.js';

const test = suite('the types of the installed package');

const require = createRequire(import.meta.url);
const { exports } = require(join(ROOT, 'package.json')) as { exports: Record<string, unknown> };
const entries = Object.keys(exports).filter((entry) => entry !== './package.json');

/** Takes in the types of every entry, and uses what the types of hosts and libraries could get in the way of. */
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

/** The guide's worker, for a project with the types of Node. */
const [guide] = (await readPage('docs/getting-started.md')).examples.filter(({ name }) => name.endsWith('.ts'));
const worker = `${guide.code}
  // @ts-expect-error the type has not become any on the way
  lock.walk();
  ${entries.map((entry, i) => `export * as entry${i} from 'atomics-sync-free${entry.slice(1)}';`).join('\n  ')}
`;
const TYPES_OF_NODE = dirname(dirname(require.resolve('@types/node/package.json')));

let project: string;
test.before(async () => {
  project = await createProject([
    { name: 'plain.mts', code: plain },
    { name: 'plain.ts', code: plain },
    { name: 'disposing.mts', code: disposing },
    ...['worker.mts', 'worker.ts', 'worker.cts'].map((name) => ({ name, code: worker })),
  ]);
});
test.after(() => removeProject(project));

for (const alias of ['typescript-5.4', 'typescript-5.9', 'typescript']) {
  const ts = require(alias) as typeof typescript;
  const known = [dirname(require.resolve(alias)), TYPES_OF_NODE];
  const parsed = new Map<string, typescript.SourceFile | undefined>();

  /** What the compiler says of a file and of all declarations that it leads to. */
  const compile = (file: string, lib: readonly string[], options: typescript.CompilerOptions): string[] => {
    const all: typescript.CompilerOptions = {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      lib: lib.map((name) => `lib.${name}.d.ts`),
      types: [],
      skipLibCheck: false,
      // The compiler's own libraries take most of the time, and are not judged here.
      skipDefaultLibCheck: true,
      ...options,
    };
    const host = ts.createCompilerHost(all);
    const { getSourceFile } = host;
    host.getCurrentDirectory = () => project;
    host.getSourceFile = (path, ...rest) => {
      if (!known.some((folder) => path.startsWith(folder))) return getSourceFile(path, ...rest);
      if (!parsed.has(path)) parsed.set(path, getSourceFile(path, ...rest));
      return parsed.get(path);
    };
    const said = ts.getPreEmitDiagnostics(ts.createProgram([join(project, file)], all, host));
    return said.map((diagnostic) => ts.formatDiagnostic(diagnostic, host).trimEnd());
  };

  const { ES2022, ESNext, Node16, NodeNext } = ts.ModuleKind;
  const { Bundler } = ts.ModuleResolutionKind;
  // Each resolution with the oldest and the newest; the one between is compiled once, below.
  for (const [resolution, file, options] of alias === 'typescript-5.9'
    ? []
    : ([
        ['node16', 'plain.mts', { module: Node16 }],
        ['bundler', 'plain.ts', { module: ES2022, moduleResolution: Bundler }],
      ] as const)) {
    test(`TypeScript ${ts.version}: sound without types of Node or Symbol.dispose, moduleResolution ${resolution}`, () => {
      assert.equal(compile(file, ['es2022', 'dom'], options), []);
    });
  }

  test(`TypeScript ${ts.version}: a hold is for using where the lib has Symbol.dispose, moduleResolution nodenext`, () => {
    assert.equal(compile('disposing.mts', ['es2022', 'dom', 'esnext.disposable'], { module: NodeNext }), []);
  });

  for (const [resolution, file, options] of alias !== 'typescript'
    ? []
    : ([
        ['node16', 'worker.mts', { module: Node16 }],
        ['bundler', 'worker.ts', { module: ESNext, moduleResolution: Bundler }],
        ['nodenext in CommonJS', 'worker.cts', { module: NodeNext }],
      ] as const)) {
    test(`TypeScript ${ts.version}: the guide's worker is sound with the types of Node, moduleResolution ${resolution}`, () => {
      const types = { types: ['node'], typeRoots: [TYPES_OF_NODE], skipLibCheck: resolution !== 'node16' };
      assert.equal(compile(file, ['es2024', 'esnext'], { ...options, ...types }), []);
    });
  }
}

test.run();
