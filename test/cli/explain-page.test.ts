import { explainPython } from 'atomics-sync-free/gil/outcomes';
import * as assert from 'uvu/assert';
import { explainPageOf } from '#dist/cli/page/explain-page.js';
import { VERSIONS } from '../gil/python/recorded.js';
import { suite } from '../support/suite.js';

const test = suite('page of gil explain');

const pageOf = (name: string): string => {
  const versions = VERSIONS.map(({ python, listings }) => ({ title: python, lines: explainPython(listings[name]) }));
  return explainPageOf(`${name}.py`, VERSIONS[0].listings[name].source, versions);
};
const sectionOf = (page: string, at: number): string => page.split('<section class="program"')[at + 1];

test('every version has a switch and a section, and the first is shown first', () => {
  const page = pageOf('add');
  assert.is(page.split('type="radio"').length - 1, VERSIONS.length);
  assert.is(page.split('<section class="program"').length - 1, VERSIONS.length);
  assert.match(page, /id="version-0" checked>/);
  assert.is(page.split(' checked').length - 1, 1);
});

test('every line of the source stands there once in each version, escaped, and marks say why', () => {
  const page = pageOf('if-between');
  const source = VERSIONS[0].listings['if-between'].source.split('\n');
  for (const at of VERSIONS.keys()) {
    assert.is(sectionOf(page, at).split('class="source"').length - 1, source.length);
    assert.match(sectionOf(page, at), /if t &gt; 5/);
  }
  assert.match(
    sectionOf(page, 1),
    /<li class="switch"><code>POP_JUMP_IF_\w+ \d+<\/code><span class="why">a jump is taken</,
  );
  assert.not.match(sectionOf(page, 2), /a jump is taken/);
});

test('it loads nothing and runs nothing', () => {
  assert.not.match(pageOf('add'), /<script|src=|https?:|@import|url\(/);
});

test.run();
