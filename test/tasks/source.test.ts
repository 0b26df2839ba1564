// What the source of a function is, and which functions can be sent as source; no worker is started.
import * as assert from 'uvu/assert';
import { explained, functionOf, sourceToSend } from '#dist/tasks/source.js';
import { outputOf, ROOT } from '../package/pages.js';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';

const test = suite('functions as their source');

type Plain = (...args: unknown[]) => unknown;
const copied = (fn: Plain): Plain => functionOf(sourceToSend(fn), fn.name) as Plain;

test('functions of every form run from their source', async () => {
  const object = {
    method: (x: number) => x + 1,
    plain(x: number) {
      return x + 2;
    },
    async later(x: number) {
      return x + 3;
    },
    'a name'(x: number) {
      return x + 4;
    },
    get value() {
      return 5;
    },
    [Symbol.toPrimitive](x: number) {
      return x + 6;
    },
    async(x: number) {
      return x + 7;
    },
  };
  assert.is(copied(object.method as Plain)(1), 2);
  assert.is(copied(object.plain as Plain)(1), 3);
  assert.is(await copied(object.later as Plain)(1), 4);
  assert.is(copied(object['a name'] as Plain)(1), 5);
  assert.is(copied(object[Symbol.toPrimitive] as Plain)(1), 7);
  assert.is(copied(object.async as Plain)(1), 8);
  const { get } = Object.getOwnPropertyDescriptor(object, 'value') ?? {};
  assert.is(copied(get as Plain)(), 5);
  assert.is(copied(((x: number, y: number = x + 1, ...rest: number[]) => x + y + rest.length) as Plain)(1), 3);
  // Functions as minifiers, and esbuild with keepNames, leave them.
  assert.is(functionOf('a=>a*2', 'a')(...([4] as never[])), 8);
  assert.is(functionOf('()=>{const f=__name(()=>7,"f");return f()}', 'a')(), 7);
  // A comment at the end must not hide what follows.
  assert.is(functionOf('(x) => x // the same', 'a')(...([9] as never[])), 9);
});

test('native functions, classes and generators are refused', () => {
  for (const [fn, message] of [
    [Math.max, /max is native or bound/],
    [test.bind(undefined), /native or bound/],
    [class Cheese {}, /Cheese is a class/],
    [function* values() {}, /values is a generator/],
    [async function* values() {}, /values is a generator/],
  ] as const) {
    const error = thrownBy(() => sourceToSend(fn as Plain));
    assert.instance(error, TypeError);
    assert.match(error.message, message);
  }
});

test('a text that is no function is an error that says so', () => {
  const error = thrownBy(() => functionOf('x => {', 'broken'));
  assert.is(error.code, 'ERR_SOURCE');
  assert.match(error.message, /broken was sent as its source, which cannot be run/);
  const { message } = thrownBy(() => functionOf('() => import.meta.url', ''));
  assert.match(message, /^the function was sent as its source, which cannot be run: .*import\.meta/);
});

test('only a name that the text uses and the worker lacks is explained, in the words of every engine', () => {
  const call = { name: 'f', text: '() => around + 1' };
  for (const message of ['around is not defined', "Can't find variable: around"])
    assert.is((explained(new ReferenceError(message), call) as { code?: string }).code, 'ERR_SOURCE');
  for (const error of [
    new ReferenceError('elsewhere is not defined'),
    new ReferenceError('Math is not defined'),
    new ReferenceError("Cannot access 'around' before initialization"),
    new TypeError('around is not defined'),
  ])
    assert.is(explained(error, call), error);
});

test('if evaluation is forbidden, the error says so', async () => {
  const code = `
    import { functionOf } from '#dist/tasks/source.js';
    try { functionOf('() => 1', 'one'); } catch (error) { console.log(error.code, error.message); }`;
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', code];
  const printed = await outputOf(process.execPath, flags, `${ROOT}/.build/test`);
  assert.match(printed, /^ERR_SOURCE .*Content-Security-Policy .* forbids.*task\(/);
});

test.run();
