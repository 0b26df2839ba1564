/** What the objects of a cluster share: connections, keeper, settings and waiters. */
import type { Keeper } from './keeper.js';
import type { Server } from './server.js';
import { closedError } from './server-error.js';
import type { Slots } from './slots.js';

/** @internal A waiter for messages. */
export interface Listener {
  /** A message about the request. */
  hear(text: string): void;
  /** Messages may have been missed. */
  look(): void;
}

/** @internal */
interface LinkSettings {
  readonly namespace: string;
  /** The prefix of this agent's request names. */
  readonly client: string;
  readonly lease: number;
  readonly margin: number;
  readonly patience: number;
  readonly replicas: number;
}

/** @internal */
interface Connections {
  readonly server: Server;
  readonly ears: Server;
  readonly witness: Server | undefined;
}

/** @internal */
export class Link {
  readonly namespace: string;
  /** The prefix of the channels on which clients listen. */
  readonly channels: string;
  readonly lease: number;
  readonly margin: number;
  readonly patience: number;
  readonly replicas: number;
  /** The connection for commands. */
  readonly server: Server;
  /** The connection that receives messages. */
  readonly ears: Server;
  /** The connection on which replicas are waited for, which nothing else can use meanwhile; undefined if none are. */
  readonly witness: Server | undefined;
  readonly keeper: Keeper;
  /** By request. */
  readonly waiters = new Map<string, Listener>();
  /** Waiters without a request. */
  readonly lookers = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(settings: LinkSettings, { server, ears, witness }: Connections, keeper: Keeper) {
    const { namespace, lease, margin, patience, replicas } = settings;
    this.namespace = namespace;
    this.channels = channelsOf(namespace);
    this.lease = lease;
    this.margin = margin;
    this.patience = patience;
    this.replicas = replicas;
    this.server = server;
    this.ears = ears;
    this.witness = witness;
    this.keeper = keeper;
  }

  get slots(): Slots {
    return this.keeper.slots;
  }

  /** Begins to listen. */
  async listen(client: string): Promise<void> {
    await this.ears.subscribe(this.channels + client, (message) => {
      const end = message.indexOf(' ');
      this.waiters.get(message.slice(0, end))?.hear(message.slice(end + 1));
    });
    this.ears.onReconnected(() => this.#lookAgain());
  }

  #lookAgain(): void {
    for (const { look } of this.waiters.values()) look();
    for (const look of this.lookers) look();
  }

  /** @throws SyncError `ERR_CLOSED` */
  checkOpen(): void {
    if (this.#closing !== undefined) throw closedError(this.server.label);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#lookAgain();
    await this.keeper.close();
    await Promise.all([this.server.close(), this.ears.close()]);
    await this.witness?.close();
  }
}

/** @internal @returns the prefix of the channels on which clients of a namespace listen */
export const channelsOf = (namespace: string): string => `${namespace}:client:`;
