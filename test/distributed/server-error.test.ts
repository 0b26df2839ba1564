// What answers of servers are called.
import * as assert from 'uvu/assert';
import { serverError } from '#dist/distributed/server-error.js';
import { suite } from '../support/suite.js';

const test = suite('errors of servers');

test('commands in scripts are answered alike by all versions of servers', () => {
  for (const [answer, code] of [
    ['READONLY no writes. script: 5c, on @user_script:3.', 'ERR_READ_ONLY'],
    ['ERR Error running script (call to f_5c): @user_script:3: @user_script: 3: -READONLY no writes.', 'ERR_READ_ONLY'],
    ["ERR Error running script (call to f_5c): @user_script:3: -OOM used memory > 'maxmemory'.", 'ERR_SERVER_FULL'],
    ['ERR Error running script (call to f_5c): @user_script:3: unknown command', 'ERR_SERVER_REFUSED'],
    ['ERR a value was -OOM', 'ERR_SERVER_REFUSED'],
  ]) {
    const error = Object.assign(new Error(answer), { name: 'ReplyError' });
    assert.is(serverError(error, 'label', true).code, code, answer);
  }
});

test.run();
