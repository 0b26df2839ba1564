/** A line between an agent and the one who starts workers for it: a message port, or a call where both are one agent. */

/** One end of a line. */
export interface Line {
  send(message: unknown, transfer?: readonly Transferable[]): void;
}

/** Ports of hosts that end by themselves. */
interface HostPort {
  unref?(): void;
  on?(event: 'message', hear: (message: unknown) => void): void;
}

/** Has a port's messages told. */
export function listenTo(port: MessagePort, hear: (message: unknown) => void): void {
  const { on } = port as HostPort;
  // From version 22 on, the first message that Node makes an event of has it load all of its HTTP client, some 35 ms.
  if (on !== undefined) on.call(port, 'message', hear);
  else port.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
}

/**
 * Makes a line of a port. It keeps no agent alive.
 *
 * @param port one end
 * @param hear told what the other end sends
 * @param closed called when the other end is gone, where the host tells
 */
export function lineOver(port: MessagePort, hear: (message: unknown) => void, closed?: () => void): Line {
  listenTo(port, hear);
  if (closed !== undefined) port.addEventListener('close', closed);
  (port as HostPort).unref?.();
  return { send: (message, transfer = []) => port.postMessage(message, [...transfer]) };
}
