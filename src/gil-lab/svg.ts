/** The little of SVG that the drawings need. */

type Attributes = Readonly<Record<string, string | number>>;

const escapeText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** @returns an element; `content` is markup */
export function element(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(format(value))}"`);
  return content === '' ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${content}</${name}>`;
}

/** Two decimals are a hundredth of a pixel. */
const format = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;

/** @returns text at a position; `anchor` says which end of it is there */
export const label = (x: number, y: number, text: string, more: Attributes = {}): string =>
  element('text', { x, y, ...more }, escapeText(text));

/** Text shown while the pointer hovers over the element. */
export const tip = (text: string): string => element('title', {}, escapeText(text));

/** @returns a whole document on a white background, so that it prints as it looks */
export function drawing(width: number, height: number, title: string, content: readonly string[]): string {
  const style =
    'text{font:12px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}.small{font-size:11px;fill:#555}' +
    '.grid{stroke:#ddd;stroke-width:1}.end{text-anchor:end}.middle{text-anchor:middle}';
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' },
    [tip(title), element('style', {}, style), element('rect', { width, height, fill: '#fff' }), ...content].join('\n'),
  )}\n`;
}

/** @returns round steps of an axis from 0 to `most`, approximately `about` of them */
export function ticks(most: number, about: number): number[] {
  const rough = most / about;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 5].find((factor) => factor * magnitude >= rough) ?? 10);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
