/** How a sample chooses the moves of a run. */
import { isFlush, isOwnMove, type Move, type State, threadOf } from './moves.js';
import type { Random } from './random.js';

/** If something else is possible, one choice in this many goes to a death or a time-out. */
const RARE = 20;
/** A thread, or its store buffer, of highest priority that moves this often in a row is considered to spin, even if it changes words, and must yield. */
const SPIN = 200;

/** Chooses among the moves possible in a state. Each run has its own. */
export type Strategy = (state: State, moves: readonly Move[]) => Move;

/** Any possible move with equal chance. */
export function anyMove(random: Random): Strategy {
  return (_, moves) => oneOf(random, moves);
}

/**
 * The thread of highest priority moves; see SampleOptions.strategy. A store buffer has a priority of its own, as if it were a thread:
 * with one above its thread's, each store arrives at once.
 *
 * @param threads - How many there are.
 * @param buffered - Whether they have store buffers.
 * @param depth - How many ordering constraints the bug may need.
 * @param length - How many moves a run has, as far as is known.
 */
export function byPriority(
  random: Random,
  threads: number,
  buffered: boolean,
  depth: number,
  length: number,
): Strategy {
  const priorities = shuffled(random, buffered ? 2 * threads : threads);
  const moverOf = (move: Move): number => threadOf(move) + (isFlush(move) ? threads : 0);
  const changes = Array.from({ length: depth - 1 }, () => random(length));
  let lowest = 0;
  let step = 0;
  let [last, inARow] = [-1, 0];
  /** Where the thread has been in its row of moves: being there again with the same words means that it has gone round. */
  const stood = new Set<string>();
  /** Threads and buffers that have gone round, with the words' image: until it changes they would go round again. */
  const rounds = new Map<number, number>();
  return (state, moves) => {
    const own = moves.filter((each) => isOwnMove(each) || isFlush(each));
    if (own.length === 0 || (own.length < moves.length && random(RARE) === 0)) return oneOf(random, moves);
    const image = state.image.id;
    const highest = (): number => {
      const movers = own.map(moverOf);
      const others = movers.filter((mover) => rounds.get(mover) !== image);
      if (others.length === 0) rounds.clear();
      return (others.length > 0 ? others : movers).reduce((x, y) => (priorities[y] > priorities[x] ? y : x));
    };
    const leader = highest();
    const place = `${leader} ${state.pasts[leader % threads].id} ${image}`;
    if (leader === last && stood.has(place)) rounds.set(leader, image);
    if (changes.includes(step++) || (leader === last && inARow >= SPIN)) priorities[leader] = --lowest;
    const mover = highest();
    if (mover !== last) stood.clear();
    else if (mover === leader) stood.add(place);
    inARow = mover === last ? inARow + 1 : 0;
    last = mover;
    return oneOf(
      random,
      own.filter((each) => moverOf(each) === mover),
    );
  };
}

function oneOf(random: Random, moves: readonly Move[]): Move {
  return moves[random(moves.length)];
}

function shuffled(random: Random, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  for (let at = count - 1; at > 0; at--) {
    const other = random(at + 1);
    [numbers[at], numbers[other]] = [numbers[other], numbers[at]];
  }
  return numbers;
}
