/**
 * An async function turns the suspension that is thrown through it into a rejected promise that nobody handles, and hosts
 * end the process for that. The explorer reports such code; its process must live to read the report.
 */

/** What is asked of the host, where it has it. */
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
 * Until the present task is over, rejections that are the explorer's own end nothing; others end what they did before.
 *
 * @param isOurs - Tells which those are.
 */
export function quietRejections(isOurs: (reason: unknown) => boolean): void {
  if (quiet) return;
  quiet = true;
  const host = globalThis as unknown as Host;
  const onNode = (reason: unknown): void => {
    // Where the program listens itself, it is the one that is told.
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
