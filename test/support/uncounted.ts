// Writes .build/uncounted.json, which .c8rc.json extends: the source files that `npm test` cannot load, which c8 would
// count as uncovered. Some compile to nothing; others need a server, and have their tests with `npm run test:distributed`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const project = new URL('../../../', import.meta.url);
const modules = new URL('.build/test/modules/', project);
const WITH_SERVER = ['src/bullmq/**', 'src/distributed/**'];

const typeOnly = readdirSync(modules, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.js') && isEmpty(readFileSync(new URL(path, modules), 'utf8')))
  .map((path) => `src/${path.replace(/js$/, 'ts')}`);
writeFileSync(
  new URL('.build/uncounted.json', project),
  JSON.stringify({ exclude: ['src/**/*.d.ts', ...WITH_SERVER, ...typeOnly] }),
);

function isEmpty(module: string): boolean {
  return module.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').trim() === 'export {};';
}
