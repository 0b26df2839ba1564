// What the workers of joblib.mjs do.

/** Keeps the processor busy for a number of µs. */
export function spin(us) {
  const end = performance.now() + us / 1000;
  while (performance.now() < end);
}

export const first = (array) => array[0];
