/** Mutual exclusion by loads and stores alone. */
import { type Algorithm, alike, alone, mutex, numbered, visit } from './algorithm.js';

export const softwareLocks: readonly Algorithm[] = [
  mutex({
    name: 'Dekker',
    source: 'Dijkstra, Cooperating Sequential Processes, 1965',
    flaw: 'does not lower its flag while it waits for its turn',
    memory: { ...numbered('flag', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      w.set(`flag${me}`, 1);
      while (w.get(`flag${1 - me}`) === 1) {
        if (w.get('turn') === me) continue;
        if (!broken) w.set(`flag${me}`, 0);
        w.until('turn', me);
        w.set(`flag${me}`, 1);
      }
    },
    leave(w, me) {
      w.set('turn', 1 - me);
      w.set(`flag${me}`, 0);
    },
  }),
  mutex({
    name: 'Doran and Thomas',
    source: 'Doran and Thomas, Variants of the Software Solution to Mutual Exclusion, 1980',
    flaw: 'goes in when its turn has come, whatever the other does',
    memory: { ...numbered('flag', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      w.set(`flag${me}`, 1);
      if (w.get(`flag${1 - me}`) === 0) return;
      if (w.get('turn') !== me) {
        w.set(`flag${me}`, 0);
        w.until('turn', me);
        w.set(`flag${me}`, 1);
      }
      if (!broken) w.until(`flag${1 - me}`, 0);
    },
    leave(w, me) {
      w.set('turn', 1 - me);
      w.set(`flag${me}`, 0);
    },
  }),
  mutex({
    name: 'Dijkstra, for n',
    source: 'Dijkstra, Solution of a Problem in Concurrent Programming Control, 1965',
    flaw: 'does not look whether others have got as far',
    memory: { ...numbered('wants', 2), ...numbered('near', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      w.set(`wants${me}`, 1);
      for (;;) {
        if (w.get('turn') !== me) {
          w.set(`near${me}`, 0);
          if (w.get(`wants${w.get('turn')}`) === 0) w.set('turn', me);
          continue;
        }
        w.set(`near${me}`, 1);
        if (broken || w.get(`near${1 - me}`) === 0) return;
      }
    },
    leave(w, me) {
      w.set(`near${me}`, 0);
      w.set(`wants${me}`, 0);
    },
  }),
  mutex({
    name: 'Hyman',
    source: 'Hyman, Comments on a Problem in Concurrent Programming Control, 1966; refuted by Knuth, 1966',
    flaw: 'takes the turn without looking again whether the other has come meanwhile',
    wrongAsPublished: true,
    memory: { ...numbered('flag', 2), turn: 0 },
    threads: 2,
    enter(w, me) {
      w.set(`flag${me}`, 1);
      while (w.get('turn') !== me) {
        w.until(`flag${1 - me}`, 0);
        w.set('turn', me);
      }
    },
    leave: (w, me) => w.set(`flag${me}`, 0),
  }),
  mutex({
    name: 'Knuth',
    source: 'Knuth, Additional Comments on a Problem in Concurrent Programming Control, 1966',
    flaw: 'does not look whether another has got as far',
    memory: { ...numbered('control', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      const other = 1 - me;
      do {
        w.set(`control${me}`, 1);
        while (w.get('turn') === other && w.get(`control${other}`) !== 0);
        w.set(`control${me}`, 2);
      } while (!broken && w.get(`control${other}`) === 2);
      w.set('turn', me);
    },
    leave(w, me) {
      w.set('turn', 1 - me);
      w.set(`control${me}`, 0);
    },
  }),
  mutex({
    name: 'Eisenberg and McGuire',
    source: "Eisenberg and McGuire, Further Comments on Dijkstra's Concurrent Programming Control Problem, 1972",
    flaw: 'does not look whether another is active',
    // 0 idle, 1 wants in, 2 active.
    memory: { ...numbered('flag', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      const other = 1 - me;
      do {
        w.set(`flag${me}`, 1);
        while (w.get('turn') === other && w.get(`flag${other}`) !== 0);
        w.set(`flag${me}`, 2);
      } while ((!broken && w.get(`flag${other}`) === 2) || (w.get('turn') !== me && w.get(`flag${other}`) !== 0));
      w.set('turn', me);
    },
    leave(w, me) {
      w.set('turn', w.get(`flag${1 - me}`) === 0 ? me : 1 - me);
      w.set(`flag${me}`, 0);
    },
  }),
  mutex({
    name: 'bakery',
    source: "Lamport, A New Solution of Dijkstra's Concurrent Programming Problem, 1974",
    flaw: 'does not wait while the other chooses its number',
    memory: { ...numbered('choosing', 2), ...numbered('number', 2) },
    threads: 2,
    enter(w, me, broken) {
      const other = 1 - me;
      w.set(`choosing${me}`, 1);
      const mine = w.get(`number${other}`) + 1;
      w.set(`number${me}`, mine);
      w.set(`choosing${me}`, 0);
      if (!broken) w.until(`choosing${other}`, 0);
      for (;;) {
        const its = w.get(`number${other}`);
        if (its === 0 || its > mine || (its === mine && other > me)) return;
      }
    },
    leave: (w, me) => w.set(`number${me}`, 0),
  }),
  mutex({
    name: 'one bit each',
    source: 'Burns and Lynch, Mutual Exclusion Using Indivisible Reads and Writes, 1980',
    flaw: 'the second does not look again after it has raised its flag',
    memory: numbered('flag', 2),
    threads: 2,
    enter(w, me, broken) {
      if (me === 0) {
        w.set('flag0', 1);
        w.until('flag1', 0);
        return;
      }
      do {
        w.set('flag1', 0);
        w.until('flag0', 0);
        w.set('flag1', 1);
      } while (!broken && w.get('flag0') === 1);
    },
    leave: (w, me) => w.set(`flag${me}`, 0),
  }),
  mutex({
    name: 'Peterson',
    source: 'Peterson, Myths About the Mutual Exclusion Problem, 1981',
    flaw: 'gives way before it raises its flag',
    memory: { ...numbered('flag', 2), turn: 0 },
    threads: 2,
    enter(w, me, broken) {
      if (broken) w.set('turn', 1 - me);
      w.set(`flag${me}`, 1);
      if (!broken) w.set('turn', 1 - me);
      while (w.get(`flag${1 - me}`) === 1 && w.get('turn') === 1 - me);
    },
    leave: (w, me) => w.set(`flag${me}`, 0),
  }),
  mutex({
    name: 'filter lock',
    source: 'Peterson, Myths About the Mutual Exclusion Problem, 1981, for n threads',
    flaw: 'has one level too few',
    memory: { ...numbered('level', 3), ...numbered('victim', 2, 0, 1) },
    threads: 3,
    enter(w, me, broken) {
      for (let level = 1; level <= (broken ? 1 : 2); level++) {
        w.set(`level${me}`, level);
        w.set(`victim${level}`, me);
        for (let other = 0; other < 3; other++) {
          if (other === me) continue;
          while (w.get(`level${other}`) >= level && w.get(`victim${level}`) === me);
        }
      }
    },
    leave: (w, me) => w.set(`level${me}`, 0),
    long: true,
  }),
  mutex({
    name: 'tournament of Peterson locks',
    source: 'Peterson and Fischer, Economical Solutions to the Critical Section Problem, 1977',
    flaw: 'the winner of the first round is let in without the final',
    // 0 and 1 play the first round; the winner plays the final on side 0, thread 2 on side 1.
    memory: { ...numbered('flag', 2), turn: 0, ...numbered('final', 2), last: 0 },
    threads: 3,
    enter(w, me, broken) {
      const play = (flag: string, turn: string, side: number): void => {
        w.set(`${flag}${side}`, 1);
        w.set(turn, 1 - side);
        while (w.get(`${flag}${1 - side}`) === 1 && w.get(turn) === 1 - side);
      };
      if (me < 2) play('flag', 'turn', me);
      if (!broken || me === 2) play('final', 'last', me === 2 ? 1 : 0);
    },
    leave(w, me) {
      w.set(`final${me === 2 ? 1 : 0}`, 0);
      if (me < 2) w.set(`flag${me}`, 0);
    },
  }),
  mutex({
    name: 'Kessels',
    source: 'Kessels, Arbitration Without Common Modifiable Variables, 1982',
    flaw: 'raises its flag after it has set its half of the turn',
    memory: { ...numbered('flag', 2), ...numbered('half', 2) },
    threads: 2,
    enter(w, me, broken) {
      const other = 1 - me;
      if (!broken) w.set(`flag${me}`, 1);
      const half = me === 0 ? w.get('half1') : 1 - w.get('half0');
      w.set(`half${me}`, half);
      if (broken) w.set(`flag${me}`, 1);
      const waits = (its: number): boolean => (me === 0 ? half === its : half !== its);
      while (w.get(`flag${other}`) === 1 && waits(w.get(`half${other}`)));
    },
    leave: (w, me) => w.set(`flag${me}`, 0),
  }),
  mutex({
    name: 'fast mutex',
    source: 'Lamport, A Fast Mutual Exclusion Algorithm, 1987',
    flaw: 'does not wait until the others have seen who came last',
    memory: { ...numbered('busy', 2, 0, 1), x: 0, y: 0 },
    threads: 2,
    enter(w, index, broken) {
      const me = index + 1;
      for (;;) {
        w.set(`busy${me}`, 1);
        w.set('x', me);
        if (w.get('y') !== 0) {
          w.set(`busy${me}`, 0);
          w.until('y', 0);
          continue;
        }
        w.set('y', me);
        if (w.get('x') === me) return;
        w.set(`busy${me}`, 0);
        if (!broken) w.until(`busy${3 - me}`, 0);
        if (w.get('y') === me) return;
        w.until('y', 0);
      }
    },
    leave(w, index) {
      w.set('y', 0);
      w.set(`busy${index + 1}`, 0);
    },
  }),
  mutex({
    name: 'Szymański',
    source: "Szymański, A Simple Solution to Lamport's Concurrent Programming Problem with Linear Wait, 1988",
    flaw: 'those in the waiting room do not go in by their numbers',
    memory: numbered('flag', 2),
    threads: 2,
    enter(w, me, broken) {
      const other = `flag${1 - me}`;
      w.set(`flag${me}`, 1);
      while (w.get(other) >= 3);
      w.set(`flag${me}`, 3);
      if (w.get(other) === 1) {
        w.set(`flag${me}`, 2);
        w.until(other, 4);
      }
      w.set(`flag${me}`, 4);
      if (!broken && me === 1) while (w.get(other) >= 2);
    },
    leave(w, me) {
      if (me === 0) while ([2, 3].includes(w.get('flag1')));
      w.set(`flag${me}`, 0);
    },
  }),
  {
    name: 'Morris',
    source: 'Morris, A Starvation-Free Solution to the Mutual Exclusion Problem, 1979',
    flaw: 'the last one in does not open the first door again',
    scenario: (broken) => ({
      ...alone,
      memory: { first: 1, second: 0, before: 0, between: 0 },
      threads: alike(2, (w, _, thread) => {
        w.add('before', 1);
        w.down('first');
        w.add('between', 1);
        const left = w.add('before', -1) - 1;
        w.up(left === 0 ? 'second' : 'first');
        w.down('second');
        const inside = w.add('between', -1) - 1;
        visit(thread);
        w.up(inside === 0 && !broken ? 'first' : 'second');
      }),
      // What the locks are left at is for those who come later.
      final: ({ first, second }) => (first === 1 && second === 0) || `the doors are left at ${first} and ${second}`,
    }),
  },
];
