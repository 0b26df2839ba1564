/**
 * An async function turns the suspension thrown through it into a rejected promise that nobody handles, for which hosts
 * end the process. The explorer reports such code, so its process must live for the report to be read.
 */

/** The parts of the host that are used, if present. */
interface Host {
  readonly process?: {
    on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
    listenerCount(event: 'unhandledRejection'): number;
    off(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  };
  addEventListener?(event: 'unhandledrejection', listener: (event: Rejection) => void): void;
  removeEventListener?(event: 'unhandledrejection', listener: (event: Rejection) => void): void;
}

interface Rejection {
  readonly reason: unknown;
  preventDefault(): void;
}

let quiet = false;
const later = globalThis.setTimeout;

/**
 * Until the current task is over, the explorer's own rejections end nothing; others end what they did before.
 *
 * @param isOurs - Says whether a rejection is the explorer's own.
 */
export function quietRejections(isOurs: (reason: unknown) => boolean): void {
  if (quiet) return;
  quiet = true;
  const host = globalThis as unknown as Host;
  const onNode = (reason: unknown): void => {
    // If the program has a listener of its own, that one is called.
    if (!isOurs(reason) && host.process?.listenerCount('unhandledRejection') === 1) throw reason;
  };
  const onWeb = (event: Rejection): void => {
    if (isOurs(event.reason)) event.preventDefault();
  };
  host.process?.on('unhandledRejection', onNode);
  if (host.process === undefined) host.addEventListener?.('unhandledrejection', onWeb);
  later(() => {
    quiet = false;
    host.process?.off('unhandledRejection', onNode);
    host.removeEventListener?.('unhandledrejection', onWeb);
  }, 0);
}
