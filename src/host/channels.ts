/**
 * Node's diagnostics_channel, by which OpenTelemetry and others learn what goes on in a program, where the host has it: Node,
 * Deno and Bun.
 */

/** A named channel: whoever has subscribed gets what is published. */
interface DiagnosticsChannel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface Host {
  getBuiltinModule?(name: 'node:diagnostics_channel'): { channel(name: string): DiagnosticsChannel } | undefined;
}

/** @returns the package's channel for one kind of event, where the host has channels */
export function channelFor(event: string): DiagnosticsChannel | undefined {
  const { process } = globalThis as { process?: Host };
  return process?.getBuiltinModule?.('node:diagnostics_channel')?.channel(`atomics-sync-free:${event}`);
}
