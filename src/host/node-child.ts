/**
 * Child processes of Node, Deno and Bun: child_process. The child runs a program with a link to its parent; it prints where
 * the parent prints, and has no input.
 */
import type * as ChildProcess from 'node:child_process';
import type * as Net from 'node:net';
import type * as Os from 'node:os';
import type { Host, Input } from './host.js';
import { type ByteSink, type ByteSource, Link } from './link.js';
import { isNode } from './node-itself.js';
import { compileCache } from './node-load.js';

/** The child's descriptors of the link: what it reads, and what it writes. */
const READ = 3;
const WRITTEN = 4;

// Loading them takes a few ms, and most agents have no child process.
const childProcess = () => process.getBuiltinModule('node:child_process') as typeof ChildProcess;
const net = () => process.getBuiltinModule('node:net') as typeof Net;
const os = () => process.getBuiltinModule('node:os') as typeof Os;

export const startChild: Host['startChild'] = async ({ source }, { env = process.env, execArgv } = {}) => {
  // In Deno, code given to -e cannot import modules; code given to eval can.
  const run =
    'Deno' in globalThis ? ['eval', ...(execArgv ?? [])] : [...(execArgv ?? optionsForChild(process.execArgv)), '-e'];
  const cache = compileCache();
  const child = childProcess().spawn(process.execPath, [...run, source], {
    env: cache === undefined ? env : { ...env, NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'inherit', 'inherit', pipeKind(), pipeKind()],
    windowsHide: true,
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('exit', (code, signal) =>
      resolve(code === null ? -os().constants.signals[signal as NodeJS.Signals] : codeOf(code)),
    );
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined) throw await exit.catch((error: unknown) => error);
  const link = new Link(child.stdio[WRITTEN] as unknown as ByteSource, child.stdio[READ] as unknown as ByteSink);
  return { pid, exit, link, input: inputOf(child.stdio[READ] as unknown as Pipe) };
};

/**
 * On Windows a pipe of the other kind does one thing at a time in the child: while it is read, nothing can be written to it.
 * Only Node has a choice there, and elsewhere there is no difference.
 */
const pipeKind = (): 'overlapped' | 'pipe' => (isNode && process.platform === 'win32' ? 'overlapped' : 'pipe');

/** Windows reports failures of the system, such as an access violation, by codes from here on, and below the second. */
const FAILURES = 0x8000_0000;
const AFTER_FAILURES = 0xf000_0000;

/** Elsewhere an exit code has 8 bits. */
const codeOf = (code: number): number => (code >= FAILURES && code < AFTER_FAILURES ? code : code & 255);

/** The internals of a Node stream over a descriptor. */
interface Pipe {
  readonly _handle?: { readonly fd?: number };
  _destroy(error: Error | null, done: () => void): void;
}

/** Only in Node, and not on Windows, whose pipes have no descriptor. */
function inputOf(pipe: Pipe): Input | undefined {
  const descriptor = pipe._handle?.fd ?? -1;
  if (descriptor < 0 || !isNode) return undefined;
  const beforeClose = (call: () => void): void => {
    const destroy = pipe._destroy;
    // Whatever closes the stream, such as an error at the other end, passes through here.
    pipe._destroy = (error, done) => {
      call();
      destroy.call(pipe, error, done);
    };
  };
  return { descriptor, beforeClose };
}

/** Options that say what this process runs are not passed to its children. */
const OWN = /^(-e|-p|-pe|--eval|--print)$/;

/** @returns the options of this process that its children inherit */
function optionsForChild(options: readonly string[]): string[] {
  const isOwn = (option: string | undefined): boolean => option !== undefined && OWN.test(option);
  return options.filter(
    (option, at) => !isOwn(option) && !isOwn(options[at - 1]) && !/^-(i|-interactive)$/.test(option),
  );
}

export const linkToParent: Host['linkToParent'] = () => {
  const link = new Link(socketOf(READ, { readable: true }), socketOf(WRITTEN, { writable: true }));
  // Nobody is left who needs this process.
  void link.closed.then(() => process.exit(1));
  return link;
};

/** @param uses what it is for: where it is not said, nothing must be read, for the sake of Windows (see `pipeKind`) */
function socketOf(fd: number, { readable = false, writable = false }): Net.Socket {
  // Bun takes a descriptor only in connect(), where the others do not.
  if ('Bun' in globalThis) return net().connect({ fd } as never);
  return new (net().Socket)({ fd, readable, writable });
}

export const kill: Host['kill'] = (pid, signal) => {
  // 0 would signal all processes of this one's group.
  if (pid === 0) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
};

export const exitAfter: Host['exitAfter'] = (status, signal) => {
  if (process.platform !== 'win32' || status !== 1) return status;
  return -os().constants.signals[signal];
};

export const onSignal: Host['onSignal'] = (listener) => {
  const signal = process.platform === 'win32' ? 'SIGBREAK' : 'SIGUSR2';
  process.on(signal, listener);
  return () => process.off(signal, listener);
};

export const onExit: Host['onExit'] = (last) => {
  process.on('exit', last);
};
