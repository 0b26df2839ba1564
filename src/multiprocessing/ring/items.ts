/** How items become bytes: by one codec an agent, which knows the classes that the agent has loaded. */
import type { Handle } from '../../core/memory/handle.js';
import { attachWith, type Shareable } from '../../core/share/sharing.js';
import { DISPOSE } from '../../sync/hold.js';
import { Codec, type CodecOptions, type Memory } from '../../tasks/codec/index.js';
import { knownClasses, knownErrors, registerClass } from '../../tasks/parcel.js';
import { memories } from './memories.js';

/** What makes all of them known, as it is seen from a folder of the package. */
const ENTRY = '../multiprocessing/index.js';

/** Has objects of a class come out of queues, and of arguments and results, as what they are. */
export function know(each: Shareable): void {
  registerClass(each, ENTRY);
}

/** A codec for items, which knows all the classes that this agent knows when it is first used after one was added. */
export class ItemCodec {
  readonly #root: string;
  readonly #options: CodecOptions;
  #codec: Codec | undefined;
  #known = 0;

  /**
   * @param root what an item is called in the message of an error
   * @param options how memory is named, or what goes in the place of live objects
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

/** Attaches what is live, and is over with it at once. */
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

/** Reads an item in nobody's name: what is live in it is let go. */
export function discardItem(memory: Memory, start: number, end: number): void {
  try {
    unread.current.decode(memory, start, end);
  } catch {
    // It names memory that has not come to this agent, so the rest of it cannot be read.
  }
}

/** How many bytes an item takes at the least, where that can be said at once. */
export function leastBytes(item: unknown): number {
  if (typeof item === 'string') return item.length;
  if (typeof item !== 'object') return 0;
  return ArrayBuffer.isView(item) || item instanceof ArrayBuffer ? item.byteLength : 0;
}
