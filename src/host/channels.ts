/**
 * Node's diagnostics_channel, through which OpenTelemetry and others observe a program, on hosts that have it: Node, Deno and Bun.
 */

/** A named channel: subscribers get what is published. */
interface DiagnosticsChannel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface Host {
  getBuiltinModule?(name: 'node:diagnostics_channel'): { channel(name: string): DiagnosticsChannel } | undefined;
}

/** @returns the package's channel for one kind of event, if the host has channels */
export function channelFor(event: string): DiagnosticsChannel | undefined {
  const { process } = globalThis as { process?: Host };
  return process?.getBuiltinModule?.('node:diagnostics_channel')?.channel(`atomics-sync-free:${event}`);
}
