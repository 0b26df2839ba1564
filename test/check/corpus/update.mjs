// Rewrites the tables of test/check/corpus/README.md. Run it after a build, with its tests.
//
//   node test/check/corpus/update.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { corpus } from '../../../.build/test/check/corpus/index.js';
import { HEAD, rowOf } from '../../../.build/test/check/corpus/table.js';

const GUIDE = new URL('README.md', import.meta.url);
const guide = readFileSync(GUIDE, 'utf8');
const head = guide.slice(0, guide.indexOf('\n## '));
const sections = Object.entries(corpus).map(
  ([title, algorithms]) => `\n## ${title}\n\n${HEAD}\n${algorithms.map((each) => `| ${rowOf(each)} |\n`).join('')}`,
);
writeFileSync(GUIDE, head + sections.join(''));
