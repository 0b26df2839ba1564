// Errors that cannot be shown.
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
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Throws, or returns which worker it was. */
export const throwOdd = task(import.meta.url, 'throwOdd', (kind: string): number => {
  if (kind === '') return getIdent();
  throw odd(kind);
});

export const newThrower = task(import.meta.url, 'newThrower', () => ({ throwOdd }));
