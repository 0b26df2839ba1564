// Rewrites the tables of docs/safe-lines.md from the corpus's recordings: no Python is needed. Run after a build.
//
//   node docs/update-safe-lines.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { pythonOutcomes } from '../dist/gil/outcomes/index.js';

const RECORDED = new URL('../test/gil/python/recorded/', import.meta.url);
const GUIDE = new URL('safe-lines.md', import.meta.url);
/** The programs of the corpus in which each thread executes a statement once, with that statement. */
const STATEMENTS = [
  ['add', '`x += 1`'],
  ['read-write', '`t = x; x = t + 1`'],
  ['add-attribute', '`o.v += 1`'],
  ['add-item', "`d['k'] += 1`"],
  ['add-list-item', '`l[0] += 1`'],
  ['add-class-attribute', '`C.n += 1`'],
  ['add-call', '`x += one()`'],
  ['call-then-add', '`x = one() + x`'],
  ['add-int', "`x += int('1')`"],
  ['returned', '`x = one_more()`, which returns `x + 1`'],
  ['property', '`o.v += 1`, a property'],
  ['method', '`c.add()`, which does `self.n += 1`'],
  ['method-read-write', '`self.n = self.get() + 1`'],
  ['iadd-method', '`a += 1`, with `__iadd__`'],
  ['assert-between', '`t = x; assert t >= 0; x = t + 1`'],
  ['if-between', '`t = x; if t > 5: …; x = t + 1`'],
  ['for-between', '`t = x; for _ in (1,): pass; x = t + 1`'],
  ['while-between', '`t = x; n = 1; while n: n -= 1; x = t + 1`'],
  ['append-between', '`t = x; l.append(1); x = t + 1`'],
  ['len-between', '`t = x; len(l); x = t + 1`'],
  ['isinstance-between', '`t = x; isinstance(t, int); x = t + 1`'],
  ['type-between', '`t = x; type(t); x = t + 1`'],
  ['abs-between', '`t = x; abs(t); x = t + 1`'],
  ['str-between', '`t = x; str(t); x = t + 1`'],
  ['comprehension-between', '`t = x; [i for i in (1, 2)]; x = t + 1`'],
  ['exception-between', '`t = x; try: raise …; except: pass; x = t + 1`'],
  ['key-error-between', "`t = x; try: d['k']; except KeyError: pass; x = t + 1`"],
  ['f-string-between', "`t = x; f'{t}!'; x = t + 1`"],
  ['sleep-between', '`t = x; time.sleep(0); x = t + 1`'],
  ['generator', '`for i in ones(): t += i`, a generator'],
  ['append', '`l.append(1)`'],
  ['list-add', '`l = l + [1]`'],
  ['pop-last', '`if l: l.pop()`'],
  ['pop-last-len', '`if len(l) > 0: l.pop()`'],
  ['swap', '`l[0], l[1] = l[1], l[0]`'],
  ['swap-globals', '`a, b = b, a`'],
  ['check-then-set', "`if 'k' not in d: d['k'] = 1`"],
  ['check-else-set', "`if 'k' in d: … else: d['k'] = 1`"],
  ['get-and-set', "`d['k'] = d.get('k', 0) + 1`"],
  ['setdefault', "`d.setdefault('k', 1)`"],
  ['dict-pop', "`d.pop('k', None)`"],
  ['singleton', '`if one is None: one = Service()`'],
  ['closure', '`n += 1` of a closure, returned'],
  ['lock-with', '`with lock: x += one()`'],
  ['lock-acquire', '`lock.acquire(); x += one(); lock.release()`'],
  ['lock-store-with', '`t = x; with lock: x = t + 1`'],
  ['lock-store-acquire', '`t = x; lock.acquire(); x = t + 1; lock.release()`'],
  ['opposite-with', '`with a: with b:` beside `with b: with a:`'],
  ['opposite-acquire', '`a.acquire(); b.acquire()` beside the opposite'],
];

/** The results of one thread after the other; if none is given, that of two additions. */
const SERIAL = {
  'pop-last': ['0'],
  'pop-last-len': ['0'],
  swap: ['[1, 2]'],
  'swap-globals': ['1, 2'],
  'check-then-set': ['1'],
  'check-else-set': ['1'],
  'dict-pop': ['1'],
  setdefault: ['1', '2'],
  singleton: ['1'],
};

function outcomesOf(listing, heat) {
  const word = (key) => new RegExp(`^# ${key}: (.*)$`, 'm').exec(listing.source)[1];
  const question = { threads: word('threads').split(' '), results: word('results').split(','), heat };
  return pythonOutcomes(listing, question).outcomes;
}

/** @returns whether all interleavings end as one thread after the other does, with neither exception nor deadlock */
function isSafe(name, listing, heat) {
  const serial = SERIAL[name] ?? ['2'];
  return outcomesOf(listing, heat).every(
    ({ results, raised, deadlock }) => serial.includes(results.join(', ')) && raised.length + deadlock.length === 0,
  );
}

const minor = (python) => Number(python.split('.')[1]);
const versions = readdirSync(RECORDED)
  .filter((file) => file.endsWith('.listings.gz'))
  .map((file) => ({
    python: file.replace('.listings.gz', ''),
    listings: JSON.parse(gunzipSync(readFileSync(new URL(file, RECORDED))).toString()),
    seen: JSON.parse(readFileSync(new URL(file.replace('.listings.gz', '.json'), RECORDED), 'utf8')),
  }))
  .sort((a, b) => minor(a.python) - minor(b.python));

function cell(name, { python, listings }) {
  const [hot, cold] = ['hot', 'cold'].map((heat) => (isSafe(name, listings[name], heat) ? 'safe' : '**races**'));
  return minor(python) < 11 || hot === cold ? hot : `${hot} hot, ${cold} cold`;
}

const INTERVALS = ['0.00001', '0.005'];
const inWords = (interval) => (interval === '0.005' ? '5 ms' : '10 µs');
const recordings = (name, { seen }) => INTERVALS.map((interval) => seen[interval]?.[name]);

/** @returns the share of the additions repeated by two threads that each version was seen to lose */
function repeatedTable() {
  const cells = (name) =>
    versions.map((version) =>
      recordings(name, version)
        .map((row) => {
          if (!row?.repeat) return '–';
          const { rounds, lost } = row.repeat;
          if (lost === 0) return '0';
          const percent = (100 * lost) / rounds;
          return `${percent < 1 ? percent.toPrecision(1) : Math.round(percent)} %`;
        })
        .join(' / '),
    );
  const isRepeated = ([name]) => versions.some((version) => recordings(name, version).some((row) => row?.repeat));
  return table(
    ['each of two threads repeats', ...versions.map(({ python }) => python)],
    STATEMENTS.filter(isRepeated).map(([name, title]) => [title, ...cells(name)]),
  );
}

/** @returns how many of the possible outcomes each version was seen to have, where there are several */
function metTable() {
  const ofHeat = (name, version, heat) => {
    const texts = outcomesOf(version.listings[name], heat).map(({ text, deadlock }) =>
      deadlock.length > 0 ? 'deadlock' : text,
    );
    const met = recordings(name, version).flatMap((row) => Object.keys(row?.[heat]?.outcomes ?? {}));
    return [new Set(met).size, new Set(texts).size];
  };
  const rows = Object.keys(versions[0].listings)
    .filter((name) => Object.values(versions[0].seen).some((programs) => name in programs))
    .map((name) => [name, versions.map((version) => HEATS.map((heat) => ofHeat(name, version, heat)))])
    .filter(([, cells]) => cells.some((heats) => heats.some(([, possible]) => possible > 1)));
  const cell = ([hot, cold], { python }) => {
    const said = ([met, possible]) => (met < possible ? `**${met} of ${possible}**` : `${met} of ${possible}`);
    return minor(python) < 11 ? said(hot) : `${said(hot)}, ${said(cold)}`;
  };
  return table(
    ['program', ...versions.map(({ python }) => python)],
    rows.map(([name, cells]) => [`\`${name}\``, ...cells.map((each, at) => cell(each, versions[at]))]),
  );
}
const HEATS = ['hot', 'cold'];

/** @returns how much was recorded, by version, interval and mode */
function roundsTable() {
  const rows = versions.flatMap(({ python, seen }) =>
    INTERVALS.map((interval) => {
      const ofMode = (mode) =>
        Object.values(seen[interval] ?? {})
          .map((row) => row[mode])
          .filter((row) => row);
      const range = (values) => {
        const [least, most] = [Math.min(...values), Math.max(...values)];
        return least === most ? count(least) : `${count(least)} – ${count(most)}`;
      };
      const rounds = (mode) => (ofMode(mode).length === 0 ? '–' : range(ofMode(mode).map((row) => row.rounds)));
      const loads = ['hot', 'cold', 'repeat'].flatMap((mode) => ofMode(mode).flatMap(({ load }) => load ?? []));
      const load = loads.length === 0 ? '–' : range(loads);
      return [python, inWords(interval), rounds('hot'), rounds('cold'), rounds('repeat'), load];
    }),
  );
  return table(['Python', 'interval', 'copies, hot', 'copies, cold', 'calls repeated', 'load'], rows);
}

/** Why a program has fewer rounds than the others. */
const REASONS = { 'sleep-between': 'it sleeps, and a switch comes with each sleep' };
const FEWEST = { hot: 2_000_000, cold: 2_000_000, repeat: 2_000_000 };

/** @returns the programs with fewer rounds in some mode, and why */
function fewerTable() {
  const rows = versions.flatMap(({ python, seen }) =>
    INTERVALS.flatMap((interval) =>
      Object.entries(seen[interval] ?? {}).flatMap(([name, row]) =>
        Object.entries(FEWEST)
          .filter(([mode, fewest]) => row[mode] && row[mode].rounds < fewest)
          .map(([mode]) => {
            if (!(name in REASONS)) throw new Error(`${python}, ${interval} s: too few rounds of ${name}, ${mode}`);
            return [`\`${name}\`, ${mode}`, `${python}, ${inWords(interval)}`, count(row[mode].rounds), REASONS[name]];
          }),
      ),
    ),
  );
  return table(['program', 'Python', 'rounds', 'why'], rows);
}

const count = (value) => value.toLocaleString('en-US');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const head = ['each of two threads does', ...versions.map(({ python }) => python)];
const rows = STATEMENTS.map(([name, title]) => [title, ...versions.map((version) => cell(name, version))]);
const tables = {
  safe: table(head, rows),
  rounds: roundsTable(),
  fewer: fewerTable(),
  repeated: repeatedTable(),
  met: metTable(),
};
let guide = readFileSync(GUIDE, 'utf8');
for (const [name, text] of Object.entries(tables)) {
  const section = new RegExp(`(<!-- table: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!section.test(guide)) throw new Error(`safe-lines.md has no place for the table ${name}`);
  guide = guide.replace(section, (_, begin, end) => `${begin}\n${text}\n\n${end}`);
}
writeFileSync(GUIDE, guide);
