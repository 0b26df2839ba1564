// A dict of a manager: what an operation costs, compared with CPython's Manager.
import { cells } from '../lib/format.mjs';
import { beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const PYTHON = 'CPython multiprocessing.Manager';
const FORMS = ['get', 'set', 'update', 'awaited', 'at once'];
/** The operations that Python has: there is no `update`, and no async form. */
const IN_PYTHON = ['get', 'set'];
const ours = (form) => `Manager, ${form}`;
const python = (form) => `${PYTHON}, ${form}`;

export default {
  name: 'manager',
  title: 'A dict of a manager',

  async measure(lab) {
    const plan = lab.plan(lab.choose(30, 80), 30_000);
    const contenders = [
      ...IN_PYTHON.flatMap((form) => lab.inPython(python(form), 'manager', form)),
      ...FORMS.map((form) => lab.js(ours(form), 'manager.mjs', form)),
    ];
    const results = await interleave(contenders, plan);
    return beside(results, results[python('get')] ?? results[ours('get')]);
  },

  tables(data) {
    return [
      {
        title: 'An operation',
        keys: 1,
        head: ['operation', 'median', '÷ the first (half of the rounds)'],
        rows: data.map(cells),
      },
    ];
  },

  targets(data) {
    const median = (name) => data.find((result) => result.name === name)?.ns?.median;
    const over = (form) => {
      const [one, other] = [median(ours(form)), median(python(form === 'set' ? 'set' : 'get'))];
      return one === undefined || other === undefined ? undefined : one / other;
    };
    return ['get', 'set', 'update'].map((form) => atMost(`${form} ÷ CPython`, 0.1, over(form)));
  },
};
