// Functions that throw or return what cannot be shown.
import { inspect } from 'node:util';
import { getIdent, task } from 'atomics-sync-free/threading';

function odd(kind: string): unknown {
  const fail = (thrown: unknown) => ({
    enumerable: true,
    get() {
      throw thrown;
    },
  });
  if (kind === 'stack') return Object.defineProperty(new Error('odd'), 'stack', fail(new Error('no stack')));
  if (kind === 'nothing') return Object.defineProperty(new Error('odd'), 'detail', fail(undefined));
  if (kind === 'inspected') return Object.defineProperty(new Error('odd'), inspect.custom, fail(new Error('no stack')));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Throws, or returns the ident of its worker. */
export const throwOdd = task(import.meta.url, 'throwOdd', (kind: string): number => {
  if (kind === '') return getIdent();
  throw odd(kind);
});

/** Throws, and has every error throw from then on when its stack is read. */
export const throwWithoutStacks = task(import.meta.url, 'throwWithoutStacks', (): never => {
  Error.prepareStackTrace = () => {
    throw new Error('no stack');
  };
  throw new Error('odd');
});

export const pidOf = task(import.meta.url, 'pidOf', () => [process.pid, getIdent()]);

/** An error to be thrown with a cause that cannot be sent. */
export class Unsent extends RangeError {
  override readonly name = 'Unsent';
  readonly status = 503;
  readonly code = 'E_UNSENT';
}

/** Throws an error part of which cannot be sent. */
export const throwCaused = task(import.meta.url, 'throwCaused', (isMany: boolean): never => {
  const error = new Unsent('caused', { cause: { callback: () => {} } });
  throw isMany ? new AggregateError([error, 1], 'many') : error;
});

/** Returns an object that throws when it is sent. */
export const returnOdd = task(import.meta.url, 'returnOdd', (kind: string) => ({
  get value(): never {
    throw kind === 'function' ? () => {} : kind === 'symbol' ? Symbol('odd') : new Unsent('odd', { cause: () => {} });
  },
}));

/** Throws something too large for the rings of pools and managers. */
export const throwLarge = task(import.meta.url, 'throwLarge', (kind: string): never => {
  const text = 'x'.repeat(2 ** 26);
  if (kind === 'text') throw text;
  throw kind === 'message' ? new RangeError(text) : new AggregateError([new RangeError(text), text], 'many');
});

export const newThrower = task(import.meta.url, 'newThrower', () => ({ throwOdd, throwCaused, throwLarge, returnOdd }));
