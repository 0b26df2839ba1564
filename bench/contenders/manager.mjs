// What a dict of a manager costs its only client: manager.mjs FORM. FORM is
//   get, set   a blocking call
//   update     a blocking call that runs a function in the manager's worker
//   awaited    one async call after another
//   at once    many async calls, then all of their results
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , form] = process.argv;
const { fromModule, Manager } = await load(undefined, '/multiprocessing');
const { add } = fromModule(new URL('./manager.worker.mjs', import.meta.url));
const dict = new Manager().dict([['n', 0]]);

const forms = {
  get: (n) => {
    for (let i = 0; i < n; i++) dict.get('n');
  },
  set: (n) => {
    for (let i = 0; i < n; i++) dict.set('n', i);
  },
  update: (n) => {
    for (let i = 0; i < n; i++) dict.update('n', add, 1);
  },
  awaited: async (n) => {
    for (let i = 0; i < n; i++) await dict.getAsync('n');
  },
  'at once': (n) => Promise.all(Array.from({ length: n }, () => dict.getAsync('n'))),
};

serve(timed(forms[form], form === 'at once' ? 512 : 64));
