// The live part of the page "Try it": runs the catalogue's tests in workers of the page, and shows what is seen.
import {
  catalogue,
  type OutcomeReport,
  type Recording,
  recordOutcome,
  run,
  type StressTest,
  type TestReport,
} from 'atomics-sync-free/stress';
import { remarkable, timelineLegend, timelineOf } from '../../src/cli/page/timeline.js';
import { make } from './make.js';
import { PythonBench } from './python-bench.js';

/** How long a test goes on if it has not yet seen what it must see, in seconds. */
const PATIENCE = 15;
/** How long to wait for an iteration that is worth a timeline, in seconds; on an idle machine it comes within one second. */
const RECORDING = PATIENCE;
const VERDICTS = { PASSED: 'passed', 'NOT SEEN': 'not seen', FAILED: 'failed' } as const;

const raceOf = ({ name }: StressTest): string => name.split('/')[0];
const races = Map.groupBy(catalogue, raceOf);

/** One test: its description, its verdict and its outcomes. */
class TestView {
  readonly element: HTMLElement;
  readonly #verdict = make('span', { class: 'verdict' });
  readonly #figures = make('p', { class: 'figures' });
  readonly #rows = make('tbody', {});
  readonly #timeline = make('div', {});

  constructor({ name, description, outcomes }: StressTest) {
    const id = `test-${name.replace('/', '-')}`;
    const head = make(
      'tr',
      {},
      make('th', { scope: 'col' }, 'result'),
      make('th', { scope: 'col', class: 'number' }, 'samples'),
      make('th', { scope: 'col', class: 'number' }, 'share'),
      make('th', { scope: 'col' }, 'expectation'),
      make('th', { scope: 'col' }, 'what happened'),
    );
    const table = make('table', { 'aria-labelledby': id }, make('thead', {}, head), this.#rows);
    this.element = make(
      'section',
      { class: 'race', 'aria-labelledby': id, 'data-test': name },
      make('h3', { id }, name, ' ', this.#verdict),
      make('p', {}, description),
      // Whatever scrolls must be reachable by keyboard, too.
      make('div', { class: 'wide', tabindex: '0', role: 'group', 'aria-labelledby': id }, table),
      this.#figures,
      this.#timeline,
    );
    this.show(outcomes.map((outcome) => ({ ...outcome, result: String(outcome.result), samples: 0 })));
  }

  start(): void {
    this.element.dataset.state = 'running';
    this.#verdict.textContent = 'running';
  }

  show(outcomes: readonly OutcomeReport[]): void {
    const all = outcomes.reduce((sum, { samples }) => sum + samples, 0);
    this.#rows.replaceChildren(...outcomes.map((outcome) => rowOf(outcome, all)));
  }

  end({ outcomes, verdict, reason, samples, seconds, overlap }: TestReport): void {
    this.show(outcomes);
    this.element.dataset.state = VERDICTS[verdict];
    this.#verdict.textContent = VERDICTS[verdict];
    this.#figures.textContent = `${reason === '' ? '' : `${reason}. `}${samples.toLocaleString('en')} samples in ${seconds.toFixed(1)} s; the workers were at it at the same time in ${percent(overlap)}.`;
  }

  /** Draws an iteration with a result that was seen, if it came up again. */
  draw(result: string, recording: Recording | undefined): void {
    if (recording) this.#timeline.innerHTML = timelineOf(recording).text;
    else this.#timeline.replaceChildren(make('p', {}, `Run again to be recorded, “${result}” did not occur in time.`));
  }

  fail(message: string): void {
    this.element.dataset.state = VERDICTS.FAILED;
    this.#verdict.textContent = VERDICTS.FAILED;
    this.#figures.textContent = message;
  }
}

function rowOf({ result, samples, expectation, description }: OutcomeReport, all: number): HTMLTableRowElement {
  const share = all > 0 ? samples / all : 0;
  const seen = samples > 0 ? ' seen' : '';
  return make(
    'tr',
    { class: `${expectation.toLowerCase()}${seen}` },
    make('th', { scope: 'row' }, result),
    make('td', { class: 'number' }, samples.toLocaleString('en')),
    make('td', { class: 'number' }, samples > 0 ? percent(share) : '–'),
    make('td', { class: 'expectation' }, expectation),
    make('td', {}, description),
  );
}

function percent(share: number): string {
  if (share > 0.9999 && share < 1) return '> 99.99 %';
  return `${(100 * share).toLocaleString('en', { maximumSignificantDigits: share > 0.01 ? 4 : 2 })} %`;
}

/** The form and its results. */
class Bench {
  readonly #race = make('select', { id: 'race' });
  readonly #seconds = make('input', { id: 'seconds', type: 'number', min: '0.1', max: '60', step: '0.1', value: '1' });
  readonly #run = make('button', { type: 'submit' }, 'Run');
  readonly #stop = make('button', { type: 'button', disabled: '' }, 'Stop');
  readonly #source = make('a', {}, 'What races there, and why');
  readonly #status = make('p', { role: 'status' });
  readonly #results = make('div', { class: 'races' });
  #tests = new Map<StressTest, TestView>();
  #cancel = new AbortController();

  constructor(place: HTMLElement) {
    for (const race of races.keys()) this.#race.append(make('option', { value: race }, race));
    const form = make(
      'form',
      {},
      make('p', {}, make('label', { for: 'race' }, 'Race'), this.#race),
      make('p', {}, make('label', { for: 'seconds' }, 'Seconds for each test'), this.#seconds),
      make('p', {}, this.#run, this.#stop),
      make('p', {}, this.#source),
    );
    this.#race.onchange = () => this.#choose(this.#race.value);
    this.#stop.onclick = () => this.#cancel.abort();
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#runAll();
    };
    const legend = make('p', { class: 'legend' });
    legend.innerHTML = timelineLegend.text;
    place.replaceChildren(form, this.#status, this.#results, legend);
    this.#choose(this.#race.value);
    if (!crossOriginIsolated) {
      this.#run.disabled = true;
      this.#status.textContent =
        'This page cannot share memory with workers, since it was served without the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp. ' +
        'On a clone of the project, “npm run docs:serve” serves it with them.';
    }
  }

  #choose(race: string): void {
    this.#race.value = race;
    this.#source.href = `../source/src/stress/catalogue/${race}.ts.html`;
    this.#tests = new Map(races.get(race)?.map((test) => [test, new TestView(test)]));
    this.#results.replaceChildren(...[...this.#tests.values()].map(({ element }) => element));
  }

  async #runAll(): Promise<void> {
    this.#choose(this.#race.value);
    const seconds = this.#seconds.valueAsNumber;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    this.#setRunning(true);
    const verdicts: string[] = [];
    for (const [at, [test, view]] of [...this.#tests].entries()) {
      if (signal.aborted) break;
      // The figures change too often to be read aloud; the status says which test they belong to.
      this.#status.textContent = `Running ${test.name}, ${at + 1} of ${this.#tests.size}.`;
      view.start();
      try {
        const onProgress = ({ outcomes }: { outcomes: readonly OutcomeReport[] }): void => view.show(outcomes);
        const report = await run(test, { seconds, untilSeen: Math.max(seconds, PATIENCE), signal, onProgress });
        view.end(report);
        const result = remarkable(report);
        if (result !== undefined && !signal.aborted) {
          this.#status.textContent = `Recording ${test.name}, ${at + 1} of ${this.#tests.size}.`;
          const recording = await recordOutcome(test, result, { seconds: RECORDING, signal });
          if (!signal.aborted) view.draw(result, recording);
        }
        verdicts.push(VERDICTS[report.verdict]);
      } catch (error) {
        view.fail(String(error));
        verdicts.push(VERDICTS.FAILED);
      }
    }
    this.#setRunning(false);
    const counts = Object.values(VERDICTS).map((verdict) => [
      verdict,
      verdicts.filter((each) => each === verdict).length,
    ]);
    const summary = counts.filter(([, count]) => count !== 0).map(([verdict, count]) => `${count} ${verdict}`);
    this.#status.textContent = `${signal.aborted ? 'Stopped' : 'Done'}: ${summary.join(', ') || 'nothing was run'}.`;
  }

  #setRunning(running: boolean): void {
    this.#run.disabled = running;
    this.#race.disabled = running;
    this.#seconds.disabled = running;
    this.#stop.disabled = !running;
    // Otherwise the focus would be lost with the button that was pressed and is disabled now.
    (running ? this.#stop : this.#run).focus();
  }
}

const place = document.getElementById('bench');
if (place) new Bench(place);
const python = document.getElementById('python');
if (python) void PythonBench.open(python);
