// Writes .build/type-only.json, which .c8rc.json extends: the source files that compile to nothing. c8 counts what no
// test loads as uncovered, and such files cannot be loaded.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const project = new URL('../../../', import.meta.url);
const modules = new URL('.build/test/modules/', project);

const exclude = readdirSync(modules, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.js') && isEmpty(readFileSync(new URL(path, modules), 'utf8')))
  .map((path) => `src/${path.replace(/js$/, 'ts')}`);
writeFileSync(new URL('.build/type-only.json', project), JSON.stringify({ exclude }));

function isEmpty(module: string): boolean {
  return module.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').trim() === 'export {};';
}
