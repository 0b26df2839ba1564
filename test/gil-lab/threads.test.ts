import { GIL, Interpreter } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { runThreads } from '#dist/gil-lab/threads.js';
import { suite } from '../support/suite.js';

const test = suite('GIL threads');

const SOURCE = `
global stop = 0
global calls = 0
def add(n):
    LOAD_GLOBAL calls
    LOAD_FAST n
    BINARY_OP +=
    STORE_GLOBAL calls
    LOAD_CONST None
    RETURN_VALUE
def spin():
    RESUME
again:
    LOAD_GLOBAL stop
    POP_JUMP_IF_TRUE done
    JUMP_BACKWARD again
done:
    LOAD_CONST None
    RETURN_VALUE
def fail():
    POP_TOP
    LOAD_CONST None
    RETURN_VALUE
`;

test('each call runs on a thread of its own, as an agent of its own', async () => {
  const interpreter = new Interpreter({ source: SOURCE });
  const { agents } = await runThreads([1, 10, 100].map((n) => ({ interpreter, name: 'add', args: [n] })));
  assert.is(interpreter.read('calls'), 111);
  assert.is(new Set(agents).size, 3);
});

test('threads that run until told are told', async () => {
  const interpreter = new Interpreter({ source: SOURCE });
  await runThreads([{ interpreter, name: 'spin' }], { stop: { after: 1, how: () => interpreter.write('stop', 1) } });
});

test('what a thread throws ends all of them', async () => {
  // A GIL each, so that the one that fails does not have to wait for the other.
  const failing = new Interpreter({ source: SOURCE });
  const spinning = new Interpreter({ source: SOURCE, gil: new GIL() });
  const calls = [
    { interpreter: failing, name: 'fail' },
    { interpreter: spinning, name: 'spin' },
  ];
  try {
    await runThreads(calls);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /stack is empty/);
  }
});

test('threads that do not end in time are an error', async () => {
  const interpreter = new Interpreter({ source: SOURCE });
  try {
    await runThreads([{ interpreter, name: 'spin' }], { limit: 200 });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /within 200 ms/);
  }
});

test.run();
