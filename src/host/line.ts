/** A line between an agent and the one who starts workers for it: a message port, or a call where both are one agent. */

/** One end of a line. */
export interface Line {
  send(message: unknown, transfer?: readonly Transferable[]): void;
}

/** Ports of hosts that end by themselves. */
interface HostPort {
  unref?(): void;
}

/**
 * Makes a line of a port. It keeps no agent alive.
 *
 * @param port one end
 * @param hear told what the other end sends
 * @param closed called when the other end is gone, where the host tells
 */
export function lineOver(port: MessagePort, hear: (message: unknown) => void, closed?: () => void): Line {
  port.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
  if (closed !== undefined) port.addEventListener('close', closed);
  (port as HostPort).unref?.();
  return { send: (message, transfer = []) => port.postMessage(message, [...transfer]) };
}
