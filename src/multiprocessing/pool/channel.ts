/** The rings of a pool or a manager, as they are given to the other side: queues whose items have another encoding. */
import type { Kind } from '../../core/memory/cells.js';
import { CHANNEL_CODE } from '../../core/memory/codes.js';
import { Ring } from '../ring/ring.js';
import type { Segments } from '../ring/segments.js';
import { RING_CELL } from '../ring/sides.js';
import { SimpleQueue } from '../simple-queue.js';

export class Channel extends SimpleQueue<never> {
  /** @internal */
  static override readonly kind: Kind = { ...RING_CELL, name: 'channel', code: CHANNEL_CODE };

  /** @param see makes the view of its memory */
  open(see: (memory: SharedArrayBuffer) => Segments): Ring {
    return new Ring(this, this.arena.member, this.cell, see(this.ring.memory));
  }
}
