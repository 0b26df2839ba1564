/**
 * The messages on the link between a child process and its keeper (keeper.ts). Values are sent as bytes of the codec,
 * without any memory that would be shared; a connection is sent as a number, and its items as messages.
 */
import type { Call } from '../../tasks/call.js';
import { Codec } from '../../tasks/codec/index.js';
import { knownErrors } from '../../tasks/parcel.js';
import { Connection } from '../connection.js';
import type { ProcessInfo, Self } from '../here.js';
import { ItemCodec } from '../ring/items.js';

/** To the child: what it does, an `Assignment`. */
export const START = 1;
/** An item of a connection, which the frame names by its index. */
export const ITEM = 2;
/** Items have been passed on; the message is how many. */
export const TAKEN = 3;
/** Nobody has the other end any more. */
export const END = 4;
/** An item cannot be sent; the message is the error. Nothing more comes. */
export const FAILED = 5;

/** What a child process is for. */
export interface Assignment {
  readonly call: Call;
  readonly args: readonly unknown[];
  readonly here: Self;
  readonly parent: ProcessInfo;
}

/** The directions of a connection, as the agent that has it sees them. */
export interface Directions {
  readonly readable: boolean;
  readonly writable: boolean;
}

interface StandIn extends Directions {
  readonly connection: number;
}

const NOT_THERE = 'which another process of the operating system cannot access';
const COPY = `${NOT_THERE}; send a copy, or use the start method 'worker'`;
const CONNECT = `${NOT_THERE}; give it a connection of a Pipe, whose items are sent as messages, or use the start method 'worker'`;

/** @param root what error messages call a value */
export const plainCodec = (root: string): ItemCodec =>
  new ItemCodec(root, { standIns: { of: () => undefined, attach: (it) => it, refusal: COPY } });

/**
 * @returns the message, and the connections that are numbered in it
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in the arguments cannot be sent
 */
export function encodeAssignment(assignment: Assignment): { bytes: Uint8Array; connections: Connection[] } {
  const connections: Connection[] = [];
  const of = (object: object): StandIn | undefined => {
    if (!(object instanceof Connection)) return undefined;
    const { readable, writable } = object;
    return { connection: connections.push(object) - 1, readable, writable };
  };
  const standIns = { of, attach: (it: object) => it, refusal: CONNECT };
  const codec = new Codec({ errors: knownErrors(), root: '', standIns });
  return { bytes: codec.encodeToBytes(assignment), connections };
}

/** @param connect makes the connection for a number */
export function decodeAssignment(
  bytes: Uint8Array,
  connect: (index: number, directions: Directions) => Connection,
): Assignment {
  const attach = (standIn: object): object => connect((standIn as StandIn).connection, standIn as StandIn);
  const standIns = { of: () => undefined, attach, refusal: COPY };
  return new Codec({ errors: knownErrors(), standIns }).decodeBytes(bytes) as Assignment;
}
