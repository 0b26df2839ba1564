/** What a user declares about an array of shared words: its initial contents, and the names and use of its words. */

import { ScenarioError } from './errors.js';
import { either, FUNCTION, hold, LIST, OBJECT, type Rules, TEXT } from './rules.js';

/** How to name the words of a {@link Region}, and which of them may be accessed plainly. */
export interface RegionOptions {
  /** Name of the array in reports, where a word has no name of its own. Default: `words`. */
  readonly name?: string | undefined;
  /** Names of words by index, or a function that returns one (or undefined). */
  readonly names?: Readonly<Record<number, string>> | ((index: number) => string | undefined) | undefined;
  /** Words that are meant to be accessed without Atomics while other threads use them: indices, or a predicate. Default: none. */
  readonly plain?: readonly number[] | ((index: number) => boolean) | undefined;
  /**
   * Words that no thread changes: indices, or a predicate. Reading one, plainly or not, is not a step, which saves
   * states; changing one is an error. Default: none.
   */
  readonly constant?: readonly number[] | ((index: number) => boolean) | undefined;
  /**
   * Words that only one thread uses: returns that thread's position in {@link Scenario.threads}, or undefined. Its
   * accesses are one step with the operation before, which saves states; an access by another thread is an error.
   * Default: none.
   */
  readonly privateTo?: ((index: number) => number | undefined) | undefined;
}

/** An array of shared words with its initial contents; made by {@link region}, which has an example. */
export class Region {
  readonly #image: Int32Array;
  readonly #options: RegionOptions;

  /** @internal */
  constructor(image: Int32Array, options: RegionOptions) {
    this.#image = new Int32Array(new SharedArrayBuffer(image.byteLength));
    this.#image.set(image);
    this.#options = options;
  }

  /** @internal */
  static parts(of: Region): { image: Int32Array; options: RegionOptions } {
    return { image: of.#image, options: of.#options };
  }
}

/**
 * Declares an existing array as (part of) a scenario's memory.
 *
 * @param image - The initial contents; copied, and never written.
 * @param options - Names, and the words whose plain access is declared.
 * @returns A region for {@link Scenario.memory}.
 * @throws ScenarioError if an option is unknown, or names a word that the image does not have.
 * @example
 * ```ts
 * import { explore, region } from 'atomics-sync-free/check';
 *
 * const memory = region(new Int32Array(16), { name: 'queue', names: { 0: 'head' }, plain: [0] });
 * const { verdict } = explore({ memory, threads: [({ words }) => words[0]!++], final: ({ head }) => head === 1 });
 * console.log(verdict); // ok
 * ```
 */
export function region(image: Int32Array, options: RegionOptions = {}): Region {
  validate(image, options);
  return new Region(image, options);
}

const REGION: Rules<RegionOptions> = {
  name: TEXT,
  names: either(OBJECT, FUNCTION),
  plain: either(LIST, FUNCTION),
  constant: either(LIST, FUNCTION),
  privateTo: FUNCTION,
};

function validate(image: unknown, options: RegionOptions): void {
  if (!(image instanceof Int32Array)) throw new ScenarioError('region: the image must be an Int32Array');
  hold('region', options, REGION);
  const { names, plain, constant } = options;
  const lists: Readonly<Record<string, unknown>> = {
    names: OBJECT.is(names) ? Object.keys(names as object).map(Number) : [],
    plain,
    constant,
  };
  for (const [field, list] of Object.entries(lists)) {
    if (!Array.isArray(list)) continue;
    const wrong = list.find((index) => !(Number.isInteger(index) && index >= 0 && index < image.length));
    if (wrong !== undefined)
      throw new ScenarioError(`region.${field}: there is no word ${wrong} in ${image.length} words`);
  }
}
