// Fifteen programs as people write them, as files, by the command line, with this machine's python3.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';

const test = suite('programs by the command line');

const FOLDER = 'test/gil/python/asked/';
/** How long an answer may take, in ms of processor time, so that a busy machine does not decide it. */
const LONGEST = 10_000;
/** Makes a command report at its end how many µs of that it has used. */
const SAYS_TIME = 'process.on("exit", () => console.error(process.cpuUsage().user + process.cpuUsage().system))';
/** How long python3 may take, in ms, however busy the machine is. */
const PYTHON_LIMIT = 60_000;

/** Runs the functions on real threads of python3, and shows the results in the words of the outcomes. */
const SCRIPT = `
import sys, threading
path, threads, results = sys.argv[1:]
space = {'__name__': 'prog' if threads else '__main__'}
exec(compile(open(path).read(), path, 'exec'), space)
started = [threading.Thread(target=space[name]) for name in threads.split()]
threading.excepthook = lambda _: None
for thread in started: thread.start()
for thread in started: thread.join()
print(', '.join('%s = %r' % (each, eval(each, space)) for each in results.split(',')))
`;

const python = (args: readonly string[]): string =>
  execFileSync('python3', args, { encoding: 'utf8', timeout: PYTHON_LIMIT }).trim();

const version = python(['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
const files = readdirSync(FOLDER);

test('there are fifteen', () => assert.is(files.length, 15));

for (const file of files) {
  test(`${file}: what python3 comes to is among the answers, which take less than ${LONGEST / 1000} s of processor time`, async () => {
    const source = readFileSync(FOLDER + file, 'utf8');
    const word = (key: string): string => new RegExp(`^# ${key}:(.*)$`, 'm').exec(source)?.[1].trim() ?? '';
    const threads = word('threads') === '' ? [] : ['--threads', word('threads').split(' ').join(',')];
    const question = [FOLDER + file, ...threads, '--result', word('results'), '--python', version];
    const { code, stdout, stderr } = await runCommand(
      ['gil', 'outcomes', ...question, '--json'],
      ['--import', `data:text/javascript,${encodeURIComponent(SAYS_TIME)}`],
    );
    assert.is(code, 0, stderr);
    assert.match(stderr, /^\d+\n$/);
    assert.ok(Number(stderr) / 1000 < LONGEST, `${stderr} µs`);
    const [{ outcomes, endless }] = (
      JSON.parse(stdout) as { versions: { outcomes: { text: string; deadlock: unknown[] }[]; endless: boolean }[] }
    ).versions;
    assert.not.ok(endless);
    // What deadlocks here in some interleavings would hang there, if rarely.
    if (outcomes.some(({ deadlock }) => deadlock.length > 0)) return;
    const real = python(['-c', SCRIPT, FOLDER + file, word('threads'), word('results')]);
    const texts = outcomes.map(({ text }) => text.replace(/, \w+ raised .*$/, ''));
    assert.ok(texts.includes(real), `${real} is none of ${texts.join(' | ')}`);
  });
}

test.run();
