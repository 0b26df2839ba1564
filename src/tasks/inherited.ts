/** The settings of this agent that what it starts inherits. */
import { duty, type Inherited, markUsed } from './order.js';

let own: Inherited = {};

/** @returns what this agent has set, or has inherited */
export const inherited = (): Inherited => ({ ...duty()?.order.inherits, ...own });

/** @returns what this agent has set itself */
export const ownSettings = (): Inherited => own;

/** Changes settings. A later thread of this worker must not have them. */
export function setInherited(settings: Inherited): void {
  own = { ...own, ...settings };
  markUsed();
}
