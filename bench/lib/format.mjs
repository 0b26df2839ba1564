// How figures are written.

/** @returns {string} three significant digits, and separators in long numbers */
export function number(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.1 ? 2 : 4);
}

/** @returns {string} a duration, given in ns */
export function duration(ns) {
  if (ns === undefined || ns === null) return '–';
  if (ns < 1e3) return `${number(ns)} ns`;
  if (ns < 1e6) return `${number(ns / 1e3)} µs`;
  return `${number(ns / 1e6)} ms`;
}

/** @returns {string} a frequency, given in 1/s, in thousands or millions if it is that high */
export function frequency(perSecond) {
  if (perSecond < 1e3) return number(Math.round(perSecond));
  return perSecond < 1e6 ? `${number(perSecond / 1e3)} k` : `${number(perSecond / 1e6)} M`;
}

/** @returns {string} a median and, in brackets, the range of the middle half of the rounds */
export const spread = (summary, digits = 2) =>
  summary === undefined
    ? '–'
    : `${summary.median.toFixed(digits)} (${summary.low.toFixed(digits)} – ${summary.high.toFixed(digits)})`;

/** @returns the cells of a contender's row, from a result of `beside` */
export const cells = ({ name, state, ns, ratio }) => [
  name,
  state === 'ok' ? duration(ns.median) : state,
  spread(ratio),
];

/** @returns the rows of all groups, from the result of `byGroup` */
export const groupRows = (data) =>
  Object.entries(data).flatMap(([group, results]) => results.map((result) => [group, ...cells(result)]));
