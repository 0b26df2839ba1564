// A page of the site that shows one file of the source, line by line.
import ts from 'typescript';

const CLASSES = new Map([
  [ts.TokenClass.Comment, 'comment'],
  [ts.TokenClass.Keyword, 'keyword'],
  [ts.TokenClass.NumberLiteral, 'literal'],
  [ts.TokenClass.StringLiteral, 'literal'],
  [ts.TokenClass.RegExpLiteral, 'literal'],
]);
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text) => text.replace(/[&<>]/g, (character) => ENTITIES[character]);

/** @returns the lines in HTML, with comments and the like marked */
function highlighted(text) {
  const classifier = ts.createClassifier();
  let state = ts.EndOfLineState.None;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { entries, finalLexState } = classifier.getClassificationsForLine(line, state, true);
      state = finalLexState;
      let at = 0;
      return entries
        .map(({ length, classification }) => {
          const html = escaped(line.slice(at, at + length));
          at += length;
          const name = CLASSES.get(classification);
          return name === undefined ? html : `<span class="${name}">${html}</span>`;
        })
        .join('');
    });
}

/**
 * @param path relative to the package's folder
 * @param text what the file holds
 * @returns the page, for `source/<path>.html`; its lines are #L1, #L2 …
 */
export function sourcePage(path, text) {
  const up = '../'.repeat(path.split('/').length);
  const lines = highlighted(text).map((line, at) => `<span class="line" id="L${at + 1}">${line}</span>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${path} | atomics-sync-free</title>
<link rel="stylesheet" href="${up}assets/style.css">
<link rel="stylesheet" href="${up}assets/custom.css">
<link rel="icon" href="${up}assets/favicon.svg">
<script>document.documentElement.dataset.theme = localStorage.getItem('tsd-theme') || 'os';</script>
</head>
<body class="source">
<header><a href="${up}index.html">atomics-sync-free</a> <h1>${path}</h1></header>
<main><pre tabindex="0" aria-label="${path}"><code>${lines.join('\n')}
</code></pre></main>
</body>
</html>
`;
}
