/** How the command writes figures. */

/** A whole number with thousands separators. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** A fraction as a percentage with two significant digits, however small: 12 %, 0.034 %. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share > 0.9999) return '> 99.99 %';
  const digits = Math.max(2, 1 - Math.floor(Math.log10(share * 100)));
  return `${(share * 100).toFixed(Math.min(digits, 8))} %`;
}
