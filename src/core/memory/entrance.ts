/**
 * How an agent becomes a member of an arena, also of one whose slots all belong to the dead: only members look after each
 * other, so it may be that nobody has looked.
 *
 * Who finds no free slot takes the one that no member has, the *entrance*. It is looked after there as members are, so that
 * it may retire the dead. Then it leaves the entrance, and takes a slot that has become free. It has nothing while it is in
 * the entrance, so that if it dies there, whoever comes next need do no more than free that. Where nobody has died that it can
 * know of, one that is away makes room: workers that let go of an arena before they end would fill it with slots of the dead.
 */
import { SyncError } from '../errors.js';
import { mayBlock, sleep } from '../wait/sleep.js';
import { hasEnded, Pulse } from './pulse.js';
import { agentSlots } from './region.js';
import {
  areInTransit,
  condemn,
  condemnAway,
  eachAgent,
  freeSlot,
  type Identity,
  inEntrance,
  isCondemned,
  takeEntrance,
  takeOutClaims,
  takeSlot,
} from './slots.js';
import { retireAll } from './sweep.js';

/** How long who enters waits for others that do, in ms, and how often it tries; what they do takes a small part of that. */
const PATIENCE = 1000;
/** After so many tries what others have claimed, and not come to have, is there for whoever takes it. */
const MANY_TRIES = 50;
/** Where it must not block, an agent tries so often. */
const FEW_TRIES = 3;

/**
 * Takes a slot, if need be that of a member that has ended.
 *
 * @returns the pulse of the agent that has it now
 * @throws SyncError `ERR_NO_SLOT`
 */
export function enter(words: Int32Array, identity: Identity): Pulse {
  const patience = mayBlock() ? PATIENCE : FEW_TRIES;
  for (let tries = 1; tries <= patience; tries++) {
    const pulse = tryToEnter(words, identity, tries >= Math.min(patience, MANY_TRIES));
    if (pulse !== undefined) return pulse;
    if (mayBlock()) sleep(1);
  }
  throw noSlot(words);
}

/**
 * @param late whether to take slots that others have claimed, and not come to have
 * @returns the pulse of the agent that has a slot now, or undefined when it is too early to say that there is none
 * @throws SyncError `ERR_NO_SLOT`
 */
export function tryToEnter(words: Int32Array, identity: Identity, late: boolean): Pulse | undefined {
  const first = takeSlot(words, identity, (agent) => new Pulse(words, agent));
  if (first !== undefined) return first;
  eachAgent(words, (other) => {
    if (hasEnded(words, other, true)) condemn(words, other);
  });
  const mayFind = areInTransit(words) || condemnAway(words);
  if (late) takeOutClaims(words);
  if (mayFind) retireTheDead(words, identity);
  const pulse = takeSlot(words, identity, (agent) => new Pulse(words, agent));
  if (pulse === undefined && !mayFind) throw noSlot(words);
  return pulse;
}

const noSlot = (words: Int32Array): SyncError =>
  new SyncError(
    'ERR_NO_SLOT',
    `all ${agentSlots(words)} agent slots of this arena are taken; make it with more ({ agents }), or retire() the agents ` +
      'that were terminated',
  );

/** Does so if nobody else is in the entrance; where somebody has died there, the next time. */
function retireTheDead(words: Int32Array, identity: Identity): void {
  const pulse = takeEntrance(words, identity, (agent) => new Pulse(words, agent));
  if (pulse === undefined) {
    const other = inEntrance(words);
    if (isCondemned(words, other)) freeSlot(words, other);
    return;
  }
  const { agent } = pulse;
  retireAll(words, agent);
  // In this order: as long as it is not condemned, its pulse shows whether it lives.
  condemn(words, agent);
  pulse.stop();
  freeSlot(words, agent);
}
