// Makes processes, with their workers and children, resemble those of Windows, as far as the package can tell.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTestEnd } from './suite.js';

/**
 * What a process on Windows does differently:
 *
 * - A process that gets a signal ends at once, with the exit code 1. Codes have 32 bits: 77 stands for an access violation, 78 for -1.
 * - A pipe that is not overlapped takes nothing while it is read; Deno and Bun may have no other (PIPES=all).
 * - Bytes that are written to a console (CONSOLE=1) are shown in its code page, and what a stream of its own writes as it is.
 * - A pipe that nobody reads is reported as EOF (UNREAD=1).
 * - A folder can be removed only when a scanner has looked at it: at the second try.
 */
const TEXT = `
const { syncBuiltinESMExports } = require('node:module');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
// Loaded before it can see the change, it still finds the folder for temporary files.
require('node:os');
const tty = require('node:tty');
const { env } = process;
Object.defineProperty(process, 'platform', { value: 'win32' });

const { spawn } = childProcess;
childProcess.spawn = (command, args, options) => {
  const overlapped = env.PIPES !== 'all' && options.stdio[4] === 'overlapped';
  if (env.SPAWNED) fs.appendFileSync(env.SPAWNED, options.stdio.join() + '\\n');
  const child = spawn(command, args, { ...options, env: { ...env, ...options.env, CLOGS: overlapped ? '' : '1' } });
  const { emit, kill } = child;
  child.kill = () => kill.call(child, 'SIGKILL');
  child.emit = (event, code, signal) =>
    event === 'exit' ? emit.call(child, event, signal ? 1 : ({ 77: 0xc0000005, 78: 0xffffffff }[code] ?? code), null)
                     : emit.call(child, event, code, signal);
  return child;
};

net.Socket = new Proxy(net.Socket, {
  construct: (target, [options], like) => {
    const socket = Reflect.construct(target, [options], like);
    if (env.CLOGS && options?.fd > 2 && options.readable) socket._write = () => {};
    return socket;
  },
});

const { writeSync, rmSync } = fs;
fs.writeSync = (fd, bytes, ...others) => {
  if (fd !== 1 && fd !== 2) return writeSync(fd, bytes, ...others);
  if (env.UNREAD) throw Object.assign(new Error('EOF: end of file, write'), { code: 'EOF', syscall: 'write' });
  return writeSync(fd, env.CONSOLE ? Buffer.from(bytes).map((byte) => (byte < 128 ? byte : 63)) : bytes, ...others);
};
fs.rmSync = (path, options) => {
  if (!options?.maxRetries) throw Object.assign(new Error('EBUSY: rm ' + path), { code: 'EBUSY', syscall: 'rm' });
  return rmSync(path, options);
};
if (env.CONSOLE) {
  tty.isatty = (fd) => fd < 3;
  tty.WriteStream = class {
    constructor(fd) { this.fd = fd; }
    on() { return this; }
    write(bytes) { writeSync(this.fd, bytes); return true; }
  };
}
syncBuiltinESMExports();
`;

/** @returns options of Node by which a process, its workers and its children become such ones */
export function windowsHost(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'windows-'));
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'windows.cjs');
  writeFileSync(path, TEXT);
  return ['--require', path];
}
