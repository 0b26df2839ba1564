// Measures how fast the package is, compared with the floor and its peers.
//
//   npm run bench -- [NAME…] [--quick] [--json [FILE]] [--node PATH] [--against DIR]
//
// report.mjs writes docs/performance.md.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { isBuild } from './lib/builds.mjs';
import { number } from './lib/format.mjs';
import { Lab, runs } from './lib/lab.mjs';
import { QUESTIONS } from './questions/index.mjs';

const path = (text) => resolve(text);
const names = QUESTIONS.map(({ name }) => name);

const command = new Command('bench')
  .description('Measures how fast the package is, beside the floor and its peers, interleaved in one run.')
  .addArgument(
    new Argument('[names...]', `questions; all by default: ${names.join(', ')}`).argParser((name, before = []) => {
      if (names.includes(name)) return [...before, name];
      throw new InvalidArgumentError(`no question is called ${name}; there are ${names.join(', ')}.`);
    }),
  )
  .option('--quick', 'all questions within a minute, roughly')
  .option('--json [file]', 'write the figures as JSON, to a file or instead of the tables')
  .option('--node <path>', 'the Node.js that runs the contenders', process.execPath)
  .option('--against <dir>', 'another build of the package, for the questions `checker` and `versions`', path)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const { quick = false, json, node, against } = command.opts();
if (!runs(node)) command.error(`error: ${node} is not a Node.js that runs`);
if (against !== undefined && !isBuild(against)) command.error(`error: ${against} is not a build of the package`);
const chosen = command.args.length === 0 ? names : command.args;
const print = json === true ? () => {} : (text) => console.log(text);
const started = performance.now();
const seconds = (since) => (performance.now() - since) / 1000;

// However the run ends, its contenders end with it, and what was compiled for it is removed.
process.on('exit', () => lab.clear());
for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => process.exit(code));
}

const lab = new Lab({
  node,
  quick,
  against,
  say: (text) => {
    const line = `[${seconds(started).toFixed(0)} s] ${text}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    else process.stderr.write(`${line}\n`);
  },
});
const [processor] = cpus();
const machine = {
  node: lab.versions.node,
  v8: lab.versions.v8,
  python: lab.python ?? null,
  cc: lab.cc ?? null,
  processor: processor?.model ?? 'unknown',
  processors: cpus().length,
  platform: `${process.platform} ${process.arch}`,
  load: loadavg()[0],
  date: new Date().toISOString().slice(0, 10),
  quick,
};
const run = { machine, seconds: 0, questions: {} };

for (const { name, title, missing, measure, tables, targets } of QUESTIONS.filter(({ name }) =>
  chosen.includes(name),
)) {
  const reason = missing?.(lab);
  if (reason !== undefined) {
    print(`\n${title}  (${name}): left out, because ${reason}`);
    continue;
  }
  const began = performance.now();
  const data = await measure(lab);
  const answer = { title, seconds: seconds(began), tables: tables(data), targets: targets(data), data };
  run.questions[name] = answer;
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  print(`\n${title}  (${name}, ${answer.seconds.toFixed(0)} s)`);
  for (const { title: head, head: columns, rows } of answer.tables) print(`\n${head}\n${drawn(columns, rows)}`);
  if (answer.targets.length > 0) print(`\n${drawn(['target', '', 'figure', ''], answer.targets.map(verdict))}`);
}
run.seconds = seconds(started);

const all = Object.values(run.questions).flatMap(({ targets }) => targets);
const count = (met) => all.filter((target) => target.met === met).length;
print(
  `\n${count(true)} targets met, ${count(false)} missed, ${count(null)} not measured, in ${run.seconds.toFixed(0)} s`,
);
if (json === true) console.log(JSON.stringify(run));
else if (json !== undefined) writeFileSync(json, `${JSON.stringify(run)}\n`);

function drawn(head, rows) {
  const colAligns = head.map((_, i) => (i === 0 ? 'left' : 'right'));
  const table = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

function verdict({ what, target, value, met, note }) {
  const word = met === null ? 'not measured' : met ? 'met' : 'missed';
  return [note === undefined ? what : `${what} (${note})`, target, number(value), word];
}
