// What the workers of joblib.mjs do.

/** Is busy for so many µs. */
export function spin(us) {
  const end = performance.now() + us / 1000;
  while (performance.now() < end);
}

export const first = (array) => array[0];
