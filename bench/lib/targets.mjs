// A figure and its target.

const target = (limit, holds) => (what, bound, value, note) => ({
  what,
  target: `${limit} ${bound}`,
  value: value ?? null,
  met: value === undefined || value === null ? null : holds(value, bound),
  ...(note === undefined ? {} : { note }),
});

/** @returns a target that is met by values up to the bound; undefined means not measured */
export const atMost = target('≤', (value, bound) => value <= bound);

/** @returns a target that is met by values from the bound on */
export const atLeast = target('≥', (value, bound) => value >= bound);
