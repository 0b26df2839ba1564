/** The style of the page: narrow screens, wide ones, dark mode, print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fff; --text: #1c2024; --faint: #5b636b; --line: #d5dae0; --panel: #f5f7f9;
  --acceptable: #2667ab; --interesting: #a65200; --forbidden: #b3231b; --link: #1d5fa8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --text: #e4e7ea; --faint: #a0a8b0; --line: #3a4148; --panel: #1d2126;
    --acceptable: #6fb0f0; --interesting: #f0a04b; --forbidden: #ff8076; --link: #7db8f5;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 2rem 0 .25rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
.faint, figcaption, .figures { color: var(--faint); font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--faint); font-size: .85rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre, .result, svg text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
.result { font-weight: 600; }
.description { display: block; font-size: .9rem; }
.bar { display: block; width: 100%; height: .6rem; margin-top: .25rem; background: var(--panel); }
.bar rect { fill: currentColor; }
.ACCEPTABLE { color: var(--acceptable); }
.INTERESTING { color: var(--interesting); }
.FORBIDDEN { color: var(--forbidden); }
.expectation { font-size: .8rem; white-space: nowrap; }
.verdict { font-size: .8rem; border: 1px solid currentColor; border-radius: .3rem; padding: 0 .4rem; white-space: nowrap; }
.verdict.PASSED { color: var(--acceptable); }
.verdict.NOT-SEEN { color: var(--interesting); }
.verdict.FAILED { color: var(--forbidden); font-weight: 700; }
.subjects { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; }
.subjects ul { margin: .1rem 0 .5rem; padding-left: 1.2rem; }
.subjects h4 { margin: .5rem 0 0; font-size: .9rem; color: var(--faint); font-weight: normal; }
.wide { overflow-x: auto; max-width: 100%; }
pre { background: var(--panel); padding: .6rem; margin: .5rem 0; overflow-x: auto; font-size: .8rem; }
figure { margin: .75rem 0; padding: .6rem; background: var(--panel); border: 1px solid var(--line); }
summary { cursor: pointer; padding: .25rem 0; }
.timeline { display: block; max-width: none; }
.timeline text { font-size: 12px; fill: var(--text); }
.timeline .time, .timeline .head { fill: var(--faint); }
.timeline .rail { stroke: var(--line); }
.timeline .span { stroke: var(--interesting); stroke-width: 4; stroke-opacity: .6; }
.timeline circle { fill: var(--interesting); }
.steps { font-size: .85rem; }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  th, td { padding-right: .4rem; }
  td.number { font-size: .85rem; }
  .expectation { font-size: .68rem; }
}
@media print {
  html { font-size: 11px; }
  body { max-width: none; }
  section, figure, tr { break-inside: avoid; }
  section.race { break-inside: auto; }
  a { color: inherit; text-decoration: none; }
  .skip { display: none; }
  .wide { overflow: visible; }
  .timeline { max-width: 100%; height: auto; }
  details::details-content { content-visibility: visible; }
}
`;
