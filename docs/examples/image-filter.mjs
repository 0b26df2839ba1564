// A picture is blurred in bands: the workers of a pool share its memory, so no pixel is copied.
import { isMain, Pool, task } from 'atomics-sync-free/multiprocessing';

const WIDTH = 320;
const HEIGHT = 200;
const BANDS = 8;
const RADIUS = 2;

let from;
let to;

/** Called in each worker: the memory that all its tasks will use. */
export const open = task(import.meta.url, 'open', (source, target) => {
  from = source;
  to = target;
});

/** Each pixel becomes the mean of those around it, which may lie in other bands: these are only read. */
export const blur = task(import.meta.url, 'blur', (first, last) => {
  for (let y = first; y < last; y++) {
    for (let x = 0; x < WIDTH; x++) {
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - RADIUS); v <= Math.min(HEIGHT - 1, y + RADIUS); v++) {
        for (let u = Math.max(0, x - RADIUS); u <= Math.min(WIDTH - 1, x + RADIUS); u++) {
          sum += from[v * WIDTH + u];
          count++;
        }
      }
      to[y * WIDTH + x] = sum / count;
    }
  }
  return last - first;
});

if (isMain) {
  const picture = () => new Uint8Array(new SharedArrayBuffer(WIDTH * HEIGHT));
  const source = picture().map((_, i) => ((i % WIDTH) ^ Math.floor(i / WIDTH)) & 255);
  const [shared, target, alone] = [picture(), picture(), picture()];
  shared.set(source);

  const pool = new Pool(2, { initializer: open, initargs: [shared, target] });
  const rows = HEIGHT / BANDS;
  const done = pool.starmap(
    blur,
    Array.from({ length: BANDS }, (_, band) => [band * rows, (band + 1) * rows]),
  );
  pool.close();
  await pool.joinAsync();

  open(shared, alone);
  blur(0, HEIGHT);
  const same = target.every((pixel, i) => pixel === alone[i]);
  console.log(`${done.reduce((a, b) => a + b)} rows in ${BANDS} bands, as by one: ${same}`); // 200 rows in 8 bands, as by one: true
}
