/** Values on their way between a worker and whoever started it: bytes, and the shared memory that they refer to. */
import { sending, type Way } from '../core/memory/ways.js';
import type { Codec, Memories } from './codec/index.js';

/** A value as it is sent. It has no bytes where it is undefined, as most results are: the codec is not asked then. */
export interface Parcel {
  readonly bytes: Uint8Array;
  /** The memory that the bytes refer to, by index. */
  readonly memory: readonly SharedArrayBuffer[];
  /** What is on its way by it. */
  readonly ways?: readonly Way[];
  /** Of live objects in it that not every worker knows. */
  readonly rarer?: Rarer | undefined;
}

/** A kind of live objects that not every worker knows. */
export interface Rarer {
  readonly kind: string;
  /** The module of the package that makes it known. */
  readonly home: string;
}

/** A parcel that was made just now. */
interface Packed extends Parcel {
  /** Whether there are live objects in it, or errors of classes that are known by name. */
  readonly hasOurs: boolean;
  /** The kinds of the live objects. */
  readonly kinds: readonly string[];
}

const NO_BYTES = new Uint8Array(0);

/** Makes parcels, and opens them. */
export class Parcels {
  readonly #make: (memories: Memories) => Codec;
  /** One for all parcels: to make one takes much longer than a small parcel. */
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

  /** @param make makes the codec, which names memory so */
  constructor(make: (memories: Memories) => Codec) {
    this.#make = make;
  }

  /** Has the codec made anew, since more classes are known. */
  renew(): void {
    this.#codec = undefined;
  }

  #current(): Codec {
    this.#codec ??= this.#make(this.#memories);
    return this.#codec;
  }

  /** Calls something while bytes refer to this memory; that call may make and open other parcels meanwhile. */
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
   * @param root what the value is called in the message of an error
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
