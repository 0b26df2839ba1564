/** The public API is the one that was agreed on: a change of it has to be seen, and recorded in CHANGELOG.md. */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { apiReport, COMMITTED } from './api-report.js';

const test = suite('public API');
const report = apiReport();

test('it is what test/docs/api.txt says; after an intended change `npm run api` rewrites that', () => {
  assert.fixture(report, readFileSync(COMMITTED, 'utf8'));
});

test('the report has every entry, and nothing that is internal', () => {
  const entries = [...report.matchAll(/^# (atomics-.*)/gm)].map(([, name]) => name);
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', COMMITTED), 'utf8')) as { exports: object };
  const expected = Object.keys(exports).filter((path) => path !== './package.json');
  assert.equal(
    entries,
    expected.map((path) => `atomics-sync-free${path.slice(1)}`),
  );
  assert.match(report, /^class Lock extends Recoverable {$/m);
  assert.not.match(report, /#private|releaseFully|agentSlots/);
});

/** What the package returns: nobody has reason to pass undefined there. */
const GIVEN = ['ChromeTraceEvent', 'Step'];

test('a property that users may leave out may be undefined: a strict compiler tells the two apart', () => {
  const interfaces = [...report.matchAll(/^interface (\w+)[^{]* \{\n([\s\S]*?)^\}$/gm)];
  assert.ok(interfaces.length > 50);
  const refusing = interfaces
    .filter(([, name]) => !GIVEN.includes(name))
    .flatMap(([, name, members]) =>
      [...members.matchAll(/^ {4}(?:readonly )?(\w+)\?: ([^;{]*);$/gm)]
        .filter(([, , type]) => !/\| undefined$|^unknown$/.test(type))
        .map(([, member]) => `${name}.${member}`),
    );
  assert.equal(refusing, []);
});

test.run();
