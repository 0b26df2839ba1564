// Games in processes of their own write into one scoreboard: a dict of a manager.
import { isMain, Manager, Process, task } from 'atomics-sync-free/multiprocessing';

const ROUNDS = 100;

// Called in the manager's worker, where nothing comes between reading the score and setting it.
export const add = task(import.meta.url, 'add', (score, points) => (score ?? 0) + points);

export const play = task(import.meta.url, 'play', (scores, games, player, game) => {
  for (let round = 0; round < ROUNDS; round++) scores.update(player, add, 1);
  games.get(player).push(game); // what comes out is a proxy, since one was put: the list itself is changed
});

if (isMain) {
  const manager = new Manager();
  const scores = manager.dict();
  const games = manager.dict([
    ['Ann', manager.list()],
    ['Bob', manager.list()],
  ]);
  const processes = [
    ['Ann', 'chess'],
    ['Bob', 'go'],
    ['Ann', 'darts'],
  ].map((args) => new Process({ target: play, args: [scores, games, ...args] }));
  for (const process of processes) process.start();
  for (const process of processes) await process.joinAsync();

  const board = [...scores].sort(([a], [b]) => a.localeCompare(b));
  console.log(board.map(([player, score]) => `${player} ${score}`).join(', ')); // Ann 200, Bob 100
  const counts = board.map(([player]) => [player, games.get(player).length]);
  console.log(counts.map(([player, n]) => `${player}: ${n} game${n === 1 ? '' : 's'}`).join(', ')); // Ann: 2 games, Bob: 1 game
  manager.shutdown();
}
