/**
 * How an agent becomes a member of an arena, even one whose slots all belong to dead agents: only members watch each other,
 * so nobody may have noticed.
 *
 * An agent that finds no free slot takes the extra one that no member has, the *entrance*. There it is watched as members
 * are, so it may retire the dead. Then it leaves the entrance, and takes a slot that has become free. It holds nothing while
 * in the entrance, so if it dies there, the next agent only needs to free the entrance. If it finds no dead member, one that
 * is away makes room: otherwise workers that let go of an arena before they end would fill it with slots of the dead.
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

/**
 * How long an entering agent waits for others that are entering, in ms, and how often it tries; they need a small part of that.
 */
const PATIENCE = 1000;
/** After this many tries, slots that others claimed but never took are free to take. */
const MANY_TRIES = 50;
/** How often an agent tries where it must not block. */
const FEW_TRIES = 3;

/**
 * Takes a slot, if need be that of a member that has ended.
 *
 * @returns the pulse of the agent that now has it
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
 * @param late whether to take slots that others claimed but never took
 * @returns the pulse of the agent that now has a slot, or undefined when it is too early to say that there is none
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

/** Retires the dead if nobody else is in the entrance; if somebody died there, frees the entrance for the next attempt. */
function retireTheDead(words: Int32Array, identity: Identity): void {
  const pulse = takeEntrance(words, identity, (agent) => new Pulse(words, agent));
  if (pulse === undefined) {
    const other = inEntrance(words);
    if (isCondemned(words, other)) freeSlot(words, other);
    return;
  }
  const { agent } = pulse;
  retireAll(words, agent);
  // In this order: as long as it is not condemned, its pulse shows whether it is alive.
  condemn(words, agent);
  pulse.stop();
  freeSlot(words, agent);
}
