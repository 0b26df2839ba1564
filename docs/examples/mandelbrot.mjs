// A picture in shared memory: each thread computes a band of it, and nothing is copied.
import { isMain, Thread, task } from 'atomics-sync-free/threading';

const WIDTH = 240;
const HEIGHT = 160;
const BANDS = 4;
const LIMIT = 200;

/** After how many steps a point leaves the circle. */
function steps(re, im) {
  let [x, y, n] = [0, 0, 0];
  for (; n < LIMIT && x * x + y * y <= 4; n++) [x, y] = [x * x - y * y + re, 2 * x * y + im];
  return n;
}

export const band = task(import.meta.url, 'band', (pixels, first, last) => {
  for (let row = first; row < last; row++) {
    for (let column = 0; column < WIDTH; column++) {
      pixels[row * WIDTH + column] = steps((3 * column) / WIDTH - 2.2, (2 * row) / HEIGHT - 1);
    }
  }
});

if (isMain) {
  const pixels = new Uint16Array(new SharedArrayBuffer(2 * WIDTH * HEIGHT));
  const rows = HEIGHT / BANDS;
  const threads = Array.from(
    { length: BANDS },
    (_, i) => new Thread({ target: band, args: [pixels, i * rows, (i + 1) * rows] }),
  );
  for (const thread of threads) thread.start();
  for (const thread of threads) thread.join();
  for (const thread of threads) thread.result; // throws what a thread has thrown
  const inside = pixels.filter((n) => n === LIMIT).length;
  const mirrored = pixels.slice(WIDTH, 2 * WIDTH).every((n, i) => n === pixels[(HEIGHT - 1) * WIDTH + i]);
  console.log(`${inside > 6000 && inside < 12000 ? 'the set is there' : inside}, mirrored: ${mirrored}`); // the set is there, mirrored: true
}
