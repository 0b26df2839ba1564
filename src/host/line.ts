/** A line between an agent and the spawner that starts workers for it: a message port, or a call if both are one agent. */

/** One end of a line. */
export interface Line {
  send(message: unknown, transfer?: readonly Transferable[]): void;
}

/** The port of a host whose programs end by themselves. */
interface HostPort {
  unref?(): void;
  on?(event: 'message', hear: (message: unknown) => void): void;
}

/** Listens to a port's messages. */
export function listenTo(port: MessagePort, hear: (message: unknown) => void): void {
  const { on } = port as HostPort;
  // From version 22 on, the first message that Node turns into an event makes it load its whole HTTP client, about 35 ms.
  if (on !== undefined) on.call(port, 'message', hear);
  else port.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
}

/**
 * Makes a line of a port. It keeps no agent alive.
 *
 * @param port one end
 * @param hear called with what the other end sends
 * @param closed called when the other end is gone, on hosts that report it
 */
export function lineOver(port: MessagePort, hear: (message: unknown) => void, closed?: () => void): Line {
  listenTo(port, hear);
  if (closed !== undefined) port.addEventListener('close', closed);
  (port as HostPort).unref?.();
  return { send: (message, transfer = []) => port.postMessage(message, [...transfer]) };
}
