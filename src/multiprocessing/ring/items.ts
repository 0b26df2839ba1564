/** How items become bytes: by one codec per agent, which knows the classes that the agent has loaded. */
import type { Handle } from '../../core/memory/handle.js';
import { attachWith, type Shareable } from '../../core/share/sharing.js';
import { DISPOSE } from '../../sync/hold.js';
import { Codec, type CodecOptions, type Memory } from '../../tasks/codec/index.js';
import { knownClasses, knownErrors, registerClass } from '../../tasks/parcel.js';
import { memories } from './memories.js';

/** The module that makes all of them known, as seen from a folder of the package. */
const ENTRY = '../multiprocessing/index.js';

/** Makes objects of a class come out of queues, and of arguments and results, as what they are. */
export function know(each: Shareable): void {
  registerClass(each, ENTRY);
}

/** A codec for items. It is made anew at its first use after a class was added, so it knows all that this agent knows. */
export class ItemCodec {
  readonly #root: string;
  readonly #options: CodecOptions;
  #codec: Codec | undefined;
  #known = 0;

  /**
   * @param root what error messages call an item
   * @param options how memory is named, or what goes in place of live objects
   */
  constructor(root: string, options: CodecOptions = { memories }) {
    this.#root = root;
    this.#options = options;
  }

  get current(): Codec {
    const known = knownClasses().length + knownErrors().size;
    if (this.#codec === undefined || this.#known !== known) {
      this.#known = known;
      this.#codec = new Codec({
        ...this.#options,
        classes: knownClasses(),
        errors: knownErrors(),
        root: this.#root,
      });
    }
    return this.#codec;
  }
}

const items = new ItemCodec('item');

/** The codec of this agent's queues. */
export const itemCodec = (): Codec => items.current;

/** Attaches what is live, and disposes of it at once. */
function receive(handle: object): object {
  try {
    const live = attachWith(...knownClasses())<object>(handle as Handle as object);
    (live as Partial<Disposable>)[DISPOSE]?.();
    return live;
  } catch {
    // It is of a class, or in memory, that this agent does not know.
    return handle;
  }
}

const unread = new ItemCodec('item', { memories, standIns: { of: () => undefined, attach: receive, refusal: '' } });

/** Reads an item in nobody's name: live objects in it are let go. */
export function discardItem(memory: Memory, start: number, end: number): void {
  try {
    unread.current.decode(memory, start, end);
  } catch {
    // It names memory that has not reached this agent, so the rest of it cannot be read.
  }
}

/** The least number of bytes that an item takes, if that is known at once. */
export function leastBytes(item: unknown): number {
  if (typeof item === 'string') return item.length;
  if (typeof item !== 'object') return 0;
  return ArrayBuffer.isView(item) || item instanceof ArrayBuffer ? item.byteLength : 0;
}
