// Serves docs/api on this machine only, with the headers that let a page share memory with workers.
//
//   node docs/site/serve.mjs [--port N]   8080 by default; 0 means any free port
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
const root = fileURLToPath(new URL('../api', import.meta.url));

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/plain',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain',
};
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/** The file that a request asks for; undefined if there is none, or it would be outside the site. */
function fileFor(url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://site').pathname);
    const file = join(root, path, path.endsWith('/') ? 'index.html' : '');
    return file.startsWith(root + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // it cannot be decoded or found
  }
}

const server = createServer(({ method, url }, response) => {
  const allowed = method === 'GET' || method === 'HEAD';
  const file = allowed ? fileFor(url) : undefined;
  const type = file === undefined ? 'text/plain' : (TYPES[extname(file)] ?? 'application/octet-stream');
  response.writeHead(file ? 200 : allowed ? 404 : 405, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` });
  if (file === undefined) response.end('There is no such page. Has `npm run docs` been run?\n');
  else if (method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
});
server.on('error', ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});
server.listen(Number(values.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
