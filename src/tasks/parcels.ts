/** Values in transit between a worker and the agent that started it: bytes, and the shared memory that they refer to. */
import { sending, type Way } from '../core/memory/ways.js';
import type { Codec, Memories } from './codec/index.js';

/** A value as sent. It has no bytes if it is undefined, as most results are: the codec is then not used. */
export interface Parcel {
  readonly bytes: Uint8Array;
  /** The memory that the bytes refer to, by index. */
  readonly memory: readonly SharedArrayBuffer[];
  /** The ways of the objects in it that are in transit. */
  readonly ways?: readonly Way[];
  /** The kind of live objects in it that not every worker knows. */
  readonly rarer?: Rarer | undefined;
}

/** A kind of live objects that not every worker knows. */
export interface Rarer {
  readonly kind: string;
  /** The module of the package that makes it known. */
  readonly home: string;
}

/** A parcel that has just been packed. */
interface Packed extends Parcel {
  /** Whether it contains live objects, or errors of classes that are known by name. */
  readonly hasOurs: boolean;
  /** The kinds of the live objects. */
  readonly kinds: readonly string[];
}

const NO_BYTES = new Uint8Array(0);

/** Packs and unpacks parcels. */
export class Parcels {
  readonly #make: (memories: Memories) => Codec;
  /** One for all parcels: creating one takes much longer than a small parcel. */
  #codec: Codec | undefined;
  /** The memory that bytes refer to while they are written or read, by index. */
  #named: SharedArrayBuffer[] = [];
  readonly #memories: Memories = {
    idOf: (buffer) => {
      const at = this.#named.indexOf(buffer);
      return at >= 0 ? at : this.#named.push(buffer) - 1;
    },
    of: (id) => this.#named[id],
  };

  /** @param make creates the codec, which names memory in this way */
  constructor(make: (memories: Memories) => Codec) {
    this.#make = make;
  }

  /** Drops the codec, so that a new one is created with the classes that have become known. */
  renew(): void {
    this.#codec = undefined;
  }

  #current(): Codec {
    this.#codec ??= this.#make(this.#memories);
    return this.#codec;
  }

  /** Makes a call during which bytes refer to this memory; the call may itself pack and unpack other parcels. */
  #naming<T>(memory: SharedArrayBuffer[], call: (codec: Codec) => T): T {
    const before = this.#named;
    this.#named = memory;
    try {
      return call(this.#current());
    } finally {
      this.#named = before;
    }
  }

  /**
   * @param root the name of the value in error messages
   * @param known memory that the receiver has, by index
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be sent
   */
  pack(value: unknown, root: string, known: readonly SharedArrayBuffer[] = []): Packed {
    const memory = [...known];
    if (value === undefined) return { bytes: NO_BYTES, memory, hasOurs: false, kinds: [] };
    return this.#naming(memory, (codec) => {
      const { written: bytes, ways } = sending(() => codec.encodeToBytes(value, root));
      return { bytes, memory, ways, hasOurs: codec.hasOurs, kinds: codec.kinds };
    });
  }

  /** Whether live objects of this kind are known here. */
  knows(kind: string): boolean {
    return this.#current().knows(kind);
  }

  /** @throws what the codec throws when it is damaged, or something in it cannot be attached */
  unpack({ bytes, memory }: Parcel): unknown {
    return bytes.length === 0 ? undefined : this.#naming([...memory], (codec) => codec.decodeBytes(bytes));
  }
}
