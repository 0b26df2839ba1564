/** The page of `gil explain`: a program beside its bytecode, with a mark wherever another thread may come in. */
import type { ExplainedLine } from '../../gil/outcomes/index.js';
import { documentOf } from './document.js';
import { html, Markup } from './markup.js';

/** A program as one version of Python runs it. */
interface ExplainedVersion {
  /** What the switch says, such as `3.12.1, cold`. */
  readonly title: string;
  readonly lines: readonly ExplainedLine[];
}

/**
 * One HTML document that loads nothing and needs no script: radio buttons choose the version, so the arrow keys do, too.
 *
 * @param file the program's name
 * @param source its text
 * @param versions the program in each version; the first is shown first
 */
export function explainPageOf(file: string, source: string, versions: readonly ExplainedVersion[]): string {
  const title = `${file}: where another thread may come in`;
  const style = PROGRAM_STYLE + versions.map((_, at) => shownBy(at)).join('');
  const body = html`<a class="skip" href="#program">Skip to the program</a>
<header>
<h1>${title}</h1>
<p>Each line stands beside its bytecode. After an instruction with a bar, another thread may come in: there this version of
CPython checks whether a thread has asked for the GIL, for the reason given. After all others, none can.
<i>Hot</i> code has run a few times and was specialized; <i>cold</i> code has not.</p>
</header>
<main>
${versions.map(
  ({ title: text }, at) =>
    html`<input type="radio" name="version" class="version" id="version-${at}"${at === 0 && new Markup(' checked')}>
<label for="version-${at}">${text}</label>\n`,
)}
<div id="program" tabindex="-1">
${versions.map((version, at) => section(version, at, source.split('\n')))}
</div>
</main>`;
  return documentOf(title, style, body);
}

const PROGRAM_STYLE = `
body { max-width: 80rem; }
.version { margin-left: 0; }
.version + label { margin-right: 1.2rem; cursor: pointer; }
.program { display: none; }
.program table { font-size: .85rem; }
.program td { padding: .15rem .6rem .15rem 0; }
.program .source { width: 45%; white-space: pre-wrap; }
.program ul { list-style: none; margin: 0; padding: 0; }
.program li { border-left: .3rem solid transparent; padding-left: .5rem; }
.program li.switch { border-left-color: var(--interesting); }
.program .why { color: var(--interesting); margin-left: .6rem; }
.program tr.switches .source { font-weight: 600; }
@media (max-width: 40rem) { .program .why { display: block; margin-left: 0; } }
@media print { .program { display: block; } .version, .version + label { display: none; } }
`;
const shownBy = (at: number): string => `#version-${at}:checked ~ #program #program-${at} { display: block; }\n`;

function section({ title, lines }: ExplainedVersion, at: number, source: readonly string[]): Markup {
  return html`<section class="program" id="program-${at}" aria-labelledby="program-${at}-title">
<h2 id="program-${at}-title">Python ${title}</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="program-${at}-title"><table>
<thead><tr><th scope="col" class="number">Line</th><th scope="col">Source</th><th scope="col">Bytecode</th></tr></thead>
<tbody>${source.map((text, index) => row(index + 1, text, lines))}</tbody>
</table></div>
</section>
`;
}

function row(number: number, text: string, lines: readonly ExplainedLine[]): Markup {
  const instructions = lines.filter(({ line }) => line === number).flatMap((line) => line.instructions);
  const switches = instructions.some(({ why }) => why !== undefined);
  return html`<tr${switches && new Markup(' class="switches"')}><th scope="row" class="number">${number}</th>
<td class="source"><code>${text}</code></td><td>${
    instructions.length > 0 &&
    html`<ul>${instructions.map(({ text: instruction, why }) =>
      why === undefined
        ? html`<li><code>${instruction}</code></li>\n`
        : html`<li class="switch"><code>${instruction}</code><span class="why">${why}</span></li>\n`,
    )}</ul>`
  }</td></tr>
`;
}
