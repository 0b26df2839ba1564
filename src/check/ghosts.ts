/**
 * Changes of ghost words on the way from one operation to the next. Checks see a ghost only where the threads stop:
 * none of them sees one that was changed and changed back on the way.
 */
import type { Effect } from './finding.js';
import type { Image, Images } from './images.js';
import type { Arrival } from './past.js';

export const NOTHING: readonly number[] = [];

export class Ghosts {
  readonly #images: Images;
  /** The ghosts that the last move (or the start) changed and changed back. */
  lastUnseen = NOTHING;

  constructor(images: Images) {
    this.#images = images;
  }

  /** @returns the image after a thread has arrived */
  affect(image: Image, { effects }: Arrival): Image {
    if (effects.length === 0) return image;
    let result = image;
    for (const effect of effects) result = this.#images.set(result, effect.word, this.#valueAfter(result, effect));
    if (haveRepeated(effects)) this.lastUnseen = this.lastUnseen.concat(this.#undone(effects, image, result));
    return result;
  }

  #valueAfter(image: Image, { word, value, relative }: Effect): number {
    return relative ? (this.#images.get(image, word) + value) | 0 : value;
  }

  /** Changed ghosts that have their former value again. */
  #undone(effects: readonly Effect[], before: Image, after: Image): number[] {
    const changed = effects.filter(({ word, value, relative }) =>
      relative ? value !== 0 : this.#images.get(before, word) !== value,
    );
    const words = new Set(changed.map(({ word }) => word));
    return [...words].filter((word) => this.#images.get(before, word) === this.#images.get(after, word));
  }
}

/** Whether any ghost changes more than once. */
function haveRepeated(effects: readonly Effect[]): boolean {
  for (let later = 1; later < effects.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) if (effects[earlier].word === effects[later].word) return true;
  }
  return false;
}
