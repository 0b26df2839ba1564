// Writes .build/uncounted.json, which .c8rc.json extends: the source files of which `npm test` loads nothing, which c8 would
// count as uncovered. Some compile to nothing, or only pass on what others export, so that nothing of them is in a chunk;
// others need a server, and have their tests with `npm run test:distributed`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const project = new URL('../../../', import.meta.url);
const modules = new URL('.build/test/modules/', project);
const WITH_SERVER = ['src/bullmq/**', 'src/distributed/**'];

const empty = readdirSync(modules, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.js') && isEmpty(readFileSync(new URL(path, modules), 'utf8')))
  .map((path) => `src/${path.replace(/js$/, 'ts')}`);
writeFileSync(
  new URL('.build/uncounted.json', project),
  JSON.stringify({ exclude: ['src/**/*.d.ts', ...WITH_SERVER, ...empty] }),
);

function isEmpty(module: string): boolean {
  const code = module.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return code.replaceAll(/export (?:\*|\* as \w+|\{[^}]*\}) from '[^']*';|export \{\};/g, '').trim() === '';
}
