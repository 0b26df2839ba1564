// A worker for the tests of the host layer: does what it is ordered. The tests in a browser run it too.
import { serve } from '#host';

export interface Order {
  readonly what: 'echo' | 'throw' | 'reject' | 'throw a function' | 'exit' | 'block' | 'spin' | 'nothing';
  readonly words: Int32Array<SharedArrayBuffer>;
}

serve<Order>(({ what, words }, parent) => {
  parent.send('started');
  switch (what) {
    case 'echo':
      return new Promise<void>((resolve) => {
        parent.listen((message) => {
          parent.send({ heard: message });
          if (message === 'last') resolve();
        });
      });
    case 'throw':
      throw Object.assign(new RangeError('out of cheese', { cause: 'mice' }), { code: 'E_CHEESE' });
    case 'reject':
      return Promise.reject(new TypeError('later'));
    case 'throw a function':
      throw Math.max;
    case 'exit':
      return process.exit(3);
    case 'block':
      return Atomics.wait(words, 0, 0);
    case 'spin':
      while (Atomics.load(words, 0) === 0);
      return;
    case 'nothing':
      return;
  }
});
