// What the site has beyond typedoc's own output: short addresses and proper titles for the guides, the source with
// numbered lines, and the code of the page "Try it". It also checks what typedoc does not: that parameters and results are
// documented, and that classes and functions have an example.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { Application, Converter, IndexEvent, KindRouter, PageEvent, ReflectionKind, RendererEvent } from 'typedoc';
import { sourcePage } from './source-page.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here('../../');
const NO_RESULT = /^(void|undefined|never|this|Promise<void>)$/;

/** The file names of documents, without suffix; their names become their headings. */
const fileNames = new Map();

class SiteRouter extends KindRouter {
  getIdealBaseName(reflection) {
    const name = fileNames.get(reflection);
    return name === undefined ? super.getIdealBaseName(reflection) : `guides/${name}`;
  }
}

export function load(app) {
  app.renderer.defineRouter('site', SiteRouter);
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => nameDocument(document));
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => linkSources(project));
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const problem of undocumented(project)) app.logger.validationWarning(problem);
  });
  // A table that is too wide for the page must scroll on its own, by keyboard too.
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents
      ?.replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
      .replaceAll('</table>', '</table></div>');
  });
  // The search also finds a member by its qualified name.
  app.renderer.on(IndexEvent.PREPARE_INDEX, (index) => {
    index.searchFieldWeights.qualified = 10;
    for (const [at, { name, parent }] of index.searchResults.entries()) {
      if (parent && !parent.isProject()) index.searchFields[at].qualified = `${parent.name}.${name}`;
    }
  });
  app.renderer.on(RendererEvent.END, ({ outputDirectory }) => {
    for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const path = `src/${file.replaceAll('\\', '/')}`;
      const page = join(outputDirectory, 'source', `${path}.html`);
      mkdirSync(dirname(page), { recursive: true });
      writeFileSync(page, sourcePage(path, readFileSync(join(root, path), 'utf8')));
    }
  });
  app.renderer.postRenderAsyncJobs.push(async ({ outputDirectory }) => {
    const folder = join(outputDirectory, 'try-it');
    await bundle(folder);
    writeFileSync(join(folder, 'listings.json'), JSON.stringify(listings()));
  });
}

/** The most instructive programs of the corpus. */
const PROGRAMS = [
  'add',
  'add-call',
  'add-int',
  'read-write',
  'assert-between',
  'append-between',
  'for-between',
  'check-else-set',
  'get-and-set',
  'property',
  'singleton',
  'lock-with',
  'lock-store-with',
  'lock-store-acquire',
  'opposite-with',
  'opposite-acquire',
];

/** @returns by version, oldest first, and by name: what each CPython compiled the programs to */
function listings() {
  const folder = join(root, 'test/gil/python/recorded');
  const minor = (version) => Number(version.split('.')[1]);
  const versions = readdirSync(folder)
    .filter((file) => file.endsWith('.listings.gz'))
    .map((file) => [file.replace('.listings.gz', ''), JSON.parse(gunzipSync(readFileSync(join(folder, file))))])
    .sort(([one], [other]) => minor(one) - minor(other));
  return Object.fromEntries(
    versions.map(([version, all]) => [version, Object.fromEntries(PROGRAMS.map((name) => [name, all[name]]))]),
  );
}

function nameDocument(document) {
  const [, file] = /([^/]*)$/.exec(document.name);
  fileNames.set(document, file.toLowerCase().replaceAll(' ', '-'));
  const [, heading] = /^# (.*)/m.exec(document.content[0]?.text ?? '') ?? [];
  if (heading !== undefined) document.name = heading.replaceAll('`', '');
  document.frontmatter.group ??= 'Guides';
}

/** Makes links to files of src lead to the site's own pages of them. */
function linkSources(project) {
  for (const reflection of Object.values(project.reflections)) {
    // What is inherited from the language has no page.
    reflection.sources = reflection.sources?.filter(({ fileName }) => !fileName.includes('node_modules'));
  }
  const documents = [...fileNames.keys()].map((document) => ({ content: document.content, up: '../' }));
  for (const { content, up } of [...documents, { content: project.readme ?? [], up: '' }]) {
    for (const [at, part] of content.entries()) {
      const [, path] = part.kind === 'relative-link' ? (/(src\/.*\.ts)$/.exec(part.text) ?? []) : [];
      if (path !== undefined) content[at] = { kind: 'text', text: `${up}source/${path}.html` };
    }
  }
}

function* undocumented(project) {
  const has = (comment, tag) => comment?.blockTags.some((block) => block.tag === tag);
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Class | ReflectionKind.Function)) {
    const comments = [reflection.comment, ...(reflection.signatures ?? []).map(({ comment }) => comment)];
    if (!comments.some((comment) => has(comment, '@example'))) yield `${reflection.getFullName()} has no example`;
  }
  const callables = ReflectionKind.Function | ReflectionKind.Method | ReflectionKind.Constructor;
  for (const signature of project.getReflectionsByKind(ReflectionKind.SomeSignature)) {
    if (signature.inheritedFrom || !signature.parent?.kindOf(callables)) continue;
    const name = signature.getFullName();
    for (const parameter of signature.parameters ?? []) {
      if (!parameter.hasComment()) yield `the parameter ${parameter.name} of ${name} is not documented`;
    }
    const result = signature.kindOf(ReflectionKind.CallSignature) ? String(signature.type) : 'void';
    if (!NO_RESULT.test(result) && !has(signature.comment, '@returns')) yield `what ${name} returns is not documented`;
  }
}

/**
 * Bundles the page with the built package, and beside it the module that cast.ts starts its workers with. The
 * workers import the module of the test they play; the entry for the catalogue puts it into a chunk of its own, without
 * the page around it.
 */
async function bundle(outdir) {
  await build({
    entryPoints: {
      page: here('try-it.ts'),
      worker: join(root, 'dist/stress/worker.js'),
      catalogue: join(root, 'dist/stress/catalogue/index.js'),
    },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    logLevel: 'warning',
  });
}
