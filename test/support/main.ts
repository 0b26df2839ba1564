// Where the process of a test file starts: the runner learns that the whole file was read. Without that, an `await` at
// its top level that never ends would silently hide the tests below it.
import { pathToFileURL } from 'node:url';
import { announce } from './announce.js';

await import(pathToFileURL(process.argv[2]).href);
announce({ event: 'loaded' });
