// What processes do, for a test in which they resemble those of Windows.
import { type Connection, isMain, Pipe, Pool, Process, task } from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;
const context = 'process';
const LONG = 20_000;

export const double = task(here, 'double', (x: number) => 2 * x);
export const exit = task(here, 'exit', (code: number) => process.exit(code));
export const print = task(here, 'print', () => void process.stdout.write('größer\n'));
export const answer = task(here, 'answer', async (connection: Connection) => {
  await connection.sendAsync(2 * ((await connection.recvAsync()) as number));
  await connection.recvAsync();
});

/** @returns a process that has begun, and waits */
async function waiting(): Promise<Process> {
  const [mine, its] = Pipe();
  const process = new Process({ target: answer, args: [its], context });
  process.start();
  its.close();
  await mine.sendAsync(21);
  if ((await mine.recvAsync({ timeout: LONG })) !== 42) throw new Error('another answer');
  return process;
}

async function codesOf(...processes: Process[]): Promise<unknown[]> {
  for (const process of processes) await process.joinAsync({ timeout: LONG });
  return processes.map(({ exitcode }) => exitcode);
}

function started(...codes: number[]): Process[] {
  return codes.map((code) => {
    const process = new Process({ target: exit, args: [code], context });
    process.start();
    return process;
  });
}

if (isMain) {
  const [what] = process.argv.slice(2);
  if (what === 'exit') {
    const processes = [await waiting(), await waiting()];
    processes[0].terminate();
    processes[1].kill();
    console.log(JSON.stringify(await codesOf(...processes, ...started(0, 1, 77, 78))));
  } else if (what === 'answer') {
    const pool = new Pool(1, { context });
    console.log(JSON.stringify(await pool.mapAsync(double, [1, 2, 3])));
    pool.terminate();
  } else {
    const process = new Process({ target: print, context: what as 'worker' | 'process' });
    process.start();
    console.error(JSON.stringify(await codesOf(process)));
  }
}
