/** What all pages have in common: one HTML document that loads nothing. */
import { html, Markup } from './markup.js';
import { STYLE } from './style.js';

/**
 * @param style rules that only this page needs
 * @returns the text of the document
 */
export function documentOf(title: string, style: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="atomics-sync-free">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(STYLE + style)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

/** Facts by name, such as those about the machine. */
export const factsOf = (facts: Readonly<Record<string, string>>): Markup =>
  html`<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
