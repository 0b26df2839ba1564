/** How a sample chooses the moves of a run. */
import { isOwnMove, type Move, type State, threadOf } from './moves.js';
import type { Random } from './random.js';

/** If something else is possible, one choice in this many goes to a death or a time-out. */
const RARE = 20;
/** A thread of highest priority that moves this often in a row is considered to spin, even if it changes words, and must yield. */
const SPIN = 200;

/** Chooses among the moves possible in a state. Each run has its own. */
export type Strategy = (state: State, moves: readonly Move[]) => Move;

/** Any possible move with equal chance. */
export function anyMove(random: Random): Strategy {
  return (_, moves) => oneOf(random, moves);
}

/**
 * The thread of highest priority moves; see SampleOptions.strategy.
 *
 * @param threads - How many there are.
 * @param depth - How many ordering constraints the bug may need.
 * @param length - How many moves a run has, as far as is known.
 */
export function byPriority(random: Random, threads: number, depth: number, length: number): Strategy {
  const priorities = shuffled(random, threads);
  const changes = Array.from({ length: depth - 1 }, () => random(length));
  let lowest = 0;
  let step = 0;
  let [last, inARow] = [-1, 0];
  /** Where the thread has been in its row of moves: being there again with the same words means that it has gone round. */
  const stood = new Set<string>();
  /** Threads that have gone round, with the words' image: until it changes they would go round again. */
  const rounds = new Map<number, number>();
  return (state, moves) => {
    const own = moves.filter(isOwnMove);
    if (own.length === 0 || (own.length < moves.length && random(RARE) === 0)) return oneOf(random, moves);
    const image = state.image.id;
    const highest = (): number => {
      const threads = own.map(threadOf);
      const others = threads.filter((thread) => rounds.get(thread) !== image);
      if (others.length === 0) rounds.clear();
      return (others.length > 0 ? others : threads).reduce((x, y) => (priorities[y] > priorities[x] ? y : x));
    };
    const leader = highest();
    const place = `${leader} ${state.pasts[leader].id} ${image}`;
    if (leader === last && stood.has(place)) rounds.set(leader, image);
    if (changes.includes(step++) || (leader === last && inARow >= SPIN)) priorities[leader] = --lowest;
    const thread = highest();
    if (thread !== last) stood.clear();
    else if (thread === leader) stood.add(place);
    inARow = thread === last ? inARow + 1 : 0;
    last = thread;
    return oneOf(
      random,
      own.filter((each) => threadOf(each) === thread),
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
