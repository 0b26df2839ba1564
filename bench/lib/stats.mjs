// The statistics that the questions need.

/** @returns {number} the value that a share `q` of the values is below, interpolated linearly */
export function quantile(values, q) {
  if (values.length === 0) throw new RangeError('there is no quantile of an empty sample');
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** @returns {number} */
export const median = (values) => quantile(values, 0.5);

/** @returns {{ median: number, low: number, high: number }} the median and the quartiles */
export const summary = (values) => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
});

/**
 * Jain's index of fairness (R. Jain et al., 1984): 1 where all have the same, 1/n where one has everything.
 *
 * @returns {number}
 */
export function jain(shares) {
  const sum = shares.reduce((a, b) => a + b, 0);
  if (sum === 0) return 1;
  return sum ** 2 / (shares.length * shares.reduce((a, b) => a + b * b, 0));
}

/** Buckets of a histogram over powers of two, eight to each: 9 % wide. */
export const BUCKETS_PER_DOUBLING = 8;
/** 2⁴⁰ ns are 18 minutes. */
export const BUCKETS = 40 * BUCKETS_PER_DOUBLING;

/** @returns {number} the bucket of a duration in ns */
export const bucketOf = (ns) =>
  ns < 1 ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log2(ns) * BUCKETS_PER_DOUBLING) + 1);

/** @returns {number} the longest duration, in ns, that falls into the bucket */
export const bucketEnd = (bucket) => 2 ** (bucket / BUCKETS_PER_DOUBLING);

/** @returns {number} like `quantile`, for durations counted in buckets, in ns */
export function bucketQuantile(counts, q) {
  const all = counts.reduce((a, b) => a + b, 0);
  let below = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    below += counts[bucket];
    if (below >= all * q) return bucketEnd(bucket);
  }
  return 0;
}
