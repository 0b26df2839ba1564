// Python programs on the page "Try it": their bytecode by version, where another thread may come in, and their possible
// outcomes, explored in the page. The listings were saved, so no Python is needed here.
import { explainPython, type Listing, pythonOutcomes } from 'atomics-sync-free/gil/outcomes';
import { make } from './make.js';

/** By version and name of the program, as docs/site/plugin.mjs wrote them. */
type Listings = Readonly<Record<string, Readonly<Record<string, Listing>>>>;

export class PythonBench {
  readonly #listings: Listings;
  readonly #program = make('select', { id: 'python-program' });
  readonly #version = make('select', { id: 'python-version' });
  readonly #cold = make('input', { id: 'python-cold', type: 'checkbox' });
  readonly #outcomes = make('ul', {});
  readonly #status = make('p', { 'aria-live': 'polite' });
  readonly #rows = make('tbody', {});

  /** Makes the bench as soon as its listings have arrived. */
  static async open(place: HTMLElement): Promise<void> {
    const answer = await fetch(new URL('listings.json', import.meta.url));
    new PythonBench(place, (await answer.json()) as Listings);
  }

  private constructor(place: HTMLElement, listings: Listings) {
    this.#listings = listings;
    const versions = Object.keys(listings);
    for (const name of Object.keys(listings[versions[0]])) this.#program.append(make('option', { value: name }, name));
    for (const version of versions) this.#version.append(make('option', { value: version }, version));
    this.#version.value = versions[versions.length - 1];
    const form = make(
      'form',
      {},
      make('p', {}, make('label', { for: 'python-program' }, 'Program'), this.#program),
      make('p', {}, make('label', { for: 'python-version' }, 'CPython'), this.#version),
      make('p', {}, this.#cold, make('label', { for: 'python-cold' }, 'Cold: not yet specialized (3.11 and later)')),
    );
    form.onsubmit = (event) => event.preventDefault();
    for (const control of [this.#program, this.#version, this.#cold]) control.onchange = () => this.#show();
    const head = make(
      'tr',
      {},
      make('th', { scope: 'col', class: 'number' }, 'line'),
      make('th', { scope: 'col' }, 'source'),
      make('th', { scope: 'col' }, 'bytecode, and why another thread may come in'),
    );
    const table = make(
      'table',
      { class: 'bytecode', 'aria-label': 'Source and bytecode' },
      make('thead', {}, head),
      this.#rows,
    );
    place.replaceChildren(
      form,
      this.#status,
      this.#outcomes,
      make('div', { class: 'wide', tabindex: '0', role: 'group', 'aria-label': 'Source and bytecode' }, table),
    );
    this.#show();
  }

  #show(): void {
    const listing = this.#listings[this.#version.value][this.#program.value];
    const heat = this.#cold.checked ? 'cold' : 'hot';
    const word = (key: string): string => new RegExp(`^# ${key}: (.*)$`, 'm').exec(listing.source)?.[1] ?? '';
    const threads = word('threads').split(' ');
    const { outcomes, states } = pythonOutcomes(listing, { threads, results: word('results').split(','), heat });
    this.#status.textContent = `Threads call ${threads.join(' and ')}. In ${states} states ${outcomes.length === 1 ? 'there is one outcome' : `there are ${outcomes.length} outcomes`}:`;
    this.#outcomes.replaceChildren(...outcomes.map(({ text }) => make('li', {}, make('code', {}, text))));
    const lines = explainPython(listing, heat);
    this.#rows.replaceChildren(
      ...listing.source.split('\n').map((text, at) => {
        const instructions = lines.filter(({ line }) => line === at + 1).flatMap((line) => line.instructions);
        const items = instructions.map(({ text: instruction, why }) =>
          why === undefined
            ? make('li', {}, make('code', {}, instruction))
            : make('li', { class: 'switch' }, make('code', {}, instruction), ' ', make('span', {}, why)),
        );
        return make(
          'tr',
          {},
          make('th', { scope: 'row', class: 'number' }, String(at + 1)),
          make('td', {}, make('code', {}, text)),
          make('td', {}, make('ul', {}, ...items)),
        );
      }),
    );
  }
}
