// Compiles and runs examples of doc comments.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Told } from './example-runner.js';
import type { Example } from './examples.js';

/** An example that has not ended after so many ms is taken as hung. */
export const LIMIT = 15_000;
const root = fileURLToPath(new URL('../../../', import.meta.url));
// Inside the package, where its own name leads to its own exports.
const folder = join(root, '.build/examples');
const runner = fileURLToPath(new URL('./example-runner.js', import.meta.url));

/** The latest program, from which the next one takes what both need. */
let program: ts.Program | undefined;

/** Compiles all in one program, next to their sources. */
export function compile(list: readonly Example[]): string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of list) writeFileSync(join(folder, file), `${code}\nexport {};\n`);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  // Examples have no declarations to put anywhere.
  const { declarationDir: _, ...compilerOptions } = config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  program = ts.createProgram(
    list.map(({ file }) => join(folder, file)),
    {
      ...options,
      rootDir: folder,
      outDir: folder,
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      incremental: false,
      // As the strictest users set it.
      noUncheckedIndexedAccess: true,
      // An example names what it has got, and need not use it.
      noUnusedLocals: false,
      skipLibCheck: true,
    },
    undefined,
    program,
  );
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ file, start, messageText }) => {
    const example = list.find((each) => file !== undefined && each.file === basename(file.fileName));
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${example?.place ?? file?.fileName}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** Runs compiled examples, as many in a process as end in time; one that hangs is reported, and the next process goes on. */
export async function run(list: readonly Example[], limit: number): Promise<string[]> {
  const byFile = new Map(list.map((example) => [join(folder, example.file.replace(/ts$/, 'js')), example]));
  const problems: string[] = [];
  const left = [...byFile.keys()];
  while (left.length > 0) {
    const child = fork(runner, left, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let timer: NodeJS.Timeout | undefined;
    child.on('message', (told: Told) => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), limit);
      if (told.kind === 'begun') return;
      left.shift();
      const example = byFile.get(told.file);
      if (told.error !== undefined) problems.push(`${example?.place}: ${told.error}`);
      else if (String(told.printed) !== String(example?.promised)) {
        problems.push(`${example?.place}: prints “${told.printed.join('\n')}”, not “${example?.promised.join('\n')}”`);
      }
    });
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    const current = left.shift();
    if (current !== undefined) problems.push(`${byFile.get(current)?.place}: did not end (exit code ${code})`);
  }
  return problems;
}
