// What the README and the guides show is true: the examples run as they are written, and links lead somewhere.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { outputOf, type Page, promisedBy, ROOT, readPages, writeExamples } from './pages.js';

const test = suite('guides');

const pages = await readPages();
const programs = (await readdir(join(ROOT, 'docs/examples'))).filter((name) => /^[^.]+\.mjs$/.test(name));

for (const { path, text, examples } of pages.filter((page) => page.examples.length > 0)) {
  test(`${path}: the examples print what they say`, async () => {
    // Inside the package, where its own name leads to its own exports.
    const folder = join(ROOT, '.build/guides', path);
    await writeExamples(examples, folder);
    const runnable = examples.filter(({ code }) => promisedBy(code) !== '');
    assert.ok(runnable.length > 0, 'an example says what it prints');
    for (const { name, code } of runnable) {
      assert.is(await outputOf(process.execPath, [join(folder, name)], folder), promisedBy(code), name);
    }
  });

  test(`${path}: all JavaScript is an example`, () => {
    assert.is([...text.matchAll(/^```[jt]s$/gm)].length, examples.filter(({ name }) => /[jt]s$/.test(name)).length);
  });
}

for (const name of programs) {
  test(`docs/examples/${name} prints what it says, and what the list of examples says`, async () => {
    const folder = join(ROOT, 'docs/examples');
    const promised = promisedBy(await readFile(join(folder, name), 'utf8'));
    assert.ok(promised);
    assert.is(await outputOf(process.execPath, [name], folder), promised);
    const list = pages.find(({ path }) => path === 'docs/examples.md');
    const row = list?.text.split('\n').find((line) => line.startsWith(`| [${name}](examples/${name}) |`));
    assert.ok(row?.endsWith(`| ${promised.replace(/^.*$/gm, '`$&`').replaceAll('\n', '<br>')} |`), row);
  });
}

test('every link within the repository leads to a file, and to a heading of it', () => {
  const broken = pages.flatMap((page) => linksOf(page).filter((link) => !leadsSomewhere(page, link)));
  assert.equal(broken, []);
});

/** The links to something in the repository. */
function linksOf({ text }: Page): string[] {
  return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link).filter((link) => !/^\w+:/.test(link));
}

function leadsSomewhere(from: Page, link: string): boolean {
  const [file, heading] = link.split('#');
  const path = file === '' ? from.path : join(dirname(from.path), file);
  if (!existsSync(join(ROOT, path))) return false;
  return heading === undefined || headingsOf(pages.find((page) => page.path === path)).includes(heading);
}

/** The headings of a page, as GitHub names them in links. */
function headingsOf(page: Page | undefined): string[] {
  const headings = page?.text.matchAll(/^#+ (.*)$/gm) ?? [];
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the site has every guide, in the order in which the README lists them', async () => {
  const { projectDocuments } = JSON.parse(await readFile(join(ROOT, '.typedoc.json'), 'utf8')) as {
    projectDocuments: string[];
  };
  const guides = projectDocuments.filter((path) => /^docs\/[^/]+$/.test(path));
  const readme = pages.find(({ path }) => path === 'README.md')?.text ?? '';
  const [, list] = readme.split('\n## Read on\n');
  assert.equal(
    guides,
    [...list.matchAll(/\]\((docs\/[^/)]+\.md)\)/g)].map(([, path]) => path),
  );
  const there = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  assert.equal([...guides].sort(), there.map((name) => `docs/${name}`).sort());
});

test('the site has every entry of the package', async () => {
  const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(ROOT, path), 'utf8'));
  const { entryPoints } = (await read('.typedoc.json')) as { entryPoints: string[] };
  const { exports } = (await read('package.json')) as { exports: Record<string, string | { default: string }> };
  const sources = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.*)js$/, 'src/$1ts')],
  );
  assert.equal([...entryPoints].sort(), sources.sort());
});

test.run();
